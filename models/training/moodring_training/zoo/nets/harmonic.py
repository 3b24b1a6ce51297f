"""Harmonic CNN: a learnt bank of filters at each pitch and its harmonics, the harmonics being channels of the convolutions behind (M. Won,
S. Chun, O. Nieto, X. Serra, "Data-driven harmonic filters for audio representation learning", ICASSP 2020)."""

import math

import torch
from torch import Tensor, nn

from .layers import Answer, Convolved, Head

RATE, N_FFT, HOP = 16_000, 512, 256
HARMONICS, LEVELS = 6, 128
LOWEST = 32.703
"""C1, in Hz; two filters a semitone up to where the sixth harmonic would be above half the rate."""
BANDWIDTH = (0.1079, 24.7)
"""Of an auditory filter at f: `(0.1079 f + 24.7) / Q` in Hz (Glasberg and Moore, 1990), Q being learnt."""
FLOOR = 1e-10
MEAN_DB, DEVIATION_DB = -20.0, 20.0
"""What is taken off the levels, and what the rest is divided by, before the first convolution."""
WIDTHS = (128, 128, 256, 256, 256, 256, 512)
"""Of the convolutions; a zoo's network has a share of them."""
POOLS = ((2, 2), (2, 2), (2, 2), (2, 2), (2, 2), (2, 2), (2, 2))


class HarmonicFilters(nn.Module):
    """A waveform `[n, samples]` to levels in dB, `[n, HARMONICS, LEVELS, frames]`, normalised."""

    def __init__(self) -> None:
        super().__init__()
        highest = RATE / 2 / HARMONICS
        centres = LOWEST * (highest / LOWEST) ** (torch.arange(LEVELS) / (LEVELS - 1))
        self.register_buffer("centres", torch.outer(torch.arange(1, HARMONICS + 1), centres).flatten())
        self.register_buffer("bins", torch.linspace(0, RATE / 2, N_FFT // 2 + 1))
        self.quality = nn.Parameter(torch.ones(1))
        # The transform as filters: a convolution is the one operator that all runtimes have.
        time = torch.arange(N_FFT)
        window = 0.5 - 0.5 * torch.cos(2 * math.pi * time / N_FFT)
        angle = 2 * math.pi * torch.outer(torch.arange(N_FFT // 2 + 1), time) / N_FFT
        waves = torch.cat([window * torch.cos(angle), -window * torch.sin(angle)])
        self.register_buffer("waves", waves.unsqueeze(1))

    def filters(self) -> Tensor:
        """Triangles over the bins, `[HARMONICS * LEVELS, bins]`."""
        slope, least = BANDWIDTH
        width = (slope * self.centres + least) / self.quality
        apart = (self.bins.unsqueeze(0) - self.centres.unsqueeze(1)).abs()
        return torch.relu(1 - 2 * apart / width.unsqueeze(1))

    def forward(self, samples: Tensor) -> Tensor:
        """The normalised levels."""
        waves = nn.functional.conv1d(samples.unsqueeze(1), self.waves, stride=HOP)
        real, imaginary = waves.chunk(2, dim=1)
        bands = self.filters() @ (real * real + imaginary * imaginary)
        levels = torch.log(bands + FLOOR) * (10 / math.log(10))
        count, _, frames = levels.shape
        return (levels.reshape(count, HARMONICS, LEVELS, frames) - MEAN_DB) / DEVIATION_DB


class HarmonicCnn(nn.Module):
    """A waveform `[n, 80000]` to an answer."""

    def __init__(self, tags: int, share: float) -> None:
        super().__init__()
        self.filters = HarmonicFilters()
        widths = [HARMONICS, *(max(16, round(share * width)) for width in WIDTHS)]
        self.layers = nn.Sequential(
            *(Convolved(given, width, pool) for given, width, pool in zip(widths[:-1], widths[1:], POOLS, strict=True))
        )
        self.head = Head(widths[-1], widths[-1], tags)

    def forward(self, samples: Tensor) -> Answer:
        """Logits and embedding."""
        return self.head(self.layers(self.filters(samples)).amax(dim=(2, 3)))
