"""The networks of the zoo: which architecture, what it hears, and where its weights come from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import nn

from ..tagger import front_end
from .config import Shares
from .nets.attention import SelfAttention
from .nets.crnn import Crnn
from .nets.fcn import Fcn
from .nets.harmonic import HarmonicCnn
from .nets.musicnn import Musicnn
from .nets.sample_level import SampleLevel
from .nets.short_chunk import ShortChunk
from .nets.transformer import TaggingTransformer


@dataclass(frozen=True)
class Ear:
    """What a network is given: log-mel levels as `tagger.front_end` makes them, or the waveform at the same rate."""

    bands: int
    """0 for the waveform."""
    frames: int
    """Of one answer; samples of a waveform."""

    @property
    def shape(self) -> list[int]:
        """Of the network's input."""
        return [1, 1, self.bands, self.frames] if self.bands else [1, self.frames]

    @property
    def name(self) -> str:
        """Of the network's input."""
        return "mel_db" if self.bands else "samples"

    @property
    def seconds(self) -> float:
        """That one answer looks at."""
        return self.frames * (front_end.HOP if self.bands else 1) / front_end.RATE


@dataclass(frozen=True)
class Network:
    """One of the zoo."""

    name: str
    """Its folder."""
    title: str
    paper: str
    ear: Ear
    make: Callable[[int], nn.Module]
    """For so many tags."""
    published: str | None = None
    """The file of published weights, without its ending, where there are any."""


WAVE = Ear(0, 59_049)
SHORT, LONG = Ear(128, 231), Ear(96, 1813)


def networks(shares: Shares) -> list[Network]:
    """All ten."""
    attention, transformer = Ear(128, 938), Ear(128, 469)
    return [
        Network("fcn", "FCN", "Choi et al., ISMIR 2016", LONG, Fcn, "jamendo_fcn"),
        Network("musicnn", "Musicnn", "Pons et al., ISMIR 2018", Ear(96, 188), Musicnn, "jamendo_musicnn"),
        Network(
            "sample-level",
            "Sample-level CNN",
            "Lee et al., SMC 2017",
            WAVE,
            partial(SampleLevel, share=shares.sample_level),
        ),
        Network(
            "sample-level-se",
            "Sample-level CNN, squeeze-and-excitation",
            "Kim et al., ICASSP 2018",
            WAVE,
            partial(SampleLevel, share=shares.sample_level_se, excited=True),
        ),
        Network("crnn", "CRNN", "Choi et al., ICASSP 2017", LONG, Crnn, "jamendo_crnn"),
        Network(
            "self-attention",
            "Self-attention (CNNSA)",
            "Won et al., 2019",
            attention,
            partial(SelfAttention, share=shares.self_attention, frames=attention.frames),
        ),
        Network(
            "harmonic",
            "Harmonic CNN",
            "Won et al., ICASSP 2020",
            Ear(0, 80_000),
            partial(HarmonicCnn, share=shares.harmonic),
        ),
        Network(
            "short-chunk",
            "Short-chunk CNN",
            "Won et al., SMC 2020",
            SHORT,
            partial(ShortChunk, share=shares.short_chunk),
        ),
        Network(
            "short-chunk-resnet",
            "Short-chunk ResNet",
            "Won et al., SMC 2020",
            SHORT,
            partial(ShortChunk, share=shares.short_chunk_resnet, residual=True),
        ),
        Network(
            "transformer",
            "Music tagging Transformer",
            "Won et al., ISMIR 2021",
            transformer,
            partial(TaggingTransformer, share=shares.transformer, bands=transformer.bands, frames=transformer.frames),
        ),
    ]


def last_layer(net: nn.Module) -> nn.Linear:
    """The layer that gives the logits."""
    head = getattr(net, "head", net)
    layer = head.tags
    assert isinstance(layer, nn.Linear)
    return layer
