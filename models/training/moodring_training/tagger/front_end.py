"""The tagger's front-end as the plugin computes it: log-mel levels of 16 kHz."""

from functools import lru_cache
from typing import Any

import numpy as np

from ..shared.audio import framed, power_of, triangles

RATE = 16_000
"""Sample rate that the tagger listens at, in Hz."""
N_FFT = 512
"""Length of window and FFT, in samples."""
HOP = 256
"""Distance between frames, in samples."""
BANDS = 128
"""Mel bands of the student."""
FRAMES = 231
"""Frames of one answer."""
CHUNK = (FRAMES - 1) * HOP + 169
"""Samples of one answer, as the card has said since the first model."""
FLOOR = 1e-10
"""Least power before the logarithm: -100 dB."""


def described(bands: int, frames: int) -> dict[str, Any]:
    """What a card says of it (`docs/models.md`), for a network that reads so many of both."""
    return {
        "sample_rate": RATE,
        "channels": "mono mean",
        "window": "hann periodic",
        "n_fft": N_FFT,
        "hop": HOP,
        "padding": "reflect",
        "spectrum": "power",
        "bands": bands,
        "mel_scale": "htk",
        "mel_norm": "none",
        "f_min": 0.0,
        "f_max": RATE / 2,
        "scaling": "10*log10(max(x, floor))",
        "floor": FLOOR,
        "frames": frames,
    }


@lru_cache
def filterbank(bands: int) -> np.ndarray:
    """Triangles of height 1 on the HTK mel scale, 0 to 8000 Hz: float32 `[N_FFT / 2 + 1, bands]`."""
    top = 2595.0 * np.log10(1.0 + RATE / 2 / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(0.0, top, bands + 2) / 2595.0) - 1.0)
    return triangles(edges, np.linspace(0.0, RATE / 2, N_FFT // 2 + 1)).astype(np.float32)


@lru_cache
def _window() -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)


def power_spectrogram(samples: np.ndarray) -> np.ndarray:
    """Power of the centred, reflected, Hann-windowed frames: `[samples]` to float32 `[frames, N_FFT / 2 + 1]`."""
    padded = np.pad(np.asarray(samples, np.float32), N_FFT // 2, mode="reflect")
    return power_of(framed(padded, N_FFT, HOP) * _window())


def to_db(power: np.ndarray) -> np.ndarray:
    """Power to dB with the front-end's floor."""
    return (10.0 * np.log10(np.maximum(power, FLOOR))).astype(np.float32)


def mel_db(samples: np.ndarray, bands: int = BANDS) -> np.ndarray:
    """Log-mel levels in dB: `[samples]` to float32 `[frames, bands]`."""
    return to_db(power_spectrogram(samples) @ filterbank(bands))
