"""How a player's held notes go on moving: what the decoder, which draws the mean over notes, leaves out.

A vibrato moves every partial and the level; the mean over notes, whose vibratos are at other places, stands still. What is
left over is drawn along a few directions, each a random process of the second order, which has a vibrato's rate and width.
"""

from dataclasses import dataclass

import numpy as np

from .harmonics import FIRST_HOPS, HARMONICS, LATER_STEP, NOISE_BANDS, OUTPUTS, TIMES
from .material import Notes
from .net import Player

DIRECTIONS = 6
LEAST_NOTES = 4
HELD = TIMES >= FIRST_HOPS
"""The frames that movement is fitted on; they are LATER_STEP hops apart."""
AUDIBLE_DB = -40.0
"""Frames this far below their note's loudest have no say."""
LARGEST_POLE = 0.98
NOISE_SHARE, LEVEL_SHARE = 0.1, 4.0


@dataclass(frozen=True)
class Movement:
    """Of one player."""

    offset: np.ndarray
    """[101] dB: of its notes from what the decoder draws, on the mean."""
    directions: np.ndarray
    """[6, 101] dB: how far one standard deviation of each process moves what is drawn."""
    feedback: np.ndarray
    """[6, 2]: each process is x = feedback[0] x' + feedback[1] x'' + drive * noise, every LATER_STEP hops."""
    drive: np.ndarray
    """[6]: for processes of variance 1."""

    def drawn(self, hops: int, rng: np.random.Generator) -> np.ndarray:
        """So many hops of it [hops, 101], in straight lines between the steps of the processes."""
        steps = hops // LATER_STEP + 2
        settled = 64
        noise = rng.normal(0, 1, (settled + steps, len(self.drive))) * self.drive
        values = np.zeros_like(noise)
        for step in range(2, len(noise)):
            values[step] = self.feedback[:, 0] * values[step - 1] + self.feedback[:, 1] * values[step - 2] + noise[step]
        at = np.arange(hops) / LATER_STEP
        lines = np.stack([np.interp(at, np.arange(steps), column) for column in values[settled:].T], axis=1)
        return lines @ self.directions


def fit(model: Player, players: dict[tuple[int, int], int], notes: Notes, player: tuple[int, int]) -> Movement:
    """From what is left of a player's notes when the decoder has drawn them with its own code."""
    own = np.flatnonzero((notes.font == player[0]) & (notes.program == player[1]))
    if len(own) < LEAST_NOTES:
        return Movement(
            np.zeros(OUTPUTS), np.zeros((DIRECTIONS, OUTPUTS)), np.zeros((DIRECTIONS, 2)), np.zeros(DIRECTIONS)
        )
    left = []
    for index in own:
        said = model.draw(model.own[players[player]], float(notes.pitch[index]), float(notes.velocity[index]))
        left.append(notes.drawn[index].astype(np.float32) - said)
    left, heard = np.array(left), notes.drawn[own, :, -1:].astype(np.float32) > AUDIBLE_DB
    weight = heard[:, HELD].astype(np.float32)

    def mean(values: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
        return (values * weight).sum(axis=axis) / np.maximum(weight.sum(axis=axis), 1)

    offset = mean(left[:, HELD], (0, 1))
    # Around each note's own mean: what stays is no movement.
    moving = (left[:, HELD] - mean(left[:, HELD], 1)[:, None]) * weight
    matters = _matters(mean(notes.drawn[own][:, HELD].astype(np.float32), (0, 1)))
    _, _, directions = np.linalg.svd((moving * matters).reshape(-1, OUTPUTS), full_matrices=False)
    directions = directions[:DIRECTIONS]
    series = (moving * matters) @ directions.T
    variance = np.maximum((series**2).mean(axis=(0, 1)), 1e-12)
    one, two = ((series[:, by:] * series[:, :-by]).mean(axis=(0, 1)) for by in (1, 2))
    # Yule and Walker's equations of the second order.
    one, two = one / variance, two / variance
    second = np.clip((two - one**2) / np.maximum(1 - one**2, 1e-6), -(LARGEST_POLE**2), LARGEST_POLE**2)
    first = one * (1 - second)
    drive = np.sqrt(np.maximum(1e-6, (1 + second) * ((1 - second) ** 2 - first**2) / (1 - second)))
    return Movement(offset, directions / matters * np.sqrt(variance)[:, None], np.stack([first, second], axis=1), drive)


def _matters(mean: np.ndarray) -> np.ndarray:
    """How much what moves is heard [101]: partials by their level, noise little, the level as much as all of them."""
    partials = np.clip((mean[:HARMONICS] + 50) / 40, 0.05, 1)
    return np.concatenate([partials, np.full(NOISE_BANDS, NOISE_SHARE), [LEVEL_SHARE]])
