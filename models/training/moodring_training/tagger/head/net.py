"""The head: a linear layer on mn04's embedding and its 527 logits, into this project's wide vocabulary."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...shared.files import written_whole
from ...shared.paths import Paths


def inputs_of(embeddings: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """What the head sees: float32 `[n, EMBEDDING + 527]`."""
    return np.concatenate([embeddings, logits], axis=1).astype(np.float32)


@dataclass
class Head:
    """The head's weights; answers are in deviations until it is calibrated."""

    weights: np.ndarray
    """`[inputs, tags]`, for inputs as mn04 gives them."""
    bias: np.ndarray
    """`[tags]`."""
    slopes: np.ndarray
    offsets: np.ndarray

    def deviations(self, inputs: np.ndarray) -> np.ndarray:
        """`[n, inputs]` to `[n, tags]`."""
        return inputs @ self.weights + self.bias

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """Calibrated logits `[n, tags]`."""
        return self.deviations(inputs) * self.slopes + self.offsets

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all."""
        with written_whole(path) as unfinished:
            np.savez(unfinished, **vars(self))


def file_of(paths: Paths) -> Path:
    """Where the head lies."""
    return paths.work / "tagger" / "head.npz"


def load(paths: Paths) -> Head | None:
    """The head, or None before it was trained."""
    if not file_of(paths).exists():
        return None
    with np.load(file_of(paths)) as stored:
        return Head(*(stored[name] for name in ("weights", "bias", "slopes", "offsets")))
