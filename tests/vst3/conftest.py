"""What the tests of every host share: the bundle, the music and how sound is measured."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

EXCERPT = Path(__file__).resolve().parent.parent / "music" / "war_of_freedom.ogg"

# Long enough for the networks to have spoken many times, short enough for a dozen renders.
SECONDS = 8

# The knobs are named by the model that ships.
CARD = Path(__file__).resolve().parents[2] / "models" / "timbre" / "card.json"
LATENTS = [latent["name"] for latent in json.loads(CARD.read_text(encoding="utf-8"))["latents"]]

PARAMETERS = {
    *LATENTS,
    "Bypass",
    "Mix",
    "Output",
    "Resynthesis",
    "Articulation",
    "Morph",
    "Target",
    "Follow",
    "Smoothing",
    "Keep Loudness",
    "Averaging",
}


@pytest.fixture(scope="session")
def bundle() -> str:
    path = os.environ.get("MOODRING_VST3", "")
    if not Path(path).exists():
        pytest.exit(f"MOODRING_VST3: '{path}' is not there; run these tests with `cargo xtask test`", returncode=1)
    return path


@pytest.fixture(scope="session")
def music() -> tuple[np.ndarray, int]:
    """Samples by channel, and their rate."""
    samples, rate = soundfile.read(EXCERPT, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples[: SECONDS * rate].T), rate


def impulse(rate: int, channels: int = 2) -> tuple[np.ndarray, int]:
    """A second of silence with one sample in it, and where that is."""
    at = rate // 4
    samples = np.zeros((channels, rate), np.float32)
    samples[:, at] = 0.5
    return samples, at


def peak_db(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.abs(samples).max() + 1e-12))


def centroid_hz(samples: np.ndarray, rate: int) -> float:
    """The centre of the amplitude spectrum."""
    mono = samples.mean(axis=0)
    amplitude = np.abs(np.fft.rfft(mono * np.hanning(len(mono))))
    frequency = np.fft.rfftfreq(len(mono), 1 / rate)
    return float((amplitude * frequency).sum() / amplitude.sum())
