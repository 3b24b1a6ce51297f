"""Rendered sound: what is exactly known of parts, which of them are heard, and how well listeners name them."""

from pathlib import Path

import numpy as np
import pytest

from moodring_training.shared.paths import Paths
from moodring_training.tagger import rendered_sound
from moodring_training.tagger.head import exact_sound
from moodring_training.tagger.head.config import HeadConfig
from moodring_training.tagger.labels.audioset import WIDE, WIDE_INDEX, WIDE_NAMES
from moodring_training.tagger.labels.exact import Sounding, labels_of
from moodring_training.tagger.listeners import hearing, mn04, pieces
from moodring_training.tagger.material import audible, scores
from moodring_training.tagger.material.arranger import Note, Part

RENDERED = HeadConfig.read(small=False).rendered
TRUMPET, PIANO, KIT = (
    Sounding.of_program(family, program) for family, program in (("trumpet and horns", 56), ("piano", 0), ("drums", 56))
)


def named(labels: tuple[np.ndarray, np.ndarray]) -> tuple[set[str], set[str]]:
    """The tags that are right, and those that are wrong for certain."""
    right, known = labels
    return (
        {WIDE_NAMES[tag] for tag in np.flatnonzero(right)},
        {WIDE_NAMES[tag] for tag in np.flatnonzero(known * (1 - right))},
    )


def test_a_program_says_more_than_its_family_and_a_drum_kits_number_is_no_program() -> None:
    right, wrong = named(labels_of([TRUMPET, PIANO]))
    assert right == {"brass", "trumpet", "piano", "keyboard"}
    assert {"trombone", "french horn", "saxophone", "organ", "banjo", "voice", "singing"} <= wrong
    assert not {"percussion", "orchestra", "jazz", "happy"} & (right | wrong)
    right, wrong = named(labels_of([KIT]))
    assert right == {"drums"} and not {"snare drum", "drum machine"} & wrong


def test_one_of_a_kind_that_is_unknown_leaves_its_siblings_open() -> None:
    section = Sounding.of_program("trumpet and horns", 61)
    _, wrong = named(labels_of([TRUMPET, section]))
    assert not {"trombone", "french horn"} & wrong
    voice, _ = named(labels_of([Sounding("female speech")]))
    assert voice == {"female voice", "voice"}
    assert not {"singing", "speech", "rapping"} & named(labels_of([Sounding("female speech")]))[1]


def test_of_a_part_that_may_be_heard_nothing_is_known_and_of_one_that_is_not_heard_all() -> None:
    right, wrong = named(labels_of([PIANO], [TRUMPET]))
    assert right == {"piano", "keyboard"} and not {"brass", "trumpet", "trombone"} & wrong
    parts = [(PIANO, 0.3), (TRUMPET, RENDERED.unheard_below / 2)]
    right, wrong = named(exact_sound.heard_of(parts, RENDERED))
    assert right == {"piano", "keyboard"} and {"brass", "trumpet"} <= wrong
    right, _ = named(exact_sound.heard_of([(PIANO, 0.3), (TRUMPET, RENDERED.heard_from)], RENDERED))
    assert {"brass", "piano"} <= right


def test_a_part_that_rests_or_is_masked_has_no_cells_and_one_alone_all_that_sound() -> None:
    levels = np.full((3, 10, 20), -100.0)
    levels[0, :, :5] = -20
    levels[1, :, :5] = -30
    levels[1, :, 10:14] = -40
    shares = audible.shares(levels)
    np.testing.assert_allclose(shares, [5 / 20, 4 / 20, 0])
    levels[1, :, 10:14] = -20 - audible.DEPTH_DB - 1
    assert audible.shares(levels)[1] == 0, "too soft beside the loudest"


def test_parts_are_mixed_by_number_and_silent_ones_are_left_out() -> None:
    random = np.random.default_rng(1)
    given = [Part(family, 0, [Note(0.0, 1.0, 60, 90)]) for family in ("piano", "flute", "organ")]
    waves = [random.normal(0, size, 4 * mn04.RATE).astype(np.float32) for size in (0.3, 0.0, 0.003)]
    seen = []
    for seed in range(12):
        parts, sounds = pieces._mixed(np.random.default_rng(seed), given, waves)
        assert [part.family for part in parts] == ["piano", "organ"]
        seen.append(np.std(sounds[0]) / np.std(sounds[1]))
    assert min(seen) < 4 and max(seen) > 50, "balanced by a mixer, and as they were rendered"


