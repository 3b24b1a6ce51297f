"""What the plugin is to do at Resynthesis and Articulation 100 % of a single line, offline: oscillators on the tracked pitch, noise
drawn, the target's rise and movement of level up to the source's own end."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyworld

from ..front_end import HOP, SAMPLE_RATE
from .harmonics import (
    BINS_HZ,
    HANN_POWER,
    HARMONICS,
    HIGHEST_HZ,
    LEVEL_RANGE_DB,
    NOISE_BANDS,
    NOISE_EDGES_HZ,
    WINDOW,
    hertz,
    levels_db,
)

Draw = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""MIDI pitches, hops since the onset and velocities [n] to what the decoder draws, in dB [n, 101]."""

LOWEST_HZ, HIGHEST_PITCH_HZ = 55.0, 1_600.0
RISE_DB, RISE_HOPS = 8.0, 4
"""So much louder within so many hops is an onset."""
STEP_SEMITONES = 0.6
"""So much of a step in pitch is one, too: slides and vibrato stay below from hop to hop."""
REST_HOPS, SETTLING_HOPS = 6, 14
"""No two onsets lie closer; and so long after one a step in pitch is only its own settling."""
STEP_RANGE_DB = 20.0
"""Nor does a step count so far below the note's loudest: there a tracker hears the room."""
GATE_DB = 26.0
"""A note has ended where its source is so far below its loudest; from there on its level is followed down."""
SILENCE_DB = -60.0
"""Below the loudest of the whole: a pause."""
VELOCITY = 90.0
_SPREAD = 1.5


@dataclass(frozen=True)
class Heard:
    """What is played, hop by hop [hops]."""

    pitch: np.ndarray
    """MIDI; held through what has none."""
    since: np.ndarray
    """Hops since the onset; below zero where nothing has begun."""
    level: np.ndarray
    """Mean power of the source, dB."""
    loudest: np.ndarray
    """The same, of the loudest hop of the note that a hop belongs to."""


def listen(samples: np.ndarray) -> Heard:
    """Pitch by DIO (M. Morise, H. Kawahara, H. Katayose, 2009), refined by StoneMask; onsets where level or pitch jump."""
    hops = len(samples) // HOP
    level = levels_db(samples, np.arange(hops) * HOP)
    period = 1000 * HOP / SAMPLE_RATE
    found, times = pyworld.dio(
        samples.astype(np.float64), SAMPLE_RATE, LOWEST_HZ, HIGHEST_PITCH_HZ, frame_period=period
    )
    found = pyworld.stonemask(samples.astype(np.float64), found, times, SAMPLE_RATE)[:hops]
    found = np.pad(found, (0, hops - len(found)))
    voiced = np.flatnonzero(found > 0)
    if not len(voiced):
        voiced, found = np.array([0]), np.full(hops, float(hertz(60.0)))
    pitch = np.interp(np.arange(hops), voiced, 69 + 12 * np.log2(found[voiced] / 440))
    sounding = level > level.max() + SILENCE_DB
    onsets = _onsets(pitch, level, sounding, found > 0)
    since, loudest = np.full(hops, -1), level.copy()
    for start, end in itertools.pairwise([*onsets, hops]):
        since[start:end] = np.arange(end - start)
        loudest[start:end] = level[start:end].max()
        # Through the gap between notes the pitch is interpolated; a note begins at its own.
        own = start + np.flatnonzero(found[start : min(end, start + 12)] > 0)
        if len(own) > 4:
            pitch[start : own[4]] = pitch[own[4]]
    return Heard(pitch, since, level, loudest)


def _onsets(pitch: np.ndarray, level: np.ndarray, sounding: np.ndarray, voiced: np.ndarray) -> list[int]:
    found: list[int] = []
    for hop in range(len(level)):
        since = hop - found[-1] if found else len(level)
        if not sounding[hop] or since < REST_HOPS:
            continue
        before = level[max(0, hop - RISE_HOPS) : hop + 1]
        rises = hop == 0 or not sounding[hop - 1] or level[hop] - before.min() > RISE_DB
        # A slow attack goes on rising: it has begun already, unless it has fallen in between.
        least = hop - len(before) + 1 + int(np.argmin(before))
        rises = rises and (
            since > SETTLING_HOPS or level[hop - since : least + 1].max(initial=-200.0) - before.min() > RISE_DB
        )
        loud = hop > 1 and level[hop] > level[max(0, hop - since) : hop].max() - STEP_RANGE_DB
        steps = loud and voiced[hop] and voiced[hop - 1] and abs(pitch[hop] - pitch[hop - 1]) > STEP_SEMITONES
        if rises or (steps and since > SETTLING_HOPS):
            found.append(hop)
    return found


