"""Labelled music that a user has: MTG-Jamendo, MagnaTagATune, NSynth, or a folder of one's own.

`local.toml` names it, see labels.local; the formats are:

- jamendo: `autotagging_top50tags.tsv` and the audio under the paths it names.
- mtat: `annotations_final.csv` (tab-separated) and the clips under its `mp3_path`.
- nsynth: `examples.json` and `audio/<key>.wav`.
- own: `tags.tsv`, see labels.local.
"""

import csv
import json
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...shared import audio
from ...shared.errors import PipelineError
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end
from ..labels import local
from ..labels.instruments import BY_NAME
from ..labels.vocabulary import INDEX, NAMES, TAGS
from ..listeners import teachers

WINDOW = (teachers.LONG - 1) * front_end.HOP
SHARD = 64
MOST = 20_000
"""Files taken of one folder."""

NSYNTH_FAMILIES = {
    "bass": "bass",
    "brass": "trumpet and horns",
    "flute": "flute",
    "guitar": "",
    "keyboard": "",
    "mallet": "mallets",
    "organ": "organ",
    "reed": "reeds",
    "string": "strings",
    "synth_lead": "synth lead",
    "vocal": "speech",
}
"""NSynth's families by this project's; those without one carry the tag of the same name alone."""


def _sources(vocabulary: str) -> dict[str, list[str]]:
    """A vocabulary's tags: for each, this project's tags that it means."""
    found: dict[str, list[str]] = {}
    for tag in TAGS:
        for name, theirs in tag.sources:
            if name == vocabulary:
                for one in theirs:
                    found.setdefault(one, []).append(tag.name)
    return found


def _from_vocabulary(right: set[str], vocabulary: str) -> tuple[list[str], list[str]]:
    """This project's tags: right if any of theirs is, wrong if none is."""
    sources = _sources(vocabulary)
    ours = {name for names in sources.values() for name in names}
    true = {name for tag in right for name in sources.get(tag, [])}
    return sorted(true), sorted(ours - true)


def jamendo(folder: Path) -> Iterator[local.Example]:
    """MTG-Jamendo's top 50."""
    with (folder / "autotagging_top50tags.tsv").open(encoding="utf-8") as file:
        for row in list(csv.reader(file, delimiter="\t"))[1:]:
            yield folder / row[3], *_from_vocabulary(set(row[5:]), "jamendo")


def mtat(folder: Path) -> Iterator[local.Example]:
    """MagnaTagATune."""
    with (folder / "annotations_final.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            right = {tag for tag, value in row.items() if value == "1"}
            yield folder / row["mp3_path"], *_from_vocabulary(right, "mtat")


def nsynth(folder: Path) -> Iterator[local.Example]:
    """NSynth: one note a file."""
    for key, note in json.loads((folder / "examples.json").read_text(encoding="utf-8")).items():
        theirs = note["instrument_family_str"]
        family = BY_NAME.get(NSYNTH_FAMILIES.get(theirs, ""))
        right = list(family.tags) if family else [theirs]
        right = [tag for tag in right if tag in INDEX]
        unsure = set(family.unsure) if family else set()
        related = (
            unsure
            | set(right)
            | {"computer"}
            | ({"acoustic guitar", "electric guitar"} if theirs == "guitar" else set())
        )
        related |= {"piano", "electric piano", "harpsichord", "synthesizer"} if theirs == "keyboard" else set()
        wrong = [tag.name for tag in TAGS if tag.kind == "instrument" and tag.name not in related]
        yield folder / "audio" / f"{key}.wav", right, wrong


FORMATS = {"jamendo": jamendo, "mtat": mtat, "nsynth": nsynth, "own": local.own}


def _shard(job: tuple[Path, list[local.Example]]) -> None:
    """Analyses some files and writes them: levels, labels, known as data's Labelled reads them."""
    target, examples = job
    if target.exists():
        return
    levels, labels, known = [], [], []
    for path, right, wrong in examples:
        try:
            length = audio.duration(path)
            samples = audio.decode(path, front_end.RATE, max(0.0, length / 2 - 15), WINDOW / front_end.RATE + 0.1)
        except PipelineError as error:
            print(f"left out: {error}")
            continue
        if len(samples) < front_end.HOP:
            continue
        levels.append(front_end.mel_db(np.resize(samples, WINDOW)).astype(np.float16))
        labels.append(np.isin(NAMES, right))
        known.append(np.isin(NAMES, right + wrong))
    with written_whole(target) as unfinished:
        np.savez(
            unfinished,
            levels=np.array(levels, np.float16).reshape(-1, teachers.LONG, front_end.BANDS),
            labels=np.array(labels, np.float32).reshape(-1, len(NAMES)),
            known=np.array(known, np.float32).reshape(-1, len(NAMES)),
        )


def prepare(paths: Paths, small: bool) -> None:
    """Writes `labelled/<number>-<shard>.npz` for each folder of `local.toml`; nothing without that file."""
    jobs = []
    for number, entry in enumerate(local.entries(paths)):
        if entry["format"] not in FORMATS:
            raise PipelineError(
                f"{local.file_of(paths)}: format must be one of {', '.join(FORMATS)}, not {entry['format']!r}"
            )
        examples = local.examples_of(entry, FORMATS[entry["format"]])
        np.random.default_rng(71).shuffle(examples)
        examples = examples[: 8 if small else MOST]
        for shard, start in enumerate(range(0, len(examples), SHARD)):
            target = paths.work / "tagger" / "labelled" / f"{number}-{shard:04}.npz"
            jobs.append((target, examples[start : start + SHARD]))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for _ in progress(pool.imap_unordered(_shard, jobs), "labelled music", len(jobs)):
            pass
