"""Graphs in the making: what is written says what was meant."""

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.layers import dense
from moodring_training.shared.onnx_graph import Graph, described_ends, linear_layers, require_close, session


def answer(graph: Graph, given: np.ndarray, outputs: int) -> np.ndarray:
    network = graph.network("test", {"given": list(given.shape)}, {"said": [1, outputs]})
    return session(network).run(None, {"given": given})[0]


@pytest.mark.parametrize(("stored", "most"), [(np.float32, 1e-5), (np.float16, 5e-3)])
def test_dense_layers_say_what_torch_says(stored: type[np.floating], most: float) -> None:
    layers, given = dense((5, 7, 6, 3)), torch.randn(1, 5)
    graph = Graph()
    graph.dense(linear_layers(layers), "given", "said", stored)
    expected = layers(given).detach().numpy()
    assert np.abs(answer(graph, given.numpy(), 3) - expected).max() < most


def test_layers_that_are_taken_over_are_copies() -> None:
    layers = dense((2, 2))
    linear_layers(layers)[0][0][:] = 9
    assert (layers[0].weight != 9).all()


def test_eight_bits_are_wrong_by_half_a_step_of_their_own_column_at_most() -> None:
    weight = np.random.default_rng(1).normal(0, 1, (6, 4)) * np.array([1, 10, 100, 1e-3])
    graph = Graph()
    graph.add("MatMul", "given", graph.in_8_bits(weight, axis=1), output="said")
    for row in range(6):
        found = answer(graph, np.eye(6, dtype=np.float32)[row : row + 1], 4)[0]
        assert (np.abs(found - weight[row]) <= np.abs(weight).max(axis=0) / 127 * 0.501).all()


def test_a_graph_that_is_taken_over_says_the_same_with_its_matrices_in_16_bits() -> None:
    given = np.random.default_rng(2).normal(0, 1, (1, 5)).astype(np.float32)
    inner = Graph()
    weight, bias = np.random.default_rng(3).normal(0, 1, (5, 3)), np.array([70000.0, 1e-7, 1.0])
    turned = inner.add("MatMul", "given", inner.constant(weight, "matrix"), output="turned")
    inner.add("Add", turned, inner.constant(bias, "vector"), output="said")
    graph = Graph()
    graph.include(inner.network("inner", {"given": [1, 5]}, {"said": [1, 3]}).graph)
    assert {one.name: one.data_type for one in graph.weights} == {
        "matrix_16": onnx.TensorProto.FLOAT16,
        "vector": onnx.TensorProto.FLOAT,
    }
    np.testing.assert_allclose(answer(graph, given, 3), given @ weight + bias, rtol=1e-3, atol=1e-2)


def test_weights_that_would_be_sub_normal_are_zero() -> None:
    graph = Graph()
    name = graph.constant(np.array([1e-13, -1e-40, 1e-6]))
    assert numpy_helper.to_array(graph.weights[0]).tolist() == [0, 0, np.float32(1e-6)]
    assert graph.weights[0].name == name


def test_what_is_not_named_has_a_name_of_its_own() -> None:
    graph = Graph()
    names = [graph.constant(1.0), graph.integers([1]), graph.add("Relu", "given"), graph.in_8_bits(np.ones((2, 2)), 0)]
    made = names + [weight.name for weight in graph.weights] + [out for node in graph.nodes for out in node.output]
    assert len(set(names)) == len(names)
    assert len([name for name in made if name == names[3]]) == 2, "the name that is given back is that of the last node"


def test_a_graph_that_can_not_be_is_refused() -> None:
    graph = Graph()
    graph.add("Relu", "nothing", output="said")
    with pytest.raises(onnx.checker.ValidationError):
        graph.network("test", {"given": [1, 2]}, {"said": [1, 2]})


def test_ends_are_described_by_name_and_shape() -> None:
    graph = Graph()
    graph.add("Relu", "given", output="said")
    ends = described_ends(graph.network("test", {"given": [1, 2]}, {"said": [1, 2]}))
    assert ends == {"inputs": [{"name": "given", "shape": [1, 2]}], "outputs": [{"name": "said", "shape": [1, 2]}]}


def test_a_difference_is_told_and_what_is_not_a_number_is_one() -> None:
    assert require_close("x", np.array([1.0]), np.array([1.25]), 0.25) == 0.25
    for found in (1.3, np.nan):
        with pytest.raises(
            PipelineError, match="^model.onnx differs by .* from what was trained; at most 0.25 is allowed$"
        ):
            require_close("model.onnx", np.array([found]), np.array([1.0]), 0.25)
