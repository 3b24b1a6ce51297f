"""The teachers' shares, and the head that learns from them."""

from pathlib import Path

import numpy as np

from moodring_training.tagger import head, worth
from moodring_training.tagger.audioset import WIDE, WIDE_INDEX, WIDE_NAMES
from moodring_training.tagger.songs import Song

TAGS = len(WIDE_NAMES)


def song(*right: str) -> Song:
    return Song("song", Path("song.ogg"), "teach", frozenset(right), False, frozenset({"genre"}))


def test_a_teacher_that_knows_a_tag_outweighs_one_that_guesses_and_who_lacks_it_has_no_say() -> None:
    listened = [song("jazz") for _ in range(20)] + [song("metal", "rock") for _ in range(20)]
    random = np.random.default_rng(1)
    scores = random.normal(0, 1, (40, 3, TAGS))
    jazz = WIDE_INDEX["jazz"]
    scores[:20, 0, jazz] += 5
    scores[:, 2, jazz] = np.nan
    area, right = worth.areas(scores, listened)
    share = worth.weights(area)
    assert right[jazz] == 20
    assert area[0, jazz] > 0.85 > area[1, jazz]
    assert share[0, jazz] > 0.8
    assert share[2, jazz] == 0
    np.testing.assert_allclose(share.sum(axis=0), 1)


def test_a_tag_without_songs_is_judged_by_its_kind() -> None:
    listened = [song("jazz") for _ in range(10)] + [song("metal", "rock") for _ in range(10)]
    scores = np.random.default_rng(2).normal(0, 1, (20, 2, TAGS))
    scores[:10, 0, WIDE_INDEX["jazz"]] += 9
    area, _ = worth.areas(scores, listened)
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
    examples = head.Examples(inputs, target, np.zeros(400, int), np.ones(400))
    found, constant = head.fit(examples, 1e-3)
    np.testing.assert_allclose(found[:, :2], weights[:, :2], atol=1e-3)
    np.testing.assert_allclose(constant[:2], bias[:2], atol=5e-3)
    assert (found[:, 2] == 0).all()


def test_a_chunk_without_weight_teaches_nothing() -> None:
    inputs = np.random.default_rng(4).normal(0, 1, (60, 2))
    target = inputs[:, :1].copy()
    target[50:] = 100
    weight = np.ones(60)
    weight[50:] = 0
    found, _ = head.fit(head.Examples(inputs, target, np.zeros(60, int), weight), 1e-3)
    assert abs(found[0, 0] - 1) < 0.01


def test_calibrated_probabilities_come_true_as_often_as_they_say() -> None:
    random = np.random.default_rng(5)
    deviations = random.normal(0, 1, (4000, TAGS))
    jazz, rock = WIDE_INDEX["jazz"], WIDE_INDEX["rock"]
    right, known = np.zeros((4000, TAGS)), np.zeros((4000, TAGS))
    for tag, slope, offset in ((jazz, 2.0, -3.0), (rock, 1.0, -1.0)):
        right[:, tag] = random.random(4000) < 1 / (1 + np.exp(-(slope * deviations[:, tag] + offset)))
        known[:, tag] = 1
    slopes, offsets = head.calibrate(deviations, right, known, np.ones(4000))
    assert abs(slopes[jazz] - 2) < 0.25 and abs(offsets[jazz] + 3) < 0.3
    assert abs(slopes[rock] - 1) < 0.15 and abs(offsets[rock] + 1) < 0.2
    unknown = [tag for tag, one in enumerate(WIDE) if one.kind == "genre" and tag not in (jazz, rock)]
    assert len(set(np.round(slopes[unknown], 6))) == 1, "what has no labels is taken as its kind"
