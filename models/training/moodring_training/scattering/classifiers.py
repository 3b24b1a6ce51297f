"""The classifiers, the same for every front-end: one is linear, the other has a hidden layer."""

import math
import warnings
from collections.abc import Callable

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional

from ..shared.running import cosine
from .config import Training

Classifier = Callable[[np.ndarray, np.ndarray, np.ndarray, Training, int], np.ndarray]
"""Teaching numbers `[notes, rows, numbers]`, what they are, the numbers of others, and a seed: to what those are, `[notes]`."""


def standardised(teaching: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both with every number's mean and deviation over the teaching notes taken off."""
    axes = tuple(range(teaching.ndim - 1))
    mean, deviation = teaching.mean(axis=axes), teaching.std(axis=axes) + 1e-3
    return (teaching - mean) / deviation, (others - mean) / deviation


def linear(teaching: np.ndarray, known: np.ndarray, others: np.ndarray, training: Training, seed: int) -> np.ndarray:
    """Logistic regression on means and deviations over the rows."""
    pooled = [np.concatenate([one.mean(axis=1), one.std(axis=1)], axis=1) for one in (teaching, others)]
    one, other = standardised(*pooled)
    inverse = 1 / (training.strength * len(known))
    model = LogisticRegression(C=inverse, max_iter=training.iterations, random_state=seed)
    with warnings.catch_warnings():
        # As far as it gets in so many steps, for every front-end alike.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(one, known)
    return model.predict(other)


class Pooled(nn.Module):
    """A hidden layer on each row, mean and maximum over the rows, a linear layer."""

    def __init__(self, numbers: int, classes: int, training: Training) -> None:
        """`numbers`: of a row."""
        super().__init__()
        self.hidden = nn.Linear(numbers, training.width)
        self.dropout = nn.Dropout(training.dropout)
        self.last = nn.Linear(2 * training.width, classes)

    def forward(self, rows: Tensor) -> Tensor:
        """`[notes, rows, numbers]` to logits `[notes, classes]`."""
        heard = functional.relu(self.hidden(self.dropout(rows)))
        pooled = torch.cat([heard.mean(dim=1), heard.amax(dim=1)], dim=1)
        return self.last(self.dropout(pooled))


def network(teaching: np.ndarray, known: np.ndarray, others: np.ndarray, training: Training, seed: int) -> np.ndarray:
    """A network of one hidden layer, after a number of epochs that nothing chooses."""
    one, other = standardised(teaching, others)
    torch.manual_seed(seed)
    net = Pooled(one.shape[2], int(known.max()) + 1, training)
    optimiser = torch.optim.AdamW(net.parameters(), lr=training.rate, weight_decay=training.weight_decay)
    inputs, targets = torch.from_numpy(one), torch.from_numpy(known)
    steps = math.ceil(len(known) / training.batch) * training.epochs
    done = 0
    for _ in range(training.epochs):
        for chosen in torch.randperm(len(known)).split(training.batch):
            for group in optimiser.param_groups:
                group["lr"] = training.rate * cosine(done, steps, 0.0)
            loss = functional.cross_entropy(net(inputs[chosen]), targets[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            done += 1
    net.eval()
    with torch.no_grad():
        return net(torch.from_numpy(other)).argmax(dim=1).numpy()


CLASSIFIERS: dict[str, Classifier] = {"linear": linear, "network": network}
