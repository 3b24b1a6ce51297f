"""The tables: the student, the teachers and the pilot on what none of the student's training, choosing or calibrating saw."""

import json
import time
from dataclasses import dataclass

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import onnx
import onnxruntime
import torch

from .. import audio, common
from . import calibrating, data, display, music
from .exporting import build, session
from .instruments import UNLABELLED, labels
from .measures import auc, calibration, correlations, masked_aucs, without_nan
from .net import multiplications
from .tables import print_table
from .vocabulary import INDEX, KINDS, NAMES, TAGS, of_kind

TOP_SHARE = 0.1
"""Share of held-out chunks, those where the ensemble is surest, that count as having a tag where nobody labelled any."""


@dataclass
class Candidate:
    """One model's logits on all chunks of one set."""

    name: str
    logits: np.ndarray
    """`[chunks, tags]`, nan for tags that it doesn't have."""


def logit(probability: np.ndarray) -> np.ndarray:
    """log(p / (1 - p))."""
    clipped = np.clip(probability.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.log(clipped / (1 - clipped))


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + np.exp(-logits))


class Student:
    """The network as it will be exported, run by onnxruntime."""

    def __init__(self, paths: common.Paths) -> None:
        model, self.heard = calibrating.best(paths, torch.device("cpu"))
        slopes, offsets = calibrating.fit(paths, model, torch.device("cpu"))
        self.mmac = multiplications(model) / 1e6
        path = paths.work / "tagger" / "evaluated.onnx"
        with common.written_whole(path) as unfinished:
            onnx.save(build(model, slopes, offsets), unfinished)
        self.session = session(path)

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """Logits of chunks `[n, FRAMES, BANDS]`: `[n, tags]`."""
        return logit(run(self.session, levels))

    def milliseconds(self) -> float:
        """Median time of one answer on one thread of onnxruntime."""
        levels = np.random.default_rng(1).normal(-30, 10, (1, 1, audio.BANDS, audio.FRAMES)).astype(np.float32)
        times = []
        for _ in range(40):
            start = time.perf_counter()
            self.session.run(None, {"mel_db": levels})
            times.append(time.perf_counter() - start)
        return float(np.median(times)) * 1e3


def run(network: onnxruntime.InferenceSession, levels: np.ndarray) -> np.ndarray:
    """Probabilities of chunks `[n, FRAMES, BANDS]`, one by one."""
    return np.concatenate([network.run(None, {"mel_db": one.astype(np.float32).T[None, None]})[0] for one in levels])


def _bare(name: str) -> str:
    """A tag's name in the pilot's spelling: letters alone."""
    return "".join(letter for letter in name if letter.isalpha())


class Pilot:
    """The model that came before, where it is at hand: its tags in this vocabulary."""

    def __init__(self, paths: common.Paths) -> None:
        folder = paths.teachers.parent / "pilot"
        self.exists = (folder / "tagger.onnx").exists()
        if self.exists:
            self.session = session(folder / "tagger.onnx")
            names = [_bare(tag["name"]) for tag in json.loads((folder / "tagger.json").read_text())["tags"]]
            self.columns = [
                (names.index(_bare(name)), column) for column, name in enumerate(NAMES) if _bare(name) in names
            ]

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """Logits of chunks in this vocabulary's order, nan for tags that it doesn't have."""
        found = logit(run(self.session, levels))
        logits = np.full((len(levels), len(TAGS)), np.nan)
        for theirs, ours in self.columns:
            logits[:, ours] = found[:, theirs]
        return logits


def _mean(values: np.ndarray) -> str:
    """The mean of what is known, and of how many."""
    known = values[~np.isnan(values)]
    return f"{known.mean():.3f} ({len(known):2})" if len(known) else "-"


class Report:
    """Collects what is printed for the card and the plots."""

    def __init__(self) -> None:
        self.summary: dict[str, object] = {}
        self.tags: dict[str, dict[str, float]] = {name: {} for name in NAMES}


def held_out_packages(
    report: Report, paths: common.Paths, student: Student, pilot: Pilot
) -> tuple[np.ndarray, np.ndarray] | None:
    """Correlation with the ensemble, AUC of its surest tenth; gives (probability, ensemble's) for the calibration."""
    windows = data.Music(paths, "report")
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
    report: Report, paths: common.Paths, student: Student, pilot: Pilot
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """AUC of instruments on an unseen soundfont; gives (probability, label, known) of chunks for the calibration."""
    pieces = data.Pieces.load(paths, "report")
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


