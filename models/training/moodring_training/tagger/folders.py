"""Labelled music that a user has: MTG-Jamendo, MagnaTagATune, NSynth, or a folder of one's own.

`local.toml` beside the packages (`target/models/local.toml`) names it, one entry each:

    [[folder]]
    format = "jamendo"     # or mtat, nsynth, own
    path = "/where/it/is"

- jamendo: `autotagging_top50tags.tsv` and the audio under the paths it names.
- mtat: `annotations_final.csv` (tab-separated) and the clips under its `mp3_path`.
- nsynth: `examples.json` and `audio/<key>.wav`.
- own: `tags.tsv`, a line per file: its path, a tab, the tags that are right (Moodring's names) separated by commas, and,
  if there is a second tab, those that are wrong. All others are unknown.
"""

import csv
import json
import multiprocessing
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .. import audio, common
from . import teachers
from .audioset import WIDE_INDEX
from .instruments import BY_NAME
from .vocabulary import INDEX, NAMES, TAGS

WINDOW = (teachers.LONG - 1) * audio.HOP
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

Example = tuple[Path, list[str], list[str]]
"""A file, the tags that are right and those that are wrong."""


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


def jamendo(folder: Path) -> Iterator[Example]:
    """MTG-Jamendo's top 50."""
    with (folder / "autotagging_top50tags.tsv").open(encoding="utf-8") as file:
        for row in list(csv.reader(file, delimiter="\t"))[1:]:
            yield folder / row[3], *_from_vocabulary(set(row[5:]), "jamendo")


def mtat(folder: Path) -> Iterator[Example]:
    """MagnaTagATune."""
    with (folder / "annotations_final.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            right = {tag for tag, value in row.items() if value == "1"}
            yield folder / row["mp3_path"], *_from_vocabulary(right, "mtat")


def nsynth(folder: Path) -> Iterator[Example]:
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


def own(folder: Path) -> Iterator[Example]:
    """`tags.tsv`."""
    for number, line in enumerate((folder / "tags.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        name, *columns = line.split("\t")
        right, wrong = ([tag.strip() for tag in column.split(",") if tag.strip()] for column in (*columns, "", "")[:2])
        unknown = [tag for tag in (*right, *wrong) if tag not in WIDE_INDEX]
        if unknown:
            raise common.PipelineError(f"{folder / 'tags.tsv'}, line {number}: no such tag: {', '.join(unknown)}")
        yield folder / name, right, wrong


FORMATS = {"jamendo": jamendo, "mtat": mtat, "nsynth": nsynth, "own": own}


def _shard(job: tuple[Path, list[Example]]) -> None:
    """Analyses some files and writes them: levels, labels, known as data's Labelled reads them."""
    target, examples = job
    if target.exists():
        return
    levels, labels, known = [], [], []
    for path, right, wrong in examples:
        try:
            length = audio.duration(path)
            samples = audio.decode(path, max(0.0, length / 2 - 15), WINDOW / audio.RATE + 0.1)
        except common.PipelineError as error:
            print(f"left out: {error}")
            continue
        if len(samples) < audio.HOP:
            continue
        levels.append(audio.mel_db(np.resize(samples, WINDOW)).astype(np.float16))
        labels.append(np.isin(NAMES, right))
        known.append(np.isin(NAMES, right + wrong))
    with common.written_whole(target) as unfinished:
        np.savez(
            unfinished,
            levels=np.array(levels, np.float16).reshape(-1, teachers.LONG, audio.BANDS),
            labels=np.array(labels, np.float32).reshape(-1, len(NAMES)),
            known=np.array(known, np.float32).reshape(-1, len(NAMES)),
        )


def prepare(paths: common.Paths, small: bool) -> None:
    """Writes `labelled/<number>-<shard>.npz` for each folder of `local.toml`; nothing without that file."""
    listed = paths.packages.parent / "local.toml"
    if not listed.exists():
        return
    jobs = []
    for number, entry in enumerate(tomllib.loads(listed.read_text(encoding="utf-8")).get("folder", [])):
        if entry.get("format") not in FORMATS:
            raise common.PipelineError(
                f"{listed}: format must be one of {', '.join(FORMATS)}, not {entry.get('format')!r}"
            )
        try:
            examples = list(FORMATS[entry["format"]](Path(entry["path"])))
        except OSError as error:
            raise common.PipelineError(f"{entry['path']}: {error.strerror}: {error.filename}") from error
        np.random.default_rng(71).shuffle(examples)
        examples = examples[: 8 if small else MOST]
        for shard, start in enumerate(range(0, len(examples), SHARD)):
            target = paths.work / "tagger" / "labelled" / f"{number}-{shard:04}.npz"
            jobs.append((target, examples[start : start + SHARD]))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for _ in common.progress(pool.imap_unordered(_shard, jobs), "labelled music", len(jobs)):
            pass
