"""`python -m moodring_training <step> [model]`; `cargo xtask models` calls this in an environment that has what it needs."""

import argparse
import importlib
import sys
from pathlib import Path

from .shared import corpus
from .shared.errors import PipelineError
from .shared.paths import Paths
from .shared.running import seed_everything

MODELS = ("tagger", "timbre")
PLACES = ("data", "out", "teachers", "listener", "music", "judge", "moodring")
"""Options that name a file or a folder."""
STEPS = {
    "corpus": "fetch the packages and render and analyse what a model learns from",
    "train": "train; goes on from the last checkpoint",
    "evaluate": "print the tables of figures and write the plots",
    "export": "write the networks and their card",
}
ALONE = {
    "zoo": ("train, write and compare small networks of ten published architectures", ".zoo.steps", "zoo"),
    "scattering": ("compare wavelet scattering with mel on solo instruments", ".scattering.steps", "scattering"),
    "correct": (
        "correct the instruments of the tagger that ships with rendered solos, without training it anew",
        ".tagger.head.shipped",
        "correct_anew",
    ),
    "colours": (
        "measure the colours of the players that ship anew, and leave the players as they are",
        ".timbre.notes.table",
        "recolour",
    ),
    "map": ("place songs on a plane by what the shipped tagger makes of them", ".tagger.music_map.export", "export"),
}
"""Steps of their own, of no model: what each does, and the function that does all of it."""


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="moodring_training", description=__doc__)
    steps = STEPS | {name: what for name, (what, *_) in ALONE.items()}
    parser.add_argument("step", choices=steps, help="; ".join(f"{name}: {what}" for name, what in steps.items()))
    parser.add_argument("model", nargs="?", choices=MODELS, help="one of the models; both without")
    parser.add_argument(
        "--small", action="store_true", help="a run of minutes that proves the path, in a folder of its own"
    )
    parser.add_argument(
        "--data", type=Path, help="where packages, features and checkpoints live (default: target/models)"
    )
    parser.add_argument(
        "--out", type=Path, help="where `export` writes (default: models; with --small, under the data)"
    )
    parser.add_argument(
        "--teachers", type=Path, help="folder of the teachers' ONNX files (default: ../shared/models/teachers)"
    )
    parser.add_argument("--listener", type=Path, help="folder of mn04 and AudioSet's labels (default: ../shared/judge)")
    parser.add_argument("--music", type=Path, help="folder of labelled songs (default: ../shared/music)")
    parser.add_argument(
        "--judge",
        type=Path,
        help="folder of a listener of others' making: `evaluate timbre` prints what it hears in the shipped model's morphs, and nothing else",
    )
    parser.add_argument(
        "--moodring", type=Path, help="the command line that morphs for the judge (default: target/release/moodring)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    return parser.parse_intermixed_args()


def main() -> int:
    """Runs one step for one model or for both; the exit code."""
    arguments = parse_arguments()
    given = {name: getattr(arguments, name) for name in PLACES}
    paths = Paths.resolve(arguments.small, given)
    try:
        if arguments.step in ALONE:
            seed_everything(arguments.seed)
            _, module, function = ALONE[arguments.step]
            getattr(importlib.import_module(module, __package__), function)(paths, arguments.small)
            return 0
        for name in (arguments.model,) if arguments.model else MODELS:
            seed_everything(arguments.seed)
            steps = importlib.import_module(f"{__package__}.{name}.steps")
            if arguments.step == "corpus":
                corpus.fetch(paths, arguments.small)
            getattr(steps, arguments.step)(paths, arguments.small)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
