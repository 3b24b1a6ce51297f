"""Sample-level CNN: filters of three samples over the waveform (J. Lee, J. Park, K. L. Kim, J. Nam, "Sample-level deep convolutional
neural networks for music auto-tagging using raw waveforms", SMC 2017); and the same with squeeze-and-excitation blocks, read at its
last three levels (T. Kim, J. Lee, J. Nam, "Sample-level CNN architectures for music auto-tagging using raw waveforms", ICASSP 2018)."""

import torch
from torch import Tensor, nn

from .layers import Answer, Head

WIDTHS = (128, 128, 256, 256, 256, 256, 256, 256, 512)
"""As the paper has them; a zoo's network has a share of them."""
LEVELS = 3
"""Levels that the second network is read at."""
SQUEEZED = 16
"""What a block's channels are divided by where they are squeezed."""


class Block(nn.Module):
    """A convolution of three samples, normalised, rectified, and pooled by three: `[n, given, samples]`."""

    def __init__(self, given: int, width: int, excited: bool) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(given, width, 3, padding=1)
        self.norm = nn.BatchNorm1d(width)
        self.pool = nn.MaxPool1d(3)
        squeezed = max(width // SQUEEZED, 4)
        self.excitation = (
            nn.Sequential(nn.Linear(width, squeezed), nn.ReLU(), nn.Linear(squeezed, width), nn.Sigmoid())
            if excited
            else None
        )

    def forward(self, given: Tensor) -> Tensor:
        """A third of the samples."""
        found = self.pool(torch.relu(self.norm(self.convolution(given))))
        if self.excitation is None:
            return found
        return found * self.excitation(found.mean(dim=2)).unsqueeze(2)


class SampleLevel(nn.Module):
    """A waveform `[n, 59049]` to an answer."""

    def __init__(self, tags: int, share: float, excited: bool = False) -> None:
        super().__init__()
        widths = [max(8, round(share * width)) for width in WIDTHS]
        self.first = nn.Conv1d(1, widths[0], 3, stride=3)
        self.first_norm = nn.BatchNorm1d(widths[0])
        given = [widths[0], *widths[:-1]]
        self.blocks = nn.ModuleList(Block(one, width, excited) for one, width in zip(given, widths, strict=True))
        self.levels = LEVELS if excited else 1
        self.head = Head(sum(widths[-self.levels :]), widths[-1], tags)

    def forward(self, samples: Tensor) -> Answer:
        """Logits and embedding."""
        found = torch.relu(self.first_norm(self.first(samples.unsqueeze(1))))
        levels = []
        for block in self.blocks:
            found = block(found)
            levels.append(found)
        return self.head(torch.cat([level.amax(dim=2) for level in levels[-self.levels :]], dim=1))
