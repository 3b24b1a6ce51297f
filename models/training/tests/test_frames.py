"""The model of frames: what its networks draw, what they are asked, and what is written of them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from moodring_training.shared.checkpoint import load_checkpoint
from moodring_training.shared.errors import PipelineError
from moodring_training.shared.onnx_graph import session
from moodring_training.shared.paths import Paths
from moodring_training.timbre import front_end, shaper, steering
from moodring_training.timbre.frames import knob_figures, material, settle
from moodring_training.timbre.frames import train as training
from moodring_training.timbre.frames.anchors import Anchors
from moodring_training.timbre.frames.batches import Batches, targets
from moodring_training.timbre.frames.config import FramesConfig
from moodring_training.timbre.frames.export import LARGEST_DIFFERENCE, LARGEST_ROUNDING, build, check
from moodring_training.timbre.frames.model import Model, checkpoint_path
from moodring_training.timbre.frames.net import KNOB_LIMIT, Decoder, Encoder, cosines, saturated
from moodring_training.timbre.frames.objective import (
    Descriptors,
    Heard,
    divergence,
    naming,
    pitch_share,
    true_in_sound,
    true_knobs,
)
from moodring_training.timbre.soundfont import PERCUSSION
from moodring_training.timbre.spectra.descriptors import CONTRAST_WEIGHTS, KNOBS, LATENTS, NAMED, describe
from moodring_training.timbre.spectra.envelope import MIDDLE_PITCH, PitchPart, envelope
from moodring_training.timbre.spectra.features import UNKNOWN, Collector, Frames
from moodring_training.timbre.spectra.labels import NONE, labels, pitched
from moodring_training.timbre.timbres import TIMBRES

CONFIG = FramesConfig.read(small=True)
NARROW = CONFIG.network.model_copy(update={"encoder": (12,), "decoder": (12,), "following": (6,), "cosines": 20})
SMALL = CONFIG.model_copy(
    update={
        "network": NARROW,
        "training": CONFIG.training.model_copy(update={"steps": 4, "frames_a_step": 32, "knob_codes": 16}),
        "settling": CONFIG.settling.model_copy(update={"steps": 3}),
    }
)
NO_PITCH = PitchPart(np.zeros((3, front_end.BANDS), np.float32))


def spectra(count: int) -> np.ndarray:
    """Smooth spectra in dB [count, 128], each another."""
    random = np.random.default_rng(6)
    band = (np.arange(front_end.BANDS) + 0.5) / front_end.BANDS
    waves = np.cos(np.pi * np.arange(1, 9)[:, None] * band)
    return (-40 + random.normal(0, 6, (count, 8)) @ waves).astype(np.float32)


def descriptors() -> Descriptors:
    told = describe(torch.from_numpy(spectra(400)))
    return Descriptors(told.mean(0), told.std(0))


def decoder() -> Decoder:
    scale = descriptors()
    return Decoder(NARROW, scale.mean[NAMED:], scale.std[NAMED:])


def model() -> Model:
    return Model.blank(NARROW, NO_PITCH, descriptors())


def frames(notes: int, each: int = 6) -> Frames:
    """Notes of the named timbres' programs at three pitches, `each` frames a note."""
    programs = [timbre.programs[0] for timbre in TIMBRES if timbre.programs][:4]
    sound = np.repeat(np.arange(notes), each)
    return Frames(
        levels=spectra(notes * each).astype(np.float16),
        program=np.array(programs, np.int32)[sound % len(programs)],
        pitch=np.array([48, 60, 67], np.int32)[sound % 3],
        sound=sound,
        time=np.tile(np.arange(each, dtype=np.int32), notes),
    )


# net


def test_cosines_are_of_zero_mean_and_at_right_angles() -> None:
    basis = cosines(20).double()
    torch.testing.assert_close(basis.mean(1), torch.zeros(20, dtype=torch.float64), atol=1e-6, rtol=0)
    torch.testing.assert_close(basis @ basis.T / front_end.BANDS, torch.eye(20, dtype=torch.float64), atol=1e-5, rtol=0)


