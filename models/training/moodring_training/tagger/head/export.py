"""The head and mn04 as one network with fixed shapes, and the card that says what it must be given."""

import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from ...shared.errors import PipelineError
from ...shared.files import read_json, write_card, written_whole
from ...shared.onnx_graph import Graph, require_close, session
from ...shared.paths import ROOT, Paths
from ..labels import songs
from ..labels.audioset import LABELS, PARENTS, WIDE, WIDE_NAMES
from ..labels.vocabulary import shown_kind
from ..listeners import hearing, mn04
from ..measures import sigmoid
from ..strided.net import QUIET_SLOPE
from .net import Head, file_of, inputs_of
from .quick import quickened

VERSION = "2"
LARGEST_DIFFERENCE = 0.02
"""Of a probability, between the file, whose weights are in 16 bits, and mn04 with the head behind it."""
NOTHING_SLOPE = 2.0
"""Logits lost per logit by which mn04 is surer of noise or a test tone than of music and voices; `export` prints how many chunks
of songs lose any."""
LICENCE = "LICENCE-mn04.md"
"""The file beside the model that has mn04's licence."""
QUIET_DB = -72.0
"""Chunks whose loudest band is below this lose confidence, as strided.net.QUIET_DB has it in its own levels: the same
sound's loudest band is 12 dB lower here."""

FOLDED, FOLDED_BIAS = "head", "head_bias"
"""What the head's weights, with mn04's last layer, are called in the file, and its bias; the first is stored in 16 bits."""

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
    """Valence and arousal as weighted sums of the moods' calibrated logits, in deviations over music `[n, inputs]`.

    The weights add up to 0: sound of which no mood is likely is not thereby unpleasant.
    """
    logits = head.logits(inputs)
    spread = np.maximum(logits.std(axis=0), 1e-6)
    found = {}
    for axis, name in enumerate(("valence", "arousal")):
        columns = [WIDE_NAMES.index(tag) for tag in CIRCUMPLEX]
        pull = np.array([place[axis] for place in CIRCUMPLEX.values()]) / spread[columns]
        pull -= pull.mean()
        value = logits[:, columns] @ pull
        found[name] = {
            "weights": {tag: round(float(one / value.std()), 5) for tag, one in zip(CIRCUMPLEX, pull, strict=True)},
            "offset": round(float(-value.mean() / value.std()), 5),
        }
    return found


def without_last_layer(graph: onnx.GraphProto) -> tuple[str, np.ndarray, np.ndarray]:
    """Takes the layer that makes the logits out of mn04's graph: the name of what it is given, its weights `[in, 527]`, its bias.

    The layer is linear, and so is the head behind it: the two are one, which saves a third of the weights.

    # Errors
    Raises PipelineError if it is no linear layer as torch writes one.
    """
    weights = {weight.name: weight for weight in graph.initializer}
    [last] = [node for node in graph.node if "logits" in node.output]
    turned = {attribute.name: attribute.i for attribute in last.attribute} == {"transB": 1}
    if last.op_type != "Gemm" or not turned or not all(name in weights for name in last.input[1:]):
        raise PipelineError(f"mn04's logits come from {last.op_type}, not from a linear layer")
    given, *names = last.input
    weight, bias = (numpy_helper.to_array(weights[name]).astype(np.float64) for name in names)
    graph.node.remove(last)
    for name in names:
        graph.initializer.remove(weights[name])
    return given, weight.T, bias


def not_music_and_music(folder: Path) -> list[list[int]]:
    """Where mn04's logits of NOTHING are, and those of SOMETHING; `folder` has its labels."""
    names = mn04.names_of(folder / mn04.LABEL_LIST)
    return [[names.index(name) for name in some] for some in (mn04.NOTHING, mn04.SOMETHING)]


def build(folder: Path, head: Head) -> onnx.ModelProto:
    """mn04's graph with its input made of levels in dB, and the calibrated head in place of its last layer.

    `folder` is mn04's, with its labels.
    """
    proto, graph = onnx.load(str(folder / mn04.NETWORK)), Graph()
    inner, onto_logits, middle = without_last_layer(proto.graph)
    loudest = graph.add("ReduceMax", "mel_db", axes=[1, 2, 3], keepdims=1)
    raised = graph.add("Add", graph.add("Sub", "mel_db", loudest), graph.constant(mn04.LOUDEST_DB))
    power = graph.add("Exp", graph.add("Mul", raised, graph.constant(np.log(10) / 10)))
    logarithm = graph.add("Log", graph.add("Add", power, graph.constant(mn04.EPSILON)))
    shifted = graph.add("Add", logarithm, graph.constant(mn04.SHIFT))
    graph.add("Mul", shifted, graph.constant(1 / mn04.SPREAD), output="mel")
    graph.include(quickened(proto, {"mel": [1, 1, mn04.BANDS, mn04.FRAMES]}).graph)
    kernel, bias = head.weights * head.slopes, head.bias * head.slopes + head.offsets
    of_embedding, of_logits = kernel[: mn04.EMBEDDING], kernel[mn04.EMBEDDING :]
    heard = graph.add("Concat", "embedding", inner, axis=1)
    folded = np.concatenate([of_embedding, onto_logits @ of_logits])
    turned = graph.add("MatMul", heard, graph.in_16_bits(folded, FOLDED))
    calibrated = graph.add("Add", turned, graph.constant((bias + middle @ of_logits)[None], FOLDED_BIAS))
    loudness = graph.add("Reshape", loudest, graph.integers([1, 1]))
    shortfall = graph.add("Relu", graph.add("Sub", graph.constant(QUIET_DB), loudness))
    too_quiet = graph.add("Mul", shortfall, graph.constant(QUIET_SLOPE))
    sides = []
    for columns in not_music_and_music(folder):
        said = graph.add("MatMul", inner, graph.constant(onto_logits[:, columns]))
        said = graph.add("Add", said, graph.constant(middle[columns][None]))
        sides.append(graph.add("ReduceMax", said, axes=[1], keepdims=1))
    nothing = graph.add("Relu", graph.add("Sub", *sides))
    doubt = graph.add("Add", too_quiet, graph.add("Mul", nothing, graph.constant(NOTHING_SLOPE)))
    graph.add("Sigmoid", graph.add("Sub", calibrated, doubt), output="probs")
    inputs, outputs = {"mel_db": [1, 1, mn04.BANDS, mn04.FRAMES]}, {"probs": [1, len(WIDE)]}
    return graph.network("moodring_tagger_on_mn04", inputs, outputs, opset=proto.opset_import[0].version)


