"""Scattering against mel: that notes are comparable, that front-ends hear what they should, and that nobody is asked about what taught it."""

from importlib import import_module

import numpy as np
import pytest

from moodring_training.__main__ import ALONE
from moodring_training.scattering import compare, material
from moodring_training.scattering.classifiers import CLASSIFIERS
from moodring_training.scattering.compare import Heard, compared, drawn, recall, verdict
from moodring_training.scattering.config import ScatteringConfig
from moodring_training.scattering.features import FRONT_ENDS, MELS, SCATTERINGS, cut, scattered
from moodring_training.scattering.material import INSTRUMENTS, LENGTH, RATE, WINDOW, pitches, prepared
from moodring_training.shared import corpus
from moodring_training.timbre.front_end import SAMPLE_RATE

CONFIG = ScatteringConfig.read(True)
TIME = np.arange(LENGTH) / RATE


def tone(hz: float, tremolo: float = 0.0) -> np.ndarray:
    louder = 1 + 0.9 * np.sin(2 * np.pi * tremolo * TIME)
    return (0.1 * louder * np.sin(2 * np.pi * hz * TIME)).astype(np.float32)


def test_the_command_line_knows_the_step() -> None:
    for _, module, function in ALONE.values():
        assert callable(getattr(import_module(module, "moodring_training"), function))


def test_a_note_begins_at_its_onset_and_is_as_long_and_loud_as_others() -> None:
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    sound = np.sin(2 * np.pi * 440 * time)
    for level, late_s in ((0.5, 0.0), (0.01, 0.7)):
        note = prepared(np.concatenate([np.zeros(int(late_s * SAMPLE_RATE)), level * sound]))
        assert note.shape == (LENGTH,) and np.abs(note[: RATE // 100]).max() > 0.05
        sounding = note[: int(material.SOUNDS_S * RATE)]
        assert np.sqrt(np.mean(sounding**2)) == pytest.approx(material.LOUDNESS, rel=1e-3)
        assert not note[len(sounding) :].any() and abs(sounding[-1]) < 1e-3
    assert prepared(np.zeros(SAMPLE_RATE)) is None
    short = prepared(sound[: SAMPLE_RATE // 2])
    assert short.shape == (LENGTH,) and not short[RATE // 2 :].any()


def test_every_instrument_has_recordings_and_makers_have_none_in_common() -> None:
    listed = {entry.name: entry for entry in corpus.manifest()}
    for instrument in INSTRUMENTS:
        assert listed[f"tonejs-instrument-{instrument.name}-mp3"].role == "notes"
        asked = pitches(instrument, 12)
        assert asked[0] == instrument.lowest and asked[-1] == instrument.highest
    for small in (True, False):
        makers = [maker for maker in material.makers(small) if maker != material.RECORDINGS]
        assert {listed[maker].role for maker in makers} == {"soundfont"}
        # Of each pair that shares samples there is one at most.
        for pair in (
            {"fluid-soundfont-gm", "musescore-general-soundfont"},
            {"csound-soundfont", "timgm6mb-soundfont"},
        ):
            assert len(pair & set(makers)) <= 1
    assert all(listed[maker].small for maker in material.makers(True))


def test_what_is_far_below_the_loudest_is_cut() -> None:
    levels = np.array([[[-20.0, -70.0, -150.0]], [[10.0, 0.0, -69.0]]])
    assert np.array_equal(cut(levels)[:, 0], [[0, -50, -80], [0, -10, -79]])


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_a_front_end_gives_rows_that_do_not_go_by_the_level(name: str) -> None:
    sounds = np.stack([tone(440), tone(880), 4 * tone(880)])
    numbers = FRONT_ENDS[name](sounds, CONFIG.wavelets)
    assert numbers.shape[:2] == (3, LENGTH // WINDOW) and numbers.dtype == np.float32
    assert np.isfinite(numbers).all() and numbers.min() >= -80
    assert np.allclose(numbers[1], numbers[2], atol=0.01)
    assert np.abs(numbers[0] - numbers[1]).max() > 20


def test_the_second_order_hears_what_the_first_takes_the_mean_of() -> None:
    sounds = np.stack([tone(880), tone(880, 20.0)])
    first = scattered(sounds, CONFIG.wavelets, 1)
    both = scattered(sounds, CONFIG.wavelets, 2)
    assert np.allclose(both[:, :, : first.shape[2]], first, atol=0.01)
    middle = slice(2, 4)
    # The tone itself is as loud in both; only the second order knows that it trembles.
    loudest = first[0, 2].argmax()
    assert np.abs(first[0, middle, loudest] - first[1, middle, loudest]).max() < 1
    second = both[:, middle, first.shape[2] :]
    assert (second[1] - second[0]).max() > 20


def separable(seed: int, numbers: int = 12) -> Heard:
    """Notes of three instruments that a number each tells apart."""
    random = np.random.default_rng(seed)
    known = np.arange(60) % 3
    rows = random.normal(0, 1, (60, 6, numbers))
    rows[np.arange(60), :, known] += 4
    return Heard(rows.astype(np.float32), known)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_tells_what_can_be_told_and_nothing_else(name: str) -> None:
    training = CONFIG.training.model_copy(update={"epochs": 100})
    teaching, asked = separable(1), separable(2)
    said = CLASSIFIERS[name](teaching.numbers, teaching.instruments, asked.numbers, training, 1)
    assert recall(said, asked.instruments) > 0.95
    without = [one.numbers[:, :, 3:] for one in (teaching, asked)]
    said = CLASSIFIERS[name](without[0], teaching.instruments, without[1], training, 1)
    assert recall(said, asked.instruments) < 0.6


def test_a_share_of_right_answers_counts_every_instrument_alike() -> None:
    right = np.array([0] * 9 + [1])
    assert recall(np.zeros(10, int), right) == 0.5


def test_nobody_is_asked_about_what_taught_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[set[float], set[float], int]] = []

    def told(teaching: np.ndarray, known: np.ndarray, others: np.ndarray, training: object, seed: int) -> np.ndarray:
        asked.append((set(teaching[:, 0, 0]), set(others[:, 0, 0]), len(known)))
        return np.zeros(len(others), int)

    monkeypatch.setattr(compare, "CLASSIFIERS", {"told": told})
    makers = ("a", "b", "c")
    heard = {
        maker: Heard(np.full((10, 6, 2), number, np.float32), np.arange(10) % 2) for number, maker in enumerate(makers)
    }
    shares = compared({"one": heard, "other": heard}, CONFIG.training)
    assert shares["one", "told"].shape == (3, CONFIG.training.seeds)
    for teaching, others, count in asked:
        assert not teaching & others and len(others) == 1 and count == round(CONFIG.training.share * 20)
    # Every front-end learns from the same notes, every seed from others.
    assert np.array_equal(drawn(20, 0.8, 1), drawn(20, 0.8, 1))
    assert not np.array_equal(drawn(20, 0.8, 1), drawn(20, 0.8, 2))


def test_the_verdict_asks_for_more_than_the_spread() -> None:
    random = np.random.default_rng(4)
    mels = {(name, "linear"): 0.5 + random.normal(0, 0.02, (5, 5)) for name in MELS}
    for more, words in ((0.2, "scattering wins"), (0.0, "scattering does not win"), (-0.2, "does not win")):
        better = {(name, "linear"): 0.5 + more + random.normal(0, 0.02, (5, 5)) for name in SCATTERINGS}
        assert words in verdict(mels | better, "linear")
