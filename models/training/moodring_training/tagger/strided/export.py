"""The trained tagger as ONNX, and its card."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx

from ...shared import corpus
from ...shared.files import read_json, write_card, written_whole
from ...shared.onnx_graph import Graph, require_close, session
from ...shared.paths import Paths
from ...shared.running import device
from .. import front_end
from ..labels.vocabulary import TAGS, shown_kind
from .calibrate import Trained
from .net import MIDDLE_DB, QUIET_DB, QUIET_SLOPE, RANGE_DB, UNIT, multiplications

VERSION = "1"
LARGEST_DIFFERENCE = 0.02
"""Of a probability, between torch and onnxruntime with weights in 8 bits."""


def _array(parameter: object) -> np.ndarray:
    return parameter.detach().cpu().numpy().astype(np.float64)


def build(trained: Trained) -> onnx.ModelProto:
    """The graph: batch normalisation, the tags' scales and the calibration are folded into the weights around them."""
    model, graph = trained.model, Graph()
    loudest = graph.add("ReduceMax", "mel_db", axes=[1, 2, 3], keepdims=1)
    below = graph.add("Sub", "mel_db", loudest)
    raised = graph.add("Add", below, graph.constant(RANGE_DB))
    floored = graph.add("Relu", raised)
    found = graph.add("Sub", floored, graph.constant(MIDDLE_DB))
    for number, layer in enumerate(model.features):
        convolution, norm = layer.convolution, layer.norm
        gain = _array(norm.weight) / np.sqrt(_array(norm.running_var) + norm.eps)
        kernel = _array(convolution.weight) * gain[:, None, None, None] * (UNIT if number == 0 else 1.0)
        bias = _array(norm.bias) - _array(norm.running_mean) * gain
        down, across = convolution.padding
        found = graph.add(
            "Conv",
            found,
            graph.in_8_bits(kernel, axis=0),
            graph.constant(bias),
            kernel_shape=list(convolution.kernel_size),
            strides=list(convolution.stride),
            pads=[down, across, down, across],
        )
        found = graph.add("Relu", found)
    mean = graph.add("ReduceMean", found, axes=[2, 3], keepdims=0)
    most = graph.add("ReduceMax", found, axes=[2, 3], keepdims=0)
    pooled = graph.add("Concat", mean, most, axis=1)
    inner = graph.add("MatMul", pooled, graph.in_8_bits(_array(model.hidden.weight).T, axis=1))
    inner = graph.add("Add", inner, graph.constant(_array(model.hidden.bias)))
    inner = graph.add("Relu", inner)
    scale = _array(model.scale) * trained.slopes
    last = graph.add("MatMul", inner, graph.in_8_bits((_array(model.answer.weight) * scale[:, None]).T, axis=1))
    offset = _array(model.answer.bias) * scale + _array(model.centre) * trained.slopes + trained.offsets
    logits = graph.add("Add", last, graph.constant(offset))
    loudness = graph.add("Reshape", loudest, graph.integers([1, 1]))
    quiet = graph.add("Sub", graph.constant(QUIET_DB), loudness)
    quiet = graph.add("Relu", quiet)
    quiet = graph.add("Mul", quiet, graph.constant(QUIET_SLOPE))
    graph.add("Sigmoid", graph.add("Sub", logits, quiet), output="probs")
    inputs, outputs = {"mel_db": [1, 1, front_end.BANDS, front_end.FRAMES]}, {"probs": [1, len(TAGS)]}
    return graph.network("moodring_tagger", inputs, outputs)


def export(paths: Paths, small: bool, folder: Path) -> None:
    """Writes `model.onnx` and `card.json` into `folder`, and checks that the file says what the network says."""
    trained = Trained.load(paths, small, device())
    trained.model.cpu()
    with written_whole(folder / "model.onnx") as unfinished:
        onnx.save(build(trained), unfinished)
    check(folder / "model.onnx", trained)
    print(f"wrote {write_card(folder, _card(paths, small, trained), {'model': 'model.onnx'})}")


def _card(paths: Paths, small: bool, trained: Trained) -> dict[str, Any]:
    evaluated = read_json(paths.work / "tagger" / "evaluation.json") or {}
    per_tag = evaluated.get("tags", {})
    return {
        "kind": "tagger",
        "name": "Moodring tagger" + (" (small run)" if small else ""),
        "version": VERSION,
        "licence": "as Moodring's",
        "input": {"name": "mel_db", "shape": [1, 1, front_end.BANDS, front_end.FRAMES]},
        "output": {"name": "probs", "shape": [1, len(TAGS)]},
        "frontend": {
            **front_end.described(front_end.BANDS, front_end.FRAMES),
            "chunk_samples": front_end.CHUNK,
        },
        "tags": [
            {
                "name": tag.name,
                "kind": shown_kind(tag),
                "sources": tag.describe_sources(),
                "calibration": {"slope": round(float(slope), 4), "offset": round(float(offset), 4)},
                **per_tag.get(tag.name, {}),
            }
            for tag, slope, offset in zip(TAGS, trained.slopes, trained.offsets, strict=True)
        ],
        "calibration": "per tag, slope and offset of the logit; already in the network: what it gives is calibrated",
        "level": f"the chunk's loudest band is taken as reference, {RANGE_DB:g} dB below it count; "
        f"below {QUIET_DB:g} dB the logits fall by {QUIET_SLOPE:g} per dB",
        "training": {
            **trained.heard,
            "data": [
                {"package": package.name, "role": package.role, "split": package.split, "licence": package.licence}
                for package in corpus.manifest()
                if (package.small or not small) and _heard(paths, package)
            ],
            "teachers": "MTG-Jamendo, MagnaTagATune and Million Song Dataset models of Won et al., SMC 2020 (MIT)",
        },
        "cost_mmac": round(multiplications(trained.model) / 1e6, 1),
        "metrics": evaluated.get("summary", {}),
    }


def _heard(paths: Paths, package: corpus.Package) -> bool:
    """Whether a package took part: one of music may not have been analysed, or hold nothing long enough."""
    if package.role != "music":
        return True
    parts = (paths.work / "tagger" / "music").glob(f"{package.split}-{package.name}-[0-9][0-9].npz")
    return any(_windows(part) for part in parts)


def _windows(part: Path) -> int:
    """How many windows of music a file holds."""
    with np.load(part) as stored:
        return len(stored["names"])


def check(path: Path, trained: Trained) -> None:
    """Raises PipelineError unless the file's answers are the network's, but for the rounding of its weights."""
    random = np.random.default_rng(3)
    running = session(path)
    for loudest in (30.0, -10.0, -75.0):
        levels = random.normal(loudest - 30, 12, (1, front_end.FRAMES, front_end.BANDS))
        levels = np.maximum(levels, -100).astype(np.float32)
        found = running.run(None, {"mel_db": levels.transpose(0, 2, 1)[:, None]})[0]
        require_close(path.name, found, trained.probabilities(levels), LARGEST_DIFFERENCE)
