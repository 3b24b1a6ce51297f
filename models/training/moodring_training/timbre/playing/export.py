"""Writes the model of notes as ONNX: an encoder of a note, and a decoder that goes on by one hop a run and carries its memory."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from ... import common
from .. import front_end
from ..timbres import TIMBRES
from . import harmonics, movement, named
from .judging import ways_path
from .learn import load_player
from .measure import report_path
from .parallel import Notes
from .player import HIGHEST, LOOKS, LOUDEST, LOWEST, MIDDLE_PITCH, PITCH_UNIT, SLOPE, Player, traces

OPSET, IR_VERSION = 13, 8
LARGEST_DIFFERENCE_DB = 0.02
"""Between torch and onnxruntime."""


def folder(paths: common.Paths) -> Path:
    """Where they lie until the plugin reads them: not among the models that ship."""
    return paths.work / "candidate"


def export(paths: common.Paths, small: bool) -> None:
    """Writes note_encoder.onnx, note_decoder.onnx, players.json and card.json."""
    model, players = load_player(paths, small)
    out = folder(paths)
    out.mkdir(parents=True, exist_ok=True)
    networks = {"note_encoder": _encoder(model), "note_decoder": _decoder(model)}
    _check(model, networks)
    for name, network in networks.items():
        with common.written_whole(out / f"{name}.onnx") as unfinished:
            onnx.save(network, str(unfinished))
    notes, ways = Notes.load(paths, "train", small), common.read_json(ways_path(paths)) or {}
    entries = []
    for timbre in TIMBRES:
        chosen = named.player(players, timbre)
        if chosen is None:
            continue
        moves = movement.fit(model, players, notes, chosen)
        entries.append(
            {
                "name": timbre.name,
                "id": timbre.id,
                "way": ways.get(timbre.name),
                "code": np.round(model.own[players[chosen]].tolist(), 5).tolist(),
                "offset_db": np.round(moves.offset, 2).tolist(),
                "movement": {
                    "directions_db": np.round(moves.directions, 2).tolist(),
                    "feedback": np.round(moves.feedback, 4).tolist(),
                    "drive": np.round(moves.drive, 4).tolist(),
                },
            }
        )
    common.write_json(out / "players.json", {"schema": 2, "players": entries})
    card = {
        "schema": 2,
        "kind": "timbre",
        "name": "Moodring notes" + (" (small run)" if small else ""),
        "note_encoder": _described(model, networks["note_encoder"]),
        "note_decoder": _described(model, networks["note_decoder"]),
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
        "memories_s": list(model.settings.memories_s),
        "metrics": common.read_json(report_path(paths)),
        "limits": [
            "Single lines: what is drawn of a chord is the sum of what is drawn of its notes, which has not been tried.",
            "way: from recorded notes, by a listener that nobody here trained; null where no recording of the target was at hand.",
        ],
    }
    files = {name: f"{name}.onnx" for name in networks} | {"players": "players.json"}
    path = common.write_card(out, card, files)
    print(f"card: {path}")


def _chain(nodes: list, weights: list, layers: nn.Sequential, flowing: str, name_out: str) -> None:
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    for index, layer in enumerate(linear):
        last = index == len(linear) - 1
        short, wide, added = (f"{name_out}_{what}{index}" for what in ("short_weight", "weight", "bias"))
        weights.append(numpy_helper.from_array(layer.weight.detach().numpy().astype(np.float16), short))
        weights.append(numpy_helper.from_array(common.without_tiny_weights(layer.bias.detach().numpy()), added))
        nodes.append(helper.make_node("Cast", [short], [wide], name=wide, to=TensorProto.FLOAT))
        made = name_out if last else f"{name_out}_linear{index}"
        nodes.append(helper.make_node("Gemm", [flowing, wide, added], [made], name=made, transB=1))
        flowing = made
        if not last:
            flowing = f"{name_out}_rectified{index}"
            nodes.append(helper.make_node("LeakyRelu", [made], [flowing], name=flowing, alpha=SLOPE))


def _constant(weights: list, name: str, value: np.ndarray | float) -> str:
    weights.append(numpy_helper.from_array(np.atleast_2d(np.asarray(value, np.float32)), name))
    return name


def _network(name: str, nodes: list, weights: list, inputs: dict[str, int], outputs: dict[str, int]) -> onnx.ModelProto:
    """One row a run."""
    ends = [
        [helper.make_tensor_value_info(end, TensorProto.FLOAT, [1, size]) for end, size in side.items()]
        for side in (inputs, outputs)
    ]
    graph = helper.make_graph(nodes, name, *ends, weights)
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="moodring")
    network.ir_version = IR_VERSION
    onnx.checker.check_model(network)
    return network


def _node(nodes: list, kind: str, inputs: list[str], output: str, **options: object) -> str:
    nodes.append(helper.make_node(kind, inputs, [output], name=output, **options))
    return output


def _place(nodes: list, weights: list) -> str:
    """The pitch around the middle of the keyboard."""
    _node(nodes, "Sub", ["pitch", _constant(weights, "middle_pitch", MIDDLE_PITCH)], "from_middle")
    return _node(nodes, "Div", ["from_middle", _constant(weights, "pitch_unit", PITCH_UNIT)], "place")


def _encoder(model: Player) -> onnx.ModelProto:
    """`looks` [1, 6 x 101]: what is drawn of a note at `looks_at_hops`, in dB, frame after frame; `pitch` [1, 1]: MIDI."""
    nodes, weights = [], []
    mean, std = (np.tile(value.numpy(), len(LOOKS)) for value in (model.mean, model.std))
    _node(nodes, "Sub", ["looks", _constant(weights, "looks_mean", mean)], "looks_centred")
    _node(nodes, "Div", ["looks_centred", _constant(weights, "looks_std", std)], "looks_scaled")
    _node(nodes, "Concat", ["looks_scaled", _place(nodes, weights)], "told", axis=1)
    layers = nn.Sequential(*list(model.encoder)[:-1], nn.Linear(model.encoder[-1].in_features, model.settings.code))
    with torch.no_grad():
        # The mean of the code only.
        layers[-1].weight.copy_(model.encoder[-1].weight[: model.settings.code])
        layers[-1].bias.copy_(model.encoder[-1].bias[: model.settings.code])
    _chain(nodes, weights, layers, "told", "code")
    return _network("note_encoder", nodes, weights, {"looks": len(mean), "pitch": 1}, {"code": model.settings.code})


def _decoder(model: Player) -> onnx.ModelProto:
    """One hop. `onset` [1, 1]: 1 in the first hop of a note, 0 after; `memory` is handed back in the next hop.

    The memory is a bank of one-pole integrators that an onset fills and time empties, so that it can be reset, and run
    from any hop on, without hearing what was before.
    """
    nodes, weights = [], []
    size, outputs = len(model.settings.memories_s), harmonics.OUTPUTS
    fading = np.exp(-front_end.HOP / front_end.SAMPLE_RATE / np.array(model.settings.memories_s))
    one = _constant(weights, "one", 1.0)
    _node(nodes, "Sub", [one, "onset"], "goes_on")
    _node(nodes, "Mul", ["memory", _constant(weights, "fading", fading)], "faded")
    _node(nodes, "Mul", ["faded", "goes_on"], "kept")
    _node(nodes, "Add", ["kept", "onset"], "memory_after")
    place = _place(nodes, weights)
    parts = [place, _node(nodes, "Mul", [place, place], "place_squared")]
    for turns in (3.0, 6.0):
        turned = _node(nodes, "Mul", [place, _constant(weights, f"turns{turns:.0f}", turns)], f"turned{turns:.0f}")
        parts += [_node(nodes, wave, [turned], f"{wave.lower()}{turns:.0f}") for wave in ("Sin", "Cos")]
    _node(nodes, "Div", ["velocity", _constant(weights, "loudest", LOUDEST)], "loud")
    _node(nodes, "Concat", ["code", *parts, "memory_after", "loud"], "told", axis=1)
    _chain(nodes, weights, model.decoder, "told", "scaled")
    _node(nodes, "Mul", ["scaled", _constant(weights, "std", model.std.numpy())], "spread")
    _node(nodes, "Add", ["spread", _constant(weights, "mean", model.mean.numpy())], "free")
    _node(nodes, "Max", ["free", _constant(weights, "lowest", LOWEST)], "floored")
    _node(nodes, "Min", ["floored", _constant(weights, "highest", HIGHEST)], "drawn")
    inputs = {"code": model.settings.code, "pitch": 1, "velocity": 1, "onset": 1, "memory": size}
    return _network("note_decoder", nodes, weights, inputs, {"drawn": outputs, "memory_after": size})


def _check(model: Player, networks: dict[str, onnx.ModelProto]) -> None:
    """What is written must answer, hop after hop, as what was trained."""
    encoder, decoder = (
        onnxruntime.InferenceSession(network.SerializeToString(), providers=["CPUExecutionProvider"]) for network in networks.values()
    )
    rng, settings, worst = np.random.default_rng(3), model.settings, 0.0
    looks = rng.uniform(-60, 0, (1, len(harmonics.TIMES), harmonics.OUTPUTS)).astype(np.float32)
    pitch, velocity = (np.array([[value]], np.float32) for value in (57.0, 90.0))
    code = encoder.run(None, {"looks": looks[:, LOOKS].reshape(1, -1), "pitch": pitch})[0]
    with torch.no_grad():
        expected = model.encode(torch.from_numpy(looks), torch.from_numpy(pitch[0]))[0].numpy()
    worst_code = float(np.abs(code - expected).max() / max(1.0, np.abs(expected).max()))
    memory = rng.uniform(0, 1, (1, len(settings.memories_s))).astype(np.float32)
    for hop in range(40):
        told = {"code": code, "pitch": pitch, "velocity": velocity, "memory": memory}
        drawn, memory = decoder.run(None, told | {"onset": np.array([[float(hop == 0)]], np.float32)})
        with torch.no_grad():
            trace = traces(torch.tensor([float(hop)]), settings)
            meant = model.decode(*(torch.from_numpy(value) for value in (code, pitch[0])), trace, torch.from_numpy(velocity[0]))
        worst = max(worst, float(np.abs(drawn - np.clip(meant.numpy(), LOWEST, HIGHEST)).max()))
    print(f"exported in 16 bits: at most {worst:.3f} dB and {worst_code:.4f} of a code from what was trained")
    if worst > 10 * LARGEST_DIFFERENCE_DB or worst_code > LARGEST_DIFFERENCE_DB:
        raise common.PipelineError(f"the exported model of notes differs from the trained one by {worst:.2g} dB, {worst_code:.2g} of a code")


def _described(model: Player, network: onnx.ModelProto) -> dict:
    ends = lambda side: [{"name": end.name, "shape": [dimension.dim_value for dimension in end.type.tensor_type.shape.dim]} for end in side]
    return {"inputs": ends(network.graph.input), "outputs": ends(network.graph.output)}
