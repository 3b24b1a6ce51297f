"""The measure of what a user sees, on answers that were made up."""

from pathlib import Path

import numpy as np
import pytest

from moodring_training.shared.paths import Paths
from moodring_training.tagger.labels.audioset import WIDE_INDEX, WIDE_NAMES
from moodring_training.tagger.labels.songs import Song
from moodring_training.tagger.labels.vocabulary import of_kind
from moodring_training.tagger.real_sound import (
    Answers,
    evaluate,
    figures_of,
    headline_changes,
    male_or_female,
    print_all,
)


def song(*right: str, complete: tuple[str, ...] = ("genre", "mood", "instrument")) -> Song:
    return Song("song", Path("song.ogg"), "report", frozenset(right), False, frozenset(complete))


def answer(moments: int = 1, **said: float) -> np.ndarray:
    found = np.full((moments, len(WIDE_NAMES)), 0.01)
    for name, probability in said.items():
        found[:, WIDE_INDEX[name.replace("_", " ")]] = probability
    return found


def test_first_family_top_three_likely_and_believed_wrongly() -> None:
    listened = [
        song("violin", "strings"),
        song("acoustic guitar", "guitar"),
        song("piano", "keyboard"),
        song("flute", "woodwind"),
    ]
    said = [
        answer(violin=0.9, strings=0.8),
        answer(electric_guitar=0.7, acoustic_guitar=0.15, guitar=0.1),
        answer(organ=0.3, bass=0.25, drums=0.24, piano=0.22),
        answer(bass=0.6, drums=0.3, choir=0.2, flute=0.1),
    ]
    found = figures_of(Answers("made up", said), listened, "instrument", of_kind("instrument"))
    assert found.songs == 4
    assert found.first == pytest.approx(1 / 4)
    assert found.family == pytest.approx(3 / 4)
    assert found.third == pytest.approx(2 / 4)
    assert found.likely == pytest.approx(2 / 4)
    assert found.believed_wrong == pytest.approx(2 / 4)


def test_what_is_unknown_is_never_believed_wrongly() -> None:
    listened = [song("guitar", complete=())]
    found = figures_of(Answers("made up", [answer(drums=0.9)]), listened, "instrument", of_kind("instrument"))
    assert np.isnan(found.believed_wrong)
    assert found.first == 0


def test_answers_are_averaged_over_the_song() -> None:
    moments = np.concatenate([answer(1, rock=0.9), answer(3, jazz=0.4)])
    found = figures_of(Answers("made up", [moments]), [song("jazz")], "genre", of_kind("genre"))
    assert found.first == 1


def test_headline_changes_are_counted_on_the_average() -> None:
    steady = np.tile([0.6, 0.4], (40, 1))
    assert headline_changes(steady) == 0
    flicker = steady.copy()
    flicker[::2] = [0.45, 0.5]
    assert headline_changes(flicker) == 0, "an average of 4 s hides what flickers every half second"
    assert headline_changes(np.concatenate([steady, steady[:, ::-1]])) == 1


def test_male_and_female_voice_are_told_apart_by_their_difference() -> None:
    listened = [song("male voice"), song("male voice"), song("female voice"), song("female voice"), song("voice")]
    said = [answer(male_voice=0.2, female_voice=0.1), answer(male_voice=0.9, female_voice=0.8)]
    said += [answer(male_voice=0.5, female_voice=0.6), answer(male_voice=0.1, female_voice=0.3), answer()]
    assert male_or_female(Answers("made up", said), listened) == (1.0, 4)


def test_a_listener_that_lacks_tags_is_ranked_on_its_own() -> None:
    said = answer(jazz=0.4, rock=0.9)
    said[:, WIDE_INDEX["rock"]] = np.nan
    found = figures_of(Answers("made up", [said]), [song("jazz")], "genre", of_kind("genre"))
    assert found.first == 1


def test_what_is_missing_is_named_in_a_line_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = {"data": tmp_path, "teachers": tmp_path / "nobody", "listener": tmp_path}
    assert evaluate(Paths.resolve(True, given), small=True) == {}
    assert (
        capsys.readouterr().out
        == f"\nreal sound: left out, {tmp_path / 'nobody'} is missing (--teachers, --listener)\n"
    )
    given |= {"teachers": tmp_path, "music": tmp_path / "no-music"}
    assert evaluate(Paths.resolve(True, given), small=True) == {}
    said = capsys.readouterr().out
    assert f"{tmp_path / 'no-music'} is missing (--music); only folders of local.toml are judged" in said


def test_a_table_has_a_row_for_each_listener_and_kind_that_is_known_of(capsys: pytest.CaptureFixture[str]) -> None:
    listened = [song("jazz"), song("piano", "keyboard")]
    everybody = [Answers(name, [answer(jazz=0.9), answer(piano=said)]) for name, said in (("one", 0.9), ("other", 0.0))]
    found = print_all(everybody, listened, "A title")
    assert set(found) == {"one, genre", "one, instrument", "other, genre", "other, instrument"}
    assert found["one, instrument"]["first"] == 1 and found["other, instrument"]["first"] == 0
    printed = capsys.readouterr().out
    assert "A title" in printed and printed.count("genre (1)") == 2
