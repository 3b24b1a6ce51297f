"""Where everything lives."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
"""The checkout."""


@dataclass(frozen=True)
class Paths:
    """Folders and files of a run."""

    packages: Path
    """Packages as fetched, and unpacked; the same for small and full runs."""
    work: Path
    """Features, checkpoints and reports; a folder of its own for small runs."""
    out: Path
    """Receives `tagger/` and `timbre/` from `export`."""
    zoo: Path
    """Receives a folder for each network of the zoo."""
    teachers: Path
    """The teachers' ONNX files; may not exist."""
    listener: Path
    """mn04 and AudioSet's labels; may not exist."""
    music: Path
    """Free songs with a manifest; may not exist."""
    judge: Path | None
    """The folder of the listener that judges morphs; None where its table isn't asked for."""
    moodring: Path
    """The project's command line, which the shipped model is judged by; may not exist."""

    @classmethod
    def resolve(cls, small: bool, given: Mapping[str, Path | None]) -> "Paths":
        """Fills in the defaults.

        `given` holds paths by the names of the command line's options: data, out, teachers, listener, music, judge, moodring.
        One that is missing or None has its default. A small run never writes over the shipped models unless told to by `out`.
        """
        data = given.get("data") or ROOT / "target" / "models"
        work = data / ("small" if small else "full")
        shared = ROOT.parent / "shared"
        return cls(
            packages=data / "packages",
            work=work,
            out=given.get("out") or (work / "export" if small else ROOT / "models"),
            zoo=given.get("out") or (work / "zoo" / "export" if small else data / "zoo"),
            teachers=given.get("teachers") or shared / "models" / "teachers",
            listener=given.get("listener") or shared / "judge",
            music=given.get("music") or shared / "music",
            judge=given.get("judge"),
            moodring=given.get("moodring") or ROOT / "target" / "release" / "moodring",
        )
