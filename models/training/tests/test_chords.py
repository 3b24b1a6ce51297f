"""How far chords are from others, and what hears them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from moodring_training.shared.paths import Paths
from moodring_training.timbre.chords import ear, material, playing
from moodring_training.timbre.chords import measure as chords
from moodring_training.timbre.chords.evidence import BIN_HZ, LOWEST_PITCH, NUMBERS, PITCHES, evidence, fine_power
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
    power = fine_power(sound, [46])[0]
    peaks = [at for at in range(1, 100) if power[at] > 0.01 and power[at - 1] < power[at] >= power[at + 1]]
    assert [round(at * BIN_HZ / 5.86) for at in peaks] == [22, 28]
    assert 10 * np.log10(power[peaks]) == pytest.approx([-6.0, -12.0], abs=2.5)


def test_a_spectrum_is_of_the_frames_up_to_its_hop() -> None:
    sound = np.random.default_rng(5).standard_normal(24_000)
    together = fine_power(sound, [3, 20])
    later = sound.copy()
    later[21 * 512 :] = 0
    assert np.array_equal(together[1:], fine_power(later, [20]))
    assert np.array_equal(together[:1], fine_power(sound[: 4 * 512], [3]))


def partials(pitches: list[int], fall: float = 2.0) -> np.ndarray:
    """A power spectrum of notes of eight partials."""
    power = np.full(1_024, 1e-8)
    for pitch in pitches:
        hz = 440 * 2 ** ((pitch - 69) / 12)
        for number in range(1, 9):
            power[min(round(number * hz / BIN_HZ), 1_023)] += 1.0 / number**fall
    return power


def test_an_ear_learns_what_sounds_and_is_written_with_what_a_card_says_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths.resolve(False, {"data": tmp_path})
    (paths.work / "timbre").mkdir(parents=True)
    rng = np.random.default_rng(3)
    for split in ("train", "choose"):
        pitches = rng.integers(50, 80, 1_000)
        heard = evidence(np.stack([partials([int(pitch)]) for pitch in pitches])).astype(np.float16)
        assert heard.shape == (1_000, PITCHES, NUMBERS)
        sounding = pitches[:, None] == LOWEST_PITCH + np.arange(PITCHES)
        np.savez(paths.work / "timbre" / f"chords-{split}.npz", heard=heard, sounding=sounding)
    monkeypatch.setattr(ear, "BATCH", 16)
    ear.train(paths, small=False)
    made = ear.load(paths)
    held_out = material.Examples.load(paths, "choose")
    found = ear.sure(made, held_out.heard) > 0.5
    assert (found & held_out.sounding).sum() > 0.9 * held_out.sounding.sum()
    assert (found & ~held_out.sounding).sum() < 0.1 * held_out.sounding.sum()
    said = ear.export(made, tmp_path)
    assert (tmp_path / "ear.onnx").stat().st_size < 60_000
    assert said["input"]["shape"] == [PITCHES, NUMBERS] and said["output"]["shape"] == [PITCHES]


def test_a_pitch_hears_of_those_within_two_octaves_and_of_the_mean_of_all() -> None:
    around = ear.Around()
    with torch.no_grad():
        around.kernels.uniform_(0.1, 1.0)
        around.mixed.weight.uniform_(0.1, 1.0)
        around.mixed.bias.zero_()
        silent = torch.zeros(1, PITCHES, ear.WIDTH)
        one = silent.clone()
        one[0, 28] = 1.0
        changed = (around(one) != around(silent))[0].any(dim=-1).numpy()
    assert np.flatnonzero(changed).tolist() == list(range(28 - ear.REACH, 28 + ear.REACH + 1))


def test_keys_count_where_registers_sound_and_every_note_where_hands_double_them() -> None:
    times = 2 * np.pi * 440 * np.arange(playing.LENGTH) / SAMPLE_RATE
    tone = {pitch: np.sin(2 ** ((pitch - 69) / 12) * times) for pitch in range(36, 92)}
    keys = (60, 64, 67)

    def octave(step: int) -> list[np.ndarray]:
        return [sum(tone[pitch + step] for pitch in keys)]

    sounds = {(19, step): octave(step) for step in (-12, 0, 12, 19)}
    sounds |= {(program, step): octave(step) for program in playing.DOUBLED for step in (-12, 0)}
    into = material.Collection(np.random.default_rng(1))
    material.combine(into, playing.Registers([keys], sounds))
    found = into.examples()
    registered = material.COMBINED * material.MIXED_FRAMES
    doubled = playing.sounding((*keys, *(pitch - 12 for pitch in keys)))
    assert (found.sounding[:registered] == playing.sounding(keys)).all()
    assert len(found.sounding) > registered and (found.sounding[registered:] == doubled).all()
    # An octave below the keys there is as much in some as in what is doubled.
    below = found.heard[:, np.flatnonzero(doubled)[0], 3].astype(float)
    assert below[:registered].max() > 0.9 and np.median(below[:registered]) < 0.7 and below[registered:].min() > 0.8


def test_drums_sound_at_no_pitch_and_beside_chords_at_theirs() -> None:
    rng = np.random.default_rng(2)
    hit = rng.standard_normal(playing.LENGTH) * np.exp(-np.arange(playing.LENGTH) / 2_000)
    played = [playing.Chord((60, 64), 0, rng.standard_normal(playing.LENGTH)) for _ in range(5)]
    into = material.Collection(rng)
    material.mix(into, played, [hit])
    sounding = into.examples().sounding
    assert set(sounding.sum(axis=1)) == {0, 2}
    assert (sounding.sum(axis=1) == 0).sum() == int(material.DRUMS_ALONE * len(played)) * material.MIXED_FRAMES
