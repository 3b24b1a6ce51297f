"""The timbre model: what Morph's knobs turn."""

from .. import common
from . import evaluate as figures
from . import judged
from .export import export
from .material import prepare as corpus
from .train import train


def evaluate(paths: common.Paths, small: bool) -> None:
    """Prints the tables. With a folder of the judge's: only what it hears, which needs no trained model."""
    if paths.judge is None:
        figures.evaluate(paths, small)
        return
    judge = judged.Judge.open(paths.judge)
    if judge is not None:
        judged.evaluate(paths, judge)


__all__ = ["corpus", "evaluate", "export", "train"]
