"""What mn04 says of single parts, rendered with every program of General MIDI: those that the head is corrected with, and those that choose.

A piece that is judged by is heard from its beginning to its end, also where a note dies away or another has yet to come; so are these.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ...shared import synthesis
from ...shared.paths import Paths
from ..labels.instruments import FAMILIES
from ..material import reels, rendered
from ..material.arranger import Part, harmony, part
from . import mn04, pieces

SECONDS = {"teach": 15.0, "choose": rendered.PIECE_SECONDS}
"""Of a solo, before its speed is changed."""
POSITIONS = {"teach": 3, "choose": pieces.POSITIONS}
"""Answers to a solo, from its beginning to its end."""
ROUNDS = {"teach": 3, "choose": 2}
"""Solos of every program and soundfont."""
REEL = 30
"""Solos that are rendered at once."""
SPLITS = {"teach": "train", "choose": "choose"}
"""Whose soundfonts each is rendered with."""


def every_program(random: np.random.Generator, seconds: float) -> list[Part]:
    """A solo of every program of every family, in the order of the families."""
    return [
        replace(part(random, harmony(random, seconds), family), program=program)
        for family in FAMILIES
        for program in family.programs
    ]


def folder_of(paths: Paths, split: str) -> Path:
    """Where what mn04 said of a split's solos lies."""
    return paths.work / "tagger" / f"solos-{split}"


def _hear(job: tuple[Paths, str, int, list[Part], Path, Path]) -> None:
    paths, split, number, solos, bank, target = job
    random = np.random.default_rng([89, number])
    setting, teaches = synthesis.Setting(bank), split == "teach"
    if teaches:
        setting = replace(
            setting,
            reverb=bool(random.random() < 0.6),
            chorus=bool(random.random() < 0.3),
            speed=float(random.uniform(0.9, 1.12)),
        )
    waves = reels.render([[one] for one in solos], SECONDS[split], setting, mn04.RATE)
    levels, lines, members, silent = [], [], [], []
    for place, (samples, one) in enumerate(zip(waves, solos, strict=True)):
        if np.abs(samples).max() < pieces.SOFTEST:
            continue
        # Half of them as they are rendered, as those are that are judged by.
        if teaches and random.random() < 0.5:
            samples = rendered.colour(random, samples, one.family, mn04.RATE)
        for chunk, is_silent in pieces.throughout(samples, POSITIONS[split]):
            levels.append(chunk)
            silent.append(is_silent)
            lines.append(pieces.written([(one, 1.0)]))
        members += [1000 * number + place] * POSITIONS[split]
    pieces.write(paths, target, levels, (lines, members, ["arranger, solo"] * len(lines)), silent)


def jobs_of(paths: Paths, split: str) -> list[tuple[Paths, str, int, list[Part], Path, Path]]:
    """The reels of a split; each is of one soundfont."""
    found = []
    for turn in range(ROUNDS[split]):
        for place, bank in enumerate(rendered.soundfonts(paths, SPLITS[split], False)):
            seed = [97, len(split), turn, place]
            solos = every_program(np.random.default_rng(seed), SECONDS[split])
            for start in range(0, len(solos), REEL):
                number = len(found)
                target = folder_of(paths, split) / f"{number:03}.npz"
                found.append((paths, split, number, solos[start : start + REEL], bank, target))
    return found


def prepare(paths: Paths, split: str) -> None:
    """Renders the solos of a split, as far as they are missing, and asks mn04 about them."""
    pieces.run(_hear, jobs_of(paths, split), f"rendered solos, {split}")


def load(paths: Paths, split: str) -> pieces.Heard | None:
    """All that was heard of a split; None where nothing was rendered."""
    return pieces.load_from(folder_of(paths, split))
