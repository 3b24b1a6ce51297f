"""The schemas of a tagger's card and of its map, docs/tagger-*.schema.json, say what the plugin's code says."""

import copy
import json
from typing import Any

import jsonschema
import pytest

from moodring_training.shared.paths import ROOT


def validator(name: str) -> jsonschema.Draft202012Validator:
    """Of a schema in docs/, which must be one."""
    schema = json.loads((ROOT / "docs" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def fixture(name: str) -> dict[str, Any]:
    """Cards or maps, and what is wrong with some."""
    return json.loads((ROOT / "tests" / "fixtures" / "cards" / f"{name}.json").read_text(encoding="utf-8"))


CASES = {"tagger-card": fixture("cases"), "tagger-map": fixture("maps")}
VALIDATORS = {name: validator(name) for name in CASES}


def place(card: Any, pointer: str) -> tuple[Any, Any]:
    """What holds the value at a JSON pointer, and under which key or index."""
    *parents, last = pointer.removeprefix("/").split("/")
    for part in parents:
        card = card[int(part)] if isinstance(card, list) else card[part]
    return card, int(last) if isinstance(card, list) else last


def card_of(name: str, case: dict[str, Any]) -> dict[str, Any]:
    """The card or the map of a case."""
    card = copy.deepcopy(CASES[name]["bases"][case["base"]])
    for pointer, value in case["change"].items():
        holder, key = place(card, pointer)
        holder[key] = value
    for pointer in case.get("remove", []):
        holder, key = place(card, pointer)
        del holder[key]
    return card


@pytest.mark.parametrize(
    ("name", "case"),
    [(name, case) for name, cases in CASES.items() for case in cases["cases"]],
    ids=lambda one: one if isinstance(one, str) else f"{one['field']}-{list(one['change'].items())}"[:80],
)
def test_the_schema_takes_what_the_plugin_takes(name: str, case: dict[str, Any]) -> None:
    taken = case["field"] is None or case.get("schema_accepts", False)
    assert VALIDATORS[name].is_valid(card_of(name, case)) == taken, case


@pytest.mark.parametrize(("name", "file"), [("tagger-card", "card.json"), ("tagger-map", "map.json")])
def test_what_ships_is_taken(name: str, file: str) -> None:
    VALIDATORS[name].validate(json.loads((ROOT / "models" / "tagger" / file).read_text(encoding="utf-8")))
