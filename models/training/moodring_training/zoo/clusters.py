"""A map of music: how well genres lie together in what each network makes of the sound before it names it.

Recordings that nothing here has learned from, one point each. An artist's pieces are alike for other reasons than their genre, so that the nearest
neighbour is looked for among other artists' (E. Pampalk, A. Flexer, G. Widmer, "Improvements of audio-based music similarity and genre
classification", ISMIR 2005).
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score

from ..shared import audio
from ..shared.errors import PipelineError
from ..shared.files import read_json
from ..shared.onnx_graph import session, with_output
from ..shared.paths import Paths
from ..shared.running import progress
from ..tagger import front_end
from ..tagger.labels import songs
from ..tagger.labels.audioset import ancestors
from ..tagger.listeners import hearing, mn04
from .material import EXCERPTS, SHIPPED, empty_song
from .networks import Network

SECONDS = 30.0
"""Of each recording, from its middle."""
PLACES = 3
"""Windows of a recording whose embeddings' mean is its point, at most."""
LEAST = 4
"""Recordings of a genre that is told of."""
EMBEDDING = "embedding"
"""The tensor of the shipped tagger's network that is its embedding."""


@dataclass
class Recording:
    """A recording with one label."""

    name: str
    artist: str
    label: str
    low: np.ndarray
    """At `front_end.RATE`."""
    high: np.ndarray
    """At `mn04.RATE`."""


def recordings(paths: Paths, small: bool) -> list[Recording]:
    """Songs of parts that don't teach and have one genre; or, in a small run, thirds of the project's own excerpts, each with its piece as label.

    # Errors
    Raises PipelineError if there are fewer than two labels.
    """
    found = _thirds() if small or not paths.music.exists() else _of_one_genre(paths.music)
    if len({one.label for one in found}) < 2:
        raise PipelineError("the map of music: there are no recordings of two genres")
    return found


def _of_one_genre(folder: Path) -> list[Recording]:
    labelled = []
    for song in songs.of_manifest(folder):
        genres = song.named("genre")
        widest = [name for name in genres if not set(ancestors(name)) & genres]
        if song.part != "teach" and len(widest) == 1:
            labelled.append((song, widest[0]))
    counts = Counter(genre for _, genre in labelled)
    found = []
    for song, genre in progress([one for one in labelled if counts[one[1]] >= LEAST], "map: recordings"):
        start = max(0.0, (audio.duration(song.path) - SECONDS) / 2)
        sounds = [audio.decode(song.path, rate, start, SECONDS) for rate in (front_end.RATE, mn04.RATE)]
        found.append(Recording(song.name, song.artist, genre, *sounds))
    return found


def _thirds() -> list[Recording]:
    found = []
    for path in sorted(EXCERPTS.glob("*.ogg")):
        length = audio.duration(path) / 3
        for third in range(3):
            sounds = [audio.decode(path, rate, third * length, length) for rate in (front_end.RATE, mn04.RATE)]
            # Each its own artist: the others of the piece are what it should be near to.
            found.append(Recording(f"{path.stem}-{third}", f"{path.stem}-{third}", path.stem, *sounds))
    return found


def embedded_by(folder: Path, network: Network) -> Callable[[Recording], np.ndarray]:
    """What a network of the zoo makes of a recording."""
    card = read_json(folder / "tagger" / "card.json") or {}
    running = session(folder / "tagger" / "model.onnx")
    mean, deviation = card["normalisation"]["mean"], card["normalisation"]["deviation"]

    def embed(one: Recording) -> np.ndarray:
        song = empty_song(one.name, one.low)
        found = []
        for end in _ends(len(one.low) / front_end.RATE, network.ear.seconds):
            window = (song.window(network.ear, end) - mean) / deviation
            given = {network.ear.name: window.reshape(network.ear.shape).astype(np.float32)}
            found.append(running.run(["embedding"], given)[0][0])
        return np.mean(found, axis=0)

    return embed


def embedded_by_shipped() -> Callable[[Recording], np.ndarray]:
    """What the tagger that ships makes of a recording."""
    running = session(with_output(SHIPPED / "model.onnx", EMBEDDING))

    def embed(one: Recording) -> np.ndarray:
        levels = mn04.levels_of(one.high)
        found = []
        for end in _ends(len(one.high) / mn04.RATE, mn04.FRAMES * mn04.HOP / mn04.RATE):
            chunk = hearing.latest(levels, max(1, int(end * mn04.RATE / mn04.HOP)), mn04.FRAMES)
            found.append(running.run([EMBEDDING], {"mel_db": chunk.T[None, None]})[0][0])
        return np.mean(found, axis=0)

    return embed


def _ends(seconds: float, heard: float) -> np.ndarray:
    """Where windows end, in seconds: evenly spread, and no more than fit side by side."""
    count = max(1, min(PLACES, int(seconds / heard)))
    return np.linspace(min(seconds, max(heard, seconds / count)), seconds, count)


def measured(title: str, points: np.ndarray, found: list[Recording]) -> dict[str, Any]:
    """Silhouette and nearest-neighbour accuracy of standardised points `[recordings, width]`, and their places on a map `[recordings, 2]`."""
    deviation = points.std(axis=0)
    alive = deviation > 1e-6 * deviation.max()
    standard = (points[:, alive] - points[:, alive].mean(axis=0)) / deviation[alive]
    labels = np.array([one.label for one in found])
    artists = np.array([one.artist for one in found])
    distances = np.linalg.norm(standard[:, None] - standard[None], axis=2)
    distances[artists[:, None] == artists[None]] = np.inf
    nearest = labels[distances.argmin(axis=1)]
    right = nearest == labels
    places = TSNE(
        perplexity=min(20.0, (len(found) - 1) / 4), init="pca", learning_rate="auto", random_state=1
    ).fit_transform(standard)
    return {
        "network": title,
        "width": int(points.shape[1]),
        "silhouette": float(silhouette_score(standard, labels)),
        "nearest": float(right.mean()),
        "nearest_by_label": float(np.mean([right[labels == label].mean() for label in np.unique(labels)])),
        "places": places,
    }


def print_clusters(rows: list[dict[str, Any]], found: list[Recording]) -> None:
    """The table of models/README.md."""
    counts = Counter(one.label for one in found)
    artists = len({one.artist for one in found})
    by_chance = sum((count / len(found)) ** 2 for count in counts.values())
    print(
        f"{len(found)} recordings by {artists} artists: "
        + ", ".join(f"{label} {n}" for label, n in sorted(counts.items()))
    )
    print(
        f"by chance the nearest has the same label for {100 * by_chance:.0f} %, and for {100 / len(counts):.0f} % if every label counts alike"
    )
    print("| network | numbers | silhouette | nearest has the same genre | every genre alike |")
    print("| --- | --- | --- | --- | --- |")
    for row in rows:
        shares = [f"{100 * row[name]:.0f} %" for name in ("nearest", "nearest_by_label")]
        print(f"| {row['network']} | {row['width']} | {row['silhouette']:+.3f} | {' | '.join(shares)} |")
