"""The evaluation step: tables on what no run learnt from nor was chosen by."""

from pathlib import Path

import numpy as np
import torch

from ...shared.errors import PipelineError
from ...shared.files import write_json
from ...shared.paths import Paths
from ...shared.tables import print_table
from ..front_end import HOP, RANGE_DB, SAMPLE_RATE, UNIT_DB
from ..spectra.descriptors import KNOBS, LATENTS, NAMED, describe_in_pieces
from ..spectra.envelope import envelope
from ..spectra.features import Frames
from ..spectra.labels import pitched
from ..steering import Turn, heard, weights
from ..timbres import CORE, TIMBRES
from . import measures, plots
from .anchors import Anchors
from .batches import targets
from .knob_figures import SETS, knob_figures, steering
from .material import groups
from .model import Model

SMOOTHING_S = 0.06
"""The plugin's default."""
HELD_S = (0.3, 1.3)
"""The part of a note that is held."""


def report_path(paths: Paths) -> Path:
    """Where the figures are kept for the card."""
    return paths.work / "timbre" / "evaluation.json"


def evaluate(paths: Paths, small: bool) -> None:
    """Prints every table, writes the plots, and keeps the figures for the card."""
    model = Model.load(paths, small)
    learnt, unseen = groups(paths, "train", small), groups(paths, "report", small)
    if "notes" not in unseen:
        raise PipelineError("there are no unseen notes to judge by: run the corpus step first")
    anchors = Anchors.of(model, learnt)
    found = {
        "reconstruction": _reconstruction(model, learnt, unseen),
        "pitch": _pitch(model, unseen["notes"]),
        "knobs": knob_figures(model, anchors, unseen),
        "named_timbres": _named(model, anchors, unseen["notes"]),
        "smoothness": _smoothness(model, anchors, unseen),
    }
    write_json(report_path(paths), found)
    plots.write(paths.out / "figures", model, anchors, unseen)
    print(f"\nplots in {paths.out / 'figures'}")


