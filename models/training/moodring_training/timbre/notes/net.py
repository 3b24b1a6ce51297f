"""The networks: another note of a player's to a code, and the code with what is played to a note, hop by hop."""

import numpy as np
import torch
from torch import Tensor, nn

from ...shared.layers import dense
from ..front_end import HOP, SAMPLE_RATE
from .config import Network
from .harmonics import HARMONIC_RANGE_DB, HARMONICS, LEVEL_RANGE_DB, NOISE_BANDS, NOISE_RANGE_DB, OUTPUTS, TIMES

LOOKS = tuple(int(np.argmin(np.abs(TIMES - hops))) for hops in (1, 4, 10, 20, 48, 96))
"""Indices into harmonics.TIMES of the frames that the encoder sees of a note."""
MIDDLE_PITCH, PITCH_UNIT = 60.0, 24.0
LOUDEST = 127.0
_RANGES = ((HARMONICS, HARMONIC_RANGE_DB), (NOISE_BANDS, NOISE_RANGE_DB), (1, LEVEL_RANGE_DB))
LOWEST, HIGHEST = (
    np.concatenate([np.full(size, limits[end], np.float32) for size, limits in _RANGES]) for end in (0, 1)
)
"""[101] dB: what is drawn stays between them."""


def traces(hops: Tensor, network: Network) -> Tensor:
    """The memory of an onset so many hops ago [..., memories]: 1 there, fading at each of the rates."""
    seconds = hops[..., None] * HOP / SAMPLE_RATE
    return torch.exp(-seconds / torch.tensor(network.memories_s))


def pitch_features(pitch: Tensor) -> Tensor:
    """A MIDI pitch [...] as the decoder takes it [..., 6]."""
    place = (pitch - MIDDLE_PITCH) / PITCH_UNIT
    waves = [wave(turns * place) for turns in (3.0, 6.0) for wave in (torch.sin, torch.cos)]
    return torch.stack([place, place**2, *waves], dim=-1)


class Player(nn.Module):
    """Encoder, decoder, and the own codes of the players that were learnt from."""

    def __init__(self, network: Network, players: int, mean: Tensor, std: Tensor) -> None:
        """`mean`, `std`: of what is drawn, in dB [101]."""
        super().__init__()
        self.network = network
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.encoder = dense((OUTPUTS * len(LOOKS) + 1, *network.encoder, 2 * network.code))
        self.decoder = dense((network.code + 6 + len(network.memories_s) + 1, *network.decoder, OUTPUTS))
        self.own = nn.Parameter(0.1 * torch.randn(players, network.code))

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

    def draw(self, code: Tensor, pitch: float, velocity: float) -> np.ndarray:
        """What is drawn of a note by a code [1, code], in dB [frames, 101] at harmonics.TIMES."""
        frames = len(TIMES)
        told = torch.tensor([[pitch, velocity]], dtype=torch.float32).expand(frames, -1)
        trace = traces(torch.from_numpy(TIMES).float(), self.network)
        with torch.no_grad():
            return self.decode(code.expand(frames, -1), told[:, 0], trace, told[:, 1]).numpy()
