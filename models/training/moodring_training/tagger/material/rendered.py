"""Rendered music with exact labels: single parts to be mixed while training, and whole pieces to be judged by."""

import multiprocessing
from pathlib import Path

import numpy as np

from ...shared import corpus, synthesis
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end
from ..labels.instruments import FAMILIES
from ..labels.vocabulary import TAGS
from ..listeners import teachers
from . import reels, scores
from .arranger import Part, arrangement, harmony, part

STEM_SECONDS = 8.0
STEM_FRAMES = 445
"""Frames kept of a part: what the fastest varispeed leaves."""
PIECES_PER_REEL = 6
REELS = 560
PIECE_SECONDS = 29.2
PIECES = {"choose": 24, "calibrate": 72, "report": 96}
"""Whole pieces per split that judges; as many again from scores for `report`."""
SMALL_REELS = 2
SMALL_PIECES = 3

BANKS = {
    "fluid-soundfont-gm": "usr/share/sounds/sf2/FluidR3_GM.sf2",
    "musescore-general-soundfont": "usr/share/sounds/sf3/MuseScore_General_Full.sf3",
    "csound-soundfont": "usr/share/sounds/sf2/sf_GMbank.sf2",
    "timgm6mb-soundfont": "usr/share/sounds/sf2/TimGM6mb.sf2",
    "freepats": "etc/timidity/freepats.cfg",
    "@coderline/alphatab": "package/dist/soundfont/sonivox.sf2",
    "minuet-data": "usr/share/minuet/soundfonts/GeneralUser-v1.47.sf2",
}


def soundfonts(paths: Paths, split: str, small: bool) -> list[Path]:
    """The soundfonts of a split."""
    return [
        corpus.unpack(paths, package) / BANKS[package.name]
        for package in corpus.manifest()
        if package.role == "soundfont" and package.split == split and (package.small or not small)
        if package.name in BANKS
    ]


def colour(random: np.random.Generator, samples: np.ndarray, family: str, rate: int = front_end.RATE) -> np.ndarray:
    """What happens to an instrument on its way to a recording, mono at `rate` Hz: overdrive, a room."""
    peak = np.abs(samples).max()
    if peak < 1e-5:
        return samples
    samples = samples / peak
    drivable = "guitar" in family or family in {"synth lead", "synth bass", "electric piano", "organ", "bass"}
    if drivable and random.random() < 0.35:
        drive = 10 ** random.uniform(0.2, 1.6)
        samples = np.tanh(samples * drive) / np.tanh(drive)
    if random.random() < 0.3:
        length = int(rate * random.uniform(0.1, 0.9))
        tail = random.normal(0, 1, length) * np.exp(-6.9 * np.arange(length) / length)
        size = len(samples) + length
        wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)[: len(samples)]
        wet *= np.sqrt(np.mean(samples**2) / max(np.mean(wet**2), 1e-12))
        samples = samples + wet * random.uniform(0.1, 0.9)
    return samples.astype(np.float32)


def _level(samples: np.ndarray) -> np.ndarray:
    """The same at an RMS of -20 dB over what sounds, so that parts can be balanced by number."""
    power = np.convolve(samples**2, np.ones(1600) / 1600, mode="same")
    loud = power[power > power.max() * 1e-3]
    return samples * (0.1 / np.sqrt(max(loud.mean() if len(loud) else 0.0, 1e-10)))


def stem_levels(samples: np.ndarray) -> np.ndarray:
    """Log-mel levels of a part at its standard level: float16 `[STEM_FRAMES, BANDS]`."""
    wanted = STEM_FRAMES * front_end.HOP
    levels = front_end.mel_db(
        _level(np.resize(samples, max(wanted, len(samples))) if len(samples) < wanted else samples)
    )
    return levels[:STEM_FRAMES].astype(np.float16)


def _reel(job: tuple[Paths, int, list[Path]]) -> None:
    """Renders one reel of parts for training."""
    paths, number, available = job
    target = paths.work / "tagger" / "stems" / f"reel-{number:04}.npz"
    if target.exists():
        return
    random = np.random.default_rng([23, number])
    segments: list[list[Part]] = []
    pieces: list[int] = []
    for piece in range(PIECES_PER_REEL):
        parts = arrangement(random, STEM_SECONDS, int(random.choice((3, 4, 5))))
        segments += [[one] for one in parts]
        pieces += [number * PIECES_PER_REEL + piece] * len(parts)
    setting = synthesis.Setting(
        bank=available[random.integers(len(available))],
        reverb=bool(random.random() < 0.6),
        chorus=bool(random.random() < 0.3),
        speed=float(random.uniform(0.9, 1.12)),
    )
    waves = reels.render(segments, STEM_SECONDS, setting)
    levels, families, kept = [], [], []
    for samples, [one], piece in zip(waves, segments, pieces, strict=True):
        if np.abs(samples).max() < 1e-4:
            continue
        levels.append(stem_levels(colour(random, samples, one.family)))
        families.append(one.family)
        kept.append(piece)
    with written_whole(target) as unfinished:
        np.savez(unfinished, levels=np.array(levels), families=np.array(families), pieces=np.array(kept))


