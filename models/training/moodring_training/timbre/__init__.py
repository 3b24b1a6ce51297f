"""The timbre model: what Morph's knobs turn."""

from .evaluate import evaluate
from .export import export
from .material import prepare as corpus
from .train import train

__all__ = ["corpus", "evaluate", "export", "train"]
