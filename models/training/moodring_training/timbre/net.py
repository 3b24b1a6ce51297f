"""The networks: band levels to a code, a code to an envelope."""

import numpy as np
import torch
from torch import Tensor, nn

from .descriptors import CONTRAST_WEIGHTS, LATENTS, NAMED
from .front_end import BANDS, UNIT_DB

SLOPE = 0.1
"""Of the leaky rectifiers."""
ENCODER_WIDTHS = (384, 192)
DECODER_WIDTHS = (192, 256)
COSINES = 40
"""The decoder's envelopes are sums of so many cosines over the bands: it cannot draw single harmonics."""
KNOB_LIMIT = 3.0
"""A descriptor follows its knob with this saturation, in standard deviations: no spectrum is endlessly bright."""
_LOG_VARIANCE = (-6.0, 2.0)


def _layers(sizes: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers[:-1])


def cosines() -> Tensor:
    """[COSINES, 128]: the basis of the envelopes; without the constant, so that every sum has zero mean."""
    band = (np.arange(BANDS) + 0.5) / BANDS
    basis = np.cos(np.pi * np.arange(1, COSINES + 1)[:, None] * band) * np.sqrt(2)
    return torch.tensor(basis, dtype=torch.float32)


class Encoder(nn.Module):
    """Normalised band levels [n, 128] to mean and log variance of the code [n, 8] each."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = _layers((BANDS, *ENCODER_WIDTHS, 2 * LATENTS))

    def forward(self, shape: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.layers(shape).chunk(2, dim=-1)
        return mean, log_variance.clamp(*_LOG_VARIANCE)


class Decoder(nn.Module):
    """A code [..., 8] to an envelope of zero mean [..., 128], in units of UNIT_DB.

    The contrasts among the descriptors are linear in the levels, so what their knobs do need not be learnt: each moves what
    the layers draw by the least change that moves its own contrast and no other.
    """

    def __init__(self, contrast_mean: Tensor, contrast_std: Tensor) -> None:
        """Mean and standard deviation of the contrasts over what is learnt from, in dB [4] each."""
        super().__init__()
        self.layers = _layers((LATENTS, *DECODER_WIDTHS, COSINES))
        weights = CONTRAST_WEIGHTS.double()
        least = torch.linalg.solve(weights.T @ weights, weights.T)
        self.register_buffer("basis", cosines(), persistent=False)
        self.register_buffer("offset", (contrast_mean.double() / UNIT_DB @ least).float(), persistent=False)
        self.register_buffer("reach", (contrast_std.double()[:, None] / UNIT_DB * least).float() * KNOB_LIMIT, persistent=False)

    def forward(self, code: Tensor) -> Tensor:
        return self.layers(code) @ self.basis + torch.tanh(code[..., NAMED:] / KNOB_LIMIT) @ self.reach + self.offset

    def level_db(self, code: Tensor) -> Tensor:
        """The same in dB."""
        return UNIT_DB * self(code)
