"""The ear for chords: which pitches sound in a fine power spectrum; a small network that is told of all pitches at once.

What speaks for each pitch is read alike. Then each hears of those around it, up to two octaves away, by convolutions along the pitches whose kernels several
channels share (F. Wu et al., "Pay less attention with lightweight and dynamic convolutions", ICLR 2019): so a partial of another note is told from a note, and
so is what all notes have below them, as an organ's do with a register of 16'. And all hear of the mean over the pitches.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from ...shared.checkpoint import load_checkpoint, save_checkpoint
from ...shared.errors import PipelineError
from ...shared.files import written_whole
from ...shared.onnx_graph import Graph, described_ends, require_close, session
from ...shared.paths import Paths
from .evidence import NUMBERS, PITCHES, VERSION
from .material import Examples

FIRST, WIDTH, DECIDING = 40, 24, 32
"""Channels of what is read of each pitch, of what each hears of others, and of what it is decided by."""
KERNELS = 6
"""Of WIDTH channels; each is shared by as many of them."""
AROUND = 2
"""How often each hears of those around it."""
REACH = 24
"""Semitones that it hears."""
EPOCHS, BATCH, RATE, DECAY = 6, 256, 4e-3, 1e-3
LARGEST_DIFFERENCE = 0.01
"""Between torch and onnxruntime with weights in 16 bits."""
LISTENED = 512
"""Spectra that are heard at a time."""


def _places() -> np.ndarray:
    """Where in a kernel the weight of one pitch for another stands [PITCHES, PITCHES]; one place further than its end for what is out of reach."""
    number = np.arange(PITCHES)
    away = number[None, :] - number[:, None]
    return np.where(np.abs(away) <= REACH, away + REACH, 2 * REACH + 1)


class Around(nn.Module):
    """What each pitch is told of those around it, beside what is known of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels = nn.Parameter(0.05 * torch.randn(KERNELS, 2 * REACH + 1))
        self.bias = nn.Parameter(torch.zeros(WIDTH))
        self.mixed = nn.Linear(2 * WIDTH, WIDTH)
        self.register_buffer("places", torch.tensor(_places()), persistent=False)

    def forward(self, pitches: torch.Tensor) -> torch.Tensor:
        """Of what is known of each pitch [n, PITCHES, WIDTH]: as much, with what is around it. As products of matrices it takes a third of what a convolution does."""
        weights = nn.functional.pad(self.kernels, (0, 1))[:, self.places]
        shared = pitches.unflatten(-1, (KERNELS, -1))
        heard = torch.einsum("kqp,npkc->nqkc", weights, shared).flatten(-2) + self.bias
        return torch.relu(self.mixed(torch.cat([pitches, torch.relu(heard)], dim=-1)))


class Ear(nn.Module):
    """The numbers of all pitches to how surely each sounds, as logits."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.Linear(NUMBERS, FIRST), nn.ReLU(), nn.Linear(FIRST, WIDTH), nn.ReLU())
        self.around = nn.ModuleList(Around() for _ in range(AROUND))
        self.own = nn.Linear(WIDTH, DECIDING)
        self.mean = nn.Linear(WIDTH, DECIDING, bias=False)
        self.last = nn.Linear(DECIDING, 1)

    def forward(self, heard: torch.Tensor) -> torch.Tensor:
        """Evidence [n, PITCHES, NUMBERS] to logits [n, PITCHES]."""
        pitches = self.read(heard)
        for around in self.around:
            pitches = around(pitches)
        return self.last(torch.relu(self.own(pitches) + self.mean(pitches.mean(dim=1, keepdim=True))))[..., 0]


def checkpoint_path(paths: Paths) -> Path:
    """Where the trained network is."""
    return paths.work / "timbre" / "chord-ear.pt"


def load(paths: Paths) -> Ear:
    """The trained network."""
    state = load_checkpoint(checkpoint_path(paths))
    if state is None:
        raise PipelineError("there is no trained ear for chords: run the train step first")
    made = Ear()
    made.load_state_dict(state["network"])
    return made


def train(paths: Paths, small: bool) -> None:
    """Trains on every example; prints how well the held-out soundfont's chords are heard."""
    if checkpoint_path(paths).exists():
        return
    torch.manual_seed(1)
    learnt = Examples.load(paths, "train")
    heard, sounding = torch.tensor(learnt.heard), torch.tensor(learnt.sounding)
    made = Ear()
    epochs, size = (1 if small else EPOCHS), min(BATCH, len(heard))
    steps = len(heard) // size
    optimiser = torch.optim.AdamW(made.parameters(), weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * steps)
    for epoch in range(epochs):
        order, whole = torch.randperm(len(heard)), 0.0
        for step in range(steps):
            batch = order[step * size : (step + 1) * size]
            found, answers = made(heard[batch].float()), sounding[batch].float()
            loss = nn.functional.binary_cross_entropy_with_logits(found, answers, reduction="sum") / size
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            whole += loss.item()
        print(f"ear for chords, {epoch + 1} of {epochs}: loss {whole / steps:.3f} a spectrum", flush=True)
    save_checkpoint(checkpoint_path(paths), {"network": made.state_dict()})
    report(paths, made)


