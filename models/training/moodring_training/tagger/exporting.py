"""The trained tagger as ONNX, and its card."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from .. import audio, common, corpus
from . import calibrating
from .net import MIDDLE_DB, QUIET_DB, QUIET_SLOPE, RANGE_DB, UNIT, Student, multiplications
from .vocabulary import TAGS

OPSET = 13
VERSION = "1"


class Graph:
    """An ONNX graph in the making: one value flows through."""

    def __init__(self, value: str) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.value = value
        self.count = 0

    def weight(self, array: np.ndarray) -> str:
        """A constant."""
        self.count += 1
        name = f"w{self.count}"
        clean = common.without_tiny_weights(np.ascontiguousarray(array, np.float32))
        self.weights.append(numpy_helper.from_array(clean, name))
        return name

    def short_weight(self, array: np.ndarray, axis: int) -> str:
        """A constant stored in 8 bits, with a scale for each place on `axis`; widened on loading, for a smaller plugin."""
        others = tuple(other for other in range(array.ndim) if other != axis)
        scale = np.maximum(np.abs(array).max(axis=others, keepdims=True), 1e-9) / 127
        self.count += 1
        name = f"w{self.count}"
        self.weights.append(numpy_helper.from_array(np.rint(array / scale).astype(np.int8), f"{name}_8"))
        self.nodes.append(helper.make_node("Cast", [f"{name}_8"], [f"{name}_wide"], to=TensorProto.FLOAT))
        self.nodes.append(helper.make_node("Mul", [f"{name}_wide", self.weight(scale)], [name]))
        return name

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        """A node; what it gives is the new value."""
        self.count += 1
        self.value = output or f"v{self.count}"
        self.nodes.append(helper.make_node(operator, list(inputs), [self.value], **attributes))
        return self.value


def _array(parameter: object) -> np.ndarray:
    return parameter.detach().cpu().numpy().astype(np.float64)


def build(model: Student, slopes: np.ndarray, offsets: np.ndarray) -> onnx.ModelProto:
    """The graph: batch normalisation, the tags' scales and the calibration are folded into the weights around them."""
    graph = Graph("mel_db")
    loudest = graph.add("ReduceMax", "mel_db", axes=[1, 2, 3], keepdims=1)
    below = graph.add("Sub", "mel_db", loudest)
    raised = graph.add("Add", below, graph.weight(np.array(RANGE_DB)))
    floored = graph.add("Relu", raised)
    graph.add("Sub", floored, graph.weight(np.array(MIDDLE_DB)))
    for number, layer in enumerate(model.features):
        convolution, norm = layer.convolution, layer.norm
        gain = _array(norm.weight) / np.sqrt(_array(norm.running_var) + norm.eps)
        kernel = _array(convolution.weight) * gain[:, None, None, None] * (UNIT if number == 0 else 1.0)
        bias = _array(norm.bias) - _array(norm.running_mean) * gain
        down, across = convolution.padding
        graph.add(
            "Conv",
            graph.value,
            graph.short_weight(kernel, axis=0),
            graph.weight(bias),
            kernel_shape=list(convolution.kernel_size),
            strides=list(convolution.stride),
            pads=[down, across, down, across],
        )
        graph.add("Relu", graph.value)
    found = graph.value
    mean = graph.add("ReduceMean", found, axes=[2, 3], keepdims=0)
    most = graph.add("ReduceMax", found, axes=[2, 3], keepdims=0)
    pooled = graph.add("Concat", mean, most, axis=1)
    inner = graph.add("MatMul", pooled, graph.short_weight(_array(model.hidden.weight).T, axis=1))
    inner = graph.add("Add", inner, graph.weight(_array(model.hidden.bias)))
    inner = graph.add("Relu", inner)
    scale = _array(model.scale) * slopes
    last = graph.add("MatMul", inner, graph.short_weight((_array(model.answer.weight) * scale[:, None]).T, axis=1))
    offset = _array(model.answer.bias) * scale + _array(model.centre) * slopes + offsets
    logits = graph.add("Add", last, graph.weight(offset))
    loudness = graph.add("Reshape", loudest, _shape(graph, [1, 1]))
    quiet = graph.add("Sub", graph.weight(np.array(QUIET_DB)), loudness)
    quiet = graph.add("Relu", quiet)
    quiet = graph.add("Mul", quiet, graph.weight(np.array(QUIET_SLOPE)))
    graph.add("Sigmoid", graph.add("Sub", logits, quiet), output="probs")
    made = helper.make_graph(
        graph.nodes,
        "moodring_tagger",
        [helper.make_tensor_value_info("mel_db", TensorProto.FLOAT, [1, 1, audio.BANDS, audio.FRAMES])],
        [helper.make_tensor_value_info("probs", TensorProto.FLOAT, [1, len(TAGS)])],
        graph.weights,
    )
    proto = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="moodring_training")
    proto.ir_version = 8
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _shape(graph: Graph, shape: list[int]) -> str:
    graph.count += 1
    name = f"s{graph.count}"
    graph.weights.append(numpy_helper.from_array(np.array(shape, np.int64), name))
    return name


