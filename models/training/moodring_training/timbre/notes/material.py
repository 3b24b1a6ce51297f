"""The same notes through every program of several soundfonts, as what the decoder draws; one file a soundfont."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...shared import corpus
from ...shared.errors import PipelineError
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from ..soundfont import Instrument, Note
from .config import Material, NotesConfig
from .harmonics import OUTPUTS, TIMES, analysed

SOUNDFONTS = {
    "train": ("fluid-soundfont-gm", "csound-soundfont", "@coderline/alphatab"),
    "choose": ("minuet-data",),
}
"""By what their notes are for. The first is where the names come from: a name is one player, not the mean over makers.

Not timgm6mb-soundfont: csound-soundfont has the same samples for two programs in three."""
SMALL_CHOOSING = ("timgm6mb-soundfont",)
"""In a small run, which doesn't learn from that one."""
PROGRAMS_A_RUN = 8


@dataclass
class Notes:
    """Parallel arrays, one entry a note."""

    drawn: np.ndarray
    """[notes, frames, 101] dB at harmonics.TIMES, half precision."""
    font: np.ndarray
    """Index into the soundfonts of the split."""
    program: np.ndarray
    pitch: np.ndarray
    """As tuned."""
    velocity: np.ndarray

    def __len__(self) -> int:
        return len(self.drawn)

    @classmethod
    def load(cls, paths: Paths, split: str, small: bool) -> "Notes":
        """All notes of a split."""
        parts = []
        for number, package in enumerate(packages(split, small)):
            for path in sorted(_folder(paths, package).glob("*.npz")):
                with np.load(path) as arrays:
                    count = len(arrays["drawn"])
                    parts.append(
                        [
                            arrays["drawn"],
                            np.full(count, number),
                            arrays["program"],
                            arrays["pitch"],
                            arrays["velocity"],
                        ]
                    )
        if not parts:
            raise PipelineError(f"there are no notes to {split}: run the corpus step first")
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def packages(split: str, small: bool) -> list[corpus.Package]:
    """The soundfonts of a split."""
    listed = {package.name: package for package in corpus.manifest()}
    names = SMALL_CHOOSING if small and split == "choose" else SOUNDFONTS[split]
    return [listed[name] for name in names if listed[name].small or not small]


def _folder(paths: Paths, package: corpus.Package) -> Path:
    return paths.work / "timbre" / "notes" / package.plain


def prepare(paths: Paths, small: bool) -> None:
    """Plays and analyses what is not there yet."""
    played = NotesConfig.read(small).material
    jobs = [
        (package, played.programs[at : at + PROGRAMS_A_RUN])
        for split in SOUNDFONTS
        for package in packages(split, small)
        for at in range(0, len(played.programs), PROGRAMS_A_RUN)
    ]
    for package, programs in progress(jobs, "parallel notes"):
        path = _folder(paths, package) / f"{programs[0]:03}.npz"
        if not path.exists():
            _write(Instrument(package.name, corpus.unpack(paths, package)), programs, played, path)


def _write(instrument: Instrument, programs: tuple[int, ...], played: Material, path: Path) -> None:
    notes = [
        Note(program, pitch, velocity)
        for program in programs
        for velocity in played.velocities
        for pitch in played.pitches
    ]
    drawn, rows = [], []
    for note, samples in instrument.play(notes):
        found = analysed(samples, note.pitch)
        if found is not None:
            drawn.append(found[0].astype(np.float16))
            rows.append((note.program, found[1], note.velocity))
    program, pitch, velocity = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.empty(0),) * 3
    drawn = np.array(drawn) if drawn else np.empty((0, len(TIMES), OUTPUTS), np.float16)
    with written_whole(path) as unfinished:
        np.savez(
            unfinished, drawn=drawn, program=program.astype(int), pitch=pitch.astype(np.float32), velocity=velocity
        )
