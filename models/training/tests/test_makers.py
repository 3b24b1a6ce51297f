"""How far makers are apart."""

import numpy as np
import pytest

from moodring_training.timbre import judge, makers


def test_a_level_is_no_distance_and_a_tilt_is() -> None:
    flat = np.zeros((3, 64))
    assert judge.apart(flat + 7, flat) == 0
    tilt = np.linspace(-1, 1, 64)
    assert judge.apart(flat + tilt, flat) == pytest.approx(np.sqrt((tilt**2).mean()))


def test_the_share_is_none_for_the_target_itself_and_one_for_the_source() -> None:
    rng = np.random.default_rng(2)
    wanted = {"flute": rng.normal(size=(4, 64)), "cello": rng.normal(size=(4, 64))}
    assert makers.share(wanted, wanted) == 0
    assert makers.share({"flute": wanted["cello"], "cello": wanted["flute"]}, wanted) == pytest.approx(1)


def test_a_recordings_colour_is_known_to_the_equaliser_and_its_single_notes_are_not() -> None:
    rng = np.random.default_rng(3)
    wanted = {"flute": rng.normal(size=(4, 64)), "cello": rng.normal(size=(4, 64))}
    coloured = {name: spectra + rng.normal(size=64) for name, spectra in wanted.items()}
    assert makers.share(makers.equalised(coloured, wanted), wanted) == pytest.approx(0)
    coloured["flute"][0] += 40 * np.linspace(-1, 1, 64)
    assert makers.share(makers.equalised(coloured, wanted), wanted) > 0.1
