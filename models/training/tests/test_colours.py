"""The colour of chords: what it is measured as, and how it is stored."""

import zlib
from pathlib import Path

import numpy as np
import pytest

from moodring_training.shared.files import read_json
from moodring_training.shared.paths import Paths
from moodring_training.timbre.chords import colours
from moodring_training.timbre.notes import harmonics, table

FRAMES = len(harmonics.TIMES)


def note(first: float, second: float, levels: tuple[float, float]) -> np.ndarray:
    """A note whose harmonics are at one level in its first half and at another in its second, as its own level is."""
    drawn = np.zeros((FRAMES, colours.LEVELS + 1))
    half = np.arange(FRAMES)[:, None] < FRAMES // 2
    drawn[:, : colours.LEVELS] = np.where(half, first, second)
    drawn[:, colours.LEVELS] = np.where(half[:, 0], *levels)
    return drawn


def test_what_is_loud_tells_the_long_term_level_and_not_what_has_died_away() -> None:
    steady = colours.long_term(note(-20, -20, (0, -30))[None])
    np.testing.assert_allclose(steady, -20)
    dying = colours.long_term(note(-20, -60, (0, -50))[None])
    np.testing.assert_allclose(dying, -20, atol=0.1)


def test_between_two_pitches_levels_go_in_a_straight_line_and_beyond_they_stay() -> None:
    levels = np.array([[-10.0] * colours.LEVELS, [-40.0] * colours.LEVELS])
    found = colours.at_pitches(levels, np.array([48, 78]))
    assert found[:, 0].tolist() == pytest.approx([-10, -10, -10, -16, -22, -28, -34, -40, -40])


def test_a_mean_goes_with_its_neighbours_in_pitch_and_a_little_with_all_players() -> None:
    means = np.zeros((4, 9, colours.LEVELS))
    means[0] = -40.0
    settled = colours.settled(means)
    np.testing.assert_allclose(settled[0], -40 + colours.COMMON_SHARE * 30)
    np.testing.assert_allclose(settled[1:], -colours.COMMON_SHARE * 10)
    means = np.zeros((1, 9, colours.LEVELS))
    means[0, 4] = -40.0
    settled = colours.settled(means)[0, :, 0]
    np.testing.assert_allclose(settled.sum(), -40, rtol=1e-3)
    assert settled[4] < settled[3] == settled[5] < settled[2] < -1


def test_where_makers_differ_levels_lie_above_their_mean_and_a_single_maker_s_are_its_own() -> None:
    far = np.zeros((3, 9, colours.LEVELS))
    far[0], far[1] = -10.0, 10.0
    alone = np.full((1, 9, colours.LEVELS), -20.0)
    found = colours.added_up([far, alone])
    # Of levels with a variance of 100 the mean power is 11.5 dB above the mean level.
    np.testing.assert_allclose(found[0], 11.51 * colours.POWER_SHARE, atol=0.01)
    np.testing.assert_allclose(found[1], -20.0)


def test_a_colour_is_the_makers_mean_over_the_player_in_steps_of_two_thirds_of_a_db(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = table.players()[:2]
    pitches = [36, 60, 84]
    makers = [np.full((3, len(pitches), colours.LEVELS), -30.0)] * 2
    monkeypatch.setattr(colours, "each_maker", lambda *_arguments: makers)
    played = np.zeros((2, 3, FRAMES, colours.LEVELS + 2))
    played[0, ..., : colours.LEVELS], played[1, ..., : colours.LEVELS] = -35.0, -90.0
    paths = Paths.resolve(False, {"data": tmp_path})
    stored = colours.Stored(named, played, np.array(pitches), 90, table.STEPS)
    said = colours.export(paths, tmp_path, stored, False)
    assert said == {"pitches": pitches, "range_db": [-40.0, 40.0]}
    packed = np.frombuffer(zlib.decompress((tmp_path / "colours.bin").read_bytes()), np.uint8)
    db = -40 + packed.reshape(2, len(pitches), colours.LEVELS) / table.STEPS * 80
    np.testing.assert_allclose(db[0], 5, atol=0.32)
    # What is out of the range is at its end.
    np.testing.assert_allclose(db[1], 40)


def test_the_shipped_colours_are_of_every_player_and_move_what_is_played() -> None:
    folder = Path(__file__).parents[2] / "notes"
    stored = np.frombuffer(zlib.decompress((folder / "colours.bin").read_bytes()), np.uint8)
    pitches = read_json(folder / "card.json")["colours"]["pitches"]
    stored = stored.reshape(len(table.players()), len(pitches), colours.LEVELS)
    db = -40 + stored / table.STEPS * 80
    assert (np.abs(db[:, :, :10]).mean(axis=(1, 2)) > 0.5).all()
