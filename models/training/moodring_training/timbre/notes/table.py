"""The players that ship: what one soundfont's notes do, hop by hop, as a table that the plugin reads."""

import zlib
from pathlib import Path

import numpy as np

from ...shared import corpus
from ...shared.errors import PipelineError
from ...shared.files import read_json, write_card, written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end, soundfont, ways
from ..chords import colours, ear, lines
from ..recorded import CHOOSING, Instrument
from ..timbres import TIMBRES, Timbre
from . import harmonics
from .config import NotesConfig
from .evaluate import apart

SOUNDFONT, SMALL_SOUNDFONT = "musescore-general-soundfont", "fluid-soundfont-gm"
"""Whose players the names stand for: a name is one good player, not the mean over makers. Of four soundfonts its notes are nearest to
recorded ones (models/README.md), and its licence, MIT, lets what is measured on it ship."""
PITCH_RANGE_CENTS = (-80.0, 80.0)
RANGES = np.array(
    [
        *[harmonics.HARMONIC_RANGE_DB] * harmonics.HARMONICS,
        *[harmonics.NOISE_RANGE_DB] * harmonics.NOISE_BANDS,
        harmonics.LEVEL_RANGE_DB,
        PITCH_RANGE_CENTS,
    ]
)
"""[102, 2] dB, and cents at last: what a byte's 0 and STEPS stand for."""
AUDIBLE_DB = -35.0
"""A frame so far below its note's loudest has the pitch of the last that was louder."""
STEPS = 127
"""A byte's: of harmonics each is 0.55 dB."""
PACKING = 2
"""How pack() does it: a version."""
CANDIDATES = (
    "fluid-soundfont-gm", "musescore-general-soundfont", "csound-soundfont", "@coderline/alphatab", "minuet-data",
)  # fmt: skip
COMPARED = {"trumpet": 56, "violin": 40, "bassoon": 70, "tuba": 58, "piano": 0, "harp": 46}
"""General MIDI programs of the recorded instruments that may choose, by their names in CHOOSING."""
NAMED = {"trumpet": "trumpet", "violin": "violin", "bassoon": "bassoon", "piano": "grand-piano"}
"""Those of CHOOSING that have a player, by its id."""
COLOUR_DB, COLOURED_OCTAVES = -2.0, 3.0
"""By so much an octave of their numbers, up to the eighth, harmonics are drawn darker than the soundfont's. Levels at the table's lowest don't move,
so that this is what takes away the 1 dB an octave that recorded notes fall more, the mean over NAMED; see colour()."""
HELD_FRAMES = slice(4, 40)
"""Those that tell the colour: behind the attack, and before most recordings end."""
NOT_MEASURED = dict.fromkeys(ways.KINDS.values())
"""Of a player: how far solos go to it, told by its own recorded notes or by rendered ones; see ways.py."""
MOVING_PARTIALS = 10
COMPARED_VELOCITY, LOWEST, HIGHEST = 90, 36, 84


def folder(paths: Paths) -> Path:
    """Where the plugin looks for them."""
    return paths.out / "notes"


def quantised(drawn: np.ndarray) -> np.ndarray:
    """What is drawn, and how the pitch moves [..., 102], as bytes."""
    low, high = RANGES.T
    return np.round((np.clip(drawn, low, high) - low) / (high - low) * STEPS).astype(np.uint8)


def levels(table: np.ndarray) -> np.ndarray:
    """Bytes [..., 102] in dB and cents, as the plugin reads them."""
    low, high = RANGES.T
    return low + table / STEPS * (high - low)


def pack(table: np.ndarray) -> bytes:
    """A table [players, pitches, frames, 102] as its file: of each value the steps from frame to frame, modulo 256, deflated."""
    values = np.moveaxis(table, -1, -2)
    return zlib.compress(np.diff(values, axis=-1, prepend=np.uint8(0)).tobytes(), 9)


def unpack(packed: bytes, notes: tuple[int, int]) -> np.ndarray:
    """What pack() was given, for so many players and pitches."""
    steps = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(*notes, len(RANGES), len(harmonics.TIMES))
    return np.moveaxis(np.cumsum(steps, axis=-1, dtype=np.uint8), -1, -2)


def octaves() -> np.ndarray:
    """How far each harmonic is above the first, up to COLOURED_OCTAVES [60]."""
    return np.minimum(np.log2(np.arange(1, harmonics.HARMONICS + 1)), COLOURED_OCTAVES)


def coloured(drawn: np.ndarray) -> np.ndarray:
    """What is drawn of a soundfont's note [frames, 102], as dark as recorded notes are."""
    darker = drawn.copy()
    darker[:, : harmonics.HARMONICS] += COLOUR_DB * octaves()
    return darker


def fall(difference: np.ndarray) -> float:
    """Of levels of harmonics [60], in dB an octave: a line through the first, by least squares."""
    return float((difference * octaves()).sum() / (octaves() ** 2).sum())


