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
    """Fits the head on mn04 where there are songs, which takes minutes; then trains the strided network from its last checkpoint."""
    from . import head
    from .training import train as run

    missing = [path for path in (paths.music, paths.listener, paths.teachers) if not path.exists()]
    if missing and not small:
        print(f"head on mn04: left out, {missing[0]} is missing (--music, --listener, --teachers)")
    elif not small:
        head.train(paths)
    run(paths, small)


def evaluate(paths: common.Paths, small: bool) -> None:
    """Prints the tables and writes the plots."""
    from .evaluation import evaluate as run

    run(paths, small)


def export(paths: common.Paths, small: bool) -> None:
    """Writes the head on mn04 into the data folder as a candidate, where there is one; then the network that ships and its card."""
    from . import head_export
    from .exporting import export as run

    head_export.export(paths)
    run(paths, small)
