"""Calibration of the head: a slope and an offset a tag, drawn towards those of its kind, make probabilities of deviations."""

from dataclasses import dataclass, fields

import numpy as np
from scipy.optimize import minimize

from ..labels.audioset import WIDE
from ..labels.vocabulary import KINDS
from ..measures import sigmoid
from .config import Calibration


@dataclass
class Labelled:
    """Chunks whose labels are known, and what a head says of them that had not learned from them."""

    deviations: np.ndarray
    """`[n, tags]`."""
    right: np.ndarray
    """0 or 1, `[n, tags]`."""
    known: np.ndarray
    """0 or 1, `[n, tags]`."""
    weight: np.ndarray
    """In songs, `[n]`."""

    @classmethod
    def joined(cls, parts: list["Labelled"]) -> "Labelled":
        """All parts, one behind the other."""
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))


def calibrate(labelled: Labelled, calibration: Calibration) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets `[tags]` of least cross-entropy.

    Every tag is drawn towards its kind's, and a tag without labels has those.
    """
    slopes, offsets = np.ones(len(WIDE)), np.zeros(len(WIDE))
    for kind in KINDS:
        columns = np.array([index for index, tag in enumerate(WIDE) if tag.kind == kind])
        found = _of_a_kind(labelled, columns, calibration)
        size = len(columns)
        slopes[columns] = np.exp(found[0] + found[2 : 2 + size])
        offsets[columns] = found[1] + found[2 + size :]
    return slopes, offsets


def _of_a_kind(labelled: Labelled, columns: np.ndarray, calibration: Calibration) -> np.ndarray:
    """The kind's log slope and offset, and what its tags' log slopes and offsets are beside them: `[2 + 2 tags]`."""
    x, y = labelled.deviations[:, columns], labelled.right[:, columns]
    mask = labelled.known[:, columns] * labelled.weight[:, None]
    size = len(columns)
    slope_pull, offset_pull, kind_pull = calibration.slope_pull, calibration.offset_pull, calibration.kind_pull

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        of_kind = parameters[:2]
        log_slope, offset = parameters[2 : 2 + size], parameters[2 + size :]
        slope = np.exp(of_kind[0] + log_slope)
        moved = x * slope + of_kind[1] + offset
        entropy = ((np.logaddexp(0, moved) - y * moved) * mask).sum()
        error = (sigmoid(moved) - y) * mask
        to_slope, to_offset = (error * x * slope).sum(axis=0), error.sum(axis=0)
        pull = slope_pull * (log_slope**2).sum() + offset_pull * (offset**2).sum() + kind_pull * (of_kind**2).sum()
        gradient = np.concatenate(
            [
                [to_slope.sum() + 2 * kind_pull * of_kind[0], to_offset.sum() + 2 * kind_pull * of_kind[1]],
                to_slope + 2 * slope_pull * log_slope,
                to_offset + 2 * offset_pull * offset,
            ]
        )
        return float(entropy + pull), gradient

    start = np.zeros(2 + 2 * size)
    start[1] = -3.0
    bounds = [(-2.0, 2.0), (-8.0, 2.0)] + [(-1.5, 1.5)] * size + [(-4.0, 4.0)] * size
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
