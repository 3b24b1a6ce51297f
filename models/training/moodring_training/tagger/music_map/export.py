"""The map's file beside the tagger's card, and the card's two words of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from ...shared.files import read_json, sha256, write_json, written_whole
from ...shared.paths import Paths
from ..listeners import hearing
from . import measure, points, songs
from .points import Heard
from .projection import Projection, fit

FILE = "map.json"
DIGITS = 4
"""Significant digits of a weight."""
PLACES = 2
"""Decimals of a song's numbers, whose first has a deviation of 1."""


def described(made: Projection, heard: list[Heard], told: dict[str, Any]) -> dict[str, Any]:
    """What the file says: `told` is what was measured."""
    numbers = made.numbers(np.array([one.mean for one in heard]))
    genres = sorted({one.song.genre for one in heard if one.song.genre})
    listed = [
        {
            "title": one.song.title,
            "artist": one.song.artist,
            "genre": one.song.genre,
            "licence": one.song.licence,
            "numbers": [round(float(number), PLACES) for number in row],
        }
        for one, row in zip(heard, numbers, strict=True)
    ]
    return {
        "schema": 1,
        "kind": "map",
        "about": "where songs are for this tagger: numbers = weights x embedding + bias; the plane's layers follow, with tanh between them",
        "numbers": _layer(made.reduce),
        "plane": [_layer(layer) for layer in made.plane],
        "familiar": round(told["familiar"], 3),
        "genres": genres,
        "songs": listed,
        "metrics": told["figures"],
    }


def _layer(layer: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    weights, bias = layer
    return {"weights": [[_short(one) for one in row] for row in weights], "bias": [_short(one) for one in bias]}


def _short(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")


def written(value: dict[str, Any]) -> str:
    """As JSON with a line for each song and each row of weights: what can be read, and is small."""

    def line(one: Any) -> str:
        return json.dumps(one, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def rows(of: list[Any], indent: str) -> str:
        return "[\n" + ",\n".join(f"{indent} {line(one)}" for one in of) + f"\n{indent}]"

    def layer(one: dict[str, Any], indent: str) -> str:
        return f'{{"weights": {rows(one["weights"], indent)}, "bias": {line(one["bias"])}}}'

    fields = []
    for name, one in value.items():
        if name == "numbers":
            text = layer(one, " ")
        elif name == "plane":
            text = "[" + ", ".join(layer(part, " ") for part in one) + "]"
        elif name == "songs":
            text = rows(one, " ")
        else:
            text = line(one)
        fields.append(f' "{name}": {text}')
    return "{\n" + ",\n".join(fields) + "\n}\n"


def export(paths: Paths, small: bool) -> Path:
    """Listens, learns the projection, prints how far it can be believed, and writes it; the folder of the tagger that has the map now.

    A small run puts it beside a copy of the shipped tagger.
    """
    taught, judged = songs.listed(paths, small)
    heard, others = points.prepare(paths, taught), points.prepare(paths, judged)
    made = fit(heard)
    told = measure.measured(heard, others, made)
    folder = paths.out / "tagger"
    if small:
        folder = paths.work / "map" / "tagger"
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("model.onnx", "card.json"):
            shutil.copyfile(hearing.SHIPPED / name, folder / name)
    with written_whole(folder / FILE) as unfinished:
        unfinished.write_text(written(described(made, heard, told)), encoding="utf-8")
    name_in_card(folder, heard[0].points.shape[1])
    print(f"wrote {folder / FILE}, {(folder / FILE).stat().st_size / 1000:.0f} kB")
    return folder


def name_in_card(folder: Path, width: int) -> None:
    """Has the tagger's card name its map, and the embedding that it is of."""
    card = read_json(folder / "card.json")
    card["embedding"] = {"name": points.EMBEDDING, "shape": [1, width]}
    card["files"]["map"] = {"file": FILE, "sha256": sha256(folder / FILE)}
    write_json(folder / "card.json", card)
