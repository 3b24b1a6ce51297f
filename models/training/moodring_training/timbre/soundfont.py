"""Single notes and chords of General MIDI soundfonts, rendered with fluidsynth, or with timidity where a package has patches."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import mido
import numpy as np
import soundfile

from ..shared import synthesis
from ..shared.errors import PipelineError
from .front_end import SAMPLE_RATE

PERCUSSION = 128
"""The program number that stands for channel 10."""
HOLD_S, RELEASE_S = 1.4, 0.5
BASSES = {*range(32, 40), 43, 58, 70}
"""Programs that play an octave lower: basses, double bass, tuba, bassoon."""
KEYS = range(35, 82)
"""General MIDI's percussion."""
_PERCUSSION_CHANNEL = 9
_TICKS = 480
_SECOND = 2 * _TICKS
_ALL_SOUND_OFF = 120


@dataclass(frozen=True)
class Note:
    """What is played."""

    program: int
    """0 to 127, or PERCUSSION."""
    pitch: int
    """MIDI pitch, or percussion key."""
    velocity: int
    kit: int = 0
    """Which kit, for percussion."""


def training_notes(program: int, rng: np.random.Generator, count: int) -> list[Note]:
    """Notes over five octaves, with random offsets so that soundfonts do not share their pitches."""
    if program == PERCUSSION:
        kits = (0, 8, 16, 24, 25, 40)
        return [
            Note(program, key, int(rng.integers(60, 127)), kit) for kit in kits[: max(1, count // 2)] for key in KEYS
        ]
    steps = np.linspace(33, 91, count) + rng.uniform(-2.5, 2.5, count) - 12 * (program in BASSES)
    return [Note(program, int(round(pitch)), int(rng.integers(45, 124))) for pitch in steps]


def judging_notes(program: int) -> list[Note]:
    """The same ten pitches for every program, so that nothing but the sound tells them apart."""
    if program == PERCUSSION:
        return [Note(program, key, 100) for key in KEYS]
    pitches = (36, 43, 50, 55, 60, 64, 67, 72, 79, 88)
    velocities = (90, 110, 60, 100, 80, 120, 60, 100, 90, 110)
    return [
        Note(program, pitch - 12 * (program in BASSES), velocity)
        for pitch, velocity in zip(pitches, velocities, strict=True)
    ]


def _midi(chords: list[list[Note]], path: Path) -> None:
    track = mido.MidiTrack()
    programs = {}
    for chord in chords:
        channel = _PERCUSSION_CHANNEL if chord[0].program == PERCUSSION else 0
        program = chord[0].kit if chord[0].program == PERCUSSION else chord[0].program
        if programs.get(channel) != program:
            track.append(mido.Message("program_change", channel=channel, program=program))
            programs[channel] = program
        for note in chord:
            track.append(mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity))
        for index, note in enumerate(chord):
            held = round(HOLD_S * _SECOND) if index == 0 else 0
            track.append(mido.Message("note_off", channel=channel, note=note.pitch, velocity=0, time=held))
        # What still sounds then must not be taken for the next note.
        track.append(
            mido.Message("control_change", channel=channel, control=_ALL_SOUND_OFF, time=round(RELEASE_S * _SECOND))
        )
    mido.MidiFile(ticks_per_beat=_TICKS, tracks=[track]).save(path)


class Instrument:
    """A package of instruments that can be played."""

    def __init__(self, name: str, folder: Path):
        """`folder`: the unpacked package."""
        self.name = name
        banks = [path for path in sorted(folder.rglob("*.sf[23]")) if path.is_file() and not path.is_symlink()]
        found = banks or sorted(folder.rglob("timidity/*.cfg"))
        if not found:
            raise PipelineError(f"the package {name} has neither a soundfont nor patches")
        self._dry = synthesis.Setting(found[0], reverb=False)

    def play(self, notes: list[Note]) -> Iterator[tuple[Note, np.ndarray]]:
        """Every note with its samples: mono, 48 kHz, HOLD_S + RELEASE_S long, neither reverb nor chorus."""
        yield from zip(notes, self.play_chords([[note] for note in notes]), strict=True)

    def play_chords(self, chords: list[list[Note]]) -> Iterator[np.ndarray]:
        """The samples of chords, each of notes of one program, as `play` has them."""
        with TemporaryDirectory() as scratch:
            midi, wave = Path(scratch) / "notes.mid", Path(scratch) / "notes.wav"
            _midi(chords, midi)
            synthesis.play(midi, wave, SAMPLE_RATE, self._dry, gain=0.6)
            samples, rate = soundfile.read(wave, dtype="float32", always_2d=True)
        if rate != SAMPLE_RATE:
            raise PipelineError(f"{self.name} was rendered at {rate} Hz instead of {SAMPLE_RATE}")
        samples = samples.mean(axis=1)
        length = round((HOLD_S + RELEASE_S) * SAMPLE_RATE)
        samples = np.pad(samples, (0, max(0, len(chords) * length - len(samples))))
        for index in range(len(chords)):
            yield samples[index * length : (index + 1) * length]
