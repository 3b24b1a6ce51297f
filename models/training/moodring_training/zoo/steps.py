"""The zoo's one step: networks with published weights where there are any, the others as students of the tagger that ships."""

import shutil
from typing import Any

import numpy as np

from ..shared.paths import Paths
from ..shared.running import progress
from . import clusters
from .config import ZooConfig
from .evaluate import evaluate, print_table
from .export import export, write_sound
from .material import prepare, shipped_card
from .networks import Network, networks
from .operators import compared, print_operators
from .pictures import draw_maps
from .published import published, tags_of
from .train import train

LICENCE = "as Moodring's; it learned what the tagger that ships says (which stands on mn04 of EfficientAT, MIT: see models/tagger)"
FULL = " of 60 free songs, CC BY, CC BY-SA and CC0 or public domain, by Kevin MacLeod, Frank Nora and five others"
"""What the songs of a run with `--music` are."""
PUBLISHED = "MIT (c) 2020 Music Technology Group, Universitat Pompeu Fabra, Minz Won: sota-music-tagging-models"


def zoo(paths: Paths, small: bool) -> None:
    """Listens, trains from the last checkpoints, writes every network and its card, and prints the table."""
    config = ZooConfig.read(small)
    songs = prepare(paths, small, config.material)
    whole = write_sound(paths.zoo)
    rows = []
    for network in networks(config.shares):
        folder = paths.zoo / network.name
        file = paths.teachers / f"{network.published}.onnx"
        if network.published and file.exists() and not small:
            made, told = published(network, file), {"licence": PUBLISHED, "weights": "published", "tags": tags_of(file)}
        else:
            made, told = train(paths, network, songs, config.training), _student(small)
        shutil.rmtree(folder, ignore_errors=True)
        export(network, made, folder, told, whole)
        rows.append(evaluate(paths, folder, network, songs))
    print_table(rows)
    ran = {one.title: compared(paths, paths.zoo / one.name, one.ear) for one in networks(config.shares)}
    print_operators(ran)
    _map(paths, small, networks(config.shares))


def _map(paths: Paths, small: bool, all_of_them: list[Network]) -> None:
    """Prints how well genres lie together for each network and for the tagger that ships, and draws where."""
    found = clusters.recordings(paths, small)
    embedders = {"the tagger that ships": clusters.embedded_by_shipped()}
    embedders |= {one.title: clusters.embedded_by(paths.zoo / one.name, one) for one in all_of_them}
    rows = [
        clusters.measured(title, np.array([embed(one) for one in progress(found, f"map: {title}")]), found)
        for title, embed in embedders.items()
    ]
    clusters.print_clusters(rows, found)
    draw_maps(paths.zoo / "genres.png", rows, found)
    print(f"wrote {paths.zoo / 'genres.png'}")


def _student(small: bool) -> dict[str, Any]:
    """What a student's card says: it names what its teacher names."""
    card = shipped_card()
    tags = [{name: tag[name] for name in ("name", "kind", "parent")} for tag in card["tags"]]
    return {
        "licence": LICENCE if small else LICENCE + FULL,
        "weights": "student",
        "tags": tags,
        "circumplex": card["circumplex"],
    }
