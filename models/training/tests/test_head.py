"""The teachers' shares, and the head that learns from them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.files import read_json
from moodring_training.shared.onnx_graph import session
from moodring_training.shared.paths import Paths
from moodring_training.tagger import steps
from moodring_training.tagger.head import export, worth
from moodring_training.tagger.head.calibrate import Labelled, Usual, calibrate
from moodring_training.tagger.head.config import Calibration, HeadConfig
from moodring_training.tagger.head.net import Head, file_of, load
from moodring_training.tagger.head.objective import Examples, fit
from moodring_training.tagger.head.train import School, folds_of, ranks_weight, songs_weight
from moodring_training.tagger.labels.audioset import WIDE, WIDE_INDEX, WIDE_NAMES
from moodring_training.tagger.labels.songs import Song
from moodring_training.tagger.labels.vocabulary import KINDS
from moodring_training.tagger.listeners import mn04
from moodring_training.tagger.listeners.hearing import PLACES, Heard
from moodring_training.tagger.listeners.windows import Window
from moodring_training.tagger.material import fidelity

CONFIG, SMALL = HeadConfig.read(small=False), HeadConfig.read(small=True)
TAGS = len(WIDE_NAMES)
NO_CAUTION = CONFIG.calibration.model_copy(
    update={"caution": CONFIG.calibration.caution.model_copy(update=dict.fromkeys(KINDS, 0.0)), "moved": {}}
)
RIDGES = dict.fromkeys(KINDS, 100.0)


def song(*right: str, part: str = "teach") -> Song:
    return Song("song", Path("song.ogg"), part, frozenset(right), False, frozenset({"genre"}))


def test_a_teacher_that_knows_a_tag_outweighs_one_that_guesses_and_who_lacks_it_has_no_say() -> None:
    listened = [song("jazz") for _ in range(20)] + [song("metal", "rock") for _ in range(20)]
    random = np.random.default_rng(1)
    scores = random.normal(0, 1, (40, 3, TAGS))
    jazz = WIDE_INDEX["jazz"]
    scores[:20, 0, jazz] += 5
    scores[:, 2, jazz] = np.nan
    area, right = worth.areas(scores, listened, CONFIG.teachers)
    share = worth.weights(area, CONFIG.teachers.least)
    assert right[jazz] == 20
    assert area[0, jazz] > 0.85 > area[1, jazz]
    assert share[0, jazz] > 0.8
    assert share[2, jazz] == 0
    np.testing.assert_allclose(share.sum(axis=0), 1)


def test_a_tag_without_songs_is_judged_by_its_kind() -> None:
    listened = [song("jazz") for _ in range(10)] + [song("metal", "rock") for _ in range(10)]
    scores = np.random.default_rng(2).normal(0, 1, (20, 2, TAGS))
    scores[:10, 0, WIDE_INDEX["jazz"]] += 9
    area, _ = worth.areas(scores, listened, CONFIG.teachers)
    assert not np.isnan(area).any()
    assert area[0, WIDE_INDEX["funk"]] == area[0, WIDE_INDEX["blues"]]


def test_teachers_on_other_scales_are_joined_in_deviations() -> None:
    answers = np.stack([np.array([[-8.0], [-4.0]]), np.array([[-0.2], [0.2]])])
    share = np.array([[0.75], [0.25]])
    target = worth.joined(answers, share, answers.mean(axis=1), answers.std(axis=1))
    np.testing.assert_allclose(target, [[-1], [1]], atol=1e-5)


def test_ridge_regression_finds_what_made_the_targets_each_on_the_rows_that_know_it() -> None:
    random = np.random.default_rng(3)
    inputs = random.normal(2, 3, (400, 6)).astype(np.float32)
    weights, bias = random.normal(0, 1, (6, 3)), np.array([1.0, -2.0, 0.5])
    target = inputs @ weights + bias
    target[:200, 1] = np.nan
    target[:, 2] = np.nan
    examples = Examples(inputs, target, np.zeros(400, int), np.ones(400))
    found, constant = fit(examples, np.full(3, 1e-3), 256)
    np.testing.assert_allclose(found[:, :2], weights[:, :2], atol=1e-3)
    np.testing.assert_allclose(constant[:2], bias[:2], atol=5e-3)
    assert (found[:, 2] == 0).all()


def test_a_tag_that_is_pulled_harder_has_smaller_weights_and_the_other_is_fitted_as_if_alone() -> None:
    random = np.random.default_rng(6)
    inputs = random.normal(0, 1, (200, 4)).astype(np.float32)
    target = np.repeat(inputs @ random.normal(0, 1, (4, 1)), 2, axis=1)
    examples = Examples(inputs, target, np.zeros(200, int), np.ones(200))
    found, _ = fit(examples, np.array([1e-3, 200.0]), 256)
    alone, _ = fit(examples, np.full(2, 1e-3), 256)
    np.testing.assert_allclose(found[:, 0], alone[:, 0], atol=1e-6)
    assert (np.abs(found[:, 1]) < 0.7 * np.abs(found[:, 0])).all()


def test_a_chunk_without_weight_teaches_nothing() -> None:
    inputs = np.random.default_rng(4).normal(0, 1, (60, 2))
    target = inputs[:, :1].copy()
    target[50:] = 100
    weight = np.ones(60)
    weight[50:] = 0
    found, _ = fit(Examples(inputs, target, np.zeros(60, int), weight), np.full(1, 1e-3), 256)
    assert abs(found[0, 0] - 1) < 0.01


def test_calibrated_probabilities_come_true_as_often_as_they_say() -> None:
    random = np.random.default_rng(5)
    deviations = random.normal(0, 1, (4000, TAGS))
    jazz, rock = WIDE_INDEX["jazz"], WIDE_INDEX["rock"]
    right, known = np.zeros((4000, TAGS)), np.zeros((4000, TAGS))
    for tag, slope, offset in ((jazz, 2.0, -3.0), (rock, 1.0, -1.0)):
        right[:, tag] = random.random(4000) < 1 / (1 + np.exp(-(slope * deviations[:, tag] + offset)))
        known[:, tag] = 1
    usual = Usual(np.zeros(TAGS), np.zeros(TAGS))
    slopes, offsets = calibrate(
        Labelled(deviations, right, known, np.ones((4000, TAGS)), np.zeros(4000)), usual, NO_CAUTION
    )
    assert abs(slopes[jazz] - 2) < 0.25 and abs(offsets[jazz] + 3) < 0.3
    assert abs(slopes[rock] - 1) < 0.15 and abs(offsets[rock] + 1) < 0.2
    unknown = [tag for tag, one in enumerate(WIDE) if one.kind == "genre" and tag not in (jazz, rock)]
    assert len(set(np.round(slopes[unknown], 6))) == 1, "what has no labels is taken as its kind"


def test_a_tag_without_labels_is_as_likely_beside_the_others_as_the_teachers_find_it() -> None:
    random = np.random.default_rng(8)
    genres = [tag for tag, one in enumerate(WIDE) if one.kind == "genre"]
    means = np.zeros(TAGS)
    means[genres] = np.linspace(-6, -1, len(genres))
    deviations = random.normal(0, 1, (2000, TAGS))
    right = (random.random((2000, TAGS)) < 1 / (1 + np.exp(-(deviations + means)))).astype(float)
    known = np.ones((2000, TAGS))
    unknown = genres[1::2]
    known[:, unknown] = 0
    _, offsets = calibrate(
        Labelled(deviations, right, known, np.ones((2000, TAGS)), np.zeros(2000)),
        Usual(means, np.zeros(TAGS)),
        NO_CAUTION,
    )
    np.testing.assert_allclose(offsets[unknown], means[unknown], atol=0.6)


def test_with_caution_fewer_wrong_tags_are_believed_and_what_is_unlikely_stays_as_it_was() -> None:
    random = np.random.default_rng(14)
    jazz, tags = WIDE_INDEX["jazz"], (3000, TAGS)
    deviations, right, known = random.normal(0, 1, tags), np.zeros(tags), np.zeros(tags)
    right[:, jazz] = random.random(3000) < 1 / (1 + np.exp(-(2 * deviations[:, jazz] - 1.5)))
    known[:, jazz] = 1
    labelled = Labelled(deviations, right, known, np.ones(tags), np.zeros(3000))
    believed, unlikely = [], []
    for calibration in (NO_CAUTION, CONFIG.calibration):
        slopes, offsets = calibrate(labelled, Usual(np.zeros(TAGS), np.zeros(TAGS)), calibration)
        said = 1 / (1 + np.exp(-(deviations[:, jazz] * slopes[jazz] + offsets[jazz])))
        believed.append((said > 0.5)[right[:, jazz] == 0].mean())
        unlikely.append(np.quantile(said, 0.2))
    assert believed[1] < 0.5 * believed[0] and abs(unlikely[1] - unlikely[0]) < 0.1, (believed, unlikely)


def test_offsets_are_moved_by_kind_and_by_tag_and_a_name_that_is_neither_is_refused() -> None:
    random, tags = np.random.default_rng(15), (300, TAGS)
    labelled = Labelled(
        random.normal(0, 1, tags), random.random(tags) < 0.3, np.ones(tags), np.ones(tags), np.zeros(300)
    )
    usual = Usual(np.zeros(TAGS), np.zeros(TAGS))
    found = [
        calibrate(labelled, usual, NO_CAUTION.model_copy(update={"moved": by}))[1]
        for by in ({}, {"genre": -0.5, "folk": 0.75})
    ]
    moved = found[1] - found[0]
    np.testing.assert_allclose(moved[[WIDE_INDEX["folk"], WIDE_INDEX["jazz"], WIDE_INDEX["piano"]]], [0.25, -0.5, 0])
    with pytest.raises(ValueError, match="no kind and no tag of this name; kinds are genre"):
        Calibration.model_validate({**CONFIG.calibration.model_dump(), "moved": {"folks": 1.0}})


def test_an_artist_is_in_one_fold_unless_most_songs_are_theirs() -> None:
    def by(artist: str, name: str) -> Song:
        return Song(name, Path("song.ogg"), "teach", frozenset(), artist=artist)

    listened = [by("one", f"a{number}") for number in range(5)] + [by("most", f"b{number}") for number in range(60)]
    listened += [by(f"artist {number}", f"c{number}") for number in range(60)]
    fold = folds_of(listened, 5)
    assert len(set(fold[:5])) == 1
    assert set(fold[5:65]) == set(range(5)) and set(fold[65:]) == set(range(5))


def test_the_many_songs_of_one_artist_count_less_each_for_genre_and_in_full_for_instruments() -> None:
    listened = [Song(f"a{number}", Path("song.ogg"), "teach", frozenset(), artist="one") for number in range(4)]
    listened += [
        Song("b", Path("song.ogg"), "teach", frozenset()),
        Song("c", Path("song.ogg"), "teach", frozenset(), True),
    ]
    calibration = CONFIG.calibration.model_copy(update={"artist_power": 0.5, "low_weight": 0.25})
    weight = songs_weight(listened, calibration)
    np.testing.assert_allclose(weight[:, WIDE_INDEX["jazz"]], [0.5, 0.5, 0.5, 0.5, 1, 0.25])
    np.testing.assert_array_equal(weight[:, WIDE_INDEX["piano"]], np.ones(6))


def test_in_ranks_a_song_of_a_rare_genre_counts_more_and_one_without_genre_nothing() -> None:
    listened = [song("rock") for _ in range(9)] + [song("reggae"), song("piano", "keyboard")]
    weight = ranks_weight(listened, CONFIG.calibration.model_copy(update={"rare_power": 1.0}))
    np.testing.assert_allclose(weight[9] / weight[:9], 5)
    assert weight[10] == 0 and abs(weight[:10].mean() - 1) < 1e-9


def test_a_genre_that_is_always_outranked_comes_first_where_it_is_heard_once_ranks_count() -> None:
    random = np.random.default_rng(12)
    rock, reggae, tags = WIDE_INDEX["rock"], WIDE_INDEX["reggae"], (2000, TAGS)
    is_reggae = random.random(2000) < 0.08
    deviations, right, known = random.normal(0, 1, tags), np.zeros(tags), np.zeros(tags)
    # Nearly all at hand is rock, reggae in part as well: its own probability says so, and is above reggae's everywhere.
    right[:, rock] = ~is_reggae | (random.random(2000) < 0.6)
    right[:, reggae] = is_reggae
    deviations[:, reggae] += 1.5 * is_reggae
    known[:, [rock, reggae]] = 1
    ranked = np.where(is_reggae, 5.0, 0.3)
    firsts = []
    for counts in (0.0, 3.0):
        calibration = NO_CAUTION.model_copy(update={"rank_weight": counts})
        labelled = Labelled(deviations, right, known, np.ones(tags), ranked)
        slopes, offsets = calibrate(labelled, Usual(np.zeros(TAGS), np.zeros(TAGS)), calibration)
        logits = deviations * slopes + offsets
        firsts.append((logits[:, reggae] > logits[:, rock])[is_reggae].mean())
    assert firsts[0] < 0.1 and firsts[1] > 0.4, firsts


def heard_songs(count: int, listener: mn04.Listener) -> list[tuple[Song, Heard]]:
    """Songs of jazz and of metal, four of each in turns, as a teacher hears who knows them, and one who guesses; mn04 hears which in forty numbers."""
    random, found = np.random.default_rng(11), []
    jazz, metal = WIDE_INDEX["jazz"], WIDE_INDEX["metal"]
    for number in range(count):
        is_jazz = 1.0 if number // 4 % 2 == 0 else -1.0
        answers = random.normal(0, 0.3, (2, PLACES, TAGS)).astype(np.float32)
        answers[0, :, jazz] += 3 * is_jazz
        answers[0, :, metal] -= 3 * is_jazz
        embeddings = random.normal(0, 1, (PLACES, mn04.EMBEDDING)).astype(np.float32)
        embeddings[:, :40] += 3 * is_jazz
        logits = random.normal(0, 1, (PLACES, len(listener.names))).astype(np.float32)
        none = np.zeros((0, TAGS), np.float32)
        said = Heard(none, none, none, answers, logits, embeddings, -logits, -embeddings, ["knows", "guesses"])
        words = ("jazz",) if is_jazz > 0 else ("metal", "rock")
        one = song(*words, part=("teach", "teach", "choose", "calibrate")[number % 4])
        found.append((replace(one, name=f"song {number}"), said))
    return found


def test_a_head_learns_from_the_teacher_that_knows(tmp_path: Path, made_up_mn04: Path) -> None:
    paths = Paths.resolve(True, {"data": tmp_path, "listener": made_up_mn04})
    heard = heard_songs(48, mn04.Listener(made_up_mn04))
    school = School(paths, heard, SMALL)
    jazz, metal = WIDE_INDEX["jazz"], WIDE_INDEX["metal"]
    assert school.teachers == ["knows", "guesses", "mn04"] and school.share[0, jazz] > 0.7
    made = school.graduate(RIDGES)
    made.save(file_of(paths))
    found = load(paths)
    inputs = np.zeros((2, mn04.EMBEDDING + 527), np.float32)
    inputs[:, :40] = [[3], [-3]]
    likelier = np.diff(found.logits(inputs)[::-1], axis=0)[0]
    assert likelier[jazz] > 1 and likelier[metal] < -1
    assert np.abs(likelier[WIDE_INDEX["blues"]]) < 0.5 * likelier[jazz]


def test_labels_low_fidelity_and_music_without_labels_each_count_as_much_as_the_configuration_says(
    tmp_path: Path, made_up_mn04: Path
) -> None:
    paths = Paths.resolve(True, {"data": tmp_path, "listener": made_up_mn04})
    heard = heard_songs(8, mn04.Listener(made_up_mn04))
    said = heard[0][1]
    window = Window(said.answers, np.stack([said.place_logits] * 3), np.stack([said.place_embeddings] * 3))
    free = SMALL.model_copy(update={"material": SMALL.material.model_copy(update={"label_share": 0.0})})
    school, unmoved = (School(paths, heard, config, [window]) for config in (SMALL, free))
    jazz, metal = WIDE_INDEX["jazz"], WIDE_INDEX["metal"]
    share = SMALL.material.label_share
    moved = (1 - share) * unmoved.music.target[:PLACES] + share * np.where(
        school.right[0] > 0.5, SMALL.ridge.right, SMALL.ridge.wrong
    )
    assert school.known[0, jazz] and school.known[0, metal]
    np.testing.assert_allclose(school.music.target[:PLACES, [jazz, metal]], moved[:, [jazz, metal]], rtol=1e-5)
    nobody = WIDE_INDEX["flute"]
    assert not school.known[0, nobody]
    np.testing.assert_array_equal(school.music.target[:, nobody], unmoved.music.target[:, nobody])
    first = np.arange(8) == 0
    learnt = school.learnt_from(first)
    np.testing.assert_array_equal(learnt.inputs[:PLACES], -learnt.inputs[PLACES : 2 * PLACES])
    np.testing.assert_array_equal(learnt.target[:PLACES], learnt.target[PLACES : 2 * PLACES])
    weights = [1.0, SMALL.material.worse_weight, *[SMALL.material.window_weight / 3] * 3]
    np.testing.assert_allclose(learnt.weight, np.repeat(weights, PLACES), rtol=1e-6)
    np.testing.assert_allclose(learnt.target[2 * PLACES : 3 * PLACES], unmoved.music.target[:PLACES], rtol=1e-5)


def test_sound_of_low_fidelity_has_lost_its_highs_and_kept_its_length() -> None:
    random = np.random.default_rng(9)
    sound = random.normal(0, 0.1, 32_000).astype(np.float32)
    poor = fidelity.worsened(sound, 16_000, 32_000, 8)
    assert abs(len(poor) - 64_000) < 6_400
    power = np.abs(np.fft.rfft(poor[:48_000])) ** 2
    hertz = np.fft.rfftfreq(48_000, 1 / 32_000)
    assert power[hertz > 6_000].sum() < 1e-3 * power[hertz < 3_000].sum()


def test_a_head_does_not_learn_from_songs_that_are_reported_on(tmp_path: Path, made_up_mn04: Path) -> None:
    paths = Paths.resolve(True, {"data": tmp_path, "listener": made_up_mn04})
    heard = heard_songs(24, mn04.Listener(made_up_mn04))
    alone = School(paths, heard, SMALL).graduate(RIDGES)
    reported = [(song("metal", part="report"), said) for _, said in heard_songs(8, mn04.Listener(made_up_mn04))]
    with_others = School(paths, [*heard, *reported], SMALL).graduate(RIDGES)
    np.testing.assert_array_equal(alone.weights, with_others.weights)
    np.testing.assert_array_equal(alone.offsets, with_others.offsets)


def made(random: np.random.Generator) -> Head:
    inputs = mn04.EMBEDDING + 527
    return Head(
        *(random.normal(0, 0.1, shape) for shape in ((inputs, TAGS), TAGS)), np.full(TAGS, 2.0), np.full(TAGS, -1.0)
    )


def test_the_file_says_what_mn04_and_the_head_say_one_after_the_other(tmp_path: Path, made_up_mn04: Path) -> None:
    one, other = (made(np.random.default_rng(seed)) for seed in (1, 2))
    onnx.save(export.build(made_up_mn04, one), tmp_path / "model.onnx")
    listener = mn04.Listener(made_up_mn04)
    export.check(tmp_path / "model.onnx", one, listener)
    with pytest.raises(PipelineError, match="model.onnx differs by"):
        export.check(tmp_path / "model.onnx", other, listener)


def test_what_mn04_takes_for_noise_or_a_tone_has_no_tags(tmp_path: Path, made_up_mn04: Path) -> None:
    one, listener = made(np.random.default_rng(1)), mn04.Listener(made_up_mn04)
    network = onnx.load(made_up_mn04 / mn04.NETWORK)
    [bias] = [weight for weight in network.graph.initializer if weight.name == "logits_bias"]
    nothing, something = export.not_music_and_music(made_up_mn04)
    levels, said = np.full((1, 1, mn04.BANDS, mn04.FRAMES), -30, np.float32), []
    for columns in (something, nothing):
        raised = onnx.numpy_helper.to_array(bias).copy()
        raised[columns[0]] += 100
        bias.CopyFrom(onnx.numpy_helper.from_array(raised, "logits_bias"))
        onnx.save(network, made_up_mn04 / mn04.NETWORK)
        onnx.save(export.build(made_up_mn04, one), tmp_path / "model.onnx")
        export.check(tmp_path / "model.onnx", one, mn04.Listener(made_up_mn04))
        said.append(session(tmp_path / "model.onnx").run(None, {"mel_db": levels})[0].max())
        raised[columns[0]] -= 100
        bias.CopyFrom(onnx.numpy_helper.from_array(raised, "logits_bias"))
    assert listener.names[nothing[0]] == "Static"
    assert said[0] > 0.2 and said[1] < 1e-6


def test_a_network_whose_logits_come_from_no_linear_layer_is_refused(made_up_mn04: Path) -> None:
    network = onnx.load(made_up_mn04 / mn04.NETWORK)
    [last] = [node for node in network.graph.node if "logits" in node.output]
    last.output[0] = "bare"
    network.graph.node.append(onnx.helper.make_node("Relu", ["bare"], ["logits"]))
    onnx.save(network, made_up_mn04 / mn04.NETWORK)
    with pytest.raises(PipelineError, match="logits come from Relu"):
        export.build(made_up_mn04, made(np.random.default_rng(1)))


def test_what_is_exported_has_parents_and_kinds_of_its_own_and_mn04s_licence(
    tmp_path: Path, made_up_mn04: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths.resolve(False, {"data": tmp_path, "listener": made_up_mn04, "out": tmp_path / "out"})
    made(np.random.default_rng(6)).save(file_of(paths))
    heard = heard_songs(8, mn04.Listener(made_up_mn04))
    monkeypatch.setattr(export.songs, "of_manifest", lambda _folder: [song for song, _ in heard])
    monkeypatch.setattr(export.hearing, "prepare", lambda _paths, _songs: heard)
    steps.export(paths, small=False)
    folder = tmp_path / "out" / "tagger"
    assert {path.name for path in folder.iterdir()} == {"model.onnx", "card.json", export.LICENCE}
    assert "Copyright (c) 2022 Florian Schmid" in (folder / export.LICENCE).read_text(encoding="utf-8")
    card = read_json(folder / "card.json")
    tags = {tag["name"]: tag for tag in card["tags"]}
    assert tags["piano"]["parent"] == "keyboard" and tags["keyboard"]["parent"] is None
    assert {tag["kind"] for tag in card["tags"]} == {"genre", "instrument", "mood", "feel"}
    assert tags["slow"]["kind"] == "feel" and tags["happy"]["kind"] == "mood"
    assert all(tags[tag["parent"]]["kind"] == tag["kind"] for tag in card["tags"] if tag["parent"])
    assert set(card["circumplex"]["valence"]["weights"]) <= set(tags)


def test_valence_and_arousal_are_zero_on_the_mean_of_music_and_one_a_deviation_above() -> None:
    head, inputs = made(np.random.default_rng(3)), np.random.default_rng(4).normal(0, 1, (500, mn04.EMBEDDING + 527))
    found, logits = export.circumplex(head, inputs), head.logits(inputs)
    for axis in ("valence", "arousal"):
        weights = found[axis]["weights"]
        value = sum(weight * logits[:, WIDE_INDEX[tag]] for tag, weight in weights.items()) + found[axis]["offset"]
        assert abs(value.mean()) < 0.01 and abs(value.std() - 1) < 0.01
        assert abs(sum(weights.values())) < 1e-3, "less of every mood is no other mood"
    assert found["valence"]["weights"]["happy"] > 0 > found["valence"]["weights"]["sad"]
    assert found["arousal"]["weights"]["energetic"] > 0 > found["arousal"]["weights"]["relaxing"]


def test_mn04_and_its_labels_are_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="mn04_as.onnx is missing; name the folder of mn04 with --listener"):
        mn04.Listener(tmp_path)
