"""The evaluation step: all tables of the tagger."""

from ...shared.files import write_json
from ...shared.paths import Paths
from ...shared.tables import print_table
from .. import real_sound, rendered_sound
from ..labels.vocabulary import INDEX, KINDS, TAGS, of_kind
from ..measures import without_nan
from .candidates import ExportedStudent, Pilot, Report
from .held_out import held_out_packages, held_out_rendered, recorded
from .plots import plot_calibration, plot_tags
from .robustness import robustness


def evaluate(paths: Paths, small: bool) -> None:
    """Prints the tables, writes `evaluation.json` for the card and the plots into `figures`."""
    report = Report()
    # First, because they need no trained network: the shipped one is judged.
    report.summary["real_sound"] = real_sound.evaluate(paths, small)
    report.summary["rendered_sound"] = rendered_sound.evaluate(paths, small)
    student, pilot = ExportedStudent(paths, small), Pilot(paths)
    print(f"tagger, {student.heard}: {len(TAGS)} tags ({', '.join(f'{len(of_kind(kind))} {kind}' for kind in KINDS)})")
    taught = held_out_packages(report, paths, student, pilot)
    probability, right, known = held_out_rendered(report, paths, student, pilot)
    recorded(report, paths, student)
    sets = {"exact instruments, rendered": (probability[known > 0.5], right[known > 0.5])}
    if taught is not None:
        genres = len(of_kind("genre"))
        for name, columns in (("ensemble, genre", slice(0, genres)), ("ensemble, mood", slice(genres, None))):
            sets[name] = (taught[0][:, columns].ravel(), taught[1][:, columns].ravel())
    plot_calibration(report, sets, paths)
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
    plot_tags(report, paths)
    write_json(paths.work / "tagger" / "evaluation.json", without_nan({"summary": report.summary, "tags": report.tags}))
