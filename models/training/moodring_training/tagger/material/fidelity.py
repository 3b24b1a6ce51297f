"""Sound of low fidelity: what an encoder of few kilobits makes of it, as much free music is to be had only."""

import numpy as np

from ...shared import process

RATE = 11_025
"""Sample rate that is left, in Hz."""
KILOBITS = (8, 10)
"""A second of what the encoder writes: one or the other."""


def worsened(samples: np.ndarray, rate: int, wanted: int, kilobits: int) -> np.ndarray:
    """What is left of mono at `rate` Hz as mp3 of `kilobits` a second, at `wanted` Hz: float32 `[samples]` to about as many seconds.

    # Errors
    Raises PipelineError if ffmpeg is missing or fails.
    """
    raw, tool = ["-f", "f32le", "-ac", "1", "-ar"], ["ffmpeg", "-v", "error"]
    written = process.run(
        [
            *tool,
            *raw,
            str(rate),
            "-i",
            "-",
            "-ar",
            str(RATE),
            "-c:a",
            "libmp3lame",
            "-b:a",
            f"{kilobits}k",
            "-f",
            "mp3",
            "-",
        ],
        "making sound of low fidelity",
        samples.astype("<f4").tobytes(),
    )
    read = process.run([*tool, "-f", "mp3", "-i", "-", *raw, str(wanted), "-"], "reading it again", written)
    return np.frombuffer(read, np.float32).copy()
