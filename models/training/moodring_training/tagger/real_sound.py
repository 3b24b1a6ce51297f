"""What a user sees: every listener's answers to labelled real sound, as the plugin shows them, against what is right.

A song's answers are averaged over all of it, tag by tag. Tags are ranked within their kind, and the same tags are ranked for
every listener: those of the shipped tagger. A tag that the one right is a kind of is right as well (a piano is a keyboard).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..shared.files import write_json
from ..shared.paths import Paths
from ..shared.tables import print_table
from .head import net as head
from .labels import songs
from .labels.audioset import WIDE_INDEX, WIDE_NAMES
from .labels.songs import Song
from .labels.vocabulary import KINDS, NAMES, of_kind
from .listeners import hearing, mn04, teachers
from .listeners.hearing import STEP, Heard
from .measures import auc, calibration, sigmoid, without_nan

AVERAGED = 8
"""Answers that the plugin averages over by default: 4 s."""
LIKELY, SURE = 0.2, 0.5
"""Above the first a tag is noticed, above the second it is believed."""
FEWEST = 5
"""Songs that a tag must be right for, and wrong for, to have an AUC."""
STEADY_SECONDS = 20.0
"""Songs that last so long are counted for changes of the headline."""
SMALL = 3
"""Songs of a small run."""


@dataclass
class Answers:
    """One listener's answers to songs."""

    name: str
    probabilities: list[np.ndarray]
    """Per song `[moments, tags]` of the wide vocabulary; nan for tags that the listener doesn't have."""
    live: bool = True
    """Whether the moments are the plugin's, STEP apart."""

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


def headline_changes(probabilities: np.ndarray) -> int:
    """How often the first tag changes: answers `[moments, tags]` of one kind, averaged as the plugin does."""
    if len(probabilities) <= AVERAGED:
        return 0
    sums = np.cumsum(np.concatenate([np.zeros((1, probabilities.shape[1])), probabilities]), axis=0)
    first = (sums[AVERAGED:] - sums[:-AVERAGED]).argmax(axis=1)
    return int((first[1:] != first[:-1]).sum())


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
    if answers.live:
        steady = [one[:, columns] for one in answers.probabilities if len(one) * STEP >= STEADY_SECONDS]
        minutes = sum(len(one) - AVERAGED for one in steady) * STEP / 60
        found.changes = sum(headline_changes(one) for one in steady) / minutes if minutes else float("nan")
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


def ensemble(heard: Heard) -> np.ndarray:
    """The five teachers' probabilities at their places: `[places, tags]`."""
    return sigmoid(teachers.ensemble(heard.answers, heard.teachers))


def listeners(paths: Paths, heard: list[Heard]) -> list[Answers]:
    """Everybody whose answers are compared."""
    network = mn04.Listener(paths.listener)

    def spoken(said: np.ndarray) -> np.ndarray:
        return said[~np.isnan(said).all(axis=1)]

    everybody = [
        Answers("shipped", [spoken(one.shipped) for one in heard]),
        Answers("mn04, mapped", [sigmoid(network.mapped(spoken(one.listened))) for one in heard]),
        Answers("five teachers", [ensemble(one) for one in heard], live=False),
    ]
    trained = head.load(paths)
    if trained is not None:
        said = [sigmoid(trained.logits(head.inputs_of(spoken(one.embedded), spoken(one.listened)))) for one in heard]
        everybody.append(Answers("head on mn04", said))
    return everybody


def _percent(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.0%}"


def _number(value: float, digits: int = 3) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}"


