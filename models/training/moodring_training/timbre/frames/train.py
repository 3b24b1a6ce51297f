"""Training the model of frames."""

import json
import time
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...shared.checkpoint import load_checkpoint, save_checkpoint
from ...shared.errors import PipelineError
from ...shared.paths import Paths
from ...shared.running import cosine, draw_towards, progress
from ..front_end import UNIT_DB
from ..spectra.descriptors import LATENTS, NAMED, describe_in_pieces
from ..spectra.envelope import PitchPart, envelope
from ..spectra.features import Frames
from ..spectra.labels import NONE, pitched
from ..timbres import CORE
from .batches import Batches, targets
from .config import FramesConfig, Training
from .material import groups
from .measures import distance_db, nearest_timbre, probe_share
from .model import Model, checkpoint_path
from .objective import Descriptors, divergence, naming, pitch_share, true_knobs
from .settle import settle

KNOB_TERMS = ("said", "leak", "short")
"""Terms of the loss that come in slowly."""


def train(paths: Paths, small: bool) -> None:
    """Trains; goes on from the last checkpoint. Keeps the averaged weights and a log of the losses."""
    torch.set_num_threads(1)
    config, seed = FramesConfig.read(small), torch.initial_seed() % 2**31
    training = config.training
    learnt = groups(paths, "train", small)
    if "notes" not in learnt:
        raise PipelineError("there are no notes to learn from: run the corpus step first")
    model = _untrained(config, learnt)
    modules = model.modules()
    averaged = deepcopy(modules)
    optimiser = torch.optim.Adam(modules.parameters(), training.rate)
    batches = Batches(learnt, model.pitch_part, config.examples, training.frames_a_step, seed)
    generator = torch.Generator().manual_seed(seed)
    begin, log = 0, []
    state = load_checkpoint(checkpoint_path(paths))
    if state is not None:
        modules.load_state_dict(state["modules"])
        averaged.load_state_dict(state["averaged"])
        optimiser.load_state_dict(state["optimiser"])
        begin, log = state["step"], state["log"]
    choose = groups(paths, "choose", small)
    weights = training.weights.model_dump()

    def save(step: int) -> None:
        state = {
            "step": step,
            "log": log,
            "modules": modules.state_dict(),
            "averaged": averaged.state_dict(),
            "optimiser": optimiser.state_dict(),
            "pitch_part": torch.from_numpy(model.pitch_part.coefficients),
            "descriptor_mean": model.descriptors.mean,
            "descriptor_std": model.descriptors.std,
            "weights": weights,
            "settled": False,
        }
        save_checkpoint(checkpoint_path(paths), state)

    started, sums = time.monotonic(), {}
    for step in progress(range(begin, training.steps), "timbre"):
        if step % training.checkpoint_steps == 0 or step == begin:
            batches.restart(step, seed)
            generator.manual_seed(seed + step)
        for group in optimiser.param_groups:
            group["lr"] = _rate(training, step)
        terms = _terms(model, batches, training.knob_codes, generator)
        warm = min(1.0, step / (training.knobs_warm_up * training.steps))
        loss = sum(weights[name] * term * (warm if name in KNOB_TERMS else 1) for name, term in terms.items())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(modules.parameters(), training.largest_gradient)
        optimiser.step()
        draw_towards(averaged.parameters(), modules.parameters(), min(training.kept, (step + 1) / (step + 10)))
        for name, term in terms.items():
            sums[name] = sums.get(name, 0.0) + float(term)
        if (step + 1) % training.checkpoint_steps == 0 or step + 1 == training.steps:
            since = (step % training.checkpoint_steps) + 1
            entry = {"step": step + 1, "seconds": round(time.monotonic() - started, 1)}
            entry |= {name: round(total / since, 4) for name, total in sums.items()}
            if choose:
                entry |= _chosen_by(model, averaged, choose)
            sums = {}
            log.append(entry)
            print(json.dumps(entry), flush=True)
            save(step + 1)
    settle(paths, small, seed)


def _untrained(config: FramesConfig, learnt: dict[str, Frames]) -> Model:
    """The networks with random weights, and what is known of the frames before anything is learnt."""
    notes = learnt["notes"]
    own = pitched(notes)
    pitch_part = PitchPart.fitted(envelope(notes.levels[own].astype(np.float32)), notes.pitch[own])
    figures = describe_in_pieces(np.concatenate([targets(frames, pitch_part) for frames in learnt.values()]))
    descriptors = Descriptors(torch.from_numpy(figures.mean(0)), torch.from_numpy(figures.std(0)))
    return Model.blank(config.network, pitch_part, descriptors)


def _rate(training: Training, step: int) -> float:
    return training.rate * min(1, (step + 1) / training.warm_up) * cosine(step, training.steps, training.least_rate)


def _terms(model: Model, batches: Batches, knob_codes: int, generator: torch.Generator) -> dict[str, Tensor]:
    """The terms of the loss on the next batch."""
    batch = batches.next()
    mean, log_variance = model.encoder(batch.shape)
    noise = torch.randn(mean.shape, generator=generator)
    code = mean + noise * (0.5 * log_variance).exp()
    drawn = model.decoder(code)
    labelled, noted = batch.label != NONE, ~batch.pitch.isnan()
    with torch.no_grad():
        wanted = model.descriptors.of(UNIT_DB * batch.target).clamp(-3, 3)
    picked = torch.randint(len(code), (knob_codes,), generator=generator)
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


def _chosen_by(model: Model, averaged: nn.ModuleDict, choose: dict[str, Frames]) -> dict[str, Any]:
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
            found["nearest"] = round(nearest_timbre(code, part, centres, np.eye(LATENTS), CORE).share, 3)
    return found
