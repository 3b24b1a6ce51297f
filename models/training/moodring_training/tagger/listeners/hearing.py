"""What each listener says of labelled songs: the shipped tagger and mn04 every half second as the plugin asks, the teachers
at places of 29-s windows. Written once a song, so that an interruption costs little."""

import hashlib
import json
import multiprocessing
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from ...shared import audio
from ...shared.errors import PipelineError
from ...shared.files import sha256, written_whole
from ...shared.onnx_graph import session
from ...shared.paths import ROOT, Paths
from ...shared.running import progress
from .. import front_end
from ..labels.audioset import WIDE, WIDE_INDEX
from ..labels.songs import Song
from ..labels.vocabulary import NAMES
from ..material import fidelity
from . import mn04, teachers

SHIPPED = ROOT / "models" / "tagger"
"""The tagger that ships, with its card."""
STEP = 0.5
"""Seconds between the plugin's answers."""
PLACES = 4
"""Chunks of a 29-s window that the teachers are asked about."""
SILENT_RMS = 1e-3
"""A second below this is silence to the plugin: it says nothing."""
SECONDS = (teachers.LONG - 1) * front_end.HOP / front_end.RATE
"""Of a window of the teachers."""
LENGTH = (teachers.LONG - 1) * front_end.HOP
"""Samples of a window at the teachers' rate."""
PLACED = np.linspace(0, teachers.LONG - front_end.FRAMES, PLACES).round().astype(int)
"""First frames of the chunks in a window of the teachers."""
LEAST_REST = 10.0
"""Seconds that the end of a song must last to be a window of its own."""


@dataclass
class Heard:
    """What was said of one song; logits are in the wide vocabulary, nan where a listener has no such tag."""

    shipped: np.ndarray
    """The shipped tagger's probabilities every STEP, float32 `[moments, tags]`; no moments for what only teaches."""
    listened: np.ndarray
    """mn04's 527 logits every STEP, float32 `[moments, 527]`."""
    embedded: np.ndarray
    """Its embeddings every STEP, float32 `[moments, EMBEDDING]`."""
    answers: np.ndarray
    """The teachers' logits, float32 `[teachers, places, tags]`."""
    place_logits: np.ndarray
    """mn04's 527 logits at the same places, float32 `[places, 527]`."""
    place_embeddings: np.ndarray
    """Its embeddings there, float32 `[places, EMBEDDING]`."""
    worse_logits: np.ndarray
    """mn04's 527 logits at the same places in sound of low fidelity, float32 `[places, 527]`; no places for what only reports."""
    worse_embeddings: np.ndarray
    """Its embeddings there, float32 `[places, EMBEDDING]`."""
    teachers: list[str]

    @classmethod
    def load(cls, path: Path, shipped: Path) -> "Heard":
        """As `_hear` and `_ask` wrote it."""
        with np.load(path) as stored, np.load(shipped) as said:
            names = [one.name for one in fields(cls) if one.name not in ("shipped", "teachers")]
            arrays = {name: stored[name].astype(np.float32) for name in names}
            return cls(shipped=said["shipped"], **arrays, teachers=[str(name) for name in stored["teachers"]])


def latest(levels: np.ndarray, end: int, frames: int) -> np.ndarray:
    """The last `frames` before `end`, as the plugin sees them: a window that isn't full yet is tiled with what there is."""
    part = levels[max(0, end - frames) : end]
    return part if len(part) == frames else np.resize(part, (frames, levels.shape[1]))


def moments(seconds: float) -> np.ndarray:
    """Ends of the plugin's answers to a song, in seconds."""
    return np.arange(1, int(seconds / STEP) + 1) * STEP


def windows(seconds: float) -> list[float]:
    """Starts of the teachers' windows of a song, in seconds; the last one ends with it."""
    starts = [start * SECONDS for start in range(max(1, int(seconds / SECONDS)))]
    rest = seconds - len(starts) * SECONDS
    return [*starts, seconds - SECONDS] if rest > LEAST_REST else starts


