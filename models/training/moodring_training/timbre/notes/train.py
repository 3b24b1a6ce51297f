"""Training the model of notes on parallel renderings: the code comes from another note of the same player, so that pitch has no
place in it, or is the player's own, which a name stands for."""

import json
import time

import numpy as np
import torch
from torch import Tensor

from ...shared.checkpoint import load_checkpoint, save_checkpoint
from ...shared.paths import Paths
from ...shared.running import cosine, draw_towards, seconds_allowed
from ..timbres import TIMBRES
from .config import NotesConfig, Training
from .evaluate import report
from .harmonics import TIMES
from .material import Notes
from .model import checkpoint_path, load_player
from .net import Player, traces
from .objective import apart, distances, divergence, total
from .players import player


class Lessons:
    """Notes to learn from, each with another note of the same player."""

    def __init__(self, notes: Notes, training: Training) -> None:
        self.training = training
        players, self._who = np.unique(np.stack([notes.font, notes.program], axis=1), axis=0, return_inverse=True)
        self.players: list[list[int]] = players.tolist()
        """Soundfont and program of each."""
        self.drawn = torch.from_numpy(notes.drawn.astype(np.float32))
        self._pitch, self._velocity = torch.from_numpy(notes.pitch), torch.from_numpy(notes.velocity.astype(np.float32))
        self._others = [np.flatnonzero(self._who == each) for each in range(len(players))]
        index = {tuple(each): number for number, each in enumerate(self.players)}
        chosen = {player(index, timbre) for timbre in TIMBRES}
        self._named = np.flatnonzero([tuple(players[each]) in chosen for each in self._who])

    def terms(self, model: Player, rng: np.random.Generator) -> dict[str, Tensor]:
        """The terms of the loss on the next notes."""
        training, size = self.training, self.training.notes_a_step
        note = rng.integers(len(self._who), size=size)
        note = np.where(rng.random(size) < training.named, rng.choice(self._named, size), note)
        other = np.array([rng.choice(self._others[each]) for each in self._who[note]])
        hop = torch.from_numpy(rng.integers(len(TIMES), size=(size, training.frames_a_note)))
        mean, log_variance = model.encode(self.drawn[other], self._pitch[other])
        own = model.own[self._who[note]]
        heard = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        code = torch.where(torch.from_numpy(rng.random(size) < training.own_code)[:, None], own, heard)

        def spread(value: Tensor) -> Tensor:
            return value.repeat_interleave(training.frames_a_note, dim=0)

        trace = traces(torch.from_numpy(TIMES)[hop].float(), model.network).flatten(0, 1)
        said = model.decode(spread(code), spread(self._pitch[note]), trace, spread(self._velocity[note]))
        meant = self.drawn[torch.from_numpy(note)[:, None], hop].flatten(0, 1)
        terms = distances(said, meant, training.weights.level)
        return terms | {"divergence": divergence(mean, log_variance), "apart": apart(own, mean)}


def train(paths: Paths, small: bool) -> None:
    """Trains; goes on from the last checkpoint. MOODRING_TRAIN_MINUTES ends it after that time, its schedule fitted to it."""
    config = NotesConfig.read(small)
    training = config.training
    torch.set_num_threads(1)
    lessons = Lessons(Notes.load(paths, "train", small), training)
    drawn = lessons.drawn
    model = Player(config.network, len(lessons.players), drawn.mean(dim=(0, 1)), drawn.std(dim=(0, 1)) + 1.0)
    averaged = {name: value.clone() for name, value in model.state_dict().items()}
    optimiser = torch.optim.AdamW(model.parameters(), training.rate, weight_decay=training.weight_decay)
    step, spent, log = 0, 0.0, []
    state = load_checkpoint(checkpoint_path(paths))
    if state is not None:
        model.load_state_dict(state["modules"])
        averaged, step, spent, log = state["averaged"], state["step"], state["seconds"], state["log"]
        optimiser.load_state_dict(state["optimiser"])

    def save() -> None:
        kept = {"step": step, "seconds": spent, "log": log, "players": lessons.players, "averaged": averaged}
        networks = {"modules": model.state_dict(), "optimiser": optimiser.state_dict()}
        save_checkpoint(checkpoint_path(paths), kept | networks)

    limit = seconds_allowed()
    rng = np.random.default_rng([step, torch.initial_seed() % 2**31])
    before = saved = time.monotonic()
    sums: dict[str, float] = {}
    summed = 0
    while (done := max(step / training.steps, spent / limit)) < 1:
        rate = training.rate * cosine(done, 1.0, training.least_rate) * min(1, (step + 1) / training.warm_up)
        for group in optimiser.param_groups:
            group["lr"] = rate
        terms = lessons.terms(model, rng)
        optimiser.zero_grad()
        total(terms, training.weights).backward()
        optimiser.step()
        draw_towards(averaged.values(), model.state_dict().values(), min(training.kept, step / (step + 10)))
        for name, term in terms.items():
            sums[name] = sums.get(name, 0.0) + float(term)
        step, summed = step + 1, summed + 1
        now = time.monotonic()
        spent, before = spent + now - before, now
        if step % training.log_steps == 0:
            means = {name: round(value / summed, 3) for name, value in sums.items()}
            log.append({"step": step, "seconds": round(spent)} | means)
            print(json.dumps(log[-1]), flush=True)
            sums, summed = {}, 0
        if now - saved > training.checkpoint_s:
            saved = now
            save()
    save()
    report(paths, small, load_player(paths, small)[0])
