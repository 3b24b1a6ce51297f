"""Writes the model of notes as ONNX: an encoder of a note, and a decoder that goes on by one hop a run and carries its memory."""

from pathlib import Path

import numpy as np
import onnx
import torch

from ...shared.files import read_json, write_card, write_json, written_whole
from ...shared.onnx_graph import Graph, described_ends, linear_layers, require_close, session
from ...shared.paths import Paths
from .. import front_end
from ..timbres import TIMBRES
from . import harmonics, movement, players
from .evaluate import report_path
from .judged import ways_path
from .material import Notes
from .model import load_player
from .net import HIGHEST, LOOKS, LOUDEST, LOWEST, MIDDLE_PITCH, PITCH_UNIT, Player, traces

LARGEST_DIFFERENCE_DB = 0.2
"""Between torch and onnxruntime with weights in 16 bits."""
LARGEST_DIFFERENCE_OF_A_CODE = 0.02
"""The same, of the code's greatest number, or of 1."""


def folder(paths: Paths) -> Path:
    """Where they lie until the plugin reads them: not among the models that ship."""
    return paths.work / "candidate"


def export(paths: Paths, small: bool) -> None:
    """Writes note_encoder.onnx, note_decoder.onnx, players.json and card.json."""
    model, indices = load_player(paths, small)
    out = folder(paths)
    out.mkdir(parents=True, exist_ok=True)
    networks = build(model)
    check(model, networks)
    for name, network in networks.items():
        with written_whole(out / f"{name}.onnx") as unfinished:
            onnx.save(network, str(unfinished))
    notes, ways = Notes.load(paths, "train", small), read_json(ways_path(paths)) or {}
    entries = []
    for timbre in TIMBRES:
        chosen = players.player(indices, timbre)
        if chosen is None:
            continue
        moves = movement.fit(model, indices, notes, chosen)
        entries.append(
            {
                "name": timbre.name,
                "id": timbre.id,
                "way": ways.get(timbre.name),
                "code": np.round(model.own[indices[chosen]].tolist(), 5).tolist(),
                "offset_db": np.round(moves.offset, 2).tolist(),
                "movement": {
                    "directions_db": np.round(moves.directions, 2).tolist(),
                    "feedback": np.round(moves.feedback, 4).tolist(),
                    "drive": np.round(moves.drive, 4).tolist(),
                },
            }
        )
    write_json(out / "players.json", {"schema": 2, "players": entries})
    card = {
        "schema": 2,
        "kind": "timbre",
        "name": "Moodring notes" + (" (small run)" if small else ""),
        "note_encoder": described_ends(networks["note_encoder"]),
        "note_decoder": described_ends(networks["note_decoder"]),
        "frames": {
            "sample_rate": front_end.SAMPLE_RATE,
            "hop": front_end.HOP,
            "window": harmonics.WINDOW,
            "level_window": harmonics.LEVEL_WINDOW,
            "harmonics": harmonics.HARMONICS,
            "noise_edges_hz": [round(float(edge), 3) for edge in harmonics.NOISE_EDGES_HZ],
            "looks_at_hops": [int(harmonics.TIMES[look]) for look in LOOKS],
        },
        "movement": {"step_hops": harmonics.LATER_STEP, "full_after_hops": harmonics.FIRST_HOPS},
        "memories_s": list(model.network.memories_s),
        "metrics": read_json(report_path(paths)),
        "limits": [
            "Single lines: what is drawn of a chord is the sum of what is drawn of its notes, which has not been tried.",
            "way: from recorded notes, by a listener that nobody here trained; null where no recording of the target was at hand.",
        ],
    }
    files = {name: f"{name}.onnx" for name in networks} | {"players": "players.json"}
    path = write_card(out, card, files)
    print(f"card: {path}")


def build(model: Player) -> dict[str, onnx.ModelProto]:
    """The encoder of a note, and the decoder. One row a run."""
    return {"note_encoder": _encoder(model), "note_decoder": _decoder(model)}


def _row(value: np.ndarray | float) -> np.ndarray:
    return np.atleast_2d(np.asarray(value, np.float32))


def _place(graph: Graph) -> str:
    """The pitch around the middle of the keyboard."""
    middle = graph.constant(_row(MIDDLE_PITCH), "middle_pitch")
    away = graph.add("Sub", "pitch", middle, output="from_middle")
    return graph.add("Div", away, graph.constant(_row(PITCH_UNIT), "pitch_unit"), output="place")


