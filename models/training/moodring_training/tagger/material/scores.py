"""Scores of music21's corpus, given to instruments at random: music that no generator of this project wrote."""

import numpy as np

from ..labels.instruments import BY_NAME, FAMILIES
from .arranger import Note, Part, harmony, part

COMPOSERS = ("bach", "haydn", "mozart", "beethoven", "schumann_robert", "corelli", "palestrina", "josquin")
"""Composers whose works are in the public domain, by music21's folders: those of the pieces that report."""
TAUGHT_COMPOSERS = ("monteverdi", "trecento")
"""Those of the pieces that teach and choose."""

Line = list[tuple[float, float, int]]
"""Notes as start and length in quarters and MIDI pitch."""


def _lines(path: str) -> list[Line]:
    """A score's parts."""
    from music21 import converter

    lines = []
    for staff in converter.parse(path).parts:
        notes = []
        for element in staff.flatten().notes:
            for pitch in element.pitches:
                notes.append((float(element.offset), float(element.quarterLength), int(pitch.midi)))
        if notes:
            lines.append(notes)
    return lines


def pieces(random: np.random.Generator, count: int, seconds: float, composers: tuple[str, ...]) -> list[list[Part]]:
    """`count` stretches of scores, each part for a random instrument; a third of them with drums beneath.

    Fewer where the composers' scores don't suffice.
    """
    from music21 import corpus as scores_of_music21

    available = sorted(
        str(path)
        for composer in composers
        for path in scores_of_music21.getComposer(composer)
        if str(path).endswith((".mxl", ".xml", ".krn"))
    )
    random.shuffle(available)
    families = [family for family in FAMILIES if family.programs and family.styles != ("drums",)]
    weights = np.array([family.weight for family in families])
    found: list[list[Part]] = []
    for path in available:
        if len(found) >= count:
            break
        try:
            lines = _lines(path)
        except Exception:  # noqa: BLE001  music21 raises anything on a score it can't read; there are others.
            continue
        if not lines:
            continue
        tempo = float(random.uniform(60, 150))
        most = int(random.integers(1, 6))
        parts = []
        for line in lines[:most]:
            family = families[random.choice(len(families), p=weights / weights.sum())]
            loudness = random.uniform(60, 110)
            first = line[0][0]
            notes = []
            for start, length, pitch in line:
                at = (start - first) * 60 / tempo
                if at >= seconds - 0.1:
                    break
                while pitch < family.lowest:
                    pitch += 12
                while pitch > family.highest:
                    pitch -= 12
                velocity = int(np.clip(loudness + random.normal(0, 6), 20, 127))
                notes.append(Note(at, max(0.05, min(length * 60 / tempo, seconds - at)), pitch, velocity))
            parts.append(Part(family.name, int(random.choice(family.programs)), notes))
        if random.random() < 1 / 3:
            beneath = harmony(random, seconds)
            parts.append(part(random, beneath, BY_NAME["drums" if random.random() < 0.7 else "drum machine"]))
        found.append(parts)
    return found
