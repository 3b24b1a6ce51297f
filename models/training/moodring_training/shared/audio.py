"""Sound files in: any that ffmpeg reads."""

from pathlib import Path

import numpy as np
import soundfile

from . import process


def decode(path: Path, rate: int, start: float = 0.0, seconds: float | None = None) -> np.ndarray:
    """A stretch of a file, from `start` in seconds on, as mono at `rate` Hz: float32 `[samples]`, full scale 1."""
    stretch = [] if seconds is None else ["-t", f"{seconds:.3f}"]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-ss", f"{start:.3f}", "-i", path, *stretch]
    command += ["-map", "0:a:0", "-ac", "1", "-ar", str(rate), "-f", "f32le", "-"]
    return np.frombuffer(process.run(command, path.name), np.float32).copy()


def duration(path: Path) -> float:
    """Length of a file in seconds."""
    try:
        return soundfile.info(path).duration
    except soundfile.LibsndfileError:
        command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
        answer = process.run(command, path.name).decode().strip()
        return float(answer) if answer not in ("", "N/A") else 0.0


def framed(samples: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Every whole frame of `length` samples, `hop` apart: `[samples]` to a view `[frames, length]`."""
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]


def power_of(frames: np.ndarray) -> np.ndarray:
    """Power spectra of windowed frames: `[frames, length]` to float32 `[frames, length / 2 + 1]`."""
    spectrum = np.fft.rfft(frames, axis=1).astype(np.complex64)
    return spectrum.real**2 + spectrum.imag**2


def triangles(edges: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Filters of height 1 that rise from each edge to the next and fall to the one after: `[places, edges - 2]`.

    `edges` and `places` are on the same scale, on which the sides are straight.
    """
    places = places[:, None]
    rising = (places - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - places) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling))
