"""Writes the golden features: what libraries that are not this project's make of real music.

Front-ends and descriptors by librosa, networks by onnxruntime, timbre by AudioCommons, loudness by ffmpeg. Each array goes into a file of its own, little-endian float32 in C order;
manifest.json has the shapes, where each array comes from and the versions that made it.
"""

import argparse
import hashlib
import json
import platform
from pathlib import Path

import librosa
import numpy as np
import onnxruntime
import soundfile
import soxr

import descriptors
import front_ends

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXCERPT = ROOT / "tests" / "music" / "war_of_freedom.ogg"

# Where in the excerpt the two stretches begin: both lie where drums, bass and guitars all play.
TAGGER_START_S = 10.0
TIMBRE_START_S = 12.0
TIMBRE_FRAMES = 24


class Golden:
    """The arrays written so far, and what the manifest says about them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.arrays = {}

    def write(self, name: str, array: np.ndarray, about: str) -> None:
        array = np.ascontiguousarray(array, dtype="<f4")
        if not np.isfinite(array).all():
            raise SystemExit(f"{name}: not finite; nothing golden about it")
        data = array.tobytes()
        file = f"{name}.f32"
        (self.folder / file).write_bytes(data)
        self.arrays[name] = {
            "file": file,
            "shape": list(array.shape),
            "about": about,
            "sha256": hashlib.sha256(data).hexdigest(),
        }


def card(kind: str) -> dict:
    return json.loads((ROOT / "models" / kind / "card.json").read_text(encoding="utf-8"))


def network(path: Path) -> onnxruntime.InferenceSession:
    # One thread: the order of the sums, and so the last bits, must not depend on the number of cores.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run_rows(net: onnxruntime.InferenceSession, rows: np.ndarray) -> np.ndarray:
    """Runs a network whose batch is one over every row, as the plugin does."""
    name = net.get_inputs()[0].name
    return np.concatenate([net.run(None, {name: row[None].astype(np.float32)})[0] for row in rows])


def excerpt_mono(sample_rate: int) -> np.ndarray:
    samples, rate = soundfile.read(EXCERPT, dtype="float64", always_2d=True)
    return librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=sample_rate, res_type="soxr_hq")


def stretch(samples: np.ndarray, sample_rate: int, start_s: float, length: int) -> np.ndarray:
    """The stretch, rounded to float32 first so that a test which starts from the file starts from the same numbers."""
    start = round(start_s * sample_rate)
    return samples[start : start + length].astype(np.float32)


def tagger_mel_db(samples: np.ndarray, front: dict) -> np.ndarray:
    samples = samples.astype(np.float64)
    if front.get("preemphasis", 0.0) > 0.0:
        samples = samples[1:] - front["preemphasis"] * samples[:-1]
    spectrum = librosa.stft(
        samples,
        n_fft=front["n_fft"],
        hop_length=front["hop"],
        window=front_ends.window(front),
        center=True,
        pad_mode=front["padding"],
        dtype=np.complex128,
    )
    power = front_ends.bands(front) @ np.abs(spectrum) ** 2
    return 10.0 * np.log10(np.maximum(power, front["floor"]))


def timbre_band_db(samples: np.ndarray, front: dict) -> np.ndarray:
    n_fft = front["n_fft"]
    spectrum = librosa.stft(
        samples.astype(np.float64), n_fft=n_fft, hop_length=front["hop"], window="hann", center=False
    )
    window = librosa.filters.get_window("hann", n_fft, fftbins=True)
    power = np.abs(spectrum / (window.sum() / 2.0)) ** 2
    triangles = librosa.filters.mel(
        sr=front["sample_rate"],
        n_fft=n_fft,
        n_mels=front["bands"],
        fmin=front["f_min"],
        fmax=front["f_max"],
        htk=front["mel_scale"] == "htk",
        norm=None,
        dtype=np.float64,
    )
    # The card's norm "sum": each band is the weighted mean power of its bins.
    triangles /= triangles.sum(axis=1, keepdims=True)
    return (10.0 * np.log10(triangles @ power + front["floor"])).T


def normalise_frames(band_db: np.ndarray, front: dict) -> np.ndarray:
    """What the encoder reads: a frame's shape without its level."""
    shape = np.maximum(band_db - band_db.max(axis=1, keepdims=True), -front["range_db"])
    return (shape - shape.mean(axis=1, keepdims=True)) / front["unit_db"]


