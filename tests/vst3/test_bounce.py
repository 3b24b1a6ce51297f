"""A bounce is exact in hosts that nobody here wrote: it equals what `moodring morph` makes on one thread, bit for bit."""

import os
import subprocess
from pathlib import Path

import dawdreamer
import numpy as np
import pedalboard
import pytest
import soundfile

from conftest import EXCERPT

SECONDS = 60

# In text for the command line, in the parameter's unit for pedalboard, normalised for dawdreamer: the same to the bit.
SETTINGS = {
    "Brightness": ("1.5", 1.5, 0.75),
    "Morph": ("50 %", 50.0, 0.5),
    "Resynthesis": ("25 %", 25.0, 0.25),
}


@pytest.fixture(scope="module")
def minute() -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(EXCERPT, dtype="float32", always_2d=True)
    repeats = -(-SECONDS * rate // len(samples))
    return np.ascontiguousarray(np.tile(samples, (repeats, 1))[: SECONDS * rate].T), rate


@pytest.fixture(scope="module")
def reference(bundle, minute, tmp_path_factory) -> np.ndarray:
    program = Path(bundle).parent / "Moodring"
    folder = tmp_path_factory.mktemp("bounce")
    samples, rate = minute
    soundfile.write(folder / "in.wav", samples.T, rate, subtype="FLOAT")
    settings = [argument for name, (text, _, _) in SETTINGS.items() for argument in ("--set", f"{name}={text}")]
    subprocess.run(
        [program, "morph", folder / "in.wav", "--output", folder / "out.wav", *settings],
        check=True,
        env={key: value for key, value in os.environ.items() if key != "MOODRING_MODELS"},
    )
    return soundfile.read(folder / "out.wav", dtype="float32", always_2d=True)[0].T


def first_difference(a: np.ndarray, b: np.ndarray) -> int | None:
    different = np.flatnonzero((a.view(np.uint32) != b.view(np.uint32)).any(axis=0))
    return int(different[0]) if len(different) else None


@pytest.mark.parametrize("block", [32, 441, 4096, 8192])
def test_pedalboard_equals_the_reference(bundle, minute, reference, block):
    samples, rate = minute
    plugin = pedalboard.load_plugin(bundle)
    for name, (_, value, _) in SETTINGS.items():
        key = next(key for key, parameter in plugin.parameters.items() if parameter.name == name)
        setattr(plugin, key, value)
    # The host hands changes over with a block, and the render that follows resets.
    plugin.process(np.zeros((2, 4800), np.float32), rate)
    output = plugin.process(samples, rate, buffer_size=block)
    assert first_difference(output, reference) is None


@pytest.mark.parametrize("block", [1, 32, 441, 4096])
def test_dawdreamer_equals_the_reference(bundle, minute, reference, block):
    samples, rate = minute
    if block == 1:
        # It takes this host a minute for a minute. The last frames would hear the music that is cut off.
        samples, reference = samples[:, : 10 * rate], reference[:, : 10 * rate - 4096]
    engine = dawdreamer.RenderEngine(rate, block)
    plugin = engine.make_plugin_processor("moodring", bundle)
    index = {parameter["name"]: parameter["index"] for parameter in plugin.get_parameters_description()}
    for name, (_, _, value) in SETTINGS.items():
        assert plugin.set_parameter(index[name], value)
    latency = plugin.get_latency_samples()
    player = engine.make_playback_processor("player", np.pad(samples, ((0, 0), (0, latency))))
    engine.load_graph([(player, []), (plugin, ["player"])])
    engine.render((samples.shape[1] + latency + 0.5) / rate)
    output = plugin.get_audio()[:, latency : latency + reference.shape[1]]
    assert first_difference(np.ascontiguousarray(output), np.ascontiguousarray(reference)) is None
