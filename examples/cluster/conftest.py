"""What the cluster's tests and its measurement share: a library, and one process as the reference."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import moodring_rows

HERE = Path(__file__).resolve().parent
MUSIC = HERE.parents[1] / "tests" / "music"

# How each engine is called, with a folder, an output and a number of workers.
ENGINES = {
    "ray": lambda folder, output, workers: ["ray_tag.py", folder, output, "--workers", workers],
    "spark": lambda folder, output, workers: ["spark_tag.py", folder, output, "--master", f"local[{workers},4]"],
}


def command(engine, folder, output, workers=2, *more):
    """The command line of a run."""
    script, *arguments = ENGINES[engine](folder, output, workers)
    return [sys.executable, str(HERE / script), *map(str, [*arguments, *more])]


def environment():
    """With this Python for the workers, too; Ray sends reports of usage otherwise, and lets every other program go first."""
    return os.environ | {"PYSPARK_PYTHON": sys.executable, "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}


def rows(output):
    """All rows of some Parquet files, by their file."""
    table = pq.read_table(output)
    by_file = {row["file"]: row | {"tags": dict(row["tags"] or [])} for row in table.to_pylist()}
    assert len(by_file) == table.num_rows, "a file has two rows"
    return by_file


def one_process(folder):
    """The rows that `moodring tag` gives by itself, and its exit code."""
    arguments = [moodring_rows.program(), "tag", "--format", "jsonl", "--errors", "--jobs", "1", str(folder)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    table = moodring_rows.table([json.loads(line) for line in done.stdout.splitlines()])
    return {row["file"]: row | {"tags": dict(row["tags"] or [])} for row in table.to_pylist()}, done.returncode


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """Forty songs, some in a folder below, and one file that is no sound."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "deep").mkdir()
    songs = [song for song in sorted(MUSIC.glob("*.ogg")) if song.stem != "notes"]
    for index in range(40):
        place = folder / "deep" if index % 3 == 0 else folder
        song = songs[index % len(songs)]
        (place / f"{index:02} {song.name}").write_bytes(song.read_bytes())
    (folder / "broken.mp3").write_bytes(b"this is no sound" * 100)
    return folder


@pytest.fixture(scope="session")
def reference(library):
    """What one process says of the library, and its exit code."""
    return one_process(library)
