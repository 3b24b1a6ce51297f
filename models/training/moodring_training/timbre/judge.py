"""What a listener whom nobody here trained hears in morphs of recorded phrases: it reports, teaches nothing and chooses nothing."""

import importlib.util
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import numpy as np
import soundfile

from ..shared import process
from ..shared.audio import framed, triangles
from ..shared.errors import PipelineError
from ..shared.paths import Paths
from ..shared.running import progress
from .front_end import SAMPLE_RATE
from .recorded import CHOOSING, REPORTED, Instrument, Phrase

MEL_BANDS = 64
SPECTRUM_WINDOW = 2_048
DEEPEST_DB = 60.0
"""Of a mean spectrum, below its strongest band: further down there is only what the recordings' codec left."""
SHIPPED = {
    "Morph 100 %, Resynthesis 0 %": ("Morph=100 %", "Resynthesis=0 %"),
    "Morph 100 %, Resynthesis 100 %, Articulation 0 %": ("Morph=100 %", "Resynthesis=100 %", "Articulation=0 %"),
    "Morph 100 %, Resynthesis 100 %, Articulation 100 %": ("Morph=100 %", "Resynthesis=100 %", "Articulation=100 %"),
}
"""What the table is printed for, with the settings of `moodring morph`."""

CHOOSERS = {"trumpet": "Trumpet", "violin": "Violin", "piano": "Grand piano", "bassoon": "Bassoon"}
"""Those of CHOOSING that are named timbres, and their names."""

Morph = Callable[[Phrase, str, str], np.ndarray]
"""Phrase, names of its instrument and of the target's, to mono samples at SAMPLE_RATE."""


@dataclass(frozen=True)
class Judge:
    """The listener of a folder, and how it is to be asked."""

    module: ModuleType

    @classmethod
    def open(cls, folder: Path | None) -> "Judge | None":
        """The folder's listener; where there is none, None and one line that says so."""
        program = None if folder is None else folder / "judge.py"
        if program is None or not program.exists():
            print(f"no judge: {program or '--judge'} isn't there, so its table is left out")
            return None
        specification = importlib.util.spec_from_file_location("moodring_judge", program)
        module = importlib.util.module_from_spec(specification)
        # Nothing may be written beside it.
        sys.dont_write_bytecode = True
        try:
            specification.loader.exec_module(module)
        except Exception as error:
            raise PipelineError(f"{program} can't be used: {error}") from error
        return cls(module)

    def target(self, name: str) -> str:
        """The plugin's named timbre for an instrument."""
        return self.module.LABELS[name][1]

    def logits(self, samples: np.ndarray, names: list[str]) -> np.ndarray:
        """How much each of the instruments is heard [names]."""
        return self.heard(samples, [self.module.LABELS[name][0] for name in names])

    def heard(self, samples: np.ndarray, labels: list[str]) -> np.ndarray:
        """How much each of AudioSet's labels is heard [labels]."""
        return self.module.logits(samples, SAMPLE_RATE)[[self.module.NAMES.index(label) for label in labels]]


def phrases(paths: Paths, names: list[str]) -> dict[str, Phrase]:
    """The same tune by each of these instruments."""
    return {name: Instrument(paths, REPORTED[name]).phrase() for name in progress(names, "phrases")}


def shipped(paths: Paths, target_name: Callable[[str], str], settings: tuple[str, ...]) -> Morph:
    """Morphs by the project's own command line with these settings. `target_name`: the named timbre of an instrument."""
    if not paths.moodring.exists():
        raise PipelineError(f"{paths.moodring} isn't there: build it with `cargo build --release`")

    def morph(phrase: Phrase, _source: str, target: str) -> np.ndarray:
        with TemporaryDirectory() as folder:
            before, after = Path(folder) / "before.wav", Path(folder) / "after.wav"
            soundfile.write(before, phrase.samples, SAMPLE_RATE, subtype="FLOAT")
            order = [paths.moodring, "morph", before, "-o", after]
            for setting in (f"Target={target_name(target)}", *settings):
                order += ["--set", setting]
            process.run(order, f"morphing to {target_name(target)}")
            return soundfile.read(after, dtype="float32", always_2d=True)[0].mean(axis=1)

    return morph


def evaluate(paths: Paths, judge: Judge) -> tuple[dict[str, Phrase], "Verdict"]:
    """Prints the table of the shipped model; gives the phrases, and what was heard of the settings that go all the way."""
    names = list(REPORTED)
    played = phrases(paths, names)
    untouched(judge, played)
    for title, settings in SHIPPED.items():
        verdict = table(f"shipped, {title}", judge, played, shipped(paths, judge.target, settings))
    # The last settings are those that go all the way.
    return played, verdict


