"""The model card's pictures."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from ..front_end import CENTRES_HZ
from ..spectra.descriptors import KNOBS
from ..spectra.features import Frames
from ..timbres import CORE, TIMBRES
from . import measures
from .anchors import Anchors
from .model import Model

DOTS_PER_INCH = 80


def write(folder: Path, model: Model, anchors: Anchors, unseen: dict[str, Frames]) -> None:
    """Writes timbre-traversals.png, timbre-confusion.png and timbre-map.png."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in (
        ("timbre-traversals", _traversals(model, anchors)),
        ("timbre-confusion", _confusion(model, anchors, unseen["notes"])),
        ("timbre-map", _map(anchors)),
    ):
        figure.savefig(folder / f"{name}.png", dpi=DOTS_PER_INCH, bbox_inches="tight")
        plt.close(figure)


def _traversals(model: Model, anchors: Anchors) -> plt.Figure:
    """What each knob does to the envelope in the middle of the space."""
    figure, axes = plt.subplots(2, 4, figsize=(13, 5.5), sharex=True, sharey=True)
    places = np.linspace(-2, 2, 5)
    for knob, axis in enumerate(axes.flat):
        for place in places:
            code = anchors.mean.copy()
            code[knob] += place * anchors.std[knob]
            axis.semilogx(
                CENTRES_HZ,
                model.decode_db(code[None])[0],
                color=plt.cm.viridis((place + 2) / 4.5),
                label=f"{place:+.0f}",
            )
        axis.set_title(KNOBS[knob].name)
        axis.grid(alpha=0.3)
    axes[0, 0].legend(title="knob", fontsize=7)
    figure.supxlabel("Hz")
    figure.supylabel("dB")
    return figure


def _confusion(model: Model, anchors: Anchors, notes: Frames) -> plt.Figure:
    found = measures.nearest_timbre(model.encode(notes), notes, anchors.means, anchors.whitening(), CORE)
    names = [timbre.name for timbre in TIMBRES if timbre.id in CORE]
    share = found.confusion / np.maximum(found.confusion.sum(axis=1, keepdims=True), 1)
    figure, axis = plt.subplots(figsize=(8, 7))
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set_xlabel("nearest named timbre")
    axis.set_ylabel("notes of the unseen soundfont")
    return figure


def _map(anchors: Anchors) -> plt.Figure:
    matrix, offset = anchors.projection()
    figure, axis = plt.subplots(figsize=(9, 6.5))
    for timbre, mean in zip(TIMBRES, anchors.means, strict=True):
        if not np.isnan(mean).any():
            x, y = matrix @ mean + offset
            axis.plot(x, y, "o", color="tab:blue", markersize=4)
            axis.annotate(timbre.name, (x, y), xytext=(4, 3), textcoords="offset points", fontsize=8)
    axis.set_xlim(-1.15, 1.3)
    axis.grid(alpha=0.3)
    return figure
