"""The student: a strided CNN over log-mel levels, the same at every level of the sound."""

import numpy as np
import torch
from torch import nn

from .. import front_end
from ..labels.vocabulary import TAGS
from .config import Network

RANGE_DB = 80.0
"""Levels further than this below the chunk's loudest band are raised to it."""
MIDDLE_DB = 45.0
"""Where music mostly is, above the floor. With the floor itself as zero the network learns much slower (measured)."""
UNIT = 0.05
"""What a dB is to the first convolution."""
QUIET_DB = -60.0
"""Chunks whose loudest band is below this lose confidence, to none at silence. A -40 dBFS signal is far above."""
QUIET_SLOPE = 0.4
"""Logits lost per dB below QUIET_DB."""


class Layer(nn.Module):
    """A convolution, normalised and rectified."""

    def __init__(self, given: int, width: int, kernel: tuple[int, int], stride: int, padding: tuple[int, int]) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(given, width, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        """`[n, channels, rows, columns]` to the same or, with a stride, smaller."""
        return torch.relu(self.norm(self.convolution(given)))


class Student(nn.Module):
    """`mel_db [n, 1, 128, 231]` in dB to logits `[n, tags]`."""

    def __init__(self, network: Network, tags: int = len(TAGS)) -> None:
        super().__init__()
        layers: list[Layer] = []
        given, rows = 1, front_end.BANDS
        for width, stride in zip(network.widths, network.strides, strict=True):
            layers.append(Layer(given, width, (3, 3), stride, (1, 1)))
            given, rows = width, -(-rows // stride)
        # Where in the spectrum something happens matters to the end: the last convolution sees all rows.
        layers.append(Layer(given, network.last, (rows, 3), 1, (0, 1)))
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(network.dropout)
        self.hidden = nn.Linear(2 * network.last, network.hidden)
        self.answer = nn.Linear(network.hidden, tags)
        # Per tag: the network speaks in standard deviations around the mean, set before training.
        self.register_buffer("centre", torch.zeros(tags))
        self.register_buffer("scale", torch.ones(tags))

    def forward(self, levels: torch.Tensor, gated: bool = True) -> torch.Tensor:
        """Logits; without the gate for quiet sound where they are to be learned."""
        loudest = levels.amax(dim=(1, 2, 3), keepdim=True)
        relative = (torch.relu(levels - loudest + RANGE_DB) - MIDDLE_DB) * UNIT
        found = self.features(relative)
        pooled = torch.cat([found.mean(dim=(2, 3)), found.amax(dim=(2, 3))], dim=1)
        logits = self.answer(torch.relu(self.hidden(self.dropout(pooled)))) * self.scale + self.centre
        return logits - torch.relu(QUIET_DB - loudest.flatten(1)) * QUIET_SLOPE if gated else logits

    def answers(self, levels: np.ndarray) -> np.ndarray:
        """Logits of chunks `[n, FRAMES, BANDS]` in dB: float32 `[n, tags]`. Leaves the network in evaluation mode."""
        self.eval()
        where = next(self.parameters()).device
        found = []
        with torch.no_grad():
            for start in range(0, len(levels), 128):
                part = torch.from_numpy(levels[start : start + 128].astype(np.float32)).transpose(1, 2)[:, None]
                found.append(self(part.to(where)).cpu().numpy())
        return np.concatenate(found)


def multiplications(model: Student) -> int:
    """Multiply-adds of one answer."""
    total = 0

    def count(module: nn.Module, _: object, output: torch.Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += output[0].numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            total += module.weight.numel()

    hooks = [module.register_forward_hook(count) for module in model.modules()]
    was_training = model.training
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, 1, front_end.BANDS, front_end.FRAMES))
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    return total
