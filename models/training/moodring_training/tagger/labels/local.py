"""Music of one's own: the folders that `local.toml` names, and those of the format `own`.

`local.toml` lies beside the packages (`target/models/local.toml`) and has one entry a folder:

    [[folder]]
    format = "own"         # or one that material.folders reads
    path = "/where/it/is"

A folder of the format `own` has `tags.tsv`, a line per file: its path, a tab, the tags that are right (Moodring's names)
separated by commas, and, if there is a second tab, those that are wrong. All others are unknown.
"""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ...shared.errors import PipelineError
from ...shared.paths import Paths
from .audioset import WIDE_INDEX

Example = tuple[Path, list[str], list[str]]
"""A file, the tags that are right and those that are wrong."""


def file_of(paths: Paths) -> Path:
    """Where `local.toml` is looked for."""
    return paths.packages.parent / "local.toml"


def entries(paths: Paths) -> list[dict[str, Any]]:
    """What `local.toml` names, each with a `format` and a `path`; nothing without that file.

    # Errors
    Raises PipelineError if it is not as above.
    """
    listed = file_of(paths)
    if not listed.exists():
        return []
    try:
        found = tomllib.loads(listed.read_text(encoding="utf-8")).get("folder", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PipelineError(f"{listed}: {error}") from error
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise PipelineError(f"{listed}: folders are to be named in tables `[[folder]]`")
    for number, entry in enumerate(found, 1):
        for field in ("format", "path"):
            if not isinstance(entry.get(field), str):
                raise PipelineError(f"{listed}: folder {number}: {field} must be text, not {entry.get(field)!r}")
    return found


def examples_of(entry: dict[str, Any], reader: Callable[[Path], Iterator[Example]]) -> list[Example]:
    """All files of a folder.

    # Errors
    Raises PipelineError if a file with labels can't be read.
    """
    try:
        return list(reader(Path(entry["path"])))
    except OSError as error:
        raise PipelineError(f"{entry['path']}: {error.strerror}: {error.filename}") from error


def own(folder: Path) -> Iterator[Example]:
    """`tags.tsv`."""
    for number, line in enumerate((folder / "tags.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        name, *columns = line.split("\t")
        right, wrong = ([tag.strip() for tag in column.split(",") if tag.strip()] for column in (*columns, "", "")[:2])
        unknown = [tag for tag in (*right, *wrong) if tag not in WIDE_INDEX]
        if unknown:
            raise PipelineError(f"{folder / 'tags.tsv'}, line {number}: no such tag: {', '.join(unknown)}")
        yield folder / name, right, wrong
