"""Training the model of notes on parallel renderings: the code comes from another note of the same player, so that pitch has no
place in it, or is the player's own, which a name stands for."""

import json
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ... import common
from ..timbres import TIMBRES
from .harmonics import HARMONICS, NOISE_BANDS, TIMES
from .measure import report
from .named import player
from .parallel import Notes
from .player import Player, traces
from .settings import Settings

LEVEL_WEIGHT = 4.0
WARM_STEPS = 100
LOG_STEPS = 200


def checkpoint_path(paths: common.Paths) -> Path:
    """Where training leaves its state."""
    return paths.work / "timbre" / "notes.pt"


def load_player(paths: common.Paths, small: bool) -> tuple[Player, dict[tuple[int, int], int]]:
    """The trained networks, and the index of each player's own code by soundfont and program."""
    state = common.load_checkpoint(checkpoint_path(paths))
    if state is None:
        raise common.PipelineError("there is no trained model of notes: run the train step first")
    model = Player(Settings.read(small), len(state["players"]), state["averaged"]["mean"], state["averaged"]["std"])
    model.load_state_dict(state["averaged"])
    return model.eval(), {tuple(each): index for index, each in enumerate(state["players"])}


def train(paths: common.Paths, small: bool) -> None:
    """Trains; goes on from the last checkpoint. MOODRING_TRAIN_MINUTES ends it after that time, its schedule fitted to it."""
    settings, notes = Settings.read(small), Notes.load(paths, "train", small)
    torch.set_num_threads(1)
    players, who = np.unique(np.stack([notes.font, notes.program], axis=1), axis=0, return_inverse=True)
    drawn = torch.from_numpy(notes.drawn.astype(np.float32))
    pitch, velocity = torch.from_numpy(notes.pitch), torch.from_numpy(notes.velocity.astype(np.float32))
    index = {tuple(each): number for number, each in enumerate(players.tolist())}
    others = [np.flatnonzero(who == each) for each in range(len(players))]
    chosen = {player(index, timbre) for timbre in TIMBRES}
    named = np.flatnonzero([tuple(players[each]) in chosen for each in who])
    model = Player(settings, len(players), drawn.mean(dim=(0, 1)), drawn.std(dim=(0, 1)) + 1.0)
    averaged = {name: value.clone() for name, value in model.state_dict().items()}
    optimiser = torch.optim.AdamW(model.parameters(), settings.learning_rate, weight_decay=1e-4)
    step, spent, log = 0, 0.0, []
    state = common.load_checkpoint(checkpoint_path(paths))
    if state is not None:
        model.load_state_dict(state["modules"])
        averaged, step, spent, log = state["averaged"], state["step"], state["seconds"], state["log"]
        optimiser.load_state_dict(state["optimiser"])

    def save() -> None:
        kept = {"step": step, "seconds": spent, "log": log, "players": players.tolist(), "averaged": averaged}
        common.save_checkpoint(checkpoint_path(paths), kept | {"modules": model.state_dict(), "optimiser": optimiser.state_dict()})

    limit = 60 * float(os.environ.get("MOODRING_TRAIN_MINUTES", "inf"))
    rng = np.random.default_rng([step, torch.initial_seed() % 2**31])
    before = saved = time.monotonic()
    sums: dict[str, float] = {}
    summed = 0
    while (done := max(step / settings.steps, spent / limit)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * (0.005 + 0.995 * 0.5 * (1 + np.cos(np.pi * done))) * min(1, (step + 1) / WARM_STEPS)
        note = rng.integers(len(notes), size=settings.notes_a_step)
        note = np.where(rng.random(len(note)) < settings.named, rng.choice(named, len(note)), note)
        other = np.array([rng.choice(others[each]) for each in who[note]])
        hop = torch.from_numpy(rng.integers(len(TIMES), size=(len(note), settings.frames_a_note)))
        mean, log_variance = model.encode(drawn[other], pitch[other])
        own = model.own[who[note]]
        heard = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        code = torch.where(torch.from_numpy(rng.random(len(note)) < settings.own_code)[:, None], own, heard)
        spread = lambda value: value.repeat_interleave(settings.frames_a_note, dim=0)
        trace = traces(torch.from_numpy(TIMES)[hop].float(), settings).flatten(0, 1)
        said = model.decode(spread(code), spread(pitch[note]), trace, spread(velocity[note]))
        meant = drawn[torch.from_numpy(note)[:, None], hop].flatten(0, 1)
        terms = _distances(said, meant)
        terms["divergence"] = (-0.5 * (1 + log_variance - mean**2 - log_variance.exp())).sum(dim=1).mean()
        terms["apart"] = ((own - mean.detach()) ** 2).sum(dim=1).mean()
        loss = terms["weighted"] + settings.divergence * terms["divergence"] + settings.held_player * terms["apart"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        kept = min(0.998, step / (step + 10))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                averaged[name].mul_(kept).add_(value, alpha=1 - kept)
        for name, term in terms.items():
            sums[name] = sums.get(name, 0.0) + float(term)
        step, summed = step + 1, summed + 1
        now = time.monotonic()
        spent, before = spent + now - before, now
        if step % LOG_STEPS == 0:
            log.append({"step": step, "seconds": round(spent)} | {name: round(total / summed, 3) for name, total in sums.items()})
            print(json.dumps(log[-1]), flush=True)
            sums, summed = {}, 0
        if now - saved > settings.checkpoint_s:
            saved = now
            save()
    save()
    report(paths, small, load_player(paths, small)[0])


def _distances(said: Tensor, meant: Tensor) -> dict[str, Tensor]:
    """Mean absolute differences in dB, and their weighted sum: what is faint counts less."""
    far = (said - meant).abs()
    harmonics, noise, level = far[:, :HARMONICS], far[:, HARMONICS : HARMONICS + NOISE_BANDS], far[:, -1]
    # A frame that has decayed is judged by little but its level.
    heard = ((meant[:, -1:] + 45) / 30).clamp(0.05, 1)
    loud = ((meant[:, :HARMONICS] + 60) / 60).clamp(0.05, 1) * heard
    hiss = ((meant[:, HARMONICS : HARMONICS + NOISE_BANDS] + 90) / 45).clamp(0.1, 1.5) * heard
    weighted = ((loud * harmonics).sum(dim=1) + (hiss * noise).sum(dim=1) + LEVEL_WEIGHT * level).mean() / said.shape[1]
    return {"weighted": weighted, "harmonics": harmonics.mean(), "noise": noise.mean(), "level": level.mean()}
