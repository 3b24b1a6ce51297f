"""The networks: band levels to a code, a code to an envelope."""

import numpy as np
import torch
from torch import Tensor, nn

from ...shared.layers import dense
from ..front_end import BANDS, UNIT_DB
from ..spectra.descriptors import CONTRAST_WEIGHTS, LATENTS, NAMED
from .config import Network

KNOB_LIMIT = 3.0
"""A descriptor follows its knob with this saturation, in standard deviations: no spectrum is endlessly bright."""
_LOG_VARIANCE = (-6.0, 2.0)


def saturated(code: Tensor) -> Tensor:
    """The standardised descriptors that knobs stand for."""
    return KNOB_LIMIT * torch.tanh(code / KNOB_LIMIT)


def cosines(count: int) -> Tensor:
    """[count, 128]: the basis of the envelopes; without the constant, so that every sum has zero mean."""
    band = (np.arange(BANDS) + 0.5) / BANDS
    basis = np.cos(np.pi * np.arange(1, count + 1)[:, None] * band) * np.sqrt(2)
    return torch.tensor(basis, dtype=torch.float32)


class Encoder(nn.Module):
    """Normalised band levels [n, 128] to mean and log variance of the code [n, 8] each."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.layers = dense((BANDS, *network.encoder, 2 * LATENTS))

    def forward(self, shape: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.layers(shape).chunk(2, dim=-1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)


class Decoder(nn.Module):
    """A code [..., 8] to an envelope of zero mean [..., 128], in units of UNIT_DB.

    The contrasts among the descriptors are linear in the levels, so what their knobs do need not be learnt: they are taken
    out of what the layers draw, and put back as the knobs say, by the least change that moves one and no other. Where they
    begin follows the first four knobs, as treble follows brightness.
    """

    def __init__(self, network: Network, contrast_mean: Tensor, contrast_std: Tensor) -> None:
        """Mean and standard deviation of the contrasts over what is learnt from, in dB [4] each."""
        super().__init__()
        self.layers = dense((LATENTS, *network.decoder, network.cosines))
        self.following = dense((NAMED, *network.following, LATENTS - NAMED))
        weights = CONTRAST_WEIGHTS.double()
        least = torch.linalg.solve(weights.T @ weights, weights.T)
        free = cosines(network.cosines).double()
        free = free - free @ weights @ least
        self.register_buffer("basis", free.float(), persistent=False)
        self.register_buffer("offset", (contrast_mean.double() / UNIT_DB @ least).float(), persistent=False)
        self.register_buffer("reach", (contrast_std.double()[:, None] / UNIT_DB * least).float(), persistent=False)

    def forward(self, code: Tensor) -> Tensor:
        return self.layers(code) @ self.basis + self.contrasts(code) @ self.reach + self.offset

    def contrasts(self, code: Tensor) -> Tensor:
        """What the contrasts of the envelope are to be, standardised [..., 4]."""
        return saturated(code[..., NAMED:]) + self.following(code[..., :NAMED])

    def level_db(self, code: Tensor) -> Tensor:
        """The same in dB."""
        return UNIT_DB * self(code)
