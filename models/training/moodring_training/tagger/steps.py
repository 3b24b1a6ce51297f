"""The steps of the tagger: genre, instrument and mood of what is heard, from log-mel levels."""

from ..shared.paths import Paths
from . import real_sound, rendered_sound
from .head import export as exporting_head
from .head import kept, net, shipped
from .head import train as training_head
from .material import folders, music, recorded, rendered
from .strided import calibrate as calibrating_strided
from .strided import evaluate as evaluating_strided
from .strided import export as exporting_strided
from .strided import train as training_strided


def corpus(paths: Paths, small: bool) -> None:
    """Analyses music with the teachers, renders parts and pieces, and collects recorded one-shots and voices."""
    rendered.prepare(paths, small)
    recorded.prepare(paths, small)
    music.prepare(paths, small)
    folders.prepare(paths, small)


def train(paths: Paths, small: bool) -> None:
    """Fits the head on mn04 where there are songs, which takes minutes; then trains the strided network from its last checkpoint."""
    missing = [path for path in (paths.music, paths.listener, paths.teachers) if not path.exists()]
    if missing and not small:
        print(f"head on mn04: left out, {missing[0]} is missing (--music, --listener, --teachers)")
    elif not small:
        training_head.train(paths, small)
    training_strided.train(paths, small)


def evaluate(paths: Paths, small: bool) -> None:
    """Prints what the shipped tagger is worth, for which nothing has to be trained; then the strided network's tables and plots, if it was."""
    figures = {
        "real_sound": real_sound.evaluate(paths, small),
        "rendered_sound": rendered_sound.evaluate(paths, small),
        "audioset_on_recorded_notes": kept.evaluate(paths, small),
    }
    if not calibrating_strided.file_of(paths).exists():
        print("\nthe strided network: left out, it wasn't trained (train tagger)")
        return
    evaluating_strided.evaluate(paths, small, figures)


def export(paths: Paths, small: bool) -> None:
    """Writes the tagger that ships, the head on mn04, and beside the features the strided network, each if it was trained.

    Where no head was, what ships is written anew around its own. A small run has no songs to fit a head to: there the strided network takes its place.
    """
    if small:
        exporting_strided.export(paths, small, paths.out / "tagger")
        return
    head = net.load(paths)
    if head is None:
        shipped.write_anew(paths)
    else:
        exporting_head.export(paths, head)
    if calibrating_strided.file_of(paths).exists():
        exporting_strided.export(paths, small, paths.work / "strided")
