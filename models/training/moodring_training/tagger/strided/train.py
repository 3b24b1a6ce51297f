"""Training the student."""

import copy
import os
import queue
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from ...shared.checkpoint import load_checkpoint, save_checkpoint
from ...shared.errors import PipelineError
from ...shared.files import write_json
from ...shared.paths import Paths
from ...shared.running import device, seconds_allowed
from ..labels.vocabulary import TAGS, of_kind
from ..measures import correlations, masked_aucs
from .batches import Batch, Sampler
from .calibrate import file_of
from .config import StridedConfig, Training
from .examples import Labelled, Music, Pieces, Stems
from .net import Student, multiplications
from .objective import loss_of


class Feeder:
    """Makes batches while the network learns from the one before, of what the corpus step has made by then."""

    AHEAD = 3
    """Batches that wait."""

    def __init__(self, sampler: Sampler, training: Training) -> None:
        self.sampler = sampler
        self.training = training
        self.waiting: queue.Queue[Batch | BaseException] = queue.Queue(self.AHEAD)
        threading.Thread(target=self._work, name="batches", daemon=True).start()

    def _work(self) -> None:
        looked = time.monotonic()
        try:
            while True:
                self.waiting.put(self.sampler.batch(self.training.batch))
                if time.monotonic() - looked > self.training.save_s:
                    self.sampler.music.refresh()
                    self.sampler.stems.refresh()
                    looked = time.monotonic()
        except BaseException as error:  # noqa: BLE001  Whatever it is, whoever waits for a batch is to hear of it.
            self.waiting.put(error)

    def batch(self) -> Batch:
        """The next."""
        made = self.waiting.get()
        if isinstance(made, BaseException):
            raise made
        return made


class Judge:
    """The splits that choose between checkpoints; none of them is reported."""

    def __init__(self, paths: Paths) -> None:
        self.music = Music(paths, "choose")
        self.pieces = Pieces.load(paths, "choose")
        self.taught = [index for kind in ("genre", "mood") for index in of_kind(kind)]

    def score(self, model: Student) -> dict[str, float]:
        """Mean correlation with the ensemble on genre and mood, and macro AUC of the instruments."""
        found: dict[str, float] = {}
        levels, labels, known = self.pieces.chunks()
        instruments = masked_aucs(model.answers(levels), labels, known)
        found["instruments_auc"] = float(np.nanmean(instruments)) if not np.isnan(instruments).all() else 0.5
        self.music.refresh()
        if len(self.music) > 1:
            chunks = self.music.chunks()
            ours = model.answers(chunks.levels)
            found["correlation"] = float(correlations(ours[:, self.taught], chunks.target[:, self.taught]).mean())
        found["score"] = found["instruments_auc"] + found.get("correlation", 0.0)
        return found


