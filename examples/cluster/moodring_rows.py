"""`moodring tag` as a map step: a batch of paths in, a table with a row a file out.

The engine beside it (`ray_tag.py`, `spark_tag.py`) only hands out paths and collects tables. A worker needs this file, pyarrow and the
program `moodring`, and has to see the music under the same paths.
"""

import json
import os
import subprocess
from pathlib import Path

import pyarrow as pa

# A row of the Parquet files. `tags` has each tag's mean probability, by kind and name: `genre: rock`.
SCHEMA = pa.schema([
    ("file", pa.string()),
    ("seconds", pa.float64()),
    ("answers", pa.int64()),
    ("genre", pa.string()),
    ("instrument", pa.string()),
    ("mood", pa.string()),
    ("valence", pa.float64()),
    ("arousal", pa.float64()),
    ("tags", pa.map_(pa.string(), pa.float64())),
    # What is wrong with a file of which something could be read, and why nothing could be of another.
    ("note", pa.string()),
    ("error", pa.string()),
])

# As `moodring tag` takes them in a folder.
ENDINGS = set(".aac .aif .aifc .aiff .alac .bw64 .bwf .caf .flac .m4a .m4b .mp2 .mp3 .mp4 .oga .ogg .opus .rf64 .wav".split())


def program():
    """Where `moodring` is: what MOODRING_COMMAND says, or on the path."""
    return os.environ.get("MOODRING_COMMAND", "moodring")


def files(folder):
    """The sound files in a folder and those below, without hidden ones, in the order of their names."""
    found = []
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(str(file.absolute()) for file in found if file.suffix.lower() in ENDINGS)


def tag(paths):
    """A table with a row for each file. A file that can't be read has its `error`; one that ends the program has so, too."""
    paths = [str(path) for path in paths]
    done = run(paths)
    # 1 is that something was wrong with a file, which its row tells.
    if done.returncode in (0, 1):
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        if len(rows) == len(paths):
            return table(rows)
        raise RuntimeError(f"moodring tag: {len(rows)} rows of {len(paths)} files: {done.stderr.strip()}")
    if len(paths) > 1:
        # Which of them was it?
        return pa.concat_tables([tag([path]) for path in paths])
    last = done.stderr.strip().splitlines()[-1:]
    return table([{"file": paths[0], "error": " ".join([f"moodring tag ended with {done.returncode}", *last])}])


def run(paths):
    """One core: the engine knows how many there are, and how many workers to start."""
    arguments = [program(), "tag", "--format", "jsonl", "--errors", "--jobs", "1", "--", *paths]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def table(rows):
    """What `moodring tag --format jsonl --errors` says, as a table."""
    return pa.Table.from_pylist([row(said) for said in rows], SCHEMA)


def row(said):
    """One line of it."""
    headlines = said.get("headlines", {})
    tags = [(f"{kind}: {name}", share) for kind, own in said.get("tags", {}).items() for name, share in own.items()]
    plain = {name: said.get(name) for name in ("file", "seconds", "answers", "valence", "arousal", "note", "error")}
    return plain | {kind: headlines.get(kind) for kind in ("genre", "instrument", "mood")} | {"tags": tags}