def recorded(report: Report, paths: common.Paths, student: Student) -> None:
    """Drum kits and speakers that training never heard: AUC of drums and voice against each other and the rendered pieces."""
    stems = data.Stems(paths.work / "tagger" / "stems-report")
    if not len(stems):
        return
    pieces = data.Pieces.load(paths, "report")
    rendered_levels, rendered_labels, rendered_known = pieces.chunks()
    middle = (stems.levels[0].shape[0] - audio.FRAMES) // 2
    levels = np.stack([stem[middle : middle + audio.FRAMES] for stem in stems.levels])
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


def robustness(report: Report, paths: common.Paths, student: Student) -> None:
    """Silence, noise, and the same sound at other levels."""
    random = np.random.default_rng(5)
    quiet = {
        "digital silence": np.zeros(audio.CHUNK),
        "white noise, -20 dBFS": random.normal(0, 0.1, audio.CHUNK),
        "white noise, -60 dBFS": random.normal(0, 0.001, audio.CHUNK),
        "pink noise, -20 dBFS": _pink(random) * 0.1,
        "50 Hz hum, -30 dBFS": 0.03 * np.sin(2 * np.pi * 50 * np.arange(audio.CHUNK) / audio.RATE),
        "1 kHz sine, -20 dBFS": 0.1 * np.sin(2 * np.pi * 1000 * np.arange(audio.CHUNK) / audio.RATE),
    }
    rows = []
    for name, sound in quiet.items():
        said = sigmoid(student(audio.mel_db(sound)[None]))[0]
        cells = [
            f"{NAMES[max(of_kind(kind), key=lambda tag: said[tag])]} {said[of_kind(kind)].max():.3f}" for kind in KINDS
        ]
        rows.append([name, *cells])
        report.summary.setdefault("most_confident_on_nothing", {})[name] = round(float(said.max()), 3)
    print_table("Silence and noise: the surest tag of each kind", ["sound", *KINDS], rows)
    waves = _waves_for_levels(paths)
    worst = 0.0
    rows = []
    for name, wave in waves.items():
        reference = sigmoid(student(audio.mel_db(wave)[None]))[0]
        changes = []
        for gain in (-6, -12, -20, -30, -40):
            said = sigmoid(student(audio.mel_db(wave * 10 ** (gain / 20))[None]))[0]
            changes.append(float(np.abs(said - reference).max()))
        worst = max(worst, *changes)
        rows.append([name, *(f"{change:.4f}" for change in changes)])
    print_table(
        "Greatest change of any tag's probability with level, from a peak of 0 dBFS",
        ["sound", "-6", "-12", "-20", "-30", "-40 dB"],
        rows,
    )
    report.summary["greatest_change_with_level"] = round(worst, 4)


def _pink(random: np.random.Generator) -> np.ndarray:
    """Noise of equal power an octave, of standard deviation 1."""
    spectrum = np.fft.rfft(random.normal(0, 1, audio.CHUNK))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    pink = np.fft.irfft(spectrum, audio.CHUNK)
    return pink / pink.std()


def _waves_for_levels(paths: common.Paths) -> dict[str, np.ndarray]:
    """A few chunks of sound at a peak of 1: one of the shipped excerpt, and arranged pieces on the unseen soundfont."""
    from .. import synthesis
    from .arranger import arrangement
    from .rendered import soundfonts

    waves = {}
    excerpt = common.ROOT / "tests" / "music"
    for path in sorted(excerpt.glob("*.ogg"))[:1]:
        waves[path.stem] = audio.decode(path, 10, 4)[: audio.CHUNK]
    random = np.random.default_rng(61)
    setting = synthesis.Setting(soundfonts(paths, "report", True)[0])
    pieces = [arrangement(random, 4.0, size) for size in (1, 1, 3, 5)]
    for number, wave in enumerate(synthesis.render(pieces, 4.0, setting)):
        families = "+".join(part.family for part in pieces[number])
        waves[families[:40]] = wave[: audio.CHUNK]
    return {name: wave / np.abs(wave).max() for name, wave in waves.items() if np.abs(wave).max() > 0}