def players() -> list[Timbre]:
    """The named timbres that have a pitch."""
    return [timbre for timbre in TIMBRES if timbre.programs]


def play(instrument: soundfont.Instrument, program: int, pitches: tuple[int, ...], velocity: int) -> np.ndarray:
    """One player's notes as bytes [pitches, frames, 102]. A note that the player lacks is that of the nearest pitch."""
    notes = [soundfont.Note(program, pitch, velocity) for pitch in pitches]
    found = [measured(samples, note.pitch) for note, samples in instrument.play(notes)]
    there = [number for number, note in enumerate(found) if note is not None]
    if not there:
        raise PipelineError(f"{instrument.name} has no program {program}")
    nearest = [min(there, key=lambda other, number=number: abs(other - number)) for number in range(len(found))]
    return np.stack([quantised(coloured(found[number])) for number in nearest])


def measured(samples: np.ndarray, pitch: int) -> np.ndarray | None:
    """What is drawn of a note, and at last how its pitch moves around its median, in cents [frames, 102]; None where it is silent."""
    found = harmonics.analysed(samples, pitch, strings=True)
    if found is None:
        return None
    drawn, tuned = found
    room = int(harmonics.TIMES[-1]) * front_end.HOP + harmonics.WINDOW
    samples = np.pad(samples[:room], (0, max(0, room - len(samples)))).astype(np.float32)
    power = harmonics.spectra(samples, harmonics.TIMES * front_end.HOP)
    heard = np.flatnonzero(drawn[:, -1] > AUDIBLE_DB)
    cents = movement(power[heard], float(harmonics.hertz(tuned)))
    cents = cents[np.clip(np.searchsorted(heard, np.arange(len(power)), side="right") - 1, 0, None)]
    return np.concatenate([drawn, cents[:, None]], axis=1)


def movement(power: np.ndarray, pitch_hz: float) -> np.ndarray:
    """How a pitch moves around its median, in cents [frames], from its first partials' peaks in power [frames, bins].

    Each peak is that of a parabola through the log powers of three bins, which for Hann's window is near to the truth. A partial counts
    by its amplitude and its number: the higher, the finer.
    """
    sums, weights = np.zeros(len(power)), np.full(len(power), 1e-12)
    for number in range(1, MOVING_PARTIALS + 1):
        place = number * pitch_hz / harmonics.BIN_HZ
        reach = int(np.ceil(min(2 + place * 0.05, 0.45 * pitch_hz / harmonics.BIN_HZ)))
        first = round(place) - reach
        around = np.log(power[:, first - 1 : round(place) + reach + 2] + 1e-20)
        peak = around[:, 1:-1].argmax(axis=1) + 1
        rows = np.arange(len(power))
        left, middle, right = (around[rows, peak + aside] for aside in (-1, 0, 1))
        bend = left - 2 * middle + right
        found = first - 1 + peak + np.clip(0.5 * (left - right) / np.where(bend < 0, bend, -1), -0.5, 0.5)
        cents = 1_200 * np.log2(found / place)
        weight = number * np.exp(middle / 2) * (bend < 0)
        sums += weight * np.clip(cents - np.median(cents), *PITCH_RANGE_CENTS)
        weights += weight
    return sums / weights


def compare(paths: Paths) -> None:
    """Prints how near each soundfont's notes are to recorded ones of the same instruments: what chose SOUNDFONT, without the judge."""
    listed = {package.name: package for package in corpus.manifest()}
    recorded = {
        program: [(pitch, found[0]) for pitch, found in _recorded(Instrument(paths, CHOOSING[name])) if found]
        for name, program in COMPARED.items()
    }
    for name in CANDIDATES:
        instrument = soundfont.Instrument(name, corpus.unpack(paths, listed[name]))
        rows = []
        for program, notes in recorded.items():
            played = instrument.play([soundfont.Note(program, pitch, COMPARED_VELOCITY) for pitch, _ in notes])
            both = [
                (found[0], meant)
                for (note, samples), (_, meant) in zip(played, notes, strict=True)
                if (found := harmonics.analysed(samples, note.pitch, strings=True))
            ]
            far = apart(*(np.array(each) for each in zip(*both, strict=True)))
            rows.append((far.harmonics, far.noise, far.level, far.whole))
        means = np.mean(rows, axis=0)
        print(f"{name}: harmonics {means[0]:.2f}, noise {means[1]:.2f}, level {means[2]:.2f}, mean {means[3]:.2f} dB")


