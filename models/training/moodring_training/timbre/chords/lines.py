"""The colour that single lines are played in: that of the mean over makers, and darker.

A player's movement says who plays; its long-term levels are one maker's, and further from another's than those of the mean (models/README.md).
"""

import zlib
from pathlib import Path

import numpy as np

from ...shared.files import written_whole
from ...shared.paths import Paths
from ..notes import harmonics
from . import colours

MAKERS = colours.Makers(colours.MAKERS, {})
"""No recorded notes are among them: they choose."""
DARKER_DB, DARKER_OCTAVES = -2.0, 3.0
"""By so much an octave of their numbers, up to the eighth, harmonics fall more than those of soundfonts at the velocity that is measured."""


def drawn_in(makers: np.ndarray) -> np.ndarray:
    """What lines are to have of long-term levels [players, pitches, LEVELS], of those of the makers, both in dB."""
    levels = makers.copy()
    octaves = np.log2(np.arange(1, harmonics.HARMONICS + 1))
    levels[..., : harmonics.HARMONICS] += DARKER_DB * np.minimum(octaves, DARKER_OCTAVES)
    return levels


def export(paths: Paths, out: Path, players: colours.Stored, small: bool) -> dict[str, object]:
    """Writes lines.bin into the folder; gives what the card says of it.

    Each of a player's notes has its own: what a note has over the next is one maker's, too.
    """
    makers = colours.measured(paths, players.named, players.velocity, small, MAKERS)
    pitches = [int(pitch) for pitch in players.pitches]
    wanted = np.stack([colours.at_pitches(levels, np.array(colours.PITCHES), pitches) for levels in drawn_in(makers)])
    own = np.stack([colours.long_term(notes) for notes in players.drawn])
    table = colours.quantised(wanted - own, players.steps)
    with written_whole(out / "lines.bin") as unfinished:
        unfinished.write_bytes(zlib.compress(table.tobytes(), 9))
    return {"pitches": pitches, "range_db": list(colours.RANGE_DB)}