def test_a_contrasts_knob_moves_its_own_contrast_and_no_other() -> None:
    one, code = decoder(), torch.randn(1, LATENTS)
    for knob in range(NAMED, LATENTS):
        turned = code.clone()
        turned[0, knob] += 1
        change = (one.level_db(turned) - one.level_db(code))[0] @ CONTRAST_WEIGHTS
        moved = saturated(turned)[0, knob] - saturated(code)[0, knob]
        expected = torch.zeros(LATENTS - NAMED)
        expected[knob - NAMED] = moved * descriptors().std[knob]
        torch.testing.assert_close(change, expected, atol=2e-3, rtol=1e-3)


def test_a_knob_saturates_at_its_limit() -> None:
    assert saturated(torch.tensor(0.01)) == pytest.approx(0.01, rel=1e-4)
    assert abs(float(saturated(torch.tensor(-100.0)))) == pytest.approx(KNOB_LIMIT)


def test_an_encoder_never_says_that_it_knows_nothing_or_all() -> None:
    _, log_variance = Encoder(NARROW)(1e4 * torch.randn(50, front_end.BANDS))
    assert log_variance.min() == -6 and log_variance.max() == 2


# objective


def test_a_code_from_the_normal_distribution_costs_nothing() -> None:
    nothing = torch.zeros(3, LATENTS)
    assert divergence(nothing, nothing) == 0
    assert divergence(nothing + 2, nothing) == pytest.approx(0.5 * 4 * LATENTS)


def test_pitch_that_is_in_the_code_is_found_and_pitch_that_is_not_is_not() -> None:
    code = torch.randn(2000, LATENTS)
    pitch = 60 + 5 * code[:, 2] - 3 * code[:, 4]
    assert pitch_share(code, pitch) > 0.98
    assert pitch_share(code, 60 + 5 * torch.randn(2000)) < 0.05


def test_a_name_is_told_by_its_nearest_centre() -> None:
    centres = 3 * torch.eye(LATENTS)[:3]
    near, label = centres + 0.01, torch.arange(3)
    assert naming(near, label, centres) < 0.2 * naming(near, label.roll(1), centres)


class True8(torch.nn.Module):
    """A decoder whose descriptors are what its knobs say, or are so many times that, or follow another knob."""

    def __init__(self, times: float = 1.0, other: bool = False) -> None:
        super().__init__()
        self.times, self.other = times, other

    def level_db(self, code: torch.Tensor) -> torch.Tensor:
        said = self.times * saturated(code)
        return said.roll(1, dims=-1) if self.other else said


class AsTheyAre(Descriptors):
    """Takes what True8 draws for descriptors."""

    def __init__(self) -> None:
        super().__init__(torch.zeros(LATENTS), torch.ones(LATENTS))

    def of(self, level_db: torch.Tensor) -> torch.Tensor:
        return level_db


def test_knobs_that_say_the_truth_cost_nothing_and_others_do() -> None:
    def terms(drawing: True8) -> list[float]:
        code = torch.randn(400, LATENTS, generator=torch.Generator().manual_seed(1))
        found = true_knobs(drawing, AsTheyAre(), code, torch.Generator().manual_seed(2))
        return [float(term) for term in found]

    assert terms(True8()) == pytest.approx([0, 0, 0], abs=1e-9)
    said, leak, short = terms(True8(times=0.5))
    assert said > 0.1 and leak == pytest.approx(0) and short == pytest.approx(0.1, abs=0.01)
    said, leak, short = terms(True8(other=True))
    assert said > 0.1 and leak > 0.1 and short == pytest.approx(0.6, abs=0.01)


