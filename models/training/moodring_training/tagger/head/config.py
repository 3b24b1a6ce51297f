"""Hyperparameters of the head on mn04; `configs/tagger-head.toml` says what each is."""

from typing import Annotated

from pydantic import AfterValidator, Field

from ...shared.config import Configuration, Count, Positive, Positives, Share, Table, Weight
from ..labels.audioset import WIDE_NAMES
from ..labels.vocabulary import KINDS


def _kind_or_tag(name: str) -> str:
    if name not in KINDS and name not in WIDE_NAMES:
        raise ValueError(f"there is no kind and no tag of this name; kinds are {', '.join(KINDS)}")
    return name


class Teachers(Table):
    """What a teacher is worth."""

    fewest_songs: Count
    prior_songs: Positive
    least: Share


class Material(Table):
    """What is learned from, and how much each counts."""

    label_share: Share
    low_label: Share
    worse_weight: Weight
    windows_of_a_package: Count
    window_weight: Weight


class Rendered(Table):
    """Rendered pieces and their parts."""

    weight: Weight
    heard_from: Share
    unheard_below: Share


class Ridge(Table):
    """The regression."""

    components: Count
    pulls: Positives
    solo_weight: Weight
    right: Positive
    wrong: Annotated[float, Field(lt=0)]


class Pulls(Table):
    """A pull a kind of tag."""

    genre: Positive
    instrument: Positive
    mood: Positive


class Cautions(Table):
    """A caution a kind of tag."""

    genre: Weight
    instrument: Weight
    mood: Weight


class Calibration(Table):
    """How deviations become probabilities."""

    folds: Annotated[int, Field(ge=2)]
    slope_pull: Pulls
    offset_pull: Pulls
    kind_pull: Positive
    mean_pull: Positive
    spread_pull: Positive
    artist_power: Share
    low_weight: Share
    rank_weight: Weight
    rare_power: Share
    caution: Cautions
    moved: dict[Annotated[str, AfterValidator(_kind_or_tag)], float]
    solo_songs: Weight
    rendered_songs: Weight


class Correction(Table):
    """The correction on rendered solos."""

    music: Weight
    pull: Positive


class HeadConfig(Configuration):
    """All of `tagger-head.toml`."""

    file = "tagger-head.toml"

    teachers: Teachers
    material: Material
    rendered: Rendered
    ridge: Ridge
    calibration: Calibration
    correction: Correction
