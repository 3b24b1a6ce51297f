"""Writes the seeds of the `network` target, two wide, so that a fuzzer reaches every byte: the shipped timbre networks with
inner layers of that width, and a tagger of the shipped one's operators.

Run from the repository's root with the training environment's Python.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

sys.path.insert(0, "models/training")
from moodring_training.shared.onnx_graph import Graph  # noqa: E402

SEEDS = Path("fuzz/corpus/network")
# Widths that the cards name, which stay.
OUTER = {"encoder": {128, 8}, "decoder": {8, 128, 4}}
WIDTH = 2


def narrowed(name: str, outer: set[int]) -> onnx.ModelProto:
    """One of the timbre networks with inner layers that are WIDTH wide."""
    model = onnx.load(f"models/timbre/{name}.onnx")
    for tensor in model.graph.initializer:
        small = [dim if dim in outer else WIDTH for dim in tensor.dims]
        values = numpy_helper.to_array(tensor)[tuple(slice(dim) for dim in small)]
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), tensor.name))
    del model.graph.value_info[:]
    return model


def tagger() -> onnx.ModelProto:
    """Each of the shipped tagger's operators at least once, between its input and its output."""
    card = json.loads(Path("models/tagger/card.json").read_text(encoding="utf-8"))
    (_, _, bands, frames), (_, tags) = card["input"]["shape"], card["output"]["shape"]
    graph, random = Graph(), np.random.default_rng(1)

    def weights(*shape: int) -> str:
        return graph.in_16_bits(random.normal(0, 0.5, shape))

    def convolution(given: str, kernel: tuple[int, int], inputs: int, **attributes: object) -> str:
        return graph.add("Conv", given, weights(WIDTH, inputs, *kernel), kernel_shape=list(kernel), **attributes)

    loudest = graph.add("ReduceMax", "mel_db", axes=[1, 2, 3], keepdims=1)
    power = graph.add("Exp", graph.add("Mul", graph.add("Sub", "mel_db", loudest), graph.constant(0.23)))
    levels = graph.add("Log", graph.add("Add", power, graph.constant(1e-5)))
    found = graph.add("HardSwish", convolution(levels, (3, 3), 1, strides=[8, 8], pads=[1, 1, 1, 1]))
    rows, columns = -(-bands // 8), -(-frames // 8)
    shape = graph.integers([1, WIDTH, rows, 1])
    zeros = graph.add("ConstantOfShape", shape, value=numpy_helper.from_array(np.zeros(1, np.float32)))
    found = graph.add("Concat", zeros, found, zeros, axis=3)
    found = graph.add("Relu", convolution(found, (1, 3), 1, group=WIDTH))
    flat, back = graph.integers([WIDTH, rows * columns]), graph.integers([1, WIDTH, 1, 1])
    mean = graph.add("MatMul", graph.add("Reshape", found, flat), weights(rows * columns, 1))
    squeezed = convolution(graph.add("Reshape", mean, back), (1, 1), WIDTH)
    found = graph.add("Mul", found, graph.add("Sigmoid", squeezed))
    found = graph.add("GlobalAveragePool", convolution(found, (1, 2), WIDTH, strides=[1, 2]))
    found = graph.add("Identity", graph.add("Flatten", found))
    found = graph.add("Gemm", found, weights(WIDTH, WIDTH), graph.constant(np.zeros(WIDTH)), transB=1)
    surest = graph.add("ReduceMax", found, axes=[1], keepdims=1)
    doubt = graph.add("Relu", graph.add("Sub", surest, graph.add("Reshape", loudest, graph.integers([1, 1]))))
    answer = graph.add("MatMul", found, weights(WIDTH, tags))
    graph.add("Sigmoid", graph.add("Sub", answer, doubt), output="probs")
    ends = {"mel_db": [1, 1, bands, frames]}, {"probs": [1, tags]}
    return graph.network("tagger", *ends, opset=14)


def main() -> None:
    """Writes all of them."""
    networks = {name: narrowed(name, outer) for name, outer in OUTER.items()} | {"tagger": tagger()}
    for name, model in networks.items():
        onnx.checker.check_model(model)
        onnx.save(model, SEEDS / f"{name}.onnx")


if __name__ == "__main__":
    main()
