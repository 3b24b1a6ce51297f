"""The head and mn04 as one network with fixed shapes, and the card that says what it must be given."""

from pathlib import Path

import numpy as np
import onnx

from ...shared.files import read_json, write_card, written_whole
from ...shared.onnx_graph import Graph, require_close, session
from ...shared.paths import Paths
from ..labels import songs
from ..labels.audioset import LABELS, PARENTS, WIDE, WIDE_NAMES
from ..listeners import hearing, mn04
from ..measures import sigmoid
from ..strided.net import QUIET_SLOPE
from .net import Head, file_of, inputs_of, load

LARGEST_DIFFERENCE = 0.002
"""Of a probability, between the file and mn04 with the head behind it."""
QUIET_DB = -72.0
"""Chunks whose loudest band is below this lose confidence, as strided.net.QUIET_DB has it in its own levels: the same
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
    proto, graph = onnx.load(str(network)), Graph()
    loudest = graph.add("ReduceMax", "mel_db", axes=[1, 2, 3], keepdims=1)
    raised = graph.add("Add", graph.add("Sub", "mel_db", loudest), graph.constant(mn04.LOUDEST_DB))
    power = graph.add("Exp", graph.add("Mul", raised, graph.constant(np.log(10) / 10)))
    logarithm = graph.add("Log", graph.add("Add", power, graph.constant(mn04.EPSILON)))
    shifted = graph.add("Add", logarithm, graph.constant(mn04.SHIFT))
    graph.add("Mul", shifted, graph.constant(1 / mn04.SPREAD), output="mel")
    graph.include(proto.graph)
    kernel, bias = head.weights * head.slopes, head.bias * head.slopes + head.offsets
    heard = graph.add("Concat", "embedding", "logits", axis=1)
    turned = graph.add("MatMul", heard, graph.constant(kernel, "head"))
    calibrated = graph.add("Add", turned, graph.constant(bias[None], "head_bias"))
    loudness = graph.add("Reshape", loudest, graph.integers([1, 1]))
    shortfall = graph.add("Relu", graph.add("Sub", graph.constant(QUIET_DB), loudness))
    doubt = graph.add("Mul", shortfall, graph.constant(QUIET_SLOPE))
    graph.add("Sigmoid", graph.add("Sub", calibrated, doubt), output="probs")
    inputs, outputs = {"mel_db": [1, 1, mn04.BANDS, mn04.FRAMES]}, {"probs": [1, len(WIDE)]}
    return graph.network("moodring_tagger_on_mn04", inputs, outputs, opset=proto.opset_import[0].version)


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
    """Raises PipelineError unless the file says what mn04 and the head say one after the other, for loud and for soft sound."""
    random = np.random.default_rng(3)
    running = session(path)
    for loudest in (20.0, -30.0, -80.0):
        levels = random.normal(loudest - 40, 12, (1, mn04.FRAMES, mn04.BANDS)).astype(np.float32)
        logits, embedding = listener(levels)
        doubt = max(0.0, QUIET_DB - float(levels.max())) * QUIET_SLOPE
        expected = sigmoid(head.logits(inputs_of(embedding, logits)) - doubt)
        found = running.run(None, {"mel_db": levels.transpose(0, 2, 1)[:, None]})[0]
        require_close(path.name, found, expected, LARGEST_DIFFERENCE)


def export(paths: Paths) -> None:
    """Writes `candidate/model.onnx` and `candidate/card.json` beside the features; nothing before a head was trained."""
    head = load(paths)
    if head is None:
        return
    folder = paths.work / "candidate"
    with written_whole(folder / "model.onnx") as unfinished:
        onnx.save(build(paths.listener / "mn04_as.onnx", head), unfinished)
    check(folder / "model.onnx", head, mn04.Listener(paths.listener))
    listed = [song for song in songs.of_manifest(paths.music) if song.part == "teach" and not song.low]
    heard = [said for _, said in hearing.prepare(paths, listed)]
    inputs = np.concatenate([inputs_of(said.place_embeddings, said.place_logits) for said in heard])
    lesson = read_json(file_of(paths).with_suffix(".json")) or {}
    evaluated = read_json(paths.work / "tagger" / "real_sound.json") or {}
    written = write_card(folder, card(head, inputs, lesson, evaluated), {"model": "model.onnx"})
    print(f"wrote {written}, a candidate: the plugin can't compute its front-end yet")
