"""Examples: chunks of real music with the teachers' answers, mixes of parts with exact labels, noise and silence."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import audio, common
from . import music, teachers
from .instruments import labels
from .vocabulary import TAGS, of_kind

INSTRUMENTS = np.array(of_kind("instrument"))
TAUGHT = np.array([index for index, tag in enumerate(TAGS) if tag.sources])

TEACHERS_WEIGHT_ON_INSTRUMENTS = 0.1
"""What teachers say of instruments is often wrong; yet nothing else is known of those in real music."""

SILENT_DB = -50.0
"""A chunk whose loudest band is below this is silence in the midst of music: no teacher's answer is about it."""


@dataclass(frozen=True)
class Strength:
    """How much of a disturbance an example is given."""

    likely: float
    """How often it is equalised, and how often shifted."""
    equalised_db: float
    """Standard deviation of the equaliser's knots."""
    shift: int
    """Bands, at most."""
    holes: int
    hole: int
    """Bands that are missing: how many stretches at most, and how wide."""


FREE = Strength(likely=0.55, equalised_db=4.0, shift=4, holes=2, hole=22)
"""For what is known for certain."""
TAUGHT_STRENGTH = Strength(likely=0.4, equalised_db=2.0, shift=1, holes=1, hole=14)
"""For music: its teachers have heard it as it was, and would not say the same of something else. With FREE the
correlation on packages held out was .03 lower from the first thousand steps on."""


@dataclass
class Batch:
    """Examples to learn from or to be judged by."""

    levels: np.ndarray
    """float32 `[n, 1, BANDS, FRAMES]`, dB."""
    target: np.ndarray
    """Logits of the teachers or +-inf for what is certain: float32 `[n, tags]`."""
    certain: np.ndarray
    """Exact labels 0 or 1, float32 `[n, tags]`."""
    taught_weight: np.ndarray
    """Of the teachers' logits, float32 `[n, tags]`."""
    certain_weight: np.ndarray
    """Of the exact labels, float32 `[n, tags]`."""


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

    def __init__(self, paths: common.Paths, split: str) -> None:
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
        levels = np.stack([window[at : at + audio.FRAMES] for window in self.levels for at in music.POSITIONS])
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

    def __init__(self, paths: common.Paths) -> None:
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


def _power(levels: np.ndarray) -> np.ndarray:
    return np.power(10.0, levels.astype(np.float32) * 0.1)


