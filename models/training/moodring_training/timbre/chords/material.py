"""What the ear for chords learns from: fine power spectra of chords that soundfonts play, and which pitches sound in them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...shared import corpus
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end, soundfont
from ..front_end import HOP, SAMPLE_RATE, WINDOW

FONTS = {"train": {"musescore-general-soundfont": 14, "@coderline/alphatab": 7}, "choose": {"minuet-data": 4}}
"""Soundfonts, and how many chords each program plays. `csound-soundfont` is left out: it has samples of the one that is reported on."""
SMALL_FONTS = {"train": {"fluid-soundfont-gm": 1}, "choose": {"timgm6mb-soundfont": 1}}
PROGRAMS = (0, 1, 4, 6, 11, 16, 19, 21, 24, 25, 26, 40, 42, 48, 52, 53, 56, 57, 61, 65, 68, 71, 73, 81, 89)
SHAPES = (
    (0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 5, 9), (0, 3, 8), (0, 7, 12, 16), (0, 4, 7, 11), (0, 7), (0, 12, 16), (0, 2, 7),
    (0, 5, 7), (0, 4, 7, 12), (0, 7, 16), (0, 10, 16), (0, 3, 7, 10), (0,), (0,),
)  # fmt: skip
"""Semitones above the lowest note; the others are notes at random."""
SHAPED_SHARE, SHAPED_PITCHES, FREE_PITCHES, MOST_FREE = 0.7, (40, 72), (40, 85), 5
VELOCITIES = (60, 115)
LOWEST_PITCH, PITCHES = 40, 57
"""MIDI pitches that are asked about."""
BINS, FINER = 256, 4
"""Lowest bins of a frame, and fine bins between two of them: src/dsp/pitch/fine_spectrum.rs makes the same spectra."""
FRAMES, RISING, FALLING = 16, 10, 6
BIN_HZ = SAMPLE_RATE / WINDOW / FINER
LOWEST_BIN, HIGHEST_BIN = 3, 940
EARLY, LATER = (6, 8, 11), (14, 125)
"""Hops since the onset that are learnt from: the first, and the range of five more."""
LATER_FRAMES = 5
MOST_NOTES, LOUDNESS_RANGE_DB = 6, 6.0
"""Of two chords at a time, and how much louder one may be."""


@dataclass(frozen=True)
class Examples:
    """Spectra, and what sounds."""

    power: np.ndarray
    """[n, BINS * FINER]."""
    sounding: np.ndarray
    """[n, PITCHES] of bool."""

    @classmethod
    def load(cls, paths: Paths, split: str) -> "Examples":
        """Those that `prepare` wrote."""
        with np.load(_file(paths, split)) as stored:
            return cls(stored["power"], stored["sounding"])

    def mixed(self, rng: np.random.Generator) -> "Examples":
        """These, and half as many of two at a time."""
        one, other = (rng.permutation(len(self.power))[: len(self.power) // 2] for _ in range(2))
        sounding = self.sounding[one] | self.sounding[other]
        kept = sounding.sum(axis=1) <= MOST_NOTES
        one, other = one[kept], other[kept]
        levels = 10 ** (rng.uniform(-LOUDNESS_RANGE_DB, LOUDNESS_RANGE_DB, (len(one), 1)) / 10)
        even = self.power / np.maximum(self.power.max(axis=1, keepdims=True), 1e-12)
        return Examples(
            np.concatenate([self.power, levels * even[one] + even[other]]),
            np.concatenate([self.sounding, sounding[kept]]),
        )


def prepare(paths: Paths, small: bool) -> None:
    """Renders and analyses what isn't there yet."""
    for split, fonts in (SMALL_FONTS if small else FONTS).items():
        if _file(paths, split).exists():
            continue
        rng = np.random.default_rng(1)
        power, sounding = [], []
        for font, count in fonts.items():
            package = next(entry for entry in corpus.manifest() if entry.name == font)
            instrument = soundfont.Instrument(font, corpus.unpack(paths, package))
            for program in progress(PROGRAMS[:2] if small else PROGRAMS, font):
                chords = [_chord(rng) for _ in range(count)]
                played = instrument.play_chords(
                    [
                        [soundfont.Note(program, pitch, int(rng.integers(*VELOCITIES))) for pitch in chord]
                        for chord in chords
                    ]
                )
                for chord, samples in zip(chords, played, strict=True):
                    hops = [*EARLY, *rng.integers(*LATER, LATER_FRAMES)]
                    power.append(fine_power(samples)[hops])
                    sounds = np.isin(LOWEST_PITCH + np.arange(PITCHES), chord)
                    sounding.append(np.tile(sounds, (len(hops), 1)))
        with written_whole(_file(paths, split)) as unfinished, unfinished.open("wb") as file:
            np.savez(file, power=np.concatenate(power).astype(np.float32), sounding=np.concatenate(sounding))


def fine_power(samples: np.ndarray) -> np.ndarray:
    """What the plugin's FineSpectrum makes of a sound, frame by frame [frames, BINS * FINER]."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (WINDOW, 0)), WINDOW)[::HOP]
    spectra = np.fft.rfft(frames * front_end.HANN, axis=1)[:, : BINS + 1] / (WINDOW / 4)
    spectra = np.concatenate([np.zeros((FRAMES - 1, BINS + 1)), spectra])
    number = np.arange(FRAMES)
    rising, falling = (_slope(place, of) for place, of in ((number, RISING), (FRAMES - 1 - number, FALLING)))
    weights = rising * falling
    bins = np.arange(BINS * FINER)
    turns = np.exp(-2j * np.pi * np.outer(number, bins) / FRAMES) * (weights / weights.sum())[:, None]
    sums = np.zeros((len(frames), len(bins)), complex)
    for frame, turn in enumerate(turns):
        sums += spectra[frame : frame + len(frames), (bins + FINER // 2) // FINER] * turn
    return np.abs(sums) ** 2


def _slope(place: np.ndarray, of: int) -> np.ndarray:
    return np.sin(np.pi / 2 * np.minimum((place + 0.5) / of, 1)) ** 2


def _chord(rng: np.random.Generator) -> list[int]:
    if rng.random() < SHAPED_SHARE:
        lowest = int(rng.integers(*SHAPED_PITCHES))
        return [lowest + step for step in SHAPES[rng.integers(len(SHAPES))]]
    return sorted({int(pitch) for pitch in rng.integers(*FREE_PITCHES, rng.integers(1, MOST_FREE + 1))})


def _file(paths: Paths, split: str) -> Path:
    return paths.work / "timbre" / f"chords-{split}.npz"
