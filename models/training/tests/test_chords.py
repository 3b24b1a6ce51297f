"""How far chords are from others, and what hears them."""

from pathlib import Path

import numpy as np
import pytest

from moodring_training.shared.paths import Paths
from moodring_training.timbre.chords import ear, material
from moodring_training.timbre.chords import measure as chords
from moodring_training.timbre.front_end import SAMPLE_RATE
from moodring_training.timbre.soundfont import HOLD_S, RELEASE_S

LENGTH = int((HOLD_S + RELEASE_S) * SAMPLE_RATE)


def chord(falls: float) -> np.ndarray:
    """Three notes whose partials fall as their number to this power."""
    times = np.arange(LENGTH)[:, None] / SAMPLE_RATE
    numbers = np.arange(1, 20)
    tones = [(np.sin(2 * np.pi * hz * numbers * times) / numbers**falls).sum(axis=1) for hz in (261.6, 329.6, 392.0)]
    noise = 1e-4 * np.random.default_rng(1).standard_normal(LENGTH)
    return (0.1 * np.sum(tones, axis=0) + noise).astype(np.float32)


def test_a_chord_is_nowhere_from_itself_however_loud() -> None:
    dark = chord(2.0)
    far = chords.apart([dark], [4 * dark])
    assert far.whole == pytest.approx(0.0, abs=0.01)
    assert far.frames == pytest.approx(0.0, abs=0.01)


def test_the_best_curve_brings_a_chord_to_another_of_the_same_notes() -> None:
    dark, bright = [chord(2.0)], [chord(1.0)]
    before = chords.apart(dark, bright)
    for moves in (False, True):
        after = chords.apart(chords.curved(dark, bright, moves), bright)
        assert after.whole < 0.4 * before.whole
        assert after.frames < 0.4 * before.frames


def test_the_table_is_1_where_nothing_is_done_and_0_at_the_targets() -> None:
    found = {"Choir": [chord(2.0)], "Trumpet": [chord(1.0)]}
    untouched = chords.table(found, lambda source, _target: found[source])
    arrived = chords.table(found, lambda _source, target: found[target])
    assert (untouched.whole, untouched.frames) == (1.0, 1.0)
    assert (arrived.whole, arrived.frames) == (0.0, 0.0)


def test_two_notes_a_third_apart_are_two_peaks_of_their_own_power() -> None:
    times = np.arange(24_000) / SAMPLE_RATE
    sound = 0.5 * np.sin(2 * np.pi * 130.8 * times) + 0.25 * np.sin(2 * np.pi * 164.8 * times)
    power = material.fine_power(sound)[-1]
    peaks = [at for at in range(1, 100) if power[at] > 0.01 and power[at - 1] < power[at] >= power[at + 1]]
    assert [round(at * material.BIN_HZ / 5.86) for at in peaks] == [22, 28]
    assert 10 * np.log10(power[peaks]) == pytest.approx([-6.0, -12.0], abs=2.5)


def test_an_ear_learns_what_sounds_and_is_written_with_what_a_card_says_of_it(tmp_path: Path) -> None:
    paths = Paths.resolve(False, {"data": tmp_path})
    (paths.work / "timbre").mkdir(parents=True)
    rng = np.random.default_rng(3)
    for split in ("train", "choose"):
        power, sounding = np.full((150, 1_024), 1e-8, np.float32), np.zeros((150, material.PITCHES), bool)
        for row, pitch in enumerate(rng.integers(10, 40, 150)):
            hz = 440 * 2 ** ((material.LOWEST_PITCH + pitch - 69) / 12)
            for number in range(1, 9):
                power[row, min(round(number * hz / material.BIN_HZ), 1_023)] = 1.0 / number**2
            sounding[row, pitch] = True
        np.savez(paths.work / "timbre" / f"chords-{split}.npz", power=power, sounding=sounding)
    ear.train(paths, small=False)
    heard = ear.evidence(material.Examples.load(paths, "choose").power)
    assert heard.shape == (150, material.PITCHES, 20)
    said = ear.export(ear.load(paths), tmp_path)
    assert (tmp_path / "ear.onnx").stat().st_size < 20_000
    assert said["input"]["shape"] == [material.PITCHES, 20] and said["output"]["shape"] == [material.PITCHES]