def session(path: Path) -> onnxruntime.InferenceSession:
    """An exported or published network on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def export(paths: common.Paths, small: bool) -> None:
    """Writes `tagger/model.onnx` and `tagger/card.json`, and checks that the file says what the network says."""
    where = common.device()
    model, heard = calibrating.best(paths, where)
    slopes, offsets = calibrating.fit(paths, model, where)
    folder = paths.out / "tagger"
    with common.written_whole(folder / "model.onnx") as unfinished:
        onnx.save(build(model.cpu(), slopes, offsets), unfinished)
    _check(folder / "model.onnx", model, slopes, offsets)
    evaluated = common.read_json(paths.work / "tagger" / "evaluation.json") or {}
    per_tag = evaluated.get("tags", {})
    card = {
        "kind": "tagger",
        "name": "Moodring tagger" + (" (small run)" if small else ""),
        "version": VERSION,
        "licence": "as Moodring's",
        "input": {"name": "mel_db", "shape": [1, 1, audio.BANDS, audio.FRAMES]},
        "output": {"name": "probs", "shape": [1, len(TAGS)]},
        "frontend": {
            "sample_rate": audio.RATE,
            "channels": "mono mean",
            "window": "hann periodic",
            "n_fft": audio.N_FFT,
            "hop": audio.HOP,
            "padding": "reflect",
            "spectrum": "power",
            "bands": audio.BANDS,
            "mel_scale": "htk",
            "mel_norm": "none",
            "f_min": 0.0,
            "f_max": audio.RATE / 2,
            "scaling": "10*log10(max(x, floor))",
            "floor": audio.FLOOR,
            "frames": audio.FRAMES,
            "chunk_samples": audio.CHUNK,
        },
        "tags": [
            {
                "name": tag.name,
                "kind": tag.kind,
                "sources": tag.describe_sources(),
                "calibration": {"slope": round(float(slope), 4), "offset": round(float(offset), 4)},
                **per_tag.get(tag.name, {}),
            }
            for tag, slope, offset in zip(TAGS, slopes, offsets, strict=True)
        ],
        "calibration": "per tag, slope and offset of the logit; already in the network: what it gives is calibrated",
        "level": f"the chunk's loudest band is taken as reference, {RANGE_DB:g} dB below it count; "
        f"below {QUIET_DB:g} dB the logits fall by {QUIET_SLOPE:g} per dB",
        "training": {
            **heard,
            "data": [
                {"package": package.name, "role": package.role, "split": package.split, "licence": package.licence}
                for package in corpus.manifest()
                if (package.small or not small) and _heard(paths, package)
            ],
            "teachers": "MTG-Jamendo, MagnaTagATune and Million Song Dataset models of Won et al., SMC 2020 (MIT)",
        },
        "cost_mmac": round(multiplications(model) / 1e6, 1),
        "metrics": evaluated.get("summary", {}),
    }
    print(f"wrote {common.write_card(folder, card, {'model': 'model.onnx'})}")


def _heard(paths: common.Paths, package: corpus.Package) -> bool:
    """Whether a package took part: one of music may not have been analysed, or hold nothing long enough."""
    if package.role != "music":
        return True
    parts = (paths.work / "tagger" / "music").glob(f"{package.split}-{package.name}-[0-9][0-9].npz")
    return any(_windows(part) for part in parts)


def _windows(part: Path) -> int:
    """How many windows of music a file holds."""
    with np.load(part) as stored:
        return len(stored["names"])


def _check(path: Path, model: Student, slopes: np.ndarray, offsets: np.ndarray) -> None:
    """Raises unless the file's answers are the network's, but for the rounding of its weights."""
    random = np.random.default_rng(3)
    running = session(path)
    for loudest in (30.0, -10.0, -75.0):
        levels = np.maximum(random.normal(loudest - 30, 12, (1, audio.FRAMES, audio.BANDS)), -100).astype(np.float32)
        expected = _probabilities(model, levels, slopes, offsets)
        found = running.run(None, {"mel_db": levels.transpose(0, 2, 1)[:, None]})[0]
        worst = float(np.abs(found - expected).max())
        if worst > 0.02:
            raise common.PipelineError(f"{path.name} is off by {worst:.4f} from the network that it was made from")


def _probabilities(model: Student, levels: np.ndarray, slopes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Calibrated answers for chunks `[n, FRAMES, BANDS]`: `[n, tags]`."""
    from .training import answers

    quiet = np.maximum(QUIET_DB - levels.reshape(len(levels), -1).max(axis=1), 0)[:, None] * QUIET_SLOPE
    logits = answers(model, levels, next(model.parameters()).device) + quiet
    return 1 / (1 + np.exp(-(logits * slopes + offsets - quiet)))
