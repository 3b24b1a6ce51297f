"""Hyperparameters of the comparison; `configs/scattering.toml` says what each is."""

from ..shared.config import Configuration, Count, Counts, Positive, Share, Table, Weight


class Material(Table):
    """Which notes are heard."""

    notes: Count
    velocities: Counts


class Wavelets(Table):
    """The scattering transform."""

    octaves: Count
    an_octave: Count


class Training(Table):
    """How the classifiers learn."""

    seeds: Count
    share: Share
    width: Count
    dropout: Share
    epochs: Count
    batch: Count
    rate: Positive
    weight_decay: Weight
    strength: Positive
    iterations: Count


class ScatteringConfig(Configuration):
    """All of it."""

    file = "scattering.toml"

    material: Material
    wavelets: Wavelets
    training: Training
