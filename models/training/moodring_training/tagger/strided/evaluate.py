"""The strided network's tables and plots, on what none of its training saw."""

from collections.abc import Mapping

from ...shared.files import write_json
from ...shared.paths import Paths
from ...shared.tables import print_table
from ..labels.vocabulary import INDEX, KINDS, TAGS, of_kind
from ..measures import without_nan
from .candidates import ExportedStudent, Pilot, Report
from .held_out import held_out_packages, held_out_rendered, recorded
from .plots import plot_calibration, plot_tags
from .robustness import robustness


def evaluate(paths: Paths, small: bool, shipped: Mapping[str, object]) -> None:
    """Prints the tables, writes `evaluation.json` for the card and the plots into `figures`.

    `shipped` are the figures of the tagger that ships, which the card has beside them.
    """
    report = Report()
    report.summary.update(shipped)
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
