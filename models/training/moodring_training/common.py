"""What every step shares: folders, seeds, progress, files written whole, checkpoints, cards."""

import hashlib
import json
import os
import random
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[3]
"""The checkout."""

SMALLEST_WEIGHT = 1e-12
"""Weights below this are exported as zero: sub-normal numbers make inference hundreds of times slower."""

Item = TypeVar("Item")


class PipelineError(Exception):
    """Something that the user can mend; the message is one line."""


@dataclass(frozen=True)
class Paths:
    """Where everything lives."""

    packages: Path
    """Packages as fetched, and unpacked; the same for small and full runs."""
    work: Path
    """Features, checkpoints and reports; a folder of its own for small runs."""
    out: Path
    """Receives `tagger/` and `timbre/` from `export`."""
    teachers: Path
    """The teachers' ONNX files; may not exist."""
    listener: Path
    """mn04 and AudioSet's labels; may not exist."""
    music: Path
    """Free songs with a manifest; may not exist."""
    judge: Path | None
    """The folder of the listener that judges morphs; None where its table isn't asked for."""
    moodring: Path
    """The project's command line, which the shipped model is judged by; may not exist."""

    @classmethod
    def resolve(
        cls,
        data: Path | None,
        out: Path | None,
        teachers: Path | None,
        small: bool,
        listener: Path | None = None,
        music: Path | None = None,
        judge: Path | None = None,
        moodring: Path | None = None,
    ) -> "Paths":
        """Fills in the defaults. A small run never writes over the shipped models unless told to by `out`."""
        data = data or ROOT / "target" / "models"
        work = data / ("small" if small else "full")
        return cls(
            packages=data / "packages",
            work=work,
            out=out or (work / "export" if small else ROOT / "models"),
            teachers=teachers or ROOT.parent / "shared" / "models" / "teachers",
            listener=listener or ROOT.parent / "shared" / "judge",
            music=music or ROOT.parent / "shared" / "music",
            judge=judge,
            moodring=moodring or ROOT / "target" / "release" / "moodring",
        )


def seed_everything(seed: int) -> None:
    """Seeds Python, numpy and torch, and keeps sub-normal numbers out of the arithmetic."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_flush_denormal(True)


def device() -> torch.device:
    """A GPU if torch has one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """Passes the items on with a progress bar; where nobody looks on, a line now and then instead of many a second."""
    quiet = not os.isatty(2)
    return iter(tqdm(items, desc=what, total=total, mininterval=30.0 if quiet else 0.2, ascii=quiet))


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
    """Writes JSON with two spaces, and a line feed at the end."""
    with written_whole(path) as unfinished:
        unfinished.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any | None:
    """What `write_json` wrote, or None where there is nothing yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes a training state, whole or not at all."""
    with written_whole(path) as unfinished:
        torch.save(state, unfinished)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The training state, or None where there is none yet."""
    return torch.load(path, map_location="cpu") if path.exists() else None


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


def without_tiny_weights(weights: np.ndarray) -> np.ndarray:
    """A copy with every |w| < 1e-12 set to zero."""
    return np.where(np.abs(weights) < SMALLEST_WEIGHT, 0, weights).astype(weights.dtype)


def run(command: list[str | os.PathLike[str]], what: str) -> bytes:
    """Runs a program for its output; its last line of complaint is the error."""
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise PipelineError(f"{command[0]} is not installed ({what})") from error
    if done.returncode != 0:
        complaint = done.stderr.decode(errors="replace").strip().splitlines()
        raise PipelineError(f"{what}: {complaint[-1] if complaint else f'exit code {done.returncode}'}")
    return done.stdout