def resynthesise(heard: Heard, draw: Draw, articulation: bool, seed: int = 1) -> np.ndarray:
    """The phrase that was heard, by the player that `draw` stands for: mono samples at SAMPLE_RATE, a hop for a hop.

    Without `articulation` the level is the source's.
    """
    begun = heard.since >= 0
    drawn = np.full((len(begun), HARMONICS + NOISE_BANDS + 1), -100.0, np.float32)
    drawn[begun] = draw(heard.pitch[begun], heard.since[begun], np.full(begun.sum(), VELOCITY))
    level = heard.level
    if articulation:
        gate = np.minimum(0.0, heard.level - heard.loudest + GATE_DB)
        # The gate counts once the note has been there; its rise is the target's.
        after = np.concatenate([[0], np.cumsum(gate == 0)])[1:]
        reached = after - np.where(begun, after[np.maximum(0, np.arange(len(gate)) - heard.since)], 0) > 0
        contour = np.clip(drawn[:, -1], *LEVEL_RANGE_DB)
        level = heard.loudest + contour + np.where(reached, gate, 0.0)
    level = np.where(begun, level, -120.0)
    harmonics, noise = 10 ** (drawn[:, :HARMONICS] / 10), 10 ** (drawn[:, HARMONICS:-1] / 10)
    harmonics[hertz(heard.pitch)[:, None] * np.arange(1, HARMONICS + 1) > HIGHEST_HZ] = 0
    whole = harmonics.sum(axis=1) + noise @ np.diff(NOISE_EDGES_HZ) / BINS_HZ[1] / _SPREAD
    # Of a sine of amplitude 1 the power at its bin is 1, its mean power one half.
    scale = 2 * 10 ** (level / 10) / whole
    partials = _oscillators(heard.pitch, np.sqrt(harmonics * scale[:, None]))
    return partials + _noise(noise * scale[:, None], len(partials), np.random.default_rng(seed))


def _oscillators(pitch: np.ndarray, amplitude: np.ndarray) -> np.ndarray:
    """Sines at the multiples of a pitch [hops], their amplitudes [hops, 60] going in straight lines from hop to hop."""
    between = np.arange(HOP, dtype=np.float32) / HOP

    def line(values: np.ndarray) -> np.ndarray:
        return (values[:, None] + between * np.diff(values, append=values[-1:])[:, None]).ravel()

    turns = np.cumsum(line(hertz(pitch))) / SAMPLE_RATE
    first = np.exp(2j * np.pi * (turns % 1.0)).astype(np.complex64)
    # The powers of the first are the others. Partials that begin in one phase would make a click, so each is turned.
    partial, sound = np.ones_like(first), np.zeros(len(first), np.float32)
    for number in range(HARMONICS):
        partial *= first
        if amplitude[:, number].max() > 1e-6:
            turned = np.complex64(np.exp(0.37j * number**2))
            sound += line(amplitude[:, number].astype(np.float32)) * (partial * turned).imag
    return sound


def _noise(power: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """Noise whose power in a bin of harmonics.WINDOW is `power` [hops, 40] around each hop."""
    window = WINDOW // 4
    hz = np.fft.rfftfreq(window, 1 / SAMPLE_RATE)
    centres = np.sqrt(NOISE_EDGES_HZ[:-1] * NOISE_EDGES_HZ[1:])
    shape = np.hanning(window + 1)[:-1]
    sound = np.zeros(length + 2 * window)
    white = rng.normal(0, 1, length + 2 * window)
    for hop, row in enumerate(power):
        if row.max() < 1e-14:
            continue
        gain = np.sqrt(10 ** np.interp(np.log(np.maximum(hz, 30)), np.log(centres), np.log10(row + 1e-20)) / HANN_POWER)
        start = hop * HOP + window // 2
        for at in (start - HOP // 2, start):
            piece = np.fft.irfft(np.fft.rfft(white[at : at + window] * np.sqrt(shape)) * gain, window)
            sound[at : at + window] += piece * np.sqrt(shape) / 2
    return sound[window : window + length]
