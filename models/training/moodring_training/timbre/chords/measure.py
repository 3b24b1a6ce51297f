"""How far chords of one program, morphed to another, are from that program's own: parallel renderings of one soundfont."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile

from ...shared import corpus, process
from ...shared.audio import framed
from ...shared.errors import PipelineError
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end, judge, soundfont
from ..front_end import FLOOR, HOP, SAMPLE_RATE, WINDOW
from ..shaper import limits
from ..timbres import TIMBRES

REPORTED = "timgm6mb-soundfont"
"""The soundfont whose chords are reported on; no player was measured on it."""
CHOOSING = "minuet-data"
"""The one whose chords may choose between two ways of hearing them."""
PLAYERS = "musescore-general-soundfont"
"""What the players were measured on: its own chords in place of a morph are as near as they can come."""
NAMES = ("Grand piano", "Church organ", "Nylon guitar", "String ensemble", "Choir", "Trumpet")
CHORDS = (
    (60, 64, 67), (57, 60, 64), (55, 59, 62, 65), (62, 66, 69), (53, 57, 60, 64), (52, 55, 59), (48, 55, 64), (60, 65, 69, 72),
)  # fmt: skip
"""MIDI pitches."""
VELOCITY = 90
SETTINGS = {
    "Resynthesis 0": ("Morph=100 %", "Resynthesis=0 %"),
    "Resynthesis 100 %, Articulation 100 %": ("Morph=100 %", "Resynthesis=100 %", "Articulation=100 %"),
}
"""What the table is printed for, with the settings of `moodring morph`."""

Heard = list[np.ndarray]
"""Chords' samples, each HOLD_S + RELEASE_S long, mono at SAMPLE_RATE."""


@dataclass(frozen=True)
class Far:
    """RMS distances of chords to others, in dB, without the mean difference; means over the chords."""

    whole: float
    """Of mean spectra."""
    frames: float
    """Frame by frame."""


def rendered(paths: Paths, font: str) -> dict[str, Heard]:
    """The same chords by each named timbre's program."""
    package = next(entry for entry in corpus.manifest() if entry.name == font)
    instrument = soundfont.Instrument(font, corpus.unpack(paths, package))
    programs = {timbre.name: timbre.programs[0] for timbre in TIMBRES if timbre.name in NAMES}
    return {
        name: list(
            instrument.play_chords(
                [[soundfont.Note(programs[name], pitch, VELOCITY) for pitch in chord] for chord in CHORDS]
            )
        )
        for name in progress(NAMES, font)
    }


def morphed(paths: Paths, chords: Heard, target: str, settings: tuple[str, ...]) -> Heard:
    """The chords, one after the other, as the project's own command line morphs them."""
    if not paths.moodring.exists():
        raise PipelineError(f"{paths.moodring} isn't there: build it with `cargo build --release`")
    with TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.wav", Path(folder) / "after.wav"
        soundfile.write(before, np.concatenate(chords), SAMPLE_RATE, subtype="FLOAT")
        order = [paths.moodring, "morph", before, "-o", after]
        for setting in (f"Target={target}", *settings):
            order += ["--set", setting]
        process.run(order, f"morphing to {target}")
        samples = soundfile.read(after, dtype="float32", always_2d=True)[0].mean(axis=1)
    return np.split(samples, np.cumsum([len(chord) for chord in chords])[:-1])


def apart(found: Heard, wanted: Heard) -> Far:
    """How far chords are from those that are wanted, while they are held."""
    held = int(soundfont.HOLD_S * SAMPLE_RATE)
    pairs = [(one[:held], other[:held]) for one, other in zip(found, wanted, strict=True)]
    means = (np.stack([judge.mean_spectrum(samples) for samples in each]) for each in zip(*pairs, strict=True))
    frames = []
    for one, other in pairs:
        difference = _frames(one) - _frames(other)
        frames.append(float((difference - difference.mean()).std()))
    return Far(judge.apart(*means), float(np.mean(frames)))


