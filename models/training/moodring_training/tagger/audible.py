"""How much of each part can be heard in the pieces that the tables are made with."""

import multiprocessing
from pathlib import Path

import numpy as np

from .. import audio, common, synthesis
from .arranger import Part

RANGE_DB = 60.0
"""Cells of a piece's spectrogram further than this below its loudest count as silent."""
LEAST_SHARE = 0.02
"""A part is heard if it is louder than all others together in at least this share of the cells that sound."""


def path(paths: common.Paths, split: str, number: int) -> Path:
    """Where the shares of some pieces lie: `shares`, float32 `[parts]` of all pieces one after the other."""
    return paths.work / "tagger" / "audible" / f"{split}-{number:04}.npz"


def _shares(waves: list[np.ndarray]) -> np.ndarray:
    """For each part of a piece the share of sounding cells that are its own: float32 `[parts]`."""
    power = np.stack([audio.power_spectrogram(wave) @ audio.filterbank(audio.BANDS) for wave in waves])
    total = power.sum(axis=0)
    sounding = total > total.max() * 10 ** (-RANGE_DB / 10)
    return ((power > 0.5 * total) & sounding).sum(axis=(1, 2)) / max(1, int(sounding.sum()))


Job = tuple[Path, list[list[Part]], Path, float]
"""What is written, the pieces, what plays them, their seconds."""


def _measure(job: Job) -> None:
    target, pieces, bank, seconds = job
    alone = [[part] for parts in pieces for part in parts]
    waves = synthesis.render(alone, seconds, synthesis.Setting(bank))
    shares, at = [], 0
    for parts in pieces:
        shares.append(_shares(waves[at : at + len(parts)]))
        at += len(parts)
    with common.written_whole(target) as unfinished:
        np.savez(unfinished, shares=np.concatenate(shares).astype(np.float32))


def prepare(jobs: list[Job], workers: int) -> None:
    """Measures what is not measured yet."""
    waiting = [job for job in jobs if not job[0].exists()]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for _ in common.progress(pool.imap_unordered(_measure, waiting), "audible parts", len(waiting)):
            pass
