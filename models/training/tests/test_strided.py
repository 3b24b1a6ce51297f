"""The strided network: what it hears, what it is asked, how it is calibrated, and what is written of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from moodring_training.shared.checkpoint import load_checkpoint
from moodring_training.shared.errors import PipelineError
from moodring_training.shared.files import read_json, written_whole
from moodring_training.shared.paths import Paths
from moodring_training.tagger import front_end, steps
from moodring_training.tagger.labels.instruments import FAMILIES, labels
from moodring_training.tagger.labels.vocabulary import INDEX, TAGS, of_kind
from moodring_training.tagger.listeners import teachers
from moodring_training.tagger.material import music, rendered
from moodring_training.tagger.strided import train as training
from moodring_training.tagger.strided.batches import Batch, Sampler
from moodring_training.tagger.strided.calibrate import Trained, fit, fit_tag
from moodring_training.tagger.strided.config import StridedConfig
from moodring_training.tagger.strided.examples import Labelled, Music, Pieces, Stems
from moodring_training.tagger.strided.export import LARGEST_DIFFERENCE, build, check
from moodring_training.tagger.strided.net import QUIET_DB, QUIET_SLOPE, Student, multiplications
from moodring_training.tagger.strided.objective import loss_of

CONFIG = StridedConfig.read(small=True)
NARROW = CONFIG.network.model_copy(update={"widths": (4, 4), "strides": (4, 4), "last": 8, "hidden": 6})
SMALL = CONFIG.model_copy(
    update={"network": NARROW, "training": CONFIG.training.model_copy(update={"steps": 3, "batch": 4})}
)
CPU = torch.device("cpu")


def levels(count: int, loudest: float = -10.0) -> np.ndarray:
    """Chunks of noise in dB: float32 `[count, FRAMES, BANDS]`."""
    found = np.random.default_rng(2).normal(loudest - 30, 10, (count, front_end.FRAMES, front_end.BANDS))
    return (found - found.max(axis=(1, 2), keepdims=True) + loudest).astype(np.float32)


def lively(model: Student) -> Student:
    """A network whose batch normalisation and scales are not those of the beginning, and whose answers differ."""
    with torch.no_grad():
        model.answer.weight.mul_(16)
        for layer in model.features:
            layer.norm.running_mean.normal_(0, 0.2)
            layer.norm.running_var.uniform_(0.5, 2)
            layer.norm.weight.uniform_(0.5, 1.5)
            layer.norm.bias.normal_(0, 0.2)
        model.scale.uniform_(0.5, 2)
        model.centre.normal_(-2, 1)
    return model.eval()


def batch(size: int, **changed: np.ndarray) -> Batch:
    none = np.zeros((size, len(TAGS)), np.float32)
    arrays = {name: none for name in ("target", "certain", "taught_weight", "certain_weight")} | changed
    return Batch(levels=levels(size).transpose(0, 2, 1)[:, None].copy(), **arrays)


# net


def test_the_same_sound_has_the_same_tags_at_every_level() -> None:
    model = lively(Student(NARROW))
    loud, soft = model.answers(levels(2, 0.0)), model.answers(levels(2, QUIET_DB + 1))
    np.testing.assert_allclose(loud, soft, atol=1e-4)
    assert np.abs(loud[0] - loud[1]).max() > 1e-3, "two sounds have not the same tags"


def test_a_chunk_loses_confidence_by_the_slope_below_the_quiet_level_and_only_behind_the_gate() -> None:
    model = lively(Student(NARROW))
    soft, softer = model.answers(levels(1, QUIET_DB)), model.answers(levels(1, QUIET_DB - 5))
    np.testing.assert_allclose(soft - softer, 5 * QUIET_SLOPE, atol=1e-3)
    given = torch.from_numpy(levels(1, QUIET_DB - 5).transpose(0, 2, 1)[:, None])
    np.testing.assert_allclose(model(given, gated=False).detach().numpy(), soft, atol=1e-4)


def test_what_is_far_below_the_loudest_band_does_not_count() -> None:
    model, given = lively(Student(NARROW)), levels(1)
    deeper = np.where(given < given.max() - 40, given.max() - 80, given)
    deepest = np.where(given < given.max() - 40, given.max() - 200, given)
    np.testing.assert_array_equal(model.answers(deeper), model.answers(deepest))


def test_answers_do_not_depend_on_company_and_leave_dropout_out() -> None:
    model = lively(Student(NARROW)).train()
    many = np.repeat(levels(2), 70, axis=0)
    np.testing.assert_allclose(model.answers(many)[-1], model.answers(levels(2))[-1], atol=1e-5)
    assert not model.training


def test_multiplications_are_those_of_the_layers() -> None:
    model = Student(NARROW).train()
    rows, columns = (32, 8), (58, 15)
    first, second = 4 * 9 * rows[0] * columns[0], 4 * 4 * 9 * rows[1] * columns[1]
    last, dense = 8 * 4 * 8 * 3 * columns[1], 16 * 6 + 6 * len(TAGS)
    assert multiplications(model) == first + second + last + dense
    assert model.training


# objective


def test_a_student_that_says_what_its_teachers_say_has_nothing_to_learn() -> None:
    model = lively(Student(NARROW))
    given = batch(3, taught_weight=np.ones((3, len(TAGS)), np.float32))
    given.target = model(torch.from_numpy(given.levels), gated=False).detach().numpy()
    assert float(loss_of(model, given, CONFIG.loss, CPU)) == pytest.approx(0, abs=1e-9)


def distance_loss(deviations: float, surer: float) -> float:
    """The loss of one tag whose teachers are `surer` deviations above the tag's mean, and the student so far from them."""
    model = lively(Student(NARROW))
    with torch.no_grad():
        model.answer.weight.zero_()
        model.answer.bias.fill_(surer + deviations)
        model.scale.fill_(2.0)
        model.centre.fill_(-3.0)
    weight = np.zeros((1, len(TAGS)), np.float32)
    weight[0, 3] = 1
    target = np.full((1, len(TAGS)), -3.0 + 2.0 * surer, np.float32)
    return float(loss_of(model, batch(1, taught_weight=weight, target=target), CONFIG.loss, CPU))


