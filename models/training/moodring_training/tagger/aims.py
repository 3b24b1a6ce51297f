"""What the tagger is to reach on labelled real sound, and whether it does."""

from collections.abc import Mapping

import numpy as np

from .figures import Figures

LARGEST_ERROR = 0.05
"""Expected calibration error of a kind."""
SMALLEST_AREA = 0.94
"""Macro AUC of the instruments."""
SMALLEST_VOICE_AREA = 0.90
"""AUC of male against female voice."""
AHEAD = 0.05
"""How far above the five teachers a right genre is to be first, and among three, as a share of the recordings."""
MOOD_RIGHT = 0.5
"""Share of the recordings whose first mood is right, or passes for it."""
MOST_WRONG = 0.1
"""Share of the recordings with a wrong tag above 50 %."""
EVERY_GENRE = 0.2
"""Share of a genre's recordings that it is to be first on."""
MOST_OF_ONE = 1 / 3
"""Share of the recordings that one tag may be first on."""


def rows(ours: Mapping[str, Figures], teachers: Figures | None, voices: float) -> list[list[str]]:
    """Aim, figure and `met` or `short`, a row each; what can't be judged is left out."""
    found: list[tuple[str, float, float, bool]] = []
    for kind, one in ours.items():
        found.append((f"{kind}: calibration error", one.error, LARGEST_ERROR, False))
        found.append((f"{kind}: a wrong tag above 50 %", one.believed_wrong, MOST_WRONG, False))
    if "instrument" in ours:
        found.append(("instrument: macro AUC", ours["instrument"].area, SMALLEST_AREA, True))
        found.append(("male against female voice: AUC", voices, SMALLEST_VOICE_AREA, True))
    if "mood" in ours:
        found.append(("mood: first right or passes for it", ours["mood"].family, MOOD_RIGHT, True))
    if "genre" in ours:
        genre = ours["genre"]
        if teachers is not None:
            found.append(("genre: right first, five teachers and 5 points", genre.first, teachers.first + AHEAD, True))
            found.append(
                ("genre: right in top 3, five teachers and 5 points", genre.third, teachers.third + AHEAD, True)
            )
        for name, (share, count) in sorted(genre.recall.items()):
            found.append((f"genre: {name} first, of its {count}", share, EVERY_GENRE, True))
        found.append((f"genre: most often first ({genre.most[0]})", genre.most[1], MOST_OF_ONE, False))
    return [
        [what, f"{figure:.3f}", f"{'at least' if upwards else 'at most'} {aim:.3f}", _word(figure, aim, upwards)]
        for what, figure, aim, upwards in found
        if not np.isnan(figure)
    ]


def _word(figure: float, aim: float, upwards: bool) -> str:
    # A share that is printed as the aim has reached it.
    met = figure >= aim - 5e-4 if upwards else figure <= aim + 5e-4
    return "met" if met else "short"