def _encoder(model: Player) -> onnx.ModelProto:
    """`looks` [1, 6 x 101]: what is drawn of a note at `looks_at_hops`, in dB, frame after frame; `pitch` [1, 1]: MIDI."""
    graph, code = Graph(), model.network.code
    mean, std = (np.tile(value.numpy(), len(LOOKS)) for value in (model.mean, model.std))
    centred = graph.add("Sub", "looks", graph.constant(_row(mean), "looks_mean"), output="looks_centred")
    scaled = graph.add("Div", centred, graph.constant(_row(std), "looks_std"), output="looks_scaled")
    told = graph.add("Concat", scaled, _place(graph), output="told", axis=1)
    layers = linear_layers(model.encoder)
    # The mean of the code only.
    weight, bias = layers[-1]
    layers[-1] = weight[:code], bias[:code]
    graph.dense(layers, told, "code")
    return graph.network("note_encoder", {"looks": [1, len(mean)], "pitch": [1, 1]}, {"code": [1, code]})


def _decoder(model: Player) -> onnx.ModelProto:
    """One hop. `onset` [1, 1]: 1 in the first hop of a note, 0 after; `memory` is handed back in the next hop.

    The memory is a bank of one-pole integrators that an onset fills and time empties, so that it can be reset, and run
    from any hop on, without hearing what was before.
    """
    graph, network = Graph(), model.network
    size = len(network.memories_s)
    fading = np.exp(-front_end.HOP / front_end.SAMPLE_RATE / np.array(network.memories_s))
    goes_on = graph.add("Sub", graph.constant(_row(1.0), "one"), "onset", output="goes_on")
    faded = graph.add("Mul", "memory", graph.constant(_row(fading), "fading"), output="faded")
    kept = graph.add("Mul", faded, goes_on, output="kept")
    graph.add("Add", kept, "onset", output="memory_after")
    place = _place(graph)
    parts = [place, graph.add("Mul", place, place, output="place_squared")]
    for turns in (3.0, 6.0):
        number = graph.constant(_row(turns), f"turns{turns:.0f}")
        turned = graph.add("Mul", place, number, output=f"turned{turns:.0f}")
        parts += [graph.add(wave, turned, output=f"{wave.lower()}{turns:.0f}") for wave in ("Sin", "Cos")]
    graph.add("Div", "velocity", graph.constant(_row(LOUDEST), "loudest"), output="loud")
    told = graph.add("Concat", "code", *parts, "memory_after", "loud", output="told", axis=1)
    scaled = graph.dense(linear_layers(model.decoder), told, "scaled")
    spread = graph.add("Mul", scaled, graph.constant(_row(model.std.numpy()), "std"), output="spread")
    free = graph.add("Add", spread, graph.constant(_row(model.mean.numpy()), "mean"), output="free")
    floored = graph.add("Max", free, graph.constant(_row(LOWEST), "lowest"), output="floored")
    graph.add("Min", floored, graph.constant(_row(HIGHEST), "highest"), output="drawn")
    inputs = {"code": [1, network.code], "pitch": [1, 1], "velocity": [1, 1], "onset": [1, 1], "memory": [1, size]}
    outputs = {"drawn": [1, harmonics.OUTPUTS], "memory_after": [1, size]}
    return graph.network("note_decoder", inputs, outputs)


def check(model: Player, networks: dict[str, onnx.ModelProto]) -> None:
    """Raises PipelineError unless what is written answers, hop after hop, as what was trained."""
    encoder, decoder = (session(networks[name]) for name in ("note_encoder", "note_decoder"))
    rng, network, worst = np.random.default_rng(3), model.network, 0.0
    looks = rng.uniform(-60, 0, (1, len(harmonics.TIMES), harmonics.OUTPUTS)).astype(np.float32)
    pitch, velocity = (np.array([[value]], np.float32) for value in (57.0, 90.0))
    code = encoder.run(None, {"looks": looks[:, LOOKS].reshape(1, -1), "pitch": pitch})[0]
    with torch.no_grad():
        expected = model.encode(torch.from_numpy(looks), torch.from_numpy(pitch[0]))[0].numpy()
    scale = max(1.0, float(np.abs(expected).max()))
    worst_code = require_close("note_encoder.onnx", code / scale, expected / scale, LARGEST_DIFFERENCE_OF_A_CODE)
    memory = rng.uniform(0, 1, (1, len(network.memories_s))).astype(np.float32)
    for hop in range(40):
        told = {"code": code, "pitch": pitch, "velocity": velocity, "memory": memory}
        drawn, memory = decoder.run(None, told | {"onset": np.array([[float(hop == 0)]], np.float32)})
        with torch.no_grad():
            trace = traces(torch.tensor([float(hop)]), network)
            given = (torch.from_numpy(value) for value in (code, pitch[0]))
            meant = model.decode(*given, trace, torch.from_numpy(velocity[0])).numpy()
        meant = np.clip(meant, LOWEST, HIGHEST)
        worst = max(worst, require_close("note_decoder.onnx", drawn, meant, LARGEST_DIFFERENCE_DB))
    print(f"exported in 16 bits: at most {worst:.3f} dB and {worst_code:.4f} of a code from what was trained")