def test_a_distance_counts_squared_then_straight() -> None:
    bend = CONFIG.loss.quadratic_deviations
    assert distance_loss(bend, -1) / distance_loss(bend / 2, -1) == pytest.approx(4)
    steps = np.diff([distance_loss(far, -1) for far in (bend, 2 * bend, 3 * bend, 4 * bend)])
    np.testing.assert_allclose(steps, steps[0], rtol=1e-4)
    assert distance_loss(-3, -1) == pytest.approx(distance_loss(3, -1))


def test_what_teachers_are_surer_of_than_usual_counts_more() -> None:
    assert distance_loss(1, 0) == pytest.approx(distance_loss(1, -5))
    assert distance_loss(1, 2) == pytest.approx(3 * distance_loss(1, 0))


def test_what_nobody_knows_teaches_nothing() -> None:
    model = lively(Student(NARROW))
    given = batch(2, target=np.full((2, len(TAGS)), 99, np.float32), certain=np.ones((2, len(TAGS)), np.float32))
    loss = loss_of(model, given, CONFIG.loss, CPU)
    assert float(loss) == 0


def test_certain_labels_pull_their_own_tag_alone_and_in_their_direction() -> None:
    model = lively(Student(NARROW))
    certain, weight = np.zeros((1, len(TAGS)), np.float32), np.zeros((1, len(TAGS)), np.float32)
    certain[0, INDEX["piano"]], weight[0, [INDEX["piano"], INDEX["drums"]]] = 1, 1
    loss_of(model, batch(1, certain=certain, certain_weight=weight), CONFIG.loss, CPU).backward()
    pull = -model.answer.bias.grad.numpy()
    assert pull[INDEX["piano"]] > 0 > pull[INDEX["drums"]]
    assert (np.flatnonzero(pull) == sorted([INDEX["piano"], INDEX["drums"]])).all()


# calibrate


def test_slope_and_offset_that_made_the_outcomes_are_found() -> None:
    logits = np.random.default_rng(3).normal(0, 3, 5000)
    slope, offset = fit_tag(logits, 1 / (1 + np.exp(-(0.5 * logits - 1))), pull=0.0)
    assert slope == pytest.approx(0.5, abs=0.01) and offset == pytest.approx(-1, abs=0.02)


