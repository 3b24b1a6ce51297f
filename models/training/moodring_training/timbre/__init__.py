"""The timbre model: what Morph's knobs turn, and the model of notes that is to follow it."""

from .. import common
from . import evaluate as figures_of_frames
from . import export as export_of_frames
from . import judged, material
from . import train as training_of_frames
from .playing import export as export_of_notes
from .playing import judging, learn, measure, parallel


def corpus(paths: common.Paths, small: bool) -> None:
    """Frames, and parallel notes."""
    material.prepare(paths, small)
    parallel.prepare(paths, small)


def train(paths: common.Paths, small: bool) -> None:
    """Both models; each goes on from its last checkpoint."""
    training_of_frames.train(paths, small)
    learn.train(paths, small)


def evaluate(paths: common.Paths, small: bool) -> None:
    """Prints the tables. With a folder of the judge's: only what it hears, which needs no trained model."""
    if paths.judge is None:
        figures_of_frames.evaluate(paths, small)
        measure.report(paths, small, learn.load_player(paths, small)[0])
        return
    judge = judged.Judge.open(paths.judge)
    if judge is not None:
        played = judged.evaluate(paths, judge)
        judging.evaluate(paths, judge, played)


def export(paths: common.Paths, small: bool) -> None:
    """Writes what ships, and beside the features what the plugin can't read yet."""
    export_of_frames.export(paths, small)
    export_of_notes.export(paths, small)


__all__ = ["corpus", "evaluate", "export", "train"]
