"""Where a network's time goes in the plugin and in onnxruntime, by the operators of its file."""

import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from ..shared.paths import Paths
from .networks import Ear

ANSWERS = 10
"""Of whose times the least is told: others' work on the computer doesn't count. The plugin's command line takes as many."""
FUSED = 0.01
"""Share of an operator's time in the plugin below which onnxruntime has it fused into another."""
TOLD = 0.05
"""Share of a network's time in the plugin from which on an operator is told of."""


def of_plugin(paths: Paths, folder: Path) -> dict[str, float] | None:
    """Milliseconds an answer by operator of the file, as tract runs it; None where there is no command line that says so."""
    if not paths.moodring.exists():
        return None
    command = [str(paths.moodring), "models", "check", str(folder), "--operators", "--format", "json"]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode != 0:
        return None
    kinds = {node.name: node.op_type for node in onnx.load(str(folder / "tagger" / "model.onnx")).graph.node}
    found: dict[str, float] = defaultdict(float)
    for one in json.loads(ended.stdout)["operators"]:
        # One of the file's may have become several, whose names begin with its own.
        names = [name for name in kinds if name and one["node"].startswith(name)]
        found[kinds[max(names, key=len)] if names else one["operator"]] += one["ms"]
    return dict(found)


def of_onnxruntime(folder: Path, ear: Ear) -> dict[str, float]:
    """The same by onnxruntime's own profile, on one thread."""
    with tempfile.TemporaryDirectory() as place:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(place) / "profile")
        network = str(folder / "tagger" / "model.onnx")
        running = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        for _ in range(ANSWERS + 1):
            running.run(None, {ear.name: np.zeros(ear.shape, np.float32)})
        events = json.loads(Path(running.end_profiling()).read_text(encoding="utf-8"))
    runs: dict[str, list[float]] = defaultdict(list)
    kinds = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            runs[event["name"]].append(event["dur"] / 1000)
            kinds[event["name"]] = event["args"]["op_name"].removeprefix("Fused")
    found: dict[str, float] = defaultdict(float)
    for name, times in runs.items():
        # The first fills caches.
        found[kinds[name]] += min(times[1:], default=0.0)
    return dict(found)


def compared(paths: Paths, folder: Path, ear: Ear) -> list[dict[str, Any]]:
    """The operators that take most in the plugin, with what they take in onnxruntime."""
    plugin = of_plugin(paths, folder)
    if plugin is None:
        return []
    other = of_onnxruntime(folder, ear)
    whole = sum(plugin.values())
    rows = [
        {"operator": name, "tract_ms": ms, "share": ms / whole, "onnxruntime_ms": other.get(name, 0.0)}
        for name, ms in plugin.items()
        if ms / whole >= TOLD
    ]
    return sorted(rows, key=lambda row: -row["tract_ms"])


def print_operators(found: dict[str, list[dict[str, Any]]]) -> None:
    """The table of models/README.md: by network."""
    print("| network | operator | share of tract's time | tract, ms | onnxruntime, ms | |")
    print("| --- | --- | --- | --- | --- | --- |")
    for title, rows in found.items():
        for row in rows:
            theirs = row["onnxruntime_ms"]
            # What onnxruntime has fused into another operator has no time of its own, or next to none.
            fused = theirs < FUSED * row["tract_ms"]
            slow = "" if fused else f"{row['tract_ms'] / theirs:.1f} times"
            cells = [title, row["operator"], f"{100 * row['share']:.0f} %", f"{row['tract_ms']:.1f}"]
            print(f"| {' | '.join(cells)} | {'fused' if fused else f'{theirs:.1f}'} | {slow} |")
