"""Lets the tests import the pipeline from wherever they are called, and gives what several of them need."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
# Threads that wait for each other on a busy machine make small matrices slower a hundred times. Read when numpy is loaded.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Every test draws the same random numbers, whichever ran before."""
    from moodring_training.shared.running import seed_everything

    seed_everything(1)


@pytest.fixture
def made_up_mn04(tmp_path: Path) -> Path:
    """A folder with a network of mn04's inputs and outputs, small and with random weights, and AudioSet's labels."""
    import numpy as np
    import onnx

    from moodring_training.shared.onnx_graph import Graph
    from moodring_training.tagger.labels.audioset import LABELS
    from moodring_training.tagger.listeners import mn04

    folder, random, graph = tmp_path / "mn04", np.random.default_rng(1), Graph()
    folder.mkdir()
    known = sorted({*mn04.NOTHING, *mn04.SOMETHING, *(label for labels in LABELS.values() for label in labels)})
    names = known + [f"Sound {number}" for number in range(527 - len(known))]
    rows = [f'{number},"{name}"' for number, name in enumerate(names)]
    (folder / mn04.LABEL_LIST).write_text("\n".join(["index,display_name", *rows]), encoding="utf-8")
    mean = graph.add("ReduceMean", "mel", output="heard", axes=[1, 3], keepdims=0)
    for output, size in (("embedding", mn04.EMBEDDING), ("logits", 527)):
        weight = random.normal(0, 1 / np.sqrt(mn04.BANDS), (size, mn04.BANDS))
        names = [
            graph.constant(weight, f"{output}_weight"),
            graph.constant(random.normal(0, 1, size), f"{output}_bias"),
        ]
        graph.add("Gemm", mean, *names, output=output, transB=1)
    outputs = {"embedding": [1, mn04.EMBEDDING], "logits": [1, 527]}
    network = graph.network("mn04", {"mel": [1, 1, mn04.BANDS, mn04.FRAMES]}, outputs)
    onnx.save(network, str(folder / mn04.NETWORK))
    return folder
