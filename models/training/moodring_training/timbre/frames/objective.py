"""What training asks of the networks, one function a wish."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ..shaper import shaped
from ..spectra.descriptors import LATENTS, NAMED, describe
from .net import Decoder, saturated

FURTHEST = 3.4
"""How far training turns the knobs."""
SMALL_TURN = 0.3
"""Half of the turns are this small, so that a descriptor rises everywhere and not only from end to end."""
TURNED = 2.2
"""How far a knob is turned from where the sound is, in the knob's units."""
NEARNESS = 4.0
"""Sharpness of the nearest centre: one over the variance that a timbre is thought to have."""
_RIDGE = 1e-3


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of the code from the standard normal (Kingma & Welling 2014), mean of the batch."""
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(-1).mean()


def pitch_share(code: Tensor, pitch: Tensor) -> Tensor:
    """Share of the variance of pitch [n] that the best linear probe of the code [n, 8] explains in this batch."""
    code, pitch = code - code.mean(0), pitch - pitch.mean()
    covariance = code.T @ code / len(code) + _RIDGE * torch.eye(LATENTS)
    cross = code.T @ pitch / len(code)
    return cross @ torch.linalg.solve(covariance, cross) / pitch.square().mean()


def naming(code: Tensor, label: Tensor, centres: Tensor) -> Tensor:
    """Cross-entropy of the labels [n] when the code [n, 8] is told by its nearest centre [timbres, 8] (Snell et al. 2017)."""
    distance = (code[:, None] - centres).square().sum(-1)
    return functional.cross_entropy(-0.5 * distance * NEARNESS, label, label_smoothing=0.05)


class Descriptors:
    """Descriptors in standard deviations of the training data's."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        self.mean, self.std = mean, std

    def of(self, level_db: Tensor) -> Tensor:
        """[..., 128] dB to [..., 8]."""
        return (describe(level_db) - self.mean) / self.std


def true_knobs(
    decoder: Decoder, descriptors: Descriptors, code: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """How far the descriptors of decoded codes are from what the knobs say; what turning one knob does to the other
    descriptors; and how far a descriptor falls short of rising with its knob.

    `code` [n, 8] is where the knobs are turned from.
    """
    count = len(code)
    row = torch.arange(count)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator)

    # Several knobs may be turned already; then one of them sweeps from a lower to a higher place.
    start = torch.where(uniform(*code.shape) < 0.15, (2 * uniform(*code.shape) - 1) * 2, code)
    # The contrasts move by construction: mostly what they do to the others is to be learnt.
    which = torch.where(uniform(count) < 0.75, (uniform(count) * NAMED).long(), (uniform(count) * LATENTS).long())
    ends = ((2 * uniform(count, 2) - 1) * FURTHEST).sort(-1).values
    small = uniform(count) < 0.5
    ends[:, 1] = torch.where(small, ends[:, 0] + SMALL_TURN, torch.maximum(ends[:, 1], ends[:, 0] + SMALL_TURN))
    low, high = start.clone(), start.clone()
    low[row, which], high[row, which] = ends[:, 0], ends[:, 1]
    before, after = descriptors.of(decoder.level_db(low)), descriptors.of(decoder.level_db(high))
    # The contrasts are free to follow the first four, as treble follows brightness.
    first = slice(NAMED)
    said = functional.smooth_l1_loss(before[:, first], saturated(low)[:, first])
    said = said + functional.smooth_l1_loss(after[:, first], saturated(high)[:, first])
    change = after - before
    wanted = (saturated(high) - saturated(low))[row, which]
    short = functional.relu(0.6 - change[row, which] / wanted).mean()
    others = torch.ones_like(change)
    others[row, which] = 0
    others[:, NAMED:] = 0
    return said, (others * change.square()).sum(-1)[~small].mean(), short


@dataclass(frozen=True)
class Heard:
    """Frames that a curve is put on."""

    code: Tensor
    """[n, 8]: the frames' own."""
    bands: Tensor
    """[n, 128]: their levels in dB."""
    unit: Tensor
    """[8]: what a knob's 1 moves."""


def true_in_sound(
    decoder: Decoder, descriptors: Descriptors, heard: Heard, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The same three wishes for what is heard: the bands with the plugin's curve on them, a knob turned from where the frame is.
    And how rough the curves are, for a descriptor can be moved with a comb, too, which sounds like one.
    """
    code, unit = heard.code, heard.unit
    count = len(code)
    row = torch.arange(count)
    which = (torch.rand(count, generator=generator) * LATENTS).long()
    turned = ((2 * torch.rand((count, 2), generator=generator) - 1) * TURNED).sort(-1).values
    turned[:, 1] = torch.maximum(turned[:, 1], turned[:, 0] + SMALL_TURN)
    low, high = code.clone(), code.clone()
    low[row, which] += turned[:, 0] * unit[which]
    high[row, which] += turned[:, 1] * unit[which]
    middle = decoder.level_db(code)
    curves = [decoder.level_db(place) - middle for place in (low, high)]
    before, after = (descriptors.of(shaped(heard.bands, curve)) for curve in curves)
    change = after - before
    wanted = (saturated(high) - saturated(low))[row, which]
    own = change[row, which]
    others = torch.ones_like(change)
    others[row, which] = 0
    others[:, NAMED:] = 0
    return (
        functional.smooth_l1_loss(own, wanted),
        (others * change).square().sum(-1).mean(),
        functional.relu(0.5 - own / wanted).mean(),
        torch.stack(curves).diff(n=2, dim=-1).square().mean(),
    )
