"""Figures of merit, and the scale that probabilities are compared on."""

from typing import Any

import numpy as np


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-logits))


def logit(probability: np.ndarray) -> np.ndarray:
    """log(p / (1 - p)), held within +-16, in 64 bits."""
    clipped = np.clip(probability.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.log(clipped / (1 - clipped))


def auc(score: np.ndarray, right: np.ndarray) -> float:
    """Area under the ROC curve of a score against labels of 0 and 1; nan with one kind of label alone."""
    positives = right > 0.5
    count, others = int(positives.sum()), int((~positives).sum())
    if count == 0 or others == 0:
        return float("nan")
    # Ties share their mean rank.
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[positives].sum() - count * (count + 1) / 2) / (count * others))


def masked_aucs(scores: np.ndarray, labels: np.ndarray, known: np.ndarray, least: int = 3) -> np.ndarray:
    """AUC per tag over the rows where its label is known: `[tags]`; nan with fewer than `least` of either kind."""
    found = np.full(scores.shape[1], np.nan)
    for tag in range(scores.shape[1]):
        rows = known[:, tag] > 0.5
        positives = labels[rows, tag].sum()
        if least <= positives <= rows.sum() - least:
            found[tag] = auc(scores[rows, tag], labels[rows, tag])
    return found


def correlations(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Pearson's correlation per column: `[tags]`."""
    first = ours - ours.mean(axis=0)
    second = theirs - theirs.mean(axis=0)
    return (first * second).sum(axis=0) / np.maximum(np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0)), 1e-12)


def calibration(
    probability: np.ndarray, outcome: np.ndarray, bins: int = 15
) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error over equal-width bins, and the bins' mean probability, mean outcome and count.

    `outcome` is 0 or 1, or a probability where no more is known.
    """
    place = np.minimum((probability * bins).astype(int), bins - 1)
    error, rows = 0.0, []
    for number in range(bins):
        inside = place == number
        if inside.any():
            said, came = float(probability[inside].mean()), float(outcome[inside].mean())
            error += abs(said - came) * inside.mean()
            rows.append((said, came, int(inside.sum())))
    return error, rows


def without_nan(value: Any) -> Any:
    """The same without what is not a number: a small run can't tell every figure, and JSON has no word for that."""
    if isinstance(value, dict):
        return {key: without_nan(one) for key, one in value.items() if not (isinstance(one, float) and np.isnan(one))}
    return value
