"""ONNX graphs in the making, the network that they become, and how one is run."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from .errors import PipelineError
from .layers import SLOPE

OPSET, IR_VERSION = 13, 8
SMALLEST_WEIGHT = 1e-12
"""Weights below this are exported as zero: sub-normal numbers make inference hundreds of times slower."""

Linear = tuple[np.ndarray, np.ndarray]
"""Weights `[out, in]` and bias `[out]` of a layer."""


def without_tiny_weights(weights: np.ndarray) -> np.ndarray:
    """A copy with every |w| < 1e-12 set to zero."""
    return np.where(np.abs(weights) < SMALLEST_WEIGHT, 0, weights).astype(weights.dtype)


def linear_layers(layers: nn.Sequential) -> list[Linear]:
    """The linear layers of a network of `layers.dense`, as copies."""
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    return [(layer.weight.detach().numpy().copy(), layer.bias.detach().numpy().copy()) for layer in linear]


class Graph:
    """Nodes and weights, in the order in which they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._count = 0

    def _next(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def constant(self, value: np.ndarray | float, name: str | None = None) -> str:
        """A constant in 32 bits; a number becomes `[1]`."""
        name = name or self._next("w")
        clean = without_tiny_weights(np.ascontiguousarray(value, np.float32))
        self.weights.append(numpy_helper.from_array(clean, name))
        return name

    def integers(self, value: list[int], name: str | None = None) -> str:
        """A constant of 64-bit integers, as operators want shapes."""
        name = name or self._next("s")
        self.weights.append(numpy_helper.from_array(np.array(value, np.int64), name))
        return name

    def in_8_bits(self, array: np.ndarray, axis: int) -> str:
        """A constant stored in 8 bits, with a scale for each place on `axis`; widened on loading, for a smaller plugin."""
        others = tuple(other for other in range(array.ndim) if other != axis)
        scale = np.maximum(np.abs(array).max(axis=others, keepdims=True), 1e-9) / 127
        name = self._next("w")
        self.weights.append(numpy_helper.from_array(np.rint(array / scale).astype(np.int8), f"{name}_8"))
        self.nodes.append(helper.make_node("Cast", [f"{name}_8"], [f"{name}_wide"], to=TensorProto.FLOAT))
        self.nodes.append(helper.make_node("Mul", [f"{name}_wide", self.constant(scale)], [name]))
        return name

    def in_16_bits(self, array: np.ndarray, name: str | None = None) -> str:
        """A constant stored in 16 bits, widened on loading; under `name` if it has one already."""
        name = name or self._next("w")
        self.weights.append(numpy_helper.from_array(array.astype(np.float16), f"{name}_16"))
        self.nodes.append(helper.make_node("Cast", [f"{name}_16"], [name], to=TensorProto.FLOAT))
        return name

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        """A node; gives the name of what it makes. A node whose output is named has the same name."""
        made = output or self._next("v")
        self.nodes.append(helper.make_node(operator, list(inputs), [made], name=output, **attributes))
        return made

    def dense(self, layers: list[Linear], given: str, output: str, stored: type[np.floating] = np.float16) -> str:
        """Linear layers with leaky rectifiers between them, as `layers.dense` makes them; `given` is `[1, in]`.

        The weights are stored as numbers of the kind `stored` and widened on loading: in 16 bits they make half a megabyte
        less of plugin.
        """
        for index, (weight, bias) in enumerate(layers):
            last = index == len(layers) - 1
            short, wide, added = (f"{output}_{what}{index}" for what in ("short_weight", "weight", "bias"))
            self.weights.append(numpy_helper.from_array(weight.astype(stored), short))
            self.constant(bias, added)
            self.add("Cast", short, output=wide, to=TensorProto.FLOAT)
            given = self.add("Gemm", given, wide, added, output=output if last else f"{output}_linear{index}", transB=1)
            if not last:
                given = self.add("LeakyRelu", given, output=f"{output}_rectified{index}", alpha=SLOPE)
        return given

    def include(self, graph: onnx.GraphProto) -> None:
        """Takes over the nodes and weights of another graph; its names must not be those that this one makes up.

        Matrices and kernels are stored in 16 bits, vectors stay as they are.
        """
        for weight in graph.initializer:
            array = numpy_helper.to_array(weight)
            if array.ndim > 1 and array.dtype == np.float32:
                self.in_16_bits(array, weight.name)
            else:
                self.weights.append(weight)
        self.nodes += graph.node

    def network(
        self, name: str, inputs: dict[str, list[int]], outputs: dict[str, list[int]], opset: int = OPSET
    ) -> onnx.ModelProto:
        """The checked network; inputs and outputs are of 32-bit floats, by name with their shapes."""
        ends = [
            [helper.make_tensor_value_info(end, TensorProto.FLOAT, shape) for end, shape in side.items()]
            for side in (inputs, outputs)
        ]
        graph = helper.make_graph(self.nodes, name, *ends, self.weights)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="moodring")
        made.ir_version = IR_VERSION
        onnx.checker.check_model(made, full_check=True)
        return made


def session(network: Path | onnx.ModelProto) -> onnxruntime.InferenceSession:
    """A network that runs on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    source = str(network) if isinstance(network, Path) else network.SerializeToString()
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def with_output(network: Path, name: str) -> onnx.ModelProto:
    """A network that also gives one of its inner tensors, in 32-bit floats."""
    model = onnx.load(str(network))
    model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return model


def require_close(what: str, found: np.ndarray, expected: np.ndarray, most: float) -> float:
    """The greatest difference between what a file answers and what was trained.

    # Errors
    Raises PipelineError if it is above `most`, or not a number.
    """
    worst = float(np.abs(found - expected).max())
    if not worst <= most:
        raise PipelineError(f"{what} differs by {worst:.2g} from what was trained; at most {most:g} is allowed")
    return worst


def described_ends(network: onnx.ModelProto) -> dict[str, list[dict[str, object]]]:
    """Names and shapes of inputs and outputs, for a card."""

    def ends(side: list[onnx.ValueInfoProto]) -> list[dict[str, object]]:
        return [
            {"name": end.name, "shape": [dimension.dim_value for dimension in end.type.tensor_type.shape.dim]}
            for end in side
        ]

    return {"inputs": ends(network.graph.input), "outputs": ends(network.graph.output)}
