"""Files that are written whole or not at all: JSON, and the cards of models."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Gives a path to write to, which takes the place of `path` only once all is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last: some writers choose the format by it.
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Writes JSON with one space of indent, and a line feed at the end."""
    with written_whole(path) as unfinished:
        unfinished.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any | None:
    """What `write_json` wrote, or None where there is nothing yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_card(folder: Path, card: dict[str, Any], files: dict[str, str]) -> Path:
    """Writes `card.json` into `folder`, with the SHA-256 of the files there.

    `files`: role (as the plugin looks it up: model, encoder, decoder, anchors) to file name.
    """
    entries = {role: {"file": name, "sha256": sha256(folder / name)} for role, name in files.items()}
    path = folder / "card.json"
    write_json(path, {"schema": 1, **card, "files": entries})
    return path
