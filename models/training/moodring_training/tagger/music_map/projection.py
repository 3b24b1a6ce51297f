"""From an embedding to a place on a plane: principal components of standardised embeddings, and a small network behind them that was taught as
parametric t-SNE (L. van der Maaten, "Learning a parametric embedding by preserving local structure", AISTATS 2009; T. Sainburg, L. McInnes,
T. Gentner, "Parametric UMAP embeddings for representation and semisupervised learning", Neural Computation 2021).

A plane that is learned point by point has no place for what is new. This one has for whatever is heard: neighbours are kept as t-SNE keeps them,
by a function, and what is drawn into it at each step is the mean of another stretch of each song, so that parts of a song lie near it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import logsumexp
from torch import Tensor, nn

from .points import Heard

NUMBERS = 16
"""Principal components that are kept: what nearness is told by."""
HIDDEN = 32
"""Width of the two layers between them and the plane."""
PERPLEXITY = 15.0
"""Songs that count as a song's neighbours, softly; fewer where there are few songs."""
STEPS, FIRST_STEPS = 1500, 200
"""Of the optimiser; in the first the plane is that of the first two components, which t-SNE begins with as well."""
RATE, DECAY = 3e-3, 1e-3
EXAGGERATED = 0.25
"""Share of the steps in which neighbours attract each other EXAGGERATION times."""
EXAGGERATION = 4.0
EDGE = 99.0
"""Per cent of the songs that lie within the plane's edges, -1 and 1, on each axis."""


@dataclass
class Projection:
    """The two steps as weights `[out, in]` and biases `[out]`."""

    reduce: tuple[np.ndarray, np.ndarray]
    plane: list[tuple[np.ndarray, np.ndarray]]
    """Layers with a hyperbolic tangent between them."""
    explained: float
    """Share of the standardised embeddings' variance that the components have."""

    def numbers(self, points: np.ndarray) -> np.ndarray:
        """Embeddings `[n, width]` to `[n, NUMBERS]`."""
        weights, bias = self.reduce
        return points @ weights.T + bias

    def places(self, numbers: np.ndarray) -> np.ndarray:
        """Those to places on the plane, `[n, 2]`: most songs are within -1 and 1."""
        for index, (weights, bias) in enumerate(self.plane):
            numbers = (numbers if index == 0 else np.tanh(numbers)) @ weights.T + bias
        return numbers


def fit(heard: list[Heard], seed: int = 1) -> Projection:
    """Learns the projection from songs; the same songs give the same."""
    means = np.array([one.mean for one in heard])
    middle, spread = means.mean(axis=0), np.maximum(means.std(axis=0), 1e-6)
    standard = (means - middle) / spread
    _, sizes, axes = np.linalg.svd(standard, full_matrices=False)
    width = min(NUMBERS, len(heard) - 1)
    # The first component's deviation is 1, the others keep their share of it.
    scale = sizes[0] / np.sqrt(len(heard))
    weights = axes[:width] / spread / scale
    reduce = (weights, -weights @ middle)
    explained = float((sizes[:width] ** 2).sum() / (sizes**2).sum())
    made = Projection(reduce, [], explained)
    made.plane = _within_edges(_taught(made, heard, seed), made.numbers(means))
    return made


def _taught(made: Projection, heard: list[Heard], seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(seed)
    parts = [made.numbers(one.points) for one in heard]
    songs = torch.tensor(np.array([part.mean(axis=0) for part in parts]), dtype=torch.float32)
    near = torch.tensor(neighbourhoods(songs.numpy(), PERPLEXITY), dtype=torch.float32)
    net = nn.Sequential(
        nn.Linear(songs.shape[1], HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 2)
    )
    for layer in net[::2]:
        # X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
        most = np.sqrt(6 / sum(layer.weight.shape))
        layer.weight.data = torch.tensor(random.uniform(-most, most, layer.weight.shape), dtype=torch.float32)
        nn.init.zeros_(layer.bias)
    optimiser = torch.optim.Adam(net.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, FIRST_STEPS + STEPS)
    sums, counts = _sums(parts)
    for step in range(FIRST_STEPS + STEPS):
        at = net(torch.tensor(_stretches(random, sums, counts), dtype=torch.float32))
        if step < FIRST_STEPS:
            loss = (at - songs[:, :2]).square().mean()
        else:
            early = step - FIRST_STEPS < EXAGGERATED * STEPS
            loss = divergence(near * (EXAGGERATION if early else 1.0), at)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return [(layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()) for layer in net[::2]]


def _sums(parts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Sums of each song's first answers, `[songs, answers + 1, numbers]`, and how many answers each has."""
    counts = np.array([len(part) for part in parts])
    sums = np.zeros((len(parts), counts.max() + 1, parts[0].shape[1]))
    for row, part in zip(sums, parts, strict=True):
        row[1 : len(part) + 1] = np.cumsum(part, axis=0)
    return sums, counts


def _stretches(random: np.random.Generator, sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The mean of a stretch of each song's answers, of any length from one to all: `[songs, numbers]`."""
    lengths = random.integers(1, counts + 1)
    starts = random.integers(0, counts - lengths + 1)
    songs = np.arange(len(counts))
    return (sums[songs, starts + lengths] - sums[songs, starts]) / lengths[:, None]


def neighbourhoods(points: np.ndarray, perplexity: float) -> np.ndarray:
    """How surely each two are neighbours: t-SNE's joint probabilities `[n, n]`, whose sum is 1 (van der Maaten, Hinton, JMLR 2008)."""
    count = len(points)
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    wanted = np.log(min(perplexity, (count - 1) / 3))
    chances = np.zeros((count, count))
    for row in range(count):
        others = np.delete(squares[row], row)
        low, high = -20.0, 20.0
        for _ in range(60):
            middle = (low + high) / 2
            logits = -others * np.exp(middle)
            logs = logits - logsumexp(logits)
            entropy = -(np.exp(logs) * logs).sum()
            low, high = (middle, high) if entropy > wanted else (low, middle)
        chances[row, np.arange(count) != row] = np.exp(logs)
    both = chances + chances.T
    return both / both.sum()


def divergence(near: Tensor, at: Tensor) -> Tensor:
    """Kullback and Leibler's of neighbourhoods `[n, n]` from those of places `[n, 2]`, by Student's t with one degree of freedom, less a constant."""
    closeness = 1 / (1 + (at[:, None] - at[None]).square().sum(dim=2))
    closeness = closeness * (1 - torch.eye(len(at)))
    shares = (closeness / closeness.sum()).clamp_min(1e-12)
    return -(near * shares.log()).sum()


def _within_edges(
    plane: list[tuple[np.ndarray, np.ndarray]], numbers: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The same plane, shifted and scaled alike on both axes, so that most songs lie within -1 and 1."""
    places = Projection((np.zeros(0), np.zeros(0)), plane, 0.0).places(numbers)
    ends = np.percentile(places, [100 - EDGE, EDGE], axis=0)
    middle, half = ends.mean(axis=0), np.maximum((ends[1] - ends[0]) / 2, 1e-6)
    weights, bias = plane[-1]
    return [*plane[:-1], (weights / half[:, None], (bias - middle) / half)]
