"""The players that ship: what is measured of a note, and how it is stored."""

import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.files import read_json, sha256, write_json
from moodring_training.shared.paths import Paths
from moodring_training.timbre.chords import colours
from moodring_training.timbre.front_end import SAMPLE_RATE
from moodring_training.timbre.notes import harmonics
from moodring_training.timbre.notes.table import (
    RANGES,
    STEPS,
    coloured,
    fall,
    folder,
    levels,
    measured,
    pack,
    players,
    quantised,
    recolour,
    unpack,
)

LENGTH = int(1.8 * SAMPLE_RATE)


def string(pitch: float, stretch: float, partials: int = 16) -> np.ndarray:
    """A stiff string's partials, each fainter by 3 dB than the one before."""
    time = np.arange(LENGTH) / SAMPLE_RATE
    number = np.arange(1, partials + 1)
    hz = harmonics.hertz(pitch) * number * np.sqrt(1 + stretch * number**2)
    sound = (10 ** (-0.15 * number[:, None]) * np.sin(2 * np.pi * hz[:, None] * time)).sum(axis=0)
    return (0.2 * sound).astype(np.float32)


def test_bytes_keep_levels_within_their_step() -> None:
    random = np.random.default_rng(1)
    low, high = RANGES.T
    drawn = low + random.uniform(0, 1, (3, 7, len(RANGES))) * (high - low)
    assert np.all(np.abs(levels(quantised(drawn)) - drawn) <= (high - low) / STEPS * 0.501)


def test_a_packed_table_is_its_values_summed_over_the_frames() -> None:
    table = np.random.default_rng(3).integers(0, STEPS + 1, (2, 3, 7, len(RANGES)), np.uint8)
    steps = np.frombuffer(zlib.decompress(pack(table)), np.uint8).reshape(2, 3, len(RANGES), 7)
    np.testing.assert_array_equal(np.moveaxis(np.cumsum(steps, axis=-1, dtype=np.uint8), -2, -1), table)


@pytest.mark.parametrize("stretch", [0.0, 4e-4, 1.5e-3])
def test_partials_of_stiff_strings_are_harmonics_and_no_noise(stretch: float) -> None:
    drawn, pitch = harmonics.analysed(string(60, stretch), 60, strings=True)
    assert pitch == pytest.approx(60, abs=0.1)
    held = drawn[10]
    relative = held[:12] - held[0]
    np.testing.assert_allclose(relative, -3.0 * np.arange(12), atol=2.5)
    assert held[harmonics.HARMONICS : harmonics.HARMONICS + harmonics.NOISE_BANDS].max() < -50


def test_noise_is_told_by_its_median_as_by_its_mean() -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, LENGTH).astype(np.float32)
    power = harmonics.spectra(noise, np.arange(20) * 2_048 + 4_096)
    mean, median = (harmonics.split(power, 262.0, by)[1].mean(axis=0) for by in (False, True))
    wide = slice(20, None)
    np.testing.assert_allclose(10 * np.log10(median[wide] / mean[wide]), 0, atol=1.0)


def test_a_vibrato_is_measured_and_silence_is_nothing() -> None:
    time = np.arange(LENGTH) / SAMPLE_RATE
    cents = 30 * np.sin(2 * np.pi * 4 * time)
    phase = 2 * np.pi * np.cumsum(harmonics.hertz(64 + cents / 100)) / SAMPLE_RATE
    moves = measured((0.2 * np.sin(phase) + 0.1 * np.sin(2 * phase)).astype(np.float32), 64)[:, -1]
    assert 15 < moves[harmonics.TIMES > 5].max() < 35
    assert -35 < moves[harmonics.TIMES > 5].min() < -15
    assert measured(np.zeros(LENGTH, np.float32), 64) is None


def test_every_name_with_a_pitch_has_a_player() -> None:
    ids = [player.id for player in players()]
    assert len(ids) == len(set(ids)) == 31
    assert "kick-drum" not in ids


def test_a_colour_is_a_fall_by_octaves_and_leaves_noise_level_and_pitch() -> None:
    drawn = np.zeros((3, len(RANGES)))
    darker = coloured(drawn)
    np.testing.assert_allclose(darker[:, [0, 1, 3, 7, 59]], [[0, -2, -4, -6, -6]] * 3)
    assert not darker[:, harmonics.HARMONICS :].any()
    assert not drawn.any()
    assert fall(darker[0, : harmonics.HARMONICS]) == pytest.approx(-2)


def test_what_is_packed_is_unpacked() -> None:
    shape = (2, 3, len(harmonics.TIMES), len(RANGES))
    table = np.random.default_rng(4).integers(0, STEPS + 1, shape, np.uint8)
    np.testing.assert_array_equal(unpack(pack(table), shape[:2]), table)


def test_colours_are_measured_anew_around_players_that_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = Path(__file__).parents[2] / "notes"
    paths = Paths.resolve(False, {"data": tmp_path, "out": tmp_path})
    with pytest.raises(PipelineError, match="no players"):
        recolour(paths, False)
    shutil.copytree(shipped, folder(paths))
    before = read_json(shipped / "card.json")
    makers = [np.full((2, len(before["pitches"]), colours.LEVELS), -30.0)] * len(before["players"])
    monkeypatch.setattr(colours, "each_maker", lambda *_arguments: makers)
    recolour(paths, False)
    after = read_json(folder(paths) / "card.json")
    for role, entry in after["files"].items():
        assert entry["sha256"] == sha256(folder(paths) / entry["file"])
        assert (entry == before["files"][role]) == (role in ("players", "ear")), role
    assert list(after) == list(before)
    assert after["lines"]["tilts_db"] != before["lines"]["tilts_db"]
    for card in (before, after):
        del card["files"], card["lines"]["tilts_db"]
    assert after == before
    # Players of other names.
    after["players"].reverse()
    write_json(folder(paths) / "card.json", after)
    with pytest.raises(PipelineError, match="named timbres"):
        recolour(paths, False)
