"""What is exactly known, in the wide vocabulary, of parts that sound at once: what each family is, and what its program says more narrowly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from . import instruments
from .audioset import PARENTS, WIDE, WIDE_INDEX, WIDE_NAMES, ancestors
from .vocabulary import NAMES

PROGRAMS: dict[int, str] = {
    9: "glockenspiel",
    11: "vibraphone",
    12: "marimba",
    13: "marimba",
    14: "bell",
    16: "hammond organ",
    18: "hammond organ",
    21: "accordion",
    22: "harmonica",
    23: "accordion",
    43: "double bass",
    45: "pizzicato",
    47: "timpani",
    48: "string section",
    49: "string section",
    56: "trumpet",
    57: "trombone",
    59: "trumpet",
    60: "french horn",
    64: "saxophone",
    65: "saxophone",
    66: "saxophone",
    67: "saxophone",
    71: "clarinet",
    105: "banjo",
    107: "zither",
    114: "steelpan",
}
"""What a General MIDI program is, more narrowly than its family's labels."""

ONLY_OF = {
    "accordion": ("accordion", "organ"),
    "harmonica": ("accordion",),
    "banjo": ("lutes", "acoustic guitar", "sitar"),
}
"""Tags that no other is wider than: the families that may be taken for one. In all others' company it isn't heard."""

SINGS = "voice"
"""Its children don't exclude each other: a woman may sing or speak."""


@dataclass(frozen=True)
class Sounding:
    """A part that is heard."""

    family: str
    narrow: frozenset[str] = field(default=frozenset())
    """Tags that it is beside those of its family."""

    @classmethod
    def of_program(cls, family: str, program: int) -> "Sounding":
        """A part of General MIDI's."""
        is_kit = "drum" in family
        return cls(family, frozenset({PROGRAMS[program]} if program in PROGRAMS and not is_kit else ()))

    def tags(self) -> set[str]:
        """All that it is for certain."""
        own = {*instruments.BY_NAME[self.family].tags, *self.narrow}
        return own | {above for name in own for above in ancestors(name)}


def labels_of(sure: Sequence[Sounding], doubtful: Iterable[Sounding] = ()) -> tuple[np.ndarray, np.ndarray]:
    """Targets and their mask, float32 `[tags]` each, of what is heard for `sure`; of `doubtful` parts nobody knows if they are.

    Genre and mood are unknown, but for what is not music: that has none.
    """
    doubtful = list(doubtful)
    right, known = np.zeros(len(WIDE_NAMES), np.float32), np.zeros(len(WIDE_NAMES), np.float32)
    right[: len(NAMES)], known[: len(NAMES)] = instruments.labels([part.family for part in sure])
    for name in {name for part in sure for name in part.tags()}:
        right[WIDE_INDEX[name]] = known[WIDE_INDEX[name]] = 1
    perhaps = {name for part in doubtful for name in (*part.tags(), *instruments.BY_NAME[part.family].unsure)}
    for name in perhaps:
        known[WIDE_INDEX[name]] = right[WIDE_INDEX[name]]
    for index, tag in enumerate(WIDE):
        if index >= len(NAMES) and tag.kind == "instrument" and not known[index] and tag.name not in perhaps:
            known[index] = float(_is_wrong(tag.name, sure, doubtful, right, known))
    if sure and all(part.family in instruments.NOT_MUSIC for part in sure):
        # Nothing that a tagger should name; a tone may pass for what sings or whistles one.
        known[len(NAMES) :] = 1
        known[[WIDE_INDEX[name] for name in ("theremin", "whistling", "humming")]] = 0
    return right, known


def _is_wrong(
    name: str, sure: Sequence[Sounding], doubtful: Sequence[Sounding], right: np.ndarray, known: np.ndarray
) -> bool:
    """Whether a tag that AudioSet alone has is certainly not heard."""
    if name in ONLY_OF:
        return all(part.family not in ONLY_OF[name] for part in (*sure, *doubtful))
    parent = PARENTS.get(name)
    if parent is None or not known[WIDE_INDEX[parent]]:
        return False
    if not right[WIDE_INDEX[parent]]:
        return True
    # Every part of the wider kind is another of its kinds.
    of_kind = [part for part in (*sure, *doubtful) if parent in part.tags()]
    siblings = [{one for one in part.tags() if PARENTS.get(one) == parent} for part in of_kind]
    return parent != SINGS and all(siblings) and name not in set().union(*siblings)
