"""What all models share: checkpoints, files, paths, schedules, filters, recordings, tables."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from moodring_training.shared.audio import framed, power_of, triangles
from moodring_training.shared.checkpoint import load_checkpoint, save_checkpoint
from moodring_training.shared.errors import PipelineError
from moodring_training.shared.files import read_json, sha256, write_card, written_whole
from moodring_training.shared.paths import ROOT, Paths
from moodring_training.shared.recordings import recordings
from moodring_training.shared.running import cosine, draw_towards
from moodring_training.shared.tables import print_table


class Malicious:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return Path.touch, (self.target,)


def test_a_training_goes_on_from_its_checkpoint_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    def step(model: torch.nn.Module, optimiser: torch.optim.Optimizer) -> None:
        optimiser.zero_grad()
        model(torch.arange(6.0).reshape(2, 3)).square().sum().backward()
        optimiser.step()

    def made() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3))
        return model, torch.optim.AdamW(model.parameters(), 1e-1)

    model, optimiser = made()
    step(model, optimiser)
    save_checkpoint(tmp_path / "a.pt", {"model": model.state_dict(), "optimiser": optimiser.state_dict()})
    step(model, optimiser)
    other, its_optimiser = made()
    stored = load_checkpoint(tmp_path / "a.pt")
    other.load_state_dict(stored["model"])
    its_optimiser.load_state_dict(stored["optimiser"])
    step(other, its_optimiser)
    for name, value in model.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name


def test_a_checkpoint_keeps_plain_values_as_they_are(tmp_path: Path) -> None:
    state = {"log": [{"step": 1, "loss": 0.1, "best": float("inf")}], 3: (1, "a", None, True), "none": {}, "tensor": []}
    save_checkpoint(tmp_path / "a.pt", state)
    assert load_checkpoint(tmp_path / "a.pt") == state
    with pytest.raises(TypeError, match="a checkpoint can't hold ndarray"):
        save_checkpoint(tmp_path / "a.pt", {"array": np.zeros(2)})
    assert load_checkpoint(tmp_path / "a.pt") == state


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    torch.save({"model": Malicious(tmp_path / "ran")}, tmp_path / "bad.pt")
    with pytest.raises(PipelineError, match="bad.pt is no checkpoint of this version; move it away to train"):
        load_checkpoint(tmp_path / "bad.pt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04 cut off"])
def test_a_damaged_checkpoint_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.pt").write_bytes(content)
    with pytest.raises(PipelineError, match="bad.pt is no checkpoint of this version") as caught:
        load_checkpoint(tmp_path / "bad.pt")
    assert "\n" not in str(caught.value)


def test_before_the_first_checkpoint_there_is_none(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "none.pt") is None


def test_a_file_that_could_not_be_written_whole_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), written_whole(path) as unfinished:
        unfinished.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"] and path.read_text(encoding="utf-8") == "old"


def test_a_card_has_the_digests_of_its_files_and_its_own_schema(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"abc")
    write_card(tmp_path, {"kind": "tagger", "schema": 2}, {"model": "model.onnx"})
    card = read_json(tmp_path / "card.json")
    assert card["files"] == {"model": {"file": "model.onnx", "sha256": sha256(tmp_path / "model.onnx")}}
    assert card["files"]["model"]["sha256"].startswith("ba7816bf") and card["schema"] == 2
    write_card(tmp_path, {}, {})
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["schema"] == 1


def test_a_small_run_never_writes_over_the_shipped_models(tmp_path: Path) -> None:
    small, full = (Paths.resolve(small, {"data": tmp_path, "judge": None}) for small in (True, False))
    assert small.out == tmp_path / "small" / "export" and full.out == ROOT / "models"
    assert small.work != full.work and small.packages == full.packages
    assert Paths.resolve(True, {"out": tmp_path}).out == tmp_path
    assert (ROOT / "Cargo.toml").is_file()


def test_a_rate_goes_from_all_to_the_least_and_only_down() -> None:
    rates = [cosine(step, 100, 0.01) for step in range(101)]
    assert rates[0] == 1 and rates[-1] == pytest.approx(0.01) and rates == sorted(rates, reverse=True)
    assert rates[50] == pytest.approx(0.505)


def test_averaged_weights_keep_their_share() -> None:
    held = torch.tensor([1.0, 3.0], requires_grad=True)
    draw_towards([held], [torch.tensor([2.0, 3.0])], 0.75)
    assert held.tolist() == [1.25, 3.0]


def test_a_frame_of_a_sine_has_its_power_where_the_sine_is() -> None:
    frames = framed(np.sin(2 * np.pi * 8 * np.arange(256) / 64).astype(np.float32), 64, 32)
    assert frames.shape == (7, 64)
    power = power_of(frames)
    assert power.shape == (7, 33) and (power.argmax(axis=1) == 8).all()
    np.testing.assert_allclose(power[:, 8], 32.0**2, rtol=1e-5)


def test_filters_rise_from_edge_to_edge_and_fall_again() -> None:
    bank = triangles(np.array([0.0, 2.0, 3.0, 7.0]), np.arange(8.0))
    np.testing.assert_allclose(bank[:, 0], [0, 0.5, 1, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(bank[:, 1], [0, 0, 0, 1, 0.75, 0.5, 0.25, 0])


def test_recordings_are_known_by_the_names_of_their_notes(tmp_path: Path) -> None:
    for name in ("C4.mp3", "Cs4.mp3", "A5.mp3", "readme.mp3", "B3.wav"):
        (tmp_path / name).touch()
    assert {pitch: path.stem for pitch, path in recordings(tmp_path).items()} == {60: "C4", 61: "Cs4", 81: "A5"}
    with pytest.raises(PipelineError, match="no recorded notes, whose files would be called like Cs4.mp3"):
        recordings(tmp_path / "none")


def test_recordings_that_sound_an_octave_above_their_names_are_known_by_what_sounds(tmp_path: Path) -> None:
    folder = tmp_path / "tonejs-instrument-trumpet-mp3"
    folder.mkdir()
    for name in ("C3", "F3", "As3"):
        (folder / f"{name}.mp3").touch()
    assert {pitch: path.stem for pitch, path in recordings(folder).items()} == {60: "C3", 53: "F3", 70: "As3"}


def test_tables_line_up(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("Words", ["a", "long"], [["wide", "b"]])
    print_table("Numbers", ["a", "long"], [["wide", "1"]], right=True)
    assert capsys.readouterr().out == "\nWords\na     long\n----  ----\nwide  b\n\nNumbers\na     long\nwide     1\n"
