"""The training step."""

import json
import time
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .. import common
from . import material, timbres
from .batches import Batches, pitched, targets
from .descriptors import LATENTS, NAMED, describe_in_pieces
from .envelope import PitchPart, envelope
from .figures import distance_db, nearest_timbre, probe_share
from .frames import Frames
from .front_end import UNIT_DB
from .net import Decoder, Encoder
from .objective import Descriptors, divergence, naming, pitch_share, true_in_sound, true_knobs

STEPS, SMALL_STEPS = 4_000, 100
SETTLING_STEPS, SMALL_SETTLING_STEPS = 3_000, 50
"""Of the decoder alone, after those."""
FRAMES_A_STEP = 384
KNOB_CODES = 192
"""Of a batch, to turn knobs from."""
LEARNING_RATE = 2e-3
WEIGHTS = {
    "drawn": 0.7,
    "divergence": 0.15,
    "tied": 1.0,
    "said": 8.0,
    "leak": 8.0,
    "short": 8.0,
    "named": 15.0,
    "pitch": 4.0,
    "still": 1.0,
}
"""Of the terms of the loss; `drawn` is in squared dB."""
SETTLING_WEIGHTS = {
    "drawn": 0.3,
    "said": 4.0,
    "leak": 8.0,
    "short": 30.0,
    "heard_said": 8.0,
    "heard_leak": 4.0,
    "heard_short": 40.0,
    "rough": 1.0,
}
HEARD_RANGE_DB = 80.0
"""How deep the bands are heard."""
SETTLING_RATE = 2e-3
KEPT = 0.995
"""Share that the averaged weights keep at each step."""
CHECKPOINT_STEPS = 200


