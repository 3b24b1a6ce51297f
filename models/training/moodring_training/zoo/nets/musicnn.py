"""Musicnn: filters as tall as timbres and as long as rhythms (J. Pons, O. Nieto, M. Prockup, E. Schmidt, A. Ehmann, X. Serra,
"End-to-end learning for music audio tagging at scale", ISMIR 2018)."""

import torch
from torch import Tensor, nn

from .layers import Answer

BANDS = 96
TALL, WIDTH = ((67, 7), (38, 7)), 204
"""Rows and columns of the filters of timbre, and how many there are of each."""
LONG, MEANS = (129, 65, 33), 51
"""Columns of the filters of rhythm, over the mean of the bands, and how many there are of each."""
MIDDLE = 64
HIDDEN = 200


class Convolved1d(nn.Module):
    """A convolution over time, normalised and rectified: `[n, given, columns]`."""

    def __init__(self, given: int, width: int, length: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(given, width, length, padding=length // 2)
        self.norm = nn.BatchNorm1d(width)

    def forward(self, given: Tensor) -> Tensor:
        """As many columns."""
        return torch.relu(self.norm(self.convolution(given)))


class Tall(nn.Module):
    """Filters of which the strongest place among the bands counts, so that pitch doesn't."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, WIDTH, (rows, columns), padding=(0, columns // 2))
        self.norm = nn.BatchNorm2d(WIDTH)

    def forward(self, levels: Tensor) -> Tensor:
        """`[n, WIDTH, columns]`."""
        return torch.relu(self.norm(self.convolution(levels))).amax(dim=2)


class Musicnn(nn.Module):
    """Levels `[n, 1, 96, 188]`, normalised, to an answer."""

    def __init__(self, tags: int) -> None:
        super().__init__()
        self.tall = nn.ModuleList(Tall(*size) for size in TALL)
        self.long = nn.ModuleList(Convolved1d(1, MEANS, length) for length in LONG)
        front = len(TALL) * WIDTH + len(LONG) * MEANS
        self.first = Convolved1d(front, MIDDLE, 7)
        self.second = Convolved1d(MIDDLE, MIDDLE, 7)
        self.third = Convolved1d(MIDDLE, MIDDLE, 7)
        self.hidden = nn.Linear(2 * (front + 3 * MIDDLE), HIDDEN)
        self.norm = nn.BatchNorm1d(HIDDEN)
        self.dropout = nn.Dropout(0.5)
        self.tags = nn.Linear(HIDDEN, tags)

    def forward(self, levels: Tensor) -> Answer:
        """Logits and embedding."""
        mean = levels.mean(dim=2)
        front = torch.cat([*(one(levels) for one in self.tall), *(one(mean) for one in self.long)], dim=1)
        first = self.first(front)
        second = self.second(first) + first
        third = self.third(second) + second
        whole = torch.cat([front, first, second, third], dim=1)
        pooled = torch.cat([whole.amax(dim=2), whole.mean(dim=2)], dim=1)
        embedding = torch.relu(self.norm(self.hidden(pooled)))
        return self.tags(self.dropout(embedding)), embedding
