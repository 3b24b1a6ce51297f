"""Real music: 29-s windows of the corpus's packages, with what every teacher says of them."""

import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...shared import audio, corpus
from ...shared.errors import PipelineError
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end
from ..labels.vocabulary import TAGS
from ..listeners import teachers

WINDOW = (teachers.LONG - 1) * front_end.HOP
"""Samples of a window: 29 s."""
POSITIONS = [int(round(at)) for at in np.linspace(0, teachers.LONG - front_end.FRAMES, 5)]
"""First frames of the chunks that the short-sighted teachers are asked about."""
TAUGHT_POSITIONS = (0, 2, 4)
"""Which of them training windows are labelled at: more windows are worth more than more of each."""
SPACING = {"train": 30.0, "choose": 45.0, "calibrate": 45.0, "report": 45.0}
"""A track gives one window for each so many seconds."""
MOST_PER_TRACK = {"train": 14, "choose": 8, "calibrate": 8, "report": 8}
MOST_PER_PACKAGE = {"train": 192, "choose": 32, "calibrate": 24, "report": 24}
VARIATIONS = 3200
"""Training windows beside those: any track of any package, faster or slower, equalised, half of them two at once."""
PART = 16
"""Windows that are analysed and written at a time: what an interruption costs at most."""
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
    speed: float = 1.0
    """Varispeed: pitch and tempo times this."""


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


def lengths(paths: Paths, package: corpus.Package) -> list[tuple[Path, float]]:
    """A package's music: files and their seconds."""
    found = []
    for path in tracks(corpus.unpack(paths, package)):
        try:
            length = audio.duration(path)
        except PipelineError:
            continue
        if length >= SHORTEST:
            found.append((path, length))
    return found


def plan(package: corpus.Package, found: list[tuple[Path, float]], small: bool) -> list[Window]:
    """The windows of a package, shuffled so that the first few are a fair sample of all."""
    random = np.random.default_rng(7)
    windows = []
    for path, length in found:
        count = int(np.clip(length / SPACING[package.split], 1, MOST_PER_TRACK[package.split]))
        room = max(0.0, length - WINDOW / front_end.RATE - 1)
        starts = (np.arange(count) + random.uniform(0, 1, count)) / count * room
        windows += [Window(path, package.name, float(start)) for start in starts]
    random.shuffle(windows)
    return windows[: 2 if small else MOST_PER_PACKAGE[package.split]]


def vary(found: list[tuple[Path, str, float]], count: int) -> list[Window]:
    """`count` windows of tracks, each with its package and seconds; every track as often as another."""
    random = np.random.default_rng(17)
    windows = []
    while len(windows) < count:
        for index in random.permutation(len(found)):
            path, package, length = found[index]
            speed = float(2 ** random.uniform(-0.25, 0.25))
            room = max(0.0, length - WINDOW / front_end.RATE * speed - 1)
            windows.append(Window(path, package, float(random.uniform(0, room)), speed))
    return windows[:count]


def samples_of(window: Window) -> np.ndarray:
    """Exactly one window of sound at a peak of 0.9; a track that is too short is repeated."""
    rate = int(round(front_end.RATE / window.speed))
    samples = audio.decode(window.path, rate, window.start, WINDOW / rate + 0.1)
    if len(samples) < front_end.CHUNK or np.abs(samples).max() < 1e-4:
        raise PipelineError(f"{window.path.name}: nothing to hear at {window.start:.0f} s")
    samples = np.resize(samples, WINDOW)
    return samples * (0.9 / np.abs(samples).max())


