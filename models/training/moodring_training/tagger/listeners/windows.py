"""What the teachers and mn04 say of the corpus's music, which has no labels: windows of 29 s, written once each.

Its sound reaches beyond the 8 kHz that the labelled songs end at. mn04 hears each window as it is, cut off at 8 kHz, and as a copy
of low fidelity: what a head makes of music must not hang on how much of it a file has kept.
"""

import multiprocessing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from ...shared import audio, corpus
from ...shared.errors import PipelineError
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end
from ..material import fidelity, music
from . import hearing, mn04, teachers

RATIO = mn04.RATE // front_end.RATE
SOFTEST = 1e-4
"""A window whose peak is below this is silence."""
SHORTEST = 4.0
"""Seconds that a file must have from the window's start on."""
PEAK = 0.9
"""That every window is brought to."""


@dataclass
class Window:
    """What was said of a window; logits of teachers are in the wide vocabulary, nan where one has no such tag."""

    answers: np.ndarray
    """The teachers' logits, float32 `[teachers, places, tags]`."""
    logits: np.ndarray
    """mn04's 527 logits of each version of the sound, float32 `[versions, places, 527]`: whole, cut off, of low fidelity."""
    embeddings: np.ndarray
    """Its embeddings, float32 `[versions, places, EMBEDDING]`."""

    @classmethod
    def load(cls, path: Path) -> "Window":
        """As `_hear` wrote it."""
        with np.load(path) as stored:
            return cls(*(stored[name].astype(np.float32) for name in ("answers", "logits", "embeddings")))


# A worker opens them at its first job: what fails there ends the run, and what fails as a pool starts is tried for ever.
@cache
def _ears(paths: Paths) -> tuple[teachers.Teachers, mn04.Listener]:
    return teachers.Teachers(paths, False), mn04.Listener(paths.listener)


def _hear(job: tuple[Paths, music.Window, int, Path]) -> None:
    paths, window, number, target = job
    asked, listener = _ears(paths)
    try:
        whole = audio.decode(window.path, mn04.RATE, window.start, hearing.SECONDS + 0.1)
        if len(whole) < SHORTEST * mn04.RATE or np.abs(whole).max() < SOFTEST:
            return
        whole = np.resize(whole, RATIO * hearing.LENGTH)
        whole *= PEAK / np.abs(whole).max()
        narrow = resample_poly(whole, 1, RATIO).astype(np.float32)
        kilobits = fidelity.KILOBITS[number % len(fidelity.KILOBITS)]
        poor = np.resize(fidelity.worsened(narrow, front_end.RATE, mn04.RATE, kilobits), len(whole))
    except PipelineError as error:
        print(f"left out: {error}")
        return
    cut_off = resample_poly(narrow, RATIO, 1).astype(np.float32)
    said = [listener(np.array(hearing.chunks_of(version))) for version in (whole, cut_off, poor)]
    answers = asked.listen(front_end.power_spectrogram(narrow), list(hearing.PLACED))
    with written_whole(target) as unfinished:
        np.savez(
            unfinished,
            answers=hearing.widened(answers).astype(np.float16),
            logits=np.array([logits for logits, _ in said], np.float16),
            embeddings=np.array([embeddings for _, embeddings in said], np.float16),
        )


def folder_of(paths: Paths) -> Path:
    """Where the answers lie."""
    return paths.work / "tagger" / "windows"


def _jobs(paths: Paths, most: int) -> list[tuple[music.Window, int, Path]]:
    """The first windows of every package of music that trains: a package's first, then its second, and so on."""
    found = []
    for package in corpus.manifest():
        if package.role != "music" or package.split != "train":
            continue
        for number, window in enumerate(music.plan(package, music.lengths(paths, package), False)[:most]):
            found.append((window, number, folder_of(paths) / f"{package.plain}-{number:03}.npz"))
    return sorted(found, key=lambda job: job[1])


def prepare(paths: Paths, most: int) -> list[Window]:
    """Asks about at most so many windows of each package, as far as nobody was asked yet; fetches the packages."""
    jobs = _jobs(paths, most)
    waiting = [(paths, *job) for job in jobs if not job[2].exists()]
    if waiting:
        with multiprocessing.get_context("spawn").Pool(2) as workers:
            for _ in progress(workers.imap_unordered(_hear, waiting), "windows of music", len(waiting)):
                pass
    return [Window.load(path) for _, _, path in jobs if path.exists()]
