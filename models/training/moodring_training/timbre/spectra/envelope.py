"""The spectral envelope that the decoder learns, and what of it is owed to pitch."""

from dataclasses import dataclass

import numpy as np

from ..front_end import BANDS, RANGE_DB

RISE_DB, FALL_DB = 0.5, 2.0
"""How fast the envelope falls away from a peak, in dB per band: below it and above it."""
MIDDLE_PITCH, PITCH_UNIT = 60, 24
"""MIDI pitch that every note is brought to, and the unit of the polynomial, in semitones."""
_DEGREE = 3


def envelope(levels: np.ndarray) -> np.ndarray:
    """Band levels in dB [frames, 128] to their envelope, of zero mean.

    A grey-scale dilation with a cone (Serra, Image Analysis and Mathematical Morphology, 1982, ch. XII), as masking
    spreads in hearing: harmonics are bridged, their number and place hardly matter.
    """
    levels = np.maximum(levels - levels.max(axis=1, keepdims=True), -RANGE_DB).astype(np.float32)
    # The cone's two sides one after the other: each is a running maximum that loses a constant a step.
    rising = np.arange(BANDS, dtype=np.float32) * RISE_DB
    falling = np.arange(BANDS, dtype=np.float32) * FALL_DB
    above = np.maximum.accumulate(levels + falling, axis=1) - falling
    below = np.maximum.accumulate((levels - rising)[:, ::-1], axis=1)[:, ::-1] + rising
    spread = np.maximum(above, below)
    return spread - spread.mean(axis=1, keepdims=True)


@dataclass(frozen=True)
class PitchPart:
    """How the mean envelope over all instruments bends with pitch: a polynomial per band, zero at MIDDLE_PITCH."""

    coefficients: np.ndarray
    """[degree, 128] dB."""

    @classmethod
    def fitted(cls, envelopes: np.ndarray, pitch: np.ndarray) -> "PitchPart":
        """Least squares over notes: envelopes [frames, 128] and MIDI pitch [frames]."""
        powers = np.column_stack([_powers(pitch), np.ones(len(pitch))])
        solution = np.linalg.lstsq(powers, envelopes.astype(np.float64), rcond=None)[0]
        return cls(solution[:-1].astype(np.float32))

    def of(self, pitch: np.ndarray) -> np.ndarray:
        """What to take off the envelopes of notes of these pitches, in dB [frames, 128]."""
        return (_powers(pitch) @ self.coefficients).astype(np.float32)


def _powers(pitch: np.ndarray) -> np.ndarray:
    """[frames, degree]."""
    away = (pitch - MIDDLE_PITCH) / PITCH_UNIT
    return np.stack([away**power for power in range(1, _DEGREE + 1)], axis=1)