def _frames(samples: np.ndarray) -> np.ndarray:
    """Levels in dB below the strongest of all [frames, 128]."""
    levels = front_end.band_levels(samples, front_end.frame_starts(len(samples)))
    return np.maximum(levels - levels.max(), -judge.DEEPEST_DB)


def curved(chords: Heard, targets: Heard, moves: bool) -> Heard:
    """What the best curve makes of chords, with the plugin's limits: the levels of the very target's chords less their own, frame by frame or
    of their means."""
    return [_curved(chord, target, moves) for chord, target in zip(chords, targets, strict=True)]


def _curved(chord: np.ndarray, target: np.ndarray, moves: bool) -> np.ndarray:
    spectra, wanted = _spectra(chord), _levels(_spectra(target))
    own = _levels(spectra)
    curve = wanted - own if moves else _mean(wanted) - _mean(own)
    limit = limits()
    below = own - own.max(axis=1, keepdims=True)
    allowance = np.clip(
        (below - limit.no_boost_below_db) / (limit.full_boost_above_db - limit.no_boost_below_db), 0.0, 1.0
    )
    curve = np.minimum(np.maximum(curve, limit.lowest_gain_db), limit.highest_gain_db * allowance)
    hz = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    gains = np.stack([np.interp(hz, front_end.CENTRES_HZ, each) for each in curve])
    frames = np.fft.irfft(spectra * 10 ** (gains / 20), axis=1)
    out = np.zeros(len(chord) + 2 * WINDOW)
    for index, frame in enumerate(frames):
        # Hann's windows at a quarter of their length add up to 2.
        out[index * HOP : index * HOP + WINDOW] += frame / 2
    return out[WINDOW : WINDOW + len(chord)]


def _spectra(samples: np.ndarray) -> np.ndarray:
    """[frames, bins], from a window before the first sample on."""
    return np.fft.rfft(framed(np.pad(samples, WINDOW), WINDOW, HOP) * front_end.HANN, axis=1)


def _levels(spectra: np.ndarray) -> np.ndarray:
    """[frames, bands] in dB."""
    power = np.abs(spectra / (front_end.HANN.sum() / 2)) ** 2
    return 10 * np.log10(power @ front_end.FILTERS + FLOOR)


def _mean(levels: np.ndarray) -> np.ndarray:
    """Of powers [1, bands]."""
    return 10 * np.log10((10 ** (levels / 10)).mean(axis=0, keepdims=True))


def table(chords: dict[str, Heard], make: Callable[[str, str], Heard]) -> Far:
    """Distances to the targets' own chords over the sources', means over the pairs. `make`: from the names of source and target to what is
    in place of the target's chords."""
    rows = []
    for source, target in itertools.permutations(chords, 2):
        before, after = apart(chords[source], chords[target]), apart(make(source, target), chords[target])
        rows.append((after.whole / before.whole, after.frames / before.frames))
    return Far(*(float(column) for column in np.mean(rows, axis=0)))


def report(paths: Paths, font: str = REPORTED) -> None:
    """Prints the distances of morphed chords, of the best curves', and of the players' own soundfont."""
    chords, players = rendered(paths, font), rendered(paths, PLAYERS)
    print(
        f"\nchords of {font}, {len(NAMES)} programs each turned into the others; distance to the target's own over the source's:"
    )
    rows: dict[str, Callable[[str, str], Heard]] = {
        f"shipped, Morph 100 %, {title}": lambda source, target, settings=settings: morphed(
            paths, chords[source], target, settings
        )
        for title, settings in SETTINGS.items()
    }
    rows["the best curve, of mean levels"] = lambda source, target: curved(chords[source], chords[target], False)
    rows["the best curve, frame by frame"] = lambda source, target: curved(chords[source], chords[target], True)
    rows[f"{PLAYERS}'s own chords"] = lambda _source, target: players[target]
    for title, make in rows.items():
        far = table(chords, make)
        print(f"{title}: mean spectra {far.whole:.2f}, frame by frame {far.frames:.2f}", flush=True)
