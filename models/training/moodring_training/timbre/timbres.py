"""The named timbres: which General MIDI sounds each name stands for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timbre:
    """A name in the plugin's Target menu. Ids and their order are saved in host projects: add at the end only."""

    name: str
    id: str
    programs: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()
    """Percussion keys."""
    judged: bool = True
    """Whether notes are counted as its own; not where another name is more exact."""


TIMBRES = (
    Timbre("Grand piano", "grand-piano", (0, 1)),
    Timbre("Electric piano", "electric-piano", (4, 5)),
    Timbre("Harpsichord", "harpsichord", (6,)),
    Timbre("Celesta & glockenspiel", "celesta-glockenspiel", (8, 9)),
    Timbre("Vibraphone & marimba", "vibraphone-marimba", (11, 12)),
    Timbre("Tubular bells", "tubular-bells", (14,)),
    Timbre("Drawbar organ", "drawbar-organ", (16, 17)),
    Timbre("Church organ", "church-organ", (19,)),
    Timbre("Accordion", "accordion", (21,)),
    Timbre("Nylon guitar", "nylon-guitar", (24,)),
    Timbre("Steel guitar", "steel-guitar", (25,)),
    Timbre("Clean electric guitar", "clean-electric-guitar", (26, 27)),
    Timbre("Distorted guitar", "distorted-guitar", (29, 30)),
    Timbre("Acoustic bass", "acoustic-bass", (32,)),
    Timbre("Electric bass", "electric-bass", (33, 34)),
    Timbre("Synth bass", "synth-bass", (38, 39)),
    Timbre("Violin", "violin", (40,)),
    Timbre("Cello", "cello", (42,)),
    Timbre("String ensemble", "string-ensemble", (48, 49)),
    Timbre("Choir", "choir", (52, 53)),
    Timbre("Trumpet", "trumpet", (56,)),
    Timbre("Trombone & horn", "trombone-horn", (57, 60)),
    Timbre("Alto sax", "alto-sax", (65,)),
    Timbre("Clarinet", "clarinet", (71,)),
    Timbre("Flute", "flute", (73,)),
    Timbre("Synth lead saw", "synth-lead-saw", (81,)),
    Timbre("Synth pad", "synth-pad", (88, 89, 90)),
    Timbre("Sitar", "sitar", (104,)),
    Timbre("Percussion kit", "percussion-kit", keys=tuple(range(35, 82)), judged=False),
    Timbre("Kick drum", "kick-drum", keys=(35, 36)),
    Timbre("Snare drum", "snare-drum", keys=(38, 40)),
    Timbre("Hi-hat", "hi-hat", keys=(42, 44, 46)),
    Timbre("Cymbals", "cymbals", keys=(49, 51, 52, 55, 57, 59)),
    Timbre("Toms", "toms", keys=(41, 43, 45, 47, 48, 50)),
    Timbre("Oboe", "oboe", (68,)),
    Timbre("Bassoon", "bassoon", (70,)),
    Timbre("Synth voice", "synth-voice", (54,)),
)

CORE = (
    "grand-piano electric-piano harpsichord vibraphone-marimba drawbar-organ church-organ accordion nylon-guitar "
    "distorted-guitar acoustic-bass synth-bass violin cello string-ensemble choir trumpet alto-sax clarinet flute "
    "synth-lead-saw kick-drum snare-drum hi-hat cymbals"
).split()
"""The 24 of the table that is judged: one of each kind, chosen before any model was judged by them."""