def test_what_is_heard_is_asked_under_the_plugins_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    one, scale = decoder(), descriptors()
    bands = torch.from_numpy(spectra(16))
    heard = Heard(torch.zeros(16, LATENTS), bands, torch.ones(LATENTS))

    def terms(heard: Heard) -> torch.Tensor:
        return torch.stack(true_in_sound(one, scale, heard, torch.Generator().manual_seed(3))).detach()

    usual = terms(heard)
    torch.testing.assert_close(terms(Heard(heard.code, bands - 30, heard.unit)), usual, atol=1e-3, rtol=1e-3)
    still = terms(Heard(heard.code, bands, torch.zeros(LATENTS)))
    assert still[1] == pytest.approx(0, abs=1e-6) and still[3] == 0, "knobs of no size change nothing"
    monkeypatch.setattr(shaper, "limits", lambda: shaper.Limits(0.0, 0.0, -80.0, -45.0, 0.0, -20.0, -40.0))
    _, leak, short, rough = terms(heard)
    assert leak == pytest.approx(0, abs=1e-9) and short == pytest.approx(0.5), (
        "a curve that may do nothing does nothing"
    )
    assert rough == usual[3]


# spectra


def test_an_envelope_bridges_harmonics_and_keeps_peaks() -> None:
    comb = np.full((1, front_end.BANDS), -60.0, np.float32)
    comb[0, 10:100:6] = 0
    found = envelope(comb)[0]
    assert found.mean() == pytest.approx(0, abs=1e-4)
    assert np.ptp(found[10:95]) <= 2.0 * 6 and found[120] < found[50] - 20
    np.testing.assert_allclose(envelope(comb - 20)[0], found, atol=1e-4)


def test_what_is_owed_to_pitch_is_taken_off_and_nothing_at_the_middle() -> None:
    random = np.random.default_rng(7)
    pitch = random.uniform(36, 84, 500)
    slope = np.linspace(-3, 3, front_end.BANDS)
    part = PitchPart.fitted(5 + (pitch[:, None] - MIDDLE_PITCH) / 12 * slope, pitch)
    np.testing.assert_allclose(part.of(np.array([72])), slope[None], atol=1e-3)
    np.testing.assert_allclose(part.of(np.array([MIDDLE_PITCH])), 0, atol=1e-6)


@pytest.mark.parametrize(
    ("knob", "louder"),
    [("Brightness", slice(90, None)), ("Body", slice(0, 15)), ("Noise", slice(0, None, 2)), ("Air", slice(105, 112))],
)
def test_a_descriptor_rises_with_what_it_is_named_after(knob: str, louder: slice) -> None:
    index = [one.name for one in KNOBS].index(knob)
    level = torch.from_numpy(-np.abs(np.arange(front_end.BANDS) - 60.0).astype(np.float32))
    if knob == "Noise":
        level[1::2] = -200.0
        flatter = level.clone()
        flatter[1::2] = level[0::2]
    else:
        flatter = level.clone()
        flatter[louder] += 12
    assert describe(flatter)[index] > describe(level)[index]
    torch.testing.assert_close(describe(level + 17), describe(level), atol=1e-3, rtol=1e-4)


def test_a_tone_is_loudest_in_the_band_around_its_frequency() -> None:
    for hertz in (200.0, 1_000.0, 8_000.0):
        tone = np.sin(2 * np.pi * hertz * np.arange(8192) / front_end.SAMPLE_RATE)
        levels = front_end.band_levels(tone.astype(np.float32), front_end.frame_starts(len(tone)))
        loudest = levels.argmax(axis=1)
        assert (np.abs(front_end.CENTRES_HZ[loudest] - hertz) <= front_end.WIDTHS_HZ[loudest]).all()