def sure(made: Ear, heard: np.ndarray) -> np.ndarray:
    """How surely each pitch sounds, 0 to 1 [n, PITCHES]."""
    parts = [heard[start : start + LISTENED] for start in range(0, len(heard), LISTENED)]
    with torch.no_grad():
        return np.concatenate([torch.sigmoid(made(torch.tensor(part).float())).numpy() for part in parts])


def report(paths: Paths, made: Ear) -> None:
    """Prints how many of the held-out soundfont's notes are heard, and how many that are heard are there."""
    held_out = Examples.load(paths, "choose")
    surely = sure(made, held_out.heard)
    for least in (0.5, 0.8):
        found = surely > least
        right = (found & held_out.sounding).sum()
        print(
            f"ear for chords, held-out soundfont, at {least}: heard {right / held_out.sounding.sum():.2f} of what sounds, "
            f"{right / max(found.sum(), 1):.2f} of what is heard sounds"
        )


def build(made: Ear) -> onnx.ModelProto:
    """The network that ships: `evidence` of all pitches to `sure` [PITCHES], 0 to 1.

    Pitches are the columns, and what is known of each a row: so the engine adds biases within its products of matrices, and takes three quarters of the time.
    """
    graph = Graph()
    weights = {name: weight.detach().numpy().copy() for name, weight in made.named_parameters()}

    def linear(given: str, name: str) -> str:
        made = graph.add("MatMul", graph.in_16_bits(weights[f"{name}.weight"]), given)
        bias = weights.get(f"{name}.bias")
        return made if bias is None else graph.add("Add", made, graph.constant(bias[:, None]))

    read = graph.add("Relu", linear(graph.add("Transpose", "evidence", perm=[1, 0]), "read.0"))
    pitches = graph.add("Relu", linear(read, "read.2"))
    places = graph.integers(_places().T.tolist())
    parts = [KERNELS, WIDTH // KERNELS, PITCHES]
    for number in range(AROUND):
        name = f"around.{number}"
        # One place more, for what is out of reach.
        kernels = graph.in_16_bits(np.pad(weights[f"{name}.kernels"], ((0, 0), (0, 1))))
        shared = graph.add("Reshape", pitches, graph.integers(parts))
        heard = graph.add("MatMul", shared, graph.add("Gather", kernels, places, axis=1))
        # Of the product's own shape, since an engine adds a smaller one slowly.
        bias = graph.constant(weights[f"{name}.bias"].reshape(*parts[:2], 1))
        heard = graph.add("Relu", graph.add("Add", heard, graph.add("Expand", bias, graph.integers(parts))))
        heard = graph.add("Reshape", heard, graph.integers([WIDTH, PITCHES]))
        pitches = graph.add("Relu", linear(graph.add("Concat", pitches, heard, axis=0), f"{name}.mixed"))
    mean = graph.add("ReduceMean", pitches, axes=[1], keepdims=1)
    decided = graph.add("Relu", graph.add("Add", linear(pitches, "own"), linear(mean, "mean")))
    surely = graph.add("Sigmoid", linear(decided, "last"))
    graph.add("Reshape", surely, graph.integers([PITCHES]), output="sure")
    return graph.network("chord ear", {"evidence": [PITCHES, NUMBERS]}, {"sure": [PITCHES]})


def export(made: Ear, out: Path) -> dict[str, object]:
    """Writes ear.onnx into the folder; gives what the card says of it."""
    ear = build(made)
    asked = np.random.default_rng(2).random((PITCHES, NUMBERS), dtype=np.float32)
    require_close(
        "the ear for chords",
        session(ear).run(None, {"evidence": asked})[0],
        sure(made, asked[None])[0],
        LARGEST_DIFFERENCE,
    )
    with written_whole(out / "ear.onnx") as unfinished:
        onnx.save(ear, str(unfinished))
    ends = described_ends(ear)
    return {"evidence": VERSION, "input": ends["inputs"][0], "output": ends["outputs"][0]}