def card(
    head: Head, axes: dict[str, dict[str, object]], lesson: dict[str, object], figures: dict[str, object]
) -> dict[str, object]:
    """The card; `axes` are valence and arousal, as `circumplex` has them."""
    return {
        "kind": "tagger",
        "name": "Moodring tagger",
        "version": VERSION,
        "licence": "as Moodring's; it stands on mn04 of EfficientAT (F. Schmid, K. Koutini, G. Widmer, ICASSP 2023), copyright "
        f"(c) 2022 Florian Schmid, MIT, see {LICENCE}; AudioSet's ontology is CC BY 4.0",
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
                "kind": shown_kind(tag),
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
            **axes,
        },
        "calibration": "per tag, slope and offset; already in the network: what it gives is calibrated",
        "level": f"the chunk's loudest band is brought to {mn04.LOUDEST_DB:g} dB; where it is below {QUIET_DB:g} dB the "
        f"logits fall by {QUIET_SLOPE:g} per dB",
        "nothing": f"where mn04's greatest logit of {', '.join(mn04.NOTHING)} is above that of {', '.join(mn04.SOMETHING)}, all "
        f"logits fall by {NOTHING_SLOPE:g} times the difference",
        "training": lesson,
        "metrics": figures,
    }


def check(path: Path, head: Head, listener: mn04.Listener) -> float:
    """The greatest difference of a probability between the file and mn04 with the head behind it, for loud and for soft sound.

    # Errors
    Raises PipelineError if it is more than what fewer bits make.
    """
    random, worst = np.random.default_rng(3), 0.0
    running = session(path)
    nothing, something = not_music_and_music(listener.folder)
    for loudest in (20.0, -30.0, -80.0):
        levels = random.normal(loudest - 40, 12, (1, mn04.FRAMES, mn04.BANDS)).astype(np.float32)
        logits, embedding = listener(levels)
        doubt = max(0.0, QUIET_DB - float(levels.max())) * QUIET_SLOPE
        doubt += max(0.0, float(logits[0, nothing].max() - logits[0, something].max())) * NOTHING_SLOPE
        expected = sigmoid(head.logits(inputs_of(embedding, logits)) - doubt)
        found = running.run(None, {"mel_db": levels.transpose(0, 2, 1)[:, None]})[0]
        worst = max(worst, require_close(path.name, found, expected, LARGEST_DIFFERENCE))
    return worst


def write_network(folder: Path, listener: Path, head: Head) -> None:
    """Writes `model.onnx` and mn04's licence into `folder`, and checks the network against mn04 with the head behind it.

    # Errors
    Raises PipelineError if the two differ by more than what fewer bits make.
    """
    with written_whole(folder / "model.onnx") as unfinished:
        onnx.save(build(listener, head), unfinished)
    worst = check(folder / "model.onnx", head, mn04.Listener(listener))
    print(f"tagger: 16 bits a weight move a probability by {worst:.4f} at most (made-up chunks)")
    with written_whole(folder / LICENCE) as unfinished:
        shutil.copyfile(ROOT / "models" / "tagger" / LICENCE, unfinished)


def export(paths: Paths, head: Head) -> None:
    """Writes `tagger/model.onnx`, `tagger/card.json` and mn04's licence, of a head that was trained here."""
    folder = paths.out / "tagger"
    write_network(folder, paths.listener, head)
    listed = [song for song in songs.of_manifest(paths.music) if song.part == "teach" and not song.low]
    heard = [said for _, said in hearing.prepare(paths, listed)]
    inputs = np.concatenate([inputs_of(said.place_embeddings, said.place_logits) for said in heard])
    logits = np.concatenate([said.place_logits for said in heard])
    nothing, something = not_music_and_music(paths.listener)
    taken = int((logits[:, nothing].max(axis=1) > logits[:, something].max(axis=1)).sum())
    print(f"tagger: of {len(logits)} chunks of songs {taken} are taken for noise or a tone")
    lesson = read_json(file_of(paths).with_suffix(".json")) or {}
    evaluated = read_json(paths.work / "tagger" / "real_sound.json") or {}
    written = card(head, circumplex(head, inputs), lesson, evaluated)
    print(f"wrote {write_card(folder, written, {'model': 'model.onnx'})}")
