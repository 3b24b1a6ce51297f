"""A correction of the head: its instruments on solos, with real music left as it is.

Nothing of the corpus has to be heard anew for it. The weights are drawn towards those that they come from: what is learned is a
difference, by logistic regression on solos whose instruments are known, where it also costs that an answer to a labelled song moves.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import minimize

from ...shared.paths import Paths
from ..labels import songs
from ..labels.audioset import WIDE, family
from ..listeners import answers, rendered_solos
from ..measures import sigmoid
from . import exact_sound, solos
from .config import Correction, HeadConfig
from .net import Head, inputs_of

CORRECTION = "correction"
"""What a card calls it, in its lesson."""
LEFT = ("voice", "drums", "bass", "woodwind")
"""Families of instruments that stay as they are: solos of voices, drums and basses were told from all others without a correction, and
of these real recordings have most; woodwind, corrected by soundfonts, was told worse by recorded notes of others."""
CORRECTED = np.array([tag.kind == "instrument" and family(tag.name) not in LEFT for tag in WIDE])
"""The tags whose weights may be corrected `[tags]`: a solo has no genre that is known, and no mood."""
MOST_STEPS = 300
"""Of the search for the least cost, which ends long before."""


@dataclass
class Lesson:
    """What a correction is learned from."""

    solos: np.ndarray
    """What the head sees of chunks of solos, and of what is no music, `[chunks, inputs]`."""
    right: np.ndarray
    """0 or 1, `[chunks, tags]`."""
    known: np.ndarray
    """0 or 1, `[chunks, tags]`."""
    music: np.ndarray
    """What it sees of music that it is to go on answering as it does, `[chunks, inputs]`."""


def lesson(paths: Paths, config: HeadConfig) -> Lesson:
    """Renders, plays and listens, as far as it wasn't done yet: solos that teach, recorded notes, noise, and songs that don't report."""
    rendered_solos.prepare(paths, "teach")
    solos.prepare(paths)
    heard, recorded = rendered_solos.load(paths, "teach"), solos.load(paths)
    spoken = ~heard.silent
    labels = [exact_sound.heard_of(parts, config.rendered) for parts in heard.parts]
    right, known = (np.array([one[side] for one in labels])[spoken] for side in (0, 1))
    listed = [song for song in songs.of_manifest(paths.music) if song.part != "report"]
    logits, embeddings = answers.prepare(paths, listed)
    inputs = [
        inputs_of(heard.embeddings[spoken], heard.logits[spoken]),
        inputs_of(recorded.embeddings, recorded.logits),
    ]
    return Lesson(
        np.concatenate(inputs),
        np.concatenate([right, recorded.right]),
        np.concatenate([known, recorded.known]),
        inputs_of(embeddings, logits),
    )


def described(learnt: Lesson, config: Correction) -> dict[str, float]:
    """What a card says of a correction."""
    return {"solo_chunks": len(learnt.solos), "music_chunks": len(learnt.music), **config.model_dump()}


def corrected(head: Head, learnt: Lesson, config: Correction) -> Head:
    """The head with other weights for the instruments that solos tell of; its slopes and offsets stay."""
    columns = np.flatnonzero(CORRECTED & (learnt.right * learnt.known).any(axis=0))
    both = np.concatenate([learnt.solos, learnt.music])
    middle, spread = both.mean(axis=0, dtype=np.float64), np.maximum(both.std(axis=0, dtype=np.float64), 1e-4)

    def seen(inputs: np.ndarray) -> np.ndarray:
        return np.concatenate([(inputs - middle) / spread, np.ones((len(inputs), 1))], axis=1)

    music = seen(learnt.music)
    held = config.music * music.T @ music
    # The last is the offset, which is held by music alone.
    pulls = np.full(len(held), config.pull)
    pulls[-1] = 1e-3
    held[np.diag_indices(len(held))] += pulls
    before = head.logits(learnt.solos)[:, columns]
    moved = _difference(seen(learnt.solos), before, (learnt.right[:, columns], learnt.known[:, columns]), held)
    slopes = head.slopes[columns]
    onto = moved[:-1] / spread[:, None] / slopes
    weights, bias = head.weights.copy(), head.bias.copy()
    weights[:, columns] += onto
    bias[columns] += moved[-1] / slopes - middle @ onto
    return replace(head, weights=weights, bias=bias)


def _difference(
    design: np.ndarray, before: np.ndarray, labels: tuple[np.ndarray, np.ndarray], held: np.ndarray
) -> np.ndarray:
    """Weights `[design, tags]` of what is added to logits that were `before` `[chunks, tags]`.

    Of all weights they have the least sum of the cross-entropy with what is right, where it is known (`labels`), and of half of each
    tag's square by `held` `[design, design]`. That is convex; along axes in which `held` is the identity the search takes few steps.
    """
    right, known = labels
    lower = np.linalg.cholesky(held)
    turned = solve_triangular(lower, design.T, lower=True).T
    shape = (design.shape[1], before.shape[1])

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(shape)
        said = before + turned @ weights
        entropy = known * (np.logaddexp(0, said) - right * said)
        slope = turned.T @ (known * (sigmoid(said) - right)) + weights
        return float(entropy.sum() + 0.5 * (weights**2).sum()), slope.ravel()

    found = minimize(cost, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
    return solve_triangular(lower.T, found.x.reshape(shape), lower=False)
