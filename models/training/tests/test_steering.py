"""Steering is the plugin's own: the numbers are read from its source, and both get the same curves of the same turns.

`python tests/test_steering.py`, from models/training, prints tests/golden/steering.json anew: what the plugin's own test compares itself with.
"""

import json
import sys
from pathlib import Path

import pytest
import torch

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.paths import ROOT
from moodring_training.timbre.frames.net import KNOB_LIMIT
from moodring_training.timbre.shaper import shaped
from moodring_training.timbre.spectra.descriptors import LATENTS, NAMED, describe, slopes
from moodring_training.timbre.steering import SOURCE, Steering, Turn, Weights, weights

GOLDEN = ROOT / "tests" / "golden" / "steering.json"
CARD = ROOT / "models" / "timbre" / "card.json"
BAND = torch.arange(128.0)


def shipped() -> Steering:
    latents = json.loads(CARD.read_text(encoding="utf-8"))["latents"]
    return Steering(*(torch.tensor([latent[field] for latent in latents]) for field in ("measure_std", "std")))


def shipped_unit() -> torch.Tensor:
    latents = json.loads(CARD.read_text(encoding="utf-8"))["latents"]
    return torch.tensor([latent["std"] for latent in latents])


def spread() -> torch.Tensor:
    latents = json.loads(CARD.read_text(encoding="utf-8"))["latents"]
    return torch.tensor([latent["measure_std"] for latent in latents])


def turns() -> list[Turn]:
    """Sounds and turns that a formula gives, so that the plugin's test has the same: a hiss, a row of harmonics over a floor, and a sound with a curve on it already,
    its knobs turned one, two and all at once."""
    hiss = -0.2 * BAND
    harmonics = (-0.3 * BAND - 50 * (0.7 * BAND).sin().abs()).clamp_min(-80)
    curve = 6 * (0.05 * BAND).cos()
    turned = [torch.zeros(LATENTS) for _ in range(3)]
    turned[0][0] = 1.5
    turned[1][1], turned[1][2] = -1.2, 2.0
    turned[2] = torch.tensor([-1.0, 0.5, 0.2, 1.0, -0.5, 0.8, -1.2, 0.6])
    before = 0.1 * torch.arange(LATENTS)
    rows = zip([hiss, harmonics, harmonics], [0 * curve, 0 * curve, curve], turned, strict=True)
    return [
        Turn(
            levels[None],
            without[None],
            (4 * (0.03 * BAND + turn.sum()).cos())[None],
            before[None],
            (before + turn)[None],
        )
        for levels, without, turn in rows
    ]


def found() -> list[dict]:
    steering = shipped()
    return [
        {
            "descriptors": [round(value, 4) for value in describe(turn.levels)[0].tolist()],
            "curve": [round(value, 3) for value in steering.curve(steering.correction(turn))[0].tolist()],
        }
        for turn in turns()
    ]


def test_the_golden_curves_are_what_is_computed_here() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    for entry, expected in zip(found(), golden, strict=True):
        assert entry["descriptors"] == pytest.approx(expected["descriptors"], abs=2e-3)
        assert entry["curve"] == pytest.approx(expected["curve"], abs=5e-3)


def test_slopes_are_those_that_automatic_differentiation_finds() -> None:
    levels = (15 * torch.randn(5, 128, generator=torch.Generator().manual_seed(3))).requires_grad_()
    told = describe(levels)
    rows = [torch.autograd.grad(told[:, index].sum(), levels, retain_graph=True)[0] for index in range(LATENTS)]
    torch.testing.assert_close(slopes(levels.detach()), torch.stack(rows, 1), atol=1e-6, rtol=1e-4)


def test_without_a_turn_nothing_is_added() -> None:
    turn = turns()[1]
    still = Turn(turn.levels, turn.without, 0 * turn.drawn, turn.before, turn.before)
    assert (shipped().correction(still) == 0).all()


@pytest.mark.parametrize("knob", range(NAMED))
@pytest.mark.parametrize("way", [-1.0, 1.0])
def test_a_turned_knob_moves_its_own_descriptor_and_none_of_the_other_three(knob: int, way: float) -> None:
    """What the decoder draws is worth nothing here: it lifts the treble, whatever is turned."""
    levels = (-0.4 * BAND - 25 * (0.7 * BAND).sin().abs())[None]
    before, drawn = torch.zeros(1, LATENTS), (3 * (BAND / 64 - 1))[None]
    after = before.clone()
    after[0, knob] = way
    turn = Turn(levels, 0 * levels, drawn, before, after)
    added = shipped().curve(shipped().correction(turn))
    unsteered, steered = (
        ((describe(shaped(levels, curve)) - describe(levels)) / spread())[0, :NAMED] for curve in (drawn, drawn + added)
    )
    assert steered[knob] * way > 0.1
    others = torch.arange(NAMED) != knob
    assert steered[others].abs().max() < 0.25 < unsteered[others].abs().max()


def test_two_knobs_at_once_are_steered_less_than_one() -> None:
    turn = turns()[0]
    one = shipped().correction(turn)
    both = turn.after.clone()
    both[0, 4] += 1.5 * shipped_unit()[4] / shipped_unit()[0]
    pair = Turn(turn.levels, turn.without, turn.drawn, turn.before, both)
    assert shipped().correction(pair).abs().max() < 0.8 * one.abs().max()
    assert one.abs().max() > 1


def test_sounds_by_the_thousand_are_steered_as_each_by_itself() -> None:
    turn = turns()[2]
    many = Turn(*(getattr(turn, name).repeat(5_000, 1) for name in ("levels", "without", "drawn", "before", "after")))
    corrections = shipped().corrections(many)
    torch.testing.assert_close(corrections, shipped().correction(turn).expand_as(corrections), atol=1e-3, rtol=1e-3)


def altered(folder: Path, line: str, other: str) -> Path:
    text = SOURCE.read_text(encoding="utf-8")
    assert line in text
    path = folder / "weights.rs"
    path.write_text(text.replace(line, other), encoding="utf-8")
    return path


def test_a_number_that_is_changed_in_the_plugin_is_changed_here(tmp_path: Path) -> None:
    assert Weights.read(altered(tmp_path, "KNEE_DB: f32 = 2.0;", "KNEE_DB: f32 = 7.5;")).knee_db == 7.5
    assert len(weights().rise) == NAMED and len(weights().still) == LATENTS
    assert weights().knob_limit == KNOB_LIMIT, "the model is trained with another"


@pytest.mark.parametrize(
    ("line", "other", "said"),
    [
        ("pub const KNEE_DB", "pub const OTHER_DB", "KNEE_DB are wanted, each once"),
        ("KNEE_DB: f32 = 2.0;", "KNEE_DB: f32 = 1.0 + 1.0;", "KNEE_DB is '1.0 + 1.0'"),
    ],
)
def test_a_source_that_is_not_understood_is_told(tmp_path: Path, line: str, other: str, said: str) -> None:
    with pytest.raises(PipelineError) as caught:
        Weights.read(altered(tmp_path, line, other))
    assert said in str(caught.value)


def test_a_source_that_is_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"weights.rs: No such file or directory"):
        Weights.read(tmp_path / "weights.rs")


if __name__ == "__main__":
    print(json.dumps(found()))