def chunks_of(wide: np.ndarray) -> list[np.ndarray]:
    """What mn04 hears of a window at its rate, at the places that the teachers are asked about: each `[FRAMES, BANDS]`."""
    heard = mn04.levels_of(wide)
    steps = front_end.HOP / front_end.RATE * mn04.RATE / mn04.HOP
    starts = [min(int(place * steps), len(heard) - mn04.FRAMES) for place in PLACED]
    return [heard[at : at + mn04.FRAMES] for at in starts]


def widened(answers: np.ndarray) -> np.ndarray:
    """The teachers' logits `[teachers, places, their tags]` in the wide vocabulary, nan for the tags that only mn04 knows."""
    wide = np.full((*answers.shape[:2], len(WIDE)), np.nan, np.float32)
    wide[:, :, : len(NAMES)] = answers
    return wide


class Shipped:
    """A tagger as it ships, with its card: one of the strided network's front-end, or one of mn04's."""

    def __init__(self, folder: Path) -> None:
        self.session = session(folder / "model.onnx")
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        self.is_wide = card["frontend"]["sample_rate"] == mn04.RATE
        """Whether its levels are mn04's."""
        names = [tag["name"] for tag in card["tags"]]
        self.columns = [(index, WIDE_INDEX[name]) for index, name in enumerate(names) if name in WIDE_INDEX]

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """Probabilities of chunks `[n, frames, bands]` in the wide vocabulary, nan for tags that it doesn't have."""
        found = np.full((len(levels), len(WIDE)), np.nan, np.float32)
        for row, one in enumerate(levels):
            said = self.session.run(None, {"mel_db": one.T[None, None]})[0][0]
            for theirs, ours in self.columns:
                found[row, ours] = said[theirs]
        return found


def is_silent(samples: np.ndarray, end: int, rate: int) -> bool:
    """Whether the plugin takes the second before sample `end` for silence."""
    return bool(np.sqrt(np.mean(samples[max(0, end - rate) : end] ** 2)) < SILENT_RMS)


