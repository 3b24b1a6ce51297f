"""Teaches a network of the zoo to say what the shipped tagger says."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..shared.checkpoint import load_checkpoint, save_checkpoint
from ..shared.paths import Paths
from ..shared.running import cosine, device, progress, seconds_allowed
from .config import Training
from .material import TEACHES, Song
from .networks import Network, last_layer

STATISTICS = 256
"""Windows that the input's mean and deviation, and the logits', are measured on."""

TRUSTED = 2.0**-4
"""What is less of an embedding's size tells nothing."""


@dataclass
class Trained:
    """A network, and what is done to its input before and its output behind."""

    net: nn.Module
    mean: float
    """Taken off the input."""
    deviation: float
    """What the rest is divided by."""


def file_of(paths: Paths, network: Network) -> Path:
    """The checkpoint."""
    return paths.work / "zoo" / "checkpoints" / f"{network.name}.pt"


class Windows:
    """Windows of the songs that teach, drawn at random, with what the shipped tagger says of them."""

    def __init__(self, network: Network, songs: list[Song], seed: int) -> None:
        self.ear = network.ear
        self.songs = [song for song in songs if song.part == TEACHES]
        self.random = np.random.default_rng(seed)

    def draw(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Inputs, and the shipped tagger's logits `[count, tags]`."""
        inputs, said = [], []
        for _ in range(count):
            song = self.songs[self.random.integers(len(self.songs))]
            end = float(song.ends[self.random.integers(len(song.ends))])
            inputs.append(song.window(self.ear, end))
            said.append(song.said(self.ear, end))
        return np.array(inputs), np.array(said)


def train(paths: Paths, network: Network, songs: list[Song], training: Training) -> Trained:
    """The network once it has learned; goes on from its checkpoint."""
    torch.manual_seed(1)
    windows = Windows(network, songs, 1)
    tags = songs[0].logits.shape[1]
    net = network.make(tags).to(device())
    stored = load_checkpoint(file_of(paths, network))
    if stored is None:
        stored = _measured(windows)
    else:
        net.load_state_dict(stored["net"])
    optimiser = torch.optim.AdamW(net.parameters(), lr=training.peak_rate, weight_decay=training.weight_decay)
    if "optimiser" in stored:
        optimiser.load_state_dict(stored["optimiser"])
    windows.random = np.random.default_rng([1, stored["step"]])
    started = saved = time.monotonic()
    for step in progress(range(stored["step"], training.steps), f"zoo: {network.name}"):
        for group in optimiser.param_groups:
            group["lr"] = training.peak_rate * cosine(step, training.steps, training.least_rate)
        loss = _step(net, optimiser, windows, stored, training)
        stored["step"] = step + 1
        if step % 100 == 99:
            print(f"{network.name}: step {step + 1}, loss {loss:.4f}", flush=True)
        out_of_time = time.monotonic() - started > seconds_allowed()
        if out_of_time or time.monotonic() - saved > training.save_s:
            _save(paths, network, net, optimiser, stored)
            saved = time.monotonic()
        if out_of_time:
            break
    if stored["step"] > stored.get("fitted", -1):
        _fit_last_layer(net, windows, stored, training)
        stored["fitted"] = stored["step"]
    _save(paths, network, net, optimiser, stored)
    return _finished(net, stored)


def trained(paths: Paths, network: Network, tags: int) -> Trained | None:
    """The network as its checkpoint has it, or None where there is none."""
    stored = load_checkpoint(file_of(paths, network))
    if stored is None:
        return None
    net = network.make(tags)
    net.load_state_dict(stored["net"])
    return _finished(net, stored)


def _measured(windows: Windows) -> dict[str, Any]:
    inputs, said = windows.draw(min(STATISTICS, 8 * len(windows.songs)))
    return {
        "step": 0,
        "mean": float(inputs.mean()),
        "deviation": float(inputs.std()) or 1.0,
        "centre": torch.from_numpy(said.mean(axis=0)),
        "scale": torch.from_numpy(np.maximum(said.std(axis=0), 0.1)),
    }


def _batch(windows: Windows, stored: dict[str, Any], training: Training) -> tuple[Tensor, Tensor]:
    """Normalised inputs, made louder or softer, and the standardised logits that are wanted for them."""
    inputs, said = windows.draw(training.batch)
    gains = windows.random.uniform(-training.gain_db, training.gain_db, len(inputs)).astype(np.float32)
    if windows.ear.bands:
        inputs = (inputs + gains[:, None, None])[:, None]
    else:
        inputs = inputs * 10 ** (gains[:, None] / 20)
    given = torch.from_numpy((inputs - stored["mean"]) / stored["deviation"]).float()
    wanted = (torch.from_numpy(said) - stored["centre"]) / stored["scale"]
    return given, wanted.float()


def _step(
    net: nn.Module, optimiser: torch.optim.Optimizer, windows: Windows, stored: dict[str, Any], training: Training
) -> float:
    where = next(net.parameters()).device
    given, wanted = (part.to(where) for part in _batch(windows, stored, training))
    net.train()
    loss = nn.functional.smooth_l1_loss(net(given)[0], wanted)
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), training.largest_gradient)
    optimiser.step()
    return float(loss)


def _fit_last_layer(net: nn.Module, windows: Windows, stored: dict[str, Any], training: Training) -> None:
    """Makes the last layer the best that there is for the embedding, in the sense of least squares with a ridge: a few hundred steps leave it
    far from there."""
    where = next(net.parameters()).device
    net.eval()
    embeddings, wanted = [], []
    with torch.no_grad():
        for _ in progress(range(training.fit_batches), "zoo: last layer"):
            given, said = _batch(windows, stored, training)
            embeddings.append(net(given.to(where))[1].cpu().double())
            wanted.append(said.double())
        inputs, outputs = torch.cat(embeddings), torch.cat(wanted)
        # An embedding that hardly moves would be blown up, and with it what storing the weights in 16 bits changes.
        noise = len(inputs) * (TRUSTED * inputs).square().mean()
        middle, target = inputs.mean(dim=0), outputs.mean(dim=0)
        inputs, outputs = inputs - middle, outputs - target
        covariance = inputs.T @ inputs
        ridge = (training.ridge * covariance.diagonal().mean() + noise) * torch.eye(len(covariance), dtype=torch.double)
        weights = torch.linalg.solve(covariance + ridge, inputs.T @ outputs).T
        layer = last_layer(net)
        layer.weight.copy_(weights)
        layer.bias.copy_(target - weights @ middle)


def _save(
    paths: Paths, network: Network, net: nn.Module, optimiser: torch.optim.Optimizer, stored: dict[str, Any]
) -> None:
    state: dict[str, Any] = {**stored, "net": dict(net.state_dict()), "optimiser": optimiser.state_dict()}
    save_checkpoint(file_of(paths, network), state)


def _finished(net: nn.Module, stored: dict[str, Any]) -> Trained:
    """The network in evaluation mode, its last layer giving the tags' logits themselves."""
    net = net.cpu().eval()
    layer = last_layer(net)
    scale: Tensor = stored["scale"].float()
    with torch.no_grad():
        layer.weight.mul_(scale[:, None])
        layer.bias.mul_(scale).add_(stored["centre"].float())
    return Trained(net, stored["mean"], stored["deviation"])
