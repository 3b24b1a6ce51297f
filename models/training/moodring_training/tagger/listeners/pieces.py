"""What mn04 says of rendered pieces and of each of their parts alone, and how much of a piece each part is.

Pieces that teach are rendered a part at a time, mixed here, and heard in chunks: what rests in a chunk, or is masked, isn't heard.
Pieces that are judged by are rendered whole, as a user's would be, and last 29 s.
"""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...shared import synthesis
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from ..labels.exact import Sounding
from ..material import audible, reels, rendered, scores
from ..material.arranger import Part, arrangement
from . import hearing, mn04

CHUNK = mn04.FRAMES * mn04.HOP
"""Samples of an answer, and of what is mixed, at mn04's rate."""
CHUNKS = 3
"""Of each piece that teaches."""
SECONDS = CHUNKS * CHUNK / mn04.RATE
REELS, SCORE_REELS = 150, 24
"""Reels of pieces that teach: made up, and of scores."""
PIECES_PER_REEL = 4
SPLITS = {"choose": (31, 60, scores.TAUGHT_COMPOSERS), "report": (29, 96, scores.COMPOSERS)}
"""Pieces that are judged by: the seed, how many are made up and how many of whose scores."""
POSITIONS = 5
"""Answers to a piece that is judged by, from its beginning to its end."""
SOFTEST = 1e-4
"""A part whose peak is below this is silent."""
SMALL_PIECES = 3


@dataclass
class Heard:
    """Chunks of rendered sound."""

    logits: np.ndarray
    """mn04's 527, float32 `[chunks, 527]`."""
    embeddings: np.ndarray
    """float32 `[chunks, EMBEDDING]`."""
    parts: list[list[tuple[Sounding, float]]]
    """Of each chunk, the parts of its piece, and the share that is heard of each."""
    pieces: np.ndarray
    """Which piece each is of, `[chunks]`."""
    origins: list[str]
    """`part`, `mix`, or who made a piece that is judged by."""
    silent: np.ndarray
    """Which of them the plugin takes for silence and doesn't answer, `[chunks]`: parts rest."""
    shipped: np.ndarray
    """The shipped tagger's probabilities `[chunks, tags]`, where it was asked."""


def written(parts: list[tuple[Part, float]]) -> str:
    """A line that has the parts of a chunk, and the share that is heard of each."""
    return "|".join(f"{one.family}:{one.program}:{share:.5f}" for one, share in parts)


def _read(line: str) -> list[tuple[Sounding, float]]:
    found = []
    for one in line.split("|"):
        family, program, share = one.split(":")
        found.append((Sounding.of_program(family, int(program)), float(share)))
    return found


def folder_of(paths: Paths, split: str) -> Path:
    """Where a split's answers lie; those of the shipped tagger are among them."""
    name = "rendered-teach" if split == "teach" else f"judged-{split}-{hearing.digest_of_shipped()}"
    return paths.work / "tagger" / name


def _pieces_of(number: int) -> tuple[np.random.Generator, list[list[Part]]]:
    """The pieces of a reel that teaches, and the generator that goes on with it."""
    random = np.random.default_rng([83, number])
    if number >= REELS:
        found = scores.pieces(random, PIECES_PER_REEL, SECONDS, scores.TAUGHT_COMPOSERS)
    else:
        found = [arrangement(random, SECONDS, int(random.integers(2, 7))) for _ in range(PIECES_PER_REEL)]
    return random, found


def _mixed(
    random: np.random.Generator, parts: list[Part], waves: list[np.ndarray]
) -> tuple[list[Part], list[np.ndarray]]:
    """The parts of a piece that sound, on their way to a recording and at their levels in it."""
    balanced, found = random.random() < 0.5, []
    for part, samples in zip(parts, waves, strict=True):
        peak = np.abs(samples).max()
        if peak < SOFTEST:
            continue
        coloured = rendered.colour(random, samples, part.family, mn04.RATE)
        loudness = np.sqrt(np.mean(coloured**2))
        # As the synthesizer balances them, or each as loud as another but for what a mixer likes.
        aim = 0.1 * 10 ** (random.normal(0, 4) / 20) if balanced else np.sqrt(np.mean(samples**2))
        found.append((part, coloured * (aim / max(loudness, 1e-9))))
    return [part for part, _ in found], [sound for _, sound in found]


def _teach(job: tuple[Paths, int, list[Path], Path]) -> None:
    paths, number, banks, target = job
    random, pieces = _pieces_of(number)
    setting = synthesis.Setting(
        bank=banks[number % len(banks)],
        reverb=bool(random.random() < 0.6),
        chorus=bool(random.random() < 0.3),
        speed=float(random.uniform(0.9, 1.12)) if number < REELS else 1.0,
    )
    waves = iter(reels.render([[part] for piece in pieces for part in piece], SECONDS, setting, mn04.RATE))
    levels, lines, members, origins = [], [], [], []
    length = CHUNKS * CHUNK + 1
    for piece, given in enumerate(pieces):
        sounds = [np.resize(next(waves), length) for _ in given]
        parts, sounds = _mixed(random, given, sounds)
        if not parts:
            continue
        alone = np.array([_chunked(mn04.levels_of(sound)) for sound in sounds])
        mix = _chunked(mn04.levels_of(np.sum(sounds, axis=0)))
        for chunk in range(CHUNKS):
            levels.append(mix[chunk])
            lines.append(written(list(zip(parts, audible.shares(alone[:, chunk]), strict=True))))
            origins.append("mix")
        for part, heard in zip(parts, alone, strict=True):
            # Where it sounds most: a part may rest.
            levels.append(max(heard, key=lambda one: float(np.sum(10 ** (one / 10)))))
            lines.append(written([(part, 1.0)]))
            origins.append("part")
        members += [number * PIECES_PER_REEL + piece] * (CHUNKS + len(parts))
    write(paths, target, levels, (lines, members, origins))


