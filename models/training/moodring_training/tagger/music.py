"""Real music: 29-s windows of the corpus's packages, with what every teacher says of them."""

import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import audio, common, corpus
from . import teachers
from .vocabulary import TAGS

WINDOW = (teachers.LONG - 1) * audio.HOP
"""Samples of a window: 29 s."""
POSITIONS = [int(round(at)) for at in np.linspace(0, teachers.LONG - audio.FRAMES, 5)]
"""First frames of the chunks that the short-sighted teachers are asked about."""
SPACING = 45.0
"""A track gives one window for each so many seconds."""
MOST_PER_TRACK = 8
MOST_PER_PACKAGE = {"train": 64, "choose": 32, "calibrate": 24, "report": 24}
SHORTEST = 15.0
"""Seconds that a file must last to count as music."""
MIXED = 0.25
"""Share of training windows that are two tracks at once."""
SUFFIXES = {".ogg", ".oga", ".opus", ".mp3", ".flac", ".wav", ".m4a", ".it", ".xm", ".s3m", ".mod"}
LEAST_BYTES = 150_000


@dataclass(frozen=True)
class Window:
    """A stretch of a track."""

    path: Path
    package: str
    start: float
    """In seconds."""


def tracks(folder: Path) -> list[Path]:
    """The files of a package that are long enough to be music, in a fixed order."""
    found = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink()
    ]
    return [
        path for path in found if path.stat().st_size >= LEAST_BYTES or path.suffix in {".it", ".xm", ".s3m", ".mod"}
    ]


def plan(paths: common.Paths, package: corpus.Package, small: bool) -> list[Window]:
    """The windows of a package, shuffled so that the first few are a fair sample of all."""
    random = np.random.default_rng(7)
    windows = []
    for path in tracks(corpus.unpack(paths, package.name)):
        try:
            length = audio.duration(path)
        except common.PipelineError:
            continue
        if length < SHORTEST:
            continue
        count = int(np.clip(length / SPACING, 1, MOST_PER_TRACK))
        room = max(0.0, length - WINDOW / audio.RATE - 1)
        starts = (np.arange(count) + random.uniform(0, 1, count)) / count * room
        windows += [Window(path, package.name, float(start)) for start in starts]
    random.shuffle(windows)
    return windows[: 2 if small else MOST_PER_PACKAGE[package.split]]


def samples_of(window: Window) -> np.ndarray:
    """Exactly one window of sound at a peak of 0.9; a track that is too short is repeated."""
    samples = audio.decode(window.path, window.start, WINDOW / audio.RATE + 0.1)
    if len(samples) < audio.CHUNK or np.abs(samples).max() < 1e-4:
        raise common.PipelineError(f"{window.path.name}: nothing to hear at {window.start:.0f} s")
    samples = np.resize(samples, WINDOW)
    return samples * (0.9 / np.abs(samples).max())


def _analyse(job: tuple[common.Paths, corpus.Package, bool]) -> None:
    """Analyses one package's windows and writes them."""
    paths, package, small = job
    target = paths.work / "tagger" / "music" / f"{package.split}-{package.name}.npz"
    if target.exists():
        return
    random = np.random.default_rng(11)
    ask = _teachers(paths)
    windows = plan(paths, package, small)
    levels, answers, names = [], [], []
    for window in windows:
        try:
            samples = samples_of(window)
            name = f"{window.package}/{window.path.name}"
            if package.split == "train" and random.random() < MIXED:
                other = windows[random.integers(len(windows))]
                samples = samples + samples_of(other) * 10 ** (random.uniform(-12, 0) / 20)
                name += f" + {other.path.name}"
        except common.PipelineError:
            continue
        # A range of levels, because the teachers follow it and the student must not.
        power = audio.power_spectrogram(samples * random.uniform(0.3, 1.0))
        levels.append(audio.to_db(power @ audio.filterbank(audio.BANDS)).astype(np.float16))
        names.append(name)
        answers.append(ask.listen(power, POSITIONS).astype(np.float16))
    with common.written_whole(target) as unfinished:
        np.savez(
            unfinished,
            levels=np.array(levels, np.float16).reshape(-1, teachers.LONG, audio.BANDS),
            names=np.array(names, np.str_),
            answers=np.array(answers, np.float16).reshape(-1, len(ask.names), len(POSITIONS), len(TAGS)),
            teachers=np.array(ask.names),
        )


_loaded: list[teachers.Teachers] = []


def _teachers(paths: common.Paths) -> teachers.Teachers:
    """This process's teachers, loaded on first use."""
    if not _loaded:
        _loaded.append(teachers.Teachers(paths))
    return _loaded[0]


def prepare(paths: common.Paths, small: bool) -> None:
    """Writes `music/<split>-<package>.npz`: levels, and the answers of all teachers.

    levels: float16 `[windows, LONG, BANDS]` in dB; answers: float16 `[windows, teachers, positions, tags]`, logits.
    """
    if not paths.teachers.exists():
        if not small:
            raise common.PipelineError(f"{paths.teachers} is missing; name the teachers' folder with --teachers")
        print(f"no teachers in {paths.teachers}: this small run learns exact labels only")
        return
    jobs = [
        (paths, package, small)
        for package in corpus.manifest()
        if package.role == "music" and package.split != "excluded" and (package.small or not small)
    ]
    # What judges comes first: training can begin while the rest of the music is still being analysed.
    jobs.sort(key=lambda job: job[1].split == "train")
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        for _ in common.progress(workers.imap_unordered(_analyse, jobs), "music", len(jobs)):
            pass
