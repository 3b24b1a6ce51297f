"""What the student says of silence and noise, and of the same sound at other levels."""

import numpy as np

from ...shared import audio, synthesis
from ...shared.paths import ROOT, Paths
from ...shared.tables import print_table
from .. import front_end
from ..labels.vocabulary import KINDS, NAMES, of_kind
from ..material import reels
from ..material.arranger import arrangement
from ..material.rendered import soundfonts
from ..measures import sigmoid
from .candidates import ExportedStudent, Report


def robustness(report: Report, paths: Paths, student: ExportedStudent) -> None:
    """Silence, noise, and the same sound at other levels."""
    random = np.random.default_rng(5)
    quiet = {
        "digital silence": np.zeros(front_end.CHUNK),
        "white noise, -20 dBFS": random.normal(0, 0.1, front_end.CHUNK),
        "white noise, -60 dBFS": random.normal(0, 0.001, front_end.CHUNK),
        "pink noise, -20 dBFS": _pink(random) * 0.1,
        "50 Hz hum, -30 dBFS": 0.03 * np.sin(2 * np.pi * 50 * np.arange(front_end.CHUNK) / front_end.RATE),
        "1 kHz sine, -20 dBFS": 0.1 * np.sin(2 * np.pi * 1000 * np.arange(front_end.CHUNK) / front_end.RATE),
    }
    rows = []
    for name, sound in quiet.items():
        said = sigmoid(student(front_end.mel_db(sound)[None]))[0]
        cells = [
            f"{NAMES[max(of_kind(kind), key=lambda tag: said[tag])]} {said[of_kind(kind)].max():.3f}" for kind in KINDS
        ]
        rows.append([name, *cells])
        report.summary.setdefault("most_confident_on_nothing", {})[name] = round(float(said.max()), 3)
    print_table("Silence and noise: the surest tag of each kind", ["sound", *KINDS], rows)
    waves = _waves_for_levels(paths)
    worst = 0.0
    rows = []
    for name, wave in waves.items():
        reference = sigmoid(student(front_end.mel_db(wave)[None]))[0]
        changes = []
        for gain in (-6, -12, -20, -30, -40):
            said = sigmoid(student(front_end.mel_db(wave * 10 ** (gain / 20))[None]))[0]
            changes.append(float(np.abs(said - reference).max()))
        worst = max(worst, *changes)
        rows.append([name, *(f"{change:.4f}" for change in changes)])
    print_table(
        "Greatest change of any tag's probability with level, from a peak of 0 dBFS",
        ["sound", "-6", "-12", "-20", "-30", "-40 dB"],
        rows,
    )
    report.summary["greatest_change_with_level"] = round(worst, 4)


def _pink(random: np.random.Generator) -> np.ndarray:
    """Noise of equal power an octave, of standard deviation 1."""
    spectrum = np.fft.rfft(random.normal(0, 1, front_end.CHUNK))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    pink = np.fft.irfft(spectrum, front_end.CHUNK)
    return pink / pink.std()


def _waves_for_levels(paths: Paths) -> dict[str, np.ndarray]:
    """A few chunks of sound at a peak of 1: one of the shipped excerpt, and arranged pieces on the unseen soundfont."""
    excerpt = ROOT / "tests" / "music" / "war_of_freedom.ogg"
    waves = {excerpt.stem: audio.decode(excerpt, front_end.RATE, 10, 4)[: front_end.CHUNK]}
    random = np.random.default_rng(61)
    setting = synthesis.Setting(soundfonts(paths, "report", True)[0])
    pieces = [arrangement(random, 4.0, size) for size in (1, 1, 3, 5)]
    for number, wave in enumerate(reels.render(pieces, 4.0, setting)):
        families = "+".join(part.family for part in pieces[number])
        waves[families[:40]] = wave[: front_end.CHUNK]
    return {name: wave / np.abs(wave).max() for name, wave in waves.items() if np.abs(wave).max() > 0}
