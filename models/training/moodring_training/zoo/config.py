"""Hyperparameters of the zoo; `configs/zoo.toml` says what each is."""

from ..shared.config import Configuration, Count, Positive, Table, Weight


class Shares(Table):
    """Widths, as shares of the papers'."""

    sample_level: Positive
    sample_level_se: Positive
    self_attention: Positive
    harmonic: Positive
    short_chunk: Positive
    short_chunk_resnet: Positive
    transformer: Positive


class Material(Table):
    """What of the songs is heard."""

    songs: Count
    seconds: Positive
    step_s: Positive


class Training(Table):
    """How the networks learn."""

    steps: Count
    batch: Count
    peak_rate: Positive
    least_rate: Positive
    weight_decay: Weight
    largest_gradient: Positive
    gain_db: Weight
    fit_batches: Count
    ridge: Positive
    save_s: Positive


class ZooConfig(Configuration):
    """All of it."""

    file = "zoo.toml"

    shares: Shares
    material: Material
    training: Training
