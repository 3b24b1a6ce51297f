"""What is asked of the head: least squares in standard deviations, with the weights held small."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Examples:
    """Chunks to learn from or to be judged by."""

    inputs: np.ndarray
    """Embedding and logits of mn04, float32 `[chunks, EMBEDDING + 527]`."""
    target: np.ndarray
    """In deviations, float32 `[chunks, tags]`; nan where nobody knows."""
    songs: np.ndarray
    """Which song each is of, `[chunks]`; below 0 for solos."""
    weight: np.ndarray
    """float32 `[chunks]`."""


def fit(examples: Examples, pull: float, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights `[inputs, tags]` and bias `[tags]` that come nearest to the targets; tags that nobody knows stay 0.

    The weights are pulled towards 0 by `pull`, per deviation of an input; the inputs are seen through so many principal
    `components`.
    """
    middle, spread = examples.inputs.mean(axis=0), np.maximum(examples.inputs.std(axis=0), 1e-4)
    normal = (examples.inputs - middle) / spread
    _, axes = np.linalg.eigh(normal.T @ normal)
    axes = axes[:, -components:].astype(np.float64)
    design = np.concatenate([normal @ axes, np.ones((len(normal), 1))], axis=1)
    known = ~np.isnan(examples.target)
    pulls = np.full(design.shape[1], pull)
    pulls[-1] = 1e-6
    found = np.zeros((design.shape[1], examples.target.shape[1]))
    # Tags that are known of the same chunks share their normal equations.
    patterns, group = np.unique(known, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        rows, columns = patterns[:, number], np.flatnonzero(group == number)
        if not rows.any():
            continue
        weighted = design[rows] * examples.weight[rows, None]
        gram = weighted.T @ design[rows] + np.diag(pulls)
        found[:, columns] = np.linalg.solve(gram, weighted.T @ examples.target[rows][:, columns])
    weights = (axes @ found[:-1]) / spread[:, None]
    return weights, found[-1] - middle @ weights
