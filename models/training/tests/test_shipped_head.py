"""What ships, written anew around its own head where none was trained."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.files import write_card
from moodring_training.shared.paths import Paths
from moodring_training.tagger import steps
from moodring_training.tagger.head import export, shipped
from moodring_training.tagger.head.net import Head, load
from moodring_training.tagger.labels.audioset import WIDE_NAMES
from moodring_training.tagger.listeners import mn04
from moodring_training.tagger.music_map.export import name_in_card

INPUTS, TAGS = mn04.EMBEDDING + 527, len(WIDE_NAMES)


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
