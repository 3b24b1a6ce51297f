"""The plugin's own analysis of a frame: 128 mel band levels at 48 kHz, as the card's `frontend` describes it."""

import numpy as np
from scipy.fft import rfft

from ..shared.audio import triangles

SAMPLE_RATE = 48_000
"""Hz."""
WINDOW = 2_048
"""Samples."""
HOP = 512
"""Samples."""
BANDS = 128
LOWEST_HZ, HIGHEST_HZ = 30.0, 20_000.0
FLOOR = 1e-14
"""Power that is added before the logarithm; a full-scale sine has 1."""
UNIT_DB = 20.0
"""One unit of the networks' spectra."""
RANGE_DB = 60.0
"""Levels further below the strongest are raised to there. Deeper than this, recordings differ by their noise floor and
their codec, not by their timbre."""

# Slaney's Auditory Toolbox (1998): linear to 1 kHz, then logarithmic.
_BREAK_HZ, _LINEAR_HZ, _RATIO, _STEPS = 1_000.0, 200.0 / 3.0, 6.4, 27.0


def hz_to_mel(hz: np.ndarray) -> np.ndarray:
    """Of frequencies in Hz."""
    above = _BREAK_HZ / _LINEAR_HZ + np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) * _STEPS / np.log(_RATIO)
    return np.where(hz < _BREAK_HZ, hz / _LINEAR_HZ, above)


def _mel_to_hz(mel: np.ndarray) -> np.ndarray:
    break_mel = _BREAK_HZ / _LINEAR_HZ
    return np.where(mel < break_mel, mel * _LINEAR_HZ, _BREAK_HZ * np.exp((mel - break_mel) * np.log(_RATIO) / _STEPS))


_LOWEST_MEL, _HIGHEST_MEL = hz_to_mel(np.array([LOWEST_HZ, HIGHEST_HZ]))
EDGES_HZ = _mel_to_hz(np.linspace(_LOWEST_MEL, _HIGHEST_MEL, BANDS + 2))
"""[130]: band k rises from edge k to edge k + 1 and falls to edge k + 2."""
CENTRES_HZ = EDGES_HZ[1:-1]
"""[128]."""
WIDTHS_HZ = (EDGES_HZ[2:] - EDGES_HZ[:-2]) / 2
"""[128]: the width at half height."""


def _filters() -> np.ndarray:
    """[bins, bands]: triangles, each divided by its sum, so that a band is the mean power of its bins."""
    bank = triangles(EDGES_HZ, np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE))
    return (bank / bank.sum(axis=0)).astype(np.float32)


FILTERS = _filters()
HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


def band_levels(samples: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Levels in dB [frames, 128] of the frames that begin at these samples; 0 dB is a full-scale sine in one bin."""
    levels = np.empty((len(starts), BANDS), np.float32)
    for at in range(0, len(starts), 2_048):
        frames = samples[starts[at : at + 2_048, None] + np.arange(WINDOW)]
        spectrum = rfft(frames.astype(np.float32) * HANN, axis=1) / (HANN.sum() / 2)
        power = (spectrum.real**2 + spectrum.imag**2) @ FILTERS
        levels[at : at + 2_048] = 10 * np.log10(power + FLOOR)
    return levels


def frame_levels(samples: np.ndarray) -> np.ndarray:
    """RMS in dB [frames] of every whole frame."""
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    starts = frame_starts(len(samples))
    return 10 * np.log10((energy[starts + WINDOW] - energy[starts]) / WINDOW + FLOOR)


def frame_starts(samples: int) -> np.ndarray:
    """First sample of every whole frame."""
    return np.arange(0, max(samples - WINDOW + 1, 0), HOP)


def normalise(levels: np.ndarray) -> np.ndarray:
    """A frame's shape without its level, as the plugin hands it to the encoder: dB [..., 128] to units of 20 dB."""
    shape = np.maximum(levels - levels.max(axis=-1, keepdims=True), -RANGE_DB)
    return ((shape - shape.mean(axis=-1, keepdims=True)) / UNIT_DB).astype(np.float32)
