"""Training the student."""

import copy
import os
import queue
import threading
import time

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, smooth_l1_loss
from tqdm import tqdm

from .. import common
from .data import Batch, Labelled, Music, Pieces, Sampler, Stems
from .measures import correlations, masked_aucs
from .net import Shape, Student, multiplications
from .vocabulary import TAGS, of_kind

BATCH = 48
STEPS = 30_000
SMALL_STEPS = 12
PEAK_RATE = 2.5e-3
WARM_UP = 60
SAVE_SECONDS = 120
JUDGE_EVERY = 400
"""Steps between two looks at the splits that choose the checkpoint."""
NOISE = 0.01
"""A later checkpoint is taken unless the judge likes it less by more than this, which is what it can tell apart."""
AVERAGE = 0.998
"""Decay of the running mean of the weights, which is what is judged and exported."""


def loss_of(model: Student, batch: Batch, where: torch.device) -> torch.Tensor:
    """Distance to the teachers in standard deviations, and cross-entropy to what is certain."""
    levels, target, certain, taught_weight, certain_weight = (
        torch.from_numpy(array).to(where)
        for array in (batch.levels, batch.target, batch.certain, batch.taught_weight, batch.certain_weight)
    )
    logits = model(levels, gated=False)
    distance = (logits - target) / model.scale
    # Squared up to two deviations, then straight: a window whose teachers heard something else must not rule.
    distance = smooth_l1_loss(distance, torch.zeros_like(distance), reduction="none", beta=2.0) * 4
    # What the teachers are surer of than usual counts more: that is what gets shown.
    emphasis = 1 + torch.relu((target - model.centre) / model.scale)
    taught = (distance * emphasis * taught_weight).sum() / taught_weight.sum().clamp(min=1)
    entropy = binary_cross_entropy_with_logits(logits, certain, reduction="none")
    exact = (entropy * certain_weight).sum() / certain_weight.sum().clamp(min=1)
    return taught + 4 * exact


def answers(model: Student, levels: np.ndarray, where: torch.device) -> np.ndarray:
    """Logits of chunks `[n, FRAMES, BANDS]`: float32 `[n, tags]`."""
    model.eval()
    found = []
    with torch.no_grad():
        for start in range(0, len(levels), 128):
            part = torch.from_numpy(levels[start : start + 128].astype(np.float32)).transpose(1, 2)[:, None]
            found.append(model(part.to(where)).cpu().numpy())
    return np.concatenate(found)


class Feeder:
    """Makes batches while the network learns from the one before, of what the corpus step has made by then."""

    AHEAD = 3
    """Batches that wait."""

    def __init__(self, sampler: Sampler) -> None:
        self.sampler = sampler
        self.waiting: queue.Queue[Batch | BaseException] = queue.Queue(self.AHEAD)
        threading.Thread(target=self._work, name="batches", daemon=True).start()

    def _work(self) -> None:
        looked = time.monotonic()
        try:
            while True:
                self.waiting.put(self.sampler.batch(BATCH))
                if time.monotonic() - looked > SAVE_SECONDS:
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

    def __init__(self, paths: common.Paths, where: torch.device) -> None:
        self.where = where
        self.music = Music(paths, "choose")
        self.pieces = Pieces.load(paths, "choose")
        self.taught = [index for kind in ("genre", "mood") for index in of_kind(kind)]

    def score(self, model: Student) -> dict[str, float]:
        """Mean correlation with the ensemble on genre and mood, and macro AUC of the instruments."""
        found: dict[str, float] = {}
        levels, labels, known = self.pieces.chunks()
        instruments = masked_aucs(answers(model, levels, self.where), labels, known)
        found["instruments_auc"] = float(np.nanmean(instruments)) if not np.isnan(instruments).all() else 0.5
        self.music.refresh()
        if len(self.music) > 1:
            chunks = self.music.chunks()
            ours = answers(model, chunks.levels, self.where)
            found["correlation"] = float(correlations(ours[:, self.taught], chunks.target[:, self.taught]).mean())
        found["score"] = found["instruments_auc"] + found.get("correlation", 0.0)
        return found


