"""The bundled VST3 in dawdreamer, which hosts plugins by JUCE and always renders offline.

dawdreamer leaves latency in its output, and it can automate.
"""

import dawdreamer
import numpy as np
import pytest

from conftest import LATENTS, PARAMETERS, centroid_hz, impulse, peak_db

BLOCK = 512

# Normalised, as dawdreamer sets everything.
KNOBS = {"Brightness": 0.75, LATENTS[4]: 0.35, "Resynthesis": 0.4, "Morph": 0.3}


class Session:
    """One instance of the plugin between a player and the output."""

    def __init__(self, bundle: str, rate: int):
        self.rate = rate
        self.engine = dawdreamer.RenderEngine(rate, BLOCK)
        self.plugin = self.engine.make_plugin_processor("moodring", bundle)
        self.index = {
            parameter["name"]: parameter["index"] for parameter in self.plugin.get_parameters_description()
        }

    def turn(self, **knobs: float) -> None:
        for name, value in knobs.items():
            assert self.plugin.set_parameter(self.index[name], value)

    def render(self, samples: np.ndarray, sidechain: np.ndarray | None = None) -> np.ndarray:
        player = self.engine.make_playback_processor("player", samples)
        if sidechain is None:
            self.engine.load_graph([(player, []), (self.plugin, ["player"])])
        else:
            beside = self.engine.make_playback_processor("beside", sidechain)
            self.engine.load_graph([(player, []), (beside, []), (self.plugin, ["player", "beside"])])
        # Half a sample more, lest the division loses the last one.
        self.engine.render((samples.shape[1] + 0.5) / self.rate)
        return self.plugin.get_audio()[:, : samples.shape[1]]

    def render_aligned(self, samples: np.ndarray) -> np.ndarray:
        """The render with the reported latency taken off, so that it compares with the input sample by sample."""
        # Known only once the plugin has been activated at this rate, which loading it did.
        latency = self.plugin.get_latency_samples()
        longer = np.pad(samples, ((0, 0), (0, latency)))
        return self.render(longer)[:, latency:]


def test_lists_the_parameters_by_their_names(bundle):
    assert Session(bundle, 48000).index.keys() >= PARAMETERS


@pytest.mark.parametrize("rate", [44100, 48000, 96000, 192000])
def test_reported_latency_is_the_measured_one(bundle, rate):
    session = Session(bundle, rate)
    samples, at = impulse(rate)
    output = session.render(samples)
    latency = session.plugin.get_latency_samples()
    assert latency > 0
    assert np.abs(output).argmax(axis=1).tolist() == [at + latency] * 2


# dawdreamer gives a plugin with a sidechain no other channels than its own: mono is pedalboard's.
def test_neutral_knobs_change_nothing(bundle, music):
    samples, rate = music
    output = Session(bundle, rate).render_aligned(samples)
    assert output.shape == samples.shape
    assert peak_db(output - samples) <= -100


def test_bypass_changes_nothing_whatever_the_knobs(bundle, music):
    samples, rate = music
    session = Session(bundle, rate)
    session.turn(**KNOBS, Bypass=1.0)
    output = session.render_aligned(samples)
    # The host hands the parameters over with the first block; the switch is a ramp.
    settled = rate // 10
    assert peak_db((output - samples)[:, settled:]) <= -100


def test_the_sidechain_is_heard_and_silence_there_changes_nothing(bundle, music):
    samples, rate = music
    middle = samples.shape[1] // 2
    # What comes later in the piece lends its timbre to what comes first.
    samples, later = samples[:, :middle], samples[:, middle : 2 * middle]
    renders = []
    for beside in (np.zeros_like(later), later):
        session = Session(bundle, rate)
        # The last of four: Sidechain.
        session.turn(**{"Morph To": 1.0, "Morph": 1.0})
        renders.append(session.render(samples, beside))
    silent, heard = renders
    latency = session.plugin.get_latency_samples()
    assert peak_db(silent[:, latency:] - samples[:, :-latency]) <= -100
    assert peak_db(heard - silent) >= -30


def test_automation_of_brightness_is_heard(bundle, music):
    samples, rate = music
    length = samples.shape[1]
    middle = length // 2
    darker_then_brighter = np.where(np.arange(length) < middle, 1 / 6, 5 / 6).astype(np.float32)

    session = Session(bundle, rate)
    session.plugin.set_automation(session.index["Brightness"], darker_then_brighter)
    output = session.render_aligned(samples)

    settled = rate // 2
    first, second = slice(settled, middle), slice(middle + settled, length)
    ratios = [
        centroid_hz(output[:, part], rate) / centroid_hz(samples[:, part], rate) for part in (first, second)
    ]
    print("centroid against the input's, Brightness -2 then +2:", [round(ratio, 2) for ratio in ratios])
    assert ratios[0] < 1 < ratios[1]


def test_a_render_is_the_same_every_time(bundle, music):
    samples, rate = music
    renders = []
    for _ in range(2):
        session = Session(bundle, rate)
        session.turn(**KNOBS)
        renders.append(session.render(samples))
    assert np.array_equal(*renders)


def test_a_fresh_instance_renders_the_same_from_the_saved_state(bundle, music, tmp_path):
    samples, rate = music
    state = str(tmp_path / "state")
    saved, restored = Session(bundle, rate), Session(bundle, rate)
    # It has played, and nothing follows that could hand the settings over.
    saved.render(np.zeros((2, rate // 10), np.float32))
    saved.turn(**KNOBS)
    saved.plugin.save_state(state)
    restored.plugin.load_state(state)
    for name, value in KNOBS.items():
        assert restored.plugin.get_parameter(restored.index[name]) == pytest.approx(value), name
    for name in PARAMETERS:
        values = [each.plugin.get_parameter(each.index[name]) for each in (saved, restored)]
        assert values[0] == values[1], name
    assert np.array_equal(restored.render(samples), saved.render(samples))


def test_what_is_heard_is_read_by_the_host(bundle, music):
    samples, rate = music
    session = Session(bundle, rate)
    heard = ["Valence", "Arousal"]
    before = {name: session.plugin.get_parameter_text(session.index[name]) for name in heard}
    assert before == {"Valence": "+0.00 σ", "Arousal": "+0.00 σ"}
    session.render(samples)
    after = {name: session.plugin.get_parameter_text(session.index[name]) for name in heard}
    assert all(text.endswith(" σ") and text != "+0.00 σ" for text in after.values()), after
    assert session.plugin.get_parameter_text(session.index["Tag 1"]) == "none"