def test_a_pull_leaves_logits_as_they_are_where_little_is_known() -> None:
    logits = np.array([-1.0, 1.0])
    free, held = (fit_tag(logits, np.array([1.0, 1.0]), pull)[1] for pull in (1e-3, 1e3))
    assert free > 1 and abs(held) < 0.01
    # Logits of 0 leave the offset alone: the minimum is where the cross-entropy's slope is the pull's.
    offset = fit_tag(np.zeros(5), np.ones(5), pull=0.1)[1]
    assert 1 - 1 / (1 + np.exp(-offset)) == pytest.approx(2 * 0.1 * offset, abs=1e-4)


# export


def trained(network_seed: int = 0) -> Trained:
    torch.manual_seed(network_seed)
    random = np.random.default_rng(4)
    slopes = random.uniform(0.5, 2, len(TAGS)).astype(np.float32)
    offsets = random.normal(0, 1, len(TAGS)).astype(np.float32)
    return Trained(lively(Student(NARROW)), slopes, offsets, {"step": 1, "windows": 0, "parts": 1})


def written(folder: Path, network: onnx.ModelProto) -> Path:
    path = folder / "model.onnx"
    with written_whole(path) as unfinished:
        onnx.save(network, unfinished)
    return path


def test_the_file_says_what_the_calibrated_network_says(tmp_path: Path) -> None:
    one = trained()
    path = written(tmp_path, build(one))
    check(path, one)
    weights = {weight.name: weight for weight in onnx.load(path).graph.initializer}
    kernels = [weight for name, weight in weights.items() if name.endswith("_8")]
    assert len(kernels) == len(NARROW.widths) + 3 and {weight.data_type for weight in kernels} == {
        onnx.TensorProto.INT8
    }


@pytest.mark.parametrize("what", ["slopes", "offsets", "model"])
def test_a_file_of_another_network_is_refused(tmp_path: Path, what: str) -> None:
    one, other = trained(), trained()
    if what == "model":
        other.model = trained(network_seed=9).model
    else:
        setattr(other, what, getattr(other, what) + 0.5)
    with pytest.raises(PipelineError, match="model.onnx differs by .* from what was trained"):
        check(written(tmp_path, build(other)), one)
    assert LARGEST_DIFFERENCE < 0.05


