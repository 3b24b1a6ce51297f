"""What a run is set up with: seeds, a device, a progress bar, a limit of time, an average of weights."""

import os
import random
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

Item = TypeVar("Item")


def seed_everything(seed: int) -> None:
    """Seeds Python, numpy and torch, and keeps sub-normal numbers out of the arithmetic."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_flush_denormal(True)


def device() -> torch.device:
    """A GPU if torch has one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """Passes the items on with a progress bar; where nobody looks on, a line now and then instead of many a second."""
    quiet = not os.isatty(2)
    return iter(tqdm(items, desc=what, total=total, mininterval=30.0 if quiet else 0.2, ascii=quiet))


def seconds_allowed() -> float:
    """How long training may take: MOODRING_TRAIN_MINUTES of the environment in seconds, without end if it is not set."""
    return 60 * float(os.environ.get("MOODRING_TRAIN_MINUTES", "inf"))


def cosine(done: float, whole: float, least: float) -> float:
    """Share of a learning rate once `done` of the `whole` is: half a cosine from 1 down to `least`."""
    return float(least + (1 - least) * 0.5 * (1 + np.cos(np.pi * done / whole)))


def draw_towards(averaged: Iterable[Tensor], present: Iterable[Tensor], kept: float) -> None:
    """One step of a running mean of weights: each keeps the share `kept` of itself. In place."""
    with torch.no_grad():
        for held, now in zip(averaged, present, strict=True):
            held.mul_(kept).add_(now, alpha=1 - kept)
