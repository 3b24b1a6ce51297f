"""Single notes of the same instruments by makers that have no recording in common."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.signal import resample_poly

from ..shared import corpus
from ..shared.errors import PipelineError
from ..shared.files import written_whole
from ..shared.paths import Paths
from ..shared.running import progress
from ..timbre import recorded, soundfont
from ..timbre.front_end import SAMPLE_RATE
from .config import Material

RATE = 16_000
"""Of the notes, in Hz."""
WINDOW = 4096
"""Samples that one row of numbers is about."""
LENGTH = 6 * WINDOW
"""Of a note, in samples."""
SOUNDS_S, FADE_S = 1.4, 0.05
"""What is kept of every note, so that no maker is known by how long its notes are."""
LOUDNESS = 0.1
"""RMS of a note."""


@dataclass(frozen=True)
class Instrument:
    """What is to be told from others."""

    name: str
    programs: tuple[int, ...]
    """General MIDI's."""
    lowest: int
    highest: int
    """MIDI pitches that are asked for: those that its recordings have."""


INSTRUMENTS = (
    Instrument("bass-electric", (33, 34), 28, 58),
    Instrument("bassoon", (70,), 43, 72),
    Instrument("cello", (42,), 36, 72),
    Instrument("clarinet", (71,), 50, 86),
    Instrument("contrabass", (43,), 30, 59),
    Instrument("flute", (73,), 60, 96),
    Instrument("french-horn", (60,), 36, 77),
    Instrument("guitar-acoustic", (25,), 40, 74),
    Instrument("guitar-electric", (26, 27), 40, 76),
    Instrument("guitar-nylon", (24,), 40, 76),
    Instrument("harmonium", (20,), 40, 74),
    Instrument("harp", (46,), 36, 91),
    Instrument("organ", (16, 19), 36, 84),
    Instrument("piano", (0, 1), 36, 91),
    Instrument("saxophone", (65, 66), 50, 80),
    Instrument("trombone", (57,), 37, 65),
    Instrument("trumpet", (56,), 53, 84),
    Instrument("tuba", (58,), 29, 62),
    Instrument("violin", (40,), 55, 93),
    Instrument("xylophone", (13,), 67, 103),
)
RECORDINGS = "recordings"
MAKERS = (RECORDINGS, "fluid-soundfont-gm", "minuet-data", "@coderline/alphatab", "csound-soundfont")
"""The recorded notes of tonejs-instruments, and soundfonts by their packages. Of those that share samples one is here: MuseScore's is made of
fluid-soundfont-gm's, timgm6mb-soundfont has those of csound-soundfont."""
SMALL_MAKERS = ("fluid-soundfont-gm", "timgm6mb-soundfont")


@dataclass
class Notes:
    """Parallel arrays, one entry a note."""

    sounds: np.ndarray
    """float32 `[notes, LENGTH]`."""
    instruments: np.ndarray
    """Index into INSTRUMENTS."""


def makers(small: bool) -> tuple[str, ...]:
    """Whose notes a run hears."""
    return SMALL_MAKERS if small else MAKERS


def pitches(instrument: Instrument, count: int) -> list[int]:
    """So many pitches evenly over an instrument's range."""
    return sorted({round(pitch) for pitch in np.linspace(instrument.lowest, instrument.highest, count)})


def prepared(samples: np.ndarray) -> np.ndarray | None:
    """A note at SAMPLE_RATE as it is compared: from its onset on, at RATE, LENGTH long and LOUDNESS loud. None where it is silent."""
    samples = resample_poly(samples.astype(np.float64), RATE, SAMPLE_RATE)
    peak = np.abs(samples).max(initial=0.0)
    if peak < 1e-4:
        return None
    begins = int(np.argmax(np.abs(samples) > recorded.BEGINS * peak))
    kept = samples[begins : begins + int(SOUNDS_S * RATE)].copy()
    fade = min(len(kept), int(FADE_S * RATE))
    kept[-fade:] *= np.linspace(1, 0, fade) ** 2
    kept *= LOUDNESS / np.sqrt(np.mean(kept**2))
    return np.pad(kept, (0, LENGTH - len(kept))).astype(np.float32)


def notes_of(paths: Paths, maker: str, material: Material) -> Notes:
    """A maker's notes: played, or read from where they were kept.

    # Errors
    Raises PipelineError if a package can't be had, or if an instrument of its is silent.
    """
    # What is asked for is in the name, so that nothing stale is read.
    asked = zlib.crc32(repr((INSTRUMENTS, material, LENGTH, SOUNDS_S)).encode())
    path = paths.work / "scattering" / f"notes-{maker.removeprefix('@').replace('/', '-')}-{asked:08x}.npz"
    if not path.exists():
        playing = _recorded(paths, material) if maker == RECORDINGS else _played(paths, maker, material)
        sounds, instruments = [], []
        for number, samples in playing:
            note = prepared(samples)
            if note is not None:
                sounds.append(note)
                instruments.append(number)
        missing = [one.name for number, one in enumerate(INSTRUMENTS) if number not in instruments]
        if missing:
            raise PipelineError(f"{maker}: no note is heard of {', '.join(missing)}")
        with written_whole(path) as unfinished:
            np.savez(unfinished, sounds=np.array(sounds), instruments=np.array(instruments))
    with np.load(path) as stored:
        return Notes(stored["sounds"], stored["instruments"])


def _played(paths: Paths, package: str, material: Material) -> Iterator[tuple[int, np.ndarray]]:
    listed = {entry.name: entry for entry in corpus.manifest()}
    player = soundfont.Instrument(package, corpus.unpack(paths, listed[package]))
    for number, instrument in enumerate(progress(INSTRUMENTS, package)):
        every = [
            # Each of the programs has its turn.
            soundfont.Note(instrument.programs[place % len(instrument.programs)], pitch, velocity)
            for velocity in material.velocities
            for place, pitch in enumerate(pitches(instrument, material.notes))
        ]
        for _, samples in player.play(every):
            yield number, samples


def _recorded(paths: Paths, material: Material) -> Iterator[tuple[int, np.ndarray]]:
    for number, instrument in enumerate(progress(INSTRUMENTS, RECORDINGS)):
        notes = recorded.Instrument(paths, f"tonejs-instrument-{instrument.name}-mp3")
        nearest = {
            int(notes.pitches[np.argmin(np.abs(notes.pitches - pitch))])
            for pitch in pitches(instrument, material.notes)
        }
        for pitch in sorted(nearest):
            yield number, notes.recording(pitch)
