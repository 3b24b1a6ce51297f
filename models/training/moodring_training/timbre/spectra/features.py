"""Frames as the networks see them, with what is known of each; one file per package."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ...shared.errors import PipelineError
from ...shared.files import written_whole
from .. import front_end

QUIETEST_DB = -70.0
"""A frame whose strongest band is below this tells nothing about timbre."""
DECAYED_DB = 50.0
"""Nor does a frame this far below its sound's loudest."""
UNKNOWN = -1
"""Program and pitch of what is not a note."""


@dataclass
class Frames:
    """Parallel arrays, one entry per frame; the frames of a sound lie together, in the order of time."""

    levels: np.ndarray
    """[frames, 128] dB, half precision."""
    program: np.ndarray
    """General MIDI, from 0; notes.PERCUSSION; UNKNOWN."""
    pitch: np.ndarray
    """MIDI pitch or percussion key; UNKNOWN."""
    sound: np.ndarray
    """Counts notes, samples and excerpts."""
    time: np.ndarray
    """Frame within its sound, in hops."""

    def __len__(self) -> int:
        return len(self.levels)

    def __getitem__(self, choice: np.ndarray) -> "Frames":
        return Frames(*(getattr(self, field.name)[choice] for field in fields(self)))

    @classmethod
    def joined(cls, parts: list["Frames"]) -> "Frames":
        """All parts, one behind the other; their sounds stay apart."""
        offset = 0
        for part in parts:
            part.sound = part.sound.astype(np.int64) + offset
            offset = int(part.sound.max(initial=offset - 1)) + 1
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def save(self, path: Path) -> None:
        """Writes the file whole or not at all."""
        with written_whole(path) as unfinished:
            np.savez(unfinished, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> "Frames":
        """Reads what `save` wrote."""
        if not path.exists():
            raise PipelineError(f"{path.name} is missing: run the corpus step first")
        with np.load(path) as arrays:
            return cls(*(arrays[field.name] for field in fields(cls)))

    def shapes(self) -> np.ndarray:
        """The encoder's input [frames, 128]."""
        return front_end.normalise(self.levels.astype(np.float32))

    def followed(self) -> np.ndarray:
        """Indices of the frames whose successor in time is the next entry."""
        return np.flatnonzero((np.diff(self.sound) == 0) & (np.diff(self.time) == 1))


class Collector:
    """Gathers the frames of one sound after the other."""

    def __init__(self) -> None:
        self._levels: list[np.ndarray] = []
        self._labels: list[tuple[int, int, int, np.ndarray]] = []

    def add(self, samples: np.ndarray, pairs: int | None, program: int = UNKNOWN, pitch: int = UNKNOWN) -> None:
        """Analyses a sound (mono, 48 kHz): so many pairs of successive frames, evenly spread, or every frame."""
        samples = np.pad(samples, (0, max(0, 2 * front_end.WINDOW - len(samples))))
        loudness = front_end.frame_levels(samples)
        heard = np.flatnonzero(loudness > max(QUIETEST_DB, loudness.max() - DECAYED_DB))
        if pairs is not None and len(heard):
            first = heard[np.unique(np.linspace(0, len(heard) - 1, pairs).round().astype(int))]
            heard = np.unique(np.concatenate([first, np.minimum(first + 1, len(loudness) - 1)]))
        levels = front_end.band_levels(samples, heard * front_end.HOP)
        kept = levels.max(axis=1, initial=-np.inf) > QUIETEST_DB
        if kept.any():
            self._levels.append(levels[kept].astype(np.float16))
            self._labels.append((program, pitch, len(self._labels), heard[kept]))

    def frames(self) -> Frames:
        """Everything gathered."""
        if not self._levels:
            raise PipelineError("no sound was heard in the whole package")
        lengths = [len(levels) for levels in self._levels]
        program, pitch, sound = (
            np.repeat(np.array([label[index] for label in self._labels], np.int32), lengths) for index in range(3)
        )
        time = np.concatenate([label[3] for label in self._labels]).astype(np.int32)
        return Frames(np.concatenate(self._levels), program, pitch, sound, time)
