"""The named timbres as players: whose code a name stands for, and what it plays."""

import numpy as np
import torch

from ..timbres import TIMBRES, Timbre
from . import movement
from .harmonics import FIRST_HOPS
from .material import Notes
from .net import Player, traces
from .resynthesis import Draw

Players = dict[tuple[int, int], int]
"""Soundfont and program to the index of the player's own code."""


def player(players: Players, timbre: Timbre) -> tuple[int, int] | None:
    """Whom a name stands for: one good player, of its first program in the first soundfont that has it; None where it has no
    pitch, or where none of its programs was played."""
    for program in timbre.programs:
        found = sorted(font for font, other in players if other == program)
        if found:
            return found[0], program
    return None


def draws(model: Player, players: Players, notes: Notes, name: str, seed: int = 1) -> Draw:
    """What the player of a name draws, movement and all."""
    chosen = player(players, next(timbre for timbre in TIMBRES if timbre.name == name))
    if chosen is None:
        raise ValueError(f"{name} has no player")
    own, moves = model.own[players[chosen]].detach(), movement.fit(model, players, notes, chosen)

    def draw(pitch: np.ndarray, since: np.ndarray, velocity: np.ndarray) -> np.ndarray:
        told = torch.from_numpy(np.stack([pitch, since, velocity]).astype(np.float32))
        trace = traces(told[1], model.network)
        with torch.no_grad():
            said = model.decode(own.expand(len(pitch), -1), told[0], trace, told[2]).numpy()
        # What is fitted on held notes comes in as a note gets there.
        held = np.clip(since / FIRST_HOPS, 0, 1)[:, None]
        return said + held * (moves.offset + moves.drawn(len(pitch), np.random.default_rng(seed)))

    return draw
