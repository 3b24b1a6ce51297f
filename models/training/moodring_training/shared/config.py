"""Hyperparameters: one TOML file a model, in `configs/`, read and checked here and nowhere else."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import PipelineError

FOLDER = Path(__file__).parents[2] / "configs"

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
Weight = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
# TOML has lists where these are tuples; their items are checked as strictly as all else.
Counts = Annotated[tuple[Count, ...], Field(min_length=1, strict=False)]
Positives = Annotated[tuple[Positive, ...], Field(min_length=1, strict=False)]

_PLAIN = {"missing": "is missing", "extra_forbidden": "is no field of this table"}


class Table(BaseModel):
    """A table of a file. Every field must be there, nothing else may, and nothing is converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Configuration(Table):
    """All tables of a file. `[small.*]` tables replace some of the others' fields in a run of minutes."""

    file: ClassVar[str]
    """Its name in FOLDER."""

    @classmethod
    def read(cls, small: bool, path: Path | None = None) -> Self:
        """The file's figures, or those of a small run.

        # Errors
        Raises PipelineError with file, field, what was found and what would do.
        """
        path = path or FOLDER / cls.file
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise PipelineError(f"{path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise PipelineError(f"{path}: {error}") from error
        replaced = tables.pop("small", {})
        full = cls._checked(path, tables, {})
        return cls._checked(path, tables, replaced) if small else full

    @classmethod
    def _checked(cls, path: Path, tables: dict[str, Any], replaced: dict[str, Any]) -> Self:
        try:
            return cls.model_validate(_overlaid(tables, replaced))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the file"
            if _reaches(replaced, first["loc"]):
                place = f"small.{place}"
            if first["type"] in _PLAIN:
                raise PipelineError(f"{path}: {place} {_PLAIN[first['type']]}") from error
            raise PipelineError(f"{path}: {place}: {first['input']!r} was found; {first['msg']}") from error


def _overlaid(tables: Any, replaced: Any) -> Any:
    if not isinstance(tables, dict) or not isinstance(replaced, dict):
        return replaced
    return tables | {name: _overlaid(tables.get(name), value) for name, value in replaced.items()}


def _reaches(tables: Any, place: tuple[int | str, ...]) -> bool:
    """Whether a place is said in these tables; what lies within a list is where the list is."""
    for part in place:
        if not isinstance(tables, dict):
            break
        if part not in tables:
            return False
        tables = tables[part]
    return bool(place)