def whole_pieces(
    random: np.random.Generator, count: int, composers: tuple[str, ...] = ()
) -> list[tuple[str, list[Part]]]:
    """`count` pieces to be judged by, each with its generator's name, and as many scores of these composers, if there are any.

    Every family comes up alone, and in company.
    """
    pieces: list[tuple[str, list[Part]]] = []
    playable = [family for family in FAMILIES if family.programs]
    for number in range(count):
        if number % 3 == 0:
            given = harmony(random, PIECE_SECONDS)
            pieces.append(("arranger, solo", [part(random, given, playable[(number // 3) % len(playable)])]))
        else:
            pieces.append(("arranger, ensemble", arrangement(random, PIECE_SECONDS, int(random.integers(2, 7)))))
    if composers:
        pieces += [("score", parts) for parts in scores.pieces(random, count, PIECE_SECONDS, composers)]
    return pieces


def _judged(job: tuple[Paths, str, int, list[tuple[str, list[Part]]], Path, bool]) -> None:
    """Renders and analyses a few whole pieces, and asks the teachers about them."""
    paths, split, number, pieces, soundfont, with_teachers = job
    target = paths.work / "tagger" / "pieces" / f"{split}-{number:04}.npz"
    if target.exists():
        return
    ask = teachers.Teachers(paths, all_of_them=True) if with_teachers else None
    waves = reels.render([parts for _, parts in pieces], PIECE_SECONDS, synthesis.Setting(soundfont))
    levels, answers, families, origins = [], [], [], []
    window = (teachers.LONG - 1) * front_end.HOP
    positions = [int(round(at)) for at in np.linspace(0, teachers.LONG - front_end.FRAMES, 5)]
    for samples, (origin, parts) in zip(waves, pieces, strict=True):
        power = front_end.power_spectrogram(samples[:window] * (0.8 / max(np.abs(samples[:window]).max(), 1e-4)))
        levels.append(front_end.to_db(power @ front_end.filterbank(front_end.BANDS)).astype(np.float16))
        families.append("|".join(one.family for one in parts))
        origins.append(origin)
        if ask:
            answers.append(ask.listen(power, positions).astype(np.float16))
    # In full: without teachers there is nothing to infer a length from.
    shape = (len(levels), len(ask.names) if ask else 0, len(positions), len(TAGS))
    with written_whole(target) as unfinished:
        np.savez(
            unfinished,
            levels=np.array(levels),
            families=np.array(families),
            origins=np.array(origins),
            answers=np.array(answers, np.float16).reshape(shape),
            teachers=np.array(ask.names if ask else [], np.str_),
        )


def prepare(paths: Paths, small: bool) -> None:
    """Writes `stems/reel-*.npz` for training and `pieces/<split>-*.npz` for the judging splits.

    stems: levels float16 `[parts, STEM_FRAMES, BANDS]`, families `[parts]`, pieces `[parts]` (what belongs together);
    pieces: levels float16 `[pieces, LONG, BANDS]`, families joined by `|`, origins, answers as in music.
    """
    with_teachers = paths.teachers.exists()
    train = soundfonts(paths, "train", small)
    reels = [(paths, number, train) for number in range(SMALL_REELS if small else REELS)]
    judged = []
    for split, count in PIECES.items():
        found = soundfonts(paths, "report" if split == "report" or small else "calibrate", small)
        random = np.random.default_rng([29, count])
        composers = scores.COMPOSERS if split == "report" else ()
        pieces = whole_pieces(random, SMALL_PIECES if small else count, composers)
        for number, start in enumerate(range(0, len(pieces), 8)):
            judged.append((paths, split, number, pieces[start : start + 8], found[0], with_teachers))
    workers = 1 if small else 2
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for _ in progress(pool.imap_unordered(_reel, reels), "rendered parts", len(reels)):
            pass
        for _ in progress(pool.imap_unordered(_judged, judged), "rendered pieces", len(judged)):
            pass
