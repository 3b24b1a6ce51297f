"""Writes a network of the zoo: the ONNX file, its card, and what an independent runtime says of real sound."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from ..shared import audio
from ..shared.files import write_card, written_whole
from ..shared.onnx_graph import require_close, session, without_tiny_weights
from ..tagger import front_end
from ..tagger.measures import sigmoid
from .material import EXCERPTS
from .networks import Ear, Network
from .train import Trained

VERSION = "1"
LARGEST_DIFFERENCE = 2e-3
"""Between a file's logits and those of what was trained."""
OPSET = 13
EXCERPT = EXCERPTS / "war_of_freedom.ogg"


def export(network: Network, trained: Trained, folder: Path, told: dict[str, Any]) -> None:
    """Writes `tagger/model.onnx`, `tagger/card.json` and `reference/` into `folder`. `told` is what the card says of tags and weights.

    # Errors
    Raises PipelineError if the file doesn't say what the network says.
    """
    model = build(network, trained)
    tagger = folder / "tagger"
    with written_whole(tagger / "model.onnx") as unfinished:
        onnx.save(model, str(unfinished))
    running = session(tagger / "model.onnx")
    sound = _excerpt(network.ear)
    given = ((_features(network.ear, sound) - trained.mean) / trained.deviation).astype(np.float32)
    logits, embedding = running.run(None, {network.ear.name: given})
    with torch.no_grad():
        wanted = trained.net(torch.from_numpy(given))
    for name, found, expected in (("logits", logits, wanted[0]), ("embedding", embedding, wanted[1])):
        require_close(f"{network.name}: {name}", found, expected.numpy(), LARGEST_DIFFERENCE)
    card = {
        "schema": 2,
        "kind": "tagger",
        "name": f"{network.title} (zoo)",
        "version": VERSION,
        "paper": network.paper,
        "input": {"name": network.ear.name, "shape": network.ear.shape},
        "output": {"name": "logits", "shape": list(logits.shape), "activation": "sigmoid"},
        "embedding": {"name": "embedding", "shape": list(embedding.shape)},
        "frontend": _front_end(network.ear),
        "normalisation": {"kind": "fixed", "mean": trained.mean, "deviation": trained.deviation},
        **told,
    }
    print(f"wrote {write_card(tagger, card, {'model': 'model.onnx'})}")
    for name, array in (("sound", sound), ("probabilities", sigmoid(logits[0])), ("embedding", embedding[0])):
        with written_whole(folder / "reference" / f"{name}.f32") as unfinished:
            unfinished.write_bytes(np.ascontiguousarray(array, "<f4").tobytes())


def build(network: Network, trained: Trained) -> onnx.ModelProto:
    """The network as ONNX, as torch's exporter writes it, without sub-normal weights."""
    written = io.BytesIO()
    torch.onnx.export(
        trained.net,
        (torch.zeros(network.ear.shape),),
        written,
        input_names=[network.ear.name],
        output_names=["logits", "embedding"],
        opset_version=OPSET,
    )
    model = onnx.load_from_string(written.getvalue())
    for weight in model.graph.initializer:
        array = numpy_helper.to_array(weight)
        if array.dtype == np.float32:
            weight.CopyFrom(numpy_helper.from_array(without_tiny_weights(array), weight.name))
    onnx.checker.check_model(model)
    return model


def _front_end(ear: Ear) -> dict[str, Any]:
    if not ear.bands:
        return {"kind": "waveform", "sample_rate": front_end.RATE, "channels": "mono mean", "samples": ear.frames}
    return {"kind": "log-mel", **front_end.described(ear.bands, ear.frames)}


def _excerpt(ear: Ear) -> np.ndarray:
    """A second more than one answer looks at, of music that ships; over and over where it is too short."""
    samples = round((ear.seconds + 1) * front_end.RATE)
    return np.resize(audio.decode(EXCERPT, front_end.RATE), samples)


def _features(ear: Ear, sound: np.ndarray) -> np.ndarray:
    """The last that a stream of this sound has come to: no frame reaches beyond its end."""
    if not ear.bands:
        return sound[None, -ear.frames :]
    whole = (len(sound) - front_end.N_FFT // 2) // front_end.HOP + 1
    return front_end.mel_db(sound, ear.bands)[whole - ear.frames : whole].T[None, None]
