"""What is played for the ear to learn from: chords and single notes of many programs, organs in several registers, drums."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...shared.paths import Paths
from ...shared.running import progress
from .. import soundfont
from ..front_end import SAMPLE_RATE
from ..recorded import Instrument
from .evidence import LOWEST_PITCH, PITCHES

PROGRAMS = (
    *range(9), 11, 12, *range(15, 31), 32, 33, 38, *range(40, 47), *range(48, 55), *range(56, 63), *range(64, 77), 78, 79, 80, 81, 82, 84, 85,
    88, 89, 90, 91, 95, 104, 105, 107, 108,
)  # fmt: skip
"""That have pitches."""
CHOOSING_PROGRAMS = (0, 1, 4, 6, 11, 16, 19, 21, 24, 25, 26, 40, 42, 48, 52, 53, 56, 57, 61, 65, 68, 71, 73, 81, 89)
SHAPES = (
    (0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 5, 9), (0, 3, 8), (0, 7, 12, 16), (0, 4, 7, 11), (0, 7), (0, 12, 16), (0, 2, 7),
    (0, 5, 7), (0, 4, 7, 12), (0, 7, 16), (0, 10, 16), (0, 3, 7, 10), (0,), (0,),
)  # fmt: skip
"""Semitones above the lowest note; the others are notes at random."""
SHAPED_SHARE, SHAPED_PITCHES, FREE_PITCHES, MOST_FREE = 0.7, (40, 72), (40, 85), 5
SINGLE_PITCHES = (40, 93)
VELOCITIES = (60, 115)
REGISTERED_SHARE, REGISTERED_LOWEST, REGISTERED_FREE = 0.8, (47, 75), (50, 85)
"""Of organs' chords those in shapes, whose three notes and more are none's octave; the others are two to four notes at random."""
ORGANS, FLUTES = tuple(range(16, 24)), (73, 74, 75, 79, 82)
"""Programs whose registers sound together, as an organ's do."""
DOUBLED = (0, 24, 48, 52, 61)
"""Those that play all of a chord an octave below as well, as two hands and two desks do."""
FOOT_16, FOOT_8, FOOT_4, FOOT_NASARD = -12, 0, 12, 19
"""Semitones from a key to where a register of 16', 8', 4' and 2 2/3' sounds."""
HIGHEST_PITCH = 108
KITS, KEYS_VELOCITIES = (0, 8, 16, 25, 40), (60, 120)
SILENT = 1e-3
"""Drums that have no such sample are missing."""
RECORDED_DB, RECORDED_REACH = 4.0, 3
"""How much louder or softer than equal a recorded note of a chord may be, and how far its recording may be transposed, in semitones."""
LENGTH = round((soundfont.HOLD_S + soundfont.RELEASE_S) * SAMPLE_RATE)


@dataclass(frozen=True)
class Chord:
    """What was played, and its sound."""

    pitches: tuple[int, ...]
    program: int
    samples: np.ndarray
    """Mono at SAMPLE_RATE, LENGTH long."""


@dataclass(frozen=True)
class Registers:
    """The same chords by several programs, at several octaves of the keys."""

    chords: list[tuple[int, ...]]
    """Keys."""
    sounds: dict[tuple[int, int], list[np.ndarray]]
    """By program and semitones from the keys: the samples of each chord."""


def any_chord(rng: np.random.Generator) -> tuple[int, ...]:
    """A usual shape, or notes at random."""
    if rng.random() < SHAPED_SHARE:
        lowest = int(rng.integers(*SHAPED_PITCHES))
        return tuple(lowest + step for step in SHAPES[rng.integers(len(SHAPES))])
    return tuple(sorted({int(pitch) for pitch in rng.integers(*FREE_PITCHES, rng.integers(1, MOST_FREE + 1))}))


def chords(
    instrument: soundfont.Instrument, programs: Sequence[int], count: int, rng: np.random.Generator
) -> list[Chord]:
    """So many of each program."""
    return _each(instrument, programs, rng, lambda: [any_chord(rng) for _ in range(count)])


