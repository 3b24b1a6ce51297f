"""The networks: another note of a player's to a code, and the code with what is played to a note, hop by hop."""

import numpy as np
import torch
from torch import Tensor, nn

from ..front_end import HOP, SAMPLE_RATE
from .harmonics import HARMONIC_RANGE_DB, HARMONICS, LEVEL_RANGE_DB, NOISE_BANDS, NOISE_RANGE_DB, OUTPUTS, TIMES
from .settings import Settings

LOOKS = tuple(int(np.argmin(np.abs(TIMES - hops))) for hops in (1, 4, 10, 20, 48, 96))
"""Indices into harmonics.TIMES of the frames that the encoder sees of a note."""
MIDDLE_PITCH, PITCH_UNIT = 60.0, 24.0
LOUDEST = 127.0
SLOPE = 0.1
"""Of the leaky rectifiers."""
_RANGES = ((HARMONICS, HARMONIC_RANGE_DB), (NOISE_BANDS, NOISE_RANGE_DB), (1, LEVEL_RANGE_DB))
LOWEST, HIGHEST = (
    np.concatenate([np.full(size, limits[end], np.float32) for size, limits in _RANGES]) for end in (0, 1)
)
"""[101] dB: what is drawn stays between them."""


def _chain(sizes: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers[:-1])


def traces(hops: Tensor, settings: Settings) -> Tensor:
    """The memory of an onset so many hops ago [..., memories]: 1 there, fading at each of the rates."""
    seconds = hops[..., None] * HOP / SAMPLE_RATE
    return torch.exp(-seconds / torch.tensor(settings.memories_s))


def pitch_features(pitch: Tensor) -> Tensor:
    """A MIDI pitch [...] as the decoder takes it [..., 6]."""
    place = (pitch - MIDDLE_PITCH) / PITCH_UNIT
    waves = [wave(turns * place) for turns in (3.0, 6.0) for wave in (torch.sin, torch.cos)]
    return torch.stack([place, place**2, *waves], dim=-1)


class Player(nn.Module):
    """Encoder, decoder, and the own codes of the players that were learnt from."""

    def __init__(self, settings: Settings, players: int, mean: Tensor, std: Tensor) -> None:
        """`mean`, `std`: of what is drawn, in dB [101]."""
        super().__init__()
        self.settings = settings
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.encoder = _chain((OUTPUTS * len(LOOKS) + 1, *settings.encoder, 2 * settings.code))
        self.decoder = _chain((settings.code + 6 + len(settings.memories_s) + 1, *settings.decoder, OUTPUTS))
        self.own = nn.Parameter(0.1 * torch.randn(players, settings.code))

    def encode(self, drawn: Tensor, pitch: Tensor) -> tuple[Tensor, Tensor]:
        """Notes [n, frames, 101] in dB at harmonics.TIMES and their pitches [n] to mean and log variance [n, code] each."""
        looks = ((drawn[:, LOOKS] - self.mean) / self.std).flatten(1)
        place = (pitch[:, None] - MIDDLE_PITCH) / PITCH_UNIT
        mean, log_variance = self.encoder(torch.cat([looks, place], dim=1)).chunk(2, dim=1)
        return mean, log_variance.clamp(-8, 3)

    def decode(self, code: Tensor, pitch: Tensor, trace: Tensor, velocity: Tensor) -> Tensor:
        """Codes [n, code], MIDI pitches [n], traces [n, memories] and velocities [n] to what is drawn, in dB [n, 101]."""
        told = torch.cat([code, pitch_features(pitch), trace, velocity[:, None] / LOUDEST], dim=1)
        return self.decoder(told) * self.std + self.mean
