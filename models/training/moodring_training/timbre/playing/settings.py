"""The figures of `settings.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("settings.toml")


@dataclass(frozen=True)
class Settings:
    """What a run depends on; see the file for what each is."""

    programs: tuple[int, ...]
    pitches: tuple[int, ...]
    velocities: tuple[int, ...]
    code: int
    encoder: tuple[int, ...]
    decoder: tuple[int, ...]
    memories_s: tuple[float, ...]
    steps: int
    notes_a_step: int
    frames_a_note: int
    learning_rate: float
    divergence: float
    named: float
    own_code: float
    held_player: float
    checkpoint_s: float

    @classmethod
    def read(cls, small: bool) -> "Settings":
        """The file's figures; those of a small run in place of some."""
        tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
        figures = tables["notes"] | tables["network"] | tables["training"] | (tables["small"] if small else {})
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in figures.items()})
