"""MIDI files in, sound out: fluidsynth and timidity."""

from dataclasses import dataclass
from pathlib import Path

from . import process


@dataclass(frozen=True)
class Setting:
    """How a reel is rendered."""

    bank: Path
    """A soundfont, or a timidity configuration inside an unpacked package."""
    reverb: bool = True
    chorus: bool = False
    speed: float = 1.0
    """Varispeed: pitch, formants and tempo times this."""


def play(score: Path, wave: Path, rate: int, setting: Setting, gain: float = 0.4) -> None:
    """Plays a MIDI file into a WAV file, at `rate` Hz; `speed` is not looked at."""
    if setting.bank.suffix != ".cfg":
        # Compressed soundfonts take long to load whole.
        options = ["-niq", "-o", "synth.dynamic-sample-loading=1", "-O", "float", "-T", "wav", "-g", str(gain)]
        switches = ["-R", str(int(setting.reverb)), "-C", str(int(setting.chorus)), "-r", str(rate)]
        order = ["fluidsynth", *options, *switches, "-F", wave, setting.bank, score]
    else:
        # The configuration names the folder where its package would be installed: etc/timidity is two levels down.
        root = setting.bank.parents[2]
        text = setting.bank.read_text(encoding="latin-1")
        lines = [line if not line.startswith("dir ") else f"dir {root}{line[4:].strip()}" for line in text.splitlines()]
        configuration = score.with_suffix(".cfg")
        configuration.write_text("\n".join(lines) + "\n", encoding="latin-1")
        effects = [f"-EFreverb={int(setting.reverb)}", f"-EFchorus={int(setting.chorus)}", "-EFdelay=0"]
        order = ["timidity", "-c", configuration, *effects, "-Ow2slM", "-s", str(rate), "-o", wave, score]
    process.run(order, f"rendering with {setting.bank.name}")
