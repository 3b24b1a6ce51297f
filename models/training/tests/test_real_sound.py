"""The measure of what a user sees, on answers that were made up."""

import json
from pathlib import Path

import numpy as np
import pytest

from moodring_training.shared.paths import Paths
from moodring_training.tagger import aims, headlines
from moodring_training.tagger.figures import Answers, Figures, figures_of, male_or_female
from moodring_training.tagger.labels.audioset import WIDE_INDEX, WIDE_NAMES
from moodring_training.tagger.labels.songs import Song
from moodring_training.tagger.labels.vocabulary import of_kind
from moodring_training.tagger.real_sound import evaluate, print_all


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


def written(seconds: float, genre: str | None) -> str:
    return json.dumps({"file": "song.ogg", "seconds": seconds, "headlines": {"genre": genre, "mood": None}})


def test_a_headline_changes_where_another_or_none_takes_its_place_and_the_first_is_no_change() -> None:
    named = [None, None, "jazz", "jazz", "rock", None, None, "rock", "rock"]
    lines = [written(0.5 * number, name) for number, name in enumerate(named)]
    assert headlines.changes(lines) == {"genre": (3, 4.0), "mood": (0, 4.0)}
    assert headlines.changes([json.dumps({"file": "song.ogg", "seconds": 9.0, "state": "no answer"})]) == {}


def test_headlines_are_asked_of_the_command_line_and_short_recordings_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths.resolve(False, {"moodring": tmp_path / "moodring"})
    assert headlines.a_minute(paths, tmp_path, [tmp_path / "song.ogg"]) == {}
    assert "headlines: left out" in capsys.readouterr().out
    for length, name in ((60, "long"), (10, "short")):
        lines = [written(float(number), "jazz" if number % 20 < 10 else "rock") for number in range(length + 1)]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    paths.moodring.write_text('#!/bin/sh\nfor file; do :; done\nexec cat "$file"\n', encoding="utf-8")
    paths.moodring.chmod(0o755)
    found = headlines.a_minute(paths, tmp_path, [tmp_path / "long", tmp_path / "short"])
    assert found == {"genre": pytest.approx(6.0), "mood": 0.0}


def test_an_aim_is_met_or_short_and_what_nobody_can_judge_is_left_out() -> None:
    genre = Figures(songs=10, first=0.5, third=0.7, believed_wrong=0.1, error=0.06, most=("pop", 0.34))
    genre.recall = {"jazz": (0.2, 5), "reggae": (0.0, 5)}
    found = {row[0]: row[-1] for row in aims.rows({"genre": genre}, Figures(first=0.4, third=0.68), float("nan"))}
    assert found["genre: calibration error"] == "short" and found["genre: a wrong tag above 50 %"] == "met"
    assert found["genre: right first, five teachers and 5 points"] == "met"
    assert found["genre: right in top 3, five teachers and 5 points"] == "short"
    assert found["genre: jazz first, of its 5"] == "met" and found["genre: reggae first, of its 5"] == "short"
    assert found["genre: most often first (pop)"] == "short"
    assert not [name for name in found if name.startswith(("instrument", "mood", "male"))]


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
