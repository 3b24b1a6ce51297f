"""The head and mn04 as one network with fixed shapes, and the card that says what it must be given."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .. import common
from . import hearing, mn04, songs
from .audioset import LABELS, PARENTS, WIDE, WIDE_NAMES
from .exporting import session
from .head import Head, file_of, inputs_of, load
from .net import QUIET_SLOPE

QUIET_DB = -72.0
"""Chunks whose loudest band is below this lose confidence, as net.QUIET_DB has it in the strided network's levels: the same
sound's loudest band is 12 dB lower here."""

CIRCUMPLEX: dict[str, tuple[float, float]] = {
    "angry": (-0.7, 0.8),
    "beautiful": (0.5, -0.2),
    "emotional": (-0.3, -0.1),
    "energetic": (0.4, 0.9),
    "exciting": (0.6, 0.8),
    "funny": (0.7, 0.4),
    "happy": (0.9, 0.4),
    "mellow": (0.3, -0.7),
    "party": (0.7, 0.7),
    "quiet": (0.0, -0.8),
    "relaxing": (0.5, -0.8),
    "sad": (-0.8, -0.5),
    "scary": (-0.8, 0.5),
    "soft": (0.2, -0.7),
    "tender": (0.4, -0.6),
}
"""Valence and arousal of a mood, -1 to 1, after Russell's circumplex (1980)."""


def circumplex(head: Head, inputs: np.ndarray) -> dict[str, dict[str, object]]:
    """Valence and arousal as weighted sums of the moods' calibrated logits, in deviations over music `[n, inputs]`."""
    logits = head.logits(inputs)
    spread = np.maximum(logits.std(axis=0), 1e-6)
    found = {}
    for axis, name in enumerate(("valence", "arousal")):
        columns = [WIDE_NAMES.index(tag) for tag in CIRCUMPLEX]
        pull = np.array([place[axis] for place in CIRCUMPLEX.values()]) / spread[columns]
        value = logits[:, columns] @ pull
        found[name] = {
            "weights": {tag: round(float(one / value.std()), 5) for tag, one in zip(CIRCUMPLEX, pull, strict=True)},
            "offset": round(float(-value.mean() / value.std()), 5),
        }
    return found


