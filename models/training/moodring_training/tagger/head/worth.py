"""What each teacher is worth, tag by tag, on labelled real sound, and the target that they make up together."""

import numpy as np

from ..labels.audioset import WIDE, WIDE_NAMES
from ..labels.songs import Song
from ..listeners import mn04
from ..measures import auc
from .config import Teachers

CHANCE = 0.5
"""The AUC of a teacher that guesses."""


def everybody(answers: np.ndarray, logits: np.ndarray, network: mn04.Listener) -> np.ndarray:
    """All teachers' logits, mn04's the last: `[teachers, places, tags]`, nan where one has no such tag.

    `answers`: those of the others `[teachers, places, tags]`; `logits`: mn04's `[places, 527]`.
    """
    return np.concatenate([answers, network.mapped(logits)[None]])


def areas(scores: np.ndarray, listened: list[Song], worth: Teachers) -> tuple[np.ndarray, np.ndarray]:
    """AUC of each teacher's scores `[songs, teachers, tags]` on labels, shrunk towards its mean over the tag's kind.

    Gives `[teachers, tags]`, nan where a teacher has no such tag, and how many songs are right for each tag `[tags]`.
    """
    _, count, tags = scores.shape
    found = np.full((count, tags), np.nan)
    right_songs = np.zeros(tags, int)
    for tag, name in enumerate(WIDE_NAMES):
        right = np.array([name in song.right for song in listened])
        rows = right | np.array([song.wrong(name) for song in listened])
        right_songs[tag] = right.sum()
        if min(right[rows].sum(), (~right[rows]).sum()) < worth.fewest_songs:
            continue
        for teacher in range(count):
            if not np.isnan(scores[:, teacher, tag]).any():
                found[teacher, tag] = auc(scores[rows, teacher, tag], right[rows].astype(float))
    for kind in {tag.kind for tag in WIDE}:
        columns = np.array([index for index, tag in enumerate(WIDE) if tag.kind == kind])
        for teacher in range(count):
            own = found[teacher, columns]
            usual = float(np.nanmean(own)) if not np.isnan(own).all() else 0.6
            has = ~np.isnan(scores[:, teacher, columns]).any(axis=0)
            share = right_songs[columns] / (right_songs[columns] + worth.prior_songs)
            shrunk = np.where(np.isnan(own), usual, share * np.nan_to_num(own) + (1 - share) * usual)
            found[teacher, columns] = np.where(has, shrunk, np.nan)
    return found, right_songs


def weights(area: np.ndarray, least: float) -> np.ndarray:
    """Shares of the teachers `[teachers, tags]`: the square of what their AUC is above chance; 0 where one has no such tag.

    An AUC counts for `least` at least: a teacher that is alone must be heard. They add up to 1 where anybody has the tag.
    """
    above = np.maximum(area - CHANCE, least) ** 2
    above = np.where(np.isnan(area), 0.0, above)
    return above / np.maximum(above.sum(axis=0), 1e-12)


def joined(answers: np.ndarray, share: np.ndarray, middle: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """The target in standard deviations: `[teachers, n, tags]` to float32 `[n, tags]`, nan where nobody has the tag.

    Teachers speak on scales of their own: each is taken in its deviations `spread` from its mean `middle`, `[teachers, tags]`.
    """
    deviations = (answers - middle[:, None]) / np.maximum(spread[:, None], 1e-3)
    total = (np.nan_to_num(deviations) * share[:, None]).sum(axis=0)
    return np.where(share.sum(axis=0) > 0, total, np.nan).astype(np.float32)
