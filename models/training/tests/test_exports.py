"""Every configuration, full and small, is built, written as ONNX, and says what the network says."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from moodring_training.scattering.config import ScatteringConfig
from moodring_training.shared.config import FOLDER, Configuration
from moodring_training.tagger.head import export as head_export
from moodring_training.tagger.head.config import HeadConfig
from moodring_training.tagger.head.net import Head
from moodring_training.tagger.head.objective import Examples, fit
from moodring_training.tagger.labels.audioset import WIDE
from moodring_training.tagger.labels.vocabulary import TAGS
from moodring_training.tagger.listeners import mn04
from moodring_training.tagger.strided import export as strided_export
from moodring_training.tagger.strided.calibrate import Trained
from moodring_training.tagger.strided.config import StridedConfig
from moodring_training.tagger.strided.net import Student
from moodring_training.timbre.frames import export as frames_export
from moodring_training.timbre.frames.config import FramesConfig
from moodring_training.timbre.frames.model import Model
from moodring_training.timbre.frames.objective import Descriptors
from moodring_training.timbre.front_end import BANDS
from moodring_training.timbre.notes import export as notes_export
from moodring_training.timbre.notes.config import NotesConfig
from moodring_training.timbre.notes.harmonics import OUTPUTS
from moodring_training.timbre.notes.net import Player
from moodring_training.timbre.spectra.descriptors import LATENTS
from moodring_training.timbre.spectra.envelope import PitchPart
from moodring_training.zoo import export as zoo_export
from moodring_training.zoo import networks as zoo_networks
from moodring_training.zoo.config import ZooConfig
from moodring_training.zoo.train import Trained as TrainedInZoo

LISTENED = 527 + mn04.EMBEDDING


def strided(config: StridedConfig, folder: Path, _listener: Path) -> list[onnx.ModelProto]:
    flat = np.ones(len(TAGS), np.float32)
    trained = Trained(Student(config.network).eval(), flat, 0 * flat, {})
    network = strided_export.build(trained)
    onnx.save(network, folder / "model.onnx")
    strided_export.check(folder / "model.onnx", trained)
    return [network]


def head(config: HeadConfig, folder: Path, listener: Path) -> list[onnx.ModelProto]:
    random = np.random.default_rng(1)
    inputs, target = random.normal(0, 1, (300, LISTENED)), random.normal(0, 1, (300, len(WIDE)))
    examples = Examples(inputs.astype(np.float32), target, np.zeros(300, int), np.ones(300))
    weights, bias = fit(examples, np.full(len(WIDE), config.ridge.pulls[0]), config.ridge.components)
    assert np.linalg.matrix_rank(weights) <= config.ridge.components
    made = Head(weights, bias, np.full(len(WIDE), 1.5), np.full(len(WIDE), -1.0))
    network = head_export.build(listener, made)
    onnx.save(network, folder / "model.onnx")
    head_export.check(folder / "model.onnx", made, mn04.Listener(listener))
    return [network]


def frames(config: FramesConfig, _folder: Path, _listener: Path) -> list[onnx.ModelProto]:
    descriptors = Descriptors(torch.zeros(LATENTS), torch.ones(LATENTS))
    model = Model.blank(config.network, PitchPart(np.zeros((3, BANDS), np.float32)), descriptors)
    shapes = np.random.default_rng(1).normal(0, 1, (4, BANDS)).astype(np.float32)
    networks = frames_export.build(model)
    frames_export.check(model, shapes, networks, frames_export.LARGEST_ROUNDING)
    return list(networks.values())


def notes(config: NotesConfig, _folder: Path, _listener: Path) -> list[onnx.ModelProto]:
    model = Player(config.network, 2, torch.full((OUTPUTS,), -40.0), torch.full((OUTPUTS,), 10.0)).eval()
    networks = notes_export.build(model)
    notes_export.check(model, networks)
    return list(networks.values())


def zoo(config: ZooConfig, _folder: Path, _listener: Path) -> list[onnx.ModelProto]:
    # That a file says what its network says is a test of every network in test_zoo.py.
    made = zoo_networks.networks(config.shares)
    return [zoo_export.build(network, TrainedInZoo(network.make(2).eval(), 0.0, 1.0)) for network in made]


MAKERS: dict[type[Configuration], Callable[..., list[onnx.ModelProto]]] = {
    StridedConfig: strided,
    HeadConfig: head,
    FramesConfig: frames,
    NotesConfig: notes,
    ZooConfig: zoo,
}


def test_every_configuration_is_among_those_that_are_built() -> None:
    # What compares front-ends writes no network.
    assert {path.name for path in FOLDER.iterdir()} - {ScatteringConfig.file} == {kind.file for kind in MAKERS}


@pytest.mark.parametrize("small", [False, True], ids=["full", "small"])
@pytest.mark.parametrize("kind", MAKERS, ids=lambda kind: kind.file)
def test_a_configuration_is_built_and_written(
    kind: type[Configuration], small: bool, tmp_path: Path, made_up_mn04: Path
) -> None:
    networks = MAKERS[kind](kind.read(small), tmp_path, made_up_mn04)
    for network in networks:
        onnx.checker.check_model(network, full_check=True)
        assert all(one.dim_value > 0 for end in network.graph.output for one in end.type.tensor_type.shape.dim)
