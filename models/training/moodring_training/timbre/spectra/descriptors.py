"""What the knobs are named after: eight figures of a spectral envelope, in numpy for tables and in torch for training."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..front_end import CENTRES_HZ, WIDTHS_HZ

BODY_HZ = 500.0
_LEAST = 1e-6


@dataclass(frozen=True)
class Knob:
    """A latent dimension."""

    name: str
    does: str
    """For the tool tip."""
    measure: str
    """How its descriptor is defined."""


@dataclass(frozen=True)
class Contrast:
    """Mean level around one frequency less the mean level around another, both weighted with a Gaussian."""

    over_hz: float
    under_hz: float
    octaves: float = 0.35
    """Standard deviation of either Gaussian."""

    def weights(self) -> np.ndarray:
        """[128]: weights of the bands' dB; they sum to zero."""

        def around(hz: float) -> np.ndarray:
            # A band counts for the octaves that it covers: on this scale bands are narrow in octaves only above 1 kHz.
            weight = np.exp(-0.5 * (np.log2(CENTRES_HZ / hz) / self.octaves) ** 2) * WIDTHS_HZ / CENTRES_HZ
            return weight / weight.sum()

        return around(self.over_hz) - around(self.under_hz)


CONTRASTS = (Contrast(550, 1_500), Contrast(1_050, 2_200), Contrast(5_000, 1_300), Contrast(11_000, 2_700))
"""Where envelopes of notes and music still differ most once the first four figures are the same: the leading principal
components of what is left, each told by its strongest peak and its strongest dip."""

KNOBS = (
    Knob(
        "Brightness",
        "Brighter sounds have more treble: the spectrum's centre of gravity moves up",
        "log2 of the amplitude-weighted spectral centroid in Hz",
    ),
    Knob(
        "Body",
        "More body is more weight below 500 Hz against all that is above",
        "energy below 500 Hz over the energy above, in dB",
    ),
    Knob(
        "Noise",
        "Noisier sounds fill the gaps of their spectrum; less noise leaves only its peaks",
        "spectral flatness of the envelope, in dB",
    ),
    Knob(
        "Spread",
        "A wide sound reaches from bass to treble at once; a narrow one stays around its centre",
        "amplitude-weighted standard deviation of log2 frequency, in octaves",
    ),
    Knob(
        "Warmth",
        "Warmer sounds have more around 550 Hz and less around 1.5 kHz",
        "level around 550 Hz over the level around 1.5 kHz, in dB",
    ),
    Knob(
        "Nasality",
        "Nasal sounds have more around 1 kHz and less around 2.2 kHz",
        "level around 1.05 kHz over the level around 2.2 kHz, in dB",
    ),
    Knob(
        "Bite",
        "Sounds that bite have more around 5 kHz and less around 1.3 kHz",
        "level around 5 kHz over the level around 1.3 kHz, in dB",
    ),
    Knob(
        "Air",
        "Airy sounds have more around 11 kHz and less around 2.7 kHz",
        "level around 11 kHz over the level around 2.7 kHz, in dB",
    ),
)
LATENTS = len(KNOBS)
NAMED = 4
"""The first four are those that the plugin has always had."""

_HZ = torch.tensor(CENTRES_HZ, dtype=torch.float32)
_OCTAVES = _HZ.log2()
_WIDTHS = torch.tensor(WIDTHS_HZ, dtype=torch.float32)
CONTRAST_WEIGHTS = torch.tensor(np.stack([contrast.weights() for contrast in CONTRASTS], axis=1), dtype=torch.float32)
"""[128, 4]."""


def describe(level_db: Tensor) -> Tensor:
    """Envelopes in dB [..., 128], of any level, to the eight descriptors [..., 8]."""
    level_db = level_db - level_db.amax(-1, keepdim=True)
    amplitude = 10 ** (level_db / 20) * _WIDTHS
    power = 10 ** (level_db / 10)
    energy = power * _WIDTHS
    total = amplitude.sum(-1)
    centroid = ((amplitude * _HZ).sum(-1) / total).log2()
    least = _LEAST * energy.sum(-1)
    low, high = energy[..., _HZ < BODY_HZ].sum(-1), energy[..., _HZ >= BODY_HZ].sum(-1)
    body = 10 * ((low + least) / (high + least)).log10()
    flatness = level_db.mean(-1) - 10 * power.mean(-1).log10()
    centre = (amplitude * _OCTAVES).sum(-1) / total
    variance = (amplitude * (_OCTAVES - centre[..., None]) ** 2).sum(-1) / total
    spread = variance.clamp_min(_LEAST).sqrt()
    return torch.cat([torch.stack([centroid, body, flatness, spread], -1), level_db @ CONTRAST_WEIGHTS], -1)


def slopes(level_db: Tensor) -> Tensor:
    """By how much each descriptor of envelopes [n, 128] rises with the level of each band, in its own unit a dB [n, 8, 128]."""

    def share(part: Tensor) -> Tensor:
        return part / part.sum(-1, keepdim=True)

    level_db = level_db - level_db.amax(-1, keepdim=True)
    power, neper = 10 ** (level_db / 10), float(np.log(10)) / 20
    energy, amplitude = power * _WIDTHS, share(10 ** (level_db / 20) * _WIDTHS)
    centroid = (amplitude * _HZ).sum(-1, keepdim=True)
    centroid_slope = neper * amplitude * (_HZ / centroid - 1) / float(np.log(2))
    is_low = (_HZ < BODY_HZ).float()
    least = _LEAST * energy.sum(-1, keepdim=True)
    low, high = ((energy * part).sum(-1, keepdim=True) + least for part in (is_low, 1 - is_low))
    body_slope = energy * ((is_low + _LEAST) / low - (1 - is_low + _LEAST) / high)
    centre = (amplitude * _OCTAVES).sum(-1, keepdim=True)
    apart = (_OCTAVES - centre) ** 2
    variance = (amplitude * apart).sum(-1, keepdim=True).clamp_min(_LEAST)
    spread_slope = neper * amplitude * (apart - variance) / (2 * variance.sqrt())
    first = torch.stack([centroid_slope, body_slope, 1 / len(_HZ) - share(power), spread_slope], -2)
    return torch.cat([first, CONTRAST_WEIGHTS.T.expand(len(level_db), -1, -1)], -2)


def describe_in_pieces(level_db: np.ndarray) -> np.ndarray:
    """As `describe`, for arrays of any length."""
    pieces = np.array_split(level_db.astype(np.float32), max(1, len(level_db) // 8_192))
    return np.concatenate([describe(torch.from_numpy(piece)).numpy() for piece in pieces])
