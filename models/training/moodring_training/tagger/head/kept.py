"""What the shipped file still knows of AudioSet's labels, beside mn04 as it was published: whoever trains on is not to unlearn it.

The head replaces mn04's last layer, but what that layer was given is still computed. Put behind it again, the layer says how much of
mn04's knowledge of recorded notes is left.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from ...shared import corpus
from ...shared.errors import PipelineError
from ...shared.onnx_graph import session
from ...shared.paths import Paths
from ...shared.running import progress
from ...shared.tables import print_table
from ..labels.audioset import WIDE_NAMES
from ..listeners import hearing, mn04
from ..measures import masked_aucs
from . import solos
from .export import without_last_layer

FEWEST = 3
"""Chunks of either kind that a tag must have for an AUC."""


class Trunk:
    """mn04 within a file that stands on it, with its own last layer behind it again."""

    def __init__(self, listener: Path, file: Path) -> None:
        """`listener` is mn04's folder.

        # Errors
        Raises PipelineError if the file computes nothing by the name of what mn04's last layer is given.
        """
        network = onnx.load(str(file))
        self.given, self.weights, self.bias = without_last_layer(onnx.load(str(listener / mn04.NETWORK)).graph)
        if not any(self.given in node.output for node in network.graph.node):
            raise PipelineError(
                f"{file}: there is no {self.given}, which mn04's last layer is given; it doesn't stand on mn04"
            )
        network.graph.output.append(
            helper.make_tensor_value_info(self.given, TensorProto.FLOAT, [1, len(self.weights)])
        )
        self.session = session(network)

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """AudioSet's 527 logits of chunks `[n, FRAMES, BANDS]` in dB: `[n, 527]`."""
        found = [self.session.run([self.given], {"mel_db": one.T[None, None]})[0] for one in levels]
        return np.concatenate(found) @ self.weights + self.bias


def areas(logits: np.ndarray, listener: mn04.Listener, right: np.ndarray, known: np.ndarray) -> np.ndarray:
    """AUC of each tag that AudioSet has a label for, by its likeliest label: `[tags]`, nan for others."""
    mapped = listener.mapped(logits.astype(np.float32))
    found = masked_aucs(np.nan_to_num(mapped), right, known, FEWEST)
    found[np.isnan(mapped).any(axis=0)] = np.nan
    return found


def evaluate(paths: Paths, small: bool) -> dict[str, float]:
    """Prints the AUC of AudioSet's labels on recorded notes, of mn04 as published and within the shipped file; gives the means."""
    if not paths.listener.exists():
        print(f"\nAudioSet's labels: left out, {paths.listener} is missing (--listener)")
        return {}
    packages = [one for one in corpus.manifest() if one.role == "notes" and (one.small or not small)]
    if not packages:
        print("\nAudioSet's labels: left out, a small run has no recorded notes")
        return {}
    heard = [solos.chunks(paths, one.name) for one in progress(packages, "recorded notes", len(packages))]
    levels = np.concatenate([chunks for chunks, _ in heard])
    labels = [
        solos.labels_of(one.name, name) for one, (_, families) in zip(packages, heard, strict=True) for name in families
    ]
    right, known = (np.array([label[side] for label in labels]) for side in (0, 1))
    listener = mn04.Listener(paths.listener)
    before = np.concatenate([listener(one[None])[0] for one in levels])
    after = Trunk(paths.listener, hearing.SHIPPED / "model.onnx")(levels)
    each = {name: areas(said, listener, right, known) for name, said in (("before", before), ("after", after))}
    rated = np.flatnonzero(~np.isnan(each["before"]))
    means = {name: float(found[rated].mean()) for name, found in each.items()}
    print_table(
        f"AudioSet's labels on recorded notes, before and after: mn04 as published, and what the shipped file has of it. {len(levels)} "
        f"chunks of {len(packages)} instruments; a logit moves by {np.abs(after - before).max():.3f} at most",
        ["tag", "chunks", "AUC before", "AUC after"],
        [
            ["all", str(len(levels)), *(f"{mean:.4f}" for mean in means.values())],
            *(
                [
                    WIDE_NAMES[tag],
                    str(int((right * known)[:, tag].sum())),
                    *(f"{found[tag]:.3f}" for found in each.values()),
                ]
                for tag in rated
            ),
        ],
    )
    return {name: round(mean, 4) for name, mean in means.items()}