# batches, training


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A made-up corpus: parts, pieces of three splits, and windows of real music with three teachers' answers."""
    found = Paths.resolve(True, {"data": tmp_path})
    folder, random = found.work / "tagger", np.random.default_rng(5)
    families = [family.name for family in FAMILIES if family.programs][:4] + ["noise"]
    shape = (rendered.STEM_FRAMES, front_end.BANDS)
    for name, array in {
        "stems/reel-0000": {
            "levels": random.normal(-30, 10, (5, *shape)).astype(np.float16),
            "families": np.array(families),
            "pieces": np.array([0, 0, 1, 1, -1]),
        },
        **{
            f"pieces/{split}-0000": {
                "levels": random.normal(-30, 10, (4, teachers.LONG, front_end.BANDS)).astype(np.float16),
                "families": np.array(["|".join(families[number : number + 2]) for number in range(4)]),
                "origins": np.array(["arranger, ensemble"] * 4),
                "answers": np.zeros((4, 0, len(music.POSITIONS), len(TAGS)), np.float16),
                "teachers": np.array([], np.str_),
            }
            for split in ("choose", "calibrate")
        },
        **{
            f"music/{split}-some-package-00": {
                "levels": random.normal(-30, 10, (2, teachers.LONG, front_end.BANDS)).astype(np.float16),
                "names": np.array(["a", "b"]),
                "answers": random.normal(-2, 1, (2, 3, len(music.POSITIONS), len(TAGS))).astype(np.float16),
                "teachers": np.array(["jamendo_fcn", "mtat_fcn", "msd_fcn"]),
            }
            for split in ("train", "choose", "calibrate")
        },
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        np.savez(folder / f"{name}.npz", **array)
    return found


def sampler(paths: Paths, **shares: float) -> Sampler:
    none = {"noise": 0.0, "music": 0.0, "over_music": 0.0, "labelled": 0.0}
    examples = CONFIG.examples.model_copy(update=none | shares)
    folder = paths.work / "tagger"
    return Sampler(Music(paths, "train"), Stems(folder / "stems"), Labelled(paths), examples, seed=1)


def test_each_kind_of_example_is_weighted_by_what_is_known_of_it(paths: Paths) -> None:
    mixed = sampler(paths).batch(8)
    assert mixed.taught_weight.sum() == 0 and (mixed.certain_weight.sum(axis=1) > 0).all()
    taught = sampler(paths, music=1.0).batch(8)
    assert taught.certain_weight.sum() == 0 and set(taught.taught_weight[:, of_kind("genre")].ravel()) == {1.0}
    instruments = set(taught.taught_weight[:, of_kind("instrument")].ravel())
    assert instruments == {np.float32(CONFIG.examples.teachers_on_instruments)}
    over = sampler(paths, over_music=1.0).batch(8)
    assert (over.certain_weight <= over.certain).all() and over.certain.sum() > 0
    nothing = sampler(paths, noise=1.0).batch(8)
    assert nothing.certain.sum() == 0 and (nothing.certain_weight == labels(["noise"])[1]).all()
    for one in (mixed, taught, over, nothing):
        assert one.levels.shape == (8, 1, front_end.BANDS, front_end.FRAMES) and np.isfinite(one.levels).all()


def test_the_same_seed_makes_the_same_batches(paths: Paths) -> None:
    first, second = (sampler(paths, music=0.5, noise=0.1).batch(6) for _ in range(2))
    for name, array in vars(first).items():
        np.testing.assert_array_equal(array, getattr(second, name), err_msg=name)


def test_training_judges_keeps_and_goes_on(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StridedConfig, "read", classmethod(lambda _cls, _small: SMALL))
    training.train(paths, small=True)
    one = Trained.load(paths, True, CPU)
    assert one.heard == {"step": 3, "windows": 2, "parts": 5}
    assert (one.slopes > 0).all() and len(set(one.slopes)) > 10
    check(written(paths.work, build(one)), one)
    longer = SMALL.model_copy(update={"training": SMALL.training.model_copy(update={"steps": 5})})
    monkeypatch.setattr(StridedConfig, "read", classmethod(lambda _cls, _small: longer))
    training.train(paths, small=True)
    stored = load_checkpoint(paths.work / "tagger" / "checkpoint.pt")
    assert stored["step"] == 5 and stored["optimiser"]["state"][0]["step"] == 5
    assert [entry["step"] for entry in read_json(paths.work / "tagger" / "history.json")] == [3, 5]


def test_training_ends_when_its_time_is_up(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    longer = SMALL.model_copy(update={"training": SMALL.training.model_copy(update={"steps": 10_000})})
    monkeypatch.setattr(StridedConfig, "read", classmethod(lambda _cls, _small: longer))
    monkeypatch.setenv("MOODRING_TRAIN_MINUTES", "1e-9")
    training.train(paths, small=True)
    assert Trained.load(paths, True, CPU).heard["step"] == 1


def test_a_small_run_exports_the_network_and_a_full_one_keeps_it_beside_the_features(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StridedConfig, "read", classmethod(lambda _cls, _small: SMALL))
    training.train(paths, small=True)
    steps.export(paths, small=True)
    card = read_json(paths.out / "tagger" / "card.json")
    assert card["output"]["shape"] == [1, len(TAGS)] and (paths.out / "tagger" / "model.onnx").exists()
    assert {tag["kind"] for tag in card["tags"]} == {"genre", "instrument", "mood", "feel"}
    # No head was trained here, and mn04 isn't there: what ships is left as it is.
    elsewhere = replace(paths, out=paths.out / "elsewhere", listener=paths.out / "nobody")
    steps.export(elsewhere, small=False)
    assert not elsewhere.out.exists() and (paths.work / "strided" / "card.json").exists()


def test_before_training_there_is_nothing_to_export(paths: Paths) -> None:
    with pytest.raises(PipelineError, match="there is no trained tagger; run the train step first"):
        Trained.load(paths, True, CPU)


def test_calibration_looks_at_its_own_split_alone(paths: Paths) -> None:
    model = lively(Student(NARROW))
    before = fit(paths, model, CONFIG.calibration)
    for path in (paths.work / "tagger").rglob("choose-*.npz"):
        path.unlink()
    np.testing.assert_array_equal(fit(paths, model, CONFIG.calibration), before)
    with pytest.raises(PipelineError, match="no rendered pieces for `choose`"):
        Pieces.load(paths, "choose")