class Sampler:
    """Makes batches to train on."""

    def __init__(self, music_windows: Music, stems: Stems, labelled: Labelled, seed: int) -> None:
        self.music = music_windows
        self.labelled = labelled
        self.stems = stems
        self.random = np.random.default_rng(seed)

    def _chunk_of(self, index: int) -> np.ndarray:
        """Some of a part, as power `[FRAMES, BANDS]`."""
        levels = self.stems.levels[index]
        at = int(self.random.integers(len(levels) - audio.FRAMES + 1))
        return _power(levels[at : at + audio.FRAMES])

    def _mix(self) -> tuple[np.ndarray, list[str]]:
        """Parts at random levels: power, and their families."""
        random = self.random
        kind = random.random()
        if kind < 0.42:
            members = [self.stems.any_of(random)]
        elif kind < 0.72 and self.stems.ensembles:
            piece = self.stems.ensembles[random.integers(len(self.stems.ensembles))]
            members = [int(member) for member in random.permutation(piece)[: random.integers(2, len(piece) + 1)]]
            if random.random() < 0.25:
                members.append(self.stems.any_of(random))
        else:
            members = [self.stems.any_of(random) for _ in range(random.integers(2, 6))]
        total = np.zeros((audio.FRAMES, audio.BANDS), np.float32)
        families = []
        for member in members:
            gain = np.clip(random.normal(0, 4.5), -10, 8)
            total += self._chunk_of(member) * 10 ** (gain / 10)
            families.append(self.stems.families[member])
        return total, families

    def _music_chunk(self) -> tuple[np.ndarray, np.ndarray]:
        """A chunk of real music as power, and its ensemble's logits."""
        while True:
            window = int(self.random.integers(len(self.music)))
            place = int(self.random.choice(self.music.places[window]))
            start = music.POSITIONS[place] + int(self.random.integers(-80, 81))
            start = int(np.clip(start, 0, teachers.LONG - audio.FRAMES))
            levels = self.music.levels[window][start : start + audio.FRAMES]
            if levels.max() > SILENT_DB:
                return _power(levels), self.music.targets[window][place]

    def _disturb(self, power: np.ndarray, free: bool) -> np.ndarray:
        """Equalisation, another tuning, something missing, any level: what a live input brings.

        `free` to a degree that no teacher's answer would stand: noise, band limits, late starts too.
        """
        random = self.random
        strength = FREE if free else TAUGHT_STRENGTH
        if random.random() < strength.likely:
            knots = np.linspace(0, audio.BANDS - 1, int(random.integers(2, 7)))
            curve = np.interp(np.arange(audio.BANDS), knots, random.normal(0, strength.equalised_db, len(knots)))
            power = power * 10 ** (curve / 10)
        shift = int(random.integers(-strength.shift, strength.shift + 1)) if random.random() < strength.likely else 0
        if shift:
            # Another size of instrument, another tuning: everything a little higher or lower.
            edge = power[:, :1] if shift > 0 else power[:, -1:]
            filling = np.repeat(edge, abs(shift), axis=1)
            power = np.concatenate([filling, power[:, :-shift]] if shift > 0 else [power[:, -shift:], filling], axis=1)
        if random.random() < 0.5:
            # So that no single cue is relied on.
            power = power.copy()
            for _ in range(random.integers(1, strength.holes + 1)):
                at = int(random.integers(audio.BANDS))
                power[:, at : at + random.integers(3, strength.hole)] *= 1e-4
            at = int(random.integers(audio.FRAMES))
            power[at : at + random.integers(1, 40)] *= 1e-4
        if free:
            power = self._roughen(power)
        return power * 10 ** random.uniform(-4.5, 0.5)

    def _roughen(self, power: np.ndarray) -> np.ndarray:
        """A band's limit, noise, a late start."""
        random = self.random
        if random.random() < 0.1:
            limit = int(random.integers(70, audio.BANDS))
            power = power.copy()
            power[:, limit:] *= 1e-7
        if random.random() < 0.35:
            noise = random.exponential(1, power.shape).astype(np.float32) * np.linspace(
                1, random.uniform(0.05, 4), audio.BANDS
            )
            power = power + noise * power.mean() * 10 ** random.uniform(-7, -1)
        if random.random() < 0.06:
            power = power.copy()
            power[: random.integers(1, 150)] = 0
        return power

    def batch(self, size: int) -> Batch:
        """`size` examples: real music, mixes of parts, parts over real music, noise and silence."""
        random = self.random
        tags = len(TAGS)
        levels = np.empty((size, audio.FRAMES, audio.BANDS), np.float32)
        target = np.zeros((size, tags), np.float32)
        certain = np.zeros((size, tags), np.float32)
        taught_weight = np.zeros((size, tags), np.float32)
        certain_weight = np.zeros((size, tags), np.float32)
        for row in range(size):
            kind = random.random()
            free = True
            if kind < 0.04:
                if random.random() < 0.3 or "noise" not in self.stems.by_family:
                    power = np.full((audio.FRAMES, audio.BANDS), 1e-10 * 10 ** random.uniform(0, 2), np.float32)
                    power = power * random.exponential(1, power.shape).astype(np.float32)
                else:
                    power = self._chunk_of(int(random.choice(self.stems.by_family["noise"])))
                certain[row], certain_weight[row] = labels(["noise"])
            elif kind < 0.54 and len(self.music):
                power, said = self._music_chunk()
                free = False
                known = ~np.isnan(said)
                target[row] = np.where(known, said, 0)
                taught_weight[row] = known
                taught_weight[row, INSTRUMENTS] *= TEACHERS_WEIGHT_ON_INSTRUMENTS
            elif kind < 0.62 and len(self.music):
                power, families = self._mix()
                beneath, _ = self._music_chunk()
                power = power + beneath * (power.mean() / max(beneath.mean(), 1e-9)) * 10 ** random.uniform(-1.5, 0.2)
                certain[row], known = labels(families)
                # The music beneath may have any instrument: only what was put on top is certain.
                certain_weight[row] = known * certain[row]
            elif kind < 0.80 and len(self.labelled):
                window = int(random.integers(len(self.labelled)))
                start = int(random.integers(teachers.LONG - audio.FRAMES + 1))
                power = _power(self.labelled.levels[window][start : start + audio.FRAMES])
                certain[row], certain_weight[row] = self.labelled.labels[window], self.labelled.known[window]
            else:
                power, families = self._mix()
                certain[row], certain_weight[row] = labels(families)
            levels[row] = audio.to_db(self._disturb(power, free))
        shaped = np.ascontiguousarray(levels.transpose(0, 2, 1))[:, None]
        return Batch(shaped, target, certain, taught_weight, certain_weight)


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
    def load(cls, paths: common.Paths, split: str) -> "Pieces":
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
            raise common.PipelineError(f"there are no rendered pieces for `{split}`; run the corpus step first")
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
        levels = np.stack([piece[at : at + audio.FRAMES] for piece in self.levels for at in music.POSITIONS])
        count = len(music.POSITIONS)
        return levels, np.repeat(self.labels, count, axis=0), np.repeat(self.known, count, axis=0)
