"""Writes piano.ogg, voice.ogg, drums.ogg and pad.ogg: what presets are measured on besides songs. LICENCE.md says where the sounds come from.

    make_sources.py --soundfont MuseScore_General_Full.sf3 --piano PACKAGE --voice REPOSITORY

Needs fluidsynth, ffmpeg, numpy, soundfile and mido.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile

HERE = Path(__file__).resolve().parent
RATE = 44_100
PEAK = 0.7
"""Of every source, full scale 1."""
FADE_S = 0.03
TICKS = 480
BEAT_S = 0.5

PIANO = (
    (0.0, 2.0, ("C3", "E4", "G4", "C5")), (1.0, 1.0, ("D5",)), (2.0, 2.0, ("A2", "E4", "A4", "E5")), (3.0, 1.0, ("C5",)),
    (4.0, 2.0, ("F2", "C4", "A4")), (4.5, 0.5, ("G4",)), (5.0, 0.5, ("A4",)), (5.5, 0.5, ("C5",)), (6.0, 2.0, ("G2", "D4", "B4", "G5")),
)  # fmt: skip
"""Beginning and length in seconds, notes."""
VOICE = (
    "notes/exports/mono/A3", "voyels/exports/mono/_-e-c3", "voyels/exports/mono/_-i-c3", "notes/exports/mono/E3",
    "voyels/exports/mono/_-o-c3", "voyels/exports/mono/_-u-c3", "notes/exports/mono/G3", "notes/exports/mono/A4",
)  # fmt: skip
VOICE_S = 1.0
"""Of every sung note at most."""
KICK, SNARE, CLOSED, OPEN, CRASH, TOM = 36, 38, 42, 46, 49, 45
DRUMS = (
    (CRASH, KICK), (CLOSED,), (CLOSED, SNARE), (CLOSED, KICK), (CLOSED, KICK), (CLOSED,), (CLOSED, SNARE), (OPEN,),
    (CLOSED, KICK), (CLOSED, KICK), (CLOSED, SNARE), (CLOSED,), (CLOSED, KICK), (TOM,), (SNARE, TOM), (SNARE, OPEN),
)  # fmt: skip
"""Keys of General MIDI's kit, half a beat after half a beat; played twice."""
WARM_PAD = 89
PAD = ((57, 60, 64, 69), (53, 60, 65, 69), (48, 60, 64, 67), (55, 59, 62, 67))
"""MIDI pitches, four beats each."""


def decoded(path: Path) -> np.ndarray:
    """Mono at RATE [samples]."""
    order = ["ffmpeg", "-v", "error", "-i", path, "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(order, check=True, capture_output=True).stdout, np.float32).copy()


def faded(samples: np.ndarray) -> np.ndarray:
    """With an end [samples]."""
    fade = int(FADE_S * RATE)
    samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[(...,) + (None,) * (samples.ndim - 1)]
    return samples


def piano(package: Path) -> np.ndarray:
    """Chords and a tune of recorded notes [samples]."""
    length = max(start + seconds for start, seconds, _ in PIANO)
    sound = np.zeros(int(length * RATE), np.float32)
    for start, seconds, notes in PIANO:
        for note in notes:
            samples = decoded(next(package.rglob(f"{note}.mp3")))[: int(seconds * RATE)]
            sound[int(start * RATE) :][: len(samples)] += faded(samples)
    return sound


def voice(repository: Path) -> np.ndarray:
    """Sung vowels one after the other [samples]."""
    notes = [decoded(repository / "data" / "voices" / "martin" / f"{name}.wav") for name in VOICE]
    return np.concatenate([faded(samples[: int(VOICE_S * RATE)]) for samples in notes])


def played(track: mido.MidiTrack, soundfont: Path, seconds: float) -> np.ndarray:
    """What a soundfont makes of a track, without effects [samples, 2]."""
    with tempfile.TemporaryDirectory() as scratch:
        score, wave = Path(scratch) / "score.mid", Path(scratch) / "score.wav"
        mido.MidiFile(ticks_per_beat=TICKS, tracks=[track]).save(score)
        options = ["-niq", "-R", "0", "-C", "0", "-r", str(RATE), "-O", "float", "-T", "wav"]
        subprocess.run(["fluidsynth", *options, "-F", wave, soundfont, score], check=True, capture_output=True)
        samples, _ = soundfile.read(wave, dtype="float32", always_2d=True)
    return faded(samples[: int(seconds * RATE)])


def drums(soundfont: Path) -> np.ndarray:
    """Two bars of a rock beat, twice [samples, 2]."""
    track = mido.MidiTrack()
    for keys in DRUMS * 2:
        track += [mido.Message("note_on", channel=9, note=key, velocity=100) for key in keys]
        track.append(mido.Message("note_off", channel=9, note=keys[0], time=TICKS // 2))
    return played(track, soundfont, len(DRUMS) * 2 * BEAT_S / 2)


def pad(soundfont: Path) -> np.ndarray:
    """Four chords of a synthesiser's pad [samples, 2]."""
    track = mido.MidiTrack([mido.Message("program_change", program=WARM_PAD)])
    for chord in PAD:
        track += [mido.Message("note_on", note=note, velocity=90) for note in chord]
        for number, note in enumerate(chord):
            track.append(mido.Message("note_off", note=note, time=0 if number else 4 * TICKS))
    return played(track, soundfont, len(PAD) * 4 * BEAT_S)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("--soundfont", "--piano", "--voice"):
        parser.add_argument(option, type=Path, required=True)
    given = parser.parse_args()
    sources = {
        "piano": piano(given.piano),
        "voice": voice(given.voice),
        "drums": drums(given.soundfont),
        "pad": pad(given.soundfont),
    }
    for name, samples in sources.items():
        samples *= PEAK / np.abs(samples).max()
        with tempfile.TemporaryDirectory() as scratch:
            wave = Path(scratch) / "source.wav"
            soundfile.write(wave, samples, RATE, subtype="FLOAT")
            # Bit for bit the same each time: neither dates nor a number drawn at random in the stream.
            order = [
                "ffmpeg",
                "-v",
                "error",
                "-y",
                "-i",
                wave,
                "-c:a",
                "libvorbis",
                "-q:a",
                "5",
                "-fflags",
                "+bitexact",
            ]
            subprocess.run([*order, "-flags:a", "+bitexact", HERE / f"{name}.ogg"], check=True)


if __name__ == "__main__":
    main()
