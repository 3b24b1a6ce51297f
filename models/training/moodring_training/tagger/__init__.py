"""The tagger: genre, instrument and mood of what is heard, from log-mel levels."""

from .. import common


def corpus(paths: common.Paths, small: bool) -> None:
    """Analyses music with the teachers, renders parts and pieces, and collects recorded one-shots and voices."""
    from . import music, rendered

    rendered.prepare(paths, small)
    music.prepare(paths, small)
