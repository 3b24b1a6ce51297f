"""Calibration: per tag, a slope and an offset of the logit, fitted where neither training nor the tables look."""

import numpy as np
import torch
from scipy.optimize import minimize

from .. import common
from .data import INSTRUMENTS, Music, Pieces
from .instruments import UNLABELLED
from .net import Student
from .training import answers
from .vocabulary import INDEX, TAGS

PRIOR = 1e-3
"""Pull towards leaving a logit as it is, per example."""


def fit_tag(logits: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    """Slope and offset that minimise the cross-entropy; `outcome` is 0, 1 or a teacher's probability."""

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        slope, offset = np.exp(parameters[0]), parameters[1]
        moved = slope * logits + offset
        probability = 1 / (1 + np.exp(-moved))
        entropy = np.logaddexp(0, moved) - outcome * moved
        error = (probability - outcome) / len(logits)
        pull = PRIOR * (parameters[0] ** 2 + parameters[1] ** 2)
        slopes = np.array([(error * logits).sum() * slope, error.sum()]) + 2 * PRIOR * parameters
        return float(entropy.mean() + pull), slopes

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(-1.2, 1.2), (-6, 6)])
    return float(np.exp(found.x[0])), float(found.x[1])


def fit(paths: common.Paths, model: Student, where: torch.device) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets `[tags]`: instruments on rendered pieces of the calibrating soundfont, the rest on packages."""
    slopes, offsets = np.ones(len(TAGS), np.float32), np.zeros(len(TAGS), np.float32)
    levels, labels, known = Pieces.load(paths, "calibrate").chunks()
    logits = answers(model, levels, where)
    unlabelled = {INDEX[name] for name in UNLABELLED}
    for tag in sorted(set(INSTRUMENTS.tolist()) - unlabelled):
        rows = known[:, tag] > 0.5
        if 0 < labels[rows, tag].sum() < rows.sum():
            slopes[tag], offsets[tag] = fit_tag(logits[rows, tag], labels[rows, tag])
    music = Music(paths, "calibrate")
    if len(music):
        chunks = music.chunks()
        target, logits = chunks.target, answers(model, chunks.levels, where)
        for tag in [index for index, one in enumerate(TAGS) if one.kind != "instrument" or index in unlabelled]:
            slopes[tag], offsets[tag] = fit_tag(logits[:, tag], 1 / (1 + np.exp(-target[:, tag])))
    return slopes, offsets


def best(paths: common.Paths, where: torch.device) -> tuple[Student, dict[str, int]]:
    """The checkpoint that the judge chose, and how much it had learned from: steps, windows of music, parts."""
    stored = common.load_checkpoint(paths.work / "tagger" / "best.pt")
    if stored is None:
        raise common.PipelineError("there is no trained tagger; run the train step first")
    model = Student().to(where)
    model.load_state_dict(stored["model"])
    return model.eval(), {name: stored[name] for name in ("step", "windows", "parts")}
