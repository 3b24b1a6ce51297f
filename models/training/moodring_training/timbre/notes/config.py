"""Hyperparameters of the model of notes; `configs/timbre-notes.toml` says what each is."""

from typing import Annotated

from pydantic import Field

from ...shared.config import Configuration, Count, Counts, Positive, Positives, Share, Table, Weight

Numbers = Annotated[tuple[Annotated[int, Field(ge=0, le=127)], ...], Field(min_length=1, strict=False)]
"""Of MIDI."""


class Material(Table):
    """What is played."""

    programs: Numbers
    pitches: Numbers
    velocities: Numbers
    table_velocity: Annotated[int, Field(ge=1, le=127)]


class Network(Table):
    """Widths of the networks."""

    code: Count
    encoder: Counts
    decoder: Counts
    memories_s: Positives


class Weights(Table):
    """Of the terms of the loss."""

    level: Weight
    divergence: Weight
    held_player: Weight


class Training(Table):
    """How the networks learn."""

    steps: Count
    notes_a_step: Count
    frames_a_note: Count
    rate: Positive
    least_rate: Share
    warm_up: Count
    weight_decay: Weight
    kept: Share
    named: Share
    own_code: Share
    log_steps: Count
    checkpoint_s: Positive
    weights: Weights


class NotesConfig(Configuration):
    """All of `timbre-notes.toml`."""

    file = "timbre-notes.toml"

    material: Material
    network: Network
    training: Training
