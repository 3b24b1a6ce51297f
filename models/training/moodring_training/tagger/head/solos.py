"""Solos with exact labels for a head on mn04: parts played with recorded notes, and speech, with mn04's embeddings of them."""

import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from ...shared import corpus
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end
from ..labels import exact, instruments
from ..listeners import mn04
from ..material import recorded, rendered

PARTS = 6
"""Parts of each instrument, a chunk of each."""

MADE_UP = {"noise": recorded.noises, "tones": recorded.tones, "hum": recorded.hums}
"""What is no music, and how it is made."""
MADE_UP_PARTS = 36
"""Of each kind of that, two chunks of each: as it goes on, and as it begins."""

NARROW = {
    "clarinet": "clarinet",
    "contrabass": "double bass",
    "french-horn": "french horn",
    "harmonium": "accordion",
    "saxophone": "saxophone",
    "trombone": "trombone",
    "trumpet": "trumpet",
    "xylophone": "marimba",
}
"""What a package of recorded notes is, more narrowly than its family's labels."""


@dataclass
class Solos:
    """Chunks of solos."""

    logits: np.ndarray
    """mn04's 527, float32 `[chunks, 527]`."""
    embeddings: np.ndarray
    """float32 `[chunks, EMBEDDING]`."""
    right: np.ndarray
    """0 or 1, float32 `[chunks, tags]` of the wide vocabulary."""
    known: np.ndarray
    """0 or 1, float32 `[chunks, tags]`."""
    sources: np.ndarray
    """Package that each is of."""


def labels_of(package: str, family: str) -> tuple[np.ndarray, np.ndarray]:
    """What is known of a solo in the wide vocabulary: targets and their mask, float32 `[tags]` each."""
    narrow = [tag for word, tag in NARROW.items() if f"-{word}-" in package]
    return exact.labels_of([exact.Sounding(family, frozenset(narrow))])


def _sounds(paths: Paths, source: str) -> list[recorded.Stem]:
    """The parts of a package, or of what is made up and is no music."""
    if source in MADE_UP:
        return MADE_UP[source](MADE_UP_PARTS)
    package = next(one for one in corpus.manifest() if one.name == source)
    folder = corpus.unpack(paths, package)
    if package.role == "notes":
        return recorded.played(folder, package.family, PARTS)
    return recorded.voices(folder, recorded.SPEAKERS[source], PARTS)


def _file_of(paths: Paths, source: str) -> Path:
    return paths.work / "tagger" / "solos" / f"{source}.npz"


def begun(random: np.random.Generator, levels: np.ndarray) -> np.ndarray:
    """The levels of a chunk `[FRAMES, BANDS]` as the plugin sees them after a sound has begun abruptly.

    It is at first tiled with what there is; later silence lies before it.
    """
    heard = int(random.integers(mn04.FRAMES // 10, mn04.FRAMES))
    if random.random() < 0.6:
        return np.resize(levels[:heard], levels.shape)
    silence = np.full((mn04.FRAMES - heard, mn04.BANDS), 10 * np.log10(mn04.FLOOR), levels.dtype)
    return np.concatenate([silence, levels[:heard]])


def chunks(paths: Paths, source: str) -> tuple[np.ndarray, list[str]]:
    """What mn04 hears of a source, levels in dB `[chunks, FRAMES, BANDS]`, and the family of each chunk. The same every time."""
    random = np.random.default_rng([73, *source.encode()])
    found, families = [], []
    length = (mn04.FRAMES - 1) * mn04.HOP + 1
    for name, sound in _sounds(paths, source):
        if name not in instruments.NOT_MUSIC:
            sound = rendered.colour(random, sound, name)
        wide = resample_poly(sound, mn04.RATE // front_end.RATE, 1).astype(np.float32)
        # Where it sounds most: a part may rest.
        starts = range(0, max(1, len(wide) - length), mn04.RATE)
        start = max(starts, key=lambda at: float(np.sum(wide[at : at + length] ** 2)))
        stretch = np.resize(wide[start : start + length], length + 1)
        if np.abs(stretch).max() > 1e-3:
            found.append(mn04.levels_of(stretch)[: mn04.FRAMES])
            families.append(name)
        if source in MADE_UP:
            # From its first sample on: the click of the beginning is part of it.
            first = np.concatenate([np.zeros(mn04.N_FFT, np.float32), wide])[: length + mn04.N_FFT]
            found.append(begun(random, mn04.levels_of(first)[mn04.N_FFT // mn04.HOP - 1 :][: mn04.FRAMES]))
            families.append(name)
    return np.array(found), families


def _make(job: tuple[Paths, str]) -> None:
    paths, source = job
    levels, families = chunks(paths, source)
    logits, embeddings = mn04.Listener(paths.listener)(levels)
    known = [labels_of(source, name) for name in families]
    with written_whole(_file_of(paths, source)) as unfinished:
        np.savez(
            unfinished,
            logits=logits,
            embeddings=embeddings,
            right=np.array([right for right, _ in known]),
            known=np.array([mask for _, mask in known]),
        )


def prepare(paths: Paths) -> None:
    """Makes what is missing; fetches the packages."""
    packages = [one.name for one in corpus.manifest() if one.role == "notes" or one.name in recorded.SPEAKERS]
    jobs = [(paths, source) for source in (*MADE_UP, *packages) if not _file_of(paths, source).exists()]
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        for _ in progress(workers.imap_unordered(_make, jobs), "solos", len(jobs)):
            pass


def load(paths: Paths) -> Solos | None:
    """All solos that were made; None where there are none."""
    files: list[Path] = sorted((paths.work / "tagger" / "solos").glob("*.npz"))
    if not files:
        return None
    stored = [dict(np.load(path)) for path in files]
    joined = {
        name: np.concatenate([one[name] for one in stored]) for name in ("logits", "embeddings", "right", "known")
    }
    sources = np.concatenate([[path.stem] * len(one["right"]) for path, one in zip(files, stored, strict=True)])
    return Solos(**joined, sources=sources)
