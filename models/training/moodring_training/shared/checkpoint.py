"""Training states on disk: tensors and plain values, nothing that runs code when it is read.

torch reads tensors without running code, but no floating-point numbers beside them (in torch 1.13), so everything that is no
tensor is kept as JSON in one text.
"""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .errors import PipelineError
from .files import written_whole


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes a training state, whole or not at all.

    It may hold tensors, numbers, text and None, in dictionaries, lists and tuples.
    """
    tensors: list[Tensor] = []
    values = json.dumps(_packed(state, tensors))
    with written_whole(path) as unfinished:
        torch.save({"values": values, "tensors": tensors}, unfinished)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The training state, or None where there is none yet.

    # Errors
    Raises PipelineError if the file is not one that `save_checkpoint` wrote.
    """
    if not path.exists():
        return None
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        return _unpacked(json.loads(stored["values"]), stored["tensors"])
    except Exception as error:  # Bytes that are no checkpoint make torch raise whatever they run into.
        message = f"{path} is no checkpoint of this version; move it away to train from nothing"
        raise PipelineError(message) from error


def _packed(value: Any, tensors: list[Tensor]) -> Any:
    if isinstance(value, Tensor):
        tensors.append(value)
        return {"tensor": len(tensors) - 1}
    if isinstance(value, dict):
        return {"table": [[key, _packed(one, tensors)] for key, one in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_packed(one, tensors) for one in value]}
    if isinstance(value, list):
        return [_packed(one, tensors) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a checkpoint can't hold {type(value).__name__}")


def _unpacked(value: Any, tensors: list[Tensor]) -> Any:
    if isinstance(value, list):
        return [_unpacked(one, tensors) for one in value]
    if not isinstance(value, dict):
        return value
    [(kind, held)] = value.items()
    if kind == "tensor":
        return tensors[held]
    if kind == "tuple":
        return tuple(_unpacked(one, tensors) for one in held)
    return {key: _unpacked(one, tensors) for key, one in held}