def print_all(everybody: list[Answers], listened: list[Song], title: str, extra: bool = True) -> dict[str, Any]:
    """Prints the table of a set of songs, and per tag and bin if `extra`; gives the figures for the card."""
    rows, summary = [], {}
    every: dict[tuple[str, str], Figures] = {}
    for answers in everybody:
        for kind in KINDS:
            found = figures_of(answers, listened, kind, of_kind(kind))
            every[answers.name, kind] = found
            if not found.songs:
                continue
            rows.append(
                [
                    answers.name,
                    f"{kind} ({found.songs})",
                    f"{_percent(found.first)} ({_percent(found.family)})",
                    _percent(found.third),
                    _percent(found.likely),
                    _percent(found.believed_wrong),
                    _number(found.changes, 1),
                    _number(found.error),
                    f"{_number(found.area)} ({len(found.areas)})",
                    f"{found.most[0]} {_percent(found.most[1])}",
                ]
            )
            summary[f"{answers.name}, {kind}"] = {
                "songs": found.songs,
                "first": round(found.first, 3),
                "first_in_family": round(found.family, 3),
                "in_top_3": round(found.third, 3),
                "above_20": round(found.likely, 3),
                "wrong_above_50": round(found.believed_wrong, 3),
                "headline_changes_a_minute": round(found.changes, 2),
                "calibration_error": round(found.error, 3),
                "auc": round(found.area, 3),
            }
    head = [
        "listener",
        "kind (songs)",
        "right first (family)",
        "in top 3",
        f"above {LIKELY:.0%}",
        f"a wrong one above {SURE:.0%}",
        "changes/min",
        "ECE",
        "macro AUC (tags)",
        "first most often",
    ]
    print_table(title, head, rows)
    for answers in everybody:
        area, count = male_or_female(answers, listened)
        if count:
            print(f"male or female voice, {answers.name}: AUC {_number(area)} ({count} songs)")
    if not extra:
        return summary
    names = [answers.name for answers in everybody]
    rows = []
    for kind in KINDS:
        for name in NAMES:
            cells = [every[one, kind].areas.get(name, float("nan")) for one in names]
            firsts = [every[one, kind].recall.get(name, (float("nan"), 0)) for one in names]
            if not np.isnan(cells).all() or any(count for _, count in firsts):
                count = max(count for _, count in firsts)
                rows.append([name, kind, str(count), *map(_number, cells), *(_percent(share) for share, _ in firsts)])
    print_table(
        f"Per tag with at least {FEWEST} songs that have it",
        ["tag", "kind", "songs", *(f"AUC {name}" for name in names), *(f"first {name}" for name in names)],
        rows,
    )
    rows = []
    for kind in KINDS:
        for name in names:
            bins = [f"{said:.2f}: {came:.2f} ({count})" for said, came, count in every[name, kind].bins]
            rows.append([kind, name, "  ".join(bins)])
    print_table("Reliability: shown: right (answers)", ["kind", "listener", "bins of .1"], rows)
    return summary


def evaluate(paths: Paths, small: bool) -> dict[str, Any]:
    """Prints the tables over all labelled real sound that is at hand; the figures for the card."""
    missing = [path for path in (paths.teachers, paths.listener) if not path.exists()]
    if missing:
        print(f"\nreal sound: left out, {missing[0]} is missing (--teachers, --listener)")
        return {}
    listed = songs.of_own(paths)
    if paths.music.exists():
        listed += songs.of_manifest(paths.music)
    else:
        print(f"\nreal sound: {paths.music} is missing (--music); only folders of local.toml are judged")
    listed = [song for song in listed if song.part == "report"]
    if small:
        listed = [song for song in listed if not song.low][:SMALL]
    if not listed:
        print("real sound: none")
        return {}
    heard = hearing.prepare(paths, listed)
    summary = {}
    for low, what in ((False, "Real sound"), (True, "Real sound of low fidelity")):
        some = [(song, said) for song, said in heard if song.low == low]
        if some:
            title = f"{what}, the reporting part: {len(some)} recordings, means over each as the plugin shows them"
            chosen = [song for song, _ in some]
            everybody = listeners(paths, [said for _, said in some])
            summary[what.lower().replace(" ", "_")] = print_all(everybody, chosen, title, extra=not low)
    write_json(paths.work / "tagger" / "real_sound.json", without_nan(summary))
    return summary
