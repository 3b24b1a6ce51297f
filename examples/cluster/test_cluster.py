"""A folder through Ray and Spark: the rows of one process, whatever dies on the way."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import moodring_rows
from conftest import ENGINES, command, environment, rows

engines = pytest.mark.parametrize("engine", ENGINES)


@engines
def test_the_rows_are_those_of_one_process(engine, library, reference, tmp_path):
    expected, code = reference
    output = tmp_path / "tags"
    done = subprocess.run(command(engine, library, output), env=environment(), capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert rows(output) == expected
    # One process tells of the broken file by its exit code, too.
    assert code == 1
    broken = expected[str(library / "broken.mp3")]
    assert "broken.mp3" in broken["error"] and broken["seconds"] is None
    assert sum(row["error"] is None for row in expected.values()) == 40
    # It is there for other readers, with its types.
    assert pq.read_table(output).schema.field("tags").type == moodring_rows.SCHEMA.field("tags").type

    again = subprocess.run(command(engine, library, output), env=environment(), capture_output=True, text=True, timeout=600)
    assert again.returncode != 0 and rows(output) == expected


@engines
def test_a_worker_that_is_killed_costs_no_row(engine, library, reference, tmp_path):
    output = tmp_path / "tags"
    run = subprocess.Popen(command(engine, library, output), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    worker = worker_of(run, library)
    os.kill(worker, signal.SIGKILL)
    _, errors = run.communicate(timeout=600)
    assert run.returncode == 0, errors
    assert not Path(f"/proc/{worker}").exists()
    assert rows(output) == reference[0]


def test_a_file_that_ends_the_program_has_a_row_and_the_others_have_theirs(library, reference, tmp_path, monkeypatch):
    # Stands for a decoder that the system kills, for its memory say.
    fragile = tmp_path / "moodring"
    fragile.write_text(f'#!/bin/sh\ncase "$*" in *"01 "*) kill -9 $$ ;; esac\nexec "{moodring_rows.program()}" "$@"\n')
    fragile.chmod(0o755)
    monkeypatch.setenv("MOODRING_COMMAND", str(fragile))
    paths = moodring_rows.files(library)[:12]
    found = {row["file"]: row for row in moodring_rows.tag(paths).to_pylist()}
    killed = [path for path in paths if "01 " in path]
    assert len(killed) == 1 and found.keys() == set(paths)
    assert "-9" in found[killed[0]]["error"]
    assert all(row["error"] == reference[0][file]["error"] for file, row in found.items() if file not in killed)


def worker_of(run, library):
    """The process that has `moodring` hear a batch: an engine's worker, and not the script itself."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert run.poll() is None, run.stderr.read()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            hears = words[0] == moodring_rows.program().encode() and any(str(library).encode() in word for word in words)
            if hears and parent not in (run.pid, os.getpid(), 1):
                return parent
        time.sleep(0.02)
    raise AssertionError("no worker has begun in two minutes")
