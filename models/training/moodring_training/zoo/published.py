"""Published weights (Won et al., SMC 2020, MIT) in this project's own definitions: read out of the teachers' ONNX files."""

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from ..shared.errors import PipelineError
from .networks import Network
from .train import Trained

KINDS = {"genre": "genre", "instrument": "instrument", "mood/theme": "mood"}
"""Of MTG-Jamendo's tags."""


def tags_of(path: Path) -> list[dict[str, str]]:
    """The tags of a teacher, in its order, as a card has them."""
    described = {one.key: one.value for one in onnx.load(str(path), load_external_data=False).metadata_props}
    tags = []
    for tag in json.loads(described["tags"]):
        kind, _, name = tag.partition("---")
        tags.append({"name": name, "kind": KINDS[kind], "sources": [f"jamendo:{tag}"]})
    return tags


def published(network: Network, path: Path) -> Trained:
    """The architecture with the weights of that file.

    # Errors
    Raises PipelineError if they don't fit.
    """
    graph = onnx.load(str(path)).graph
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    layers = [node for node in graph.node if node.op_type in ("Conv", "Gemm", "BatchNormalization", "GRU")]
    first, *rest = layers
    # What the authors normalise the levels with; here it is the card's.
    slope, offset, mean, variance = (float(weights[name][0]) for name in first.input[1:5])
    deviation = float(np.sqrt(variance + _epsilon(first))) / slope
    net = network.make(len(tags_of(path))).eval()
    modules = [one for one in net.modules() if isinstance(one, nn.Conv1d | nn.Conv2d | nn.Linear | nn.GRU)]
    norms = {node.input[0]: node for node in rest if node.op_type == "BatchNormalization"}
    nodes = [node for node in rest if node.op_type in ("Conv", "Gemm")]
    recurrent = [node for node in rest if node.op_type == "GRU"]
    plain = [one for one in modules if not isinstance(one, nn.GRU)]
    if len(nodes) != len(plain):
        raise PipelineError(f"{path}: {len(nodes)} layers, but {network.title} has {len(plain)}")
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            _neutral(module)
    with torch.no_grad():
        for node, module in zip(nodes, plain, strict=True):
            _copy(path, module.weight, weights[node.input[1]])
            _copy(path, module.bias, weights[node.input[2]])
        for node, norm in zip(norms.values(), _after_dense(net), strict=True):
            for held, name in zip(
                (norm.weight, norm.bias, norm.running_mean, norm.running_var), node.input[1:5], strict=True
            ):
                _copy(path, held, weights[name])
            norm.eps = _epsilon(node)
        for module in modules:
            if isinstance(module, nn.GRU):
                for layer, node in enumerate(recurrent):
                    _copy_recurrent(path, module, layer, [weights[name] for name in node.input[1:4]])
    return Trained(net, mean - offset * deviation, deviation)


def _epsilon(node: onnx.NodeProto) -> float:
    return next((one.f for one in node.attribute if one.name == "epsilon"), 1e-5)


def _neutral(norm: nn.BatchNorm1d | nn.BatchNorm2d) -> None:
    """Makes a norm do nothing: the file has it in the convolution before it."""
    with torch.no_grad():
        norm.weight.fill_(1)
        norm.bias.fill_(0)
        norm.running_mean.fill_(0)
        norm.running_var.fill_(1 - norm.eps)


def _after_dense(net: nn.Module) -> list[nn.BatchNorm1d]:
    """Norms that the files keep, since they are behind a dense layer and not behind a convolution."""
    return [net.norm] if isinstance(getattr(net, "norm", None), nn.BatchNorm1d) else []


def _copy(path: Path, held: torch.Tensor | None, given: np.ndarray) -> None:
    if held is None or tuple(held.shape) != given.shape:
        found = None if held is None else tuple(held.shape)
        raise PipelineError(f"{path}: weights of {given.shape} where the architecture has {found}")
    held.copy_(torch.from_numpy(given.copy()))


def _copy_recurrent(path: Path, module: nn.GRU, layer: int, given: list[np.ndarray]) -> None:
    """ONNX has the gates in the order update, reset, new; torch has reset, update, new."""
    inputs, states, biases = given
    order = [1, 0, 2]

    def ordered(array: np.ndarray) -> np.ndarray:
        gates = array.reshape(3, -1, *array.shape[1:])[order]
        return gates.reshape(array.shape)

    of_input, of_state = np.split(biases[0], 2)
    for name, array in (
        ("weight_ih", inputs[0]),
        ("weight_hh", states[0]),
        ("bias_ih", of_input),
        ("bias_hh", of_state),
    ):
        _copy(path, getattr(module, f"{name}_l{layer}"), ordered(array))
