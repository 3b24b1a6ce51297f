"""How spectra are tilted: by how much their high bands are louder or softer than their low ones, as the plugin's frames have them."""

import numpy as np

from .. import front_end
from ..notes import harmonics

LOWEST_HZ, HIGHEST_HZ = 50.0, 15_000.0
"""Bands in between count."""
_COUNTS = (front_end.CENTRES_HZ > LOWEST_HZ) & (front_end.CENTRES_HZ < HIGHEST_HZ)
_LOWEST, _HIGHEST = front_end.hz_to_mel(np.array([LOWEST_HZ, HIGHEST_HZ]))
PLACES = 2 * (front_end.hz_to_mel(front_end.CENTRES_HZ[_COUNTS]) - _LOWEST) / (_HIGHEST - _LOWEST) - 1
"""Of the bands that count, on the mel scale: -1 at LOWEST_HZ, 1 at HIGHEST_HZ."""
REACH = 4
"""Bins from a partial to where nothing of it is left, as far as levels matter: beyond, Hann's side lobes are 50 dB down."""


def tilt(levels: np.ndarray) -> np.ndarray:
    """Of band levels [..., 128] in dB, no deeper than RANGE_DB below the strongest: the slope of the line through them by least squares, in dB
    from the middle of PLACES to its end."""
    levels = np.maximum(levels, levels.max(axis=-1, keepdims=True) - front_end.RANGE_DB)[..., _COUNTS]
    aside = PLACES - PLACES.mean()
    return levels @ aside / (aside @ aside)


def bands(levels: np.ndarray, pitch: float) -> np.ndarray:
    """What a frame measures [128] in dB of a note's levels [LEVELS] in dB, as `harmonics` has them."""
    power = 10 ** (levels / 10)
    bin_hz = front_end.SAMPLE_RATE / front_end.WINDOW
    numbers = np.arange(1, harmonics.HARMONICS + 1)
    away = np.arange(len(front_end.FILTERS))[:, None] - numbers * harmonics.hertz(pitch) / bin_hz
    # The power of Hann's window at so many bins from a partial, over that at it.
    lobe = np.where(np.abs(away) < REACH, _hann(away), 0.0)
    centres = np.arange(len(front_end.FILTERS)) * bin_hz
    noise = np.searchsorted(harmonics.NOISE_EDGES_HZ, centres, side="right") - 1
    heard = (noise >= 0) & (noise < harmonics.NOISE_BANDS)
    # White noise has as much more power in a bin as bins are wider than those that it was measured in.
    white = bin_hz / harmonics.BIN_HZ
    spread = np.where(heard, white * power[harmonics.HARMONICS :][np.clip(noise, 0, harmonics.NOISE_BANDS - 1)], 0.0)
    return 10 * np.log10((lobe @ power[: harmonics.HARMONICS] + spread) @ front_end.FILTERS + front_end.FLOOR)


def usual(levels: np.ndarray, pitches: np.ndarray) -> np.ndarray:
    """Tilts [pitches] of notes' levels [players, pitches, LEVELS] in dB, means over the players."""
    return np.array([np.mean([tilt(bands(each, pitch)) for each in levels[:, at]]) for at, pitch in enumerate(pitches)])


def _hann(away: np.ndarray) -> np.ndarray:
    """|W(away) / W(0)|^2 of a long Hann window, `away` in bins: sinc(x) / (1 - x^2)."""
    near = np.abs(np.abs(away) - 1) < 1e-6
    shape = np.sinc(away) / np.where(near, 1.0, 1 - away**2)
    return np.where(near, 0.25, shape**2)
