"""How far solos go to each name: which are measured, and how."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from moodring_training.shared.paths import Paths
from moodring_training.timbre import judge, ways
from moodring_training.timbre.notes import table
from moodring_training.timbre.recorded import Phrase, Played

LABELS = ["Flute", "Cello", "Organ", "Choir"]
PHRASE = Phrase(np.zeros(10, np.float32), np.array([0]), (Played(60, 0.1),))


def listener(heard: dict[int, list[float]]) -> judge.Judge:
    """Hears in sounds of so many samples these logits of LABELS."""
    module = SimpleNamespace(
        LABELS={"flute": ("Flute", "Flute"), "cello": ("Cello", "Cello")},
        NAMES=LABELS,
        logits=lambda samples, _rate: np.array(heard[len(samples)]),
    )
    return judge.Judge(module)


def test_ways_are_told_by_the_targets_own_phrase_and_not_from_a_source_that_is_hardly_told_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def phrase(length: int) -> Phrase:
        return Phrase(np.zeros(length, np.float32), PHRASE.starts, PHRASE.notes)

    played = {"flute": phrase(1), "cello": phrase(2)}
    # The organ's own phrase is 3 samples long, the choir's 4; from the flute comes 5, from the cello 6.
    judged = listener(
        {1: [4, 0, 0, 0], 2: [0, 0.5, 0, 0], 3: [0, 0, 6, 0], 4: [9, 0, 0, 1], 5: [1, 0, 3, 0], 6: [0, 0, 3, 0]}
    )
    monkeypatch.setattr(
        ways, "REFERENCES", {"Church organ": ways.Reference("Organ", "a package"), "Choir": ways.Reference("Choir")}
    )
    monkeypatch.setattr(ways, "_phrase", lambda _paths, name, _reference: phrase(3 if name == "Church organ" else 4))
    monkeypatch.setattr(
        ways, "shipped", lambda *_: lambda _phrase, source, _name: np.zeros(5 if source == "flute" else 6)
    )
    verdict = judge.Verdict(1.0, 0.0, 0.7, 0.9, {"flute": 0.61234})
    paths = Paths.resolve(False, {"data": tmp_path})
    ways.measure(paths, judged, played, verdict)
    kept = json.loads(ways.path(paths).read_text())
    # From the flute 6 of 10 logits, from the cello 2.5 + 0.5 of 6.5.
    assert kept == {"Flute": {"way": 0.612}, "Church organ": {"way": pytest.approx((0.6 + 3.5 / 6.5) / 2, abs=1e-3)}}
    assert "Choir: its own rendered phrase is heard as Flute" in capsys.readouterr().out

    monkeypatch.setattr(ways, "LEAST_LEAD", 7.0)
    ways.measure(paths, judged, played, verdict)
    assert json.loads(ways.path(paths).read_text())["Church organ"] == {"way": 0.6}


def test_every_name_has_a_reference_or_is_in_the_judges_table_or_has_no_word() -> None:
    names = {player.name for player in table.players()}
    assert set(ways.REFERENCES) < names
    rest = {"Flute", "Cello", "Alto sax", "Clarinet", "Trombone & horn", "Oboe", "Bassoon", "Synth voice"}
    assert names - set(ways.REFERENCES) == rest


def test_the_shipped_card_tells_by_what_each_way_was_measured() -> None:
    card = json.loads((Path(__file__).parents[2] / "notes" / "card.json").read_text())
    for player in card["players"]:
        reference = ways.REFERENCES.get(player["name"])
        if player["rendered_way"] is not None:
            assert player["way"] is None and reference.package is None, player
        if player["way"] is not None and reference is not None:
            assert reference.package is not None, player
