"""What is asked of the head: least squares in standard deviations, with the weights held small."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np


class Columns:
    """A dataclass of arrays whose first axis is the same chunks."""

    def of(self, rows: np.ndarray) -> Self:
        """Some of the chunks."""
        return type(self)(*(getattr(self, one.name)[rows] for one in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All parts, one behind the other."""
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))


@dataclass
class Examples(Columns):
    """Chunks to learn from or to be judged by."""

    inputs: np.ndarray
    """Embedding and logits of mn04, float32 `[chunks, EMBEDDING + 527]`."""
    target: np.ndarray
    """In deviations, float32 `[chunks, tags]`; nan where nobody knows."""
    songs: np.ndarray
    """Which song each is of, `[chunks]`; below 0 for solos, as many as there are songs for what is none of them."""
    weight: np.ndarray
    """float32 `[chunks]`."""


def fit(examples: Examples, pull: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights `[inputs, tags]` and bias `[tags]` that come nearest to the targets; tags that nobody knows stay 0.

    A tag's weights are pulled towards 0 by its `pull` `[tags]`, per deviation of an input; the inputs are seen through so many
    principal `components`.
    """
    middle, spread = examples.inputs.mean(axis=0), np.maximum(examples.inputs.std(axis=0), 1e-4)
    normal = (examples.inputs - middle) / spread
    _, axes = np.linalg.eigh(normal.T @ normal)
    axes = axes[:, -components:].astype(np.float64)
    design = np.concatenate([normal @ axes, np.ones((len(normal), 1))], axis=1)
    known = ~np.isnan(examples.target)
    found = np.zeros((design.shape[1], examples.target.shape[1]))
    # Tags that are known of the same chunks, and are pulled alike, share their normal equations.
    _, first, group = np.unique(np.vstack([known, pull]), axis=1, return_index=True, return_inverse=True)
    for number, one in enumerate(first):
        rows, columns = known[:, one], np.flatnonzero(group == number)
        if not rows.any():
            continue
        pulls = np.full(design.shape[1], pull[one])
        pulls[-1] = 1e-6
        weighted = design[rows] * examples.weight[rows, None]
        gram = weighted.T @ design[rows] + np.diag(pulls)
        found[:, columns] = np.linalg.solve(gram, weighted.T @ examples.target[rows][:, columns])
    weights = (axes @ found[:-1]) / spread[:, None]
    return weights, found[-1] - middle @ weights
