"""The correction of the head on rendered solos: what it learns, what it leaves alone, and what it is taught with."""

from pathlib import Path

import numpy as np
import pytest

from moodring_training.shared.paths import Paths
from moodring_training.tagger.head import correct
from moodring_training.tagger.head.config import HeadConfig
from moodring_training.tagger.head.net import Head
from moodring_training.tagger.labels.audioset import WIDE_INDEX, WIDE_NAMES
from moodring_training.tagger.labels.instruments import FAMILIES
from moodring_training.tagger.listeners import answers, hearing, mn04, rendered_solos

INPUTS, TAGS = mn04.EMBEDDING + 527, len(WIDE_NAMES)
GUITAR = WIDE_INDEX["guitar"]
CONFIG = HeadConfig.read(small=False).correction


def head() -> Head:
    random = np.random.default_rng(1)
    return Head(
        random.normal(0, 0.05, (INPUTS, TAGS)),
        random.normal(0, 0.1, TAGS),
        random.uniform(1, 3, TAGS),
        random.uniform(-6, -2, TAGS),
    )


def lesson(chunks: int = 400, songs: int = 300) -> correct.Lesson:
    """Solos of which every other is a guitar, as the first ten inputs tell; music in which these say nothing of it."""
    random = np.random.default_rng(2)
    solos, music = (random.normal(0, 1, (count, INPUTS)).astype(np.float32) for count in (chunks, songs))
    right, known = np.zeros((chunks, TAGS)), np.zeros((chunks, TAGS))
    right[::2, GUITAR] = known[:, GUITAR] = 1
    solos[::2, :10] += 1
    solos[1::2, :10] -= 1
    music[:, :10] = 0
    return correct.Lesson(solos, right, known, music)


def split(said: np.ndarray) -> float:
    """How much likelier a guitar is where it is one."""
    return float(said[::2, GUITAR].mean() - said[1::2, GUITAR].mean())


def test_solos_are_named_better_and_music_hears_what_it_heard() -> None:
    before, learnt = head(), lesson()
    after = correct.corrected(before, learnt, CONFIG)
    fresh = np.random.default_rng(3).normal(0, 1, (200, INPUTS)).astype(np.float32)
    fresh[::2, :10] += 1
    fresh[1::2, :10] -= 1
    assert split(after.logits(fresh)) > split(before.logits(fresh)) + 1
    moved = np.abs(after.logits(learnt.music) - before.logits(learnt.music))
    assert moved[:, GUITAR].mean() < 0.3
    loose = correct.corrected(before, learnt, CONFIG.model_copy(update={"music": 0.0}))
    assert (
        np.abs(loose.logits(learnt.music) - before.logits(learnt.music))[:, GUITAR].mean() > 2 * moved[:, GUITAR].mean()
    )


def test_genres_moods_and_instruments_that_no_solo_tells_of_stay_to_the_bit() -> None:
    before = head()
    after = correct.corrected(before, lesson(), CONFIG)
    others = np.arange(TAGS) != GUITAR
    np.testing.assert_array_equal(after.weights[:, others], before.weights[:, others])
    np.testing.assert_array_equal(after.bias[others], before.bias[others])
    np.testing.assert_array_equal(after.slopes, before.slopes)
    assert (after.weights[:, GUITAR] != before.weights[:, GUITAR]).any()


def test_a_pull_without_end_leaves_the_head_as_it_was() -> None:
    before, learnt = head(), lesson()
    learnt.right[:, GUITAR] = 0.5
    after = correct.corrected(before, learnt, CONFIG.model_copy(update={"pull": 1e12}))
    np.testing.assert_allclose(after.weights, before.weights, atol=1e-6)


def test_every_program_of_every_family_plays_alone() -> None:
    solos = rendered_solos.every_program(np.random.default_rng(1), 4.0)
    assert [(one.family, one.program) for one in solos] == [
        (family.name, program) for family in FAMILIES for program in family.programs
    ]
    assert sum(bool(one.notes) for one in solos) > 0.9 * len(solos)


def test_solos_that_teach_are_of_other_soundfonts_than_those_that_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def banks(_: Paths, split: str, small: bool) -> list[Path]:
        asked.append((split, small))
        return [Path(f"{split}-{number}.sf2") for number in range(2)]

    monkeypatch.setattr(rendered_solos.rendered, "soundfonts", banks)
    paths = Paths.resolve(False, {"data": tmp_path})
    jobs = {split: rendered_solos.jobs_of(paths, split) for split in rendered_solos.SPLITS}
    used = {split: {job[4] for job in some} for split, some in jobs.items()}
    assert not used["teach"] & used["choose"] and ("report", False) not in asked
    for some in jobs.values():
        assert len({job[-1] for job in some}) == len(some) == len({job[2] for job in some})
        # Another bank, and another turn, plays other notes.
        played = [tuple(note.start for note in job[3][0].notes) for job in some]
        assert len(set(played)) == len(played)


def test_a_song_is_asked_about_every_other_second_but_not_in_silence() -> None:
    random = np.random.default_rng(4)
    sound = random.normal(0, 0.1, 9 * mn04.RATE)
    sound[3 * mn04.RATE : 4 * mn04.RATE] = 0
    np.testing.assert_array_equal(answers.moments(sound), [2, 6, 8])
    np.testing.assert_array_equal(answers.moments(sound[: mn04.RATE]), [1])
    assert hearing.SILENT_RMS < 0.1
