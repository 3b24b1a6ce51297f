"""The schema of a tagger's card, docs/tagger-card.schema.json, says what the plugin's code says."""

import copy
import json
from typing import Any

import jsonschema
import pytest

from moodring_training.shared.paths import ROOT

SCHEMA = json.loads((ROOT / "docs" / "tagger-card.schema.json").read_text(encoding="utf-8"))
CASES = json.loads((ROOT / "tests" / "fixtures" / "cards" / "cases.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def place(card: Any, pointer: str) -> tuple[Any, Any]:
    """What holds the value at a JSON pointer, and under which key or index."""
    *parents, last = pointer.removeprefix("/").split("/")
    for part in parents:
        card = card[int(part)] if isinstance(card, list) else card[part]
    return card, int(last) if isinstance(card, list) else last


def card_of(case: dict[str, Any]) -> dict[str, Any]:
    """The card of a case."""
    card = copy.deepcopy(CASES["bases"][case["base"]])
    for pointer, value in case["change"].items():
        holder, key = place(card, pointer)
        holder[key] = value
    for pointer in case.get("remove", []):
        holder, key = place(card, pointer)
        del holder[key]
    return card


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "case", CASES["cases"], ids=lambda case: f"{case['field']}-{list(case['change'].items())}"[:80]
)
def test_the_schema_takes_what_the_plugin_takes(case: dict[str, Any]) -> None:
    taken = case["field"] is None or case.get("schema_accepts", False)
    assert VALIDATOR.is_valid(card_of(case)) == taken, case


def test_the_cards_that_ship_are_taken() -> None:
    VALIDATOR.validate(json.loads((ROOT / "models" / "tagger" / "card.json").read_text(encoding="utf-8")))
