"""The plugin's limits of a curve, and what a frame's bands are once the curve is on them.

The numbers stand in the plugin's own source, and are read from there: training on others than are played would go unnoticed.
"""

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from ..shared.errors import PipelineError
from ..shared.paths import ROOT

SOURCE = ROOT / "src" / "morph" / "limits.rs"
_CONSTANT = re.compile(r"^pub const (\w+): f32 = (.+);$", re.MULTILINE)
_NUMBER = re.compile(r"-?\d[\d_]*\.\d+")


@dataclass(frozen=True)
class Limits:
    """In dB; the fields are the constants' names in small letters."""

    lowest_gain_db: float
    highest_gain_db: float
    no_boost_below_db: float
    full_boost_above_db: float
    lowest_gain_of_strongest_db: float
    strong_above_db: float
    weak_below_db: float

    @classmethod
    def read(cls, source: Path = SOURCE) -> "Limits":
        """Reads lines of the form `pub const NAME: f32 = NUMBER;`.

        # Errors
        Raises PipelineError if one is missing, stands there twice, is not a number, or is one that this class doesn't know.
        """
        try:
            found = _CONSTANT.findall(source.read_text(encoding="utf-8"))
        except OSError as error:
            raise PipelineError(f"{source}: {error.strerror}; the plugin's limits are read from there") from error
        names = [field.name for field in fields(cls)]
        values: dict[str, float] = {}
        for constant, text in found:
            name = constant.lower()
            if name not in names or name in values:
                what = "stands there twice" if name in values else "is none of the limits that the training knows"
                raise PipelineError(f"{source}: {constant} {what}")
            if not _NUMBER.fullmatch(text):
                raise PipelineError(f"{source}: {constant} is {text!r}; a plain number such as -60.0 is wanted")
            values[name] = float(text)
        missing = [name.upper() for name in names if name not in values]
        if missing:
            raise PipelineError(f"{source}: there is no line `pub const {missing[0]}: f32 = NUMBER;`")
        return cls(**values)


@lru_cache
def limits() -> Limits:
    """The checkout's."""
    return Limits.read()


def gain_bounds(bands: Tensor) -> tuple[Tensor, Tensor]:
    """The least and the greatest gain of each band of frames with these levels in dB [..., 128]; see src/morph/shaper/bounds.rs."""
    limit = limits()
    below = bands - bands.amax(-1, keepdim=True)

    def share(start: float, end: float) -> Tensor:
        return ((below - start) / (end - start)).clamp(0, 1)

    weakness = share(limit.strong_above_db, limit.weak_below_db)
    lowest = limit.lowest_gain_of_strongest_db + weakness * (limit.lowest_gain_db - limit.lowest_gain_of_strongest_db)
    return lowest, limit.highest_gain_db * share(limit.no_boost_below_db, limit.full_boost_above_db)


def shaped(bands: Tensor, curve: Tensor) -> Tensor:
    """Levels in dB [..., 128] under a curve [..., 128] with the plugin's limits."""
    lowest, highest = gain_bounds(bands)
    return bands + torch.minimum(curve.maximum(lowest), highest)
