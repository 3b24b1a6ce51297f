"""The steps of the timbre models: what Morph's knobs turn, and the model of notes that is to follow it."""

from ..shared.paths import Paths
from . import judge, makers, pictures, ways
from .chords import ear, measure
from .chords import material as material_of_chords
from .frames import evaluate as evaluating_frames
from .frames import export as exporting_frames
from .frames import material as material_of_frames
from .frames import train as training_frames
from .notes import evaluate as evaluating_notes
from .notes import export as exporting_notes
from .notes import judged, table
from .notes import material as material_of_notes
from .notes import train as training_notes
from .notes.model import load_player


def corpus(paths: Paths, small: bool) -> None:
    """Frames, parallel notes, and chords."""
    material_of_frames.prepare(paths, small)
    material_of_notes.prepare(paths, small)
    material_of_chords.prepare(paths, small)


def train(paths: Paths, small: bool) -> None:
    """Both models, each of which goes on from its last checkpoint, and the ear for chords."""
    training_frames.train(paths, small)
    training_notes.train(paths, small)
    ear.train(paths, small)


def evaluate(paths: Paths, small: bool) -> None:
    """Prints the tables. With a folder of the judge's: only what it hears, which needs no trained model."""
    if paths.judge is None:
        evaluating_frames.evaluate(paths, small)
        evaluating_notes.report(paths, small, load_player(paths, small)[0])
        if not small:
            # Packages that a small run doesn't fetch.
            table.compare(paths)
            table.colour(paths)
        return
    listener = judge.Judge.open(paths.judge)
    if listener is not None:
        played, verdict = judge.evaluate(paths, listener)
        judged.evaluate(paths, listener, played)
        if not small:
            ways.measure(paths, listener, played, verdict)
            judge.choosing(paths)
            makers.report(paths, listener, played)
            measure.report(paths)
            pictures.draw(paths)


def export(paths: Paths, small: bool) -> None:
    """Writes what ships, and beside the features what the plugin can't read yet."""
    exporting_frames.export(paths, small)
    table.export(paths, small)
    exporting_notes.export(paths, small)
