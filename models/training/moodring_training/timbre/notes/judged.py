"""What the judge hears in the model of notes, by the offline renderer: the plugin can't play it yet."""

from pathlib import Path

import numpy as np

from ...shared.files import write_json
from ...shared.paths import Paths
from .. import judge as judging
from ..recorded import Phrase
from . import players
from .material import Notes
from .model import checkpoint_path, load_player
from .resynthesis import listen, resynthesise

TITLES = {False: "model of notes, offline, the source's level", True: "model of notes, offline, Articulation 100 %"}


def ways_path(paths: Paths) -> Path:
    """Where each named timbre's measured way is kept for the card."""
    return paths.work / "timbre" / "ways.json"


def evaluate(paths: Paths, judge: judging.Judge, played: dict[str, Phrase]) -> None:
    """Prints the tables of a trained model of notes; nothing where there is none."""
    if not checkpoint_path(paths).exists():
        return
    model, indices = load_player(paths, False)
    notes = Notes.load(paths, "train", False)
    draws = {name: players.draws(model, indices, notes, judge.target(name)) for name in played}
    heard = {name: listen(phrase.samples) for name, phrase in played.items()}
    for articulation, title in TITLES.items():

        def morph(_phrase: Phrase, source: str, target: str, articulation: bool = articulation) -> np.ndarray:
            return resynthesise(heard[source], draws[target], articulation)

        verdict = judging.table(title, judge, played, morph)
        if articulation:
            write_json(ways_path(paths), {judge.target(name): round(way, 3) for name, way in verdict.ways.items()})
