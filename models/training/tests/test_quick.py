"""mn04's graph written anew for tract."""

import numpy as np
import onnx
import pytest

from moodring_training.shared.onnx_graph import Graph, session
from moodring_training.tagger.head.quick import quickened


def inverted_residual(rows: int, columns: int, kernel: int, stride: int) -> onnx.ModelProto:
    """A block as MobileNetV3 has them: a depthwise convolution, squeeze and excitation, a pointwise convolution."""
    random, graph, channels, pad = np.random.default_rng(1), Graph(), 6, kernel // 2

    def convolution(given: str, shape: tuple[int, ...], **attributes: object) -> str:
        weights = graph.constant(random.normal(0, 0.3, shape)), graph.constant(random.normal(0, 0.3, shape[0]))
        return graph.add("Conv", given, *weights, kernel_shape=list(shape[2:]), **attributes)

    found = convolution(
        "given",
        (channels, 1, kernel, kernel),
        group=channels,
        strides=[stride, stride],
        pads=[pad] * 4,
    )
    found = graph.add("Relu", found)
    squeezed = convolution(graph.add("GlobalAveragePool", found), (channels, channels, 1, 1))
    excited = graph.add("Mul", found, graph.add("Sigmoid", squeezed))
    said = convolution(excited, (4, channels, 1, 1))
    graph.add("GlobalAveragePool", said, output="said")
    return graph.network("block", {"given": [1, channels, rows, columns]}, {"said": [1, 4, 1, 1]})


@pytest.mark.parametrize(
    ("rows", "columns", "kernel", "stride", "written"),
    [
        (4, 12, 5, 1, {"Concat": 2}),
        (8, 24, 3, 1, {"Concat": 2}),
        (16, 47, 5, 1, {}),
        (6, 185, 3, 2, {"MatMul": 1}),
        (6, 93, 5, 2, {"MatMul": 1}),
        (6, 96, 3, 2, {"MatMul": 1}),
        (8, 24, 5, 2, {}),
    ],
)
def test_a_block_says_the_same(rows: int, columns: int, kernel: int, stride: int, written: dict[str, int]) -> None:
    network = inverted_residual(rows, columns, kernel, stride)
    given = np.random.default_rng(2).normal(0, 1, (1, 6, rows, columns)).astype(np.float32)
    quick = quickened(network, {"given": list(given.shape)})
    onnx.checker.check_model(quick, full_check=True)
    operators = [node.op_type for node in quick.graph.node]
    assert {name: operators.count(name) for name in ("Concat", "MatMul") if name in operators} == written
    said = [session(one).run(None, {"given": given})[0] for one in (network, quick)]
    np.testing.assert_allclose(said[1], said[0], atol=1e-5)
    assert np.ptp(said[0]) > 0.01
