"""Training of the head: what it learns from, and with which pull.

It learns from what the joined teachers say of labelled songs, moved towards the labels; from what they say of the corpus's music,
which has none; and from solos with exact labels, by ridge regression in standard deviations: see objective. Songs and music teach
once more in low fidelity, which must not become the cue for the genres that are to be had only so. Calibration fits labels,
on answers of heads that had not learned from the song's artist.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ...shared.errors import PipelineError
from ...shared.files import write_json
from ...shared.paths import Paths
from ..labels import songs
from ..labels.audioset import WIDE, WIDE_NAMES
from ..labels.songs import Song
from ..labels.vocabulary import KINDS
from ..listeners import hearing, mn04, pieces, windows
from ..listeners.hearing import Heard
from ..listeners.windows import Window
from . import correct, exact_sound, solos, worth
from .calibrate import Labelled, Usual, calibrate
from .config import Calibration, HeadConfig
from .net import Head, file_of, inputs_of
from .objective import Examples, fit


def truth(listened: list[Song]) -> tuple[np.ndarray, np.ndarray]:
    """What is right and what is known of songs: 0 or 1, `[songs, tags]` each."""
    right = np.array([[name in song.right for name in WIDE_NAMES] for song in listened], float)
    wrong = np.array([[song.wrong(name) for name in WIDE_NAMES] for song in listened], float)
    return right, np.maximum(right, wrong)


OF_THE_WHOLE = np.array([tag.kind != "instrument" for tag in WIDE])
"""Tags that all of a song has: an instrument of the song may rest in a chunk."""
GENRES = np.array([tag.kind == "genre" for tag in WIDE])
COMMON = 0.2
"""An artist of more than this share of the songs is no reason to keep them in one fold: nothing would be left to learn from."""


def folds_of(listened: list[Song], count: int) -> np.ndarray:
    """Which fold each song is in `[songs]`: an artist's are in one, except those of an artist who has made most of all."""
    songs_of = Counter(song.artist for song in listened)
    keys = [
        song.name if not song.artist or songs_of[song.artist] > COMMON * len(listened) else song.artist
        for song in listened
    ]
    return np.array([int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % count for key in keys])


def songs_weight(listened: list[Song], calibration: Calibration) -> np.ndarray:
    """What each song counts in the calibration, `[songs, tags]`.

    An artist's songs are alike: where the whole song has the tag, each counts one over a power of their number. A genre's counts less
    in low fidelity.
    """
    songs_of = Counter(song.artist or song.name for song in listened)
    number = np.array([songs_of[song.artist or song.name] for song in listened], float)
    fidelity = np.array([calibration.low_weight if song.low else 1.0 for song in listened])
    weight = np.where(OF_THE_WHOLE, (number**-calibration.artist_power)[:, None], 1.0)
    return np.where(GENRES, fidelity[:, None] * weight, weight)


def ranks_weight(listened: list[Song], calibration: Calibration) -> np.ndarray:
    """What it counts that a right genre of each song is first, `[songs]`: 1 in the mean, more for genres that few songs have."""
    right, _ = truth(listened)
    genres = right[:, GENRES]
    rare = (1.0 + genres.sum(axis=0)) ** -calibration.rare_power
    has = genres.sum(axis=1)
    weight = np.where(has > 0, genres @ rare / np.maximum(has, 1), 0.0)
    weight *= [calibration.low_weight if song.low else 1.0 for song in listened]
    return weight / max(weight[has > 0].mean() if (has > 0).any() else 1.0, 1e-9)


