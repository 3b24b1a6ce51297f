"""A linear head on frozen mn04: its embedding and its 527 logits in, this project's wide vocabulary out.

It learns from the joined teachers' answers to the teaching part of the songs, and from solos with exact labels, by ridge
regression in standard deviations. A slope and an offset a tag, drawn towards those of its kind, make probabilities of that;
they are fitted to labels on answers of heads that had not learned from the song.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from .. import common
from . import hearing, mn04, solos, songs, worth
from .audioset import WIDE, WIDE_NAMES
from .hearing import Heard
from .songs import Song
from .vocabulary import KINDS

FOLDS = 5
RIDGES = (100.0, 300.0, 1000.0, 3000.0, 10_000.0)
"""Pull of the weights towards 0, per deviation of an input; which of them is chosen on the choosing part."""
COMPONENTS = 256
"""Directions in which mn04's answers to music differ; the rest is left out, for a fit in seconds."""
SOLO_WEIGHT = 0.5
"""What a chunk of a solo counts against a chunk of music."""
RIGHT, WRONG = 3.0, -0.4
"""Deviations from a tag's mean over music where it is certainly heard, and where it certainly isn't."""
SLOPE_PULL, OFFSET_PULL = 4.0, 1.5
"""Pull of a tag's slope and offset towards its kind's, in songs. Songs that are at hand are not as common as they are
elsewhere: an offset of their own is to be earned."""


@dataclass
class Examples:
    """Chunks to learn from or to be judged by."""

    inputs: np.ndarray
    """Embedding and logits of mn04, float32 `[chunks, EMBEDDING + 527]`."""
    target: np.ndarray
    """In deviations, float32 `[chunks, tags]`; nan where nobody knows."""
    songs: np.ndarray
    """Which song each is of, `[chunks]`; below 0 for solos."""
    weight: np.ndarray
    """float32 `[chunks]`."""


@dataclass
class Head:
    """The head's weights; answers are in deviations until it is calibrated."""

    weights: np.ndarray
    """`[inputs, tags]`, for inputs as mn04 gives them."""
    bias: np.ndarray
    """`[tags]`."""
    slopes: np.ndarray
    offsets: np.ndarray

    def deviations(self, inputs: np.ndarray) -> np.ndarray:
        """`[n, inputs]` to `[n, tags]`."""
        return inputs @ self.weights + self.bias

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """Calibrated logits `[n, tags]`."""
        return self.deviations(inputs) * self.slopes + self.offsets