def colour(paths: Paths) -> None:
    """Prints how much more the harmonics of recorded notes fall than those of the table that ships: what set COLOUR_DB."""
    card = read_json(folder(paths) / "card.json")
    ids, pitches = [player["id"] for player in card["players"]], card["pitches"]
    table = levels(unpack((folder(paths) / "players.bin").read_bytes(), (len(ids), len(pitches))))
    falls = {}
    for name, player in NAMED.items():
        recorded = {pitch: found[0] for pitch, found in _recorded(Instrument(paths, CHOOSING[name])) if found}
        differences = [
            recorded[pitch][HELD_FRAMES, : harmonics.HARMONICS] - note[HELD_FRAMES, : harmonics.HARMONICS]
            for pitch, note in zip(pitches, table[ids.index(player)], strict=True)
            if pitch in recorded
        ]
        falls[name] = fall(np.mean(differences, axis=(0, 1)))
    each = ", ".join(f"{name} {value:+.2f}" for name, value in falls.items())
    print(f"recorded harmonics over the table's, dB an octave: {each}; mean {np.mean(list(falls.values())):+.2f}")


def _recorded(instrument: Instrument) -> list[tuple[int, tuple[np.ndarray, float] | None]]:
    pitches = [int(pitch) for pitch in instrument.pitches if LOWEST <= pitch <= HIGHEST]
    return [(pitch, harmonics.analysed(instrument.recording(pitch), float(pitch), strings=True)) for pitch in pitches]


def export(paths: Paths, small: bool) -> None:
    """Writes players.bin, ear.onnx, colours.bin, lines.bin and card.json."""
    played = NotesConfig.read(small).material
    name = SMALL_SOUNDFONT if small else SOUNDFONT
    package = next(entry for entry in corpus.manifest() if entry.name == name)
    instrument = soundfont.Instrument(package.name, corpus.unpack(paths, package))
    named, known = players(), read_json(ways.path(paths)) or {}
    table = np.stack(
        [
            play(instrument, timbre.programs[0], played.pitches, played.table_velocity)
            for timbre in progress(named, "players")
        ]
    )
    out = folder(paths)
    with written_whole(out / "players.bin") as unfinished:
        unfinished.write_bytes(pack(table))
    stored = colours.Stored(named, levels(table), np.array(played.pitches), played.table_velocity, STEPS)
    card = {
        "schema": 1,
        "kind": "notes",
        "name": "Moodring players" + (" (small run)" if small else ""),
        "version": "2",
        "licence": "MIT: measured on notes of MuseScore General, as Debian's musescore-general-soundfont has them; see LICENCE.md",
        "table": {"version": PACKING, "steps": STEPS},
        "frames": {
            "sample_rate": front_end.SAMPLE_RATE,
            "hop": front_end.HOP,
            "window": harmonics.WINDOW,
            "level_window": harmonics.LEVEL_WINDOW,
            "at_hops": harmonics.TIMES.tolist(),
        },
        "harmonics": {"number": harmonics.HARMONICS, "range_db": list(harmonics.HARMONIC_RANGE_DB)},
        "noise": {
            "edges_hz": [round(float(edge), 3) for edge in harmonics.NOISE_EDGES_HZ],
            "range_db": list(harmonics.NOISE_RANGE_DB),
        },
        "level": {"range_db": list(harmonics.LEVEL_RANGE_DB)},
        "pitch": {"range_cents": list(PITCH_RANGE_CENTS)},
        "ear": ear.export(ear.load(paths), out),
        "colours": colours.export(paths, out, stored, small),
        "lines": lines.export(paths, out, stored, small),
        "pitches": list(played.pitches),
        "velocity": played.table_velocity,
        "players": [
            {
                "id": timbre.id,
                "name": timbre.name,
                "program": timbre.programs[0],
                **NOT_MEASURED,
                **known.get(timbre.name, {}),
            }
            for timbre in named
        ],
    }
    files = {"players": "players.bin", "ear": "ear.onnx", "colours": "colours.bin", "lines": "lines.bin"}
    print(f"card: {write_card(out, card, files)}")


def recolour(paths: Paths, small: bool) -> None:
    """Measures the colours of the players that are there anew: colours.bin, lines.bin and what the card says of them. All else stays.

    # Errors
    Raises PipelineError where there are no players, or others than the named timbres.
    """
    out, named = folder(paths), players()
    card = read_json(out / "card.json")
    if card is None:
        raise PipelineError(f"there are no players in {out}: run the export step first")
    if [player["id"] for player in card["players"]] != [timbre.id for timbre in named]:
        raise PipelineError(f"the players in {out} aren't those of the named timbres: run the export step anew")
    drawn = levels(unpack((out / "players.bin").read_bytes(), (len(named), len(card["pitches"]))))
    stored = colours.Stored(named, drawn, np.array(card["pitches"]), card["velocity"], STEPS)
    card["colours"] = colours.export(paths, out, stored, small)
    card["lines"] = lines.export(paths, out, stored, small)
    files = {role: entry["file"] for role, entry in card.pop("files").items()}
    print(f"card: {write_card(out, card, files)}")