def _principal(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and the first LATENTS principal components [8, 128]."""
    mean = rows.mean(axis=0)
    covariance = np.cov((rows - mean).T)
    return mean, np.linalg.eigh(covariance)[1][:, ::-1][:, :LATENTS].T


def _projected(rows: np.ndarray, principal: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    mean, components = principal
    return (rows - mean) @ components.T @ components + mean


def _reconstruction(model: Model, learnt: dict[str, Frames], unseen: dict[str, Frames]) -> dict:
    bands_pca = _principal(np.concatenate([UNIT_DB * frames.shapes() for frames in learnt.values()]))
    target_pca = _principal(np.concatenate([targets(frames, model.pitch_part) for frames in learnt.values()]))
    rows, found = [], {}
    for name, frames in unseen.items():
        part = _thinned(frames, 20_000)
        target, bands = targets(part, model.pitch_part), UNIT_DB * part.shapes()
        drawn = model.decode_db(model.encode(part))
        through_bands = _projected(bands, bands_pca)
        owed = envelope(part.levels.astype(np.float32)) - target
        entry = {
            "frames": len(frames),
            "model_db": measures.distance_db(drawn, target),
            "pca_of_bands_db": measures.distance_db(envelope(through_bands) - owed, target),
            "pca_of_envelopes_db": measures.distance_db(_projected(target, target_pca), target),
            "mean_db": measures.distance_db(np.broadcast_to(target_pca[0], target.shape), target),
            "model_to_bands_db": measures.distance_db(drawn + owed, bands),
            "pca_to_bands_db": measures.distance_db(through_bands, bands),
        }
        found[name] = entry
        ratio = entry["model_db"] / entry["pca_of_bands_db"]
        rows.append(
            [
                SETS[name],
                str(len(frames)),
                *(f"{value:.2f}" for key, value in entry.items() if key != "frames"),
                f"{ratio:.2f}",
            ]
        )
    print_table(
        f"Reconstruction: RMS log-spectral distance in dB over the bands, {RANGE_DB:.0f} dB deep, {LATENTS} dimensions",
        [
            "",
            "frames",
            "model",
            "PCA of bands",
            "PCA of envelopes",
            "mean",
            "model to bands",
            "PCA to bands",
            "model / PCA of bands",
        ],
        rows,
        right=True,
    )
    print(
        "Against the envelope at middle pitch, which is what the decoder draws; `PCA of bands` is the envelope of what eight\n"
        "components of the full bands leave. `to bands`: against the full bands with their single harmonics."
    )
    return found


def _thinned(frames: Frames, most: int) -> Frames:
    return frames[:: max(1, len(frames) // most)]


def _pitch(model: Model, notes: Frames) -> dict:
    own = notes[pitched(notes)]
    part = _thinned(own, 40_000)
    code = model.encode(part)
    mean, first = measures.note_codes(model.encode(own), own)
    whole = describe_in_pieces(UNIT_DB * part.shapes())
    found = {
        "linear": measures.probe_share(code, part.pitch),
        "linear_of_notes": measures.probe_share(mean, own.pitch[first]),
        "nearest_neighbours": measures.neighbours_share(code, part.pitch, part.sound),
        "linear_from_descriptors_of_the_bands": measures.probe_share(whole, part.pitch),
    }
    print_table(
        "Pitch: share of the variance of MIDI pitch that a probe finds (unseen soundfont)",
        ["probe", "share"],
        [
            ["linear, frames' codes", f"{found['linear']:.3f}"],
            ["linear, notes' mean codes", f"{found['linear_of_notes']:.3f}"],
            ["15 nearest neighbours, frames' codes", f"{found['nearest_neighbours']:.3f}"],
            ["linear, the bands' own eight descriptors", f"{found['linear_from_descriptors_of_the_bands']:.3f}"],
        ],
        right=True,
    )
    return found


def _named(model: Model, anchors: Anchors, notes: Frames) -> dict:
    code = model.encode(notes)
    everyone = [timbre.id for timbre in TIMBRES if timbre.judged]
    core = measures.nearest_timbre(code, notes, anchors.means, anchors.whitening(), CORE)
    all_of_them = measures.nearest_timbre(code, notes, anchors.means, anchors.whitening(), everyone)

    def percent(value: float) -> str:
        return f"{100 * value:.0f}"

    rows = [
        [
            timbre.name,
            percent(core.each[timbre.id]) if timbre.id in core.each else "",
            percent(all_of_them.each[timbre.id]),
        ]
        for timbre in TIMBRES
        if timbre.id in all_of_them.each
    ]
    for title, shares in (
        ("all notes, top 1", (core.share, all_of_them.share)),
        ("all notes, top 3", (core.share_top3, all_of_them.share_top3)),
        ("mean of the timbres, top 1", [np.mean(list(each.each.values())) for each in (core, all_of_them)]),
    ):
        rows.append([title, *(f"{100 * share:.1f}" for share in shares)])
    title = "Named timbres: share in % of an unseen soundfont's notes whose nearest name is their own"
    print_table(title, ["", f"of {len(CORE)}", f"of {len(everyone)}"], rows, right=True)
    return {
        "of_24": {"top1": core.share, "top3": core.share_top3, "each": core.each},
        f"of_{len(everyone)}": {"top1": all_of_them.share, "top3": all_of_them.share_top3, "each": all_of_them.each},
    }


def _smoothness(model: Model, anchors: Anchors, unseen: dict[str, Frames]) -> dict:
    notes = unseen["notes"]
    seconds = notes.time * HOP / SAMPLE_RATE
    held = notes[pitched(notes) & (seconds >= HELD_S[0]) & (seconds < HELD_S[1])]
    code = model.encode(held)
    first = held.followed()
    step = np.abs(code[first + 1] - code[first]) / (anchors.highest - anchors.lowest)
    found = {
        "held_step_share_of_range": float(step.mean()),
        "held_step_share_of_range_each": dict(
            zip((knob.name for knob in KNOBS), step.mean(axis=0).tolist(), strict=True)
        ),
        "held_step_under_5_percent": float((step.max(axis=1) < 0.05).mean()),
    }
    rows = [
        [
            "held notes: mean step of the code, share of its range in %",
            f"{100 * found['held_step_share_of_range']:.2f}",
        ],
        ["held notes: the same, worst dimension", f"{100 * step.mean(axis=0).max():.2f}"],
        [
            "held notes: steps with every dimension under 5 %, share in %",
            f"{100 * found['held_step_under_5_percent']:.1f}",
        ],
    ]
    if "music" in unseen:
        music = unseen["music"]
        smooth = smoothed(model.encode(music), music, SMOOTHING_S)
        levels = smoothed(heard(music.levels.astype(np.float32)), music, weights().pace * SMOOTHING_S)
        first = music.followed()
        drawn, steered = model.decode_db(smooth), steering(model, anchors)
        for name, target in (
            ("Morph 100 %", None),
            *((f"{knob.name} +2", index) for index, knob in enumerate(KNOBS[:NAMED])),
        ):
            if target is None:
                curve = -drawn
            else:
                turned = smooth.copy()
                turned[:, target] += 2 * anchors.std[target]
                curve = model.decode_db(turned) - drawn
                parts = (levels, np.zeros_like(curve), curve, smooth, turned)
                correction = steered.corrections(Turn(*(torch.from_numpy(part) for part in parts)))
                correction = smoothed(correction.numpy(), music, weights().pace * SMOOTHING_S)
                curve = curve + steered.curve(torch.from_numpy(correction)).numpy()
            steps = np.abs(curve[first + 1] - curve[first]).max(axis=1)
            found[f"music_curve_step_db {name}"] = {
                "median": float(np.median(steps)),
                "p99": float(np.quantile(steps, 0.99)),
            }
            rows.append(
                [f"music, {name}: step of the curve's worst band in dB a hop, median", f"{np.median(steps):.2f}"]
            )
            rows.append([f"music, {name}: the same, 99th percentile", f"{np.quantile(steps, 0.99):.2f}"])
    print_table("Smoothness", ["", "figure"], rows, right=True)
    return found


def smoothed(values: np.ndarray, frames: Frames, seconds: float) -> np.ndarray:
    """Values of frames [frames, n] with the plugin's smoothing, each sound from its beginning."""
    rate = 1 - np.exp(-HOP / SAMPLE_RATE / seconds)
    smooth = values.copy()
    goes_on = np.concatenate([[False], (np.diff(frames.sound) == 0) & (np.diff(frames.time) == 1)])
    for index in np.flatnonzero(goes_on):
        smooth[index] = smooth[index - 1] + rate * (values[index] - smooth[index - 1])
    return smooth