def singles(
    instrument: soundfont.Instrument, programs: Sequence[int], count: int, rng: np.random.Generator
) -> list[Chord]:
    """So many single notes of each program."""
    return _each(instrument, programs, rng, lambda: [(int(pitch),) for pitch in rng.integers(*SINGLE_PITCHES, count)])


def registers(
    instrument: soundfont.Instrument, registered: Sequence[int], count: int, rng: np.random.Generator
) -> Registers:
    """So many chords by the programs `registered` at each footage, and by DOUBLED at two octaves."""
    keys = [_registered(rng) for _ in range(count)]
    sounds = {}
    for program in progress(registered, f"registers of {instrument.name}"):
        for step in (FOOT_16, FOOT_8, FOOT_4, FOOT_NASARD):
            sounds[program, step] = _played(instrument, program, keys, step, rng)
    for program in DOUBLED:
        for step in (FOOT_16, FOOT_8):
            sounds[program, step] = _played(instrument, program, keys, step, rng)
    return Registers(keys, sounds)


def drums(instrument: soundfont.Instrument, kits: Sequence[int], rng: np.random.Generator) -> list[np.ndarray]:
    """Every key of percussion that there is."""
    found = []
    for kit in kits:
        hits = [
            soundfont.Note(soundfont.PERCUSSION, key, int(rng.integers(*KEYS_VELOCITIES)), kit)
            for key in soundfont.KEYS
        ]
        found += [samples.astype(np.float16) for _, samples in instrument.play(hits)]
    return [samples for samples in found if np.abs(samples).max() > SILENT]


def recorded(paths: Paths, package: str, number: int, count: int, rng: np.random.Generator) -> list[Chord]:
    """So many chords of a package's recorded notes; `number` is in place of a program."""
    instrument = Instrument(paths, package)
    lowest, highest = instrument.pitches[0] - RECORDED_REACH, instrument.pitches[-1] + RECORDED_REACH
    notes: dict[int, np.ndarray] = {}
    found: list[Chord] = []
    while len(found) < count:
        chord = any_chord(rng)
        if chord[0] < lowest or chord[-1] > highest:
            continue
        samples = np.zeros(LENGTH, np.float32)
        for pitch in chord:
            if pitch not in notes:
                note = instrument.note(pitch)[:LENGTH]
                notes[pitch] = np.pad(note, (0, LENGTH - len(note)))
            samples += 10 ** (rng.uniform(-RECORDED_DB, RECORDED_DB) / 20) * notes[pitch]
        found.append(Chord(chord, number, samples))
    return found


def sounding(pitches: Sequence[int]) -> np.ndarray:
    """Which of the ear's pitches are among these [PITCHES]."""
    return np.isin(LOWEST_PITCH + np.arange(PITCHES), pitches)


def _registered(rng: np.random.Generator) -> tuple[int, ...]:
    full = [shape for shape in SHAPES if len({step % 12 for step in shape}) > 2]
    while True:
        if rng.random() < REGISTERED_SHARE:
            lowest = int(rng.integers(*REGISTERED_LOWEST))
            chord = tuple(lowest + step for step in full[rng.integers(len(full))])
        else:
            chord = tuple(sorted({int(pitch) for pitch in rng.integers(*REGISTERED_FREE, rng.integers(2, 5))}))
        if len({pitch % 12 for pitch in chord}) > 1:
            return chord


def _each(
    instrument: soundfont.Instrument,
    programs: Sequence[int],
    rng: np.random.Generator,
    draw: Callable[[], list[tuple[int, ...]]],
) -> list[Chord]:
    """What is drawn anew for each program, played by it."""
    found = []
    for program in progress(programs, instrument.name):
        drawn = draw()
        found += [
            Chord(chord, program, samples)
            for chord, samples in zip(drawn, _played(instrument, program, drawn, 0, rng), strict=True)
        ]
    return found


def _played(
    instrument: soundfont.Instrument,
    program: int,
    chords: Sequence[tuple[int, ...]],
    step: int,
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """The sounds of chords so many semitones from their pitches, in 16 bits since there are many."""
    notes = [
        [soundfont.Note(program, min(pitch + step, HIGHEST_PITCH), int(rng.integers(*VELOCITIES))) for pitch in chord]
        for chord in chords
    ]
    return [samples.astype(np.float16) for samples in instrument.play_chords(notes)]
