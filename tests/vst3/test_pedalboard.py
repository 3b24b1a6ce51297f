"""The bundled VST3 in pedalboard, which hosts plugins by JUCE and always renders offline.

pedalboard takes the latency that the plugin reports off its output: what went in at a sample comes out at that sample,
if and only if the report is true.
"""

import numpy as np
import pedalboard
import pytest

from conftest import LATENTS, PARAMETERS, centroid_hz, impulse, peak_db

KNOBS = {"Brightness": 1.5, LATENTS[4]: -1.0, "Resynthesis": 40.0, "Morph": 30.0}


def load(bundle: str) -> pedalboard.VST3Plugin:
    return pedalboard.load_plugin(bundle)


def key(plugin: pedalboard.VST3Plugin, name: str) -> str:
    """pedalboard's own name for a parameter: it makes an identifier of name and unit."""
    return next(key for key, parameter in plugin.parameters.items() if parameter.name == name)


def turn(plugin: pedalboard.VST3Plugin, **knobs: float) -> None:
    """Sets parameters by their names, in their own units, and lets the host hand them over.

    pedalboard hands a change over with the next block of sound. After that block the values are the plugin's, so that a
    render which follows, and resets, begins with them instead of gliding to them.
    """
    for name, value in knobs.items():
        setattr(plugin, key(plugin, name), value)
    plugin.process(np.zeros((2, 4800), np.float32), 48000)


def test_lists_the_parameters_by_their_names(bundle):
    names = {parameter.name for parameter in load(bundle).parameters.values()}
    assert names >= PARAMETERS


def test_defaults_are_neutral(bundle):
    plugin = load(bundle)
    values = {name: getattr(plugin, key(plugin, name)) for name in ("Mix", "Brightness", "Resynthesis", "Morph")}
    assert values == {"Mix": 100.0, "Brightness": 0.0, "Resynthesis": 0.0, "Morph": 0.0}


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_reported_latency_is_the_measured_one(bundle, rate):
    plugin = load(bundle)
    samples, at = impulse(rate)
    output = plugin.process(samples, rate)
    assert plugin.reported_latency_samples > 0
    assert np.abs(output).argmax(axis=1).tolist() == [at, at]


@pytest.mark.parametrize("channels", [1, 2])
def test_neutral_knobs_change_nothing(bundle, music, channels):
    samples, rate = music[0][:channels], music[1]
    output = load(bundle).process(samples, rate)
    assert output.shape == samples.shape
    assert peak_db(output - samples) <= -100


def test_bypass_changes_nothing_whatever_the_knobs(bundle, music):
    samples, rate = music
    plugin = load(bundle)
    turn(plugin, **KNOBS, Bypass=True)
    assert peak_db(plugin.process(samples, rate) - samples) <= -100


def test_brightness_moves_the_spectral_centroid_its_way(bundle, music):
    samples, rate = music
    centroids = []
    for value in (-2.0, 0.0, 2.0):
        plugin = load(bundle)
        turn(plugin, Brightness=value)
        centroids.append(centroid_hz(plugin.process(samples, rate), rate))
    print("centroids in Hz at Brightness -2, 0, 2:", [round(value) for value in centroids])
    assert centroids[0] < centroids[1] < centroids[2]


def test_a_render_is_the_same_every_time(bundle, music):
    samples, rate = music
    plugin = load(bundle)
    turn(plugin, **KNOBS)
    first, second = (plugin.process(samples, rate) for _ in range(2))
    assert peak_db(first - samples) > -60
    assert np.array_equal(first, second)


def test_a_fresh_instance_renders_the_same_from_the_saved_state(bundle, music):
    samples, rate = music
    saved = load(bundle)
    # It plays, and no block follows that could hand the settings over.
    saved.process(np.zeros((2, 4800), np.float32), rate)
    for name, value in KNOBS.items():
        setattr(saved, key(saved, name), value)
    restored = load(bundle)
    restored.raw_state = saved.raw_state
    for name, value in KNOBS.items():
        assert getattr(restored, key(restored, name)) == pytest.approx(value), name
    for name in PARAMETERS:
        assert getattr(restored, key(restored, name)) == getattr(saved, key(saved, name)), name
    assert np.array_equal(restored.process(samples, rate), saved.process(samples, rate))


@pytest.mark.parametrize("rate", [1000, 8000, 22050.5, 352800, 768000])
def test_any_rate_is_processed_at_the_reported_latency(bundle, rate):
    plugin = load(bundle)
    samples, at = impulse(int(rate))
    turn(plugin, Brightness=0.0)
    output = plugin.process(samples, rate)
    assert np.isfinite(output).all()
    assert np.abs(output).argmax(axis=1).tolist() == [at, at]


@pytest.mark.parametrize("buffer_size", [1, 31, 509, 16384])
def test_any_block_size_gives_the_same_samples(bundle, music, buffer_size):
    samples, rate = music
    samples = samples[:, : 2 * rate]
    plugin = load(bundle)
    turn(plugin, **KNOBS)
    expected = plugin.process(samples, rate, buffer_size=8192)
    assert np.array_equal(plugin.process(samples, rate, buffer_size=buffer_size), expected)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30, 1e-40])
def test_bad_input_comes_out_finite_and_leaves_nothing_behind(bundle, music, bad):
    samples, rate = music
    samples = samples[:, : 3 * rate].copy()
    plugin = load(bundle)
    # A drum has no player: what plays notes remembers the one that it plays.
    turn(plugin, **KNOBS, Smoothing=0.0, Target="Kick drum")
    expected = plugin.process(samples, rate)
    start, end = rate, rate + 5000
    samples[:, start:end] = bad
    output = plugin.process(samples, rate)
    assert np.isfinite(output).all()
    # The latency is taken off: what is left is one window, of 2048 samples at this rate, and a hop of 512.
    assert np.array_equal(output[:, end + 2560 :], expected[:, end + 2560 :])
    assert np.array_equal(output[:, : start - 2048], expected[:, : start - 2048])
