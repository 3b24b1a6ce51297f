"""The zoo: what its networks are, that published weights get into them as they are, and that files say what was trained."""

import io
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.files import read_json
from moodring_training.zoo.clusters import Recording, measured
from moodring_training.zoo.config import ZooConfig
from moodring_training.zoo.export import export, write_sound
from moodring_training.zoo.material import TEACHES, Song
from moodring_training.zoo.networks import Network, networks
from moodring_training.zoo.published import published, tags_of
from moodring_training.zoo.train import Trained, Windows

ALL = networks(ZooConfig.read(True).shares)
TAGS = ["genre---rock", "instrument---piano", "mood/theme---happy"]


def named(name: str) -> Network:
    return next(one for one in ALL if one.name == name)


def drawn(network: Network, tags: int) -> nn.Module:
    """The architecture with norms that have seen something."""
    net = network.make(tags).eval()
    with torch.no_grad():
        for norm in net.modules():
            if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
                norm.running_mean.normal_(0, 0.1)
                norm.running_var.uniform_(0.5, 2)
                norm.weight.uniform_(0.5, 1.5)
                norm.bias.normal_(0, 0.1)
    return net


def song(seconds: int) -> Song:
    """Noise, and answers that tell which of its seconds they are of."""
    random = np.random.default_rng(3)
    sound = random.normal(0, 3000, seconds * 16_000).astype(np.int16)
    ends = np.arange(1.0, seconds + 1)
    return Song("noise", TEACHES, sound, ends, np.stack([ends, -ends], axis=1).astype(np.float32), None)


def test_there_are_ten_and_each_has_a_folder_of_its_own() -> None:
    assert len({network.name for network in ALL}) == 10


@pytest.mark.parametrize("network", ALL, ids=lambda network: network.name)
@pytest.mark.parametrize("weights", ["student", "published"])
def test_a_file_says_what_the_network_says_and_its_card_what_it_hears(
    network: Network, weights: str, tmp_path: Path
) -> None:
    tags = [{"name": name, "kind": "genre"} for name in ("rock", "jazz", "pop")]
    told = {"licence": "none", "weights": weights, "tags": tags}
    trained = Trained(drawn(network, 3), -20.0 if network.ear.bands else 0.0, 10.0)
    export(network, trained, tmp_path / network.name, told, write_sound(tmp_path))
    folder = tmp_path / network.name
    card = read_json(folder / "tagger" / "card.json")
    assert card["schema"] == 2 and card["input"]["shape"] == network.ear.shape
    said = np.fromfile(folder / "reference" / "probabilities.f32", "<f4")
    assert said.shape == (3,) and ((said > 0) & (said < 1)).all()
    weights_of = [
        numpy_helper.to_array(one) for one in onnx.load(str(folder / "tagger" / "model.onnx")).graph.initializer
    ]
    kinds = {array.dtype.name for array in weights_of if array.ndim > 1 and array.dtype.kind == "f"}
    assert kinds == {"float16" if weights == "student" else "float32"}


class AsPublished(nn.Module):
    """A network as the authors export theirs: levels in dB to probabilities, normalised by a first norm."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1)
        self.net = net
        with torch.no_grad():
            self.norm.running_mean.fill_(-21.0)
            self.norm.running_var.fill_(150.0)
            self.norm.weight.fill_(0.7)
            self.norm.bias.fill_(0.2)

    def forward(self, levels: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.net(self.norm(levels))[0])


def written(module: nn.Module, network: Network, path: Path) -> None:
    made = io.BytesIO()
    torch.onnx.export(module.eval(), (torch.zeros(network.ear.shape),), made, opset_version=13)
    model = onnx.load_from_string(made.getvalue())
    entry = model.metadata_props.add()
    entry.key, entry.value = "tags", json.dumps(TAGS)
    onnx.save(model, str(path))


@pytest.mark.parametrize("name", ["fcn", "musicnn", "crnn"])
def test_published_weights_are_taken_over_as_they_are(name: str, tmp_path: Path) -> None:
    network = named(name)
    theirs = AsPublished(drawn(network, len(TAGS))).eval()
    written(theirs, network, tmp_path / "theirs.onnx")
    ours = published(network, tmp_path / "theirs.onnx")
    levels = torch.randn(network.ear.shape) * 15 - 25
    with torch.no_grad():
        wanted = theirs(levels)
        found = torch.sigmoid(ours.net((levels - ours.mean) / ours.deviation)[0])
    assert torch.allclose(found, wanted, atol=1e-4)
    assert [tag["kind"] for tag in tags_of(tmp_path / "theirs.onnx")] == ["genre", "instrument", "mood"]


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    written(AsPublished(drawn(named("fcn"), len(TAGS))), named("fcn"), tmp_path / "theirs.onnx")
    with pytest.raises(PipelineError, match="layers, but CRNN"):
        published(named("crnn"), tmp_path / "theirs.onnx")


def test_a_window_ends_where_it_should_and_its_answers_heard_no_more_than_it() -> None:
    heard = song(20)
    wave, long = named("sample-level").ear, named("self-attention").ear
    window = heard.window(wave, 10.0)
    assert np.array_equal(window, heard.sound[160_000 - 59_049 : 160_000] / np.float32(32_768))
    early = heard.window(wave, 1.0)
    assert np.array_equal(early[:16_000], early[16_000:32_000])
    assert heard.window(long, 18.0).shape == (128, 938)
    # A network of 3.7 s hears what the shipped tagger hears; one of 15 s hears all of several answers.
    assert heard.said(wave, 10.0)[0] == 10
    assert heard.said(long, 18.0)[0] == np.arange(7, 19).mean()
    inputs, said = Windows(named("short-chunk"), [heard], 1).draw(5)
    assert inputs.shape == (5, 128, 231) and said.shape == (5, 2)


def clustered(artists: int) -> tuple[np.ndarray, list[Recording]]:
    """Eight recordings of each of three genres, of so many artists a genre, and points that lie together by genre."""
    random = np.random.default_rng(5)
    nothing = np.zeros(0, np.float32)
    found = [
        Recording(f"{genre}{piece}", f"{genre}{piece % artists}", genre, nothing, nothing)
        for genre in ("folk", "jazz", "rock")
        for piece in range(8)
    ]
    centres = {"folk": 0.0, "jazz": 10.0, "rock": -10.0}
    return np.array([[centres[one.label], 0.0] for one in found]) + random.normal(0, 1, (24, 2)), found


def test_genres_that_lie_together_are_told_from_such_that_do_not() -> None:
    points, found = clustered(8)
    apart = measured("apart", points, found)
    assert apart["nearest"] == 1 and apart["silhouette"] > 0.3 and apart["places"].shape == (24, 2)
    mixed = measured("mixed", np.random.default_rng(6).normal(0, 1, points.shape), found)
    assert mixed["nearest"] < 0.7 and mixed["silhouette"] < 0.1


def test_an_artist_s_own_pieces_are_no_neighbours() -> None:
    points, found = clustered(1)
    assert measured("one artist a genre", points, found)["nearest"] == 0
