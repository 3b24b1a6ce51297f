"""Spectrograms of sounds before and after a morph: docs/morphs.png, and of recorded solos: docs/solo.png."""

import io
from collections.abc import Iterator
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import soundfile
from PIL import Image
from scipy.signal import resample_poly, spectrogram

from ..shared import corpus
from ..shared.paths import ROOT, Paths
from .chords import measure
from .front_end import SAMPLE_RATE
from .recorded import CHOOSING, Instrument

PICTURE, SOLOS = ROOT / "docs" / "morphs.png", ROOT / "docs" / "solo.png"
SECONDS = 4.0
SONG, DRUMS = ROOT / "tests" / "music" / "crazy_glue.ogg", "loop_amen.flac"
SETTINGS = ("Morph=100 %", "Resynthesis=100 %", "Articulation=100 %")
WINDOW, OVERLAP = 2_048, 1_536
RANGE_DB, HIGHEST_HZ = 70.0, 6_000
COLOURS = 64
HIGH_HZ, EARLY_S, LATE_S = 2_000, (0.05, 0.15), (0.5, 0.6)
"""What the printed figures are of: the power above, and the stretches between which the level falls."""


def draw(paths: Paths) -> None:
    """Writes the pictures."""
    _draw(paths, list(_solos(paths)), SOLOS)
    _draw(paths, list(_sounds(paths)), PICTURE)


def _draw(paths: Paths, rows: list[tuple[str, np.ndarray, str]], picture: Path) -> None:
    figure, axes = plt.subplots(len(rows), 2, figsize=(13, 2.9 * len(rows)), sharey=True, layout="constrained")
    for (title, samples, target), pair in zip(rows, axes, strict=True):
        after = measure.morphed(paths, [samples], target, SETTINGS)[0]
        for axis, sound, name in zip(pair, (samples, after), (title, f"... as {target}"), strict=True):
            hz, times, power = spectrogram(sound, SAMPLE_RATE, "hann", WINDOW, OVERLAP)
            levels = 10 * np.log10(power + 1e-16)
            axis.pcolormesh(
                times, hz, levels, vmin=levels.max() - RANGE_DB, vmax=levels.max(), cmap="inferno", rasterized=True
            )
            axis.set(title=name, ylim=(0, HIGHEST_HZ))
        pair[0].set_ylabel("Hz")
        (high, fall), (high_after, fall_after) = _figures(samples), _figures(after)
        print(
            f"{title} as {target}: power above {HIGH_HZ} Hz {high:.0f} -> {high_after:.0f} dB of the whole, "
            f"level half a second on {-fall:.0f} -> {-fall_after:.0f} dB"
        )
    for axis in axes[-1]:
        axis.set_xlabel("s")
    pixels = io.BytesIO()
    figure.savefig(pixels, dpi=70)
    plt.close(figure)
    Image.open(pixels).convert("RGB").quantize(COLOURS).save(picture, optimize=True)
    print(f"picture: {picture}")


def _figures(samples: np.ndarray) -> tuple[float, float]:
    """The power above HIGH_HZ over the whole, and how far the level falls after the beginning, in dB."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    high = power[np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE) > HIGH_HZ].sum()
    early, late = (samples[int(a * SAMPLE_RATE) : int(b * SAMPLE_RATE)] for a, b in (EARLY_S, LATE_S))
    return 10 * np.log10(high / power.sum()), 10 * np.log10((early**2).mean() / (late**2).mean())


def _solos(paths: Paths) -> Iterator[tuple[str, np.ndarray, str]]:
    """As _sounds, of recorded solos."""
    for name, target in (("piano", "Trumpet"), ("violin", "Grand piano")):
        samples = Instrument(paths, CHOOSING[name]).phrase().samples[: int(SECONDS * SAMPLE_RATE)]
        yield f"a recorded {name}", samples, target


def _sounds(paths: Paths) -> Iterator[tuple[str, np.ndarray, str]]:
    """What is drawn: its title, its samples, and what it is morphed to."""
    yield (
        "a recorded piano",
        Instrument(paths, CHOOSING["piano"]).phrase().samples[: int(SECONDS * SAMPLE_RATE)],
        "Trumpet",
    )
    yield "a sung song with a guitar", _read(SONG), "Cello"
    chords = measure.rendered(paths, measure.REPORTED)["Grand piano"]
    yield "a soundfont's piano, chords", np.concatenate(chords)[: int(SECONDS * SAMPLE_RATE)], "Church organ"
    package = next(entry for entry in corpus.manifest() if entry.name == "sonic-pi-samples")
    yield "drums", _read(next(corpus.unpack(paths, package).rglob(DRUMS))), "Choir"


def _read(path: Path) -> np.ndarray:
    """The first seconds of a file, mono at SAMPLE_RATE."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    whole = resample_poly(samples.mean(axis=1), SAMPLE_RATE, rate)
    return whole[: int(SECONDS * SAMPLE_RATE)].astype(np.float32)
