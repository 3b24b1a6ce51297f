"""What a fine power spectrum says of every pitch, as src/dsp/pitch measures it: the spectra, and what speaks for each pitch in them."""

from collections.abc import Sequence

import numpy as np

from .. import front_end
from ..front_end import HOP, SAMPLE_RATE, WINDOW

VERSION = 1
"""Of what `evidence` measures; src/dsp/pitch/chord.rs measures the same."""
LOWEST_PITCH, PITCHES = 40, 57
"""MIDI pitches that are asked about."""
BINS, FINER = 256, 4
"""Lowest bins of a frame, and fine bins between two of them: src/dsp/pitch/fine_spectrum.rs makes the same spectra."""
FRAMES, RISING, FALLING = 16, 10, 6
BIN_HZ = SAMPLE_RATE / WINDOW / FINER
LOWEST_BIN, HIGHEST_BIN = 3, 940
MULTIPLES = (1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4, 5, 6, 7, 8, 10)
"""Where power is looked for, in multiples of a pitch: at those of which it may be a partial itself, and at its own."""
SIDED = (1, 2, 3)
REACH, BELOW, ABOVE = (-0.4, 0.4), (-1.3, -0.6), (0.6, 1.3)
"""Semitones around a multiple, and on its sides."""
RANGE_DB = 60.0
MIDDLE_PITCH, HALF_RANGE = 68, 28
NUMBERS = len(MULTIPLES) + 2 * len(SIDED) + 1
"""That speak for a pitch."""


def _slope(place: np.ndarray, of: int) -> np.ndarray:
    return np.sin(np.pi / 2 * np.minimum((place + 0.5) / of, 1)) ** 2


_NUMBER, _BINS = np.arange(FRAMES), np.arange(BINS * FINER)
_WEIGHTS = _slope(_NUMBER, RISING) * _slope(FRAMES - 1 - _NUMBER, FALLING)
_TURNS = np.exp(-2j * np.pi * np.outer(_NUMBER, _BINS) / FRAMES) * (_WEIGHTS / _WEIGHTS.sum())[:, None]
_NEAREST = (_BINS + FINER // 2) // FINER


def fine_power(samples: np.ndarray, hops: Sequence[int]) -> np.ndarray:
    """What the plugin's FineSpectrum makes of a sound up to each of these hops [hops, BINS * FINER]."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (WINDOW, 0)), WINDOW)[::HOP]
    power = []
    for hop in hops:
        newest = frames[max(0, hop - FRAMES + 1) : hop + 1]
        spectra = np.fft.rfft(newest * front_end.HANN, axis=1)[:, : BINS + 1] / (WINDOW / 4)
        sums = (spectra[:, _NEAREST] * _TURNS[FRAMES - len(spectra) :]).sum(axis=0)
        power.append(np.abs(sums) ** 2)
    return np.stack(power)


def evidence(power: np.ndarray) -> np.ndarray:
    """What speaks for each pitch in fine power spectra [n, bins]: [n, PITCHES, NUMBERS]."""
    strongest = power.max(axis=1, keepdims=True) + 1e-12
    levels = np.clip(10 * np.log10(power / strongest + 1e-12), -RANGE_DB, 0) / RANGE_DB + 1
    by_bin = np.ascontiguousarray(levels.T)
    pitches = LOWEST_PITCH + np.arange(PITCHES)
    places = 440 * 2 ** ((pitches - 69) / 12) / BIN_HZ
    columns = [_loudest(by_bin, multiple * places, *REACH) for multiple in MULTIPLES]
    for multiple in SIDED:
        columns += [_loudest(by_bin, multiple * places, *side) for side in (BELOW, ABOVE)]
    columns.append(np.tile((pitches[:, None] - MIDDLE_PITCH) / HALF_RANGE, (1, len(power))))
    return np.stack(columns, axis=-1).transpose(1, 0, 2).astype(np.float32)


def _loudest(levels: np.ndarray, places: np.ndarray, low: float, high: float) -> np.ndarray:
    """The largest of levels [bins, n] from so many semitones around each place to so many [places, n]; 0 where there are no bins."""
    found = np.zeros((len(places), levels.shape[1]))
    for index, place in enumerate(places):
        if not LOWEST_BIN <= place < HIGHEST_BIN:
            continue
        start, end = place * 2 ** (low / 12), place * 2 ** (high / 12)
        first, last = int(np.ceil(start)), int(np.floor(end))
        if first > last:
            first = last = round((start + end) / 2)
        found[index] = levels[first : last + 1].max(axis=0)
    return found
