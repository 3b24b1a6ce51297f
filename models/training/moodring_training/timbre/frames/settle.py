"""The end of training: the decoder alone, on codes that no longer change, mostly for the sake of true knobs."""

import json
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn

from ...shared.checkpoint import load_checkpoint, save_checkpoint
from ...shared.paths import Paths
from ...shared.running import cosine, draw_towards, progress
from .batches import targets
from .config import FramesConfig
from .material import groups
from .model import Model, checkpoint_path
from .objective import Heard, true_in_sound, true_knobs

LOG_STEPS = 250


def settle(paths: Paths, small: bool, seed: int) -> None:
    """Goes on from the last checkpoint, and marks it; does nothing with one that is marked."""
    config = FramesConfig.read(small)
    training, settling = config.training, config.settling
    state = load_checkpoint(checkpoint_path(paths))
    if state is None or state.get("settled"):
        return
    model = Model.load(paths, small)
    code, drawing, bands = _learnt(paths, small, model, seed)
    unit, weights = code.std(0), settling.weights.model_dump()
    generator = torch.Generator().manual_seed(seed)
    averaged = deepcopy(model.decoder)
    optimiser = torch.optim.Adam(model.decoder.parameters(), settling.rate)
    for step in progress(range(settling.steps), "decoder"):
        for group in optimiser.param_groups:
            group["lr"] = settling.rate * cosine(step, settling.steps, training.least_rate)
        picked = torch.randint(len(code), (training.knob_codes,), generator=generator)
        said, leak, short = true_knobs(model.decoder, model.descriptors, code[picked], generator)
        drawn = (model.decoder.level_db(code[picked]) - drawing[picked]).square().mean()
        terms = {"drawn": drawn, "said": said, "leak": leak, "short": short}
        heard = Heard(code[picked], bands[picked], unit)
        in_sound = true_in_sound(model.decoder, model.descriptors, heard, generator)
        terms |= dict(zip(("heard_said", "heard_leak", "heard_short", "rough"), in_sound, strict=True))
        loss = sum(weights[name] * term for name, term in terms.items())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.decoder.parameters(), training.largest_gradient)
        optimiser.step()
        kept = min(training.kept, (step + 1) / (step + 10))
        draw_towards(averaged.parameters(), model.decoder.parameters(), kept)
        if (step + 1) % LOG_STEPS == 0:
            logged = {"settling": step + 1} | {name: round(float(term), 4) for name, term in terms.items()}
            print(json.dumps(logged), flush=True)
    model.decoder = averaged
    state["averaged"] = model.modules().state_dict()
    state["settled"] = True
    save_checkpoint(checkpoint_path(paths), state)


def _learnt(paths: Paths, small: bool, model: Model, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Some of what was learnt from: codes [n, 8], what the decoder is to draw in dB [n, 128], band levels in dB [n, 128]."""
    settling = FramesConfig.read(small).settling
    codes, drawings, heard = [], [], []
    rng = np.random.default_rng(seed)
    for frames in groups(paths, "train", small).values():
        part = frames[rng.permutation(len(frames))[: settling.frames]]
        codes.append(model.encode(part))
        drawings.append(targets(part, model.pitch_part))
        levels = part.levels.astype(np.float32)
        heard.append(np.maximum(levels - levels.max(axis=1, keepdims=True), -settling.heard_range_db))
    code, drawing, bands = (torch.from_numpy(np.concatenate(parts)) for parts in (codes, drawings, heard))
    return code, drawing, bands
