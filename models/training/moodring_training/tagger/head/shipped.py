"""The head of the tagger that ships, read back from its file: what stands around a head can be written anew where none was trained."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from ...shared.errors import PipelineError
from ...shared.files import read_json, write_card, write_json
from ...shared.paths import Paths
from ..labels.audioset import WIDE_NAMES
from ..listeners import hearing, mn04
from . import correct
from .config import HeadConfig
from .export import FOLDED, FOLDED_BIAS, card, without_last_layer, write_network
from .net import Head


def head_of(folder: Path, listener: Path) -> Head:
    """The head within the network in `folder`, which `export` wrote; `listener` is mn04's folder.

    In the file the head is calibrated, and one with mn04's last layer, which has fewer inputs than outputs: least squares finds weights
    that make the same layer again.

    # Errors
    Raises PipelineError if the network has no such layer, or the card other tags.
    """
    file, listed = folder / "model.onnx", (read_json(folder / "card.json") or {}).get("tags", [])
    if [tag["name"] for tag in listed] != list(WIDE_NAMES):
        raise PipelineError(f"{folder / 'card.json'}: its tags aren't those of a head on mn04")
    _, onto_logits, middle = without_last_layer(onnx.load(str(listener / mn04.NETWORK)).graph)
    found = {
        weight.name: numpy_helper.to_array(weight).astype(np.float64)
        for weight in onnx.load(str(file)).graph.initializer
    }
    folded, bias = found.get(f"{FOLDED}_16"), found.get(FOLDED_BIAS)
    if folded is None or bias is None or folded.shape != (mn04.EMBEDDING + len(onto_logits), len(WIDE_NAMES)):
        raise PipelineError(f"{file}: there is no head on mn04 in it ({FOLDED}_16, {FOLDED_BIAS})")
    of_logits, *_ = np.linalg.lstsq(onto_logits, folded[mn04.EMBEDDING :], rcond=None)
    slopes, offsets = (np.array([tag["calibration"][name] for tag in listed]) for name in ("slope", "offset"))
    kernel = np.concatenate([folded[: mn04.EMBEDDING], of_logits])
    return Head(kernel / slopes, (bias[0] - middle @ of_logits - offsets) / slopes, slopes, offsets)


def write_anew(paths: Paths) -> None:
    """Writes the tagger that ships once more around the same head, as `export` writes one today; a line says if it can't be.

    Its valence, arousal, lesson and figures stay as its card has them.
    """
    if not (paths.listener / mn04.NETWORK).exists():
        print("tagger: no head on mn04 was trained, what ships is left as it is (--music, --listener, --teachers)")
        return
    path = _write(paths, head_of(hearing.SHIPPED, paths.listener), {})
    print(f"wrote {path}, around the head that ships: none was trained")


def correct_anew(paths: Paths, small: bool) -> None:
    """Corrects the head that ships with rendered solos, as `train` does one that it has fitted, and writes it in its place.

    # Errors
    Raises PipelineError if it was corrected before, or if mn04 or the songs are missing.
    """
    if small:
        raise PipelineError("a small run has no songs to correct a head with")
    for missing in (path for path in (paths.listener, paths.music) if not path.exists()):
        raise PipelineError(f"{missing} is missing (--listener, --music)")
    lesson = (read_json(hearing.SHIPPED / "card.json") or {}).get("training", {})
    if correct.CORRECTION in lesson:
        raise PipelineError(f"{hearing.SHIPPED}: its head is corrected already")
    config = HeadConfig.read(small)
    learnt = correct.lesson(paths, config)
    head = correct.corrected(head_of(hearing.SHIPPED, paths.listener), learnt, config.correction)
    path = _write(paths, head, {correct.CORRECTION: correct.described(learnt, config.correction)})
    print(
        f"wrote {path}: its head was corrected with {len(learnt.solos)} chunks of solos and {len(learnt.music)} of music"
    )


def _write(paths: Paths, head: Head, more: dict[str, Any]) -> Path:
    """Writes network and card of a head in place of the one that ships, with what its card had and `more` of the lesson; the card's path."""
    before = read_json(hearing.SHIPPED / "card.json")
    folder = paths.out / "tagger"
    write_network(folder, paths.listener, head)
    axes = {name: before["circumplex"][name] for name in ("valence", "arousal")}
    lesson = {**before["training"], **more}
    path = write_card(folder, card(head, axes, lesson, before["metrics"]), {"model": "model.onnx"})
    keep_map(path, before)
    return path


def keep_map(path: Path, before: dict[str, Any]) -> None:
    """Has the card at `path` name the map that ships, if one does: it is of mn04's embedding, which no head changes."""
    entry = before["files"].get("map")
    if entry is None:
        return
    if path.parent.resolve() != hearing.SHIPPED.resolve():
        shutil.copyfile(hearing.SHIPPED / entry["file"], path.parent / entry["file"])
    written = read_json(path)
    written["embedding"] = before["embedding"]
    written["files"]["map"] = entry
    write_json(path, written)