def choosing(paths: Paths) -> None:
    """Prints how far morphs of recorded phrases are from the real targets', without the listener, on recordings that may choose between two
    models."""
    played = {name: Instrument(paths, CHOOSING[name]).phrase() for name in progress(CHOOSERS, "phrases that choose")}
    for title in (next(iter(SHIPPED)), list(SHIPPED)[-1]):
        morph = shipped(paths, CHOOSERS.__getitem__, SHIPPED[title])
        shares = [
            distance(played[of], played[to], morph(played[of], of, to)) / distance(played[of], played[to])
            for of, to in itertools.permutations(played, 2)
        ]
        print(f"{', '.join(CHOOSERS)}, {title}: distance {np.mean(shares):.3f} of the source's", flush=True)


def untouched(judge: Judge, played: dict[str, Phrase]) -> None:
    """Says what is heard in the phrases themselves: a judge that gets these wrong is no judge of the others."""
    names = list(played)
    plain = np.array([judge.logits(phrase.samples, names) for phrase in played.values()])
    heard = [names[index] for index in (plain - plain.mean(axis=0)).argmax(axis=1)]
    print("untouched:", ", ".join(f"{name} heard as {other}" for name, other in zip(names, heard, strict=True)))


@dataclass(frozen=True)
class Verdict:
    """Means over the pairs."""

    as_target: float
    as_source: float
    way: float
    distance: float
    """To the real target's mean spectra, over the source's distance."""
    ways: dict[str, float]
    """Of each target, the mean over its sources."""


def table(title: str, judge: Judge, played: dict[str, Phrase], morph: Morph) -> Verdict:
    """Prints a line a pair, and the means."""
    names = list(played)
    plain = {name: judge.logits(phrase.samples, names) for name, phrase in played.items()}
    middle = np.mean(list(plain.values()), axis=0)
    rows, ways = [], {name: [] for name in names}
    print(f"\n{title}")
    for source, target in itertools.permutations(names, 2):
        samples = morph(played[source], source, target)
        value = judge.logits(samples, names)
        to, of = names.index(target), names.index(source)
        heard = names[int(np.argmax(value - middle))]
        led, before, after = (logits[to] - logits[of] for logits in (value, plain[source], plain[target]))
        way = (led - before) / (after - before)
        ways[target].append(way)
        far, was_far = distance(played[source], played[target], samples), distance(played[source], played[target])
        rows.append((heard == target, heard == source, way, far / was_far))
        print(
            f"{source:>12} -> {target:12} heard as {heard:12} way {way:5.2f}  spectrum {was_far:4.1f} -> {far:4.1f} dB",
            flush=True,
        )
    means = (float(column) for column in np.mean(rows, axis=0))
    verdict = Verdict(*means, {name: float(np.mean(each)) for name, each in ways.items()})
    print(
        f"{len(rows)} pairs: heard as target {verdict.as_target:.2f}, heard as source {verdict.as_source:.2f}, way {verdict.way:.2f}, "
        f"distance to the real target's mean spectrum {verdict.distance:.2f} of the source's"
    )
    return verdict


def distance(source: Phrase, target: Phrase, samples: np.ndarray | None = None) -> float:
    """RMS in dB over mel bands between the mean spectra of notes and of the target's at the same pitch; mean over the notes.

    `samples`: what was made of the source; the source itself without.
    """
    numbers = range(len(source.notes))
    found = np.stack([mean_spectrum(source.stretch(number, samples)) for number in numbers])
    wanted = np.stack([mean_spectrum(target.stretch(number)) for number in numbers])
    return apart(found, wanted)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """RMS in dB between spectra [notes, 64] without their mean difference; mean over the notes."""
    difference = one - other
    difference = difference - difference.mean(axis=1, keepdims=True)
    return float(np.sqrt((difference**2).mean(axis=1)).mean())


def mean_spectrum(samples: np.ndarray) -> np.ndarray:
    """Mean power of a note in mel bands, in dB below the strongest [64]."""
    samples = np.pad(samples, (0, max(0, SPECTRUM_WINDOW - len(samples))))
    frames = framed(samples, SPECTRUM_WINDOW, 512) * np.hanning(SPECTRUM_WINDOW)
    power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2).mean(axis=0) @ _bank()
    level = 10 * np.log10(power + 1e-12)
    return np.maximum(level - level.max(), -DEEPEST_DB)


def _bank() -> np.ndarray:
    """[bins, 64]: triangles on O'Shaughnessy's mel scale from 50 Hz to 15 kHz."""
    low, high = (2595 * np.log10(1 + edge / 700) for edge in (50.0, 15_000.0))
    edges = 700 * (10 ** (np.linspace(low, high, MEL_BANDS + 2) / 2595) - 1)
    return triangles(edges, np.fft.rfftfreq(SPECTRUM_WINDOW, 1 / SAMPLE_RATE))
