"""The zoo's table: what each network costs here and in the plugin, and how well it agrees with others."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from ..shared.files import read_json, write_json
from ..shared.onnx_graph import session
from ..shared.paths import Paths
from ..tagger.labels.audioset import WIDE, WIDE_INDEX
from ..tagger.measures import correlations, masked_aucs
from .material import REPORTS, Song, shipped_card
from .networks import Network

TIMED = 15
"""Runs of which the median counts."""
EVERY_S = 5.0
"""Seconds from one moment of a song that a network is asked about to the next."""


def evaluate(paths: Paths, folder: Path, network: Network, songs: list[Song]) -> dict[str, Any]:
    """What the table says of a network, which is written beside it as well."""
    card = read_json(folder / "tagger" / "card.json") or {}
    running = session(folder / "tagger" / "model.onnx")
    given = {network.ear.name: np.zeros(network.ear.shape, np.float32)}
    times = []
    for _ in range(TIMED):
        started = time.perf_counter()
        running.run(["logits"], given)
        times.append(1000 * (time.perf_counter() - started))
    row: dict[str, Any] = {
        "network": network.title,
        "weights": card.get("weights", ""),
        "onnxruntime_ms": float(np.median(times)),
        **_judged(card, network, running, songs),
        **_in_plugin(paths, folder),
    }
    write_json(folder / "figures.json", row)
    return row


def _in_plugin(paths: Paths, folder: Path) -> dict[str, Any]:
    """What the plugin's own command line says that it costs; nothing without it."""
    if not paths.moodring.exists():
        print(f"{paths.moodring} is missing: what the networks cost in the plugin is left out")
        return {}
    command = [str(paths.moodring), "models", "check", str(folder), "--format", "json"]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode != 0:
        # An older one can't check, and what is wrong with a network the plugin's tests say.
        print(f"{paths.moodring} says nothing of {folder}: {ended.stderr.strip().splitlines()[-1:]}")
        return {}
    told = json.loads(ended.stdout)
    return {name: told["tagger"][name] for name in ("parameters", "mmac", "answer_ms", "share_of_core")}


def _judged(card: dict[str, Any], network: Network, running: Any, songs: list[Song]) -> dict[str, Any]:
    """Correlation with the shipped tagger over moments, and AUC on labelled songs, both the mean over tags."""
    ours = [tag["name"] for tag in card["tags"]]
    theirs = {tag["name"]: index for index, tag in enumerate(shipped_card()["tags"])}
    common = [(index, theirs[name]) for index, name in enumerate(ours) if name in theirs]
    mean, deviation = card["normalisation"]["mean"], card["normalisation"]["deviation"]
    said, wanted, scores, right, known = [], [], [], [], []
    for song in songs:
        if song.part != REPORTS:
            continue
        own = []
        for end in song.ends[:: max(1, round(EVERY_S / float(song.ends[0])))]:
            window = (song.window(network.ear, float(end)) - mean) / deviation
            logits = running.run(["logits"], {network.ear.name: window.reshape(network.ear.shape).astype(np.float32)})
            own.append(logits[0][0])
            wanted.append(song.said(network.ear, float(end)))
        said += own
        if song.labels is not None and song.labels.right:
            scores.append(np.mean(own, axis=0))
            right.append([name in song.labels.right for name in ours])
            known.append([name in WIDE_INDEX and _known(song, name) for name in ours])
    one, other = (list(column) for column in zip(*common, strict=True))
    agreement = correlations(np.array(said)[:, one], np.array(wanted)[:, other])
    figures: dict[str, Any] = {"moments": len(said), "agreement": float(np.nanmean(agreement))}
    if scores:
        aucs = masked_aucs(np.array(scores), np.array(right, float), np.array(known, float))
        for kind in ("genre", "instrument"):
            of_kind = [aucs[index] for index, tag in enumerate(card["tags"]) if tag["kind"] == kind]
            judged = [value for value in of_kind if not np.isnan(value)]
            figures[f"{kind}_auc"] = float(np.mean(judged)) if judged else None
            figures[f"{kind}_tags"] = len(judged)
    return figures


def _known(song: Song, name: str) -> bool:
    """Whether a song's labels say that a tag is right or wrong."""
    assert song.labels is not None and WIDE[WIDE_INDEX[name]].name == name
    return name in song.labels.right or song.labels.wrong(name)


def print_table(rows: list[dict[str, Any]]) -> None:
    """The table of models/README.md."""

    def number(row: dict[str, Any], name: str, digits: int, times: float = 1.0) -> str:
        value = row.get(name)
        return "-" if value is None else f"{times * value:.{digits}f}"

    print(
        "| network | weights | parameters, k | MMAC | tract, ms | onnxruntime, ms | agreement | genre AUC (tags) | instrument AUC (tags) |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        cells = [row["network"], row["weights"], number(row, "parameters", 0, 1e-3), number(row, "mmac", 0)]
        cells += [number(row, "answer_ms", 1), number(row, "onnxruntime_ms", 1), number(row, "agreement", 2)]
        cells += [f"{number(row, f'{kind}_auc', 2)} ({row.get(f'{kind}_tags', 0)})" for kind in ("genre", "instrument")]
        print(f"| {' | '.join(cells)} |")