@dataclass
class Model:
    """What training makes, and what is needed to judge it."""

    encoder: Encoder
    decoder: Decoder
    centres: nn.Parameter
    """[timbres, 8]: where training would have the named timbres."""
    pitch_part: PitchPart
    descriptors: Descriptors

    def encode(self, frames: Frames) -> np.ndarray:
        """Mean codes [frames, 8]."""
        shapes = frames.shapes()
        with torch.no_grad():
            pieces = [self.encoder(torch.from_numpy(piece))[0].numpy() for piece in np.array_split(shapes, len(shapes) // 16_384 + 1)]
        return np.concatenate(pieces)

    def decode_db(self, code: np.ndarray) -> np.ndarray:
        """Envelopes in dB [..., 128]."""
        with torch.no_grad():
            return self.decoder.level_db(torch.from_numpy(code.astype(np.float32))).numpy()


def checkpoint_path(paths: common.Paths) -> Path:
    """Where training leaves its state."""
    return paths.work / "timbre" / "checkpoint.pt"


def load_model(paths: common.Paths) -> Model:
    """The trained model."""
    state = common.load_checkpoint(checkpoint_path(paths))
    if state is None:
        raise common.PipelineError("there is no trained timbre model: run the train step first")
    model = _blank(PitchPart(state["pitch_part"]), Descriptors(state["descriptor_mean"], state["descriptor_std"]))
    _modules(model).load_state_dict(state["averaged"])
    return model


def _blank(pitch_part: PitchPart, descriptors: Descriptors) -> Model:
    centres = nn.Parameter(0.5 * torch.randn(len(timbres.TIMBRES), LATENTS))
    decoder = Decoder(descriptors.mean[NAMED:], descriptors.std[NAMED:])
    return Model(Encoder(), decoder, centres, pitch_part, descriptors)


def _modules(model: Model) -> nn.ModuleDict:
    modules = nn.ModuleDict({"encoder": model.encoder, "decoder": model.decoder})
    modules.register_parameter("centres", model.centres)
    return modules


def groups(paths: common.Paths, split: str, small: bool) -> dict[str, Frames]:
    """The frames of a split: notes, samples, music, those that there are."""
    found = {
        "notes": material.load(paths, "soundfont", split, small),
        "samples": material.load_samples(paths, split, small),
        "music": material.load(paths, "music", split, small),
    }
    return {name: frames for name, frames in found.items() if frames is not None}


def train(paths: common.Paths, small: bool) -> None:
    """Trains; goes on from the last checkpoint. Keeps the averaged weights and a log of the losses."""
    torch.set_num_threads(1)
    seed = torch.initial_seed() % 2**31
    learnt = groups(paths, "train", small)
    if "notes" not in learnt:
        raise common.PipelineError("there are no notes to learn from: run the corpus step first")
    notes = learnt["notes"]
    own = pitched(notes)
    pitch_part = PitchPart.fitted(envelope(notes.levels[own].astype(np.float32)), notes.pitch[own])
    drawn = np.concatenate([targets(frames, pitch_part) for frames in learnt.values()])
    figures = describe_in_pieces(drawn)
    descriptors = Descriptors(torch.from_numpy(figures.mean(0)), torch.from_numpy(figures.std(0)))
    del drawn, figures
    model = _blank(pitch_part, descriptors)
    modules = _modules(model)
    averaged = deepcopy(modules)
    optimiser = torch.optim.Adam(modules.parameters(), LEARNING_RATE)
    batches = Batches(learnt, pitch_part, FRAMES_A_STEP, seed)
    generator = torch.Generator().manual_seed(seed)
    steps, begin, log = (SMALL_STEPS if small else STEPS), 0, []
    state = common.load_checkpoint(checkpoint_path(paths))
    if state is not None:
        modules.load_state_dict(state["modules"])
        averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        begin, log = state["step"], state["log"]
    choose = groups(paths, "choose", small)

    def save(step: int) -> None:
        common.save_checkpoint(
            checkpoint_path(paths),
            {
                "step": step,
                "log": log,
                "modules": modules.state_dict(),
                "averaged": averaged.state_dict(),
                "optimiser": optimiser.state_dict(),
                "pitch_part": pitch_part.coefficients,
                "descriptor_mean": descriptors.mean,
                "descriptor_std": descriptors.std,
                "weights": WEIGHTS,
                "settled": False,
            },
        )

    started, sums = time.monotonic(), {}
    for step in common.progress(range(begin, steps), "timbre"):
        if step % CHECKPOINT_STEPS == 0 or step == begin:
            batches.restart(step, seed)
            generator.manual_seed(seed + step)
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min(1, (step + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * step / steps)))
        terms = _terms(model, batches, generator)
        warm = min(1.0, step / (0.1 * steps))
        loss = sum(WEIGHTS[name] * term * (warm if name in ("said", "leak", "short") else 1) for name, term in terms.items())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(modules.parameters(), 20.0)
        optimiser.step()
        _average(averaged, modules, step)
        for name, term in terms.items():
            sums[name] = sums.get(name, 0.0) + float(term)
        if (step + 1) % CHECKPOINT_STEPS == 0 or step + 1 == steps:
            since = (step % CHECKPOINT_STEPS) + 1
            entry = {"step": step + 1, "seconds": round(time.monotonic() - started, 1)}
            entry |= {name: round(total / since, 4) for name, total in sums.items()}
            if choose:
                entry |= _chosen_by(model, averaged, choose)
            sums = {}
            log.append(entry)
            print(json.dumps(entry), flush=True)
            save(step + 1)
    _settle(paths, small, seed)


def _settle(paths: common.Paths, small: bool, seed: int) -> None:
    """Goes on with the decoder alone, on codes that no longer change: mostly for the sake of true knobs."""
    state = common.load_checkpoint(checkpoint_path(paths))
    steps = SMALL_SETTLING_STEPS if small else SETTLING_STEPS
    if state is None or state.get("settled"):
        return
    model = load_model(paths)
    codes, drawings, heard = [], [], []
    rng = np.random.default_rng(seed)
    for frames in groups(paths, "train", small).values():
        part = frames[rng.permutation(len(frames))[:30_000]]
        codes.append(model.encode(part))
        drawings.append(targets(part, model.pitch_part))
        levels = part.levels.astype(np.float32)
        heard.append(np.maximum(levels - levels.max(axis=1, keepdims=True), -HEARD_RANGE_DB))
    bands = torch.from_numpy(np.concatenate(heard))
    code, drawing = torch.from_numpy(np.concatenate(codes)), torch.from_numpy(np.concatenate(drawings))
    unit = code.std(0)
    generator = torch.Generator().manual_seed(seed)
    averaged = deepcopy(model.decoder)
    optimiser = torch.optim.Adam(model.decoder.parameters(), SETTLING_RATE)
    for step in common.progress(range(steps), "decoder"):
        for group in optimiser.param_groups:
            group["lr"] = SETTLING_RATE * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * step / steps)))
        picked = torch.randint(len(code), (KNOB_CODES,), generator=generator)
        said, leak, short = true_knobs(model.decoder, model.descriptors, code[picked], generator)
        drawn = (model.decoder.level_db(code[picked]) - drawing[picked]).square().mean()
        terms = {"drawn": drawn, "said": said, "leak": leak, "short": short}
        in_sound = true_in_sound(model.decoder, model.descriptors, code[picked], unit, bands[picked], generator)
        terms |= dict(zip(("heard_said", "heard_leak", "heard_short", "rough"), in_sound))
        loss = sum(SETTLING_WEIGHTS[name] * term for name, term in terms.items())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.decoder.parameters(), 20.0)
        optimiser.step()
        _average(averaged, model.decoder, step)
        if (step + 1) % 250 == 0:
            print(json.dumps({"settling": step + 1} | {name: round(float(term), 4) for name, term in terms.items()}), flush=True)
    model.decoder = averaged
    state["averaged"] = _modules(model).state_dict()
    state["settled"] = True
    common.save_checkpoint(checkpoint_path(paths), state)


