"""The export step: networks, named timbres and card, as the plugin reads them."""

import json
from typing import Any

import numpy as np
import onnx
import torch

from ...shared.checkpoint import load_checkpoint
from ...shared.errors import PipelineError
from ...shared.files import sha256, write_card, write_json, written_whole
from ...shared.onnx_graph import Graph, linear_layers, require_close, session
from ...shared.paths import Paths
from .. import front_end
from ..spectra.descriptors import KNOBS, LATENTS, NAMED
from ..timbres import CORE, TIMBRES
from . import material
from .anchors import Anchors
from .config import FramesConfig
from .evaluate import report_path
from .model import Model, checkpoint_path
from .net import KNOB_LIMIT

VERSION = "1"
LARGEST_DIFFERENCE = 1e-4
"""Between torch and onnxruntime, in the networks' units."""
LARGEST_ROUNDING = 4e-3
"""The same with weights in 16 bits: 0.08 dB."""


def export(paths: Paths, small: bool) -> None:
    """Writes encoder.onnx, decoder.onnx, anchors.json and card.json."""
    model = Model.load(paths, small)
    if not report_path(paths).exists():
        raise PipelineError("there are no figures for the card yet: run the evaluate step first")
    folder = paths.out / "timbre"
    folder.mkdir(parents=True, exist_ok=True)
    learnt = material.groups(paths, "train", small)
    anchors = Anchors.of(model, learnt)
    shapes = learnt["notes"].shapes()[:: max(1, len(learnt["notes"]) // 64)]
    # Once without rounding, for nothing but rounding to be between the trained network and the file.
    check(model, shapes, build(model, np.float32), LARGEST_DIFFERENCE)
    networks = build(model)
    check(model, shapes, networks, LARGEST_ROUNDING)
    for name, network in networks.items():
        with written_whole(folder / f"{name}.onnx") as unfinished:
            onnx.save(network, str(unfinished))
    matrix, offset = anchors.projection()
    write_json(folder / "anchors.json", _named_timbres(anchors, matrix, offset))
    files = {"encoder": "encoder.onnx", "decoder": "decoder.onnx", "anchors": "anchors.json"}
    card = write_card(folder, _card(paths, small, anchors, matrix, offset, learnt), files)
    for name, file in files.items():
        print(f"{name}: {sha256(folder / file)}")
    print(f"card: {card}")


def _numbers(values: np.ndarray, digits: int = 4) -> list[float]:
    return [round(float(value), digits) for value in values]


def build(model: Model, stored: type[np.floating] = np.float16) -> dict[str, onnx.ModelProto]:
    """The encoder and the decoder, with their weights stored as numbers of this kind. One row a run."""
    return {"encoder": _encoder(model, stored), "decoder": _decoder(model, stored)}


def _encoder(model: Model, stored: type[np.floating]) -> onnx.ModelProto:
    layers, graph = linear_layers(model.encoder.layers), Graph()
    # The plugin takes the mean of the code only.
    weight, bias = layers[-1]
    layers[-1] = weight[:LATENTS], bias[:LATENTS]
    graph.dense(layers, "mel", "mu", stored)
    return graph.network("encoder", {"mel": [1, front_end.BANDS]}, {"mu": [1, LATENTS]})


def _decoder(model: Model, stored: type[np.floating]) -> onnx.ModelProto:
    # The cosines become part of the last layer, and so does what the contrasts are in the middle.
    layers, basis, reach = (
        linear_layers(model.decoder.layers),
        model.decoder.basis.numpy().T,
        model.decoder.reach.numpy(),
    )
    weight, bias = layers[-1]
    layers[-1] = basis @ weight, basis @ bias + model.decoder.offset.numpy()
    # The contrasts follow the first four of the whole code, and end in bands as well.
    following = linear_layers(model.decoder.following)
    weight, bias = following[0]
    following[0] = np.pad(weight, ((0, 0), (0, LATENTS - NAMED))), bias
    weight, bias = following[-1]
    following[-1] = reach.T @ weight, reach.T @ bias

    graph = Graph()
    drawn = graph.dense(layers, "z", "drawn", stored)
    followed = graph.dense(following, "z", "followed", stored)
    select = graph.constant(np.eye(LATENTS, dtype=np.float32)[:, NAMED:] / KNOB_LIMIT, "select")
    limited = graph.constant(KNOB_LIMIT * reach, "reach")
    contrasts = graph.add("MatMul", "z", select, output="contrasts")
    saturated = graph.add("Tanh", contrasts, output="saturated")
    turned = graph.add("MatMul", saturated, limited, output="turned")
    moved = graph.add("Add", turned, followed, output="moved")
    graph.add("Add", drawn, moved, output="mel")
    return graph.network("decoder", {"z": [1, LATENTS]}, {"mel": [1, front_end.BANDS]})


def check(model: Model, shapes: np.ndarray, networks: dict[str, onnx.ModelProto], most: float) -> None:
    """Raises PipelineError unless what is written answers as what was trained; `shapes` [n, 128] as the encoder takes them."""
    encoder, decoder = (session(networks[name]) for name in ("encoder", "decoder"))
    code = np.concatenate([encoder.run(None, {"mel": row[None]})[0] for row in shapes])
    drawn = np.concatenate([decoder.run(None, {"z": row[None]})[0] for row in code])
    with torch.no_grad():
        expected = model.encoder(torch.from_numpy(shapes))[0].numpy()
        redrawn = model.decoder(torch.from_numpy(code)).numpy()
    require_close("encoder.onnx", code, expected, most)
    require_close("decoder.onnx", drawn, redrawn, most)


def _named_timbres(anchors: Anchors, matrix: np.ndarray, offset: np.ndarray) -> dict:
    entries = []
    for timbre, mean, std, frames in zip(TIMBRES, anchors.means, anchors.stds, anchors.frames, strict=True):
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


def _card(paths: Paths, small: bool, anchors: Anchors, matrix: np.ndarray, offset: np.ndarray, learnt: dict) -> dict:
    state = load_checkpoint(checkpoint_path(paths))
    if state is None:
        raise PipelineError("there is no trained timbre model: run the train step first")
    sources = {
        split: {package.name: package.licence for role in roles for package in material.packages(role, split, small)}
        for split, roles in material.SOURCES.items()
    }

    def shape(name: str, size: int) -> dict[str, Any]:
        return {"name": name, "shape": [1, size]}

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
                "measure_std": round(float(state["descriptor_std"][index]), 4),
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
            "frames_a_step": FramesConfig.read(small).training.frames_a_step,
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
    "Knobs do to a steady sound what they say (metrics, knobs, in the sound); frames of a moving one stray from that, since steering is as slow as Smoothing.",
    "Noise can't fill gaps that hold nothing: on part of its way its own descriptor may fall a little in one frame of thirty.",
    "Named timbres are those of General MIDI soundfonts, voices too; real singers were not to be had.",
]