def train(paths: common.Paths, small: bool) -> None:
    """Trains for STEPS steps; writes `checkpoint.pt` now and then and `best.pt` as long as the judge agrees.

    With MOODRING_TRAIN_MINUTES in the environment it ends after so many minutes at the latest, the learning rate's
    schedule fitted to that.
    """
    folder = paths.work / "tagger"
    where = common.device()
    steps = SMALL_STEPS if small else STEPS
    allowed = 60 * float(os.environ.get("MOODRING_TRAIN_MINUTES", "inf"))
    music = Music(paths, "train")
    stems = Stems(folder / "stems")
    if not len(stems):
        raise common.PipelineError("there is nothing to train on; run the corpus step first")
    judge = Judge(paths, where)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    # A quarter faster on a CPU.
    model = Student(Shape()).to(where, memory_format=torch.channels_last)
    _speak_in_deviations(model, music)
    average = copy.deepcopy(model)
    decaying = [weight for weight in model.parameters() if weight.ndim > 1]
    others = [weight for weight in model.parameters() if weight.ndim <= 1]
    optimiser = torch.optim.AdamW([{"params": decaying, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}])
    step, best, history, spent = 0, -1.0, [], 0.0
    stored = common.load_checkpoint(folder / "checkpoint.pt")
    if stored:
        model.load_state_dict(stored["model"])
        average.load_state_dict(stored["average"])
        optimiser.load_state_dict(stored["optimiser"])
        step, best, history = stored["step"], stored["best"], stored["history"]
        spent = stored["seconds"]
    began = time.monotonic()
    feeder = Feeder(Sampler(music, stems, Labelled(paths), seed=1 + step))
    print(f"{multiplications(model) / 1e6:.1f} MMAC, {sum(p.numel() for p in model.parameters()):,} weights")
    print(f"{len(music)} windows of music, {len(stems)} parts; on {where}, from step {step} to {steps}")

    def save() -> None:
        state = {
            "model": model.state_dict(),
            "average": average.state_dict(),
            "optimiser": optimiser.state_dict(),
            "step": step,
            "best": best,
            "history": history,
            "seconds": spent + time.monotonic() - began,
        }
        common.save_checkpoint(folder / "checkpoint.pt", state)

    saved = began
    losses: list[float] = []
    quiet = not os.isatty(2)
    with tqdm(total=steps, initial=step, desc="train", mininterval=30.0 if quiet else 0.5, ascii=quiet) as bar:
        while step < steps:
            share = max(step / steps, min(1.0, (spent + time.monotonic() - began) / allowed))
            rate = PEAK_RATE * min(1.0, (step + 1) / WARM_UP) * (0.5 * (1 + np.cos(np.pi * share)) + 0.003)
            for group in optimiser.param_groups:
                group["lr"] = rate
            model.train()
            loss = loss_of(model, feeder.batch(), where)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            step += 1
            losses.append(float(loss.detach()))
            decay = min(AVERAGE, (1 + step) / (10 + step))
            with torch.no_grad():
                for mean, now in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
                    if mean.dtype.is_floating_point:
                        mean.lerp_(now, 1 - decay)
                    else:
                        mean.copy_(now)
            bar.update()
            bar.set_postfix(loss=f"{np.mean(losses[-50:]):.3f}", refresh=False)
            ending = step == steps or share >= 1
            if step % JUDGE_EVERY == 0 or ending:
                found = judge.score(average)
                history.append({"step": step, "loss": float(np.mean(losses[-JUDGE_EVERY:])), **found})
                tqdm.write(", ".join(f"{name} {value:.4g}" for name, value in history[-1].items()))
                if found["score"] > best - NOISE:
                    best = max(best, found["score"])
                    heard = {"windows": len(music), "parts": len(stems)}
                    common.save_checkpoint(
                        folder / "best.pt", {"model": average.state_dict(), "step": step, **heard, **found}
                    )
            if time.monotonic() - saved > SAVE_SECONDS or ending:
                save()
                saved = time.monotonic()
            if ending:
                break
    common.write_json(folder / "history.json", history)


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
