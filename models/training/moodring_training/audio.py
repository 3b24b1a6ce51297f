"""Sound in, log-mel levels out: decoding, and the tagger's front-end as the plugin computes it."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile

from . import common

RATE = 16_000
"""Sample rate that the tagger listens at, in Hz."""
N_FFT = 512
"""Length of window and FFT, in samples."""
HOP = 256
"""Distance between frames, in samples."""
BANDS = 128
"""Mel bands of the student."""
FRAMES = 231
"""Frames of one answer."""
CHUNK = (FRAMES - 1) * HOP + 169
"""Samples of one answer, as the card has said since the first model."""
FLOOR = 1e-10
"""Least power before the logarithm: -100 dB."""


def decode(path: Path, start: float = 0.0, seconds: float | None = None, rate: int = RATE) -> np.ndarray:
    """A stretch of any file that ffmpeg reads, as mono at `rate`, float32 `[samples]`, full scale 1."""
    stretch = [] if seconds is None else ["-t", f"{seconds:.3f}"]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-ss", f"{start:.3f}", "-i", path, *stretch]
    command += ["-map", "0:a:0", "-ac", "1", "-ar", str(rate), "-f", "f32le", "-"]
    return np.frombuffer(common.run(command, path.name), np.float32).copy()


def duration(path: Path) -> float:
    """Length of a file in seconds."""
    try:
        return soundfile.info(path).duration
    except soundfile.LibsndfileError:
        command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
        answer = common.run(command, path.name).decode().strip()
        return float(answer) if answer not in ("", "N/A") else 0.0


@lru_cache
def filterbank(bands: int) -> np.ndarray:
    """Triangles of height 1 on the HTK mel scale, 0 to 8000 Hz: float32 `[N_FFT / 2 + 1, bands]`."""
    top = 2595.0 * np.log10(1.0 + RATE / 2 / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(0.0, top, bands + 2) / 2595.0) - 1.0)
    bins = np.linspace(0.0, RATE / 2, N_FFT // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


@lru_cache
def _window() -> np.ndarray:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)


def power_spectrogram(samples: np.ndarray) -> np.ndarray:
    """Power of the centred, reflected, Hann-windowed frames: `[samples]` to float32 `[frames, N_FFT / 2 + 1]`."""
    padded = np.pad(np.asarray(samples, np.float32), N_FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP] * _window()
    spectrum = np.fft.rfft(frames, axis=1).astype(np.complex64)
    return spectrum.real**2 + spectrum.imag**2


def to_db(power: np.ndarray) -> np.ndarray:
    """Power to dB with the front-end's floor."""
    return (10.0 * np.log10(np.maximum(power, FLOOR))).astype(np.float32)


def mel_db(samples: np.ndarray, bands: int = BANDS) -> np.ndarray:
    """Log-mel levels in dB: `[samples]` to float32 `[frames, bands]`."""
    return to_db(power_spectrogram(samples) @ filterbank(bands))
