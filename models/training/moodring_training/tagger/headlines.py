"""How often the plugin's headlines change on recordings: asked of its own command line, which chooses them as the plugin does."""

import json
from collections.abc import Iterable
from pathlib import Path

from ..shared import process
from ..shared.errors import PipelineError
from ..shared.paths import Paths

STEADY_SECONDS = 20.0
"""Recordings that last so long are counted."""


def changes(lines: Iterable[str]) -> dict[str, tuple[int, float]]:
    """Of the answers to a file as `moodring tag --every --format jsonl` writes them: per kind, how often its headline became
    another one, or none, and over how many seconds.

    The first headline is no change: before it nothing was named.
    """
    counts: dict[str, int] = {}
    before: dict[str, str | None] = {}
    first = last = None
    for line in lines:
        answer = json.loads(line)
        if "headlines" not in answer:
            continue
        first, last = (answer["seconds"] if first is None else first), answer["seconds"]
        for kind, name in answer["headlines"].items():
            known = kind in before
            counts[kind] = counts.get(kind, 0) + (known and before[kind] != name)
            if known or name is not None:
                before[kind] = name
    passed = 0.0 if first is None or last is None else last - first
    return {kind: (count, passed) for kind, count in counts.items()}


def a_minute(paths: Paths, models: Path, files: list[Path]) -> dict[str, float]:
    """Changes of each kind's headline a minute, over all recordings that are long enough; nothing without the command line.

    `models` is the folder of the models that answer.
    """
    if not paths.moodring.exists():
        print(f"headlines: left out, {paths.moodring} is missing (cargo build --release, or --moodring)")
        return {}
    counts: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for file in files:
        order = [paths.moodring, "tag", "--models", models, "--every", "--format", "jsonl", file]
        try:
            found = changes(process.run(order, file.name).decode().splitlines())
        except PipelineError as error:
            print(f"headlines: left out, {error}")
            continue
        for kind, (count, passed) in found.items():
            if passed >= STEADY_SECONDS:
                counts[kind] = counts.get(kind, 0) + count
                seconds[kind] = seconds.get(kind, 0.0) + passed
    return {kind: 60 * count / seconds[kind] for kind, count in counts.items()}
