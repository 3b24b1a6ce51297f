"""What the tests of Moodring's outputs share: the command line, and the music."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXCERPT = ROOT / "tests" / "music" / "war_of_freedom.ogg"


@pytest.fixture(scope="session")
def moodring():
    """Runs the command line; returns what it printed."""
    program = os.environ.get("MOODRING_COMMAND", "")
    if not Path(program).exists():
        pytest.exit(f"MOODRING_COMMAND: '{program}' is not there; run these tests with `cargo xtask test`", returncode=1)

    def run(*arguments) -> str:
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
