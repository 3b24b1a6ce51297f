"""Calibration: per tag, a slope and an offset of the logit, fitted where neither training nor the tables look."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize

from ...shared.checkpoint import load_checkpoint
from ...shared.errors import PipelineError
from ...shared.paths import Paths
from ..labels.instruments import UNLABELLED
from ..labels.vocabulary import INDEX, TAGS
from ..measures import sigmoid
from .config import Calibration, StridedConfig
from .examples import INSTRUMENTS, Music, Pieces
from .net import QUIET_DB, QUIET_SLOPE, Student


def fit_tag(logits: np.ndarray, outcome: np.ndarray, pull: float) -> tuple[float, float]:
    """Slope and offset that minimise the cross-entropy; `outcome` is 0, 1 or a teacher's probability.

    `pull` towards leaving the logits as they are, per example.
    """

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        slope, offset = np.exp(parameters[0]), parameters[1]
        moved = slope * logits + offset
        probability = sigmoid(moved)
        entropy = np.logaddexp(0, moved) - outcome * moved
        error = (probability - outcome) / len(logits)
        held = pull * (parameters[0] ** 2 + parameters[1] ** 2)
        slopes = np.array([(error * logits).sum() * slope, error.sum()]) + 2 * pull * parameters
        return float(entropy.mean() + held), slopes

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(-1.2, 1.2), (-6, 6)])
    return float(np.exp(found.x[0])), float(found.x[1])


def fit(paths: Paths, model: Student, calibration: Calibration) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets `[tags]`: instruments on rendered pieces of the calibrating soundfont, the rest on packages."""
    slopes, offsets = np.ones(len(TAGS), np.float32), np.zeros(len(TAGS), np.float32)
    levels, labels, known = Pieces.load(paths, "calibrate").chunks()
    logits = model.answers(levels)
    unlabelled = {INDEX[name] for name in UNLABELLED}
    for tag in sorted(set(INSTRUMENTS.tolist()) - unlabelled):
        rows = known[:, tag] > 0.5
        if 0 < labels[rows, tag].sum() < rows.sum():
            slopes[tag], offsets[tag] = fit_tag(logits[rows, tag], labels[rows, tag], calibration.pull)
    music = Music(paths, "calibrate")
    if len(music):
        chunks = music.chunks()
        target, logits = chunks.target, model.answers(chunks.levels)
        for tag in [index for index, one in enumerate(TAGS) if one.kind != "instrument" or index in unlabelled]:
            slopes[tag], offsets[tag] = fit_tag(logits[:, tag], sigmoid(target[:, tag]), calibration.pull)
    return slopes, offsets


def file_of(paths: Paths) -> Path:
    """Where the checkpoint lies that the judge chose."""
    return paths.work / "tagger" / "best.pt"


@dataclass
class Trained:
    """The checkpoint that the judge chose, calibrated."""

    model: Student
    slopes: np.ndarray
    """`[tags]`."""
    offsets: np.ndarray
    """`[tags]`."""
    heard: dict[str, int]
    """How much it had learned from: steps, windows of music, parts."""

    @classmethod
    def load(cls, paths: Paths, small: bool, where: torch.device) -> "Trained":
        """Reads the checkpoint and fits the calibration.

        # Errors
        Raises PipelineError before the network was trained.
        """
        config = StridedConfig.read(small)
        stored = load_checkpoint(file_of(paths))
        if stored is None:
            raise PipelineError("there is no trained tagger; run the train step first")
        model = Student(config.network).to(where)
        model.load_state_dict(stored["model"])
        heard = {name: stored[name] for name in ("step", "windows", "parts")}
        return cls(model.eval(), *fit(paths, model, config.calibration), heard)

    def probabilities(self, levels: np.ndarray) -> np.ndarray:
        """Calibrated answers for chunks `[n, FRAMES, BANDS]`: `[n, tags]`."""
        quiet = np.maximum(QUIET_DB - levels.reshape(len(levels), -1).max(axis=1), 0)[:, None] * QUIET_SLOPE
        logits = self.model.answers(levels) + quiet
        return sigmoid(logits * self.slopes + self.offsets - quiet)
