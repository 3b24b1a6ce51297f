"""The student, the teachers and the pilot on what none of the student's training, choosing or calibrating saw."""

import numpy as np

from ...shared.paths import Paths
from ...shared.tables import print_table
from .. import front_end
from ..labels.instruments import UNLABELLED, labels
from ..labels.vocabulary import KINDS, NAMES, TAGS, of_kind
from ..material import music
from ..measures import auc, correlations, masked_aucs, sigmoid
from .candidates import Candidate, ExportedStudent, Pilot, Report
from .examples import Music, Pieces, Stems

TOP_SHARE = 0.1
"""Share of held-out chunks, those where the ensemble is surest, that count as having a tag where nobody labelled any."""


def _mean(values: np.ndarray) -> str:
    """The mean of what is known, and of how many."""
    known = values[~np.isnan(values)]
    return f"{known.mean():.3f} ({len(known):2})" if len(known) else "-"


def held_out_packages(
    report: Report, paths: Paths, student: ExportedStudent, pilot: Pilot
) -> tuple[np.ndarray, np.ndarray] | None:
    """Correlation with the ensemble, AUC of its surest tenth; gives (probability, ensemble's) for the calibration."""
    windows = Music(paths, "report")
    if len(windows) < 2:
        print("\nheld-out packages: none analysed (no teachers)")
        return None
    chunks = windows.chunks()
    levels, target, taught = chunks.levels, chunks.target, chunks.answers
    candidates = [Candidate("student", student(levels))]
    if pilot.exists:
        candidates.append(Candidate("pilot", pilot(levels)))
    candidates += [Candidate(f"teacher {name}", logits) for name, logits in zip(windows.teachers, taught, strict=True)]
    surest = target >= np.nanquantile(target, 1 - TOP_SHARE, axis=0)
    rows, student_correlation = [], np.full(len(TAGS), np.nan)
    for candidate in candidates:
        has = ~np.isnan(candidate.logits[0]) & ~np.isnan(target[0])
        correlation, area = np.full(len(TAGS), np.nan), np.full(len(TAGS), np.nan)
        correlation[has] = correlations(candidate.logits[:, has].astype(float), target[:, has].astype(float))
        area[has] = [auc(candidate.logits[:, tag], surest[:, tag]) for tag in np.flatnonzero(has)]
        cells = [_mean(correlation[of_kind(kind)]) for kind in KINDS] + [_mean(area[of_kind(kind)]) for kind in KINDS]
        rows.append([candidate.name, *cells])
        if candidate.name == "student":
            student_correlation = correlation
            taught_tags = of_kind("genre") + of_kind("mood")
            report.summary["correlation_genre_mood"] = round(float(np.nanmean(correlation[taught_tags])), 3)
            for kind in KINDS:
                report.summary[f"correlation_{kind}"] = round(float(np.nanmean(correlation[of_kind(kind)])), 3)
                report.summary[f"auc_of_ensembles_surest_{kind}"] = round(float(np.nanmean(area[of_kind(kind)])), 3)
            for tag in np.flatnonzero(has):
                report.tags[NAMES[tag]]["held_out_correlation"] = round(float(correlation[tag]), 3)
                report.tags[NAMES[tag]]["held_out_auc_of_ensemble"] = round(float(area[tag]), 3)
    print_table(
        f"Held-out packages: {len(levels)} chunks of {len(set(windows.packages))} packages. Correlation of logits with the "
        f"ensemble of teachers (FCN and Musicnn make it up), and ROC-AUC of the {TOP_SHARE:.0%} of chunks where it is surest; (tags)",
        ["model", *(f"r {kind}" for kind in KINDS), *(f"AUC {kind}" for kind in KINDS)],
        rows,
    )
    groups = [chunks.windows == window for window in np.unique(chunks.windows)]
    window_mean = np.stack([candidates[0].logits[group].mean(axis=0) for group in groups])
    target_mean = np.stack([target[group].mean(axis=0) for group in groups])
    taught_tags = np.array(of_kind("genre") + of_kind("mood"))
    if pilot.exists:
        shared = np.array([tag for tag in taught_tags if not np.isnan(candidates[1].logits[0, tag])])
        both = [
            float(np.nanmean(correlations(one.logits[:, shared].astype(float), target[:, shared].astype(float))))
            for one in candidates[:2]
        ]
        print(
            f"on the {len(shared)} tags of genre and mood that the pilot has too: student {both[0]:.3f}, pilot {both[1]:.3f}"
        )
        report.summary["correlation_on_the_pilots_tags"] = {"student": round(both[0], 3), "pilot": round(both[1], 3)}
    whole = float(np.nanmean(correlations(window_mean[:, taught_tags], target_mean[:, taught_tags].astype(float))))
    report.summary["correlation_genre_mood_29s"] = round(whole, 3)
    print(
        f"student, genre and mood: {np.nanmean(student_correlation[taught_tags]):.3f} a chunk, {whole:.3f} over 29 s (5 chunks)"
    )
    return sigmoid(candidates[0].logits[:, taught_tags]), sigmoid(target[:, taught_tags])


