"""What training asks of the strided network."""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, smooth_l1_loss

from .batches import Batch
from .config import Loss
from .net import Student


def loss_of(model: Student, batch: Batch, loss: Loss, where: torch.device) -> torch.Tensor:
    """Distance to the teachers in standard deviations, and cross-entropy to what is certain."""
    levels, target, certain, taught_weight, certain_weight = (
        torch.from_numpy(array).to(where)
        for array in (batch.levels, batch.target, batch.certain, batch.taught_weight, batch.certain_weight)
    )
    logits = model(levels, gated=False)
    distance = (logits - target) / model.scale
    # Squared at first, then straight: a window whose teachers heard something else must not rule.
    still = torch.zeros_like(distance)
    distance = smooth_l1_loss(distance, still, reduction="none", beta=loss.quadratic_deviations) * loss.taught
    # What the teachers are surer of than usual counts more: that is what gets shown.
    emphasis = 1 + torch.relu((target - model.centre) / model.scale)
    taught = (distance * emphasis * taught_weight).sum() / taught_weight.sum().clamp(min=1)
    entropy = binary_cross_entropy_with_logits(logits, certain, reduction="none")
    exact = (entropy * certain_weight).sum() / certain_weight.sum().clamp(min=1)
    return taught + loss.certain * exact
