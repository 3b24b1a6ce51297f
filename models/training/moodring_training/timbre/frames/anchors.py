"""Where the named timbres lie in the trained space, and the map of them."""

from dataclasses import dataclass

import numpy as np

from ..spectra.descriptors import LATENTS
from ..spectra.features import Frames
from ..spectra.labels import NONE, labels, members
from ..timbres import TIMBRES
from .measures import note_codes
from .model import Model

LEAST_VARIANCE = 1e-4
"""Of a note around its timbre's mean, in every direction."""


@dataclass
class Anchors:
    """Statistics of the codes of what was learnt from."""

    mean: np.ndarray
    """[8]: of all frames."""
    std: np.ndarray
    """[8]: of all frames; one unit of a knob."""
    lowest: np.ndarray
    """[8]: first percentile."""
    highest: np.ndarray
    """[8]: 99th percentile."""
    means: np.ndarray
    """[timbres, 8]; NaN where a timbre was not heard, as in small runs."""
    stds: np.ndarray
    """[timbres, 8]."""
    frames: list[int]
    """How many frames each timbre had."""
    covariance: np.ndarray
    """[8, 8]: of the notes' mean codes around their timbre's, mean over the timbres; what `nearest` is measured in."""

    @classmethod
    def of(cls, model: Model, learnt: dict[str, Frames]) -> "Anchors":
        """Encodes what was learnt from."""
        codes = {name: model.encode(frames) for name, frames in learnt.items()}
        every = np.concatenate(list(codes.values()))
        notes = codes["notes"]
        chosen = [members(learnt["notes"], timbre) for timbre in TIMBRES]
        blank = np.full(LATENTS, np.nan)
        return cls(
            every.mean(0),
            every.std(0),
            *np.quantile(every, (0.01, 0.99), axis=0),
            np.stack([notes[own].mean(0) if own.any() else blank for own in chosen]),
            np.stack([notes[own].std(0) if own.any() else blank for own in chosen]),
            [int(own.sum()) for own in chosen],
            _covariance_of_notes(notes, learnt["notes"]),
        )

    def whitening(self) -> np.ndarray:
        """[8, 8]: codes times this are at Mahalanobis' distances from each other."""
        return np.linalg.inv(np.linalg.cholesky(self.covariance)).T

    def projection(self) -> tuple[np.ndarray, np.ndarray]:
        """The map: `matrix` [2, 8] and `offset` [2] bring a code to (x, y), with the named timbres within -1 to 1.

        The two principal components of the named timbres' means, in standard deviations.
        """
        heard = self.means[~np.isnan(self.means).any(axis=1)]
        centre = heard.mean(axis=0)
        components = np.linalg.svd((heard - centre) / self.std, full_matrices=False)[2][:2]
        # Brightness to the right and Body down, so that the map reads the same way whatever the run.
        components *= np.array([_sign(components[0, 0]), -_sign(components[1, 1])])[:, None]
        matrix = components / self.std
        places = (heard - centre) @ matrix.T
        matrix = matrix / np.abs(places).max(axis=0)[:, None]
        return matrix, -matrix @ centre


def _covariance_of_notes(code: np.ndarray, frames: Frames) -> np.ndarray:
    mean, first = note_codes(code, frames)
    label = labels(frames)[first]
    each = [mean[label == index] for index in np.unique(label[label != NONE])]
    # A small run plays some timbres too seldom for a spread in eight dimensions; together they have one.
    return np.mean([np.cov(own.T) for own in each if len(own) > 1], axis=0) + LEAST_VARIANCE * np.eye(LATENTS)


def _sign(value: float) -> float:
    return -1.0 if value < 0 else 1.0
