"""The bundled VST3 in a forked child, as Python's `multiprocessing` makes them on Linux: it has the instance, not its threads.

A child that hangs is found by the time that it is given, which is many times what it needs.
"""

import multiprocessing

import numpy as np
import pedalboard

from test_pedalboard import KNOBS, load, turn

SECONDS = 4
LONGEST = 120


def in_a_fork(work, *arguments) -> list[np.ndarray]:
    """What `work` gives in a forked child, which must end by itself and well."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def child():
        sender.send(work(*arguments))

    process = context.Process(target=child)
    process.start()
    sender.close()
    results = receiver.recv() if receiver.poll(LONGEST) else None
    process.join(LONGEST)
    if process.exitcode is None:
        process.kill()
    assert process.exitcode == 0
    return results


def turned(bundle: str) -> pedalboard.VST3Plugin:
    plugin = load(bundle)
    turn(plugin, **KNOBS)
    return plugin


def test_a_child_bounces_to_the_same_bits_as_its_parent(bundle, music):
    samples, rate = music[0][:, : SECONDS * music[1]], music[1]
    used, unused = turned(bundle), turned(bundle)
    expected = used.process(samples, rate)
    assert peak(expected - samples) > 0.001

    def work():
        inherited = [plugin.process(samples, rate) for plugin in (used, unused)]
        going_on = unused.process(samples, rate, reset=False)
        return [*inherited, turned(bundle).process(samples, rate)], np.isfinite(going_on).all()

    outputs, finite = in_a_fork(work)
    assert [np.array_equal(output, expected) for output in outputs] == [True] * 3
    assert finite
    assert np.array_equal(used.process(samples, rate), expected)


def test_a_child_can_destroy_what_it_inherited_and_make_anew(bundle, music):
    samples, rate = music[0][:, : SECONDS * music[1]], music[1]
    kept = [turned(bundle), load(bundle)]
    expected = kept[0].process(samples, rate)

    def work():
        kept.clear()
        own = turned(bundle)
        output = own.process(samples, rate)
        del own
        return output

    assert np.array_equal(in_a_fork(work), expected)
    assert np.array_equal(kept[0].process(samples, rate), expected)


def peak(samples: np.ndarray) -> float:
    return float(np.abs(samples).max())