def test_frames_that_tell_nothing_are_left_out_and_pairs_follow_each_other(tmp_path: Path) -> None:
    gathered = Collector()
    gathered.add(np.zeros(48_000, np.float32), pairs=4)
    tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000) * np.exp(-np.arange(48_000) / 6_000)
    gathered.add(tone.astype(np.float32), pairs=4, program=3, pitch=69)
    found = gathered.frames()
    assert set(found.program) == {3} and 5 <= len(found) <= 8
    assert len(found.followed()) >= 4
    found.save(tmp_path / "a.npz")
    again = Frames.load(tmp_path / "a.npz")
    np.testing.assert_array_equal(again.levels, found.levels)
    joined = Frames.joined([again, Frames.load(tmp_path / "a.npz")])
    assert len(np.unique(joined.sound)) == 2 * len(np.unique(found.sound))


def test_a_label_is_a_judged_timbres_and_percussion_has_no_pitch() -> None:
    flute = next(timbre for timbre in TIMBRES if timbre.name == "Flute").programs[0]
    some = frames(1, each=4)[np.arange(4)]
    some.program = np.array([flute, PERCUSSION, PERCUSSION, UNKNOWN], np.int32)
    some.pitch = np.array([60, 36, 81, UNKNOWN], np.int32)
    found = labels(some)
    assert [TIMBRES[index].name if index != NONE else None for index in found] == ["Flute", "Kick drum", None, None]
    assert pitched(some).tolist() == [True, False, False, False]


# batches


def test_a_batchs_frames_are_pairs_and_what_is_mixed_has_no_name() -> None:
    groups = {"notes": frames(24), "music": frames(6)}
    groups["music"].program[:] = groups["music"].pitch[:] = UNKNOWN
    examples = CONFIG.examples.model_copy(
        update={"treatment": CONFIG.examples.treatment.model_copy(update={"mixed": 0.5})}
    )
    source = Batches(groups, NO_PITCH, examples, 64, seed=1)
    batch = source.next()
    assert batch.shape.shape == batch.target.shape == (64, front_end.BANDS)
    assert (batch.label[0::2] == batch.label[1::2]).all()
    assert ((batch.label == NONE) >= batch.pitch.isnan()).all()
    assert 0.4 < (batch.label == NONE).float().mean() < 0.95
    torch.testing.assert_close(batch.target.mean(1), torch.zeros(64), atol=1e-5, rtol=0)
    source.restart(7, 1)
    first = source.next()
    source.restart(7, 1)
    torch.testing.assert_close(source.next().shape, first.shape)


def test_untreated_frames_are_drawn_as_they_are() -> None:
    plain = {"mixed": 0.0, "equalised": 0.0, "noisy": 0.0}
    examples = CONFIG.examples.model_copy(update={"treatment": CONFIG.examples.treatment.model_copy(update=plain)})
    notes = frames(8)
    batch = Batches({"notes": notes}, NO_PITCH, examples, 16, seed=1).next()
    known = {row.tobytes() for row in np.round(notes.shapes(), 3)}
    assert all(row.tobytes() in known for row in np.round(batch.shape.numpy(), 3))
    wanted = np.round(targets(notes, NO_PITCH) / front_end.UNIT_DB, 2)
    assert all((np.abs(wanted - row).max(axis=1) < 0.05).any() for row in batch.target.numpy())


# export


def test_the_files_say_what_the_networks_say_exactly_before_rounding() -> None:
    one, shapes = model(), frames(4).shapes()
    check(one, shapes, build(one, np.float32), LARGEST_DIFFERENCE)
    check(one, shapes, build(one), LARGEST_ROUNDING)
    found = session(build(one, np.float32)["decoder"]).run(None, {"z": np.ones((1, LATENTS), np.float32)})[0]
    np.testing.assert_allclose(found * front_end.UNIT_DB, one.decode_db(np.ones((1, LATENTS))), atol=1e-2)


@pytest.mark.parametrize("which", ["encoder", "decoder"])
def test_files_of_other_networks_are_refused(which: str) -> None:
    one, other = model(), model()
    networks = build(one) | {which: build(other)[which]}
    with pytest.raises(PipelineError, match=f"{which}.onnx differs by .* from what was trained"):
        check(one, frames(4).shapes(), networks, LARGEST_ROUNDING)


