"""The export step: networks, named timbres and card, as the plugin reads them."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from .. import common
from . import front_end, material
from .anchors import Anchors
from .descriptors import KNOBS, LATENTS, NAMED
from .evaluate import report_path
from .net import KNOB_LIMIT, SLOPE
from .timbres import CORE, TIMBRES
from .train import FRAMES_A_STEP, Model, checkpoint_path, groups, load_model

OPSET, IR_VERSION = 13, 8
VERSION = "1"
LARGEST_DIFFERENCE = 1e-4
"""Between torch and onnxruntime, in the networks' units."""
LARGEST_ROUNDING = 4e-3
"""The same with weights in 16 bits: 0.08 dB."""


def export(paths: common.Paths, small: bool) -> None:
    """Writes encoder.onnx, decoder.onnx, anchors.json and card.json."""
    model = load_model(paths)
    if not report_path(paths).exists():
        raise common.PipelineError("there are no figures for the card yet: run the evaluate step first")
    folder = paths.out / "timbre"
    folder.mkdir(parents=True, exist_ok=True)
    learnt = groups(paths, "train", small)
    anchors = Anchors.of(model, learnt)
    shapes = learnt["notes"].shapes()[:: max(1, len(learnt["notes"]) // 64)]
    # Once without rounding, for nothing but rounding to be between the trained network and the file.
    _check(model, shapes, _networks(model, np.float32), LARGEST_DIFFERENCE)
    networks = _networks(model, np.float16)
    _check(model, shapes, networks, LARGEST_ROUNDING)
    for name, network in networks.items():
        with common.written_whole(folder / f"{name}.onnx") as unfinished:
            onnx.save(network, str(unfinished))
    matrix, offset = anchors.projection()
    common.write_json(folder / "anchors.json", _named_timbres(anchors, matrix, offset))
    files = {"encoder": "encoder.onnx", "decoder": "decoder.onnx", "anchors": "anchors.json"}
    card = common.write_card(folder, _card(paths, small, anchors, matrix, offset, learnt), files)
    for name, file in files.items():
        print(f"{name}: {common.sha256(folder / file)}")
    print(f"card: {card}")


def _numbers(values: np.ndarray, digits: int = 4) -> list[float]:
    return [round(float(value), digits) for value in values]


def _chain(layers: nn.Sequential) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights [out, in] and biases [out] of the linear layers."""
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    return [(layer.weight.detach().numpy().copy(), layer.bias.detach().numpy().copy()) for layer in linear]


def _networks(model: Model, stored: type[np.floating]) -> dict[str, onnx.ModelProto]:
    """The encoder and the decoder, with their weights stored as numbers of this kind."""
    encoder, decoder = _chain(model.encoder.layers), _chain(model.decoder.layers)
    # The plugin takes the mean of the code only.
    weight, bias = encoder[-1]
    encoder[-1] = weight[:LATENTS], bias[:LATENTS]
    made = {"encoder": _network("encoder", "mel", "mu", *_graph(encoder, "mel", "mu", stored))}

    # The cosines become part of the last layer, and so does what the contrasts are in the middle.
    basis, reach = model.decoder.basis.numpy().T, model.decoder.reach.numpy()
    weight, bias = decoder[-1]
    decoder[-1] = basis @ weight, basis @ bias + model.decoder.offset.numpy()
    # The contrasts follow the first four of the whole code, and end in bands as well.
    following = _chain(model.decoder.following)
    weight, bias = following[0]
    following[0] = np.pad(weight, ((0, 0), (0, LATENTS - NAMED))), bias
    weight, bias = following[-1]
    following[-1] = reach.T @ weight, reach.T @ bias

    nodes, weights = _graph(decoder, "z", "drawn", stored)
    more_nodes, more_weights = _graph(following, "z", "followed", stored)
    select = np.eye(LATENTS, dtype=np.float32)[:, NAMED:] / KNOB_LIMIT
    weights += [
        *more_weights,
        numpy_helper.from_array(select, "select"),
        numpy_helper.from_array(KNOB_LIMIT * reach, "reach"),
    ]
    nodes += [
        *more_nodes,
        helper.make_node("MatMul", ["z", "select"], ["contrasts"], name="contrasts"),
        helper.make_node("Tanh", ["contrasts"], ["saturated"], name="saturated"),
        helper.make_node("MatMul", ["saturated", "reach"], ["turned"], name="turned"),
        helper.make_node("Add", ["turned", "followed"], ["moved"], name="moved"),
        helper.make_node("Add", ["drawn", "moved"], ["mel"], name="mel"),
    ]
    return made | {"decoder": _network("decoder", "z", "mel", nodes, weights)}


def _graph(
    layers: list[tuple[np.ndarray, np.ndarray]], name_in: str, name_out: str, stored: type[np.floating]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes and weights of a chain of linear layers with leaky rectifiers between.

    Weights are widened on loading from what they are stored as: in 16 bits they make half a megabyte less of plugin.
    """
    nodes, weights, flowing = [], [], name_in
    for index, (weight, bias) in enumerate(layers):
        last = index == len(layers) - 1
        short, wide, added = (f"{name_out}_{what}{index}" for what in ("short_weight", "weight", "bias"))
        weights.append(numpy_helper.from_array(weight.astype(stored), short))
        weights.append(numpy_helper.from_array(common.without_tiny_weights(bias.astype(np.float32)), added))
        nodes.append(helper.make_node("Cast", [short], [wide], name=wide, to=TensorProto.FLOAT))
        linear = name_out if last else f"{name_out}_linear{index}"
        nodes.append(helper.make_node("Gemm", [flowing, wide, added], [linear], name=linear, transB=1))
        flowing = linear
        if not last:
            flowing = f"{name_out}_rectified{index}"
            nodes.append(helper.make_node("LeakyRelu", [linear], [flowing], name=flowing, alpha=SLOPE))
    return nodes, weights


def _network(
    name: str, name_in: str, name_out: str, nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto]
) -> onnx.ModelProto:
    """One row a run."""
    sizes = {"mel": front_end.BANDS, "mu": LATENTS, "z": LATENTS}
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, sizes[name]]) for name in (name_in, name_out)]
    graph = helper.make_graph(nodes, name, ends[:1], ends[1:], weights)
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="moodring")
    network.ir_version = IR_VERSION
    onnx.checker.check_model(network)
    return network