def equaliser(random: np.random.Generator) -> np.ndarray:
    """Gains of power for the bins of a spectrum, `[N_FFT / 2 + 1]`: a few dB up and down, no bin far from the next."""
    knots = int(random.integers(2, 8))
    place = np.log2(np.arange(front_end.N_FFT // 2 + 1) + 2.0)
    curve = np.interp(place, np.linspace(place[0], place[-1], knots), random.normal(0, 3.5, knots))
    return (10 ** (curve / 10)).astype(np.float32)


@dataclass(frozen=True)
class Job:
    """Some windows that are analysed at a time."""

    paths: Paths
    split: str
    name: str
    """The package's, or what else they have in common."""
    number: int
    """Counted from 0 within the name."""
    windows: list[Window]
    others: list[Window]
    """What a window may be mixed with; none where nothing is to be mixed."""
    mixed: float = MIXED
    """The share that is mixed, where there are others."""
    equalised: bool = False

    @property
    def target(self) -> Path:
        """The file that is written."""
        return self.paths.work / "tagger" / "music" / f"{self.split}-{self.name}-{self.number:02}.npz"


def jobs(paths: Paths, small: bool) -> list[Job]:
    """What there is to analyse: first what judges, then the first parts of all packages, then the second, and so on.

    So training can begin while most is still being analysed, and has heard something of every package.
    """
    found = []
    learnt: list[tuple[Path, str, float]] = []
    for package in corpus.manifest():
        if package.role != "music" or package.split == "excluded" or (small and not package.small):
            continue
        files = lengths(paths, package)
        windows = plan(package, files, small)
        others = windows if package.split == "train" else []
        for number, start in enumerate(range(0, len(windows), PART)):
            found.append(Job(paths, package.split, package.name, number, windows[start : start + PART], others))
        if package.split == "train":
            learnt += [(path, package.name, length) for path, length in files]
    varied = vary(learnt, 2 if small else VARIATIONS) if learnt else []
    for number, start in enumerate(range(0, len(varied), PART)):
        some = varied[start : start + PART]
        found.append(Job(paths, "train", "variations", number, some, varied, mixed=0.5, equalised=True))
    return sorted(found, key=lambda job: (job.split == "train", job.number))


def _analyse(job: Job) -> None:
    """Analyses a few windows and writes them."""
    random = np.random.default_rng([11, job.number, *job.name.encode()])
    ask = _teachers(job.paths, job.split != "train")
    heard = list(TAUGHT_POSITIONS if job.split == "train" else range(len(POSITIONS)))
    levels, answers, names = [], [], []
    for window in job.windows:
        try:
            samples = samples_of(window)
            name = f"{window.package}/{window.path.name}"
            if job.others and random.random() < job.mixed:
                other = job.others[random.integers(len(job.others))]
                samples = samples + samples_of(other) * 10 ** (random.uniform(-12, 0) / 20)
                name += f" + {other.path.name}"
        except PipelineError:
            continue
        # A range of levels, because the teachers follow it and the student must not.
        power = front_end.power_spectrogram(samples * random.uniform(0.3, 1.0))
        if job.equalised:
            power = power * equaliser(random)
        levels.append(front_end.to_db(power @ front_end.filterbank(front_end.BANDS)).astype(np.float16))
        names.append(name)
        said = np.full((len(ask.names), len(POSITIONS), len(TAGS)), np.nan, np.float16)
        said[:, heard] = ask.listen(power, [POSITIONS[place] for place in heard])
        answers.append(said)
    with written_whole(job.target) as unfinished:
        np.savez(
            unfinished,
            levels=np.array(levels, np.float16).reshape(-1, teachers.LONG, front_end.BANDS),
            names=np.array(names, np.str_),
            answers=np.array(answers, np.float16).reshape(-1, len(ask.names), len(POSITIONS), len(TAGS)),
            teachers=np.array(ask.names),
        )


_loaded: dict[bool, teachers.Teachers] = {}


def _teachers(paths: Paths, all_of_them: bool) -> teachers.Teachers:
    """This process's teachers, loaded on first use."""
    if all_of_them not in _loaded:
        _loaded[all_of_them] = teachers.Teachers(paths, all_of_them)
    return _loaded[all_of_them]


def prepare(paths: Paths, small: bool) -> None:
    """Writes `music/<split>-<name>-<part>.npz`, named after the package or `variations`: levels, and the answers of all teachers.

    levels: float16 `[windows, LONG, BANDS]` in dB; answers: float16 `[windows, teachers, positions, tags]`, logits,
    nan at positions that nobody was asked about.
    """
    if not paths.teachers.exists():
        if not small:
            raise PipelineError(f"{paths.teachers} is missing; name the teachers' folder with --teachers")
        print(f"no teachers in {paths.teachers}: this small run learns exact labels only")
        return
    waiting = [job for job in jobs(paths, small) if not job.target.exists()]
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        for _ in progress(workers.imap_unordered(_analyse, waiting), "music", len(waiting)):
            pass
