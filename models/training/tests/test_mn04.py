"""mn04's front-end."""

import json
from pathlib import Path

import numpy as np

from moodring_training.shared.paths import ROOT
from moodring_training.tagger.labels.audioset import WIDE_INDEX
from moodring_training.tagger.listeners import hearing, mn04


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return 0.1 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * mn04.RATE)) / mn04.RATE)


def test_a_tone_is_loudest_in_the_band_that_its_pitch_lies_in() -> None:
    for hertz in (200.0, 1000.0, 5000.0, 12_000.0):
        band = mn04.levels_of(tone(hertz)).mean(axis=0).argmax()
        mel = 1127 * np.log(1 + np.array((hertz, mn04.F_MAX)) / 700)
        assert abs(band - (mel[0] / mel[1] * (mn04.BANDS + 1) - 1)) < 1, hertz


def test_triangles_are_not_negative_and_leave_no_hole() -> None:
    bank = mn04.filterbank()
    assert bank.shape == (mn04.N_FFT // 2 + 1, mn04.BANDS)
    assert bank.min() >= 0 and bank.max() <= 1
    top = int(14_000 * mn04.N_FFT / mn04.RATE)
    assert (bank[1:top].sum(axis=1) > 0.9).mean() > 0.9


def test_the_answer_needs_as_many_frames_as_it_lasts() -> None:
    seconds = mn04.FRAMES * mn04.HOP / mn04.RATE
    assert abs(seconds - 3.7) < 0.01
    assert len(mn04.levels_of(tone(440, 3.7))) >= mn04.FRAMES


def test_what_the_network_sees_is_the_same_at_every_level() -> None:
    sound = tone(440) + np.random.default_rng(1).normal(0, 0.05, mn04.RATE)
    loud, soft = (mn04.input_of(mn04.levels_of(gain * sound)[None]) for gain in (1.0, 0.01))
    assert np.abs(loud - soft).max() < 1e-3


def test_a_window_that_is_not_full_is_tiled() -> None:
    levels = np.arange(6.0).reshape(3, 2)
    assert hearing.latest(levels, 3, 2).tolist() == [[2, 3], [4, 5]]
    assert hearing.latest(levels, 2, 5).tolist() == [[0, 1], [2, 3], [0, 1], [2, 3], [0, 1]]


def test_a_song_is_cut_into_windows_and_its_rest_is_heard_too() -> None:
    assert hearing.windows(4.0) == [0.0]
    assert hearing.windows(35.0) == [0.0]
    starts = hearing.windows(50.0)
    assert starts[0] == 0 and abs(starts[-1] + hearing.SECONDS - 50.0) < 1e-9


def test_levels_of_music_are_those_that_the_plugin_is_held_to() -> None:
    golden = ROOT / "tests" / "golden"
    shapes = json.loads((golden / "manifest.json").read_text(encoding="utf-8"))["arrays"]
    samples, levels = (np.fromfile(golden / f"{name}.f32", "<f4") for name in ("tagger_input", "tagger_mel_db"))
    levels = levels.reshape(shapes["tagger_mel_db"]["shape"])
    found = mn04.levels_of(samples).T
    assert found.shape == levels.shape == (mn04.BANDS, mn04.FRAMES)
    assert np.abs(found - levels)[levels > -80].max() < 0.01


def test_the_likeliest_of_audiosets_labels_counts_for_a_tag(made_up_mn04: Path) -> None:
    listener = mn04.Listener(made_up_mn04)
    logits = np.full((1, 527), -5.0, np.float32)
    logits[0, listener.names.index("Trumpet")] = 2
    mapped = listener.mapped(logits)[0]
    assert mapped[WIDE_INDEX["brass"]] == 2 and mapped[WIDE_INDEX["jazz"]] == -5
    assert np.isnan(mapped[WIDE_INDEX["catchy"]])
