"""The plugin's limits of a curve, read from its own source."""

from pathlib import Path

import pytest
import torch

from moodring_training.shared.errors import PipelineError
from moodring_training.timbre.shaper import SOURCE, Limits, limits, shaped


def altered(folder: Path, line: str, other: str) -> Path:
    text = SOURCE.read_text(encoding="utf-8")
    assert line in text
    path = folder / "limits.rs"
    path.write_text(text.replace(line, other), encoding="utf-8")
    return path


def test_the_plugins_source_has_every_limit() -> None:
    found = Limits.read()
    assert found.lowest_gain_db < found.lowest_gain_of_strongest_db < 0 < found.highest_gain_db
    assert found.weak_below_db < found.strong_above_db < 0
    assert found.no_boost_below_db < found.full_boost_above_db < 0


def test_a_limit_that_is_changed_in_the_plugin_is_changed_here(tmp_path: Path) -> None:
    path = altered(tmp_path, "HIGHEST_GAIN_DB: f32 = 24.0;", "HIGHEST_GAIN_DB: f32 = 1_012.5;")
    assert Limits.read(path).highest_gain_db == 1012.5


@pytest.mark.parametrize(
    ("line", "other", "said"),
    [
        ("pub const LOWEST_GAIN_DB: f32 = -60.0;", "", "there is no line `pub const LOWEST_GAIN_DB: f32 = NUMBER;`"),
        ("f32 = 24.0;", "f32 = 2.0 * 12.0;", "HIGHEST_GAIN_DB is '2.0 * 12.0'; a plain number such as -60.0 is wanted"),
        ("LOWEST_GAIN_DB", "HIGHEST_GAIN_DB", "HIGHEST_GAIN_DB stands there twice"),
        ("LOWEST_GAIN_DB", "DEEPEST_DB", "DEEPEST_DB is none of the limits that the training knows"),
    ],
)
def test_a_source_that_is_not_understood_is_told_by_its_line(tmp_path: Path, line: str, other: str, said: str) -> None:
    with pytest.raises(PipelineError) as caught:
        Limits.read(altered(tmp_path, line, other))
    assert str(caught.value) == f"{tmp_path / 'limits.rs'}: {said}"


def test_a_source_that_is_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        PipelineError, match="limits.rs: No such file or directory; the plugin's limits are read from there"
    ):
        Limits.read(tmp_path / "limits.rs")


def test_a_curve_is_held_by_the_limits_and_neither_are_faint_bands_boosted_nor_the_strongest_taken_away() -> None:
    limit = limits()
    middle = (limit.no_boost_below_db + limit.full_boost_above_db) / 2
    bands = torch.tensor([0.0, limit.full_boost_above_db, middle, limit.no_boost_below_db, -200.0])
    boosted = shaped(bands, torch.full((5,), 500.0)) - bands
    expected = limit.highest_gain_db * torch.tensor([1, 1, 0.5, 0, 0])
    torch.testing.assert_close(boosted, expected)
    cut = shaped(bands, torch.full((5,), -500.0)) - bands
    strongest = torch.tensor([limit.lowest_gain_of_strongest_db])
    torch.testing.assert_close(cut, torch.cat([strongest, torch.full((4,), limit.lowest_gain_db)]))
    within = torch.tensor([3.0, -4.0, 5.0, -6.0, -7.0])
    torch.testing.assert_close(shaped(bands, within) - bands, within)


def test_a_limit_is_of_each_frame_whatever_its_level() -> None:
    bands, curve = torch.randn(3, 8) * 30, torch.randn(3, 8) * 30
    torch.testing.assert_close(shaped(bands - 50, curve), shaped(bands, curve) - 50)
