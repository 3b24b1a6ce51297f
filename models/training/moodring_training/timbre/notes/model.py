"""The trained model of notes, and who its players are."""

from pathlib import Path

from ...shared.checkpoint import load_checkpoint
from ...shared.errors import PipelineError
from ...shared.paths import Paths
from .config import NotesConfig
from .net import Player
from .players import Players


def checkpoint_path(paths: Paths) -> Path:
    """Where training leaves its state."""
    return paths.work / "timbre" / "notes.pt"


def load_player(paths: Paths, small: bool) -> tuple[Player, Players]:
    """The trained networks, and the index of each player's own code by soundfont and program.

    # Errors
    Raises PipelineError before training.
    """
    state = load_checkpoint(checkpoint_path(paths))
    if state is None:
        raise PipelineError("there is no trained model of notes: run the train step first")
    averaged = state["averaged"]
    model = Player(NotesConfig.read(small).network, len(state["players"]), averaged["mean"], averaged["std"])
    model.load_state_dict(averaged)
    return model.eval(), {tuple(each): index for index, each in enumerate(state["players"])}
