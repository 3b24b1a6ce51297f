"""What training asks of the model of notes."""

from torch import Tensor

from .config import Weights
from .harmonics import HARMONICS, NOISE_BANDS


def distances(said: Tensor, meant: Tensor, level_weight: float) -> dict[str, Tensor]:
    """Mean absolute differences in dB of what is drawn [n, 101], and their weighted sum: what is faint counts less."""
    far = (said - meant).abs()
    harmonics, noise, level = far[:, :HARMONICS], far[:, HARMONICS : HARMONICS + NOISE_BANDS], far[:, -1]
    # A frame that has decayed is judged by little but its level.
    heard = ((meant[:, -1:] + 45) / 30).clamp(0.05, 1)
    loud = ((meant[:, :HARMONICS] + 60) / 60).clamp(0.05, 1) * heard
    hiss = ((meant[:, HARMONICS : HARMONICS + NOISE_BANDS] + 90) / 45).clamp(0.1, 1.5) * heard
    weighted = ((loud * harmonics).sum(dim=1) + (hiss * noise).sum(dim=1) + level_weight * level).mean() / said.shape[1]
    return {"weighted": weighted, "harmonics": harmonics.mean(), "noise": noise.mean(), "level": level.mean()}


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of codes [n, code] from the standard normal (Kingma & Welling 2014), mean of the batch."""
    return (-0.5 * (1 + log_variance - mean**2 - log_variance.exp())).sum(dim=1).mean()


def apart(own: Tensor, mean: Tensor) -> Tensor:
    """How far players' own codes are from what the encoder says [n, code] each; moves the former alone."""
    return ((own - mean.detach()) ** 2).sum(dim=1).mean()


def total(terms: dict[str, Tensor], weights: Weights) -> Tensor:
    """The loss."""
    return terms["weighted"] + weights.divergence * terms["divergence"] + weights.held_player * terms["apart"]
