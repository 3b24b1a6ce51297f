"""mn04: an AudioSet tagger (EfficientAT, Schmid et al., ICASSP 2023, MIT) as a teacher and as what a head stands on."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from ...shared.audio import framed, power_of, triangles
from ...shared.errors import PipelineError
from ...shared.onnx_graph import session
from ..labels.audioset import LABELS, WIDE, WIDE_INDEX, names_of

NETWORK, LABEL_LIST = "mn04_as.onnx", "labels.csv"
"""Its files."""
RATE = 32_000
"""Sample rate that it listens at, in Hz."""
N_FFT = 1024
WINDOW = 800
"""Samples of the Hann window, which lies in the middle of the FFT's."""
HOP = 320
BANDS = 128
F_MAX = 15_000.0
PREEMPHASIS = 0.97
"""Share of a sample that is taken off the next: highs count for more. A constant offset still reaches the lowest bands:
whoever streams sound in has to block it first."""
FRAMES = 370
"""Frames of one answer: 3.7 s, as long as the strided network's."""
EMBEDDING = 384
FLOOR = 1e-14
"""Least power before the logarithm, -140 dB: the lowest bands have no bin of the FFT, and must stay below EPSILON however far
a soft chunk is raised."""
LOUDEST_DB = 20.0
"""Level that a chunk's loudest band is brought to, so that the answer is the same at every level: about the median of free
songs as they are published."""
EPSILON = 1e-5
"""Added to the power before the logarithm, as the network was trained."""
SHIFT, SPREAD = 4.5, 5.0
"""What is added to the natural logarithm, and what the sum is divided by."""

NOTHING = ("Static", "White noise", "Pink noise", "Sine wave", "Chirp tone", "Beep, bleep")
"""AudioSet's labels of what is no music, and nobody's playing or speaking."""
SOMETHING = ("Music", "Musical instrument", "Singing", "Speech")
"""Those of what is, one of which is surer than any of NOTHING wherever something plays."""


@lru_cache
def filterbank() -> np.ndarray:
    """Triangles of height 1 that are straight on the mel scale, 0 to 15 kHz: float32 `[N_FFT / 2 + 1, BANDS]`."""

    def mel(hertz: np.ndarray | float) -> np.ndarray:
        return 1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0)

    bins = mel(np.arange(N_FFT // 2 + 1) * RATE / N_FFT)
    return triangles(np.linspace(0.0, mel(F_MAX), BANDS + 2), bins).astype(np.float32)


@lru_cache
def window() -> np.ndarray:
    """The symmetric Hann window with zeros around it: float32 `[N_FFT]`."""
    whole = np.zeros(N_FFT, np.float32)
    inset = (N_FFT - WINDOW) // 2
    whole[inset : inset + WINDOW] = np.hanning(WINDOW)
    return whole


def levels_of(samples: np.ndarray) -> np.ndarray:
    """Mel levels in dB: mono at RATE `[samples]` to float32 `[frames, BANDS]`."""
    samples = np.asarray(samples, np.float32)
    emphasised = np.pad(samples[1:] - PREEMPHASIS * samples[:-1], N_FFT // 2, mode="reflect")
    frames = framed(emphasised, N_FFT, HOP)
    levels = np.empty((len(frames), BANDS), np.float32)
    # By parts: a song's spectra at once would be half a gigabyte.
    for start in range(0, len(frames), 2048):
        power = power_of(frames[start : start + 2048] * window()) @ filterbank()
        levels[start : start + 2048] = 10.0 * np.log10(np.maximum(power, FLOOR))
    return levels


def input_of(levels: np.ndarray, loudest_db: float | None = LOUDEST_DB) -> np.ndarray:
    """What the network takes: chunks `[n, frames, BANDS]` in dB to float32 `[n, 1, BANDS, frames]`.

    The loudest band of each chunk is brought to `loudest_db`; with None the level stays as it is.
    """
    levels = levels.astype(np.float32)
    if loudest_db is not None:
        levels = levels - levels.max(axis=(1, 2), keepdims=True) + loudest_db
    power = np.power(10.0, levels * 0.1)
    return ((np.log(power + EPSILON) + SHIFT) / SPREAD).astype(np.float32).transpose(0, 2, 1)[:, None]


class Listener:
    """The network with its labels, on one thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        network, labels = folder / NETWORK, folder / LABEL_LIST
        for path in (network, labels):
            if not path.exists():
                raise PipelineError(f"{path} is missing; name the folder of mn04 with --listener")
        self.session = session(network)
        self.names = names_of(labels)
        self.columns = {name: [self.names.index(label) for label in theirs] for name, theirs in LABELS.items()}

    def __call__(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logits `[n, 527]` and embeddings `[n, EMBEDDING]` of chunks `[n, frames, BANDS]` in dB, float32."""
        logits, embeddings = [], []
        for start in range(0, len(levels), 16):
            said = self.session.run(["logits", "embedding"], {"mel": input_of(levels[start : start + 16])})
            logits.append(said[0])
            embeddings.append(said[1])
        if not logits:
            return np.zeros((0, len(self.names)), np.float32), np.zeros((0, EMBEDDING), np.float32)
        return np.concatenate(logits), np.concatenate(embeddings)

    def mapped(self, logits: np.ndarray) -> np.ndarray:
        """AudioSet's logits `[n, 527]` in the wide vocabulary `[n, tags]`, nan for tags that it doesn't have."""
        found = np.full((len(logits), len(WIDE)), np.nan, np.float32)
        for name, columns in self.columns.items():
            found[:, WIDE_INDEX[name]] = logits[:, columns].max(axis=1)
        return found
