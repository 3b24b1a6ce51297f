"""Every listener's instruments in rendered pieces whose parts are exactly known, of a soundfont and of scores that nobody learned from."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..shared.paths import Paths
from ..shared.tables import print_table
from .head import net as head
from .labels.audioset import WIDE_NAMES
from .labels.exact import labels_of
from .labels.instruments import UNLABELLED
from .labels.vocabulary import NAMES, of_kind
from .listeners import mn04, pieces
from .measures import logit, masked_aucs

ORIGINS = {"arranger, solo": "solo", "arranger, ensemble": "ensemble", "score": "scores"}
RATED = [tag for tag in of_kind("instrument") if NAMES[tag] not in UNLABELLED]
"""Instruments that a rendering has exact labels for."""
FEWEST, FEWEST_OF_ORIGIN = 3, 2
"""Pieces of either kind that a tag must have for an AUC."""


@dataclass
class Judged:
    """Pieces with what is known of them."""

    heard: pieces.Heard
    right: np.ndarray
    """0 or 1, `[pieces, tags]`."""
    known: np.ndarray
    """0 or 1, `[pieces, tags]`."""
    origins: np.ndarray
    """Who made each."""

    @classmethod
    def of(cls, heard: pieces.Heard) -> "Judged":
        """All answers to a piece are one behind the other; its labels are those of all its parts."""
        first = np.arange(0, len(heard.parts), pieces.POSITIONS)
        exact = [labels_of([part for part, _ in heard.parts[row]]) for row in first]
        right, known = (np.array([one[side] for one in exact]) for side in (0, 1))
        return cls(heard, right, known, np.array([heard.origins[row] for row in first]))

    def areas(self, logits: np.ndarray) -> dict[str, np.ndarray]:
        """AUC of each tag by what is judged, nan where there is none: of answers `[chunks, tags]`, averaged over each piece.

        What the plugin takes for silence has no answer.
        """
        spoken = ~self.heard.silent.reshape(-1, pieces.POSITIONS)
        each = logits.reshape(-1, pieces.POSITIONS, logits.shape[1]) * spoken[:, :, None]
        over = each.sum(axis=1) / np.maximum(spoken.sum(axis=1), 1)[:, None]
        known = self.known * spoken.any(axis=1)[:, None]
        found = {"all": masked_aucs(over, self.right, known, FEWEST)}
        for origin, name in ORIGINS.items():
            inside = self.origins == origin
            found[name] = masked_aucs(over[inside], self.right[inside], known[inside], FEWEST_OF_ORIGIN)
        right, known = (np.repeat(side, pieces.POSITIONS, axis=0) for side in (self.right, self.known))
        found["chunks"] = masked_aucs(logits, right, known * spoken.reshape(-1, 1), FEWEST)
        for area in found.values():
            area[np.isnan(logits).any(axis=0)] = np.nan
        return found


def mean(values: np.ndarray) -> tuple[float, int]:
    """The mean of what is known of the rated instruments, and of how many."""
    rated = values[RATED]
    known = rated[~np.isnan(rated)]
    return (float(known.mean()) if len(known) else float("nan")), len(known)


def answers(paths: Paths, heard: pieces.Heard) -> dict[str, np.ndarray]:
    """Logits of everybody who is compared, `[chunks, tags]`."""
    found = {}
    if len(heard.shipped):
        found["shipped"] = logit(heard.shipped)
    found["mn04, mapped"] = mn04.Listener(paths.listener).mapped(heard.logits)
    trained = head.load(paths)
    if trained is not None:
        found["head on mn04"] = trained.logits(head.inputs_of(heard.embeddings, heard.logits))
    return found


def evaluate(paths: Paths, small: bool, split: str = "report") -> dict[str, Any]:
    """Prints the tables; the figures for the card."""
    if not paths.listener.exists():
        print(f"\nrendered sound: left out, {paths.listener} is missing (--listener)")
        return {}
    pieces.prepare_to_judge(paths, split, small)
    heard = pieces.load(paths, split)
    if heard is None:
        print("\nrendered sound: none")
        return {}
    judged = Judged.of(heard)
    areas = {name: judged.areas(said) for name, said in answers(paths, heard).items()}
    columns = ("all", *ORIGINS.values(), "chunks")
    rows, summary = [], {}
    for name, found in areas.items():
        figures = {column: mean(found[column]) for column in columns}
        rows.append([name, *(f"{value:.3f} ({count:2})" if count else "-" for value, count in figures.values())])
        summary[name] = {column: round(value, 3) for column, (value, _) in figures.items()}
    print_table(
        f"Rendered music, a soundfont and scores that nobody learned from: {len(judged.origins)} pieces of 29 s. Macro ROC-AUC of "
        f"instruments; (tags with {FEWEST} pieces of either kind; {FEWEST_OF_ORIGIN} in the middle columns)",
        ["listener", "all", *ORIGINS.values(), "all, 3.7-s chunks"],
        rows,
    )
    rows = [
        [
            WIDE_NAMES[tag],
            str(int(judged.right[:, tag].sum())),
            *(_number(found["all"][tag]) for found in areas.values()),
        ]
        for tag in RATED
    ]
    print_table("Per instrument on rendered music", ["tag", "pieces", *areas], rows)
    return summary


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3f}"