def tagger(golden: Golden) -> None:
    tagger_card = card("tagger")
    front = tagger_card["frontend"]
    # Pre-emphasis takes a sample; the last frame is centred on the last that is left.
    length = (front["frames"] - 1) * front["hop"] + (2 if front.get("preemphasis", 0.0) > 0.0 else 1)
    samples = stretch(excerpt_mono(front["sample_rate"]), front["sample_rate"], TAGGER_START_S, length)
    mel_db = tagger_mel_db(samples, front).astype(np.float32)
    if mel_db.shape != (front["bands"], front["frames"]):
        raise SystemExit(f"tagger front-end: {mel_db.shape}, but the card says {front['bands']} x {front['frames']}")
    net = network(ROOT / "models" / "tagger" / tagger_card["files"]["model"]["file"])
    probs = net.run(None, {net.get_inputs()[0].name: mel_db[None, None]})[0][0]

    golden.write("tagger_input", samples, f"mono, {front['sample_rate']} Hz, from {TAGGER_START_S} s of the excerpt")
    golden.write("tagger_mel_db", mel_db, "band by frame, dB")
    golden.write("tagger_probs", probs, "in the card's tag order")

    best = sorted(zip(probs, (tag["name"] for tag in tagger_card["tags"])), reverse=True)[:8]
    print("tagger:", ", ".join(f"{name} {value:.2f}" for value, name in best))


def timbre(golden: Golden) -> None:
    timbre_card = card("timbre")
    front = timbre_card["frontend"]
    folder = ROOT / "models" / "timbre"
    length = front["n_fft"] + (TIMBRE_FRAMES - 1) * front["hop"]
    samples = stretch(excerpt_mono(front["sample_rate"]), front["sample_rate"], TIMBRE_START_S, length)
    band_db = timbre_band_db(samples, front)
    mel = normalise_frames(band_db, front).astype(np.float32)
    mu = run_rows(network(folder / timbre_card["files"]["encoder"]["file"]), mel)
    decoded = run_rows(network(folder / timbre_card["files"]["decoder"]["file"]), mu)

    golden.write("timbre_input", samples, f"mono, {front['sample_rate']} Hz, from {TIMBRE_START_S} s of the excerpt")
    golden.write("timbre_band_db", band_db, "frame by band, dB")
    golden.write("timbre_mel", mel, "frame by band: the encoder's input")
    golden.write("timbre_mu", mu, "frame by latent: the encoder's output")
    golden.write("timbre_decoded", decoded, "frame by band: the decoder's output for timbre_mu")
    print("timbre: mean code", np.array2string(mu.mean(axis=0), precision=2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: beside this script)")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    golden = Golden(out)
    tagger(golden)
    timbre(golden)
    versions = descriptors.write(golden, EXCERPT)
    manifest = {
        "about": "written by make_golden.py; regenerate with `cargo xtask golden`",
        "excerpt": {
            "file": EXCERPT.relative_to(ROOT).as_posix(),
            "sha256": hashlib.sha256(EXCERPT.read_bytes()).hexdigest(),
        },
        "models": {kind: card(kind)["version"] for kind in ("tagger", "timbre")},
        "made_with": {
            "python": platform.python_version(),
            "librosa": librosa.__version__,
            "numpy": np.__version__,
            "onnxruntime": onnxruntime.__version__,
            "soundfile": soundfile.__version__,
            "soxr": soxr.__version__,
            **versions,
        },
        "arrays": golden.arrays,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    print(f"{len(golden.arrays)} arrays in {out}")


if __name__ == "__main__":
    main()