@dataclass
class Run:
    """A training as it stands, and as it is kept in `checkpoint.pt`."""

    model: Student
    average: Student
    """The running mean of the weights, which is what is judged and exported."""
    optimiser: torch.optim.Optimizer
    step: int = 0
    best: float = -1.0
    """The judge's highest score."""
    history: list[dict[str, Any]] = field(default_factory=list)
    spent: float = 0.0
    """Seconds of earlier calls."""
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def fresh(cls, model: Student, training: Training) -> "Run":
        """The beginning."""
        decaying = [weight for weight in model.parameters() if weight.ndim > 1]
        others = [weight for weight in model.parameters() if weight.ndim <= 1]
        groups = [{"params": decaying, "weight_decay": training.weight_decay}, {"params": others, "weight_decay": 0.0}]
        return cls(model, copy.deepcopy(model), torch.optim.AdamW(groups))

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint, where there is one."""
        stored = load_checkpoint(path)
        if stored:
            self.model.load_state_dict(stored["model"])
            self.average.load_state_dict(stored["average"])
            self.optimiser.load_state_dict(stored["optimiser"])
            self.step, self.best, self.history = stored["step"], stored["best"], stored["history"]
            self.spent = stored["seconds"]

    def seconds(self) -> float:
        """Of training so far."""
        return self.spent + time.monotonic() - self.began

    def save(self, path: Path) -> None:
        """Writes the checkpoint."""
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "best": self.best,
            "history": self.history,
            "seconds": self.seconds(),
        }
        save_checkpoint(path, state)

    def take_step(self, loss: torch.Tensor, rate: float, training: Training) -> None:
        """One step of the optimiser and of the running mean."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), training.largest_gradient)
        self.optimiser.step()
        self.step += 1
        decay = min(training.kept, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.lerp_(now, 1 - decay)
                else:
                    mean.copy_(now)


def train(paths: Paths, small: bool) -> None:
    """Trains; writes `checkpoint.pt` now and then and `best.pt` as long as the judge agrees.

    With MOODRING_TRAIN_MINUTES in the environment it ends after so many minutes at the latest, the learning rate's
    schedule fitted to that.
    """
    config = StridedConfig.read(small)
    training = config.training
    folder = paths.work / "tagger"
    where = device()
    allowed = seconds_allowed()
    music = Music(paths, "train")
    stems = Stems(folder / "stems")
    if not len(stems):
        raise PipelineError("there is nothing to train on; run the corpus step first")
    judge = Judge(paths)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    # A quarter faster on a CPU.
    model = Student(config.network).to(where, memory_format=torch.channels_last)
    _speak_in_deviations(model, music)
    run = Run.fresh(model, training)
    run.resume(folder / "checkpoint.pt")
    feeder = Feeder(Sampler(music, stems, Labelled(paths), config.examples, seed=1 + run.step), training)
    print(f"{multiplications(model) / 1e6:.1f} MMAC, {sum(p.numel() for p in model.parameters()):,} weights")
    print(f"{len(music)} windows of music, {len(stems)} parts; on {where}, from step {run.step} to {training.steps}")

    saved = run.began
    losses: list[float] = []
    quiet = not os.isatty(2)
    bar = tqdm(total=training.steps, initial=run.step, desc="train", mininterval=30.0 if quiet else 0.5, ascii=quiet)
    with bar:
        while run.step < training.steps:
            share = max(run.step / training.steps, min(1.0, run.seconds() / allowed))
            model.train()
            loss = loss_of(model, feeder.batch(), config.loss, where)
            run.take_step(loss, learning_rate(training, run.step, share), training)
            losses.append(float(loss.detach()))
            bar.update()
            bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
            ending = run.step == training.steps or share >= 1
            if run.step % training.judge_every == 0 or ending:
                found = judge.score(run.average)
                loss_since = float(np.mean(losses[-training.judge_every :]))
                run.history.append({"step": run.step, "loss": loss_since, **found})
                tqdm.write(", ".join(f"{name} {value:.4g}" for name, value in run.history[-1].items()))
                if found["score"] > run.best - training.judge_noise:
                    run.best = max(run.best, found["score"])
                    heard = {"windows": len(music), "parts": len(stems)}
                    state = {"model": run.average.state_dict(), "step": run.step, **heard, **found}
                    save_checkpoint(file_of(paths), state)
            if time.monotonic() - saved > training.save_s or ending:
                run.save(folder / "checkpoint.pt")
                saved = time.monotonic()
            if ending:
                break
    write_json(folder / "history.json", run.history)


def learning_rate(training: Training, step: int, share: float) -> float:
    """A linear warm-up, then half a cosine over the `share` of the training that is done."""
    warm = min(1.0, (step + 1) / training.warm_up)
    return float(training.peak_rate * warm * (0.5 * (1 + np.cos(np.pi * share)) + training.least_rate))


def _speak_in_deviations(model: Student, music: Music) -> None:
    """Sets each tag's centre and scale to the teachers' logits; to a rare tag's where there are none."""
    centre, scale = np.full(len(TAGS), -2.5, np.float32), np.full(len(TAGS), 1.5, np.float32)
    if len(music):
        mean, deviation = music.statistics()
        taught = ~np.isnan(mean)
        taught[of_kind("instrument")] = False
        centre[taught], scale[taught] = mean[taught], np.maximum(deviation[taught], 0.3)
    model.centre.copy_(torch.from_numpy(centre))
    model.scale.copy_(torch.from_numpy(scale))
