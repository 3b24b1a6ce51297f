"""Chunks whose instruments are exactly known: recorded notes, speech, what is no music, and rendered pieces with their parts."""

from dataclasses import dataclass

import numpy as np

from ...shared.paths import Paths
from ..labels.exact import Sounding, labels_of
from ..listeners import pieces
from . import solos
from .config import Rendered
from .objective import Columns


@dataclass
class ExactSound(Columns):
    """Chunks with exact labels."""

    logits: np.ndarray
    """mn04's 527, float32 `[chunks, 527]`."""
    embeddings: np.ndarray
    """float32 `[chunks, EMBEDDING]`."""
    right: np.ndarray
    """0 or 1, float32 `[chunks, tags]` of the wide vocabulary."""
    known: np.ndarray
    """0 or 1, float32 `[chunks, tags]`."""
    sources: np.ndarray
    """What each is of, from 0, `[chunks]`: a package, or a rendered piece."""
    rendered: np.ndarray
    """Whether each is of a rendered piece, `[chunks]`."""


def heard_of(parts: list[tuple[Sounding, float]], config: Rendered) -> tuple[np.ndarray, np.ndarray]:
    """Labels of a chunk in which each part is heard by its share of the cells: what rests or is masked isn't."""
    sure = [part for part, share in parts if share >= config.heard_from]
    doubtful = [part for part, share in parts if config.unheard_below <= share < config.heard_from]
    return labels_of(sure, doubtful)


def load(paths: Paths, config: Rendered) -> ExactSound | None:
    """All that was made; None where there is nothing."""
    found = []
    alone = solos.load(paths)
    if alone is not None:
        _, sources = np.unique(alone.sources, return_inverse=True)
        none = np.zeros(len(sources), bool)
        found.append(ExactSound(alone.logits, alone.embeddings, alone.right, alone.known, sources, none))
    together = pieces.load(paths, "teach")
    if together is not None:
        labels = [heard_of(parts, config) for parts in together.parts]
        _, sources = np.unique(together.pieces, return_inverse=True)
        sources += 1 + (found[0].sources.max() if found else -1)
        right, known = (np.array([one[side] for one in labels]) for side in (0, 1))
        all_of_them = np.ones(len(sources), bool)
        found.append(ExactSound(together.logits, together.embeddings, right, known, sources, all_of_them))
    return ExactSound.joined(found) if found else None
