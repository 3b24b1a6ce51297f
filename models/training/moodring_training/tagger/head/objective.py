"""What is asked of the head: least squares in standard deviations, with the weights held small."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from scipy.linalg import cho_factor, cho_solve


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


PRECISE, MOST_STEPS = 1e-8, 500
"""Where the conjugate gradients end: by the residual as a share of what it was at first, or by their number."""


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
    found = np.zeros((design.shape[1], len(pull)))
    # Of some chunks most tags are unknown: the tags that they don't teach are solved without them.
    often = known[~known.all(axis=1)].mean(axis=0) > 0.5 if not known.all() else np.ones(len(pull), bool)
    for columns in (often, ~often):
        rows = known[:, columns].any(axis=1)
        if rows.any():
            target = np.where(known, examples.target, 0)[rows][:, columns]
            found[:, columns] = _solved(
                design[rows], examples.weight[rows], target, known[rows][:, columns], pull[columns]
            )
    weights = (axes @ found[:-1]) / spread[:, None]
    return weights, found[-1] - middle @ weights


def _solved(
    design: np.ndarray, weight: np.ndarray, target: np.ndarray, known: np.ndarray, pull: np.ndarray
) -> np.ndarray:
    """The least squares of each tag over the chunks that know it, `[design, tags]`; the last column of the design is the bias.

    By conjugate gradients, all tags at once. Nearly all chunks know nearly all tags: the normal equations as if all did are the
    preconditioner, and few steps are left. Targets are 0 where nobody knows.
    """
    weighted = design * weight[:, None]
    gram, wanted = weighted.T @ design, weighted.T @ target
    pulls = np.tile(pull.astype(np.float64), (design.shape[1], 1))
    pulls[-1] = 1e-6
    partly = ~known.all(axis=1)
    some, some_weighted, unknown = design[partly], weighted[partly], ~known[partly]
    factors = {one: cho_factor(gram + np.diag(pulls[:, pull == one][:, 0])) for one in np.unique(pull)}

    def product(x: np.ndarray) -> np.ndarray:
        return gram @ x + pulls * x - some_weighted.T @ (unknown * (some @ x))

    def preconditioned(x: np.ndarray) -> np.ndarray:
        made = np.empty_like(x)
        for one, factor in factors.items():
            made[:, pull == one] = cho_solve(factor, x[:, pull == one])
        return made

    found = np.zeros_like(wanted, np.float64)
    rest = wanted.astype(np.float64)
    nearer = direction = preconditioned(rest)
    energy = first = (rest * nearer).sum(axis=0)
    for _ in range(MOST_STEPS):
        if (energy <= PRECISE**2 * first).all():
            break
        ahead = product(direction)
        # A tag that is done, or that nobody knows, stays where it is.
        length = energy / np.maximum((direction * ahead).sum(axis=0), np.finfo(float).tiny)
        found += length * direction
        rest -= length * ahead
        nearer = preconditioned(rest)
        before, energy = energy, (rest * nearer).sum(axis=0)
        direction = nearer + direction * (energy / np.maximum(before, np.finfo(float).tiny))
    return found