def test_what_is_written_of_parts_is_read_again() -> None:
    parts = [(Part("trumpet and horns", 56, []), 0.25), (Part("drums", 16, []), 1.0)]
    assert pieces._read(pieces.written(parts)) == [(TRUMPET, 0.25), (Sounding("drums"), 1.0)]


def test_pieces_that_teach_are_by_other_composers_than_those_that_report() -> None:
    assert not set(scores.TAUGHT_COMPOSERS) & set(scores.COMPOSERS)
    assert pieces.SPLITS["report"][:2] == (29, 96), "the pieces of all tables since the first"


def made_up(count: int) -> pieces.Heard:
    """Pieces of a piano or a trumpet in turns, which a listener's logits tell apart in all but one answer a piece."""
    parts, shipped = [], []
    for piece in range(count):
        for answer in range(pieces.POSITIONS):
            is_trumpet = piece % 2 == 1
            parts.append([(TRUMPET if is_trumpet else PIANO, 1.0)])
            said = np.full(len(WIDE), 0.1, np.float32)
            said[WIDE_INDEX["brass" if is_trumpet != (answer == 0) else "piano"]] = 0.6
            shipped.append(said)
    rows = len(parts)
    return pieces.Heard(
        np.zeros((rows, 527), np.float32),
        np.zeros((rows, mn04.EMBEDDING), np.float32),
        parts,
        np.repeat(np.arange(count), pieces.POSITIONS),
        ["arranger, solo"] * rows,
        np.zeros(rows, bool),
        np.array(shipped),
    )


def test_answers_are_averaged_over_a_piece_before_they_are_judged() -> None:
    heard = made_up(12)
    judged = rendered_sound.Judged.of(heard)
    areas = judged.areas(np.log(heard.shipped / (1 - heard.shipped)))
    brass = WIDE_INDEX["brass"]
    assert areas["all"][brass] == 1 and areas["solo"][brass] == 1
    assert 0.7 < areas["chunks"][brass] < 0.9
    assert np.isnan(areas["ensemble"][brass]) and np.isnan(areas["all"][WIDE_INDEX["flute"]])
    assert rendered_sound.mean(areas["all"])[1] == 3, "piano, keyboard and brass"


def test_the_table_has_a_row_for_each_listener(
    tmp_path: Path, made_up_mn04: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths.resolve(True, {"data": tmp_path, "listener": made_up_mn04})
    monkeypatch.setattr(rendered_sound.pieces, "prepare_to_judge", lambda *_: None)
    monkeypatch.setattr(rendered_sound.pieces, "load", lambda *_: made_up(12))
    summary = rendered_sound.evaluate(paths, True)
    printed = capsys.readouterr().out
    assert "12 pieces of 29 s" in printed and "trumpet" not in printed
    assert summary["shipped"]["all"] == 0.833 and set(summary) == {"shipped", "mn04, mapped"}

    paths = Paths.resolve(True, {"data": tmp_path, "listener": tmp_path / "nowhere"})
    assert rendered_sound.evaluate(paths, True) == {}
    assert "rendered sound: left out" in capsys.readouterr().out


def test_what_the_plugin_takes_for_silence_has_no_answer_and_a_piece_of_nothing_else_isnt_judged() -> None:
    heard, brass = made_up(12), WIDE_INDEX["brass"]
    logits = np.log(heard.shipped / (1 - heard.shipped))
    resting = 3 * pieces.POSITIONS + 2
    logits[resting] = -16
    assert rendered_sound.Judged.of(heard).areas(logits)["all"][brass] < 1
    heard.silent[resting] = True
    assert rendered_sound.Judged.of(heard).areas(logits)["all"][brass] == 1
    logits[3 * pieces.POSITIONS : 4 * pieces.POSITIONS] = -16
    heard.silent[3 * pieces.POSITIONS : 4 * pieces.POSITIONS] = True
    assert rendered_sound.Judged.of(heard).areas(logits)["all"][brass] == 1


def test_a_rest_is_silence_and_a_soft_note_is_not() -> None:
    sound = np.full(3 * 100, 0.01)
    sound[100:200] = 1e-4
    assert [hearing.is_silent(sound, end, 100) for end in (50, 100, 150, 200, 300)] == [
        False,
        False,
        False,
        True,
        False,
    ]
