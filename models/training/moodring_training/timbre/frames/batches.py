"""Batches for training: pairs of successive frames, made richer by equalisation, noise and mixing."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..front_end import BANDS, RANGE_DB, UNIT_DB, normalise
from ..spectra.envelope import PitchPart, envelope
from ..spectra.features import Frames
from ..spectra.labels import NONE, labels, pitched
from .config import Examples


def targets(frames: Frames, pitch_part: PitchPart) -> np.ndarray:
    """What the decoder is to draw: the envelope, of notes without what it owes to pitch; dB [frames, 128]."""
    return envelope(frames.levels.astype(np.float32)) - _owed_to_pitch(frames, pitch_part)


def _owed_to_pitch(frames: Frames, pitch_part: PitchPart) -> np.ndarray:
    return np.where(pitched(frames)[:, None], pitch_part.of(frames.pitch), 0).astype(np.float32)


@dataclass
class Batch:
    """Frames 2k and 2k + 1 follow each other in time."""

    shape: Tensor
    """[n, 128]: the encoder's input."""
    target: Tensor
    """[n, 128], in units of UNIT_DB: what to decode."""
    label: Tensor
    """[n]: index into TIMBRES or NONE."""
    pitch: Tensor
    """[n]: MIDI pitch, NaN where there is none."""


class Batches:
    """An endless source of batches."""

    def __init__(
        self, groups: dict[str, Frames], pitch_part: PitchPart, examples: Examples, size: int, seed: int
    ) -> None:
        """`groups`: notes, samples and music, those that there are; `size` frames a batch."""
        names = [name for name in ("notes", "samples", "music") if name in groups]
        spans = np.cumsum([0, *(len(groups[name]) for name in names)])
        frames = Frames.joined([groups[name] for name in names])
        # Both against the frame's strongest band, which is where noise and other sounds are mixed to.
        levels = frames.levels.astype(np.float32)
        self._levels = np.maximum(levels - levels.max(axis=1, keepdims=True), -2 * RANGE_DB)
        self._envelopes = envelope(levels)
        self._envelopes -= self._envelopes.max(axis=1, keepdims=True)
        self._pitch_part = _owed_to_pitch(frames, pitch_part)
        self._label = labels(frames)
        self._pitch = np.where(pitched(frames), frames.pitch, np.nan).astype(np.float32)
        self._size = size
        self._shares = examples.shares.model_dump()
        self._treatment = examples.treatment
        self._rng = np.random.default_rng(seed)
        first = frames.followed()
        self._first = {
            name: first[(first >= start) & (first < end)]
            for name, start, end in zip(names, spans[:-1], spans[1:], strict=True)
        }
        label = self._label[first]
        self._named = [first[label == index] for index in np.unique(label[label != NONE])]

    def restart(self, step: int, seed: int) -> None:
        """Random numbers as they are to be from this step on, so that a resumed run is repeatable."""
        self._rng = np.random.default_rng((seed, step))

    def _draw(self) -> np.ndarray:
        """First frames of the pairs."""
        pairs, rng = self._size // 2, self._rng
        shares = {name: share for name, share in self._shares.items() if name == "named" or name in self._first}
        counts = {name: int(pairs * share / sum(shares.values())) for name, share in shares.items()}
        counts["notes"] += pairs - sum(counts.values())
        drawn = [rng.choice(first, counts[name]) for name, first in self._first.items()]
        drawn.append(
            np.array([rng.choice(self._named[index]) for index in rng.integers(len(self._named), size=counts["named"])])
        )
        return np.concatenate(drawn)

    def next(self) -> Batch:
        """The next batch."""
        rng, treatment = self._rng, self._treatment
        first = self._draw()
        pairs = len(first)
        frames = np.stack([first, first + 1], axis=1)
        levels, drawing = self._levels[frames], self._envelopes[frames]
        owed, label, pitch = self._pitch_part[frames], self._label[frames], self._pitch[frames]

        mixed = np.flatnonzero(rng.random(pairs) < treatment.mixed)
        others = rng.permutation(frames)[: len(mixed)]
        gain = rng.uniform(-12, 0, (len(mixed), 1, 1)).astype(np.float32)
        levels[mixed] = _sum(levels[mixed], self._levels[others] + gain)
        drawing[mixed] = _sum(drawing[mixed], self._envelopes[others] + gain)
        share = 10 ** (gain / 10) / (1 + 10 ** (gain / 10))
        owed[mixed] = (1 - share) * owed[mixed] + share * self._pitch_part[others]
        label[mixed], pitch[mixed] = NONE, np.nan

        curve = (rng.random((pairs, 1)) < treatment.equalised) * self._equaliser(pairs)
        levels += curve[:, None]
        drawing += curve[:, None]

        noise = self._noise(pairs)[:, None] - 1e3 * (rng.random((pairs, 1, 1)) >= treatment.noisy)
        strongest = levels.max(axis=-1, keepdims=True)
        levels, drawing = _sum(levels, noise + strongest), _sum(drawing, noise + strongest)

        target = np.maximum(drawing - drawing.max(axis=-1, keepdims=True), -RANGE_DB) - owed
        target = (target - target.mean(axis=-1, keepdims=True)) / UNIT_DB

        def flat(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array.reshape(2 * pairs, *array.shape[2:]))

        return Batch(flat(normalise(levels)), flat(target.astype(np.float32)), flat(label), flat(pitch))

    def _equaliser(self, count: int) -> np.ndarray:
        """Smooth curves in dB [count, 128]."""
        band = (np.arange(BANDS, dtype=np.float32) + 0.5) / BANDS
        cosines = self._treatment.equaliser_cosines
        waves = np.cos(np.pi * np.arange(1, cosines + 1, dtype=np.float32)[:, None] * band)
        return self._rng.normal(0, self._treatment.equaliser_db, (count, cosines)).astype(np.float32) @ waves

    def _noise(self, count: int) -> np.ndarray:
        """Levels of steady noises in dB against the strongest band [count, 128]."""
        tilt = self._treatment.noise_tilt_db
        tilted = self._rng.uniform(-tilt, tilt, (count, 1)).astype(np.float32)
        level = self._rng.uniform(*self._treatment.noise_db, (count, 1)).astype(np.float32)
        return level + tilted * np.linspace(-1, 1, BANDS, dtype=np.float32)


def _sum(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Level in dB of two sounds that have nothing to do with each other."""
    return (10 * np.log10(10 ** (one / 10) + 10 ** (other / 10))).astype(np.float32)
