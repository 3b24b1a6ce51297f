"""The picture of models/README.md: where recordings lie for each network."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from ..shared.files import written_whole
from .clusters import Recording

COLUMNS = 4


def draw_maps(path: Path, rows: list[dict[str, Any]], found: list[Recording]) -> None:
    """A map for each row of `measured`, its recordings coloured by genre."""
    labels = sorted({one.label for one in found})
    colours = plt.get_cmap("tab20")(np.linspace(0, 1, len(labels)))
    height = -(-(len(rows) + 1) // COLUMNS)
    figure, axes = plt.subplots(height, COLUMNS, figsize=(3.2 * COLUMNS, 3.0 * height), squeeze=False)
    drawn = axes.flat
    for row, axis in zip(rows, drawn, strict=False):
        for label, colour in zip(labels, colours, strict=True):
            places = row["places"][[one.label == label for one in found]]
            axis.scatter(places[:, 0], places[:, 1], s=22, color=colour, label=label)
        axis.set_title(f"{row['network']}\nnearest {100 * row['nearest']:.0f} %", fontsize=9)
    for axis in axes.flat:
        axis.set_xticks([])
        axis.set_yticks([])
    for axis in list(axes.flat)[len(rows) :]:
        axis.axis("off")
    handles, names = axes.flat[0].get_legend_handles_labels()
    axes.flat[len(rows)].legend(handles, names, loc="center", fontsize=9, frameon=False)
    figure.tight_layout()
    with written_whole(path) as unfinished:
        figure.savefig(unfinished, dpi=80)
    plt.close(figure)
