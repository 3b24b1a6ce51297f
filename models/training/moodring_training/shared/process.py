"""Other programs."""

import os
import subprocess

from .errors import PipelineError


def run(command: list[str | os.PathLike[str]], what: str, given: bytes | None = None) -> bytes:
    """Runs a program for its output, `given` being its input; its last line of complaint is the error."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise PipelineError(f"{command[0]} is not installed ({what})") from error
    if done.returncode != 0:
        complaint = done.stderr.decode(errors="replace").strip().splitlines()
        raise PipelineError(f"{what}: {complaint[-1] if complaint else f'exit code {done.returncode}'}")
    return done.stdout
