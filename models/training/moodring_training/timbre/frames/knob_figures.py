"""What knobs do: to what the decoder draws, and to the sound under the plugin's steered curve."""

import numpy as np
import torch

from ...shared.tables import print_table
from ..front_end import UNIT_DB, normalise
from ..shaper import shaped
from ..spectra.descriptors import KNOBS, LATENTS, NAMED, describe_in_pieces
from ..spectra.features import Frames
from ..steering import Steering, Turn, heard
from .anchors import Anchors
from .model import Model

SETS = {"notes": "unseen soundfont", "samples": "unseen one-shots", "music": "unseen music"}
SWEEP = np.linspace(-2, 2, 9)
"""Where a knob is turned to."""
SWEPT_FRAMES = 600
LEVEL_TOLERANCE = 1e-3
"""In standard deviations: a smaller fall is no fall."""
RESYNTHESES = {"in_the_sound": 0.0, "under_resynthesis": 1.0}
_NAMES = [knob.name for knob in KNOBS]


def steering(model: Model, anchors: Anchors) -> Steering:
    """What steers this model's knobs."""
    return Steering(model.descriptors.std, torch.tensor(anchors.std, dtype=torch.float32))


def knob_figures(model: Model, anchors: Anchors, unseen: dict[str, Frames]) -> dict:
    """Prints every table on the knobs; the card's figures, by set."""
    rng, found, rows = np.random.default_rng(5), {}, []
    for name, frames in unseen.items():
        part = frames[np.sort(rng.choice(len(frames), min(SWEPT_FRAMES, len(frames)), replace=False))]
        code, std = model.encode(part), model.descriptors.std.numpy()
        placed = _turned(_described(model.decode_db(_swept(code, anchors, relative=False))), std)
        shifted = _turned(_described(model.decode_db(_swept(code, anchors, relative=True))), std)
        found[name] = {
            "monotone": _named(placed[0]),
            "monotone_turned_from_the_frame": _named(shifted[0]),
            "change_in_std": _named(placed[1]),
        }
        rows += [
            _percent(f"{SETS[name]}, set", placed[0]),
            _percent(f"{SETS[name]}, turned from the frame", shifted[0]),
        ]
        _print_changes(f"Knobs on {SETS[name]}: mean change in what is drawn", placed[1])
        for way, resynthesis in RESYNTHESES.items():
            heard_turned = _turned(_described(_in_sound(model, anchors, part, resynthesis)), std)
            found[name] |= {f"monotone_{way}": _named(heard_turned[0]), f"change_{way}_in_std": _named(heard_turned[1])}
            where = f"in the sound, Resynthesis {100 * resynthesis:.0f} %"
            rows.append(_percent(f"{SETS[name]}, {where}", heard_turned[0]))
            _print_changes(f"The same {where}, knob turned by -2 to +2 from where the frame is", heard_turned[1])
        found[name]["largest_leak_of_the_first_four"] = max(_leaks(placed[1])[:NAMED])
    title = "Share of frames in %, whose own descriptor never falls as the knob goes from -2 to +2"
    print_table(title, ["", *_NAMES], rows, right=True)
    return found


def _swept(code: np.ndarray, anchors: Anchors, relative: bool) -> np.ndarray:
    """Codes [knobs, places, frames, 8] with each knob turned through SWEEP, from the frames' codes or from the middle."""
    swept = np.repeat(np.repeat(code[None, None], LATENTS, 0), len(SWEEP), 1)
    for knob in range(LATENTS):
        base = code[:, knob] if relative else anchors.mean[knob]
        swept[knob, :, :, knob] = base + SWEEP[:, None] * anchors.std[knob]
    return swept


def _in_sound(model: Model, anchors: Anchors, frames: Frames, resynthesis: float) -> np.ndarray:
    """Levels in dB [knobs, places, frames, 128] under the plugin's curve, with each knob turned from where the frame is."""
    code, levels = model.encode(frames), heard(frames.levels.astype(np.float32))
    drawn = model.decode_db(code)
    without = torch.from_numpy(resynthesis * (drawn - UNIT_DB * normalise(levels)))
    levels, before, drawn = (torch.from_numpy(array) for array in (levels, code, drawn))
    found = []
    for knob in _swept(code, anchors, relative=True):
        for after in torch.from_numpy(knob):
            added = torch.from_numpy(model.decode_db(after.numpy())) - drawn
            steered = steering(model, anchors)
            correction = steered.corrections(Turn(levels, without, added, before, after))
            found.append(shaped(levels, without + added + steered.curve(correction)))
    return torch.stack(found).reshape(LATENTS, len(SWEEP), *levels.shape).numpy()


def _described(level_db: np.ndarray) -> np.ndarray:
    return describe_in_pieces(level_db.reshape(-1, level_db.shape[-1])).reshape(*level_db.shape[:-1], LATENTS)


def _turned(described: np.ndarray, std: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Descriptors [knobs, places, frames, 8] to the share of frames whose own descriptor never falls [knobs], and the mean
    absolute change from end to end [knobs, 8] in standard deviations."""
    own = np.stack([described[knob, :, :, knob] / std[knob] for knob in range(LATENTS)])
    monotone = (np.diff(own, axis=1) >= -LEVEL_TOLERANCE).all(axis=1).mean(axis=1)
    return monotone, (np.abs(described[:, -1] - described[:, 0]) / std).mean(axis=1)


def _leaks(change: np.ndarray) -> list[float]:
    """For each knob, the largest change of another of the first four."""
    others = change[:, :NAMED] + np.where(np.eye(LATENTS)[:, :NAMED], -np.inf, 0)
    return others.max(axis=1).tolist()


def _named(values: np.ndarray) -> dict:
    return dict(zip(_NAMES, values.tolist(), strict=True))


def _percent(title: str, shares: np.ndarray) -> list[str]:
    return [title, *(f"{100 * share:.1f}" for share in shares)]


def _print_changes(title: str, change: np.ndarray) -> None:
    rows = [
        [name, *(f"{value:.2f}" for value in row), f"{leak:.2f}"]
        for name, row, leak in zip(_NAMES, change, _leaks(change), strict=True)
    ]
    print_table(
        f"{title}, standard deviations, knob from -2 to +2",
        ["knob", *_NAMES, "largest of the others of the first four"],
        rows,
        right=True,
    )
