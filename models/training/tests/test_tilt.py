"""How spectra are tilted, as the plugin's frames have them."""

import numpy as np
import pytest

from moodring_training.timbre import front_end
from moodring_training.timbre.chords import colours, tilt
from moodring_training.timbre.notes import harmonics


def test_a_line_s_slope_is_found_between_the_ends_that_count_and_no_deeper_than_is_heard():
    levels = np.full(front_end.BANDS, -200.0)
    levels[tilt._COUNTS] = -30 + 7 * tilt.PLACES
    assert tilt.tilt(levels) == pytest.approx(7)
    assert tilt.tilt(levels + 12) == pytest.approx(7)
    assert tilt.tilt(np.stack([levels, -levels])).shape == (2,)
    steep = np.where(np.arange(front_end.BANDS) < 64, 0.0, -500.0)
    shallow = np.where(np.arange(front_end.BANDS) < 64, 0.0, -front_end.RANGE_DB)
    assert tilt.tilt(steep) == pytest.approx(tilt.tilt(shallow))


@pytest.mark.parametrize("pitch", [48, 60, 72])
def test_bands_of_a_note_s_levels_are_those_of_its_sound(pitch):
    rng = np.random.default_rng(1)
    levels = np.full(colours.LEVELS, -100.0)
    levels[:8] = -6.0 * np.arange(8)
    # A full-scale sine has 1 in its bin; noise as it would be measured.
    levels[harmonics.HARMONICS :] = -50.0
    time = np.arange(2 * front_end.SAMPLE_RATE) / front_end.SAMPLE_RATE
    hertz = harmonics.hertz(pitch)
    tone = sum(10 ** (levels[k - 1] / 20) * np.sin(2 * np.pi * k * hertz * time + k) for k in range(1, 9))
    # White noise of variance v has 6 v / N in a bin of a Hann window of N samples, where a sine of amplitude 1 has 1.
    noise = np.sqrt(1e-5 * harmonics.WINDOW / 6) * rng.standard_normal(len(time))
    measured = front_end.band_levels(tone + noise, front_end.frame_starts(len(time)))
    found = 10 * np.log10((10 ** (measured / 10)).mean(axis=0))
    expected = tilt.bands(levels, pitch)
    # Below the first noise band there is none of it in the levels.
    heard = front_end.CENTRES_HZ > 80
    assert np.abs(found - expected)[heard].max() < 2
    assert tilt.tilt(found) == pytest.approx(tilt.tilt(expected), abs=0.3)


def test_what_is_usual_is_the_mean_over_the_players_at_each_pitch():
    pitches = np.array([48, 72])
    levels = np.full((2, 2, colours.LEVELS), -80.0)
    fall = np.log2(np.arange(1, harmonics.HARMONICS + 1))
    levels[0, :, : harmonics.HARMONICS] = -3 * fall
    levels[1, :, : harmonics.HARMONICS] = -9 * fall
    found = tilt.usual(levels, pitches)
    each = [[tilt.tilt(tilt.bands(player[at], pitch)) for at, pitch in enumerate(pitches)] for player in levels]
    np.testing.assert_allclose(found, np.mean(each, axis=0))
    assert all(bright > dark for bright, dark in zip(*each, strict=True))
