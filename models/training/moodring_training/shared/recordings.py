"""Recorded single notes of real instruments, a file each."""

import re
from pathlib import Path

from .errors import PipelineError

NAME = re.compile(r"([A-G])(s?)(\d)$")
"""How a recording is called after its note: `Cs4` is the C sharp above middle C."""
MISNAMED = {"tonejs-instrument-trumpet-mp3": {48: 60, 58: 70}}
"""Recordings that sound an octave above their names: of a package the pitch that is meant, by the one that is written."""
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def recordings(folder: Path) -> dict[int, Path]:
    """The notes of an unpacked package, by MIDI pitch.

    # Errors
    Raises PipelineError if there are none.
    """
    found: dict[int, Path] = {}
    misnamed = MISNAMED.get(folder.name, {})
    for path in sorted(folder.rglob("*.mp3")):
        named = NAME.match(path.stem)
        if named:
            letter, sharp, octave = named.groups()
            pitch = 12 * (int(octave) + 1) + STEPS[letter] + len(sharp)
            found[misnamed.get(pitch, pitch)] = path
    if not found:
        raise PipelineError(f"{folder.name}: no recorded notes, whose files would be called like Cs4.mp3")
    return found
