"""Each front-end's share of right answers about makers that nobody learnt from."""

from dataclasses import dataclass

import numpy as np

from ..shared.running import progress
from ..shared.tables import print_table
from .classifiers import CLASSIFIERS
from .config import Training
from .features import FRONT_ENDS, MELS, SCATTERINGS


@dataclass
class Heard:
    """A maker's notes as a front-end has them."""

    numbers: np.ndarray
    """float32 `[notes, rows, numbers]`."""
    instruments: np.ndarray
    """`[notes]`."""


Shares = dict[tuple[str, str], np.ndarray]
"""By front-end and classifier: the share of right answers, `[makers, seeds]`."""


def recall(said: np.ndarray, right: np.ndarray) -> float:
    """The share of right answers, every instrument counting alike."""
    return float(np.mean([np.mean(said[right == one] == one) for one in np.unique(right)]))


def drawn(count: int, share: float, seed: int) -> np.ndarray:
    """The share of the notes that a seed learns from, the same for every front-end."""
    return np.random.default_rng([seed, count]).permutation(count)[: max(1, round(share * count))]


def compared(heard: dict[str, dict[str, Heard]], training: Training) -> Shares:
    """Teaches every classifier with all makers but one, and asks it about that one; `heard` is by front-end and maker."""
    shares: Shares = {}
    for front_end, by_maker in heard.items():
        for name, classify in CLASSIFIERS.items():
            found = np.zeros((len(by_maker), training.seeds))
            for row, left_out in enumerate(progress(by_maker, f"{front_end}: {name}")):
                others = [one for maker, one in by_maker.items() if maker != left_out]
                numbers = np.concatenate([one.numbers for one in others])
                known = np.concatenate([one.instruments for one in others])
                asked = by_maker[left_out]
                for seed in range(training.seeds):
                    chosen = drawn(len(known), training.share, seed)
                    said = classify(numbers[chosen], known[chosen], asked.numbers, training, seed)
                    found[row, seed] = recall(said, asked.instruments)
            shares[front_end, name] = found
    return shares


def verdict(shares: Shares, classifier: str) -> str:
    """Whether scattering is better than mel by more than its spread, in a line: the best of each, by their means over all makers."""
    best = [max(names, key=lambda name: shares[name, classifier].mean()) for names in (MELS, SCATTERINGS)]
    mel, scattering = (shares[name, classifier] for name in best)
    more = 100 * (scattering - mel)
    over_seeds, over_makers = more.mean(axis=0).std(ddof=1), more.mean(axis=1).std(ddof=1)
    # Of a mean over the makers.
    error = over_makers / np.sqrt(len(more))
    wins = more.mean() > max(over_seeds, error)
    return (
        f"{classifier}: {best[1]} is {more.mean():+.1f} points from {best[0]}, ± {over_seeds:.1f} over the seeds, "
        f"± {error:.1f} as a mean over the makers: {'scattering wins' if wins else 'scattering does not win'}"
    )


def print_comparison(shares: Shares, makers: list[str], numbers: dict[str, int], chance: float) -> None:
    """The tables, and what follows from them."""
    for classifier in CLASSIFIERS:
        rows = []
        for front_end in FRONT_ENDS:
            found = 100 * shares[front_end, classifier]
            each = [
                f"{mean:.0f} ± {spread:.0f}"
                for mean, spread in zip(found.mean(axis=1), found.std(axis=1, ddof=1), strict=True)
            ]
            means = found.mean(axis=0)
            rows.append([front_end, str(numbers[front_end]), *each, f"{means.mean():.1f} ± {means.std(ddof=1):.1f}"])
        head = ["front-end", "numbers", *makers, "mean"]
        title = f"{classifier}: right answers about a maker that was left out, in % (mean ± deviation over the seeds; by chance {100 * chance:.0f})"
        print_table(title, head, rows, right=True)
    print()
    for classifier in CLASSIFIERS:
        print(verdict(shares, classifier))
