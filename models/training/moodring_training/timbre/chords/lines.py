"""The colour that single lines are played in: that of the mean over makers, and darker.

A player's movement says who plays; its long-term levels are one maker's, and further from another's than those of the mean (models/README.md).
"""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...shared import corpus
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import soundfont
from ..notes import harmonics
from ..timbres import Timbre
from . import colours

PITCHES = tuple(range(36, 85, 6))
"""That the makers are measured at."""
DARKER_DB, DARKER_OCTAVES = -2.0, 3.0
"""By so much an octave of their numbers, up to the eighth, harmonics fall more than those of soundfonts at the velocity that is measured."""


def drawn_in(makers: np.ndarray) -> np.ndarray:
    """What lines are to have of long-term levels [players, PITCHES, LEVELS], of those of the makers, both in dB."""
    levels = makers.copy()
    octaves = np.log2(np.arange(1, harmonics.HARMONICS + 1))
    levels[..., : harmonics.HARMONICS] += DARKER_DB * np.minimum(octaves, DARKER_OCTAVES)
    return levels


def measured(paths: Paths, named: list[Timbre], velocity: int, small: bool) -> np.ndarray:
    """Mean levels over the makers [players, PITCHES, LEVELS] in dB. These are soundfonts alone: the recordings choose."""
    makers = [_levels(paths, name, named, velocity) for name in (colours.SMALL_MAKERS if small else colours.MAKERS)]
    return np.stack([np.mean([one for one in each if one is not None], axis=0) for each in zip(*makers, strict=True)])


def _levels(paths: Paths, name: str, named: list[Timbre], velocity: int) -> list[np.ndarray | None]:
    """Long-term levels of a soundfont's players [PITCHES, LEVELS]; None where one is silent."""
    package = next(entry for entry in corpus.manifest() if entry.name == name)
    instrument = soundfont.Instrument(name, corpus.unpack(paths, package))
    found: list[np.ndarray | None] = []
    for timbre in progress(named, f"lines of {name}"):
        notes = [soundfont.Note(timbre.programs[0], pitch, velocity) for pitch in PITCHES]
        played = [
            (note.pitch, harmonics.analysed(sound, note.pitch, strings=True)) for note, sound in instrument.play(notes)
        ]
        there = [(pitch, heard[0]) for pitch, heard in played if heard is not None]
        if there:
            pitches, drawn = zip(*there, strict=True)
            found.append(_between(colours.long_term(np.stack(drawn)), np.array(pitches), PITCHES))
        else:
            found.append(None)
    return found


def export(paths: Paths, out: Path, players: colours.Stored, small: bool) -> dict[str, object]:
    """Writes lines.bin into the folder; gives what the card says of it.

    Each of a player's notes has its own: what a note has over the next is one maker's, too.
    """
    makers = drawn_in(measured(paths, players.named, players.velocity, small))
    wanted = np.stack([_between(levels, PITCHES, players.pitches) for levels in makers])
    own = np.stack([colours.long_term(notes) for notes in players.drawn])
    table = colours.quantised(wanted - own, players.steps)
    with written_whole(out / "lines.bin") as unfinished:
        unfinished.write_bytes(zlib.compress(table.tobytes(), 9))
    return {"pitches": [int(pitch) for pitch in players.pitches], "range_db": list(colours.RANGE_DB)}


def _between(levels: np.ndarray, pitches: Sequence[int] | np.ndarray, wanted: Sequence[int] | np.ndarray) -> np.ndarray:
    """Levels [notes, LEVELS] of rising `pitches` at those that are wanted: in straight lines, beyond the last as there."""
    return np.stack([np.interp(wanted, pitches, column) for column in levels.T], axis=1)
