"""Hyperparameters of the head on mn04; `configs/tagger-head.toml` says what each is."""

from typing import Annotated

from pydantic import Field

from ...shared.config import Configuration, Count, Positive, Positives, Share, Table, Weight


class Teachers(Table):
    """What a teacher is worth."""

    fewest_songs: Count
    prior_songs: Positive
    least: Share


class Ridge(Table):
    """The regression."""

    components: Count
    pulls: Positives
    solo_weight: Weight
    right: Positive
    wrong: Annotated[float, Field(lt=0)]


class Calibration(Table):
    """How deviations become probabilities."""

    folds: Annotated[int, Field(ge=2)]
    slope_pull: Positive
    offset_pull: Positive
    kind_pull: Positive
    solo_songs: Weight


class HeadConfig(Configuration):
    """All of `tagger-head.toml`."""

    file = "tagger-head.toml"

    teachers: Teachers
    ridge: Ridge
    calibration: Calibration
