"""What several of the architectures are made of."""

import torch
from torch import Tensor, nn

Answer = tuple[Tensor, Tensor]
"""Logits `[n, tags]`, and what they are linear in, `[n, width]`."""


class Convolved(nn.Module):
    """A convolution of square kernels, normalised, rectified and max-pooled: `[n, given, rows, columns]`."""

    def __init__(self, given: int, width: int, pool: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(given, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.pool = nn.MaxPool2d(pool) if pool != (1, 1) else nn.Identity()

    def forward(self, given: Tensor) -> Tensor:
        """The pooled channels `[n, width, rows / pool, columns / pool]`."""
        return self.pool(torch.relu(self.norm(self.convolution(given))))


class Residual(nn.Module):
    """Two convolutions and a way around them (He et al., CVPR 2016), the first with a stride."""

    def __init__(self, given: int, width: int, stride: int | tuple[int, int] = 2) -> None:
        super().__init__()
        self.first = nn.Conv2d(given, width, 3, stride, 1)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1)
        self.second_norm = nn.BatchNorm2d(width)
        changed = given != width or stride not in (1, (1, 1))
        self.around = (
            nn.Sequential(nn.Conv2d(given, width, 3, stride, 1), nn.BatchNorm2d(width)) if changed else nn.Identity()
        )

    def forward(self, given: Tensor) -> Tensor:
        """The strided channels `[n, width, rows / stride, columns / stride]`."""
        inner = torch.relu(self.first_norm(self.first(given)))
        return torch.relu(self.second_norm(self.second(inner)) + self.around(given))


class Head(nn.Module):
    """A dense layer, normalised and rectified, which is the embedding, and the linear layer of the tags."""

    def __init__(self, given: int, hidden: int, tags: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.hidden = nn.Linear(given, hidden)
        self.norm = nn.BatchNorm1d(hidden)
        self.dropout = nn.Dropout(dropout)
        self.tags = nn.Linear(hidden, tags)

    def forward(self, given: Tensor) -> Answer:
        """Logits and embedding of `[n, given]`."""
        embedding = torch.relu(self.norm(self.hidden(given)))
        return self.tags(self.dropout(embedding)), embedding


class Attention(nn.Module):
    """A layer of a Transformer's encoder (Vaswani et al., NeurIPS 2017), normalised before its two halves: `[n, steps, width]`."""

    def __init__(self, width: int, heads: int, widened: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.asked = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.widened = nn.Linear(width, widened)
        self.narrowed = nn.Linear(widened, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, given: Tensor) -> Tensor:
        """The same steps, each with what it found in the others."""
        count, steps, width = given.shape
        each = width // self.heads
        asked = self.asked(self.before(given)).reshape(count, steps, 3, self.heads, each).permute(2, 0, 3, 1, 4)
        query, key, value = asked[0], asked[1], asked[2]
        weights = torch.softmax(query @ key.transpose(2, 3) * each**-0.5, dim=3)
        found = (self.dropout(weights) @ value).transpose(1, 2).reshape(count, steps, width)
        given = given + self.dropout(self.joined(found))
        widened = nn.functional.gelu(self.widened(self.between(given)))
        return given + self.dropout(self.narrowed(widened))


class Encoder(nn.Module):
    """Layers of attention over a sequence and a step of its own before it, whose end sums the sequence up (Devlin et al., NAACL 2019)."""

    def __init__(self, steps: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.own = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.places = nn.Parameter(torch.randn(1, steps + 1, width) * 0.02)
        self.layers = nn.Sequential(*(Attention(width, heads, 4 * width) for _ in range(layers)))
        self.after = nn.LayerNorm(width)

    def forward(self, given: Tensor) -> Tensor:
        """The sum `[n, width]` of `[n, steps, width]`."""
        own = self.own.expand(given.shape[0], -1, -1)
        found = self.layers(torch.cat([own, given], dim=1) + self.places)
        return self.after(found)[:, 0]
