"""A measure of one's own that may choose between two models: how near a player's notes are drawn by a code of other notes."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from ...shared.files import write_json
from ...shared.paths import Paths
from ..recorded import CHOOSING, Instrument
from .harmonics import HARMONICS, NOISE_BANDS, analysed
from .material import Notes
from .net import Player

OTHERS = 4
"""Of how many other notes the mean code is."""
LEAST_APART = 2.0
"""Semitones between a note and those its code is of."""
AUDIBLE_DB = -30.0
"""Harmonics below this share of their frame's power are not judged, nor frames that are so far below their note's loudest."""
RECORDED_VELOCITY = 90.0


@dataclass(frozen=True)
class Distances:
    """Mean absolute differences in dB."""

    harmonics: float
    noise: float
    level: float

    @property
    def whole(self) -> float:
        """The mean of the three: the figure that chooses."""
        return (self.harmonics + self.noise + self.level) / 3


def apart(said: np.ndarray, meant: np.ndarray) -> Distances:
    """Between what was drawn and a note [notes, frames, 101]."""
    far = np.abs(said - meant)
    heard = meant[..., -1] > AUDIBLE_DB
    loud = (meant[..., :HARMONICS] > AUDIBLE_DB) & heard[..., None]
    noise = far[..., HARMONICS : HARMONICS + NOISE_BANDS][heard]
    return Distances(float(far[..., :HARMONICS][loud].mean()), float(noise.mean()), float(far[..., -1].mean()))


def _groups(paths: Paths, small: bool) -> Iterator[tuple[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]]]:
    """What is measured on, by name: of every player what is drawn, pitches and velocities of its notes."""
    notes = Notes.load(paths, "choose", small)
    players = [notes.program == program for program in np.unique(notes.program)]
    yield (
        "held-out soundfont",
        [(notes.drawn[own].astype(np.float32), notes.pitch[own], notes.velocity[own]) for own in players],
    )
    if not small:
        # Packages that a small run doesn't fetch.
        yield "recorded notes", [_recorded(Instrument(paths, package)) for package in CHOOSING.values()]


def _recorded(instrument: Instrument) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = [
        analysed(instrument.recording(int(pitch)), float(pitch)) for pitch in instrument.pitches if 36 <= pitch <= 84
    ]
    drawn, pitch = zip(*(note for note in found if note is not None), strict=True)
    return np.array(drawn), np.array(pitch, np.float32), np.full(len(drawn), RECORDED_VELOCITY)


def report_path(paths: Paths) -> Path:
    """Where the figures are kept for the card."""
    return paths.work / "timbre" / "notes.json"


def report(paths: Paths, small: bool, model: Player) -> None:
    """Prints how near the notes of unseen players are drawn, and how near their own next note is to them."""
    kept = {}
    for name, players in _groups(paths, small):
        said, meant, nearest = [], [], []
        for drawn, pitch, velocity in players:
            with torch.no_grad():
                codes = model.encode(torch.from_numpy(drawn), torch.from_numpy(pitch))[0].numpy()
            for index in range(len(drawn)):
                away = np.abs(pitch - pitch[index])
                others = np.flatnonzero(away > LEAST_APART)
                if not len(others):
                    continue
                others = others[np.argsort(away[others], kind="stable")[:OTHERS]]
                code = torch.from_numpy(codes[others].mean(axis=0, keepdims=True))
                said.append(model.draw(code, float(pitch[index]), float(velocity[index])))
                meant.append(drawn[index])
                nearest.append(drawn[others[0]])
        found = apart(np.array(said), np.array(meant))
        table = apart(np.array(nearest), np.array(meant))
        kept[name] = {"notes": len(meant)} | {f"{field}_db": round(value, 3) for field, value in asdict(found).items()}
        for what, each in (("model, code of other notes", found), ("the player's own next note", table)):
            print(
                f"{name}, {len(meant)} notes, {what}: harmonics {each.harmonics:.2f}, noise {each.noise:.2f}, "
                f"level {each.level:.2f}, mean {each.whole:.2f} dB"
            )
    write_json(report_path(paths), kept)
