"""The map of music: which songs are on it, that its projection is one and keeps neighbours, and that its file says what was learned."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
import torch

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.files import read_json, sha256
from moodring_training.shared.paths import Paths
from moodring_training.tagger.music_map import export, measure, points, songs
from moodring_training.tagger.music_map.points import Heard
from moodring_training.tagger.music_map.projection import divergence, fit, neighbourhoods
from moodring_training.tagger.music_map.songs import Listed

WIDTH = 24


def heard(artists: int = 8) -> list[Heard]:
    """Songs of three genres, so many artists each, two songs an artist: a genre is a direction, and answers stray from their song."""
    random = np.random.default_rng(5)
    found = []
    for number, genre in enumerate(("jazz, blues", "pop", "rock, metal")):
        middle = random.normal(0, 1, WIDTH) * 3
        for artist in range(artists):
            for song in range(2):
                name = f"{number}-{artist}-{song}"
                own = middle + random.normal(0, 1, WIDTH)
                listed = Listed(name, Path(name), f"Song {name}", f"Artist {number}-{artist}", "CC0", genre)
                found.append(Heard(listed, (own + random.normal(0, 0.5, (6, WIDTH))).astype(np.float32)))
    return found


def test_neighbourhoods_are_t_sne_s() -> None:
    random = np.random.default_rng(2)
    points_of = np.concatenate([random.normal(at, 0.1, (12, 3)) for at in (0.0, 5.0)])
    near = neighbourhoods(points_of, 4.0)
    assert np.allclose(near, near.T) and near.sum() == pytest.approx(1) and np.all(np.diag(near) == 0)
    assert near[:12, :12].sum() + near[12:, 12:].sum() > 0.99
    rows = near / near.sum(axis=1, keepdims=True)
    entropies = -(rows * np.log(np.maximum(rows, 1e-30))).sum(axis=1)
    assert 3.0 < np.exp(entropies).mean() < 6.5


def test_what_is_near_and_drawn_far_costs_more() -> None:
    near = torch.tensor(neighbourhoods(np.array([[0.0], [0.1], [5.0], [5.1], [9.0], [9.1]]), 2.0))
    right = torch.tensor([[0.0, 0.0], [0.2, 0.0], [3.0, 0.0], [3.2, 0.0], [6.0, 0.0], [6.2, 0.0]], dtype=torch.float64)
    assert divergence(near, right) < divergence(near, right[[0, 2, 1, 4, 3, 5]]) - 0.5


def test_the_projection_is_a_function_that_keeps_genres_together() -> None:
    songs_of = heard()
    made = fit(songs_of)
    again = fit(songs_of)
    means = np.array([one.mean for one in songs_of])
    at = made.places(made.numbers(means))
    assert np.array_equal(at, again.places(again.numbers(means)))
    assert at.shape == (48, 2) and 0.9 < np.abs(at).max() < 1.4
    # New songs of the same genres: the same directions, other songs.
    labels = np.repeat([0, 1, 2], 16)
    fresh = means + np.random.default_rng(9).normal(0, 0.8, means.shape)
    found = made.places(made.numbers(fresh))
    nearest = np.linalg.norm(found[:, None] - at[None], axis=2).argmin(axis=1)
    assert (labels[nearest] == labels).mean() > 0.9
    assert made.explained > 0.8


def test_the_first_number_has_a_deviation_of_one_and_the_others_less() -> None:
    songs_of = heard()
    numbers = fit(songs_of).numbers(np.array([one.mean for one in songs_of]))
    deviations = numbers.std(axis=0)
    assert deviations[0] == pytest.approx(1, abs=1e-6) and np.all(np.diff(deviations) < 1e-9)
    assert np.abs(numbers.mean(axis=0)).max() < 1e-6


def test_new_songs_are_those_of_artists_that_the_map_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    songs_of = heard()
    artists = {one.song.artist: 2 for one in songs_of}
    folds = [measure.fold_of(one.song.artist, artists) for one in songs_of]
    assert len(set(folds)) == measure.FOLDS
    for one, theirs in zip(songs_of, folds, strict=True):
        assert theirs == measure.fold_of(one.song.artist, artists)
    told = measure.measured(songs_of, songs_of[:4], fit(songs_of))
    printed = capsys.readouterr().out
    assert "trustworthiness (10 neighbours)" in printed and "by chance" in printed
    shares = told["figures"]["nearest"]
    assert shares["held out, five folds by artist / plane"] in {f"{share}%" for share in range(85, 101)}
    assert shares["held out, five folds by artist / by chance"] in {f"{share}%" for share in range(25, 40)}
    assert 0 < told["familiar"] < 10


def test_the_file_gives_what_was_learned_and_the_card_names_it(tmp_path: Path) -> None:
    songs_of = heard()
    made = fit(songs_of)
    text = export.written(export.described(made, songs_of, {"familiar": 1.0, "figures": {"songs": 48}}))
    found = json.loads(text)
    assert [song["title"] for song in found["songs"]] == [one.song.title for one in songs_of]
    assert found["genres"] == ["jazz, blues", "pop", "rock, metal"]

    def layer(one: dict[str, list], given: np.ndarray) -> np.ndarray:
        return given @ np.array(one["weights"]).T + np.array(one["bias"])

    given = np.array([one.mean for one in songs_of])
    numbers = layer(found["numbers"], given)
    assert np.abs(numbers - made.numbers(given)).max() < 0.01
    at = numbers
    for index, one in enumerate(found["plane"]):
        at = layer(one, at if index == 0 else np.tanh(at))
    assert np.abs(at - made.places(made.numbers(given))).max() < 0.02
    (tmp_path / "map.json").write_text(text, encoding="utf-8")
    (tmp_path / "card.json").write_text('{"schema": 1, "files": {"model": {"file": "m"}}}', encoding="utf-8")
    export.name_in_card(tmp_path, WIDTH)
    card = read_json(tmp_path / "card.json")
    assert card["embedding"] == {"name": "embedding", "shape": [1, WIDTH]}
    assert card["files"]["map"] == {"file": "map.json", "sha256": sha256(tmp_path / "map.json")}
    assert card["files"]["model"] == {"file": "m"}


def manifest(folder: Path, rows: list[dict[str, str]]) -> Paths:
    names = ["id", "title", "artist", "licence", "genre", "instruments", "vocal", "seconds", "nc", "fidelity"]
    lines = [",".join(names)]
    for row in rows:
        lines.append(",".join(f'"{row.get(name, "")}"' for name in names))
    (folder / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    return Paths.resolve(False, {"music": folder, "data": folder / "data"})


def test_no_song_is_on_the_map_that_may_not_be_taught_with(tmp_path: Path) -> None:
    usual = {"title": "T", "artist": "A", "licence": "CC0", "seconds": "60"}
    rows = [
        {**usual, "id": "good", "genre": "electronic, jazz"},
        {**usual, "id": "nobody-knows", "genre": "happy"},
        {**usual, "id": "short", "seconds": "4"},
        {**usual, "id": "low", "fidelity": "low"},
        {**usual, "id": "speech", "genre": "spoken voice"},
        {**usual, "id": "nc", "artist": "B", "nc": "yes", "licence": "CC-BY-NC"},
    ]
    taught, judged = songs.listed(manifest(tmp_path, rows), False)
    assert [(one.name, one.genre) for one in taught] == [("good", "jazz, blues"), ("nobody-knows", None)]
    assert [one.name for one in judged] == ["nc"]
    with pytest.raises(PipelineError, match="good has no licence"):
        songs.listed(manifest(tmp_path, [{**rows[0], "licence": " "}]), False)
    with pytest.raises(PipelineError, match="--music"):
        songs.listed(Paths.resolve(False, {"music": tmp_path / "nowhere"}), False)


def test_windows_are_full_and_silence_has_none() -> None:
    rate, window = points.mn04.RATE, points.mn04.FRAMES * points.mn04.HOP
    random = np.random.default_rng(1)
    sound = random.normal(0, 0.1, 12 * rate).astype(np.float32)
    found = list(points.levels_at(sound))
    assert len(found) == 1 + int((len(sound) - window) / (points.STEP * rate))
    assert all(one.shape == (points.mn04.FRAMES, points.mn04.BANDS) for one in found)
    sound[: 8 * rate] = 0
    assert 0 < len(list(points.levels_at(sound))) < len(found)
    assert not list(points.levels_at(np.zeros(5 * rate, np.float32)))
    assert len(list(points.levels_at(sound[-2 * rate :]))) == 1


def test_a_small_run_writes_a_whole_tagger_with_a_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    excerpts = tmp_path / "music"
    excerpts.mkdir()
    random = np.random.default_rng(4)
    for number in range(6):
        with wave.open(str(excerpts / f"{number}.ogg"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16_000)
            tone = np.sin(2 * np.pi * 110 * 2**number * np.arange(160_000) / 16_000) + random.normal(0, 0.1, 160_000)
            file.writeframes((8_000 * tone).astype("<i2").tobytes())
    monkeypatch.setattr(songs, "EXCERPTS", excerpts)
    folder = export.export(Paths.resolve(True, {"data": tmp_path / "data"}), True)
    made = read_json(folder / "map.json")
    assert len(made["songs"]) == 18 and len(made["genres"]) == 6
    assert read_json(folder / "card.json")["files"]["map"]["sha256"] == sha256(folder / "map.json")
    assert (folder / "model.onnx").is_file()
