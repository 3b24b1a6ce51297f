"""How far one maker's instrument is from another's: what no player from a soundfont can get below."""

import itertools

import numpy as np

from ..shared import corpus
from ..shared.paths import Paths
from ..shared.running import progress
from . import judge as judging
from . import soundfont
from .front_end import SAMPLE_RATE
from .notes.table import CANDIDATES
from .recorded import REPORTED, Instrument, Phrase
from .timbres import TIMBRES

VELOCITIES = (30, 60, 90)
SEMITONES_AWAY = (1, 2, 3)
SECONDS = 0.8
"""Of a note that its mean spectrum is taken of."""


def report(paths: Paths, judge: judging.Judge, played: dict[str, Phrase]) -> None:
    """Prints, of each soundfont's own notes in place of a morph, the distance that the judge's table has: to the recorded target's mean
    spectra, over the source's; that of the mean over the soundfonts' spectra in dB; and what a player would come to that knows each recording's mean colour,
    or has other notes of it."""
    programs = {name: _program(judge.target(name)) for name in played}
    pitches = sorted({note.pitch for phrase in played.values() for note in phrase.notes})
    wanted = {name: _recorded(phrase, pitches) for name, phrase in played.items()}
    every: dict[str, dict[int, dict[str, np.ndarray]]] = {}
    for font in progress(CANDIDATES, "makers"):
        package = next(entry for entry in corpus.manifest() if entry.name == font)
        instrument = soundfont.Instrument(font, corpus.unpack(paths, package))
        every[font] = {
            velocity: {name: _spectra(instrument, program, pitches, velocity) for name, program in programs.items()}
            for velocity in VELOCITIES
        }
    print("\nsoundfonts' own notes in place of a morph, distance to the real target's mean spectrum over the source's:")
    for font, by_velocity in every.items():
        print(f"{font}: " + _line({velocity: share(found, wanted) for velocity, found in by_velocity.items()}))
    means = {
        velocity: share(
            {name: np.mean([every[font][velocity][name] for font in every], axis=0) for name in played}, wanted
        )
        for velocity in VELOCITIES
    }
    print(f"mean of all: {_line(means)}")
    for font, by_velocity in every.items():
        levelled = {velocity: share(equalised(found, wanted), wanted) for velocity, found in by_velocity.items()}
        print(f"{font}, the recording's mean colour known: " + _line(levelled))
    for away in SEMITONES_AWAY:
        others = {name: _other_notes(Instrument(paths, REPORTED[name]), pitches, away) for name in played}
        print(f"the recording's own notes {away} semitones or more away, transposed: {share(others, wanted):.2f}")


def equalised(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """`found` [notes, 64] less, in each band, the mean over the notes of its difference from what is `wanted`: what one fixed equaliser an
    instrument would make of it that knows the recording."""
    return {name: spectra - (spectra - wanted[name]).mean(axis=0) for name, spectra in found.items()}


def share(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> float:
    """Mean over the pairs of instruments of how far `found` [notes, 64] is from what is `wanted` of the target, over how far the
    source's recordings are."""
    pairs = itertools.permutations(wanted, 2)
    return float(
        np.mean([judging.apart(found[to], wanted[to]) / judging.apart(wanted[of], wanted[to]) for of, to in pairs])
    )


def _line(shares: dict[int, float]) -> str:
    return ", ".join(f"velocity {velocity} {value:.2f}" for velocity, value in shares.items())


def _program(name: str) -> int:
    return next(timbre.programs[0] for timbre in TIMBRES if timbre.name == name)


def _recorded(phrase: Phrase, pitches: list[int]) -> np.ndarray:
    """Mean spectra of the first note of each pitch [notes, 64]."""
    numbers = [next(n for n, note in enumerate(phrase.notes) if note.pitch == pitch) for pitch in pitches]
    return np.stack([judging.mean_spectrum(phrase.stretch(number)) for number in numbers])


def _other_notes(instrument: Instrument, pitches: list[int], away: int) -> np.ndarray:
    """Mean spectra [notes, 64] of the recordings next to these pitches but so many semitones away, transposed to them."""
    spectra = []
    for pitch in pitches:
        others = instrument.pitches[np.abs(instrument.pitches - pitch) >= away]
        nearest = int(others[np.argmin(np.abs(others - pitch))])
        samples = instrument.transposed(nearest, pitch)[: int(SECONDS * SAMPLE_RATE)]
        spectra.append(judging.mean_spectrum(samples))
    return np.stack(spectra)


def _spectra(instrument: soundfont.Instrument, program: int, pitches: list[int], velocity: int) -> np.ndarray:
    notes = [soundfont.Note(program, pitch, velocity) for pitch in pitches]
    length = int(SECONDS * SAMPLE_RATE)
    return np.stack([judging.mean_spectrum(samples[:length]) for _, samples in instrument.play(notes)])
