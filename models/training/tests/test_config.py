"""Hyperparameters: every file is right, and a wrong one is told by file, field, what was found and what would do."""

from pathlib import Path

import pytest

from moodring_training.scattering.config import ScatteringConfig
from moodring_training.shared.config import FOLDER, Configuration
from moodring_training.shared.errors import PipelineError
from moodring_training.tagger.head.config import HeadConfig
from moodring_training.tagger.strided.config import StridedConfig
from moodring_training.timbre.frames.config import FramesConfig
from moodring_training.timbre.notes.config import NotesConfig
from moodring_training.zoo.config import ZooConfig

KINDS = (StridedConfig, HeadConfig, FramesConfig, NotesConfig, ZooConfig, ScatteringConfig)


def altered(folder: Path, kind: type[Configuration], line: str, other: str) -> Path:
    """The model's own file with one line exchanged."""
    text = (FOLDER / kind.file).read_text(encoding="utf-8")
    assert text.count(line) >= 1, line
    path = folder / kind.file
    path.write_text(text.replace(line, other, 1), encoding="utf-8")
    return path


def complaint(path: Path, kind: type[Configuration], small: bool = False) -> str:
    with pytest.raises(PipelineError) as caught:
        kind.read(small, path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_every_file_of_the_folder_is_a_models() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {kind.file for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.file)
def test_a_small_run_differs_in_what_the_small_tables_say_and_in_nothing_else(kind: type[Configuration]) -> None:
    full, small = kind.read(False).model_dump(), kind.read(True).model_dump()
    assert full != small
    for table, values in full.items():
        differing = {name for name in values if values[name] != small[table][name]}
        assert f"[small.{table}]" in (FOLDER / kind.file).read_text(encoding="utf-8") or not differing


def test_a_small_value_counts_in_a_small_run_alone() -> None:
    assert StridedConfig.read(False).training.steps > 1000 > StridedConfig.read(True).training.steps


@pytest.mark.parametrize(
    ("line", "other", "said"),
    [
        ("batch = 48", "batch = 0", "training.batch: 0 was found; Input should be greater than or equal to 1"),
        ("batch = 48", 'batch = "48"', "training.batch: '48' was found; Input should be a valid integer"),
        ("batch = 48", "batch = true", "training.batch: True was found; Input should be a valid integer"),
        ("batch = 48", "batch = 48.5", "training.batch: 48.5 was found; Input should be a valid integer"),
        ("batch = 48", "", "training.batch is missing"),
        ("batch = 48", "batch = 48\nbatches = 3", "training.batches is no field of this table"),
        (
            "peak_rate = 2.5e-3",
            "peak_rate = -1.0",
            "training.peak_rate: -1.0 was found; Input should be greater than 0",
        ),
        ("peak_rate = 2.5e-3", "peak_rate = nan", "training.peak_rate: nan was found; Input should be a finite number"),
        ("kept = 0.998", "kept = 1.5", "training.kept: 1.5 was found; Input should be less than or equal to 1"),
        ("widths = [24,", "widths = [0,", "network.widths.0: 0 was found; Input should be greater than or equal to 1"),
        ("strides = [2,", "strides = [", "network: "),
        ("[loss]", "[losses]", "loss is missing"),
        ("music = 0.50", "music = 0.95", "examples: "),
    ],
)
def test_a_bad_value_is_told_by_its_field(tmp_path: Path, line: str, other: str, said: str) -> None:
    assert complaint(altered(tmp_path, StridedConfig, line, other), StridedConfig).startswith(said)


def test_what_must_fit_together_is_told(tmp_path: Path) -> None:
    path = altered(tmp_path, StridedConfig, "strides = [2,", "strides = [")
    assert complaint(path, StridedConfig).endswith("widths and strides must be as many as each other")
    path = altered(tmp_path, FramesConfig, "[-65.0, -30.0]", "[-30.0, -65.0]")
    assert complaint(path, FramesConfig).endswith("noise_db must be from low to high")


def test_a_bad_value_of_a_small_run_is_told_by_the_table_that_it_stands_in(tmp_path: Path) -> None:
    path = altered(tmp_path, NotesConfig, "[small.training]\nsteps = 60", "[small.training]\nsteps = 0")
    assert complaint(path, NotesConfig, small=True).startswith("small.training.steps: 0 was found")
    path = altered(tmp_path, NotesConfig, "[small.training]", "[small.trainings]")
    assert complaint(path, NotesConfig, small=True) == "small.trainings is no field of this table"


def test_a_file_that_is_away_or_no_toml_is_one_line(tmp_path: Path) -> None:
    assert complaint(tmp_path / "none.toml", StridedConfig) == "No such file or directory"
    path = tmp_path / "bad.toml"
    path.write_text("[training\n", encoding="utf-8")
    assert "line 1" in complaint(path, StridedConfig)
    path.write_bytes(b"\xff\xfe")
    assert "utf-8" in complaint(path, StridedConfig)