def _check(model: Model, shapes: np.ndarray, networks: dict[str, onnx.ModelProto], most: float) -> None:
    """What is written must answer as what was trained."""
    encoder, decoder = (
        onnxruntime.InferenceSession(networks[name].SerializeToString(), providers=["CPUExecutionProvider"])
        for name in ("encoder", "decoder")
    )
    code = np.concatenate([encoder.run(None, {"mel": row[None]})[0] for row in shapes])
    drawn = np.concatenate([decoder.run(None, {"z": row[None]})[0] for row in code])
    with torch.no_grad():
        expected = model.encoder(torch.from_numpy(shapes))[0]
        redrawn = model.decoder(torch.from_numpy(code))
    worst = max(np.abs(code - expected.numpy()).max(), np.abs(drawn - redrawn.numpy()).max())
    if worst > most:
        raise common.PipelineError(f"the exported networks differ from the trained ones by {worst:.2g}")


def _named_timbres(anchors: Anchors, matrix: np.ndarray, offset: np.ndarray) -> dict:
    entries = []
    for timbre, mean, std, frames in zip(TIMBRES, anchors.means, anchors.stds, anchors.frames):
        # A small run does not play every program.
        if frames:
            entries.append(
                {
                    "name": timbre.name,
                    "id": timbre.id,
                    "gm_programs": list(timbre.programs),
                    "gm_percussion_keys": list(timbre.keys),
                    "frames": frames,
                    "mean": _numbers(mean),
                    "std": _numbers(std),
                    "position": _numbers(matrix @ mean + offset),
                }
            )
    return {
        "schema": 1,
        "note": "mean and spread of the codes of each timbre's notes in the soundfonts learnt from; position: on the card's map",
        "anchors": entries,
    }


def _card(paths: common.Paths, small: bool, anchors: Anchors, matrix: np.ndarray, offset: np.ndarray, learnt: dict) -> dict:
    state = common.load_checkpoint(checkpoint_path(paths)) or {}
    sources = {
        split: {package.name: package.licence for role in roles for package in material.packages(role, split, small)}
        for split, roles in material.SOURCES.items()
    }
    shape = lambda name, size: {"name": name, "shape": [1, size]}
    return {
        "kind": "timbre",
        "name": "Moodring timbre" + (" (small run)" if small else ""),
        "version": VERSION,
        "encoder": {"input": shape("mel", front_end.BANDS), "output": shape("mu", LATENTS)},
        "decoder": {"input": shape("z", LATENTS), "output": shape("mel", front_end.BANDS)},
        "frontend": {
            "sample_rate": front_end.SAMPLE_RATE,
            "channels": "mono mean",
            "window": "hann periodic",
            "n_fft": front_end.WINDOW,
            "hop": front_end.HOP,
            "padding": "none",
            "spectrum": "power over (sum(window)/2)^2",
            "bands": front_end.BANDS,
            "mel_scale": "slaney",
            "mel_norm": "sum",
            "f_min": front_end.LOWEST_HZ,
            "f_max": front_end.HIGHEST_HZ,
            "scaling": "10*log10(x + floor)",
            "floor": front_end.FLOOR,
            "range_db": front_end.RANGE_DB,
            "unit_db": front_end.UNIT_DB,
        },
        "latents": [
            {
                "name": knob.name,
                "descriptor": knob.does,
                "measure": knob.measure,
                "mean": round(float(anchors.mean[index]), 4),
                "std": round(float(anchors.std[index]), 4),
                "p01": round(float(anchors.lowest[index]), 4),
                "p99": round(float(anchors.highest[index]), 4),
            }
            for index, knob in enumerate(KNOBS)
        ],
        "map": {
            "note": "x, y = matrix * code + offset; the two principal components of the named timbres",
            "matrix": [_numbers(row, 6) for row in matrix],
            "offset": _numbers(offset, 6),
        },
        "training": {
            "frames": {name: len(frames) for name, frames in learnt.items()},
            "steps": state.get("step"),
            "frames_a_step": FRAMES_A_STEP,
            "weights": state.get("weights"),
            "learnt_from": sources["train"],
            "chosen_by": sources["choose"],
            "reported_on": sources["report"] | {"one-shots": "one in eight of the samples, kept apart"},
        },
        "metrics": json.loads(report_path(paths).read_text(encoding="utf-8")) | {"core_timbres": CORE},
        "licence": [
            "The weights were trained by this project and ship under its own licence, MIT OR Apache-2.0.",
            "They hold no audio; the packages learnt from and their licences are listed above, all of them in Debian main.",
        ],
        "limits": LIMITS,
    }


LIMITS = [
    "One frame at a time: how a sound begins and dies away is not part of the code.",
    "The decoder draws the envelope at middle pitch, not single harmonics: full Resynthesis takes a sound's own fine structure away.",
    "The nearest named timbre is right for less than half of the notes of an unseen soundfont (24 timbres).",
    "The first four knobs may let their own descriptor fall a little on part of their way: see metrics, knobs, monotone.",
    "Named timbres are those of General MIDI soundfonts, voices too; real singers were not to be had.",
]