def heard_at(song: Song, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the plugin's answers to a song in seconds, and which of them are to silence; none for what only teaches."""
    ends = moments(len(low) / front_end.RATE) if song.part != "teach" else np.zeros(0)
    silent = [is_silent(low, int(end * front_end.RATE), front_end.RATE) for end in ends]
    return ends, np.array(silent, bool)


def wide_chunks(high: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """What mn04 hears at these moments of a song at its rate: `[moments, FRAMES, BANDS]`."""
    levels = mn04.levels_of(high)
    chunks = [latest(levels, int(end * mn04.RATE / mn04.HOP), mn04.FRAMES) for end in ends]
    return np.array(chunks).reshape(-1, mn04.FRAMES, mn04.BANDS)


def ask(shipped: Shipped, song: Song) -> np.ndarray:
    """The shipped tagger's probabilities of a song every STEP, nan in silence.

    # Errors
    Raises PipelineError if it can't be decoded.
    """
    low = _decoded(song)
    ends, silent = heard_at(song, low)
    if shipped.is_wide:
        chunks = wide_chunks(audio.decode(song.path, mn04.RATE), ends)
    else:
        levels = front_end.mel_db(low)
        places = [max(1, int(end * front_end.RATE / front_end.HOP)) for end in ends]
        chunks = np.array([latest(levels, place, front_end.FRAMES) for place in places])
        chunks = chunks.reshape(-1, front_end.FRAMES, front_end.BANDS)
    said = shipped(chunks)
    said[silent] = np.nan
    return said


def _decoded(song: Song) -> np.ndarray:
    low = audio.decode(song.path, front_end.RATE)
    if len(low) < front_end.RATE // 2:
        raise PipelineError(f"{song.path.name} is shorter than half a second")
    return low


class Ears:
    """All listeners of one process, but for the tagger that ships."""

    def __init__(self, paths: Paths) -> None:
        self.mn04 = mn04.Listener(paths.listener)
        self.teachers = teachers.Teachers(paths, False)

    def hear(self, song: Song) -> dict[str, np.ndarray]:
        """What everybody says of a song, by the names of Heard's fields.

        # Errors
        Raises PipelineError if it can't be decoded.
        """
        low, high = _decoded(song), audio.decode(song.path, mn04.RATE)
        ends, silent = heard_at(song, low)
        listened, embedded = self.mn04(wide_chunks(high, ends))
        listened[silent] = np.nan
        embedded[silent] = np.nan
        answers, chunks, worse = [], [], []
        poor = self._poor(song, low)
        for start in windows(len(low) / front_end.RATE):
            part = np.resize(low[int(start * front_end.RATE) :][:LENGTH], LENGTH)
            answers.append(self.teachers.listen(front_end.power_spectrogram(part), list(PLACED)))
            at = int(start * mn04.RATE)
            chunks += chunks_of(np.resize(high[at:][: 2 * LENGTH], 2 * LENGTH))
            if poor is not None:
                worse += chunks_of(np.resize(poor[at:][: 2 * LENGTH], 2 * LENGTH))
        said = np.concatenate(answers, axis=1)
        place_logits, place_embeddings = self.mn04(np.array(chunks))
        worse_logits, worse_embeddings = self.mn04(np.array(worse))
        return {
            "listened": listened,
            "embedded": embedded,
            "answers": widened(said),
            "place_logits": place_logits,
            "place_embeddings": place_embeddings,
            "worse_logits": worse_logits,
            "worse_embeddings": worse_embeddings,
        }

    def _poor(self, song: Song, low: np.ndarray) -> np.ndarray | None:
        """A song at mn04's rate as its poorest copies sound; None where it is one, and where nothing is learned from it."""
        if song.low or song.part == "report":
            return None
        kilobits = fidelity.KILOBITS[hashlib.sha256(song.name.encode()).digest()[0] % len(fidelity.KILOBITS)]
        poor = fidelity.worsened(low, front_end.RATE, mn04.RATE, kilobits)
        # An encoder's delay may cost the end a frame.
        return np.resize(poor, 2 * len(low)) if len(poor) < 2 * len(low) else poor


# Each worker opens its listeners at its first job: what fails there ends the run, and what fails as a pool starts is tried for ever.
@cache
def _ears(paths: Paths) -> Ears:
    return Ears(paths)


@cache
def _shipped() -> Shipped:
    return Shipped(SHIPPED)


def _hear(job: tuple[Paths, Song, Path]) -> None:
    paths, song, target = job
    ears = _ears(paths)
    try:
        heard = ears.hear(song)
    except PipelineError as error:
        print(f"left out: {error}")
        return
    with written_whole(target) as unfinished:
        arrays = {name: value.astype(np.float16) for name, value in heard.items()}
        np.savez(unfinished, **arrays, teachers=np.array(ears.teachers.names))


def _ask(job: tuple[Song, Path]) -> None:
    song, target = job
    with written_whole(target) as unfinished:
        np.savez(unfinished, shipped=ask(_shipped(), song))


@lru_cache
def digest_of_shipped() -> str:
    """Tells the shipped tagger from others: the first digits of its file's hash."""
    return sha256(SHIPPED / "model.onnx")[:8]


def file_of(paths: Paths, song: Song) -> Path:
    """Where everybody's answers to a song lie, but for those of the tagger that ships."""
    return paths.work / "tagger" / "songs" / f"{song.name}.npz"


def shipped_file_of(paths: Paths, song: Song) -> Path:
    """Where the shipped tagger's lie: a folder for each that ships, so that none is taken for another."""
    return paths.work / "tagger" / f"shipped-{digest_of_shipped()}" / f"{song.name}.npz"


def prepare(paths: Paths, songs: list[Song]) -> list[tuple[Song, Heard]]:
    """Asks about the songs that nobody was asked about yet; all that could be heard, in the same order."""
    spawned = multiprocessing.get_context("spawn")
    waiting = [(paths, song, file_of(paths, song)) for song in songs if not file_of(paths, song).exists()]
    if waiting:
        with spawned.Pool(2) as workers:
            for _ in progress(workers.imap_unordered(_hear, waiting), "songs", len(waiting)):
                pass
    heard = [song for song in songs if file_of(paths, song).exists()]
    waiting = [(song, shipped_file_of(paths, song)) for song in heard if not shipped_file_of(paths, song).exists()]
    if waiting:
        with spawned.Pool(2) as workers:
            for _ in progress(workers.imap_unordered(_ask, waiting), "songs, shipped", len(waiting)):
                pass
    return [(song, Heard.load(file_of(paths, song), shipped_file_of(paths, song))) for song in heard]
