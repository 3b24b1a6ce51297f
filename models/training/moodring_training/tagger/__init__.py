"""The tagger: genre, instrument and mood of what is heard, from log-mel levels."""

from .. import common


def corpus(paths: common.Paths, small: bool) -> None:
    """Analyses music with the teachers, renders parts and pieces, and collects recorded one-shots and voices."""
    from . import folders, music, recorded, rendered

    rendered.prepare(paths, small)
    recorded.prepare(paths, small)
    music.prepare(paths, small)
    folders.prepare(paths, small)


def train(paths: common.Paths, small: bool) -> None:
    """Trains; goes on from the last checkpoint."""
    from .training import train as run

    run(paths, small)


def evaluate(paths: common.Paths, small: bool) -> None:
    """Prints the tables and writes the plots."""
    from .evaluation import evaluate as run

    run(paths, small)


def export(paths: common.Paths, small: bool) -> None:
    """Writes the network and its card."""
    from .exporting import export as run

    run(paths, small)
