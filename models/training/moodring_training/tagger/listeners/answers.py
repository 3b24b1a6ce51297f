"""mn04's answers to labelled songs every other second, as the plugin would ask: what a head is to go on saying of real music."""

from pathlib import Path

import numpy as np

from ...shared import audio
from ...shared.files import written_whole
from ...shared.paths import Paths
from ..labels.songs import Song
from . import hearing, mn04, pieces

STEP = 2.0
"""Seconds between the answers."""


def file_of(paths: Paths, song: Song) -> Path:
    """Where mn04's answers to a song lie."""
    return paths.work / "tagger" / "answers" / f"{song.name}.npz"


def moments(samples: np.ndarray) -> np.ndarray:
    """Ends of the answers to a song at mn04's rate, in seconds, without those to silence; what is shorter has one."""
    seconds = len(samples) / mn04.RATE
    ends = np.arange(1, int(seconds / STEP) + 1) * STEP if seconds >= STEP else np.array([seconds])
    return np.array([end for end in ends if not hearing.is_silent(samples, int(end * mn04.RATE), mn04.RATE)])


def _hear(job: tuple[Paths, Song, Path]) -> None:
    paths, song, target = job
    samples = audio.decode(song.path, mn04.RATE)
    logits, embeddings = mn04.Listener(paths.listener)(hearing.wide_chunks(samples, moments(samples)))
    with written_whole(target) as unfinished:
        np.savez(unfinished, logits=logits, embeddings=embeddings)


def prepare(paths: Paths, songs: list[Song]) -> tuple[np.ndarray, np.ndarray]:
    """Logits `[answers, 527]` and embeddings `[answers, EMBEDDING]` of all songs; asks about those that weren't asked about yet."""
    pieces.run(_hear, [(paths, song, file_of(paths, song)) for song in songs], "songs, mn04 alone")
    found = []
    for song in songs:
        with np.load(file_of(paths, song)) as stored:
            found.append((stored["logits"], stored["embeddings"]))
    logits, embeddings = zip(*found, strict=True)
    return np.concatenate(logits), np.concatenate(embeddings)