class School:
    """Everything that a head learns from, and the teachers' shares."""

    def __init__(
        self, paths: Paths, heard: list[tuple[Song, Heard]], config: HeadConfig, windows: Sequence[Window] = ()
    ) -> None:
        self.config = config
        network = mn04.Listener(paths.listener)
        self.listened = [song for song, _ in heard if song.part != "report"]
        said = [one for song, one in heard if song.part != "report"]
        answers = [worth.everybody(one.answers, one.place_logits, network) for one in said]
        self.teachers = [*said[0].teachers, "mn04"]
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
        self.scale = np.maximum(np.nanstd(every, axis=0), 1e-3)
        self.right, self.known = truth(self.listened)
        counts = [len(one.place_logits) for one in said]
        self.music = Examples(
            np.concatenate([inputs_of(one.place_embeddings, one.place_logits) for one in said]),
            np.concatenate([self._labelled(row, one / self.scale) for row, one in enumerate(targets)]),
            np.repeat(np.arange(len(said)), counts),
            np.ones(sum(counts), np.float32),
        )
        poor = [row for row, one in enumerate(said) if len(one.worse_logits)]
        chunks = np.isin(self.music.songs, poor)
        inputs = [inputs_of(said[row].worse_embeddings, said[row].worse_logits) for row in poor]
        self.worse = Examples(
            np.concatenate([self.music.inputs[:0], *inputs]),
            self.music.target[chunks],
            self.music.songs[chunks],
            np.full(int(chunks.sum()), config.material.worse_weight, np.float32),
        )
        self.windows = self._of_windows(windows, network)
        self.stored = stored = exact_sound.load(paths, config.rendered)
        self.exact: Examples | None = None
        if stored is not None:
            target = np.where(
                stored.known > 0.5, np.where(stored.right > 0.5, config.ridge.right, config.ridge.wrong), np.nan
            )
            weight = np.where(stored.rendered, config.rendered.weight, config.ridge.solo_weight)
            self.exact = Examples(
                inputs_of(stored.embeddings, stored.logits),
                target.astype(np.float32),
                -1 - stored.sources,
                weight.astype(np.float32),
            )

    def _labelled(self, song: int, target: np.ndarray) -> np.ndarray:
        """What a song's chunks teach, `[places, tags]`: what the teachers say, moved towards the label of genre or mood."""
        material, ridge = self.config.material, self.config.ridge
        share = material.label_share * (material.low_label if self.listened[song].low else 1.0)
        label = np.where(self.right[song] > 0.5, ridge.right, ridge.wrong)
        moved = (self.known[song] > 0.5) & OF_THE_WHOLE
        return np.where(moved, (1 - share) * np.nan_to_num(target) + share * label, target)

    def _of_windows(self, windows: Sequence[Window], network: mn04.Listener) -> Examples | None:
        """All versions of each window, with what the teachers say of it."""
        if not windows:
            return None
        inputs, targets = [], []
        for window in windows:
            # The first version is the whole sound.
            answers = worth.everybody(window.answers, window.logits[0], network)
            target = worth.joined(answers, self.share, self.middle, self.spread) / self.scale
            for embeddings, logits in zip(window.embeddings, window.logits, strict=True):
                inputs.append(inputs_of(embeddings, logits))
                targets.append(target)
        weight = self.config.material.window_weight / len(windows[0].logits)
        count = sum(len(one) for one in inputs)
        nobody = np.full(count, len(self.listened))
        return Examples(np.concatenate(inputs), np.concatenate(targets), nobody, np.full(count, weight, np.float32))

    def usual(self) -> Usual:
        """What the teachers together usually say of each tag."""
        mean, spread = ((np.nan_to_num(one) * self.share).sum(axis=0) for one in (self.middle, self.spread))
        return Usual(mean, np.log(spread + 1e-3))

    def learnt_from(self, chosen: np.ndarray, sources: np.ndarray | None = None, with_windows: bool = True) -> Examples:
        """The chunks of chosen songs `[songs]`, all that has no labels, and the exact chunks of the chosen sources `[exact chunks]`."""
        some = [one.of(chosen[one.songs]) for one in (self.music, self.worse)]
        if self.windows is not None and with_windows:
            some.append(self.windows)
        if self.exact is not None:
            some.append(self.exact if sources is None else self.exact.of(sources))
        return Examples.joined(some)

    def agreement(self, ridges: dict[str, float], with_windows: bool = True) -> dict[str, float]:
        """Mean correlation with the teachers on the choosing part, of a head that learned from the songs that teach, by kind."""
        nobody = None if self.exact is None else np.zeros(len(self.exact.songs), bool)
        learnt = self.learnt_from(self.teaching, nobody, with_windows)
        weights, bias = self._fitted(learnt, ridges)
        choosing = np.array([song.part == "choose" for song in self.listened])
        rows = choosing[self.music.songs]
        said, target = self.music.inputs[rows] @ weights + bias, self.music.target[rows]
        known = ~np.isnan(target).any(axis=0) & (said.std(axis=0) > 0) & (np.nan_to_num(target).std(axis=0) > 0)
        found = {}
        for kind in KINDS:
            columns = [tag for tag in np.flatnonzero(known) if WIDE[tag].kind == kind]
            each = [np.corrcoef(said[:, tag], target[:, tag])[0, 1] for tag in columns]
            found[kind] = float(np.mean(each)) if each else 0.0
        return found

    def graduate(self, ridges: dict[str, float]) -> Head:
        """The head, of all songs, with a ridge a kind, calibrated on answers to what its makers in each fold had not learned from."""
        folds = self.config.calibration.folds
        fold = folds_of(self.listened, folds)
        apart = np.full(self.music.target.shape, np.nan)
        apart_exact = None if self.exact is None else np.full(self.exact.target.shape, np.nan)
        for number in range(folds):
            mine = None if self.exact is None else (-1 - self.exact.songs) % folds == number
            learnt = self.learnt_from(fold != number, None if mine is None else ~mine)
            weights, bias = self._fitted(learnt, ridges)
            rows = (fold == number)[self.music.songs]
            apart[rows] = self.music.inputs[rows] @ weights + bias
            if self.exact is not None and apart_exact is not None and mine is not None:
                apart_exact[mine] = self.exact.inputs[mine] @ weights + bias
        song = self.music.songs
        calibration = self.config.calibration
        counts = np.bincount(song)
        weight = songs_weight(self.listened, calibration) / counts[:, None]
        ranked = ranks_weight(self.listened, calibration) / counts
        parts = [Labelled(apart, self.right[song], self.known[song], weight[song], ranked[song])]
        if self.stored is not None and apart_exact is not None:
            source = self.stored.sources
            worth_of = np.where(self.stored.rendered, calibration.rendered_songs, calibration.solo_songs)
            weight = np.repeat((worth_of / np.bincount(source)[source])[:, None], len(WIDE), axis=1)
            parts.append(Labelled(apart_exact, self.stored.right, self.stored.known, weight, np.zeros(len(source))))
        slopes, offsets = calibrate(Labelled.joined(parts), self.usual(), self.config.calibration)
        return Head(*self._fitted(self.learnt_from(np.ones(len(fold), bool)), ridges), slopes, offsets)

    def _fitted(self, examples: Examples, ridges: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
        return fit(examples, np.array([ridges[tag.kind] for tag in WIDE]), self.config.ridge.components)


def train(paths: Paths, small: bool) -> None:
    """Fits the head and writes it; the choosing part says with which ridge."""
    listed = [song for song in songs.of_manifest(paths.music) if song.part != "report"]
    heard = hearing.prepare(paths, listed)
    if not any(song.part == "teach" for song, _ in heard):
        raise PipelineError(f"{paths.music}: no song of the teaching part could be heard")
    solos.prepare(paths)
    pieces.prepare_to_teach(paths)
    config = HeadConfig.read(small)
    school = School(paths, heard, config, windows.prepare(paths, config.material.windows_of_a_package))
    tried = {ridge: school.agreement(dict.fromkeys(KINDS, ridge)) for ridge in config.ridge.pulls}
    ridges = {kind: max(tried, key=lambda one, kind=kind: tried[one][kind]) for kind in KINDS}
    for kind in KINDS:
        said = ", ".join(f"{ridge:g}: {found[kind]:.3f}" for ridge, found in tried.items())
        print(f"{kind}, correlation with the teachers on the choosing part, by ridge: {said}")
    alone = school.agreement(ridges, with_windows=False)
    print("without other music: " + ", ".join(f"{kind} {value:.3f}" for kind, value in alone.items()))
    learnt = correct.lesson(paths, config)
    head = correct.corrected(school.graduate(ridges), learnt, config.correction)
    head.save(file_of(paths))
    chunks, poor = len(school.music.songs), len(school.worse.songs)
    others = 0 if school.windows is None else len(school.windows.songs)
    exact = 0 if school.stored is None else len(school.stored.rendered)
    rendered = 0 if school.stored is None else int(school.stored.rendered.sum())
    write_json(
        file_of(paths).with_suffix(".json"),
        {
            "ridge": ridges,
            "agreement": {kind: round(tried[ridge][kind], 3) for kind, ridge in ridges.items()},
            "songs": len(school.listened),
            "chunks": chunks,
            "chunks_in_low_fidelity": poor,
            "chunks_without_labels": others,
            "solo_chunks": exact - rendered,
            "rendered_chunks": rendered,
            correct.CORRECTION: correct.described(learnt, config.correction),
            "teachers": school.teachers,
            "shares": {
                name: [round(float(one), 3) for one in school.share[:, tag]] for tag, name in enumerate(WIDE_NAMES)
            },
        },
    )
    print(
        f"head: {chunks} chunks of {len(school.listened)} songs and {poor} in low fidelity, {others} of other music, "
        f"{exact - rendered} of solos, {rendered} rendered"
    )