def build(network: Path, head: Head) -> onnx.ModelProto:
    """mn04's graph with its input made of levels in dB, and the calibrated head behind it."""
    proto = onnx.load(str(network))
    graph = proto.graph
    weights: list[onnx.TensorProto] = []

    def constant(name: str, value: object) -> str:
        array = common.without_tiny_weights(np.asarray(value, np.float32))
        weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    before = [
        helper.make_node("ReduceMax", ["mel_db"], ["loudest"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Sub", ["mel_db", "loudest"], ["below"]),
        helper.make_node("Add", ["below", constant("loudest_db", mn04.LOUDEST_DB)], ["raised"]),
        helper.make_node("Mul", ["raised", constant("to_nepers", np.log(10) / 10)], ["nepers"]),
        helper.make_node("Exp", ["nepers"], ["power"]),
        helper.make_node("Add", ["power", constant("epsilon", mn04.EPSILON)], ["above_epsilon"]),
        helper.make_node("Log", ["above_epsilon"], ["logarithm"]),
        helper.make_node("Add", ["logarithm", constant("shift", mn04.SHIFT)], ["shifted"]),
        helper.make_node("Mul", ["shifted", constant("spread", 1 / mn04.SPREAD)], ["mel"]),
    ]
    kernel, bias = head.weights * head.slopes, head.bias * head.slopes + head.offsets
    after = [
        helper.make_node("Concat", ["embedding", "logits"], ["heard"], axis=1),
        helper.make_node("MatMul", ["heard", constant("head", kernel)], ["turned"]),
        helper.make_node("Add", ["turned", constant("head_bias", bias[None])], ["calibrated"]),
        helper.make_node("Reshape", ["loudest", "flat"], ["loudness"]),
        helper.make_node("Sub", [constant("quiet_db", QUIET_DB), "loudness"], ["short"]),
        helper.make_node("Relu", ["short"], ["shortfall"]),
        helper.make_node("Mul", ["shortfall", constant("quiet_slope", QUIET_SLOPE)], ["doubt"]),
        helper.make_node("Sub", ["calibrated", "doubt"], ["gated"]),
        helper.make_node("Sigmoid", ["gated"], ["probs"]),
    ]
    weights.append(numpy_helper.from_array(np.array([1, 1], np.int64), "flat"))
    made = helper.make_graph(
        [*before, *graph.node, *after],
        "moodring_tagger_on_mn04",
        [helper.make_tensor_value_info("mel_db", TensorProto.FLOAT, [1, 1, mn04.BANDS, mn04.FRAMES])],
        [helper.make_tensor_value_info("probs", TensorProto.FLOAT, [1, len(WIDE)])],
        [*graph.initializer, *weights],
    )
    whole = helper.make_model(made, opset_imports=list(proto.opset_import), producer_name="moodring_training")
    whole.ir_version = proto.ir_version
    onnx.checker.check_model(whole, full_check=True)
    return whole


def card(head: Head, inputs: np.ndarray, lesson: dict[str, object], figures: dict[str, object]) -> dict[str, object]:
    """The card; `inputs` of teaching music set the scale of valence and arousal."""
    return {
        "kind": "tagger",
        "name": "Moodring tagger on mn04",
        "version": "candidate",
        "licence": "as Moodring's; mn04 is EfficientAT's (F. Schmid, K. Koutini, G. Widmer, ICASSP 2023), MIT; AudioSet's "
        "ontology is CC BY 4.0",
        "input": {"name": "mel_db", "shape": [1, 1, mn04.BANDS, mn04.FRAMES]},
        "output": {"name": "probs", "shape": [1, len(WIDE)]},
        "frontend": {
            "sample_rate": mn04.RATE,
            "channels": "mono mean",
            "dc": "to be blocked before",
            "preemphasis": mn04.PREEMPHASIS,
            "window": "hann symmetric, centred in the FFT's",
            "window_length": mn04.WINDOW,
            "n_fft": mn04.N_FFT,
            "hop": mn04.HOP,
            "padding": "reflect",
            "spectrum": "power",
            "bands": mn04.BANDS,
            "mel_scale": "1127*ln(1+f/700)",
            "mel_shape": "triangles of height 1, straight on the mel scale, edges equally spaced",
            "mel_norm": "none",
            "f_min": 0.0,
            "f_max": mn04.F_MAX,
            "scaling": "10*log10(max(x, floor))",
            "floor": mn04.FLOOR,
            "frames": mn04.FRAMES,
        },
        "tags": [
            {
                "name": tag.name,
                "kind": tag.kind,
                "parent": PARENTS.get(tag.name),
                "sources": [
                    *(tag.describe_sources() if tag.sources else []),
                    *(f"audioset:{label}" for label in LABELS.get(tag.name, ())),
                ],
                "calibration": {"slope": round(float(slope), 4), "offset": round(float(offset), 4)},
            }
            for tag, slope, offset in zip(WIDE, head.slopes, head.offsets, strict=True)
        ],
        "circumplex": {
            "formula": "offset + sum of weight * logit(prob); 0 is the teaching music's mean, 1 a deviation above it",
            **circumplex(head, inputs),
        },
        "calibration": "per tag, slope and offset; already in the network: what it gives is calibrated",
        "level": f"the chunk's loudest band is brought to {mn04.LOUDEST_DB:g} dB; where it is below {QUIET_DB:g} dB the "
        f"logits fall by {QUIET_SLOPE:g} per dB",
        "training": lesson,
        "metrics": figures,
    }


def check(path: Path, head: Head, listener: mn04.Listener) -> None:
    """Raises unless the file says what mn04 and the head say one after the other, for loud and for soft sound."""
    random = np.random.default_rng(3)
    running = session(path)
    for loudest in (20.0, -30.0, -80.0):
        levels = random.normal(loudest - 40, 12, (1, mn04.FRAMES, mn04.BANDS)).astype(np.float32)
        logits, embedding = listener(levels)
        doubt = max(0.0, QUIET_DB - float(levels.max())) * QUIET_SLOPE
        expected = 1 / (1 + np.exp(-(head.logits(inputs_of(embedding, logits)) - doubt)))
        found = running.run(None, {"mel_db": levels.transpose(0, 2, 1)[:, None]})[0]
        worst = float(np.abs(found - expected).max())
        if worst > 0.002:
            raise common.PipelineError(f"{path.name} is off by {worst:.4f} from mn04 with the head")


def export(paths: common.Paths) -> None:
    """Writes `candidate/model.onnx` and `candidate/card.json` beside the features; nothing before a head was trained."""
    head = load(paths)
    if head is None:
        return
    folder = paths.work / "candidate"
    with common.written_whole(folder / "model.onnx") as unfinished:
        onnx.save(build(paths.listener / "mn04_as.onnx", head), unfinished)
    check(folder / "model.onnx", head, mn04.Listener(paths.listener))
    listed = [song for song in songs.of_manifest(paths.music) if song.part == "teach" and not song.low]
    heard = [said for _, said in hearing.prepare(paths, listed)]
    inputs = np.concatenate([inputs_of(said.place_embeddings, said.place_logits) for said in heard])
    lesson = common.read_json(file_of(paths).with_suffix(".json")) or {}
    evaluated = common.read_json(paths.work / "tagger" / "real_sound.json") or {}
    written = common.write_card(folder, card(head, inputs, lesson, evaluated), {"model": "model.onnx"})
    print(f"wrote {written}, a candidate: the plugin can't compute its front-end yet")
