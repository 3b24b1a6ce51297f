"""Parts played with recorded single notes of real instruments, as a sampler plays them."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.signal import resample

from ...shared import audio
from ...shared.recordings import recordings
from .. import front_end
from .arranger import Note

LONGEST_S = 8.0
"""No note is held longer."""
NEIGHBOURS = 2
"""Of how many recordings nearest in pitch one is taken, so that repeated notes are not all alike."""


class Sampler:
    """One instrument's recorded notes."""

    def __init__(self, folder: Path) -> None:
        """`folder`: an unpacked package with a file per note."""
        self.recordings = recordings(folder)
        """By MIDI pitch."""

    @lru_cache(maxsize=256)  # noqa: B019  A sampler lives as long as the step does.
    def note(self, recorded: int, pitch: int) -> np.ndarray:
        """A recording at a MIDI pitch: mono at front_end.RATE, its loudest 50 ms at an RMS of 0.1."""
        samples = audio.decode(self.recordings[recorded], front_end.RATE, 0, 2 * LONGEST_S)
        samples = resample(samples, max(16, int(len(samples) * 2 ** ((recorded - pitch) / 12)))).astype(np.float32)
        power = np.convolve(samples**2, np.ones(800) / 800, mode="same")
        return samples * (0.1 / np.sqrt(max(float(power.max()), 1e-9)))

    def play(self, random: np.random.Generator, notes: list[Note], seconds: float) -> np.ndarray:
        """Notes as sound: mono at front_end.RATE, `seconds` long."""
        length = int(seconds * front_end.RATE)
        sound = np.zeros(length + front_end.RATE * 2, np.float32)
        pitches = np.array(sorted(self.recordings))
        release_s = random.uniform(0.05, 0.35)
        # As hard or soft to the touch as somebody set it.
        touch = random.uniform(0.8, 2.0)
        for note in notes:
            nearest = pitches[np.argsort(np.abs(pitches - note.pitch), kind="stable")[:NEIGHBOURS]]
            near = nearest[np.abs(nearest - note.pitch) <= np.abs(nearest[0] - note.pitch) + 2]
            samples = self.note(int(near[random.integers(len(near))]), note.pitch)
            held = int(min(note.length, LONGEST_S) * front_end.RATE)
            fade = int(release_s * front_end.RATE)
            samples = samples[: held + fade].copy()
            tail = samples[held:]
            tail *= np.linspace(1, 0, len(tail), dtype=np.float32) ** 2
            start = int(note.start * front_end.RATE)
            room = sound[start : start + len(samples)]
            room += samples[: len(room)] * (note.velocity / 127) ** touch
        return sound[:length]
