"""What a rendered part is: General MIDI programs by family, how each is played, and what is exactly known about it."""

from dataclasses import dataclass

import numpy as np

from .vocabulary import INDEX, NAMES, of_kind

DRUM_CHANNEL = 9


@dataclass(frozen=True)
class Family:
    """Programs that carry the same labels."""

    name: str
    programs: tuple[int, ...]
    """General MIDI programs from 0; drum kits for the drum families; empty for what is recorded."""
    tags: tuple[str, ...]
    """Instruments that it is."""
    unsure: tuple[str, ...] = ()
    """Instruments of which listeners would disagree: neither right nor wrong."""
    styles: tuple[str, ...] = ("melody", "chords", "arpeggio", "notes")
    """Ways of playing, see arranger."""
    lowest: int = 48
    highest: int = 84
    """MIDI pitches."""
    weight: float = 1.0
    """How often an arrangement has it."""


_HELD = ("melody", "sustain", "notes", "melody")
_PLUCKED = ("arpeggio", "chords", "melody", "notes")

FAMILIES: tuple[Family, ...] = (
    Family("piano", (0, 1, 3), ("piano", "keyboard"), lowest=33, highest=93, weight=2.5),
    Family("electric grand", (2,), ("keyboard",), ("piano", "electric piano"), lowest=36, highest=88, weight=0.3),
    Family(
        "electric piano",
        (4, 5),
        ("electric piano", "keyboard"),
        ("piano", "synthesizer"),
        lowest=36,
        highest=86,
        weight=2,
    ),
    Family("harpsichord", (6,), ("harpsichord", "keyboard"), lowest=36, highest=86, weight=1.3),
    Family(
        "clavinet", (7,), ("keyboard",), ("harpsichord", "electric piano"), ("chords", "melody", "arpeggio"), weight=0.4
    ),
    Family(
        "mallets",
        (8, 9, 10, 11, 12, 13, 14, 108, 114),
        ("mallets",),
        ("keyboard",),
        ("arpeggio", "melody", "notes"),
        60,
        96,
        1.5,
    ),
    Family(
        "organ",
        (16, 17, 18, 19, 20),
        ("organ", "keyboard"),
        ("synthesizer",),
        ("sustain", "chords", "melody", "notes"),
        36,
        86,
        2,
    ),
    Family("accordion", (21, 22, 23), (), ("keyboard", "organ", "woodwind"), _HELD, 52, 86, 0.6),
    Family("acoustic guitar", (24, 25), ("acoustic guitar", "guitar"), (), _PLUCKED, 40, 79, 2.5),
    Family(
        "electric guitar",
        (26, 27, 28, 29, 30),
        ("electric guitar", "guitar"),
        (),
        ("riff", "chords", "melody", "arpeggio", "notes"),
        38,
        81,
        3,
    ),
    Family("bass", (32, 33, 34, 35, 36, 37), ("bass",), (), ("bassline", "bassline", "notes"), 26, 50, 3),
    Family(
        "synth bass",
        (38, 39),
        ("bass", "synthesizer"),
        ("keyboard", "computer"),
        ("bassline", "bassline", "notes"),
        26,
        50,
        1.2,
    ),
    Family("violin", (40, 110), ("violin", "strings"), (), _HELD, 55, 95, 1.8),
    Family("viola", (41,), ("strings",), ("violin", "cello"), _HELD, 48, 80, 0.5),
    Family("cello", (42,), ("cello", "strings"), (), _HELD, 36, 72, 1.6),
    Family("contrabass", (43,), ("strings",), ("bass", "cello"), _HELD, 28, 55, 0.3),
    Family("harp", (46,), ("harp",), ("strings",), ("arpeggio", "melody", "notes"), 36, 92, 1.4),
    Family("timpani", (47,), (), ("drums",), ("notes",), 36, 57, 0.3),
    Family("strings", (44, 45, 48, 49), ("strings",), ("violin", "cello"), ("sustain", "chords", "melody"), 40, 88, 2),
    Family(
        "synth strings",
        (50, 51),
        ("synthesizer",),
        ("strings", "violin", "cello", "keyboard"),
        ("sustain", "chords"),
        40,
        84,
        0.6,
    ),
    Family(
        "choir",
        (52, 53),
        ("choir", "voice"),
        ("female voice", "male voice", "synthesizer"),
        ("sustain", "melody", "notes"),
        45,
        79,
        1.8,
    ),
    Family(
        "trumpet and horns",
        (56, 57, 58, 59, 60, 61),
        ("brass",),
        (),
        ("melody", "sustain", "notes", "chords"),
        41,
        82,
        2,
    ),
    Family(
        "synth brass", (62, 63), ("synthesizer",), ("brass", "keyboard"), ("chords", "sustain", "melody"), 43, 82, 0.4
    ),
    Family("saxophone", (64, 65, 66, 67), ("woodwind",), ("brass", "flute"), _HELD, 44, 82, 1),
    Family("reeds", (68, 69, 70, 71, 111), ("woodwind",), (), _HELD, 44, 86, 1),
    Family("flute", (72, 73), ("flute", "woodwind"), (), _HELD, 60, 94, 1.6),
    Family("pipes", (74, 75, 77, 78, 79), ("woodwind",), ("flute",), _HELD, 60, 90, 0.6),
    Family(
        "synth lead",
        (80, 81, 82, 83, 84, 86, 87),
        ("synthesizer",),
        ("keyboard", "computer", "electric guitar"),
        ("melody", "arpeggio", "riff", "notes"),
        45,
        90,
        1.8,
    ),
    Family(
        "synth pad",
        (88, 89, 90, 92, 93, 94, 95, 96, 98, 99),
        ("synthesizer",),
        ("keyboard", "strings", "choir", "voice"),
        ("sustain", "chords"),
        40,
        84,
        1.5,
    ),
    Family("sitar", (104,), ("sitar",), ("guitar",), ("melody", "riff", "arpeggio", "notes"), 45, 80, 1.2),
    Family(
        "lutes",
        (105, 106, 107),
        (),
        ("guitar", "acoustic guitar", "harp", "sitar"),
        ("arpeggio", "melody"),
        45,
        80,
        0.5,
    ),
    Family("drums", (0, 8, 16, 32, 40), ("drums",), ("drum machine",), ("drums",), weight=3.5),
    Family("drum machine", (24, 25), ("drum machine",), ("drums",), ("drums",), weight=1.6),
    Family("recorded drums", (), ("drums",), ("drum machine",), ()),
    Family("recorded drum machine", (), ("drum machine",), ("drums", "synthesizer"), ()),
    Family("recorded electric guitar", (), ("electric guitar", "guitar"), (), ()),
    Family("recorded bass", (), ("bass",), ("synthesizer",), ()),
    Family("female speech", (), ("voice", "female voice"), ("choir",), ()),
    Family("male speech", (), ("voice", "male voice"), ("choir",), ()),
    Family("speech", (), ("voice",), ("choir", "female voice", "male voice"), ()),
    Family("tone", (), (), ("synthesizer",), ()),
    Family("noise", (), (), (), ()),
)

BY_NAME = {family.name: family for family in FAMILIES}

NOT_MUSIC = ("tone", "noise")
"""What has no genre and no mood, and no instrument that is known."""
UNLABELLED = ("computer",)
"""Instruments that no rendering can label."""


def labels(families: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """What is known of parts that sound at once: targets and their mask, float32 `[tags]` each.

    A tag is wrong only if every part is sure of that. Genre and mood are unknown, but for what is not music: that has none.
    """
    target = np.zeros(len(NAMES), np.float32)
    known = np.zeros(len(NAMES), np.float32)
    known[of_kind("instrument")] = 1
    for name in families:
        family = BY_NAME[name]
        known[[INDEX[tag] for tag in (*family.unsure, *UNLABELLED)]] = 0
    for name in families:
        columns = [INDEX[tag] for tag in BY_NAME[name].tags]
        target[columns] = 1
        known[columns] = 1
    if families and all(name in NOT_MUSIC for name in families):
        known[:] = 1
        known[[INDEX[tag] for name in families for tag in BY_NAME[name].unsure]] = 0
    return target, known
