"""What the columns that a listener fills are worth to a user, kind by kind, against what is right."""

from dataclasses import dataclass, field

import numpy as np

from .labels.audioset import WIDE_INDEX, WIDE_NAMES
from .labels.songs import Song
from .measures import auc, calibration

LIKELY, SURE = 0.2, 0.5
"""Above the first a tag is noticed, above the second it is believed."""
FEWEST = 5
"""Songs that a tag must be right for, and wrong for, to have an AUC."""


@dataclass
class Answers:
    """One listener's answers to songs."""

    name: str
    probabilities: list[np.ndarray]
    """Per song `[moments, tags]` of the wide vocabulary; nan for tags that the listener doesn't have."""
    changes: dict[str, float] = field(default_factory=dict)
    """Changes of the headline a minute by kind, where the plugin was asked."""

    def shown(self) -> np.ndarray:
        """Means over each song: `[songs, tags]`."""
        return np.array(
            [one.mean(axis=0) if len(one) else np.full(len(WIDE_NAMES), np.nan) for one in self.probabilities]
        )


@dataclass
class Figures:
    """What one kind's column was worth."""

    songs: int = 0
    first: float = float("nan")
    family: float = float("nan")
    third: float = float("nan")
    likely: float = float("nan")
    believed_wrong: float = float("nan")
    changes: float = float("nan")
    error: float = float("nan")
    area: float = float("nan")
    areas: dict[str, float] = field(default_factory=dict)
    bins: list[tuple[float, float, int]] = field(default_factory=list)
    most: tuple[str, float] = ("-", float("nan"))
    """The tag that is first most often, and on which share of the songs."""
    recall: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Per right tag, how often it is first, and of how many songs."""


def figures_of(answers: Answers, listened: list[Song], kind: str, ranked: list[int]) -> Figures:
    """The figures of one kind, over the songs that are right for a tag of `ranked` (columns of the wide vocabulary)."""
    shown = answers.shown()
    columns = np.array([tag for tag in ranked if not np.isnan(shown[:, tag]).all()], int)
    names = [WIDE_NAMES[tag] for tag in columns]
    everybody = {WIDE_NAMES[tag] for tag in ranked}
    rows = [
        row
        for row, song in enumerate(listened)
        if song.named(kind) & everybody and len(columns) and not np.isnan(shown[row, columns]).any()
    ]
    found = Figures(songs=len(rows))
    if not rows:
        return found
    first, hits = [], {name: [] for name in names}
    family, third, likely, believed, said, came = [], [], [], [], [], []
    for row in rows:
        song, probability = listened[row], shown[row, columns]
        order = [names[place] for place in np.argsort(-probability, kind="stable")]
        right = song.named(kind)
        first.append(order[0])
        family.append(song.in_family(order[0]) or order[0] in right)
        third.append(bool(right & set(order[:3])))
        likely.append(any(p > LIKELY for name, p in zip(names, probability, strict=True) if name in right))
        wrong = [p for name, p in zip(names, probability, strict=True) if song.wrong(name)]
        if wrong:
            believed.append(max(wrong) > SURE)
        for name, p in zip(names, probability, strict=True):
            if name in right or song.wrong(name):
                said.append(p)
                came.append(name in right)
            if name in right:
                hits[name].append(order[0] == name)
    found.first = float(np.mean([name in listened[row].named(kind) for row, name in zip(rows, first, strict=True)]))
    found.family, found.third, found.likely = (float(np.mean(one)) for one in (family, third, likely))
    found.believed_wrong = float(np.mean(believed)) if believed else float("nan")
    commonest = max(set(first), key=lambda name: (first.count(name), name))
    found.most = (commonest, first.count(commonest) / len(first))
    found.recall = {name: (float(np.mean(one)), len(one)) for name, one in hits.items() if len(one) >= FEWEST}
    found.error, found.bins = calibration(np.array(said), np.array(came), bins=10)
    for name, tag in zip(names, columns, strict=True):
        known = [row for row, song in enumerate(listened) if name in song.right or song.wrong(name)]
        known = [row for row in known if not np.isnan(shown[row, tag])]
        right = np.array([name in listened[row].right for row in known])
        if FEWEST <= right.sum() and FEWEST <= (~right).sum():
            found.areas[name] = auc(shown[known, tag], right.astype(float))
    found.area = float(np.mean(list(found.areas.values()))) if found.areas else float("nan")
    found.changes = answers.changes.get(kind, float("nan"))
    return found


def male_or_female(answers: Answers, listened: list[Song]) -> tuple[float, int]:
    """AUC of male against female voice on the songs that have one of them, and how many these are."""
    male, female = WIDE_INDEX["male voice"], WIDE_INDEX["female voice"]
    shown = answers.shown()
    rows = [
        row
        for row, song in enumerate(listened)
        if ("male voice" in song.right) != ("female voice" in song.right)
        and not np.isnan(shown[row, [male, female]]).any()
    ]
    odds = np.log(np.clip(shown, 1e-7, 1 - 1e-7) / np.clip(1 - shown, 1e-7, 1))
    score = odds[rows, male] - odds[rows, female]
    return auc(score, np.array([float("male voice" in listened[row].right) for row in rows])), len(rows)
