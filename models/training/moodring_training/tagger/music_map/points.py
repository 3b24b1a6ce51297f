"""What the shipped tagger makes of each song before it names it, every few seconds."""

import multiprocessing
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

from ...shared import audio
from ...shared.errors import PipelineError
from ...shared.files import read_json, written_whole
from ...shared.onnx_graph import session, with_output
from ...shared.paths import Paths
from ...shared.running import progress
from ..listeners import hearing, mn04
from .songs import Listed

EMBEDDING = "embedding"
"""The tensor of the shipped tagger's network that is its embedding."""
STEP = 2.0
"""Seconds between the answers that are looked at: a quarter of the plugin's."""


@dataclass
class Heard:
    """A song, and what was made of it."""

    song: Listed
    points: np.ndarray
    """An embedding for each answer, float32 `[answers, width]`."""

    @property
    def mean(self) -> np.ndarray:
        """Of its answers: the song's own point, `[width]`."""
        return self.points.mean(axis=0)

    def stretches(self, answers: int) -> np.ndarray:
        """Means of so many answers in a row, as a user who averages sees them: `[stretches, width]`; one of a song that is shorter."""
        whole = [
            self.points[at : at + answers].mean(axis=0) for at in range(0, len(self.points) - answers + 1, answers)
        ]
        return np.array(whole or [self.mean])


def levels_at(high: np.ndarray) -> Iterable[np.ndarray]:
    """What the network is given of a song at mn04's rate: full windows that aren't silent, `[FRAMES, BANDS]` each."""
    levels = mn04.levels_of(high)
    window = mn04.FRAMES * mn04.HOP
    # What is shorter than a window is tiled, as the plugin has it.
    ends = np.arange(min(window, len(high)), len(high) + 1, int(STEP * mn04.RATE))
    for end in ends:
        if np.sqrt(np.mean(high[max(0, end - window) : end] ** 2)) >= hearing.SILENT_RMS:
            yield hearing.latest(levels, max(1, end // mn04.HOP), mn04.FRAMES)


def embedded(running: onnxruntime.InferenceSession, high: np.ndarray) -> np.ndarray:
    """The embeddings of a sound at mn04's rate: float32 `[answers, width]`."""
    given = (chunk.T[None, None] for chunk in levels_at(high))
    found = [running.run([EMBEDDING], {"mel_db": one})[0][0] for one in given]
    return np.array(found, np.float32).reshape(len(found), -1)


@cache
def shipped() -> onnxruntime.InferenceSession:
    """The shipped tagger's network, which also gives its embedding.

    # Errors
    Raises PipelineError if it doesn't hear what mn04 hears.
    """
    card = read_json(hearing.SHIPPED / "card.json") or {}
    if card.get("frontend", {}).get("sample_rate") != mn04.RATE:
        raise PipelineError(f"{hearing.SHIPPED}: the map is of taggers that stand on mn04, this one doesn't")
    return session(with_output(hearing.SHIPPED / "model.onnx", EMBEDDING))


def _hear(job: tuple[Listed, Path]) -> None:
    song, target = job
    points = embedded(shipped(), audio.decode(song.path, mn04.RATE, song.start, song.seconds))
    with written_whole(target) as unfinished:
        np.savez(unfinished, points=points)


def prepare(paths: Paths, songs: list[Listed]) -> list[Heard]:
    """Listens to the songs that weren't listened to yet; all in which something sounds, in the same order."""
    folder = paths.work / "tagger" / f"map-{hearing.digest_of_shipped()}"
    waiting = [(song, folder / f"{song.name}.npz") for song in songs if not (folder / f"{song.name}.npz").exists()]
    if waiting:
        with multiprocessing.get_context("spawn").Pool(2) as workers:
            for _ in progress(workers.imap_unordered(_hear, waiting), "map: songs", len(waiting)):
                pass
    found = []
    for song in songs:
        with np.load(folder / f"{song.name}.npz") as stored:
            if len(stored["points"]):
                found.append(Heard(song, stored["points"]))
    return found
