"""The published taggers that genre and mood are learned from, merged into this project's vocabulary."""

import json

import numpy as np
import onnxruntime

from ...shared.errors import PipelineError
from ...shared.onnx_graph import session
from ...shared.paths import Paths
from .. import front_end
from ..labels.vocabulary import INDEX, TAGS, VOCABULARIES
from ..measures import logit

LONG = 1813
"""Frames that FCN and CRNN look at: 29 s."""
SHORT = 188
"""Frames that Musicnn looks at: 3 s."""
BANDS = 96
"""Mel bands of every teacher."""

ARCHITECTURES = {"jamendo": ("fcn", "crnn", "musicnn"), "mtat": ("fcn", "crnn", "musicnn"), "msd": ("fcn", "crnn")}
ENSEMBLE = ("fcn", "musicnn")
"""Who makes up the ensemble. CRNN agrees least with the others, and asking it takes a third of the time: it is in the
tables only."""


class Teachers:
    """Teachers of all vocabularies, each on one thread."""

    def __init__(self, paths: Paths, all_of_them: bool) -> None:
        """Otherwise only those of the ensemble."""
        self.sessions: dict[tuple[str, str], onnxruntime.InferenceSession] = {}
        self.columns: dict[str, dict[str, int]] = {}
        for vocabulary in VOCABULARIES:
            for architecture in ARCHITECTURES[vocabulary]:
                if architecture not in ENSEMBLE and not all_of_them:
                    continue
                path = paths.teachers / f"{vocabulary}_{architecture}.onnx"
                if not path.exists():
                    raise PipelineError(f"{path} is missing; name the teachers' folder with --teachers")
                loaded = session(path)
                self.sessions[vocabulary, architecture] = loaded
                tags = json.loads(loaded.get_modelmeta().custom_metadata_map["tags"])
                self.columns[vocabulary] = {tag: index for index, tag in enumerate(tags)}
        self.names = [f"{vocabulary}_{architecture}" for vocabulary, architecture in self.sessions]

    def merged(self, vocabulary: str, probabilities: np.ndarray) -> np.ndarray:
        """A teacher's answers `[n, 50]` as logits in this project's order `[n, tags]`, nan where it has no such tag."""
        merged = np.full((len(probabilities), len(TAGS)), np.nan, np.float32)
        for tag in TAGS:
            for source, names in tag.sources:
                if source == vocabulary:
                    columns = [self.columns[vocabulary][name] for name in names]
                    merged[:, INDEX[tag.name]] = logit(probabilities[:, columns].max(axis=1))
        return merged

    def listen(self, power: np.ndarray, positions: list[int]) -> np.ndarray:
        """What each teacher says of a 29-s window around each position.

        `power`: `[LONG, N_FFT / 2 + 1]`; `positions`: first frames of chunks of front_end.FRAMES.
        FCN and CRNN hear all of the window, Musicnn the middle of each chunk.
        Returns logits, float32 `[teachers, positions, tags]`, in the order of `names`.
        """
        levels = front_end.to_db(power @ front_end.filterbank(BANDS)).T[None, None]
        inset = (front_end.FRAMES - SHORT) // 2
        short = np.stack([levels[0, :, :, at + inset : at + inset + SHORT] for at in positions])
        answers = []
        for (vocabulary, architecture), loaded in self.sessions.items():
            if architecture == "musicnn":
                probabilities = loaded.run(None, {"mel_db": short})[0]
            else:
                probabilities = np.repeat(loaded.run(None, {"mel_db": levels})[0], len(positions), axis=0)
            answers.append(self.merged(vocabulary, probabilities))
        return np.stack(answers)


def ensemble(answers: np.ndarray, names: list[str]) -> np.ndarray:
    """Mean logit per tag, each vocabulary that has the tag counting once: `[teachers, n, tags]` to `[n, tags]`.

    nan where no vocabulary has the tag.
    """
    per_vocabulary = []
    members = [name.split("_") for name in names]
    for wanted in VOCABULARIES:
        rows = [
            index
            for index, (vocabulary, architecture) in enumerate(members)
            if vocabulary == wanted and architecture in ENSEMBLE
        ]
        per_vocabulary.append(answers[rows].mean(axis=0))
    stacked = np.stack(per_vocabulary)
    known = ~np.isnan(stacked)
    total = np.where(known, stacked, 0).sum(axis=0)
    count = known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