def test_the_knobs_figures_in_the_sound_are_of_steered_sounds(monkeypatch: pytest.MonkeyPatch) -> None:
    one, played = model(), frames(6)
    anchors = Anchors.of(one, {"notes": played})

    def leaks() -> np.ndarray:
        found = knob_figures.knob_figures(one, anchors, {"notes": played})["notes"]["change_in_the_sound_in_std"]
        change = np.array([found[knob.name] for knob in KNOBS])[:NAMED, :NAMED]
        return change[~np.eye(NAMED, dtype=bool)]

    steered = leaks()
    monkeypatch.setattr(steering.Steering, "curve", lambda _, correction: torch.zeros(len(correction), front_end.BANDS))
    assert steered.mean() < 0.7 * leaks().mean()


def test_the_map_holds_the_named_timbres_within_its_borders() -> None:
    found = Anchors.of(model(), {"notes": frames(24)})
    matrix, offset = found.projection()
    heard = found.means[~np.isnan(found.means).any(axis=1)]
    assert len(heard) == 4 and sum(found.frames) == 24 * 6
    places = heard @ matrix.T + offset
    np.testing.assert_allclose(np.abs(places).max(axis=0), 1, atol=1e-6)


# training


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A made-up corpus, and a small network."""

    def groups(_paths: Paths, split: str, _small: bool) -> dict[str, Frames]:
        return {} if split == "choose" else {"notes": frames(24)}

    for user in (training, settle, material):
        monkeypatch.setattr(user, "groups", groups)
    monkeypatch.setattr(FramesConfig, "read", classmethod(lambda _cls, _small: SMALL))
    return Paths.resolve(True, {"data": tmp_path})


def test_training_ends_settled_and_is_read_back_as_it_was_averaged(paths: Paths) -> None:
    training.train(paths, small=True)
    stored = load_checkpoint(checkpoint_path(paths))
    assert stored["step"] == 4 and stored["settled"] and stored["weights"] == SMALL.training.weights.model_dump()
    assert set(stored["log"][-1]) >= set(stored["weights"])
    found = Model.load(paths, True)
    for name, value in found.modules().state_dict().items():
        torch.testing.assert_close(value, stored["averaged"][name])
    check(found, frames(4).shapes(), build(found), LARGEST_ROUNDING)


def test_a_training_that_is_done_changes_nothing_when_it_is_called_again(paths: Paths) -> None:
    training.train(paths, small=True)
    before = checkpoint_path(paths).read_bytes()
    training.train(paths, small=True)
    assert checkpoint_path(paths).read_bytes() == before


def test_settling_moves_the_decoder_and_leaves_the_codes(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "settle", lambda *_: None)
    training.train(paths, small=True)
    before = Model.load(paths, True)
    settle.settle(paths, True, seed=1)
    after = Model.load(paths, True)
    np.testing.assert_array_equal(after.encode(frames(2)), before.encode(frames(2)))
    assert np.abs(after.decode_db(np.ones((1, LATENTS))) - before.decode_db(np.ones((1, LATENTS)))).max() > 1e-4


def test_it_is_the_averaged_decoder_that_is_kept(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "settle", lambda *_: None)
    training.train(paths, small=True)
    before = Model.load(paths, True)
    monkeypatch.setattr(settle, "draw_towards", lambda *_: None)
    settle.settle(paths, True, seed=1)
    for name, value in Model.load(paths, True).decoder.state_dict().items():
        assert torch.equal(value, before.decoder.state_dict()[name]), name


def test_without_notes_there_is_nothing_to_learn(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "groups", lambda *_: {})
    with pytest.raises(PipelineError, match="no notes to learn from: run the corpus step first"):
        training.train(paths, small=True)
    with pytest.raises(PipelineError, match="no trained timbre model: run the train step first"):
        Model.load(paths, True)
