"""What ships, written anew around its own head where none was trained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.files import write_card
from moodring_training.shared.paths import Paths
from moodring_training.tagger import steps
from moodring_training.tagger.head import correct, export, shipped
from moodring_training.tagger.head.config import HeadConfig
from moodring_training.tagger.head.net import Head, load
from moodring_training.tagger.labels.audioset import WIDE, WIDE_NAMES
from moodring_training.tagger.listeners import mn04
from moodring_training.tagger.music_map.export import name_in_card

INPUTS, TAGS = mn04.EMBEDDING + 527, len(WIDE_NAMES)
VALUES = HeadConfig.read(small=False).correction.model_dump()


@pytest.fixture
def folder(tmp_path: Path, made_up_mn04: Path) -> Path:
    """A tagger as it ships, of a made-up head."""
    random, written = np.random.default_rng(7), tmp_path / "shipped"
    head = Head(
        random.normal(0, 0.1, (INPUTS, TAGS)),
        random.normal(0, 0.1, TAGS),
        random.uniform(1, 3, TAGS).round(4),
        random.uniform(-6, -2, TAGS).round(4),
    )
    export.write_network(written, made_up_mn04, head)
    axes = export.circumplex(head, random.normal(0, 1, (50, INPUTS)))
    write_card(written, export.card(head, axes, {"songs": 1}, {"figure": 2}), {"model": "model.onnx"})
    return written


def test_where_no_head_was_trained_and_without_mn04_what_ships_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths.resolve(False, {"data": tmp_path, "out": tmp_path / "out", "listener": tmp_path / "mn04"})
    assert load(paths) is None
    steps.export(paths, small=False)
    assert not list(tmp_path.rglob("*"))
    assert "no head on mn04 was trained" in capsys.readouterr().out


def test_what_ships_is_written_anew_around_its_own_head_to_the_byte(
    tmp_path: Path, made_up_mn04: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped.hearing, "SHIPPED", folder)
    paths = Paths.resolve(False, {"data": tmp_path, "listener": made_up_mn04, "out": tmp_path / "out"})
    (folder / "map.json").write_text("{}", encoding="utf-8")
    name_in_card(folder, mn04.EMBEDDING)
    steps.export(paths, small=False)
    for name in ("model.onnx", "card.json", "map.json"):
        assert (tmp_path / "out" / "tagger" / name).read_bytes() == (folder / name).read_bytes(), name


def test_a_card_with_other_tags_and_a_network_without_a_head_are_named(made_up_mn04: Path, folder: Path) -> None:
    card, network = shipped.read_json(folder / "card.json"), onnx.load(folder / "model.onnx")
    write_card(folder, {**card, "tags": card["tags"][1:]}, {"model": "model.onnx"})
    with pytest.raises(PipelineError, match="its tags aren't those of a head on mn04"):
        shipped.head_of(folder, made_up_mn04)
    write_card(folder, card, {"model": "model.onnx"})
    [weight] = [one for one in network.graph.initializer if one.name == "head_16"]
    weight.name = "another"
    onnx.save(network, folder / "model.onnx")
    with pytest.raises(PipelineError, match="there is no head on mn04 in it"):
        shipped.head_of(folder, made_up_mn04)


def test_the_head_that_ships_is_corrected_once_and_its_genres_stay_to_the_byte(
    tmp_path: Path, made_up_mn04: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(8)
    right = np.zeros((60, TAGS))
    right[::2] = 1
    learnt = correct.Lesson(
        random.normal(0, 1, (60, INPUTS)), right, np.ones((60, TAGS)), random.normal(0, 1, (30, INPUTS))
    )
    monkeypatch.setattr(shipped.correct, "lesson", lambda *_: learnt)
    monkeypatch.setattr(shipped.hearing, "SHIPPED", folder)
    paths = Paths.resolve(
        False, {"data": tmp_path, "listener": made_up_mn04, "music": tmp_path, "out": tmp_path / "out"}
    )
    (folder / "map.json").write_text("{}", encoding="utf-8")
    name_in_card(folder, mn04.EMBEDDING)
    shipped.correct_anew(paths, small=False)

    written = tmp_path / "out" / "tagger"
    old, new = ({one.name: one for one in onnx.load(at / "model.onnx").graph.initializer} for at in (folder, written))
    assert old.keys() == new.keys()
    assert {name for name in old if old[name] != new[name]} == {"head_16", "head_bias"}
    moved = numpy_helper.to_array(old["head_16"]) != numpy_helper.to_array(new["head_16"])
    assert moved[:, correct.CORRECTED].any(axis=0).all() and not moved[:, ~correct.CORRECTED].any()
    assert {WIDE[tag].kind for tag in np.flatnonzero(correct.CORRECTED)} == {"instrument"}
    before, after = (shipped.read_json(at / "card.json") for at in (folder, written))
    assert after["training"] == {
        **before["training"],
        correct.CORRECTION: {"solo_chunks": 60, "music_chunks": 30, **VALUES},
    }
    assert after["files"]["map"] == before["files"]["map"] and after["circumplex"] == before["circumplex"]

    monkeypatch.setattr(shipped.hearing, "SHIPPED", written)
    with pytest.raises(PipelineError, match="corrected already"):
        shipped.correct_anew(paths, small=False)
    with pytest.raises(PipelineError, match="is missing"):
        shipped.correct_anew(replace(paths, music=tmp_path / "nowhere"), small=False)
