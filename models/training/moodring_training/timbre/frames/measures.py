"""Figures of merit, each a pure function of codes and spectra."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ..spectra.features import Frames
from ..spectra.labels import NONE, labels
from ..timbres import TIMBRES


def distance_db(found: np.ndarray, wanted: np.ndarray) -> float:
    """RMS over the bands of the log-spectral distance in dB, mean over the frames; both [frames, 128], levels apart."""
    found, wanted = (array - array.mean(axis=1, keepdims=True) for array in (found, wanted))
    return float(np.sqrt(((found - wanted) ** 2).mean(axis=1)).mean())


def probe_share(code: np.ndarray, pitch: np.ndarray) -> float:
    """Share of the variance of pitch [n] that the best linear probe of the codes [n, 8] explains: R2 of least squares."""
    features = np.column_stack([code, np.ones(len(code))])
    probe = np.linalg.lstsq(features, pitch.astype(float), rcond=None)[0]
    return float(1 - ((pitch - features @ probe) ** 2).mean() / pitch.var())


def neighbours_share(code: np.ndarray, pitch: np.ndarray, sound: np.ndarray, neighbours: int = 15) -> float:
    """The same for a probe that need not be linear: the mean pitch of the nearest codes, those of one half of the notes
    judged by the other half's."""
    code = (code - code.mean(0)) / code.std(0)
    notes = np.unique(sound)
    half = np.isin(sound, np.random.default_rng(0).permutation(notes)[: len(notes) // 2])
    shares = []
    for fit, judge in ((half, ~half), (~half, half)):
        nearest = cKDTree(code[fit]).query(code[judge], neighbours)[1]
        missed = pitch[judge] - pitch[fit][nearest].mean(axis=1)
        shares.append(1 - (missed**2).mean() / pitch[judge].var())
    return float(np.mean(shares))


@dataclass
class Nearest:
    """How often the nearest named timbre is a note's own."""

    share: float
    """Of notes."""
    share_top3: float
    each: dict[str, float]
    """Share by timbre id."""
    confusion: np.ndarray
    """[timbres, timbres]: notes of the row's timbre that were nearest to the column's."""


def note_codes(code: np.ndarray, frames: Frames) -> tuple[np.ndarray, np.ndarray]:
    """Mean code of each note [notes, 8], and its first frame's index [notes]."""
    _, first, number = np.unique(frames.sound, return_index=True, return_inverse=True)
    count = np.bincount(number)
    mean = np.stack([np.bincount(number, code[:, index]) / count for index in range(code.shape[1])], axis=1)
    return mean, first


def nearest_timbre(
    code: np.ndarray, frames: Frames, centres: np.ndarray, whitening: np.ndarray, among: list[str]
) -> Nearest:
    """Tells each note by the nearest of these timbres. `centres` [TIMBRES, 8]; distances are Euclidean after `whitening`
    [8, 8]."""
    mean, first = note_codes(code, frames)
    label = labels(frames)[first]
    columns = np.array([index for index, timbre in enumerate(TIMBRES) if timbre.id in among])
    asked = np.isin(label, columns) & (label != NONE)
    distance = (((mean[asked][:, None] - centres[columns]) @ whitening) ** 2).sum(axis=2)
    order = np.argsort(distance, axis=1)
    row = np.searchsorted(columns, label[asked])
    confusion = np.zeros((len(columns), len(columns)), int)
    np.add.at(confusion, (row, order[:, 0]), 1)
    right = order[:, 0] == row
    each = {TIMBRES[columns[index]].id: float(right[row == index].mean()) for index in np.unique(row)}
    return Nearest(float(right.mean()), float((order[:, :3] == row[:, None]).any(axis=1).mean()), each, confusion)
