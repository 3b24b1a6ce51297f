"""The student: a strided CNN over log-mel levels, the same at every level of the sound."""

from dataclasses import asdict, dataclass

import torch
from torch import nn

from .. import audio
from .vocabulary import TAGS


@dataclass(frozen=True)
class Shape:
    """Widths of the network."""

    widths: tuple[int, ...] = (40, 80, 128, 160, 256, 256)
    """Channels of the stem and of what follows."""
    strides: tuple[int, ...] = (2, 2, 1, 2)
    """Of the 3x3 convolutions between the stem and the last."""
    hidden: int = 192

    def as_dict(self) -> dict[str, object]:
        """For checkpoints and the card."""
        return asdict(self)


STEM = 4
"""Side and stride of the first convolution: every value is looked at once."""
RANGE_DB = 80.0
"""Levels further than this below the chunk's loudest band are raised to it."""
QUIET_DB = -60.0
"""Chunks whose loudest band is below this lose confidence, to none at silence. A -40 dBFS signal is far above."""
QUIET_SLOPE = 0.4
"""Logits lost per dB below QUIET_DB."""


class Student(nn.Module):
    """`mel_db [n, 1, 128, 231]` in dB to logits `[n, tags]`."""

    def __init__(self, shape: Shape = Shape(), tags: int = len(TAGS)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        last = 1
        for width, stride in zip(shape.widths[:-1], (STEM, *shape.strides), strict=True):
            stem = stride == STEM
            layers += [
                nn.Conv2d(last, width, STEM if stem else 3, stride, 0 if stem else 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
            ]
            last = width
        rows = audio.BANDS // STEM
        for stride in shape.strides:
            rows = -(-rows // stride)
        # Where in the spectrum something happens matters to the end: the last convolution sees all rows.
        layers += [
            nn.Conv2d(last, shape.widths[-1], (rows, 3), 1, (0, 1), bias=False),
            nn.BatchNorm2d(shape.widths[-1]),
            nn.ReLU(inplace=True),
        ]
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.3)
        self.hidden = nn.Linear(2 * shape.widths[-1], shape.hidden)
        self.answer = nn.Linear(shape.hidden, tags)
        # Per tag: the network speaks in standard deviations around the mean, set before training.
        self.register_buffer("centre", torch.zeros(tags))
        self.register_buffer("scale", torch.ones(tags))

    def forward(self, levels: torch.Tensor, gated: bool = True) -> torch.Tensor:
        """Logits; without the gate for quiet sound where they are to be learned."""
        loudest = levels.amax(dim=(1, 2, 3), keepdim=True)
        relative = (torch.relu(levels - loudest + RANGE_DB) - 45.0) * 0.05
        found = self.features(relative)
        pooled = torch.cat([found.mean(dim=(2, 3)), found.amax(dim=(2, 3))], dim=1)
        logits = self.answer(torch.relu(self.hidden(self.dropout(pooled)))) * self.scale + self.centre
        return logits - torch.relu(QUIET_DB - loudest.flatten(1)) * QUIET_SLOPE if gated else logits


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
        model(torch.zeros(1, 1, audio.BANDS, audio.FRAMES))
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    return total
