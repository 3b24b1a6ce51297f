"""What the shipped file keeps of mn04's knowledge, and what is evaluated where little is at hand."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.paths import Paths
from moodring_training.tagger import steps
from moodring_training.tagger.head import export, kept, solos
from moodring_training.tagger.head.net import Head
from moodring_training.tagger.labels.audioset import WIDE_NAMES
from moodring_training.tagger.listeners import mn04

TAGS = len(WIDE_NAMES)


def shipped(folder: Path, network: Path) -> Path:
    """A file that stands on the made-up mn04 of `folder`, written to `network`."""
    random, inputs = np.random.default_rng(2), mn04.EMBEDDING + 527
    head = Head(random.normal(0, 0.1, (inputs, TAGS)), random.normal(0, 0.1, TAGS), np.ones(TAGS), np.zeros(TAGS))
    network.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(export.build(folder, head), str(network))
    return network


def levels(count: int) -> np.ndarray:
    """Chunks whose bands differ, `[count, FRAMES, BANDS]`."""
    random = np.random.default_rng(5)
    slope = random.normal(0, 10, (count, 1, mn04.BANDS))
    return (slope + random.normal(-40, 3, (count, mn04.FRAMES, mn04.BANDS))).astype(np.float32)


def test_audiosets_logits_are_read_off_the_file_that_ships(tmp_path: Path, made_up_mn04: Path) -> None:
    file = shipped(made_up_mn04, tmp_path / "model.onnx")
    heard = levels(3)
    listener = mn04.Listener(made_up_mn04)
    before = np.concatenate([listener(one[None])[0] for one in heard])
    np.testing.assert_allclose(kept.Trunk(made_up_mn04, file)(heard), before, atol=2e-3)
    # The made-up trunk is a mean, whose input is a scaled level: another scale is another trunk.
    network = onnx.load(str(file))
    [scale] = [one for one in network.graph.initializer if np.allclose(numpy_helper.to_array(one), 1 / mn04.SPREAD)]
    scale.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(scale) * 2, scale.name))
    onnx.save(network, str(file))
    assert np.abs(kept.Trunk(made_up_mn04, file)(heard) - before).max() > 0.1


def test_a_file_that_does_not_stand_on_mn04_is_refused(tmp_path: Path, made_up_mn04: Path) -> None:
    network = onnx.load(str(shipped(made_up_mn04, tmp_path / "model.onnx")))
    for node in network.graph.node:
        node.input[:] = ["other" if name == "heard" else name for name in node.input]
        node.output[:] = ["other" if name == "heard" else name for name in node.output]
    onnx.save(network, str(tmp_path / "model.onnx"))
    with pytest.raises(PipelineError, match="model.onnx: there is no heard"):
        kept.Trunk(made_up_mn04, tmp_path / "model.onnx")


def test_before_and_after_stand_side_by_side(
    tmp_path: Path, made_up_mn04: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    packages = [SimpleNamespace(name=f"notes-{name}-1", role="notes", small=False) for name in ("flute", "violin")]
    monkeypatch.setattr(kept.corpus, "manifest", lambda: packages)
    monkeypatch.setattr(kept.hearing, "SHIPPED", shipped(made_up_mn04, tmp_path / "tagger" / "model.onnx").parent)
    monkeypatch.setattr(solos, "chunks", lambda _paths, name: (levels(6), [name.split("-")[1]] * 6))
    found = kept.evaluate(Paths.resolve(False, {"data": tmp_path, "listener": made_up_mn04}), small=False)
    assert set(found) == {"before", "after"} and abs(found["before"] - found["after"]) < 0.02
    printed = capsys.readouterr().out
    assert "12 chunks of 2 instruments" in printed and "\nviolin" in printed


def test_without_anything_at_hand_each_table_is_left_out_in_a_line_that_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = tmp_path / "nobody"
    given = {"data": tmp_path, "teachers": nobody, "listener": nobody, "music": nobody}
    steps.evaluate(Paths.resolve(False, given), small=False)
    printed = capsys.readouterr().out
    for what in ("real sound", "rendered sound", "AudioSet's labels", "the strided network"):
        assert f"\n{what}: left out, " in printed, printed