def _calibration(report: Report, sets: dict[str, tuple[np.ndarray, np.ndarray]], paths: common.Paths) -> None:
    """Expected calibration error per set, and its plot."""
    figure, axes = plt.subplots(1, len(sets), figsize=(3.6 * len(sets), 3.4), squeeze=False)
    rows = []
    for axis, (name, (probability, outcome)) in zip(axes[0], sets.items(), strict=True):
        error, bins = calibration(probability, outcome)
        rows.append([name, f"{error:.4f}", str(len(probability))])
        report.summary.setdefault("expected_calibration_error", {})[name] = round(error, 4)
        axis.plot([0, 1], [0, 1], color="0.8")
        axis.plot([row[0] for row in bins], [row[1] for row in bins], "o-", markersize=3)
        axis.set(title=f"{name}\nECE {error:.3f}", xlabel="said", ylabel="came true", xlim=(0, 1), ylim=(0, 1))
    figure.tight_layout()
    _save(figure, paths, "tagger-calibration.png")
    print_table("Expected calibration error, 15 bins", ["against", "ECE", "answers"], rows)


def _save(figure: plt.Figure, paths: common.Paths, name: str) -> None:
    with common.written_whole(paths.out / "figures" / name) as unfinished:
        figure.savefig(unfinished, dpi=80)
    plt.close(figure)


def _plot_tags(report: Report, paths: common.Paths) -> None:
    """AUC of each tag: instruments against exact labels, the others against the ensemble's surest tenth."""
    shown = [
        (name, values.get("rendered_auc", values.get("held_out_auc_of_ensemble")))
        for name, values in report.tags.items()
    ]
    shown = [(name, value) for name, value in shown if value is not None]
    if not shown:
        return
    colours = {"genre": "tab:blue", "instrument": "tab:orange", "mood": "tab:green"}
    figure, axis = plt.subplots(figsize=(6, 0.135 * len(shown) + 1))
    axis.barh(
        [name for name, _ in shown],
        [value for _, value in shown],
        color=[colours[TAGS[INDEX[name]].kind] for name, _ in shown],
    )
    axis.set(
        xlim=(0.4, 1),
        xlabel="ROC-AUC: instruments on held-out rendered music, others against the teachers' surest tenth",
    )
    axis.invert_yaxis()
    axis.tick_params(axis="y", labelsize=6)
    axis.xaxis.label.set_size(7)
    axis.margins(y=0.005)
    axis.grid(axis="x", color="0.9")
    figure.tight_layout()
    _save(figure, paths, "tagger-auc.png")


def evaluate(paths: common.Paths, small: bool) -> None:
    """Prints the tables, writes `evaluation.json` for the card and the plots into `figures`."""
    report = Report()
    # First, because it needs no trained network: the shipped one is judged.
    report.summary["real_sound"] = display.evaluate(paths, small)
    student, pilot = Student(paths), Pilot(paths)
    print(f"tagger, {student.heard}: {len(TAGS)} tags ({', '.join(f'{len(of_kind(kind))} {kind}' for kind in KINDS)})")
    taught = held_out_packages(report, paths, student, pilot)
    probability, right, known = held_out_rendered(report, paths, student, pilot)
    recorded(report, paths, student)
    sets = {"exact instruments, rendered": (probability[known > 0.5], right[known > 0.5])}
    if taught is not None:
        genres = len(of_kind("genre"))
        for name, columns in (("ensemble, genre", slice(0, genres)), ("ensemble, mood", slice(genres, None))):
            sets[name] = (taught[0][:, columns].ravel(), taught[1][:, columns].ravel())
    _calibration(report, sets, paths)
    robustness(report, paths, student)
    report.summary["mmac"] = round(student.mmac, 1)
    print(
        f"\ncost of one answer: {student.mmac:.1f} MMAC, {student.milliseconds():.2f} ms in onnxruntime on one thread"
    )
    rows = [
        [
            name,
            TAGS[INDEX[name]].kind,
            *(
                f"{values[key]:.3f}" if key in values else "-"
                for key in ("held_out_correlation", "held_out_auc_of_ensemble", "rendered_auc")
            ),
        ]
        for name, values in report.tags.items()
    ]
    print_table("Per tag", ["tag", "kind", "r with ensemble", "AUC of its surest", "AUC, rendered"], rows)
    _plot_tags(report, paths)
    common.write_json(
        paths.work / "tagger" / "evaluation.json", without_nan({"summary": report.summary, "tags": report.tags})
    )
