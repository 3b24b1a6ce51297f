"""Hyperparameters of the strided network; `configs/tagger-strided.toml` says what each is."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from ...shared.config import Configuration, Count, Counts, Positive, Share, Table, Weight


class Network(Table):
    """Widths of the network."""

    widths: Counts
    strides: Counts
    last: Count
    hidden: Count
    dropout: Annotated[float, Field(ge=0, lt=1)]

    @model_validator(mode="after")
    def _a_stride_for_each(self) -> Self:
        if len(self.widths) != len(self.strides):
            raise ValueError("widths and strides must be as many as each other")
        return self


class Training(Table):
    """How the network learns."""

    steps: Count
    batch: Count
    peak_rate: Positive
    least_rate: Share
    warm_up: Count
    weight_decay: Weight
    largest_gradient: Positive
    kept: Share
    judge_every: Count
    judge_noise: Weight
    save_s: Positive


class Loss(Table):
    """Weights of the loss."""

    taught: Weight
    quadratic_deviations: Positive
    certain: Weight


class Strength(Table):
    """How much of a disturbance an example is given."""

    likely: Share
    equalised_db: Weight
    shift: Annotated[int, Field(ge=0)]
    holes: Count
    hole: Annotated[int, Field(ge=4)]


class Examples(Table):
    """What batches are made of."""

    noise: Share
    music: Share
    over_music: Share
    labelled: Share
    teachers_on_instruments: Share
    certain: Strength
    taught: Strength

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        if self.noise + self.music + self.over_music + self.labelled > 1:
            raise ValueError("noise, music, over_music and labelled must add up to 1 at most")
        return self


class Calibration(Table):
    """How logits become probabilities."""

    pull: Weight


class StridedConfig(Configuration):
    """All of `tagger-strided.toml`."""

    file = "tagger-strided.toml"

    network: Network
    training: Training
    loss: Loss
    examples: Examples
    calibration: Calibration
