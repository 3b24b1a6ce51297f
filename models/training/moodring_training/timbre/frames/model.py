"""The trained model of frames: its networks, and what is needed to judge them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ...shared.checkpoint import load_checkpoint
from ...shared.errors import PipelineError
from ...shared.paths import Paths
from ..spectra.descriptors import LATENTS, NAMED
from ..spectra.envelope import PitchPart
from ..spectra.features import Frames
from ..timbres import TIMBRES
from .config import FramesConfig, Network
from .net import Decoder, Encoder
from .objective import Descriptors


@dataclass
class Model:
    """What training makes."""

    encoder: Encoder
    decoder: Decoder
    centres: nn.Parameter
    """[timbres, 8]: where training would have the named timbres."""
    pitch_part: PitchPart
    descriptors: Descriptors

    @classmethod
    def blank(cls, network: Network, pitch_part: PitchPart, descriptors: Descriptors) -> "Model":
        """Before training, with random weights."""
        centres = nn.Parameter(0.5 * torch.randn(len(TIMBRES), LATENTS))
        decoder = Decoder(network, descriptors.mean[NAMED:], descriptors.std[NAMED:])
        return cls(Encoder(network), decoder, centres, pitch_part, descriptors)

    @classmethod
    def load(cls, paths: Paths, small: bool) -> "Model":
        """The averaged weights of the last checkpoint.

        # Errors
        Raises PipelineError before training.
        """
        state = load_checkpoint(checkpoint_path(paths))
        if state is None:
            raise PipelineError("there is no trained timbre model: run the train step first")
        descriptors = Descriptors(state["descriptor_mean"], state["descriptor_std"])
        model = cls.blank(FramesConfig.read(small).network, PitchPart(state["pitch_part"].numpy()), descriptors)
        model.modules().load_state_dict(state["averaged"])
        return model

    def modules(self) -> nn.ModuleDict:
        """All that is trained."""
        modules = nn.ModuleDict({"encoder": self.encoder, "decoder": self.decoder})
        modules.register_parameter("centres", self.centres)
        return modules

    def encode(self, frames: Frames) -> np.ndarray:
        """Mean codes [frames, 8]."""
        shapes = frames.shapes()
        pieces = np.array_split(shapes, len(shapes) // 16_384 + 1)
        with torch.no_grad():
            return np.concatenate([self.encoder(torch.from_numpy(piece))[0].numpy() for piece in pieces])

    def decode_db(self, code: np.ndarray) -> np.ndarray:
        """Envelopes in dB [..., 128]."""
        with torch.no_grad():
            return self.decoder.level_db(torch.from_numpy(code.astype(np.float32))).numpy()


def checkpoint_path(paths: Paths) -> Path:
    """Where training leaves its state."""
    return paths.work / "timbre" / "checkpoint.pt"