def inputs_of(embeddings: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """What the head sees: float32 `[n, EMBEDDING + 527]`."""
    return np.concatenate([embeddings, logits], axis=1).astype(np.float32)


def fit(examples: Examples, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights `[inputs, tags]` and bias `[tags]` that come nearest to the targets; tags that nobody knows stay 0.

    The inputs are seen through their COMPONENTS principal components.
    """
    middle, spread = examples.inputs.mean(axis=0), np.maximum(examples.inputs.std(axis=0), 1e-4)
    normal = (examples.inputs - middle) / spread
    _, axes = np.linalg.eigh(normal.T @ normal)
    axes = axes[:, -COMPONENTS:].astype(np.float64)
    design = np.concatenate([normal @ axes, np.ones((len(normal), 1))], axis=1)
    known = ~np.isnan(examples.target)
    pull = np.full(design.shape[1], ridge)
    pull[-1] = 1e-6
    found = np.zeros((design.shape[1], examples.target.shape[1]))
    # Tags that are known of the same chunks share their normal equations.
    patterns, group = np.unique(known, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        rows, columns = patterns[:, number], np.flatnonzero(group == number)
        if not rows.any():
            continue
        weighted = design[rows] * examples.weight[rows, None]
        gram = weighted.T @ design[rows] + np.diag(pull)
        found[:, columns] = np.linalg.solve(gram, weighted.T @ examples.target[rows][:, columns])
    weights = (axes @ found[:-1]) / spread[:, None]
    return weights, found[-1] - middle @ weights


def calibrate(
    deviations: np.ndarray, right: np.ndarray, known: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets `[tags]` of least cross-entropy for chunks `[n, tags]`, each weighted by `weight` `[n]`.

    Every tag is drawn towards its kind's, and a tag without labels has those.
    """
    slopes, offsets = np.ones(deviations.shape[1]), np.zeros(deviations.shape[1])
    for kind in KINDS:
        columns = np.array([index for index, tag in enumerate(WIDE) if tag.kind == kind])
        x, y = deviations[:, columns], right[:, columns]
        mask = known[:, columns] * weight[:, None]
        size = len(columns)

        def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
            common_slope, common_offset = parameters[:2]
            log_slope, offset = parameters[2 : 2 + size], parameters[2 + size :]  # noqa: B023
            slope = np.exp(common_slope + log_slope)
            moved = x * slope + common_offset + offset  # noqa: B023
            entropy = ((np.logaddexp(0, moved) - y * moved) * mask).sum()  # noqa: B023
            error = (1 / (1 + np.exp(-moved)) - y) * mask  # noqa: B023
            to_slope, to_offset = (error * x * slope).sum(axis=0), error.sum(axis=0)  # noqa: B023
            pull = (
                SLOPE_PULL * (log_slope**2).sum() + OFFSET_PULL * (offset**2).sum() + 0.01 * (parameters[:2] ** 2).sum()
            )
            gradient = np.concatenate(
                [
                    [to_slope.sum() + 0.02 * common_slope, to_offset.sum() + 0.02 * common_offset],
                    to_slope + 2 * SLOPE_PULL * log_slope,
                    to_offset + 2 * OFFSET_PULL * offset,
                ]
            )
            return float(entropy + pull), gradient

        start = np.zeros(2 + 2 * size)
        start[1] = -3.0
        bounds = [(-2.0, 2.0), (-8.0, 2.0)] + [(-1.5, 1.5)] * size + [(-4.0, 4.0)] * size
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
        slopes[columns] = np.exp(found[0] + found[2 : 2 + size])
        offsets[columns] = found[1] + found[2 + size :]
    return slopes, offsets


def truth(listened: list[Song]) -> tuple[np.ndarray, np.ndarray]:
    """What is right and what is known of songs: 0 or 1, `[songs, tags]` each."""
    right = np.array([[name in song.right for name in WIDE_NAMES] for song in listened], float)
    wrong = np.array([[song.wrong(name) for name in WIDE_NAMES] for song in listened], float)
    return right, np.maximum(right, wrong)


class School:
    """Everything that a head learns from, and the teachers' shares."""

    def __init__(self, paths: common.Paths, heard: list[tuple[Song, Heard]]) -> None:
        network = mn04.Listener(paths.listener)
        self.listened = [song for song, _ in heard if song.part != "report"]
        said = [one for song, one in heard if song.part != "report"]
        answers = []
        for one in said:
            every, self.teachers = worth.everybody(one, network)
            answers.append(every)
        self.teaching = np.array([song.part == "teach" for song in self.listened])
        scores = np.stack([one.mean(axis=1) for one in answers])
        judges = [row for row, song in enumerate(self.listened) if song.part in ("teach", "choose")]
        self.area, _ = worth.areas(scores[judges], [self.listened[row] for row in judges])
        self.share = worth.weights(self.area)
        taught = np.concatenate([one for one, teaches in zip(answers, self.teaching, strict=True) if teaches], axis=1)
        self.middle, self.spread = taught.mean(axis=1), taught.std(axis=1)
        targets = [worth.joined(one, self.share, self.middle, self.spread) for one in answers]
        every = np.concatenate([one for one, teaches in zip(targets, self.teaching, strict=True) if teaches])
        # The mean of several is narrower than each: stretched again, so that a deviation is one.
        scale = np.nanstd(every, axis=0)
        self.music = Examples(
            np.concatenate([inputs_of(one.place_embeddings, one.place_logits) for one in said]),
            np.concatenate(targets) / np.maximum(scale, 1e-3),
            np.repeat(np.arange(len(said)), [len(one.place_logits) for one in said]),
            np.ones(sum(len(one.place_logits) for one in said), np.float32),
        )
        stored = solos.load(paths)
        self.solos: Examples | None = None
        if stored is not None:
            target = np.where(stored.known > 0.5, np.where(stored.right > 0.5, RIGHT, WRONG), np.nan)
            names, source = np.unique(stored.sources, return_inverse=True)
            self.solos = Examples(
                inputs_of(stored.embeddings, stored.logits),
                target.astype(np.float32),
                -1 - source,
                np.full(len(target), SOLO_WEIGHT, np.float32),
            )
            self.solo_right, self.solo_known = stored.right, stored.known

    def learnt_from(self, chosen: np.ndarray, sources: np.ndarray | None = None) -> Examples:
        """The chunks of chosen songs `[songs]`, with the solos of the chosen sources `[solo chunks]`."""
        rows = chosen[self.music.songs]
        some = [
            Examples(self.music.inputs[rows], self.music.target[rows], self.music.songs[rows], self.music.weight[rows])
        ]
        if self.solos is not None:
            kept = np.ones(len(self.solos.songs), bool) if sources is None else sources
            one = self.solos
            some.append(Examples(one.inputs[kept], one.target[kept], one.songs[kept], one.weight[kept]))
        return Examples(
            *(np.concatenate([getattr(one, name) for one in some]) for name in ("inputs", "target", "songs", "weight"))
        )

    def agreement(self, ridge: float) -> float:
        """Mean correlation with the teachers on the choosing part, of a head that learned from the songs that teach."""
        nobody = None if self.solos is None else np.zeros(len(self.solos.songs), bool)
        weights, bias = fit(self.learnt_from(self.teaching, nobody), ridge)
        choosing = np.array([song.part == "choose" for song in self.listened])
        rows = choosing[self.music.songs]
        said, target = self.music.inputs[rows] @ weights + bias, self.music.target[rows]
        known = ~np.isnan(target).any(axis=0) & (said.std(axis=0) > 0)
        return float(np.mean([np.corrcoef(said[:, tag], target[:, tag])[0, 1] for tag in np.flatnonzero(known)]))

    def graduate(self, ridge: float) -> Head:
        """The head, calibrated on answers to what its makers in each fold had not learned from."""
        fold = np.arange(len(self.listened)) % FOLDS
        apart = np.full(self.music.target.shape, np.nan)
        apart_solos = None if self.solos is None else np.full(self.solos.target.shape, np.nan)
        for number in range(FOLDS):
            mine = None if self.solos is None else (-1 - self.solos.songs) % FOLDS == number
            weights, bias = fit(
                self.learnt_from(self.teaching & (fold != number), None if mine is None else ~mine), ridge
            )
            rows = (fold == number)[self.music.songs]
            apart[rows] = self.music.inputs[rows] @ weights + bias
            if apart_solos is not None and mine is not None:
                apart_solos[mine] = self.solos.inputs[mine] @ weights + bias
        right, known = truth(self.listened)
        count = np.bincount(self.music.songs, minlength=len(self.listened))
        song = self.music.songs
        parts = [(apart, right[song], known[song], 1.0 / count[song])]
        if apart_solos is not None:
            per_source = np.bincount(-1 - self.solos.songs)
            # A source of solos counts as two songs.
            parts.append((apart_solos, self.solo_right, self.solo_known, 2.0 / per_source[-1 - self.solos.songs]))
        slopes, offsets = calibrate(*(np.concatenate(one) for one in zip(*parts, strict=True)))
        return Head(*fit(self.learnt_from(self.teaching), ridge), slopes, offsets)


def file_of(paths: common.Paths) -> Path:
    """Where the head lies."""
    return paths.work / "tagger" / "head.npz"


def train(paths: common.Paths) -> None:
    """Fits the head and writes it; the choosing part says with which ridge."""
    # Whoever learned what is cut off at 5 kHz would take that for the genre.
    listed = [song for song in songs.of_manifest(paths.music) if song.part != "report" and not song.low]
    heard = hearing.prepare(paths, listed)
    if not any(song.part == "teach" for song, _ in heard):
        raise common.PipelineError(f"{paths.music}: no song of the teaching part could be heard")
    solos.prepare(paths)
    school = School(paths, heard)
    tried = {ridge: school.agreement(ridge) for ridge in RIDGES}
    print("correlation with the teachers on the choosing part, by ridge: ", end="")
    print(", ".join(f"{ridge:g}: {found:.3f}" for ridge, found in tried.items()))
    ridge = max(tried, key=lambda one: tried[one])
    head = school.graduate(ridge)
    with common.written_whole(file_of(paths)) as unfinished:
        np.savez(unfinished, **vars(head))
    chunks = int(school.teaching[school.music.songs].sum())
    count = 0 if school.solos is None else len(school.solos.songs)
    common.write_json(
        file_of(paths).with_suffix(".json"),
        {
            "ridge": ridge,
            "agreement": round(tried[ridge], 3),
            "songs": int(school.teaching.sum()),
            "chunks": chunks,
            "solo_chunks": count,
            "teachers": school.teachers,
            "shares": {
                name: [round(float(one), 3) for one in school.share[:, tag]] for tag, name in enumerate(WIDE_NAMES)
            },
        },
    )
    print(f"head: {chunks} chunks of {int(school.teaching.sum())} songs, {count} of solos; ridge {ridge:g}")


def load(paths: common.Paths) -> Head | None:
    """The head, or None before it was trained."""
    if not file_of(paths).exists():
        return None
    with np.load(file_of(paths)) as stored:
        return Head(*(stored[name] for name in ("weights", "bias", "slopes", "offsets")))
