"""How far the map can be believed: songs that it wasn't learned from, whose artists it doesn't know."""

import hashlib
from typing import Any

import numpy as np
from sklearn.manifold import trustworthiness

from ...shared.tables import print_table
from .points import Heard
from .projection import Projection, fit

FOLDS = 5
NEIGHBOURS = 10
"""That trustworthiness looks at (J. Venna, S. Kaski, "Neighborhood preservation in nonlinear projection methods", ICANN 2001)."""
STRETCH = 2
"""Answers, STEP apart, that a user's average of four seconds is of."""
FAMILIAR = 99.0
"""Per cent of the stretches of new songs that count as being like some song of the map."""


def fold_of(artist: str, artists: dict[str, int]) -> int:
    """Which fold an artist's songs are held out in: the busiest have one each, the others are drawn by name."""
    busiest = sorted(artists, key=lambda name: (-artists[name], name))
    if artist in busiest[: FOLDS - 1]:
        return busiest.index(artist)
    drawn = int(hashlib.sha256(artist.encode()).hexdigest()[:8], 16)
    return drawn % FOLDS


def _nearest(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.linalg.norm(numbers[:, None] - known[None], axis=2)


class Tally:
    """Whether the nearest song of the map has the genre of the one that was heard, way by way."""

    WAYS = ("full embedding", "numbers", "plane")

    def __init__(self) -> None:
        self.right: dict[str, list[bool]] = {way: [] for way in self.WAYS}
        self.labels: list[str] = []
        self.chances: list[float] = []

    def add(self, made: Projection, known: list[Heard], new: list[Heard]) -> None:
        """Looks for the neighbours of new songs among those that the map knows, both with a genre."""
        known = [one for one in known if one.song.genre]
        new = [one for one in new if one.song.genre]
        if not known or not new:
            return
        labels = np.array([one.song.genre for one in known])
        theirs, ours = (np.array([one.mean for one in some]) for some in (known, new))
        middle, spread = theirs.mean(axis=0), np.maximum(theirs.std(axis=0), 1e-6)
        seen = {
            "full embedding": ((ours - middle) / spread, (theirs - middle) / spread),
            "numbers": (made.numbers(ours), made.numbers(theirs)),
        }
        seen["plane"] = tuple(made.places(some) for some in seen["numbers"])
        for way, (some, others) in seen.items():
            found = labels[_nearest(some, others).argmin(axis=1)]
            self.right[way] += [bool(one.song.genre == name) for one, name in zip(new, found, strict=True)]
        self.labels += [one.song.genre for one in new]
        self.chances += [float((labels == one.song.genre).mean()) for one in new]

    def rows(self) -> list[list[str]]:
        """A row for each way: its name, the share of songs, and that with every genre alike."""
        labels = np.array(self.labels)
        rows = []
        for name, values in [*self.right.items(), ("by chance", self.chances)]:
            values = np.array(values, float)
            alike = np.mean([values[labels == label].mean() for label in np.unique(labels)])
            rows.append([name, f"{values.mean():.0%}", f"{alike:.0%}"])
        return rows


def measured(heard: list[Heard], judged: list[Heard], made: Projection) -> dict[str, Any]:
    """Prints the tables; gives the figures for the map's file.

    `heard` are the songs of the map, `made` what was learned from all of them, `judged` songs that it is never learned from.
    """
    artists: dict[str, int] = {}
    for one in heard:
        artists[one.song.artist] = artists.get(one.song.artist, 0) + 1
    folds = [fold_of(one.song.artist, artists) for one in heard]
    tally, faithful, distances = Tally(), [], []
    for fold in sorted(set(folds)):
        known = [one for one, theirs in zip(heard, folds, strict=True) if theirs != fold]
        new = [one for one, theirs in zip(heard, folds, strict=True) if theirs == fold]
        learned = fit(known)
        tally.add(learned, known, new)
        numbers = learned.numbers(np.array([one.mean for one in new]))
        if len(new) > 2 * NEIGHBOURS:
            faithful.append((trustworthiness(numbers, learned.places(numbers), n_neighbors=NEIGHBOURS), len(new)))
        stretches = learned.numbers(np.concatenate([one.stretches(STRETCH) for one in new]))
        places = learned.numbers(np.array([one.mean for one in known]))
        distances.append(_nearest(stretches, places).min(axis=1))
    rows = [["held out, five folds by artist", str(len(tally.labels)), *row] for row in tally.rows()]
    if judged:
        others = Tally()
        others.add(made, heard, judged)
        rows += [["may only be judged with", str(len(others.labels)), *row] for row in others.rows()]
    print_table(
        f"Map of music: {len(heard)} songs by {len(artists)} artists; {made.explained:.0%} of the variance in {len(made.reduce[0])} numbers",
        ["new songs", "of a genre", "nearest song by", "has the same genre", "every genre alike"],
        rows,
    )
    numbers = made.numbers(np.array([one.mean for one in heard]))
    own = trustworthiness(numbers, made.places(numbers), n_neighbors=min(NEIGHBOURS, len(heard) // 2 - 1))
    weights = [count for _, count in faithful]
    new = float(np.average([value for value, _ in faithful], weights=weights)) if faithful else None
    print(
        f"trustworthiness ({NEIGHBOURS} neighbours): {own:.3f} of its own songs"
        + (f", {new:.3f} of new ones" if new else "")
    )
    familiar = float(np.percentile(np.concatenate(distances), FAMILIAR))
    print(f"{FAMILIAR:.0f} % of {2 * STRETCH} s of new songs are within {familiar:.2f} of the nearest song")
    return {
        "familiar": familiar,
        "figures": {
            "songs": len(heard),
            "artists": len(artists),
            "trustworthiness": round(float(own), 3),
            "trustworthiness_of_new_songs": None if new is None else round(new, 3),
            "nearest": {" / ".join([row[0], row[2]]): row[3] for row in rows},
        },
    }
