"""The colour of single lines: how it comes of the makers', and how it is stored."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from moodring_training.shared.paths import Paths
from moodring_training.timbre import soundfont, ways
from moodring_training.timbre.chords import colours, lines
from moodring_training.timbre.front_end import SAMPLE_RATE
from moodring_training.timbre.notes import harmonics, table

LEVELS = (2, len(colours.PITCHES), colours.LEVELS)


def test_harmonics_fall_more_those_of_brass_most_and_noise_does_not() -> None:
    named = [timbre for timbre in table.players() if timbre.id in ("flute", "trumpet")]
    brass, flute = lines.darker(sorted(named, key=lambda timbre: timbre.programs[0]))[:, 0]
    # The first, the fourth, and from the eighth on no further.
    np.testing.assert_allclose(flute[[0, 3, 7, 20, 59]], [0, -3, -4.5, -4.5, -4.5])
    np.testing.assert_allclose(brass[[0, 3, 7, 20, 59]], [0, -8, -12, -12, -12])
    assert not flute[harmonics.HARMONICS :].any() and not brass[harmonics.HARMONICS :].any()


def test_a_lines_colour_is_told_over_each_notes_own_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Two makers that agree: all of the way is gone.
    alike = np.full((2, 3, colours.LEVELS), -30.0)
    monkeypatch.setattr(colours, "each_maker", lambda *_arguments: [alike, alike])
    played = np.zeros((2, 3, len(harmonics.TIMES), colours.LEVELS + 2))
    played[..., : colours.LEVELS] = -35.0
    played[1, 1, :, 0] = -45.0
    stored = colours.Stored(table.players()[:2], played, np.array([36, 60, 84]), 90, table.STEPS)
    said = lines.export(Paths.resolve(False, {"data": tmp_path}), tmp_path, stored, False)
    # What is played is flat.
    tilts = said.pop("tilts_db")
    assert len(tilts) == 3 and np.abs(tilts).max() < 1
    assert said == {"pitches": [36, 60, 84], "range_db": [-40.0, 40.0]}
    packed = np.frombuffer(zlib.decompress((tmp_path / "lines.bin").read_bytes()), np.uint8)
    db = -40 + packed.reshape(2, 3, colours.LEVELS) / table.STEPS * 80
    np.testing.assert_allclose(db[..., 0], [[5, 5, 5], [5, 15, 5]], atol=0.32)
    np.testing.assert_allclose(db[..., 1], 3.5, atol=0.32)
    np.testing.assert_allclose(db[..., harmonics.HARMONICS :], 5, atol=0.32)


def test_the_less_makers_agree_the_more_of_its_own_a_player_keeps() -> None:
    makers = [np.full((2, 1, colours.LEVELS), -30.0) for _ in range(3)]
    for each, apart in zip(makers, (2.0, 4.0, 6.0), strict=True):
        each[0] -= apart
    # Twice and three times as far as the first; the second is as far as they are on average.
    shares = lines.own_shares(makers)
    np.testing.assert_allclose(shares, [lines.OWN_SHARE / 4, lines.OWN_SHARE, lines.OWN_SHARE * 2.25])
    # What no maker lets be heard tells nothing.
    makers[0][:, :, 50:] = [[[-70.0]], [[-140.0]]]
    assert lines.own_shares(makers)[0] < shares[0]
    # One maker only.
    assert (lines.own_shares([makers[0][:1], makers[1][:1]]) == 0).all()


def test_makers_that_are_silent_have_no_say_and_levels_stay_beyond_their_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Instrument:
        def __init__(self, name: str, _folder: Path) -> None:
            self.name = name

        def play(self, notes: list[soundfont.Note]) -> Iterator[tuple[soundfont.Note, np.ndarray]]:
            for note in notes:
                sounds = note.pitch >= 48 and self.name == colours.MAKERS[0]
                seconds = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
                hz = harmonics.hertz(note.pitch)
                yield note, sounds * 0.2 * (np.sin(2 * np.pi * hz * seconds) + 0.1 * np.sin(4 * np.pi * hz * seconds))

    monkeypatch.setattr(colours.soundfont, "Instrument", Instrument)
    monkeypatch.setattr(colours.corpus, "unpack", lambda *_arguments: tmp_path)
    paths = Paths.resolve(False, {"data": tmp_path})
    [levels] = colours.each_maker(paths, table.players()[:1], 90, False, lines.MAKERS)
    assert levels.shape == (1, len(colours.PITCHES), colours.LEVELS)
    np.testing.assert_allclose(levels[0, :, 1] - levels[0, :, 0], -20, atol=0.5)
    np.testing.assert_array_equal(levels[0, 0], levels[0, 2])


def test_the_soundfont_that_is_related_to_the_one_that_reports_has_a_say_only_in_what_that_reports_nothing_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Instrument:
        def __init__(self, name: str, _folder: Path) -> None:
            self.name = name

        def play(self, notes: list[soundfont.Note]) -> Iterator[tuple[soundfont.Note, np.ndarray]]:
            asked.append((self.name, notes[0].program))
            seconds = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
            for note in notes:
                yield note, 0.2 * np.sin(2 * np.pi * harmonics.hertz(note.pitch) * seconds)

    monkeypatch.setattr(colours.soundfont, "Instrument", Instrument)
    monkeypatch.setattr(colours.corpus, "unpack", lambda *_arguments: tmp_path)
    named = [timbre for timbre in table.players() if timbre.id in ("flute", "choir")]
    found = colours.each_maker(
        Paths.resolve(False, {"data": tmp_path}), named, 90, False, lines.MAKERS, np.array([60, 72])
    )
    others = len(colours.CHORDS.soundfonts)
    assert [len(each) for each in found] == [others + (timbre.id == "flute") for timbre in named]
    assert [program for name, program in asked if name == lines.RELATED] == [73]
    # Nothing that UNSEEN plays is heard of it, and its ids are players'.
    ids = {timbre.id for timbre in table.players()}
    assert ids > lines.MAKERS.without[lines.RELATED] > {"choir", "sitar", "harpsichord"}
    assert len(lines.MAKERS.without[lines.RELATED]) == len(ways.RENDERED)
