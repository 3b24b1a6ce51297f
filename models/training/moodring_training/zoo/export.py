"""Writes a network of the zoo: the ONNX file, its card, and what an independent runtime says of real sound."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import soundfile
import torch
from onnx import numpy_helper
from scipy.signal import lfilter

from ..shared import audio
from ..shared.files import write_card, written_whole
from ..shared.onnx_graph import Graph, require_close, session, without_tiny_weights
from ..tagger import front_end
from ..tagger.measures import sigmoid
from .material import EXCERPTS
from .networks import Ear, Network
from .train import Trained

VERSION = "1"
DC_CORNER = 4.0
"""Of the filter that keeps direct current from every tagger, in Hz: `src/dsp/dc.rs`."""
LARGEST_DIFFERENCE = 2e-3
"""Between a file's logits and those of what was trained."""
LARGEST_BY_ROUNDING = 0.05
"""The same where the file has its weights in 16 bits."""
OPSET = 13
EXCERPT = EXCERPTS / "war_of_freedom.ogg"
SOUND, SOUND_START_S, SOUND_S = "sound.flac", 10.0, 17.0
"""What the references were made of, over and over, beside the networks' folders; where in the excerpt it begins, which is no silence, and its
length in seconds."""


def write_sound(zoo: Path) -> np.ndarray:
    """Writes the sound of the references, of music that ships, into the zoo's folder: mono in 16 bits; gives it in float32, full scale 1."""
    whole = (np.clip(audio.decode(EXCERPT, front_end.RATE, SOUND_START_S, SOUND_S), -1, 1) * 32_767).astype(np.int16)
    with written_whole(zoo / SOUND) as unfinished:
        soundfile.write(unfinished, whole, front_end.RATE, subtype="PCM_16", format="FLAC")
    return whole.astype(np.float32) / 32_768


def export(network: Network, trained: Trained, folder: Path, told: dict[str, Any], whole: np.ndarray) -> None:
    """Writes `tagger/model.onnx`, `tagger/card.json` and `reference/` into `folder`.

    `told` is what the card says of tags and weights, `whole` what `write_sound` gave. A student's matrices and kernels are stored in 16 bits; published
    weights stay as they are.

    # Errors
    Raises PipelineError if the file doesn't say what the network says.
    """
    student = told["weights"] == "student"
    model = build(network, trained, student)
    tagger = folder / "tagger"
    with written_whole(tagger / "model.onnx") as unfinished:
        onnx.save(model, str(unfinished))
    running = session(tagger / "model.onnx")
    sound = np.resize(whole, _samples(network.ear))
    given = ((_features(network.ear, sound) - trained.mean) / trained.deviation).astype(np.float32)
    logits, embedding = running.run(None, {network.ear.name: given})
    with torch.no_grad():
        wanted = trained.net(torch.from_numpy(given))
    for name, found, expected in (("logits", logits, wanted[0]), ("embedding", embedding, wanted[1])):
        most = LARGEST_BY_ROUNDING if student else LARGEST_DIFFERENCE
        worst = require_close(f"{network.name}: {name}", found, expected.numpy(), most)
        print(f"{network.name}: {name} of the file and of what was trained differ by {worst:.2g} at most")
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
    read = _read(network.ear, trained, running, sound)
    references = {"probabilities": sigmoid(logits[0]), "embedding": embedding[0], "read": read}
    for name, array in references.items():
        with written_whole(folder / "reference" / f"{name}.f32") as unfinished:
            unfinished.write_bytes(np.ascontiguousarray(array, "<f4").tobytes())


def build(network: Network, trained: Trained, in_16_bits: bool = True) -> onnx.ModelProto:
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
    if in_16_bits:
        graph = Graph()
        graph.include(model.graph)
        del model.graph.initializer[:], model.graph.node[:]
        model.graph.initializer.extend(graph.weights)
        model.graph.node.extend(graph.nodes)
    onnx.checker.check_model(model)
    return model


def _front_end(ear: Ear) -> dict[str, Any]:
    if not ear.bands:
        return {"kind": "waveform", "sample_rate": front_end.RATE, "channels": "mono mean", "samples": ear.frames}
    return {"kind": "log-mel", **front_end.described(ear.bands, ear.frames)}


def _read(ear: Ear, trained: Trained, running: onnxruntime.InferenceSession, sound: np.ndarray) -> np.ndarray:
    """What a host reads of an instance of the plugin at the sound's end, at the least setting of Averaging: the mean over the answers of the last
    second, to sound whose direct current is blocked."""
    r = math.exp(-2 * math.pi * DC_CORNER / front_end.RATE)
    blocked = lfilter([1, -1], [1, -r], sound.astype(np.float64) - sound[0]).astype(np.float32)
    step = round(_pace(ear) * front_end.RATE)
    answers = []
    for ago in range(0, front_end.RATE, step):
        given = (_features(ear, blocked[: len(blocked) - ago]) - trained.mean) / trained.deviation
        answers.append(sigmoid(running.run(["logits"], {ear.name: given.astype(np.float32)})[0][0]))
    return np.mean(answers, axis=0)


def _pace(ear: Ear) -> float:
    """Seconds from one answer to the next, as the plugin has it where a card doesn't say it."""
    return max(1, math.ceil(ear.seconds / 5)) / 2


def _samples(ear: Ear) -> int:
    """How much sound a reference hears: to the end of the second answer that hears as much as a network looks at."""
    pace = _pace(ear)
    # The first comes after half a second.
    return round((0.5 + (math.ceil((ear.seconds - 0.5) / pace) + 1) * pace) * front_end.RATE)


def _features(ear: Ear, sound: np.ndarray) -> np.ndarray:
    """The last that a stream of this sound has come to: no frame reaches beyond its end."""
    if not ear.bands:
        return sound[None, -ear.frames :]
    whole = (len(sound) - front_end.N_FFT // 2) // front_end.HOP + 1
    return front_end.mel_db(sound, ear.bands)[whole - ear.frames : whole].T[None, None]
