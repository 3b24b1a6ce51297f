"""Writes `scikit-learn/`: a tagger as somebody makes one who never heard of Moodring, with scikit-learn and skl2onnx (both from PyPI). A small network learns
from log-mel frames of the project's own excerpts which of them it hears, and is exported by skl2onnx; all that is added is a Reshape in front, since
scikit-learn knows rows of numbers and no frames.

    python -m pip install scikit-learn==1.5.2 skl2onnx==1.20.0 librosa==0.11.0
    python tests/golden/taggers/make_scikit.py
"""

import hashlib
import json
from pathlib import Path

import librosa
import numpy as np
import onnx
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "scikit-learn" / "tagger"
MUSIC = HERE.parents[1] / "music"
RATE, N_FFT, HOP, BANDS, FRAMES, FLOOR = 22_050, 1024, 512, 24, 24, 1e-10
TAGS = {"war_of_freedom": ("metal", "genre"), "twit_journalist": ("hip-hop", "genre"), "didgeridoo": ("didgeridoo", "instrument")}


def windows(path: Path) -> np.ndarray:
    """Log-mel levels as librosa makes them by itself: `[windows, FRAMES, BANDS]`."""
    sound, _ = librosa.load(path, sr=RATE, mono=True)
    mel = librosa.feature.melspectrogram(y=sound, sr=RATE, n_fft=N_FFT, hop_length=HOP, n_mels=BANDS, pad_mode="reflect")
    levels = 10 * np.log10(np.maximum(mel, FLOOR)).T
    return np.array([levels[start : start + FRAMES] for start in range(0, len(levels) - FRAMES, FRAMES // 2)])


def main() -> None:
    heard = [windows(MUSIC / f"{name}.ogg") for name in TAGS]
    inputs = np.concatenate(heard).astype(np.float32)
    labels = np.repeat(np.arange(len(heard)), [len(one) for one in heard])
    # By the card, band by band: skl2onnx makes an operator of its own of scikit-learn's StandardScaler, which tract doesn't know.
    mean, deviation = (values.round(3) for values in (inputs.mean(axis=(0, 1)), inputs.std(axis=(0, 1))))
    model = MLPClassifier((12,), max_iter=400, random_state=15)
    rows = ((inputs - mean) / deviation).reshape(len(inputs), -1)
    model.fit(rows, labels)
    print(f"right for {100 * model.score(rows, labels):.0f} % of what it learnt from")
    made = to_onnx(model, rows[:1], options={"zipmap": False}, target_opset=13)
    (taken,) = made.graph.input
    flat = taken.name + "_flat"
    for node in made.graph.node:
        node.input[:] = [flat if name == taken.name else name for name in node.input]
    made.graph.initializer.append(helper.make_tensor("rows", TensorProto.INT64, [2], [1, FRAMES * BANDS]))
    made.graph.node.insert(0, helper.make_node("Reshape", [taken.name, "rows"], [flat]))
    taken.CopyFrom(helper.make_tensor_value_info(taken.name, TensorProto.FLOAT, [1, FRAMES, BANDS]))
    onnx.checker.check_model(made)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "model.onnx").write_bytes(made.SerializeToString())
    card = {
        "schema": 2,
        "kind": "tagger",
        "name": "scikit-learn",
        "version": "1",
        "files": {"model": {"file": "model.onnx", "sha256": hashlib.sha256((FOLDER / "model.onnx").read_bytes()).hexdigest()}},
        "input": {"name": taken.name, "shape": [1, FRAMES, BANDS], "layout": "frames, bands"},
        "output": {"name": "probabilities", "shape": [1, len(TAGS)]},
        "frontend": {
            "kind": "log-mel",
            "sample_rate": RATE,
            "channels": "mono mean",
            "window": "hann periodic",
            "n_fft": N_FFT,
            "hop": HOP,
            "padding": "reflect",
            "spectrum": "power",
            "bands": BANDS,
            "mel_scale": "slaney",
            "mel_norm": "slaney",
            "f_min": 0,
            "f_max": RATE / 2,
            "scaling": "10*log10(max(x, floor))",
            "floor": FLOOR,
            "frames": FRAMES,
        },
        "normalisation": {"kind": "fixed", "mean": mean.astype(float).round(3).tolist(), "deviation": deviation.astype(float).round(3).tolist()},
        "tags": [{"name": name, "kind": kind} for name, kind in TAGS.values()],
    }
    (FOLDER / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
