"""mn04's graph in the form that tract runs quickest, with the same answers.

tract runs a depthwise convolution quickest where every row is inside and the stride along it is 1 (measured with tract 0.23; as
mn04's graph stands, these convolutions take half of an answer's time).
"""

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference

SHORT_ROW = 24
"""Rows of at most so many columns are edge for the most part."""
LONG_ROW = 90
"""Rows of at least so many columns are worth computing whole where only every other column is wanted."""


def shapes_of(graph: onnx.ModelProto, inputs: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    """The shapes of all that a network computes, for inputs of these shapes."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(graph)
    for end in (*fixed.graph.input, *fixed.graph.output):
        dimensions = end.type.tensor_type.shape.dim
        for dimension, size in zip(dimensions, inputs.get(end.name, [1] * len(dimensions)), strict=True):
            if end.name in inputs or not dimension.dim_value:
                dimension.dim_value = size
    inferred = shape_inference.infer_shapes(fixed, strict_mode=True, data_prop=True).graph.value_info
    known = [*fixed.graph.input, *inferred]
    return {one.name: tuple(size.dim_value for size in one.type.tensor_type.shape.dim) for one in known}


class Quick:
    """A network's nodes and weights while they are written anew."""

    def __init__(self, network: onnx.ModelProto, inputs: dict[str, list[int]]) -> None:
        self.shapes = shapes_of(network, inputs)
        self.weights = {weight.name: weight for weight in network.graph.initializer}
        self.nodes: list[onnx.NodeProto] = []
        self.doubled: dict[str, tuple[int, ...]] = {}
        """What has columns that nobody wants between those that are: the shape without them."""
        for node in network.graph.node:
            self._rewrite(node)

    def _rewrite(self, node: onnx.NodeProto) -> None:
        wide = next((name for name in node.input if name in self.doubled), None)
        if _attributes(node).get("group", 1) > 1:
            self._depthwise(node)
        elif wide is None:
            self.nodes.append(node)
        elif node.op_type == "Conv":
            self._skip(node)
        elif node.op_type == "GlobalAveragePool":
            self._mean(node, self.doubled[wide])
        else:
            self.doubled[node.output[0]] = self.doubled[wide]
            self.nodes.append(node)

    def _depthwise(self, node: onnx.NodeProto) -> None:
        found, shape = _attributes(node), self.shapes[node.input[0]]
        top, left, bottom, right = found["pads"]
        if found["strides"] == [1, 1] and shape[3] <= SHORT_ROW:
            name = node.output[0]
            across = (*shape[:2], shape[2] + top + bottom)
            down = self._between(node.input[0], f"{name}_down", 2, (*shape[:2], top, shape[3]))
            node.input[0] = self._between(down, f"{name}_across", 3, (*across, left))
            _set(node, pads=[0, 0, 0, 0])
        elif found["strides"] == [2, 2] and shape[3] >= LONG_ROW:
            wanted = self.shapes[node.output[0]]
            # One column more where their number is odd: they are to come in pairs.
            _set(node, strides=[2, 1], pads=[top, left, bottom, right + 2 * wanted[3] - shape[3]])
            self.doubled[node.output[0]] = wanted
        self.nodes.append(node)

    def _between(self, given: str, output: str, axis: int, edge: tuple[int, ...]) -> str:
        """Puts zeros before and after: as padding tract would make them part of the convolution again."""
        zeros, shape = f"{output}_edge", self._constant(f"{output}_shape", np.array(edge))
        zero = numpy_helper.from_array(np.zeros(1, np.float32))
        self.nodes.append(helper.make_node("ConstantOfShape", [shape], [zeros], value=zero))
        self.nodes.append(helper.make_node("Concat", [zeros, given, zeros], [output], axis=axis))
        return output

    def _skip(self, node: onnx.NodeProto) -> None:
        """A convolution of single points takes the first of two columns each time: the weight of the other is 0."""
        kernel = numpy_helper.to_array(self.weights[node.input[1]])
        self._constant(node.input[1], np.concatenate([kernel, np.zeros_like(kernel)], axis=3))
        _set(node, kernel_shape=[1, 2], strides=[1, 2])
        self.nodes.append(node)

    def _mean(self, node: onnx.NodeProto, wanted: tuple[int, ...]) -> None:
        """The mean over the columns that are wanted."""
        name, (_, channels, rows, columns) = node.output[0], wanted
        share = np.zeros((rows, 2 * columns), np.float32)
        share[:, ::2] = 1 / (rows * columns)
        shares = self._constant(f"{name}_share", share.reshape(-1, 1))
        flat = self._constant(f"{name}_flat", np.array([channels, share.size]))
        back = self._constant(f"{name}_back", np.array([1, channels, 1, 1]))
        self.nodes += [
            helper.make_node("Reshape", [node.input[0], flat], [f"{name}_flattened"]),
            helper.make_node("MatMul", [f"{name}_flattened", shares], [f"{name}_mean"]),
            helper.make_node("Reshape", [f"{name}_mean", back], [name]),
        ]

    def _constant(self, name: str, value: np.ndarray) -> str:
        self.weights[name] = numpy_helper.from_array(value, name)
        return name


def quickened(network: onnx.ModelProto, inputs: dict[str, list[int]]) -> onnx.ModelProto:
    """The same network, to be run by tract on inputs of these shapes."""
    written = onnx.ModelProto()
    written.CopyFrom(network)
    quick = Quick(written, inputs)
    nodes, weights = [*quick.nodes], [*quick.weights.values()]
    del written.graph.node[:], written.graph.initializer[:], written.graph.value_info[:]
    written.graph.node.extend(nodes)
    written.graph.initializer.extend(weights)
    return written


def _attributes(node: onnx.NodeProto) -> dict[str, object]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def _set(node: onnx.NodeProto, **values: list[int]) -> None:
    for name, value in values.items():
        kept = [attribute for attribute in node.attribute if attribute.name != name]
        del node.attribute[:]
        node.attribute.extend([*kept, helper.make_attribute(name, value)])
