"""The colour that single lines are played in: that of the mean over makers, darker, and in part the player's own.

A player's movement says who plays; its long-term levels are one maker's, and further from another's than those of the mean (models/README.md).
But where makers agree least their mean is least like any of them, and a listener hears less of the instrument in it: there more of
the player's own is kept.
"""

import zlib
from pathlib import Path

import numpy as np

from ...shared.files import written_whole
from ...shared.paths import Paths
from .. import ways
from ..notes import harmonics
from ..timbres import TIMBRES, Timbre
from . import colours
from . import tilt as tilting

RELATED = "csound-soundfont"
"""It has samples of the soundfont that reports, ways.UNSEEN."""
MAKERS = colours.Makers(
    (*colours.CHORDS.soundfonts, RELATED),
    {},
    {RELATED: frozenset(timbre.id for timbre in TIMBRES if timbre.name in ways.RENDERED)},
)
"""Those of the chords' colours, and RELATED for names that UNSEEN reports nothing of. No recorded notes are among them: they choose, and those
of one library bring another's no nearer (models/README.md)."""
DARKER_DB, BRASS_DARKER_DB, DARKER_OCTAVES = -1.5, -4.0, 3.0
"""By so much an octave of their numbers, up to the eighth, harmonics fall more than those of soundfonts at the velocity that is measured. Brass is
sampled loud, and the louder it is played the brighter it is: recordings of it fall far more."""
BRASS = range(56, 64)
"""General MIDI's programs."""
OWN_SHARE = 0.4
"""Of the player's own levels where makers are as far apart as they are on average."""
LEAST_DB = -60.0
"""Levels below this count as this where makers are compared: of what isn't heard no two have the same."""


def darker(named: list[Timbre]) -> np.ndarray:
    """By how much the levels of lines are above the makers' [players, 1, LEVELS] in dB."""
    octaves = np.log2(np.arange(1, harmonics.HARMONICS + 1))
    fall = np.concatenate([np.minimum(octaves, DARKER_OCTAVES), np.zeros(harmonics.NOISE_BANDS)])
    slopes = np.array([BRASS_DARKER_DB if timbre.programs[0] in BRASS else DARKER_DB for timbre in named])
    return slopes[:, None, None] * fall


def own_shares(makers: list[np.ndarray]) -> np.ndarray:
    """How much of its own levels each player keeps [players], by the levels of its makers [makers, pitches, LEVELS] in dB."""
    spreads = np.array([np.sqrt(np.maximum(each, LEAST_DB).var(axis=0).mean()) for each in makers])
    usual = spreads.mean()
    # A single maker tells nothing of how far makers are apart.
    return np.minimum(OWN_SHARE * (spreads / usual) ** 2, 1.0) if usual > 0 else np.zeros(len(makers))


def export(paths: Paths, out: Path, players: colours.Stored, small: bool) -> dict[str, object]:
    """Writes lines.bin into the folder; gives what the card says of it.

    Each of a player's notes has its own: what a note has over the next is one maker's, too.
    """
    pitches = [int(pitch) for pitch in players.pitches]
    makers = colours.each_maker(paths, players.named, players.velocity, small, MAKERS, pitches)
    mean = colours.settled(np.stack([each.mean(axis=0) for each in makers]))
    own = np.stack([colours.long_term(notes) for notes in players.drawn])
    moved = (1 - own_shares(makers))[:, None, None] * (mean - own) + darker(players.named)
    table = colours.quantised(moved, players.steps)
    tilts = tilting.usual(own + moved, np.array(pitches))
    with written_whole(out / "lines.bin") as unfinished:
        unfinished.write_bytes(zlib.compress(table.tobytes(), 9))
    return {"pitches": pitches, "range_db": list(colours.RANGE_DB), "tilts_db": tilts.round(2).tolist()}
