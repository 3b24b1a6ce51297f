"""The pictures of models/README.md that show the tagger."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.tables import print_table
from ..labels.vocabulary import INDEX, TAGS
from ..measures import calibration
from .candidates import Report


def plot_calibration(report: Report, sets: dict[str, tuple[np.ndarray, np.ndarray]], paths: Paths) -> None:
    """Expected calibration error per set, and its plot."""
    figure, axes = plt.subplots(1, len(sets), figsize=(3.6 * len(sets), 3.4), squeeze=False)
    rows = []
    for axis, (name, (probability, outcome)) in zip(axes[0], sets.items(), strict=True):
        error, bins = calibration(probability, outcome)
        rows.append([name, f"{error:.4f}", str(len(probability))])
        report.summary.setdefault("expected_calibration_error", {})[name] = round(error, 4)
        axis.plot([0, 1], [0, 1], color="0.8")
        axis.plot([row[0] for row in bins], [row[1] for row in bins], "o-", markersize=3)
        axis.set(title=f"{name}\nECE {error:.3f}", xlabel="said", ylabel="came true", xlim=(0, 1), ylim=(0, 1))
    figure.tight_layout()
    _save(figure, paths, "tagger-calibration.png")
    print_table("Expected calibration error, 15 bins", ["against", "ECE", "answers"], rows)


def plot_tags(report: Report, paths: Paths) -> None:
    """AUC of each tag: instruments against exact labels, the others against the ensemble's surest tenth."""
    shown = [
        (name, values.get("rendered_auc", values.get("held_out_auc_of_ensemble")))
        for name, values in report.tags.items()
    ]
    shown = [(name, value) for name, value in shown if value is not None]
    if not shown:
        return
    colours = {"genre": "tab:blue", "instrument": "tab:orange", "mood": "tab:green"}
    figure, axis = plt.subplots(figsize=(6, 0.135 * len(shown) + 1))
    axis.barh(
        [name for name, _ in shown],
        [value for _, value in shown],
        color=[colours[TAGS[INDEX[name]].kind] for name, _ in shown],
    )
    axis.set(
        xlim=(0.4, 1),
        xlabel="ROC-AUC: instruments on held-out rendered music, others against the teachers' surest tenth",
    )
    axis.invert_yaxis()
    axis.tick_params(axis="y", labelsize=6)
    axis.xaxis.label.set_size(7)
    axis.margins(y=0.005)
    axis.grid(axis="x", color="0.9")
    figure.tight_layout()
    _save(figure, paths, "tagger-auc.png")


def _save(figure: plt.Figure, paths: Paths, name: str) -> None:
    with written_whole(paths.out / "figures" / name) as unfinished:
        figure.savefig(unfinished, dpi=80)
    plt.close(figure)
