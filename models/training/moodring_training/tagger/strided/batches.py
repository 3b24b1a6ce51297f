"""Batches for training: mixes of parts with exact labels, real music with the teachers' answers, noise and silence."""

from dataclasses import dataclass

import numpy as np

from .. import front_end
from ..labels.instruments import labels
from ..labels.vocabulary import TAGS
from ..listeners import teachers
from ..material import music
from .config import Examples
from .examples import INSTRUMENTS, SILENT_DB, Labelled, Music, Stems


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


def _power(levels: np.ndarray) -> np.ndarray:
    return np.power(10.0, levels.astype(np.float32) * 0.1)


class Sampler:
    """Makes batches to train on."""

    def __init__(self, music_windows: Music, stems: Stems, labelled: Labelled, examples: Examples, seed: int) -> None:
        self.music = music_windows
        self.labelled = labelled
        self.stems = stems
        self.examples = examples
        self.random = np.random.default_rng(seed)

    def _chunk_of(self, index: int) -> np.ndarray:
        """Some of a part, as power `[FRAMES, BANDS]`."""
        levels = self.stems.levels[index]
        at = int(self.random.integers(len(levels) - front_end.FRAMES + 1))
        return _power(levels[at : at + front_end.FRAMES])

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
        total = np.zeros((front_end.FRAMES, front_end.BANDS), np.float32)
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
            start = int(np.clip(start, 0, teachers.LONG - front_end.FRAMES))
            levels = self.music.levels[window][start : start + front_end.FRAMES]
            if levels.max() > SILENT_DB:
                return _power(levels), self.music.targets[window][place]

    def _disturb(self, power: np.ndarray, free: bool) -> np.ndarray:
        """Equalisation, another tuning, something missing, any level: what a live input brings.

        `free` to a degree that no teacher's answer would stand: noise, band limits, late starts too.
        """
        random = self.random
        strength = self.examples.certain if free else self.examples.taught
        if random.random() < strength.likely:
            knots = np.linspace(0, front_end.BANDS - 1, int(random.integers(2, 7)))
            curve = np.interp(np.arange(front_end.BANDS), knots, random.normal(0, strength.equalised_db, len(knots)))
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
                at = int(random.integers(front_end.BANDS))
                power[:, at : at + random.integers(3, strength.hole)] *= 1e-4
            at = int(random.integers(front_end.FRAMES))
            power[at : at + random.integers(1, 40)] *= 1e-4
        if free:
            power = self._roughen(power)
        return power * 10 ** random.uniform(-4.5, 0.5)

    def _roughen(self, power: np.ndarray) -> np.ndarray:
        """A band's limit, noise, a late start."""
        random = self.random
        if random.random() < 0.1:
            limit = int(random.integers(70, front_end.BANDS))
            power = power.copy()
            power[:, limit:] *= 1e-7
        if random.random() < 0.35:
            noise = random.exponential(1, power.shape).astype(np.float32) * np.linspace(
                1, random.uniform(0.05, 4), front_end.BANDS
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
        shares = self.examples
        noise, real, over, labelled = np.cumsum([shares.noise, shares.music, shares.over_music, shares.labelled])
        levels = np.empty((size, front_end.FRAMES, front_end.BANDS), np.float32)
        target = np.zeros((size, tags), np.float32)
        certain = np.zeros((size, tags), np.float32)
        taught_weight = np.zeros((size, tags), np.float32)
        certain_weight = np.zeros((size, tags), np.float32)
        for row in range(size):
            kind = random.random()
            free = True
            if kind < noise:
                if random.random() < 0.3 or "noise" not in self.stems.by_family:
                    power = np.full((front_end.FRAMES, front_end.BANDS), 1e-10 * 10 ** random.uniform(0, 2), np.float32)
                    power = power * random.exponential(1, power.shape).astype(np.float32)
                else:
                    power = self._chunk_of(int(random.choice(self.stems.by_family["noise"])))
                certain[row], certain_weight[row] = labels(["noise"])
            elif kind < real and len(self.music):
                power, said = self._music_chunk()
                free = False
                known = ~np.isnan(said)
                target[row] = np.where(known, said, 0)
                taught_weight[row] = known
                taught_weight[row, INSTRUMENTS] *= self.examples.teachers_on_instruments
            elif kind < over and len(self.music):
                power, families = self._mix()
                beneath, _ = self._music_chunk()
                power = power + beneath * (power.mean() / max(beneath.mean(), 1e-9)) * 10 ** random.uniform(-1.5, 0.2)
                certain[row], known = labels(families)
                # The music beneath may have any instrument: only what was put on top is certain.
                certain_weight[row] = known * certain[row]
            elif kind < labelled and len(self.labelled):
                window = int(random.integers(len(self.labelled)))
                start = int(random.integers(teachers.LONG - front_end.FRAMES + 1))
                power = _power(self.labelled.levels[window][start : start + front_end.FRAMES])
                certain[row], certain_weight[row] = self.labelled.labels[window], self.labelled.known[window]
            else:
                power, families = self._mix()
                certain[row], certain_weight[row] = labels(families)
            levels[row] = front_end.to_db(self._disturb(power, free))
        shaped = np.ascontiguousarray(levels.transpose(0, 2, 1))[:, None]
        return Batch(shaped, target, certain, taught_weight, certain_weight)
