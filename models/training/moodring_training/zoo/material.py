"""What the zoo's students learn from and are judged by: songs, and what the shipped tagger says of them, moment by moment."""

import multiprocessing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..shared import audio
from ..shared.errors import PipelineError
from ..shared.files import read_json, written_whole
from ..shared.onnx_graph import session
from ..shared.paths import ROOT, Paths
from ..shared.running import progress
from ..tagger import front_end
from ..tagger.labels import songs
from ..tagger.listeners import hearing, mn04
from ..tagger.measures import logit
from .config import Material
from .networks import Ear

SHIPPED = ROOT / "models" / "tagger"
EXCERPTS = ROOT / "tests" / "music"
"""What the project ships of music: for small runs, and wherever there are no songs."""
TEACHES, REPORTS = "teach", "report"


@dataclass
class Song:
    """A stretch of music that was listened to."""

    name: str
    part: str
    sound: np.ndarray
    """Mono at `front_end.RATE`, int16."""
    ends: np.ndarray
    """Where the shipped tagger's answers end, in seconds."""
    logits: np.ndarray
    """Those answers, float32 `[answers, tags]`."""
    labels: songs.Song | None
    """Who made it and what is in it, where that is known."""
    _levels: dict[int, np.ndarray] = field(default_factory=dict)

    def window(self, ear: Ear, end: float) -> np.ndarray:
        """What a network with that ear is given at a moment: `[bands, frames]` or `[samples]`, as the plugin has it."""
        if not ear.bands:
            stop = round(end * front_end.RATE)
            part = self.sound[max(0, stop - ear.frames) : stop]
            return np.resize(part, ear.frames).astype(np.float32) / 32_768
        if ear.bands not in self._levels:
            heard = front_end.mel_db(self.sound.astype(np.float32) / 32_768, ear.bands)
            self._levels[ear.bands] = heard.astype(np.float16)
        stop = max(1, int(end * front_end.RATE / front_end.HOP))
        return hearing.latest(self._levels[ear.bands], stop, ear.frames).T.astype(np.float32)

    def said(self, ear: Ear, end: float) -> np.ndarray:
        """What the shipped tagger says of the same sound: the mean of its answers that heard no more than that, or of the last."""
        shipped = mn04.FRAMES * mn04.HOP / mn04.RATE
        inside = (self.ends <= end + 1e-6) & (self.ends >= min(end, end - ear.seconds + shipped) - 1e-6)
        return self.logits[inside].mean(axis=0)


def empty_song(name: str, sound: np.ndarray) -> Song:
    """A stretch of music, float32 at `front_end.RATE`, that nobody was asked about."""
    rounded = (np.clip(sound, -1, 1) * 32_767).astype(np.int16)
    return Song(name, REPORTS, rounded, np.zeros(0), np.zeros((0, 0), np.float32), None)


@lru_cache
def shipped_card() -> dict[str, Any]:
    """The card of the tagger that ships."""
    return read_json(SHIPPED / "card.json") or {}


def prepare(paths: Paths, small: bool, material: Material) -> list[Song]:
    """Listens to the songs that nobody has listened to yet; all of them, in the same order.

    # Errors
    Raises PipelineError if none can be heard.
    """
    listed = _listed(paths, small, material)
    folder = paths.work / "zoo" / f"songs-{material.seconds:g}-{material.step_s:g}-{hearing.digest_of_shipped()}"
    jobs = [(one, folder / f"{one.name}.npz", material) for one in listed]
    waiting = [job for job in jobs if not job[1].exists()]
    if waiting:
        with multiprocessing.get_context("spawn").Pool(2) as workers:
            for _ in progress(workers.imap_unordered(_hear, waiting), "zoo: songs", len(waiting)):
                pass
    heard = [_load(one, path) for one, path, _ in jobs if path.exists()]
    if not {TEACHES, REPORTS} <= {song.part for song in heard}:
        raise PipelineError(f"{folder}: there are no songs to teach and to report with")
    return heard


def _listed(paths: Paths, small: bool, material: Material) -> list[songs.Song]:
    if not small and paths.music.exists():
        everything = songs.of_manifest(paths.music)
        counts = ((TEACHES, material.songs), (REPORTS, max(1, material.songs // 3)))
        return [song for part, count in counts for song in _drawn(everything, part, count)]
    # Some to learn from, others to be judged by.
    files = sorted(EXCERPTS.glob("*.ogg"))
    return [
        songs.Song(path.stem, path, REPORTS if index % 2 else TEACHES, frozenset()) for index, path in enumerate(files)
    ]


def _drawn(everything: list[songs.Song], part: str, count: int) -> list[songs.Song]:
    """So many songs of a part, evenly spread over the list."""
    of_part = [song for song in everything if song.part == part]
    places = np.linspace(0, len(of_part) - 1, min(count, len(of_part))).round().astype(int)
    return [of_part[place] for place in places]


def _hear(job: tuple[songs.Song, Path, Material]) -> None:
    song, target, material = job
    try:
        whole = audio.duration(song.path)
        start = max(0.0, (whole - material.seconds) / 2)
        low = audio.decode(song.path, front_end.RATE, start, material.seconds)
        high = audio.decode(song.path, mn04.RATE, start, material.seconds)
    except PipelineError as error:
        print(f"left out: {error}")
        return
    if len(low) < front_end.RATE:
        print(f"left out: {song.name} is shorter than a second")
        return
    levels = mn04.levels_of(high)
    ends = np.arange(1, int(len(low) / front_end.RATE / material.step_s) + 1) * material.step_s
    running = session(SHIPPED / "model.onnx")
    answers = []
    for end in ends:
        chunk = hearing.latest(levels, int(end * mn04.RATE / mn04.HOP), mn04.FRAMES)
        answers.append(logit(running.run(None, {"mel_db": chunk.T[None, None]})[0][0]))
    with written_whole(target) as unfinished:
        np.savez(
            unfinished,
            sound=(np.clip(low, -1, 1) * 32_767).astype(np.int16),
            ends=ends,
            logits=np.array(answers, np.float32),
        )


def _load(song: songs.Song, path: Path) -> Song:
    with np.load(path) as stored:
        return Song(song.name, song.part, stored["sound"], stored["ends"], stored["logits"], song)
