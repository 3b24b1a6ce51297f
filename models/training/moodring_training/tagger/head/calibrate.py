"""Calibration of the head: a slope and an offset a tag, drawn towards those of its kind, make probabilities of deviations.

Each tag's probability is to come true as often as it says; and of the genres, a right one is to be first. The second doesn't follow from
the first where most songs at hand are of one genre: its probability is then the largest on all songs, and rightly so.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from ..labels.audioset import WIDE
from ..labels.vocabulary import KINDS
from ..measures import sigmoid
from .config import Calibration
from .objective import Columns


@dataclass
class Labelled(Columns):
    """Chunks whose labels are known, and what a head says of them that had not learned from them."""

    deviations: np.ndarray
    """`[n, tags]`."""
    right: np.ndarray
    """0 or 1, `[n, tags]`."""
    known: np.ndarray
    """0 or 1, `[n, tags]`."""
    weight: np.ndarray
    """In songs, `[n, tags]`."""
    ranked: np.ndarray
    """In songs, what it counts that a genre which is right be first, `[n]`; 0 where none is known."""


@dataclass
class Usual:
    """What the teachers usually say of each tag: how likely it is at all, and how far they tell songs apart by it."""

    means: np.ndarray
    """Of their logits `[tags]`."""
    spreads: np.ndarray
    """Natural logarithm of their logits' deviation, `[tags]`."""


def calibrate(labelled: Labelled, usual: Usual, calibration: Calibration) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets `[tags]` of least cross-entropy, and what the configuration moves offsets by.

    Every tag is drawn towards what its kind has in common: slope `exp(s + v * spread)` and offset `b + u * mean`. A tag without
    labels has those, and so is as likely, beside the others, as the teachers find it.
    """
    slopes, offsets = np.ones(len(WIDE)), np.zeros(len(WIDE))
    for kind in KINDS:
        columns = np.array([index for index, tag in enumerate(WIDE) if tag.kind == kind])
        slopes[columns], offsets[columns] = _of_a_kind(labelled, usual, columns, calibration, kind)
    return slopes, offsets + moved(calibration)


def moved(calibration: Calibration) -> np.ndarray:
    """What is added to each tag's fitted offset, by its kind and by its name: `[tags]`."""
    return np.array([calibration.moved.get(tag.kind, 0.0) + calibration.moved.get(tag.name, 0.0) for tag in WIDE])


def _of_rank(moved: np.ndarray, right: np.ndarray, weight: np.ndarray) -> tuple[float, np.ndarray]:
    """Cross-entropy of the right tags taken together, where only one can be first, and its slope along each logit: `[n, tags]` each.

    `weight` is `[n]`.
    """
    powers = np.exp(moved - moved.max(axis=1, keepdims=True))
    all_of_them, wanted = powers.sum(axis=1), np.maximum((powers * right).sum(axis=1), 1e-30)
    along = weight[:, None] * (powers / all_of_them[:, None] - powers * right / wanted[:, None])
    return float((weight * np.log(all_of_them / wanted)).sum()), along


def _of_a_kind(
    labelled: Labelled, usual: Usual, columns: np.ndarray, calibration: Calibration, kind: str
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets of a kind's tags, `[columns]` each."""
    own = [getattr(calibration.slope_pull, kind), getattr(calibration.offset_pull, kind)]
    caution = getattr(calibration.caution, kind)
    ranks = calibration.rank_weight if kind == "genre" else 0.0
    x, y = labelled.deviations[:, columns], labelled.right[:, columns]
    mask = labelled.known[:, columns] * labelled.weight[:, columns]
    mean, spread = usual.means[columns], usual.spreads[columns]
    # The first four are the kind's s, b, u and v; then what the tags have of their own beside the kind's: log slopes, offsets.
    pull = np.array([calibration.kind_pull] * 2 + [calibration.mean_pull, calibration.spread_pull])
    pull = np.concatenate([pull, np.repeat(own, len(columns))])
    rows = (labelled.ranked > 0) & ((y * mask).sum(axis=1) > 0) if ranks > 0 else np.zeros(len(x), bool)
    ranked = ranks * labelled.ranked[rows]

    def of(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s, b, u, v = parameters[:4]
        log_slope, offset = parameters[4:].reshape(2, -1)
        return np.exp(s + v * spread + log_slope), b + u * mean + offset

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        slope, offset = of(parameters)
        moved = x * slope + offset
        entropy = ((np.logaddexp(0, moved) - y * moved) * mask).sum()
        error = (sigmoid(moved) - y) * mask
        # A wrong tag that is believed costs a user more than one that is hardly shown.
        believed = caution * (1 - y) * mask * np.maximum(moved, 0)
        entropy, error = entropy + (believed * moved).sum(), error + 2 * believed
        if rows.any():
            of_rank, along = _of_rank(moved[rows], y[rows], ranked)
            entropy, error[rows] = entropy + of_rank, error[rows] + along
        to_slope, to_offset = (error * x * slope).sum(axis=0), error.sum(axis=0)
        of_kind = [to_slope.sum(), to_offset.sum(), (to_offset * mean).sum(), (to_slope * spread).sum()]
        gradient = np.concatenate([of_kind, to_slope, to_offset]) + 2 * pull * parameters
        return float(entropy + (pull * parameters**2).sum()), gradient

    start = np.zeros(len(pull))
    start[1] = -3.0
    size = len(columns)
    bounds = [(-2.0, 2.0), (-8.0, 3.0), (0.0, 1.5), (-1.0, 1.0)] + [(-1.5, 1.5)] * size + [(-4.0, 4.0)] * size
    return of(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)