def _average(old: nn.Module, new: nn.Module, step: int) -> None:
    """Draws the averaged weights towards the present ones."""
    kept = min(KEPT, (step + 1) / (step + 10))
    with torch.no_grad():
        for held, present in zip(old.parameters(), new.parameters()):
            held.mul_(kept).add_(present, alpha=1 - kept)


def _terms(model: Model, batches: Batches, generator: torch.Generator) -> dict[str, Tensor]:
    """The terms of the loss on the next batch."""
    batch = batches.next()
    mean, log_variance = model.encoder(batch.shape)
    noise = torch.randn(mean.shape, generator=generator)
    code = mean + noise * (0.5 * log_variance).exp()
    drawn = model.decoder(code)
    labelled, noted = batch.label != timbres.NONE, ~batch.pitch.isnan()
    with torch.no_grad():
        wanted = model.descriptors.of(UNIT_DB * batch.target).clamp(-3, 3)
    picked = torch.randint(len(code), (KNOB_CODES,), generator=generator)
    said, leak, short = true_knobs(model.decoder, model.descriptors, code.detach()[picked], generator)
    step = (mean[0::2] - mean[1::2])[noted[0::2]]
    return {
        "drawn": (UNIT_DB * (drawn - batch.target)).square().mean(),
        "divergence": divergence(mean, log_variance),
        "tied": nn.functional.smooth_l1_loss(torch.cat([mean[:, :NAMED], model.decoder.contrasts(mean)], 1), wanted),
        "said": said,
        "leak": leak,
        "short": short,
        "named": naming(code[labelled], batch.label[labelled], model.centres),
        "pitch": pitch_share(mean[noted], batch.pitch[noted]),
        "still": step.square().sum(-1).mean(),
    }


def _chosen_by(model: Model, averaged: nn.ModuleDict, choose: dict[str, Frames]) -> dict[str, float]:
    """Figures on what is set apart to choose the run by."""
    judged = Model(averaged["encoder"], averaged["decoder"], averaged.centres, model.pitch_part, model.descriptors)
    found = {}
    for name, frames in choose.items():
        part = frames[:: max(1, len(frames) // 20_000)]
        code = judged.encode(part)
        found[f"{name}_db"] = round(distance_db(judged.decode_db(code), targets(part, model.pitch_part)), 3)
        if name == "notes":
            own = pitched(part)
            found["pitch_share"] = round(probe_share(code[own], part.pitch[own]), 3)
            centres = averaged.centres.detach().numpy()
            found["nearest"] = round(nearest_timbre(code, part, centres, np.eye(LATENTS), timbres.CORE).share, 3)
    return found
