"""Who is compared in the tables, and what the tables say."""

import json
import time
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import torch

from ...shared.files import written_whole
from ...shared.onnx_graph import session
from ...shared.paths import Paths
from .. import front_end
from ..labels.vocabulary import NAMES, TAGS
from ..measures import logit
from .calibrate import Trained
from .export import build
from .net import multiplications


class Report:
    """Collects what is printed for the card and the plots."""

    def __init__(self) -> None:
        self.summary: dict[str, object] = {}
        self.tags: dict[str, dict[str, float]] = {name: {} for name in NAMES}


@dataclass
class Candidate:
    """One model's logits on all chunks of one set."""

    name: str
    logits: np.ndarray
    """`[chunks, tags]`, nan for tags that it doesn't have."""


class ExportedStudent:
    """The network as it will be exported, run by onnxruntime."""

    def __init__(self, paths: Paths, small: bool) -> None:
        trained = Trained.load(paths, small, torch.device("cpu"))
        self.heard = trained.heard
        self.mmac = multiplications(trained.model) / 1e6
        path = paths.work / "tagger" / "evaluated.onnx"
        with written_whole(path) as unfinished:
            onnx.save(build(trained), unfinished)
        self.session = session(path)

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """Logits of chunks `[n, FRAMES, BANDS]`: `[n, tags]`."""
        return logit(run(self.session, levels))

    def milliseconds(self) -> float:
        """Median time of one answer on one thread of onnxruntime."""
        levels = np.random.default_rng(1).normal(-30, 10, (1, 1, front_end.BANDS, front_end.FRAMES)).astype(np.float32)
        times = []
        for _ in range(40):
            start = time.perf_counter()
            self.session.run(None, {"mel_db": levels})
            times.append(time.perf_counter() - start)
        return float(np.median(times)) * 1e3


def run(network: onnxruntime.InferenceSession, levels: np.ndarray) -> np.ndarray:
    """Probabilities of chunks `[n, FRAMES, BANDS]`, one by one."""
    return np.concatenate([network.run(None, {"mel_db": one.astype(np.float32).T[None, None]})[0] for one in levels])


def _bare(name: str) -> str:
    """A tag's name in the pilot's spelling: letters alone."""
    return "".join(letter for letter in name if letter.isalpha())


class Pilot:
    """The model that came before, where it is at hand: its tags in this vocabulary."""

    def __init__(self, paths: Paths) -> None:
        folder = paths.teachers.parent / "pilot"
        self.exists = (folder / "tagger.onnx").exists()
        if self.exists:
            self.session = session(folder / "tagger.onnx")
            names = [_bare(tag["name"]) for tag in json.loads((folder / "tagger.json").read_text())["tags"]]
            self.columns = [
                (names.index(_bare(name)), column) for column, name in enumerate(NAMES) if _bare(name) in names
            ]

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """Logits of chunks in this vocabulary's order, nan for tags that it doesn't have."""
        found = logit(run(self.session, levels))
        logits = np.full((len(levels), len(TAGS)), np.nan)
        for theirs, ours in self.columns:
            logits[:, ours] = found[:, theirs]
        return logits