def held_out_rendered(
    report: Report, paths: Paths, student: ExportedStudent, pilot: Pilot
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """AUC of instruments on an unseen soundfont; gives (probability, label, known) of chunks for the calibration."""
    pieces = Pieces.load(paths, "report")
    levels, chunk_labels, chunk_known = pieces.chunks()
    count = len(music.POSITIONS)
    per_chunk = student(levels)
    candidates = [Candidate("student", per_chunk)]
    if pilot.exists:
        candidates.append(Candidate("pilot", pilot(levels)))
    for name, answers in zip(pieces.teachers, pieces.answers, strict=True):
        candidates.append(Candidate(f"teacher {name}", answers.reshape(-1, len(TAGS))))
    rated = [tag for tag in of_kind("instrument") if NAMES[tag] not in UNLABELLED]
    areas: dict[str, np.ndarray] = {}
    rows = []
    for candidate in candidates:
        over_piece = candidate.logits.reshape(-1, count, len(TAGS)).mean(axis=1)
        found = {"all": masked_aucs(over_piece, pieces.labels, pieces.known)}
        for origin in ("arranger, solo", "arranger, ensemble", "score"):
            inside = pieces.origins == origin
            if inside.any():
                found[origin] = masked_aucs(over_piece[inside], pieces.labels[inside], pieces.known[inside], least=2)
        has = ~np.isnan(candidate.logits[0])
        for area in found.values():
            area[~has] = np.nan
        areas[candidate.name] = found["all"]
        chunk_area = masked_aucs(candidate.logits, chunk_labels, chunk_known)
        chunk_area[~has] = np.nan
        origins = [
            _mean(found[origin][rated]) if origin in found else "-"
            for origin in ("arranger, solo", "arranger, ensemble", "score")
        ]
        rows.append([candidate.name, _mean(found["all"][rated]), *origins, _mean(chunk_area[rated])])
        if candidate.name == "student":
            report.summary["instruments_auc_29s"] = round(float(np.nanmean(found["all"][rated])), 3)
            report.summary["instruments_auc_chunk"] = round(float(np.nanmean(chunk_area[rated])), 3)
            for tag in rated:
                if not np.isnan(found["all"][tag]):
                    report.tags[NAMES[tag]]["rendered_auc"] = round(float(found["all"][tag]), 3)
    print_table(
        f"Held-out rendered music: {len(pieces.levels)} pieces of 29 s, a soundfont that training never heard, and scores beside "
        "the arranger's pieces. Macro ROC-AUC of instruments; (tags with at least 3 pieces of either kind)",
        ["model", "all", "solo", "ensemble", "scores", "all, 3.7-s chunks"],
        rows,
    )
    rivals = [name for name in areas if name.startswith("teacher")]
    rows = []
    for tag in rated:
        known = [(areas[name][tag], name.removeprefix("teacher ")) for name in rivals if not np.isnan(areas[name][tag])]
        best = max(known, default=(float("nan"), "-"))
        positives = int((pieces.labels[:, tag] * pieces.known[:, tag]).sum())
        pilot_area = areas["pilot"][tag] if "pilot" in areas else float("nan")
        figures = ["-" if np.isnan(value) else f"{value:.3f}" for value in (areas["student"][tag], pilot_area, best[0])]
        rows.append([NAMES[tag], str(positives), *figures, best[1]])
    print_table(
        "Per instrument on held-out rendered music",
        ["tag", "pieces", "student", "pilot", "best teacher", "which"],
        rows,
    )
    columns = np.array(rated)
    return sigmoid(per_chunk[:, columns]), chunk_labels[:, columns], chunk_known[:, columns]


def recorded(report: Report, paths: Paths, student: ExportedStudent) -> None:
    """Drum kits and speakers that training never heard: AUC of drums and voice against each other and the rendered pieces."""
    stems = Stems(paths.work / "tagger" / "stems-report")
    if not len(stems):
        return
    pieces = Pieces.load(paths, "report")
    rendered_levels, rendered_labels, rendered_known = pieces.chunks()
    middle = (stems.levels[0].shape[0] - front_end.FRAMES) // 2
    levels = np.stack([stem[middle : middle + front_end.FRAMES] for stem in stems.levels])
    exact = [labels([family]) for family in stems.families]
    logits = np.concatenate([student(levels), student(rendered_levels)])
    right = np.concatenate([np.stack([target for target, _ in exact]), rendered_labels])
    known = np.concatenate([np.stack([known for _, known in exact]), rendered_known])
    # Positives are recorded ones only; whatever lacks the instrument for certain is a negative.
    known[len(levels) :] *= 1 - rendered_labels
    areas = masked_aucs(logits, right, known)
    rows = [
        [NAMES[tag], str(int(right[: len(levels), tag].sum())), f"{areas[tag]:.3f}"]
        for tag in np.flatnonzero(~np.isnan(areas))
    ]
    print_table(
        "Recorded drum kits and speakers that training never heard, among the rendered chunks",
        ["tag", "stems", "AUC"],
        rows,
    )
    report.summary["recorded_auc"] = {row[0]: float(row[2]) for row in rows}
