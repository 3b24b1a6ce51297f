"""The corpus's packages: named in corpus.toml, fetched from Debian, unpacked without being installed."""

import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from . import common

MANIFEST = Path(__file__).parents[1] / "corpus.toml"
"""Every package, what it is for, and what it may be used for."""


@dataclass(frozen=True)
class Package:
    """One package of the manifest."""

    name: str
    role: str
    """music, soundfont, samples or voice."""
    split: str
    """train, choose, calibrate, report, or excluded."""
    licence: str
    small: bool
    """Whether a small run uses it."""


def manifest() -> list[Package]:
    """The packages, in the order of the manifest."""
    entries = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["package"]
    return [
        Package(entry["name"], entry["role"], entry["split"], entry["licence"], entry.get("small", False))
        for entry in entries
    ]


def fetch(paths: common.Paths, model: str, small: bool) -> None:
    """Fetches and unpacks what is not there yet."""
    wanted = [package for package in manifest() if package.small or not small]
    for package in common.progress(wanted, "packages"):
        unpack(paths, package.name)


def unpack(paths: common.Paths, name: str) -> Path:
    """The folder of an unpacked package; fetched first if need be."""
    folder = paths.packages / "unpacked" / name
    if folder.exists():
        return folder
    archives = sorted(paths.packages.glob(f"{name}_*.deb"))
    if not archives:
        paths.packages.mkdir(parents=True, exist_ok=True)
        common.run(
            ["env", "--chdir", str(paths.packages), "apt-get", "-qq", "download", name],
            f"fetching the package {name}",
        )
        archives = sorted(paths.packages.glob(f"{name}_*.deb"))
    if not archives:
        raise common.PipelineError(f"the package {name} could not be fetched")
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{name}")
    common.run(["rm", "-rf", unfinished], "clearing up")
    common.run(["dpkg-deb", "--extract", archives[-1], unfinished], f"unpacking {name}")
    for pattern in ("*.pk3", "*.zip"):
        for nested in unfinished.rglob(pattern):
            _unpack_sound(nested)
    unfinished.rename(folder)
    return folder


def _unpack_sound(archive: Path) -> None:
    """Takes the sound files out of an archive inside a package, as games ship them."""
    with zipfile.ZipFile(archive) as members:
        for member in members.infolist():
            if Path(member.filename).suffix.lower() in {".ogg", ".wav", ".mp3", ".flac"}:
                members.extract(member, archive.with_suffix(".unpacked"))
