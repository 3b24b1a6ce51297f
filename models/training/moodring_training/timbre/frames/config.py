"""Hyperparameters of the model of frames; `configs/timbre-frames.toml` says what each is."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from ...shared.config import Configuration, Count, Counts, Positive, Share, Table, Weight


class Network(Table):
    """Widths of the networks."""

    encoder: Counts
    decoder: Counts
    following: Counts
    cosines: Count


class TrainingWeights(Table):
    """Of the terms of the loss."""

    drawn: Weight
    divergence: Weight
    tied: Weight
    said: Weight
    leak: Weight
    short: Weight
    named: Weight
    pitch: Weight
    still: Weight


class Training(Table):
    """How both networks learn."""

    steps: Count
    frames_a_step: Annotated[int, Field(ge=2, multiple_of=2)]
    knob_codes: Count
    rate: Positive
    least_rate: Share
    warm_up: Count
    knobs_warm_up: Annotated[float, Field(gt=0, le=1)]
    largest_gradient: Positive
    kept: Share
    checkpoint_steps: Count
    weights: TrainingWeights


class SettlingWeights(Table):
    """Of the terms of the decoder's loss."""

    drawn: Weight
    said: Weight
    leak: Weight
    short: Weight
    heard_said: Weight
    heard_leak: Weight
    heard_short: Weight
    rough: Weight


class Settling(Table):
    """How the decoder goes on alone."""

    steps: Count
    frames: Count
    rate: Positive
    heard_range_db: Positive
    weights: SettlingWeights


class Shares(Table):
    """Of a batch."""

    notes: Positive
    named: Weight
    samples: Weight
    music: Weight


class Treatment(Table):
    """What pairs of frames are made richer with."""

    mixed: Share
    equalised: Share
    noisy: Share
    equaliser_db: Weight
    equaliser_cosines: Count
    noise_db: Annotated[tuple[float, float], Field(strict=False)]
    noise_tilt_db: Weight

    @model_validator(mode="after")
    def _from_low_to_high(self) -> Self:
        if self.noise_db[0] > self.noise_db[1]:
            raise ValueError("noise_db must be from low to high")
        return self


class Examples(Table):
    """What batches are made of."""

    shares: Shares
    treatment: Treatment


class FramesConfig(Configuration):
    """All of `timbre-frames.toml`."""

    file = "timbre-frames.toml"

    network: Network
    training: Training
    settling: Settling
    examples: Examples
