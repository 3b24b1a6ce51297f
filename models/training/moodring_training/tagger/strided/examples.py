"""What the corpus step has made, as the strided network learns from it and is judged by it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...shared.errors import PipelineError
from ...shared.paths import Paths
from .. import front_end
from ..labels.instruments import labels
from ..labels.vocabulary import of_kind
from ..listeners import teachers
from ..material import music

INSTRUMENTS = np.array(of_kind("instrument"))
SILENT_DB = -50.0
"""A chunk whose loudest band is below this is silence in the midst of music: no teacher's answer is about it."""


@dataclass
class Chunks:
    """Chunks of real music."""

    levels: np.ndarray
    """float16 `[chunks, FRAMES, BANDS]`, dB."""
    target: np.ndarray
    """The ensemble's logits, float32 `[chunks, tags]`."""
    answers: np.ndarray
    """Each teacher's, float32 `[teachers, chunks, tags]`."""
    windows: np.ndarray
    """Which window each is of, `[chunks]`."""


class Music:
    """A split's windows of real music, as many as have been analysed by now."""

    def __init__(self, paths: Paths, split: str) -> None:
        self.folder = paths.work / "tagger" / "music"
        self.split = split
        self.files: set[Path] = set()
        self.levels: list[np.ndarray] = []
        self.targets: list[np.ndarray] = []
        self.places: list[np.ndarray] = []
        """Of each window, the positions that it is labelled at."""
        self.answers: list[np.ndarray] = []
        self.packages: list[str] = []
        self.names: list[str] = []
        self.teachers: list[str] = []
        self.refresh()

    def refresh(self) -> None:
        """Reads what has been analysed since."""
        for path in sorted(set(self.folder.glob(f"{self.split}-*.npz")) - self.files):
            self.files.add(path)
            with np.load(path) as stored:
                answers = stored["answers"].astype(np.float32)
                self.teachers = [str(name) for name in stored["teachers"]]
                self.names += [str(name) for name in stored["names"]]
                self.levels += list(stored["levels"])
            for window in answers:
                self.answers.append(window)
                target = teachers.ensemble(window, self.teachers)
                self.targets.append(target)
                self.places.append(np.flatnonzero(~np.isnan(target).all(axis=1)))
                self.packages.append(path.stem.removeprefix(f"{self.split}-").rsplit("-", 1)[0])

    def __len__(self) -> int:
        return len(self.levels)

    def statistics(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of the targets: float32 `[tags]`, nan where no teacher knows the tag."""
        every = np.concatenate([target[places] for target, places in zip(self.targets, self.places, strict=True)])
        return every.mean(axis=0), every.std(axis=0)

    def chunks(self) -> "Chunks":
        """Windows that judge at all positions, but for those where nothing sounds: the teachers heard what is around them."""
        levels = np.stack([window[at : at + front_end.FRAMES] for window in self.levels for at in music.POSITIONS])
        sounds = levels.max(axis=(1, 2)) > SILENT_DB
        return Chunks(
            levels[sounds],
            np.concatenate(self.targets)[sounds],
            np.concatenate(self.answers, axis=1)[:, sounds],
            np.repeat(np.arange(len(self)), len(music.POSITIONS))[sounds],
        )


class Stems:
    """Parts with exact labels, as many as have been rendered by now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: set[Path] = set()
        self.levels: list[np.ndarray] = []
        self.families: list[str] = []
        self.pieces: dict[tuple[str, int], list[int]] = {}
        self.by_family: dict[str, list[int]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Reads what has been rendered since."""
        for path in sorted(set(self.folder.glob("*.npz")) - self.files):
            self.files.add(path)
            with np.load(path) as stored:
                for levels, family, piece in zip(stored["levels"], stored["families"], stored["pieces"], strict=True):
                    index = len(self.levels)
                    self.levels.append(levels)
                    self.families.append(str(family))
                    if family != "noise":
                        self.pieces.setdefault((path.stem, int(piece)), []).append(index)
                    self.by_family.setdefault(str(family), []).append(index)
        self.sounding = [family for family in self.by_family if family != "noise"]
        self.ensembles = [members for members in self.pieces.values() if len(members) > 1]

    def __len__(self) -> int:
        return len(self.levels)

    def any_of(self, random: np.random.Generator) -> int:
        """A part, every family as likely as another."""
        family = self.sounding[random.integers(len(self.sounding))]
        return int(random.choice(self.by_family[family]))


class Labelled:
    """Music that a user has labels for, see folders."""

    def __init__(self, paths: Paths) -> None:
        self.levels: list[np.ndarray] = []
        self.labels: list[np.ndarray] = []
        self.known: list[np.ndarray] = []
        for path in sorted((paths.work / "tagger" / "labelled").glob("*.npz")):
            with np.load(path) as stored:
                self.levels += list(stored["levels"])
                self.labels += list(stored["labels"])
                self.known += list(stored["known"])

    def __len__(self) -> int:
        return len(self.levels)


@dataclass
class Pieces:
    """Rendered pieces to be judged by."""

    levels: np.ndarray
    """float16 `[pieces, LONG, BANDS]`, dB."""
    labels: np.ndarray
    """0 or 1, float32 `[pieces, tags]`."""
    known: np.ndarray
    """0 or 1, float32 `[pieces, tags]`."""
    origins: np.ndarray
    """`arranger, solo`, `arranger, ensemble` or `score`."""
    answers: np.ndarray
    """Teachers' logits, float32 `[teachers, pieces, positions, tags]`; no teachers in a run without."""
    teachers: list[str]

    @classmethod
    def load(cls, paths: Paths, split: str) -> "Pieces":
        """All pieces of a split."""
        levels, families, origins, answers, names = [], [], [], [], []
        for path in sorted((paths.work / "tagger" / "pieces").glob(f"{split}-*.npz")):
            with np.load(path) as stored:
                levels.append(stored["levels"])
                families += [str(one) for one in stored["families"]]
                origins += [str(one) for one in stored["origins"]]
                answers.append(stored["answers"].astype(np.float32))
                names = [str(name) for name in stored["teachers"]]
        if not levels:
            raise PipelineError(f"there are no rendered pieces for `{split}`; run the corpus step first")
        exact = [labels(one.split("|")) for one in families]
        return cls(
            levels=np.concatenate(levels),
            labels=np.stack([target for target, _ in exact]),
            known=np.stack([known for _, known in exact]),
            origins=np.array(origins),
            answers=np.concatenate(answers).transpose(1, 0, 2, 3),
            teachers=names,
        )

    def chunks(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """At all positions: levels `[chunks, FRAMES, BANDS]`, labels and known `[chunks, tags]`."""
        levels = np.stack([piece[at : at + front_end.FRAMES] for piece in self.levels for at in music.POSITIONS])
        count = len(music.POSITIONS)
        return levels, np.repeat(self.labels, count, axis=0), np.repeat(self.known, count, axis=0)
