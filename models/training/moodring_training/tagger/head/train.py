"""Training of the head: what it learns from, and with which pull.

It learns from the joined teachers' answers to the teaching part of the songs, and from solos with exact labels, by ridge
regression in standard deviations; see objective. Calibration fits labels, on answers of heads that had not learned from the
song.
"""

import numpy as np

from ...shared.errors import PipelineError
from ...shared.files import write_json
from ...shared.paths import Paths
from ..labels import songs
from ..labels.audioset import WIDE_NAMES
from ..labels.songs import Song
from ..listeners import hearing, mn04
from ..listeners.hearing import Heard
from . import solos, worth
from .calibrate import Labelled, calibrate
from .config import HeadConfig
from .net import Head, file_of, inputs_of
from .objective import Examples, fit


def truth(listened: list[Song]) -> tuple[np.ndarray, np.ndarray]:
    """What is right and what is known of songs: 0 or 1, `[songs, tags]` each."""
    right = np.array([[name in song.right for name in WIDE_NAMES] for song in listened], float)
    wrong = np.array([[song.wrong(name) for name in WIDE_NAMES] for song in listened], float)
    return right, np.maximum(right, wrong)


class School:
    """Everything that a head learns from, and the teachers' shares."""

    def __init__(self, paths: Paths, heard: list[tuple[Song, Heard]], config: HeadConfig) -> None:
        self.config = config
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
        self.area, _ = worth.areas(scores[judges], [self.listened[row] for row in judges], config.teachers)
        self.share = worth.weights(self.area, config.teachers.least)
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
            target = np.where(
                stored.known > 0.5, np.where(stored.right > 0.5, config.ridge.right, config.ridge.wrong), np.nan
            )
            names, source = np.unique(stored.sources, return_inverse=True)
            self.solos = Examples(
                inputs_of(stored.embeddings, stored.logits),
                target.astype(np.float32),
                -1 - source,
                np.full(len(target), config.ridge.solo_weight, np.float32),
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
        weights, bias = self._fitted(self.learnt_from(self.teaching, nobody), ridge)
        choosing = np.array([song.part == "choose" for song in self.listened])
        rows = choosing[self.music.songs]
        said, target = self.music.inputs[rows] @ weights + bias, self.music.target[rows]
        known = ~np.isnan(target).any(axis=0) & (said.std(axis=0) > 0)
        return float(np.mean([np.corrcoef(said[:, tag], target[:, tag])[0, 1] for tag in np.flatnonzero(known)]))

    def graduate(self, ridge: float) -> Head:
        """The head, calibrated on answers to what its makers in each fold had not learned from."""
        folds = self.config.calibration.folds
        fold = np.arange(len(self.listened)) % folds
        apart = np.full(self.music.target.shape, np.nan)
        apart_solos = None if self.solos is None else np.full(self.solos.target.shape, np.nan)
        for number in range(folds):
            mine = None if self.solos is None else (-1 - self.solos.songs) % folds == number
            learnt = self.learnt_from(self.teaching & (fold != number), None if mine is None else ~mine)
            weights, bias = self._fitted(learnt, ridge)
            rows = (fold == number)[self.music.songs]
            apart[rows] = self.music.inputs[rows] @ weights + bias
            if apart_solos is not None and mine is not None:
                apart_solos[mine] = self.solos.inputs[mine] @ weights + bias
        right, known = truth(self.listened)
        count = np.bincount(self.music.songs, minlength=len(self.listened))
        song = self.music.songs
        parts = [Labelled(apart, right[song], known[song], 1.0 / count[song])]
        if apart_solos is not None:
            source = -1 - self.solos.songs
            weight = self.config.calibration.solo_songs / np.bincount(source)[source]
            parts.append(Labelled(apart_solos, self.solo_right, self.solo_known, weight))
        slopes, offsets = calibrate(Labelled.joined(parts), self.config.calibration)
        return Head(*self._fitted(self.learnt_from(self.teaching), ridge), slopes, offsets)

    def _fitted(self, examples: Examples, ridge: float) -> tuple[np.ndarray, np.ndarray]:
        return fit(examples, ridge, self.config.ridge.components)


def train(paths: Paths, small: bool) -> None:
    """Fits the head and writes it; the choosing part says with which ridge."""
    # Whoever learned what is cut off at 5 kHz would take that for the genre.
    listed = [song for song in songs.of_manifest(paths.music) if song.part != "report" and not song.low]
    heard = hearing.prepare(paths, listed)
    if not any(song.part == "teach" for song, _ in heard):
        raise PipelineError(f"{paths.music}: no song of the teaching part could be heard")
    solos.prepare(paths)
    config = HeadConfig.read(small)
    school = School(paths, heard, config)
    tried = {ridge: school.agreement(ridge) for ridge in config.ridge.pulls}
    print("correlation with the teachers on the choosing part, by ridge: ", end="")
    print(", ".join(f"{ridge:g}: {found:.3f}" for ridge, found in tried.items()))
    ridge = max(tried, key=lambda one: tried[one])
    head = school.graduate(ridge)
    head.save(file_of(paths))
    chunks = int(school.teaching[school.music.songs].sum())
    count = 0 if school.solos is None else len(school.solos.songs)
    write_json(
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
