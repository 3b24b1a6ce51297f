"""The ear for chords: which pitches sound in a fine power spectrum; a small network that is asked about every pitch alike."""

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from ...shared.checkpoint import load_checkpoint, save_checkpoint
from ...shared.errors import PipelineError
from ...shared.files import written_whole
from ...shared.onnx_graph import Graph, Linear, described_ends, linear_layers, require_close, session
from ...shared.paths import Paths
from .material import BIN_HZ, HIGHEST_BIN, LOWEST_BIN, LOWEST_PITCH, PITCHES, Examples

VERSION = 1
"""Of what `evidence` measures; src/dsp/pitch/chord.rs measures the same."""
MULTIPLES = (1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4, 5, 6, 7, 8, 10)
"""Where power is looked for, in multiples of a pitch: at those of which it may be a partial itself, and at its own."""
SIDED = (1, 2, 3)
REACH, BELOW, ABOVE = (-0.4, 0.4), (-1.3, -0.6), (0.6, 1.3)
"""Semitones around a multiple, and on its sides."""
RANGE_DB = 60.0
MIDDLE_PITCH, HALF_RANGE = 68, 28
WIDTHS = (48, 32)
EPOCHS, ROWS_A_STEP, RATE = 30, 2_048, 6e-3
PLAIN_LEVEL, PLAIN_SHARE = 0.35, 0.05
"""Pitches none of whose first three multiples is as loud as this are no question: of those only a share is learnt from."""
LARGEST_DIFFERENCE = 0.01
"""Between torch and onnxruntime with weights in 16 bits."""


def evidence(power: np.ndarray) -> np.ndarray:
    """What speaks for each pitch in fine power spectra [n, bins]: [n, PITCHES, 20]."""
    strongest = power.max(axis=1, keepdims=True) + 1e-12
    levels = np.clip(10 * np.log10(power / strongest + 1e-12), -RANGE_DB, 0) / RANGE_DB + 1
    pitches = LOWEST_PITCH + np.arange(PITCHES)
    places = 440 * 2 ** ((pitches - 69) / 12) / BIN_HZ
    columns = [_loudest(levels, multiple * places, *REACH) for multiple in MULTIPLES]
    for multiple in SIDED:
        columns += [_loudest(levels, multiple * places, *side) for side in (BELOW, ABOVE)]
    columns.append(np.tile((pitches - MIDDLE_PITCH) / HALF_RANGE, (len(power), 1)))
    return np.stack(columns, axis=-1).astype(np.float32)


def _loudest(levels: np.ndarray, places: np.ndarray, low: float, high: float) -> np.ndarray:
    """The largest level from so many semitones around each place to so many [n, places]; 0 where there are no bins."""
    found = np.zeros((len(levels), len(places)))
    for index, place in enumerate(places):
        if not LOWEST_BIN <= place < HIGHEST_BIN:
            continue
        start, end = place * 2 ** (low / 12), place * 2 ** (high / 12)
        first, last = int(np.ceil(start)), int(np.floor(end))
        if first > last:
            first = last = round((start + end) / 2)
        found[:, index] = levels[:, first : last + 1].max(axis=1)
    return found


def network() -> nn.Sequential:
    """Untrained: the numbers of one pitch to how surely it sounds, as a logit."""
    inputs, first, second = len(MULTIPLES) + 2 * len(SIDED) + 1, *WIDTHS
    return nn.Sequential(nn.Linear(inputs, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(), nn.Linear(second, 1))


def checkpoint_path(paths: Paths) -> Path:
    """Where the trained network is."""
    return paths.work / "timbre" / "chord-ear.pt"


def load(paths: Paths) -> nn.Sequential:
    """The trained network."""
    state = load_checkpoint(checkpoint_path(paths))
    if state is None:
        raise PipelineError("there is no trained ear for chords: run the train step first")
    made = network()
    made.load_state_dict(state["network"])
    return made


def train(paths: Paths, small: bool) -> None:
    """Trains on every example, and two at a time; prints how well the held-out soundfont's chords are heard."""
    if checkpoint_path(paths).exists():
        return
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    learnt = Examples.load(paths, "train").mixed(rng)
    heard, sounding = evidence(learnt.power), learnt.sounding
    first = [MULTIPLES.index(multiple) for multiple in SIDED]
    asked = (heard[..., first].max(axis=-1) > PLAIN_LEVEL) | sounding | (rng.random(sounding.shape) < PLAIN_SHARE)
    rows, answers = torch.tensor(heard[asked]), torch.tensor(sounding[asked], dtype=torch.float32)
    made = network()
    epochs, size = (1 if small else EPOCHS), min(ROWS_A_STEP, len(rows))
    steps = len(rows) // size
    optimiser = torch.optim.Adam(made.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * steps)
    for _ in range(epochs):
        order = torch.randperm(len(rows))
        for step in range(steps):
            batch = order[step * size : (step + 1) * size]
            loss = nn.functional.binary_cross_entropy_with_logits(made(rows[batch])[:, 0], answers[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    save_checkpoint(checkpoint_path(paths), {"network": made.state_dict()})
    report(paths, made)


def report(paths: Paths, made: nn.Sequential) -> None:
    """Prints how many of the held-out soundfont's notes are heard, and how many that are heard are there."""
    held_out = Examples.load(paths, "choose")
    with torch.no_grad():
        sure = torch.sigmoid(made(torch.tensor(evidence(held_out.power)))[..., 0]).numpy()
    for least in (0.3, 0.6):
        found = sure > least
        right = (found & held_out.sounding).sum()
        print(
            f"ear for chords, held-out soundfont, at {least}: heard {right / held_out.sounding.sum():.2f} of what sounds, "
            f"{right / max(found.sum(), 1):.2f} of what is heard sounds"
        )


def build(layers: list[Linear]) -> onnx.ModelProto:
    """The network that ships: `evidence` of all pitches to `sure` [PITCHES], 0 to 1."""
    graph = Graph()
    given = "evidence"
    for index, (weight, bias) in enumerate(layers):
        given = graph.add("Gemm", given, graph.in_16_bits(weight), graph.constant(bias), transB=1)
        given = graph.add("Relu" if index < len(layers) - 1 else "Sigmoid", given)
    graph.add("Reshape", given, graph.integers([PITCHES]), output="sure")
    return graph.network("chord ear", {"evidence": [PITCHES, layers[0][0].shape[1]]}, {"sure": [PITCHES]})


def export(made: nn.Sequential, out: Path) -> dict[str, object]:
    """Writes ear.onnx into the folder; gives what the card says of it."""
    ear = build(linear_layers(made))
    asked = np.random.default_rng(2).random((PITCHES, made[0].in_features), dtype=np.float32)
    with torch.no_grad():
        expected = torch.sigmoid(made(torch.tensor(asked))[:, 0]).numpy()
    require_close("the ear for chords", session(ear).run(None, {"evidence": asked})[0], expected, LARGEST_DIFFERENCE)
    with written_whole(out / "ear.onnx") as unfinished:
        onnx.save(ear, str(unfinished))
    ends = described_ends(ear)
    return {"evidence": VERSION, "input": ends["inputs"][0], "output": ends["outputs"][0]}
