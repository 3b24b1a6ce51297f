"""Layers that networks have in common."""

from torch import nn

SLOPE = 0.1
"""Of the leaky rectifiers."""


def dense(sizes: tuple[int, ...]) -> nn.Sequential:
    """Linear layers between these sizes with leaky rectifiers between them: `[n, sizes[0]]` to `[n, sizes[-1]]`."""
    layers: list[nn.Module] = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers[:-1])
