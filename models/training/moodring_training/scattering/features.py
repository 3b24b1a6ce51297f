"""The front-ends: each makes rows of numbers of a note, one for every 256 ms of it."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from kymatio.torch import Scattering1D

from ..shared.audio import framed, power_of, triangles
from ..shared.running import progress
from ..tagger import front_end
from .config import Wavelets
from .material import LENGTH, RATE, WINDOW

RANGE_DB = 80.0
"""Below a note's loudest number all others are cut, in every front-end."""
LONG_FFT = 2048
"""Samples of a window that tells low notes apart, 128 ms."""
AT_ONCE = 16
"""Notes that are scattered together."""

FrontEnd = Callable[[np.ndarray, Wavelets], np.ndarray]
"""Notes `[notes, LENGTH]` to numbers, float32 `[notes, rows, numbers]`."""


def cut(levels: np.ndarray) -> np.ndarray:
    """Levels in dB, `[notes, rows, numbers]`, with what is RANGE_DB below a note's loudest raised to there, and the loudest at 0."""
    below = levels - levels.max(axis=(1, 2), keepdims=True)
    return np.maximum(below, -RANGE_DB).astype(np.float32)


def _grouped(levels: np.ndarray, movement: bool) -> np.ndarray:
    """Frames `[notes, frames, bands]` to the means of those in each row, and their deviations."""
    frames = WINDOW // front_end.HOP
    rows = LENGTH // WINDOW
    parts = levels[:, : rows * frames].reshape(len(levels), rows, frames, -1)
    means = parts.mean(axis=2)
    return np.concatenate([means, parts.std(axis=2)], axis=2) if movement else means


def short_mel(sounds: np.ndarray) -> np.ndarray:
    """The levels that Moodring's own networks are given: 128 bands, windows of 32 ms, one every 16 ms."""
    return cut(np.stack([front_end.mel_db(sound) for sound in sounds]))


@lru_cache
def _long_bank() -> np.ndarray:
    top = 2595.0 * np.log10(1.0 + RATE / 2 / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(0.0, top, front_end.BANDS + 2) / 2595.0) - 1.0)
    return triangles(edges, np.linspace(0.0, RATE / 2, LONG_FFT // 2 + 1)).astype(np.float32)


def long_mel(sounds: np.ndarray) -> np.ndarray:
    """The same with windows of 128 ms, of which low partials stand apart."""
    window = np.hanning(LONG_FFT + 1)[:-1].astype(np.float32)
    levels = []
    for sound in sounds:
        padded = np.pad(sound, LONG_FFT // 2, mode="reflect")
        power = power_of(framed(padded, LONG_FFT, front_end.HOP) * window)
        levels.append(front_end.to_db(power @ _long_bank()))
    return cut(np.stack(levels))


@lru_cache
def _scattering(wavelets: Wavelets, order: int) -> Scattering1D:
    return Scattering1D(J=wavelets.octaves, shape=LENGTH, Q=(wavelets.an_octave, 1), max_order=order)


def scattered(sounds: np.ndarray, wavelets: Wavelets, order: int) -> np.ndarray:
    """Time scattering up to an order (J. Andén and S. Mallat, "Deep scattering spectrum", IEEE Trans. Signal Processing 62(16), 2014): the magnitudes
    of wavelets' outputs, and of wavelets' of those, each a mean over a row's time; in dB."""
    transform = _scattering(wavelets, order)
    # Not the mean of the sound itself, which is next to nothing.
    kept = np.flatnonzero(transform.meta()["order"] > 0)
    found = []
    for start in progress(range(0, len(sounds), AT_ONCE), f"scattering, order {order}"):
        with torch.no_grad():
            paths = transform(torch.from_numpy(sounds[start : start + AT_ONCE])).numpy()
        found.append(paths[:, kept].transpose(0, 2, 1))
    return cut(20.0 * np.log10(np.maximum(np.concatenate(found), 1e-10)))


MELS: dict[str, FrontEnd] = {
    "log-mel, 32 ms": lambda sounds, _: _grouped(short_mel(sounds), False),
    "log-mel, 32 ms, and its movement": lambda sounds, _: _grouped(short_mel(sounds), True),
    "log-mel, 128 ms": lambda sounds, _: _grouped(long_mel(sounds), False),
    "log-mel, 128 ms, and its movement": lambda sounds, _: _grouped(long_mel(sounds), True),
}
SCATTERINGS: dict[str, FrontEnd] = {
    "scattering, first order": lambda sounds, wavelets: scattered(sounds, wavelets, 1),
    "scattering, both orders": lambda sounds, wavelets: scattered(sounds, wavelets, 2),
}
FRONT_ENDS: dict[str, FrontEnd] = MELS | SCATTERINGS
