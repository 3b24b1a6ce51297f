"""The corpus step: every package of the manifest that holds notes, samples or music, as frames."""

import subprocess
import zlib
from pathlib import Path

import numpy as np

from ...shared import corpus
from ...shared.errors import PipelineError
from ...shared.paths import Paths
from ...shared.running import progress
from ..front_end import SAMPLE_RATE
from ..soundfont import PERCUSSION, Instrument, judging_notes, training_notes
from ..spectra.features import Collector, Frames

AUDIO = {".flac", ".mp3", ".ogg", ".opus", ".wav"}
PROGRAMS_A_RUN = 16
EXCERPT_S = 6.0
_MUSIC_PAIRS = {"train": 24, "choose": 60, "report": None}
"""Pairs of frames of an excerpt; smoothness is judged on whole excerpts."""
SOURCES = {
    "train": {
        "soundfont": ("fluid-soundfont-gm", "musescore-general-soundfont", "freepats", "csound-soundfont"),
        "samples": ("hydrogen-drumkits", "sonic-pi-samples"),
        "music": (
            "naev-data",
            "warzone2100-music",
            "wesnoth-1.16-music",
            "supertux-data",
            "widelands-data",
            "supertuxkart-data",
            "parsec47-data",
        ),
    },
    "choose": {"music": ("zaz-data", "wizznic-data")},
    "report": {
        "soundfont": ("timgm6mb-soundfont",),
        "music": ("hyperrogue-music", "flare-game", "unknown-horizons", "singularity-music", "torus-trooper-data"),
    },
}
"""The manifest's packages that the timbre model uses, by split and by what they hold for it. Music keeps the manifest's
splits; soundfonts need not, since what the two models learn from them differs."""
SMALL_PROGRAMS = [*range(0, 128, 8), 52, 53, 73, PERCUSSION]
"""What a small run plays."""


def folder(paths: Paths) -> Path:
    """Where the frames of each package lie."""
    return paths.work / "timbre" / "frames"


def packages(role: str, split: str, small: bool) -> list[corpus.Package]:
    """The manifest's packages of this role and split."""
    listed = {package.name: package for package in corpus.manifest()}
    names = SOURCES[split].get(role, ())
    missing = [name for name in names if name not in listed]
    if missing:
        raise PipelineError(f"{missing[0]} is not in {corpus.MANIFEST.name}")
    return [listed[name] for name in names if listed[name].small or not small]


def prepare(paths: Paths, small: bool) -> None:
    """Writes the frames of every package; those that are there already stay."""
    wanted = [
        (package, role, split)
        for split, roles in SOURCES.items()
        for role in roles
        for package in packages(role, split, small)
    ]
    for package, role, split in progress(wanted, "frames"):
        path = folder(paths) / f"{package.name}.npz"
        if not path.exists():
            _MAKERS[role](corpus.unpack(paths, package), package.name, split, small).save(path)


def load(paths: Paths, role: str, split: str, small: bool) -> Frames | None:
    """The frames of all packages of a role and split; None where there are none."""
    parts = [Frames.load(folder(paths) / f"{package.name}.npz") for package in packages(role, split, small)]
    return Frames.joined(parts) if parts else None


def load_samples(paths: Paths, split: str, small: bool) -> Frames | None:
    """The one-shots of a split: of every eight in the packages to learn from, one is kept for the report."""
    frames = load(paths, "samples", "train", small)
    if frames is None or split == "choose":
        return None
    reported = frames.sound % 8 == 7
    return frames[reported if split == "report" else ~reported]


def groups(paths: Paths, split: str, small: bool) -> dict[str, Frames]:
    """The frames of a split: notes, samples, music, those that there are."""
    found = {
        "notes": load(paths, "soundfont", split, small),
        "samples": load_samples(paths, split, small),
        "music": load(paths, "music", split, small),
    }
    return {name: frames for name, frames in found.items() if frames is not None}


def _generator(name: str) -> np.random.Generator:
    """Random numbers of the package's own, so that the order of packages does not matter."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def _notes(unpacked: Path, name: str, split: str, small: bool) -> Frames:
    instrument, gathered, rng = Instrument(name, unpacked), Collector(), _generator(name)
    training = split == "train"
    programs = SMALL_PROGRAMS if small else range(PERCUSSION + 1)
    # Many programs at a time: a compressed soundfont takes longer to load than to play.
    parts = [programs[at : at + PROGRAMS_A_RUN] for at in range(0, len(programs), PROGRAMS_A_RUN)]
    for part in progress(parts, name):
        notes = []
        for program in part:
            if training:
                notes += training_notes(program, rng, 4 if small else 14)
            else:
                notes += judging_notes(program)[:: 3 if small else 1]
        for note, samples in instrument.play(notes):
            gathered.add(samples, 12 if training or small else None, note.program, note.pitch)
    return gathered.frames()


def _samples(unpacked: Path, name: str, split: str, small: bool) -> Frames:
    """One-shots and loops, their first two seconds."""
    gathered = Collector()
    files = _audio_files(unpacked, least_bytes=0)
    files = [files[index] for index in _generator(name).permutation(len(files))[: 40 if small else 500]]
    for path in progress(files, name):
        gathered.add(_decode(path, 0.0, 2.0), 12)
    return gathered.frames()


def _music(unpacked: Path, name: str, split: str, small: bool) -> Frames:
    gathered, rng = Collector(), _generator(name)
    files = _audio_files(unpacked, least_bytes=300_000)
    files = [files[index] for index in rng.permutation(len(files))[: 2 if small else 14]]
    for path in progress(files, name):
        length = _duration(path)
        excerpts = 1 if small else 4
        for part in range(excerpts):
            # Somewhere in each quarter of the piece.
            start = (part + rng.uniform()) / excerpts * max(0.0, length - EXCERPT_S)
            gathered.add(_decode(path, start, EXCERPT_S), _MUSIC_PAIRS[split])
    return gathered.frames()


def _audio_files(unpacked: Path, least_bytes: int) -> list[Path]:
    return [
        path
        for path in sorted(unpacked.rglob("*"))
        if path.suffix.lower() in AUDIO
        and path.is_file()
        and not path.is_symlink()
        and path.stat().st_size >= least_bytes
    ]


def _duration(path: Path) -> float:
    """Seconds; 0 where the file does not say, or is broken as a few in the packages are."""
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]
    try:
        return float(subprocess.run(probe, capture_output=True, check=False).stdout)
    except ValueError:
        return 0.0


def _decode(path: Path, start_s: float, length_s: float) -> np.ndarray:
    """Mono samples at 48 kHz; empty where the file cannot be decoded, as a few in the packages cannot."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-ss", f"{start_s:.3f}", "-i", path, "-t", f"{length_s}"]
    command += ["-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "f32le", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    return np.frombuffer(done.stdout, np.float32)


_MAKERS = {"soundfont": _notes, "samples": _samples, "music": _music}
