"""Steering, as the plugin does it: what is added to the curve of turned knobs, so that they do to the sound what they say.

See src/morph/shaper/steering.rs. The numbers stand there in weights.rs, and are read from it: figures of a steering that isn't played would go unnoticed.
"""

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..shared.errors import PipelineError
from ..shared.paths import ROOT
from .front_end import BANDS
from .shaper import gain_bounds
from .spectra.descriptors import CONTRAST_WEIGHTS, LATENTS, NAMED, describe, slopes

SOURCE = ROOT / "src" / "morph" / "shaper" / "weights.rs"
_CONSTANT = re.compile(r"^pub const (\w+): [^=]+ = (.+);$", re.MULTILINE)
_AT_A_TIME = 4_096
_NUMBER = re.compile(r"-?\d[\d_]*(\.\d+)?")


@dataclass(frozen=True)
class Weights:
    """The fields are the constants' names in small letters; weights.rs says what each is. A list of one per knob is a tuple."""

    heard_range_db: float
    pace: float
    steps: float
    waves: float
    smooth_waves: float
    largest_db: float
    damping: float
    still: tuple[float, ...]
    turned: tuple[float, ...]
    half_turned: float
    rise: tuple[float, ...]
    fall: tuple[float, ...]
    knob_limit: float
    beyond_limit: float
    knee_db: float

    @classmethod
    def read(cls, source: Path = SOURCE) -> "Weights":
        """Reads lines of the form `pub const NAME: TYPE = VALUE;`.

        # Errors
        Raises PipelineError unless each is there once, and its numbers are plain.
        """
        try:
            found = _CONSTANT.findall(source.read_text(encoding="utf-8"))
        except OSError as error:
            raise PipelineError(
                f"{source}: {error.strerror}; what steers the plugin's knobs is read from there"
            ) from error
        names = [field.name.upper() for field in fields(cls)]
        if sorted(name for name, _ in found) != sorted(names):
            raise PipelineError(
                f"{source}: {', '.join(names)} are wanted, each once, as `pub const NAME: TYPE = VALUE;`"
            )
        return cls(**{name.lower(): _value(source, name, text) for name, text in found})


def _value(source: Path, name: str, text: str) -> float | tuple[float, ...]:
    parts = text.removeprefix("[").removesuffix("]").split(", ")
    if not all(_NUMBER.fullmatch(part) for part in parts):
        raise PipelineError(f"{source}: {name} is {text!r}; plain numbers such as 1.5 or [1.5, 2.0] are wanted")
    values = tuple(float(part) for part in parts)
    return values if text.startswith("[") else values[0]


@lru_cache
def weights() -> Weights:
    """The checkout's."""
    return Weights.read()


def heard(levels: np.ndarray) -> np.ndarray:
    """Levels in dB [frames, 128] below each frame's strongest band, as deep as steering hears them."""
    return np.maximum(levels - levels.max(axis=-1, keepdims=True), -weights().heard_range_db).astype(np.float32)


@dataclass(frozen=True)
class Turn:
    """Where knobs turn sounds from and to, one row a sound."""

    levels: Tensor
    """[n, 128] dB."""
    without: Tensor
    """[n, 128] dB: the curves without the knobs."""
    drawn: Tensor
    """[n, 128] dB: what the decoder adds to them for the knobs."""
    before: Tensor
    """[n, 8]: the latents without the knobs."""
    after: Tensor
    """[n, 8]: and with them."""


class Steering:
    """Steers the knobs of one model."""

    def __init__(self, measure_std: Tensor, unit: Tensor) -> None:
        """What a standard deviation of each descriptor is, in its own unit [8], and what a knob's 1 moves its latent by [8]."""
        self._weights = weights()
        self._std, self._unit = measure_std, unit
        number = torch.arange(1, int(self._weights.waves) + 1)
        place = torch.pi * (torch.arange(BANDS) + 0.5) / BANDS
        self._waves = (number[:, None] * place).cos()
        self._ease = 1 / (1 + (number / self._weights.smooth_waves) ** 2)

    def curve(self, correction: Tensor) -> Tensor:
        """Corrections [n, waves] as curves in dB [n, 128]."""
        height = correction @ self._waves
        return height * self._slower(height)

    def _slower(self, height: Tensor) -> Tensor:
        """What heights are multiplied by to stay within the largest."""
        return (1 + (height / self._weights.largest_db) ** 2).rsqrt()

    def corrections(self, turn: Turn) -> Tensor:
        """As `correction`, for any number of sounds."""
        parts = zip(*(getattr(turn, field.name).split(_AT_A_TIME) for field in fields(turn)), strict=True)
        return torch.cat([self.correction(Turn(*part)) for part in parts])

    def correction(self, turn: Turn) -> Tensor:
        """What is to be added: how much of each cosine, in dB [n, waves]."""
        weight, steps = self._weights, int(self._weights.steps)
        lowest, highest = gain_bounds(turn.levels)

        def sound(curve: Tensor) -> Tensor:
            return turn.levels + torch.minimum(curve.maximum(lowest), highest)

        def within(inside: Tensor) -> Tensor:
            return (inside / weight.knee_db + 0.5).clamp(0, 1)

        start, wanted = describe(sound(turn.without)), self._wanted(turn)
        scale = (self._counts(turn) / self._std)[..., None]
        correction = torch.zeros(len(turn.levels), len(self._waves))
        for step in range(1, steps + 1):
            way = step / steps
            if step > 1:
                correction = correction * (step / (step - 1))
            height = correction @ self._waves
            slower = self._slower(height)
            curve = turn.without + way * turn.drawn + height * slower
            follows = slower**3 * within(curve - lowest) * within(highest - curve)
            now = sound(curve)
            rows = (scale * slopes(now) * follows[:, None]) @ self._waves.T
            off = scale * (start + way * wanted * self._std - describe(now))[..., None]
            eased = rows * self._ease
            normal = eased @ rows.transpose(1, 2) + weight.damping * torch.eye(LATENTS)
            correction = correction + (eased.transpose(1, 2) @ torch.linalg.solve(normal, off))[..., 0]
        return correction * self._oneness(turn)

    def _oneness(self, turn: Turn) -> Tensor:
        """1 where one knob is turned, half where two are equally, and so on [n, 1]; 0 where none is."""
        square = ((turn.after - turn.before) / self._unit) ** 2
        return square.square().sum(-1, keepdim=True) / square.sum(-1, keepdim=True).square().clamp_min(1e-30)

    def _wanted(self, turn: Turn) -> Tensor:
        """By how many standard deviations each descriptor is to move [n, 8]."""
        weight = self._weights

        def said(latent: Tensor) -> Tensor:
            limited = weight.knob_limit * (latent / weight.knob_limit).tanh()
            return limited + weight.beyond_limit * (latent - limited)

        way = (said(turn.after) - said(turn.before))[:, :NAMED]
        first = way.clamp_min(0) * torch.tensor(weight.rise) + way.clamp_max(0) * torch.tensor(weight.fall)
        return torch.cat([first, turn.drawn @ CONTRAST_WEIGHTS / self._std[NAMED:]], -1)

    def _counts(self, turn: Turn) -> Tensor:
        """What each descriptor counts [n, 8]."""
        turned = ((turn.after - turn.before) / self._unit) ** 2
        share = turned / (turned + self._weights.half_turned**2)
        still, moved = torch.tensor(self._weights.still) ** 2, torch.tensor(self._weights.turned) ** 2
        return (still + share * (moved - still)).sqrt()
