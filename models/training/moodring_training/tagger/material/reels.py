"""Parts in, sound out: many segments of music in one run of a synthesizer, which takes long to start."""

import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile
from scipy.signal import resample_poly

from ...shared import synthesis
from .. import front_end
from .arranger import Part

TICKS = 960
"""MIDI ticks a second."""
DRUM_CHANNEL = 9
RENDER_RATE = 32_000
"""Rate that fluidsynth works at, in Hz."""
REST = 1.0
"""Seconds of silence behind each segment, for the reverb of one not to be heard in the next."""


def midi_file(segments: list[list[Part]], seconds: float) -> mido.MidiFile:
    """One segment after the other, `seconds + REST` apart, with everything reset in between."""
    events: list[tuple[int, int, mido.Message]] = []
    for number, parts in enumerate(segments):
        start = number * (seconds + REST)
        free = [channel for channel in range(16) if channel != DRUM_CHANNEL]
        for channel in range(16):
            at = int(start * TICKS)
            # 120: all sound off, 121: controllers to their rest position.
            for control in (120, 121):
                events.append((at, 0, mido.Message("control_change", channel=channel, control=control, value=0)))
        for part in parts:
            channel = DRUM_CHANNEL if part.is_drums else free.pop(0)
            events.append(
                (int(start * TICKS), 1, mido.Message("program_change", channel=channel, program=part.program))
            )
            for note in part.notes:
                on, off = (int((start + at) * TICKS) for at in (note.start, note.start + note.length))
                pitch = {"channel": channel, "note": int(np.clip(note.pitch, 0, 127))}
                events.append((on, 3, mido.Message("note_on", velocity=note.velocity, **pitch)))
                events.append((max(off, on + 1), 2, mido.Message("note_off", **pitch)))
    end = int(len(segments) * (seconds + REST) * TICKS)
    events.append((end, 4, mido.Message("control_change", channel=0, control=120, value=0)))
    events.sort(key=lambda event: event[:2])
    file = mido.MidiFile(ticks_per_beat=TICKS // 2)
    track = mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=500_000))
    now = 0
    for at, _, message in events:
        track.append(message.copy(time=at - now))
        now = at
    return file


def render(
    segments: list[list[Part]], seconds: float, setting: synthesis.Setting, wanted: int = front_end.RATE
) -> list[np.ndarray]:
    """Plays the segments through a bank: mono, `seconds / speed` each, at a rate `wanted` that RENDER_RATE is a multiple of."""
    rate = int(round(RENDER_RATE / setting.speed))
    with tempfile.TemporaryDirectory() as folder:
        score, wave = Path(folder) / "reel.mid", Path(folder) / "reel.wav"
        midi_file(segments, seconds).save(score)
        synthesis.play(score, wave, rate, setting)
        samples, _ = soundfile.read(wave, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    length = int(seconds * rate)
    found = []
    for number in range(len(segments)):
        start = int(number * (seconds + REST) * rate)
        stretch = mono[start : start + length]
        stretch = np.pad(stretch, (0, length - len(stretch)))
        found.append(resample_poly(stretch, 1, RENDER_RATE // wanted).astype(np.float32))
    return found
