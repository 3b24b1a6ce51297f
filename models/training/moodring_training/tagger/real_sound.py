"""What a user sees: every listener's answers to labelled real sound, as the plugin shows them, against what is right.

A song's answers are averaged over all of it, tag by tag. Tags are ranked within their kind, and the same tags are ranked for
every listener: those of the shipped tagger. A tag that the one right is a kind of is right as well (a piano is a keyboard).
"""

from typing import Any

import numpy as np

from ..shared.files import write_json
from ..shared.paths import Paths
from ..shared.tables import print_table
from . import aims, headlines
from .figures import FEWEST, LIKELY, SURE, Answers, Figures, figures_of, male_or_female
from .head import net as head
from .labels import songs
from .labels.songs import Song
from .labels.vocabulary import KINDS, NAMES, of_kind
from .listeners import hearing, mn04, teachers
from .listeners.hearing import SHIPPED, Heard
from .measures import sigmoid, without_nan

JUDGED, TEACHERS = "shipped", "five teachers"
"""Who is held against the aims, and beside whom."""
SMALL = 3
"""Songs of a small run."""


def ensemble(heard: Heard) -> np.ndarray:
    """The five teachers' probabilities at their places: `[places, tags]`."""
    return sigmoid(teachers.ensemble(heard.answers, heard.teachers))


def listeners(paths: Paths, listened: list[Song], heard: list[Heard]) -> list[Answers]:
    """Everybody whose answers are compared."""
    network = mn04.Listener(paths.listener)

    def spoken(said: np.ndarray) -> np.ndarray:
        return said[~np.isnan(said).all(axis=1)]

    everybody = [
        Answers(
            JUDGED,
            [spoken(one.shipped) for one in heard],
            headlines.a_minute(paths, SHIPPED.parent, [song.path for song in listened]),
        ),
        Answers("mn04, mapped", [sigmoid(network.mapped(spoken(one.listened))) for one in heard]),
        Answers(TEACHERS, [ensemble(one) for one in heard]),
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
        "headline changes/min",
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
    for one in (answers for answers in everybody if answers.name == JUDGED):
        judged = {kind: every[JUDGED, kind] for kind in KINDS if every[JUDGED, kind].songs}
        voices, _ = male_or_female(one, listened)
        rows = aims.rows(judged, every.get((TEACHERS, "genre")), voices)
        print_table(f"Aims, {JUDGED}", ["what", "figure", "aim", ""], rows)
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
            everybody = listeners(paths, chosen, [said for _, said in some])
            summary[what.lower().replace(" ", "_")] = print_all(everybody, chosen, title, extra=not low)
    write_json(paths.work / "tagger" / "real_sound.json", without_nan(summary))
    return summary
