"""Writes the seeds of the `network` target: the shipped networks with inner layers two wide, so that a fuzzer reaches every byte.

Run from the repository's root with the training environment's Python.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

# Widths that the cards name, which stay.
OUTER = {"timbre/encoder": {128, 8}, "timbre/decoder": {8, 128, 4}, "tagger/model": {1, 3, 4, 92}}
WIDTH = 2


def narrowed(dims: list[int], outer: set[int]) -> list[int]:
    """The shape of a tensor whose inner widths are WIDTH; the tagger concatenates a mean and a maximum, and so has twice that."""
    return [dim if dim in outer else 2 * WIDTH if dim == 512 else WIDTH for dim in dims]


for name, outer in OUTER.items():
    model = onnx.load(f"models/{name}.onnx")
    for tensor in model.graph.initializer:
        dims = list(tensor.dims)
        # 512 is twice an inner width, and a bias or a shape is as long as its layer is wide.
        small = dims if tensor.name.startswith("s5") else narrowed(dims, outer)
        values = numpy_helper.to_array(tensor)[tuple(slice(dim) for dim in small)]
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values), tensor.name))
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    onnx.save(model, Path("fuzz/corpus/network") / f"{name.split('/')[-1].replace('model', 'tagger')}.onnx")
