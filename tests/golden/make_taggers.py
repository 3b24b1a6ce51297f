"""Writes the references of tests/golden/taggers: what a tagger of a user's own is given and says, by librosa and onnxruntime.

Each folder there has a card, `tagger/card.json`, and may have a network. From the card alone come `reference/sound.f32` (mono at the
card's rate), `input.f32` (what the network reads, in the card's order) and, with a network, `probabilities.f32` and `embedding.f32`.
"""

import hashlib
import json
from pathlib import Path

import librosa
import numpy as np
import onnxruntime
from front_ends import bands, window
from make_golden import HERE, excerpt_mono

START_S = 10.0
REST_S = 0.1
"""Sound behind what one answer looks at."""

MAGNITUDE, POWER = 1, 2

SCALINGS = {
    "10*log10(max(x, floor))": lambda x, front: 10 * np.log10(np.maximum(x, front["floor"])),
    "20*log10(max(x, floor))": lambda x, front: 20 * np.log10(np.maximum(x, front["floor"])),
    "ln(max(x, floor))": lambda x, front: np.log(np.maximum(x, front["floor"])),
    "10*log10(x + floor)": lambda x, front: 10 * np.log10(x + front["floor"]),
    "ln(x + floor)": lambda x, front: np.log(x + front["floor"]),
    "log10(1 + factor*x)": lambda x, front: np.log10(1 + front["factor"] * x),
    "ln(1 + factor*x)": lambda x, front: np.log(1 + front["factor"] * x),
    "x": lambda x, front: x,
}


def levels(samples: np.ndarray, front: dict) -> np.ndarray:
    """Bands by frames: those that a stream of these samples has come to, none of which reaches beyond their end."""
    samples = samples.astype(np.float64)
    if front.get("preemphasis", 0.0) > 0.0:
        samples = samples[1:] - front["preemphasis"] * samples[:-1]
    shape, n_fft, hop = window(front), front["n_fft"], front["hop"]
    edge = {"reflect": "reflect", "zeros": "constant"}.get(front["padding"])
    if edge:
        padded = np.pad(samples, (n_fft // 2, 0), mode=edge)
    else:
        padded = samples
    frames = librosa.util.frame(padded, frame_length=len(shape), hop_length=hop).T * shape
    spectrum = np.abs(np.fft.rfft(frames, n_fft)) ** (POWER if front["spectrum"] == "power" else MAGNITUDE)
    found = SCALINGS[front["scaling"]](bands(front) @ spectrum.T, front)
    return found[:, -front["frames"] :]


def normalised(found: np.ndarray, said: dict) -> np.ndarray:
    """`[bands, frames]`, or samples."""
    match said.get("kind", "none"):
        case "fixed":
            mean, deviation = (np.atleast_1d(said[name])[:, None] for name in ("mean", "deviation"))
            return (np.atleast_2d(found) - mean) / deviation
        case "window":
            return (found - found.mean()) / found.std()
        case "loudest":
            return np.maximum(found - found.max(), -said["range"])
    return found


def activated(output: np.ndarray, how: str) -> np.ndarray:
    """The mean over the rows."""
    if how == "sigmoid":
        output = 1 / (1 + np.exp(-output))
    elif how == "softmax":
        output = np.exp(output - output.max(axis=-1, keepdims=True))
        output /= output.sum(axis=-1, keepdims=True)
    return output.reshape(-1, output.shape[-1]).mean(axis=0)


def calibrated(probabilities: np.ndarray, tags: list) -> np.ndarray:
    for index, tag in enumerate(tags):
        if "calibration" in tag:
            logit = np.log(probabilities[index] / (1 - probabilities[index]))
            probabilities[index] = 1 / (1 + np.exp(-(tag["calibration"]["slope"] * logit + tag["calibration"]["offset"])))
    return probabilities


def write(folder: Path, name: str, array: np.ndarray) -> None:
    array = np.ascontiguousarray(array, "<f4")
    if not np.isfinite(array).all():
        raise SystemExit(f"{folder}: {name} is not finite; nothing golden about it")
    (folder / "reference").mkdir(exist_ok=True)
    (folder / "reference" / f"{name}.f32").write_bytes(array.tobytes())


def reference(folder: Path) -> None:
    file = folder / "tagger" / "card.json"
    card = json.loads(file.read_text(encoding="utf-8"))
    front = card["frontend"]
    rate = front["sample_rate"]
    heard = front["samples"] if front["kind"] == "waveform" else front["frames"] * front["hop"] + front["n_fft"]
    start = round(START_S * rate)
    samples = excerpt_mono(rate)[start : start + heard + round(REST_S * rate)].astype(np.float32)
    found = samples[None, -heard:] if front["kind"] == "waveform" else levels(samples, front)
    found = normalised(found, card.get("normalisation", {}))
    frames_first = [size for size in card["input"]["shape"] if size != 1] == list(found.T.shape)
    given = (found.T if frames_first else found).astype(np.float32)
    write(folder, "sound", samples)
    write(folder, "input", given)
    network = folder / "tagger" / card["files"]["model"]["file"]
    if not network.exists():
        return
    if hashlib.sha256(network.read_bytes()).hexdigest() != card["files"]["model"]["sha256"]:
        raise SystemExit(f"{network} is not the file that {file} names")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    running = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    names = [card["output"]["name"], *([card["embedding"]["name"]] if card.get("embedding") else [])]
    said, *embedding = running.run(names, {card["input"]["name"]: given.reshape(card["input"]["shape"])})
    probabilities = activated(said.astype(np.float64), card["output"].get("activation", "none"))
    write(folder, "probabilities", calibrated(probabilities, card["tags"]))
    for one in embedding:
        write(folder, "embedding", one)


def main() -> None:
    folders = sorted(file.parent.parent for file in (HERE / "taggers").glob("*/tagger/card.json"))
    for folder in folders:
        reference(folder)
    print(f"references of {len(folders)} taggers in {HERE / 'taggers'}")


if __name__ == "__main__":
    main()