def _chunked(levels: np.ndarray) -> np.ndarray:
    """`[frames, bands]` to `[CHUNKS, FRAMES, bands]`."""
    return levels[: CHUNKS * mn04.FRAMES].reshape(CHUNKS, mn04.FRAMES, -1)


def throughout(samples: np.ndarray, positions: int) -> Iterator[tuple[np.ndarray, bool]]:
    """What mn04 hears `[FRAMES, bands]` at so many positions from a sound's beginning to its end, and whether the plugin takes it for silence."""
    loud = samples * (0.8 / max(np.abs(samples).max(), SOFTEST))
    heard = mn04.levels_of(loud)
    for start in np.linspace(0, len(heard) - mn04.FRAMES, positions).round().astype(int):
        end = start + mn04.FRAMES
        yield heard[start:end], hearing.is_silent(loud, end * mn04.HOP, mn04.RATE)


def _judge(job: tuple[Paths, int, list[tuple[str, list[Part]]], Path, Path]) -> None:
    paths, number, pieces, bank, target = job
    waves = reels.render([parts for _, parts in pieces], rendered.PIECE_SECONDS, synthesis.Setting(bank), mn04.RATE)
    levels, lines, members, origins, silent = [], [], [], [], []
    for place, (samples, (origin, parts)) in enumerate(zip(waves, pieces, strict=True)):
        for chunk, is_silent in throughout(samples, POSITIONS):
            levels.append(chunk)
            silent.append(is_silent)
            lines.append(written([(part, 1.0) for part in parts]))
            origins.append(origin)
        members += [1000 * number + place] * POSITIONS
    write(paths, target, levels, (lines, members, origins), silent, hearing.Shipped(hearing.SHIPPED))


def write(
    paths: Paths,
    target: Path,
    levels: list[np.ndarray],
    said: tuple[list[str], list[int], list[str]],
    silent: list[bool] | None = None,
    shipped: hearing.Shipped | None = None,
) -> None:
    """Asks mn04 about chunks `[chunks, FRAMES, BANDS]` in dB and writes its answers with what is `said` of each: lines, pieces, origins."""
    lines, members, origins = said
    logits, embeddings = mn04.Listener(paths.listener)(np.array(levels))
    # A tagger of the strided network's front-end isn't asked.
    answers = shipped(np.array(levels)) if shipped is not None and shipped.is_wide else np.zeros((0, 0), np.float32)
    with written_whole(target) as unfinished:
        np.savez(
            unfinished,
            logits=logits.astype(np.float16),
            embeddings=embeddings.astype(np.float16),
            parts=np.array(lines),
            pieces=np.array(members),
            origins=np.array(origins),
            silent=np.zeros(len(levels), bool) if silent is None else np.array(silent, bool),
            shipped=answers,
        )


def run(make: object, jobs: list[tuple], what: str) -> None:
    """Does the jobs whose last entry, a file, isn't there yet."""
    waiting = [job for job in jobs if not job[-1].exists()]
    if waiting:
        with multiprocessing.get_context("spawn").Pool(2) as workers:
            for _ in progress(workers.imap_unordered(make, waiting), what, len(waiting)):
                pass


def prepare_to_teach(paths: Paths) -> None:
    """Renders the pieces that teach, as far as they are missing, with the soundfonts that train."""
    banks = rendered.soundfonts(paths, "train", False)
    folder = folder_of(paths, "teach")
    jobs = [(paths, number, banks, folder / f"{number:03}.npz") for number in range(REELS + SCORE_REELS)]
    run(_teach, jobs, "rendered pieces that teach")


def prepare_to_judge(paths: Paths, split: str, small: bool) -> None:
    """Renders the pieces of a split that judges, as far as they are missing, with its soundfont."""
    [bank] = rendered.soundfonts(paths, split, small)
    seed, count, composers = SPLITS[split]
    count = SMALL_PIECES if small else count
    folder = folder_of(paths, split)
    if len(list(folder.glob("*.npz"))) == -(-2 * count // 8):
        return
    pieces = rendered.whole_pieces(np.random.default_rng([seed, count]), count, composers)
    jobs = []
    for number, start in enumerate(range(0, len(pieces), 8)):
        jobs.append((paths, number, pieces[start : start + 8], bank, folder / f"{number:03}.npz"))
    run(_judge, jobs, f"rendered pieces, {split}")


def load(paths: Paths, split: str) -> Heard | None:
    """All that was heard of a split; None where nothing was rendered."""
    return load_from(folder_of(paths, split))


def load_from(folder: Path) -> Heard | None:
    """All that was heard, of a folder that `write` wrote into; None where there is nothing."""
    files = sorted(folder.glob("*.npz"))
    if not files:
        return None
    stored = [dict(np.load(path)) for path in files]
    numbers = {name: np.concatenate([one[name] for one in stored]) for name in ("logits", "embeddings", "shipped")}
    return Heard(
        logits=numbers["logits"].astype(np.float32),
        embeddings=numbers["embeddings"].astype(np.float32),
        parts=[_read(str(line)) for one in stored for line in one["parts"]],
        pieces=np.concatenate([one["pieces"] for one in stored]),
        origins=[str(origin) for one in stored for origin in one["origins"]],
        # Of pieces that teach nobody asks, and those that an earlier version wrote don't say.
        silent=np.concatenate([one.get("silent", np.zeros(len(one["pieces"]), bool)) for one in stored]),
        shipped=numbers["shipped"],
    )
