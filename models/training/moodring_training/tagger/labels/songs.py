"""Labelled real sound: a folder of free songs with a manifest, and folders of one's own, in this project's tags.

A folder of music has `manifest.csv` (columns id, artist, genre, instruments, vocal, nc, fidelity) and `audio/<id>.ogg`.
Words in `genre` and `instruments` are separated by commas. `nc` marks what may be judged by and not be taught with.
"""

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from ...shared.errors import PipelineError
from ...shared.paths import Paths
from . import local
from .audioset import WIDE, WIDE_INDEX, ancestors, family, kin

PARTS = ("teach", "choose", "calibrate", "report")

PART_OF_ARTIST = {
    # Half of all the sound is one composer's: he teaches, or there is nothing to teach with.
    "Kevin MacLeod": "teach",
    "Frank Nora": "teach",
    "Jason Shaw (Audionautix)": "choose",
    "Scratch (MIT Media Lab)": "choose",
    "HoliznaCC0": "calibrate",
    "Canonical": "calibrate",
    "Dr. MAD / New Wave Labs": "report",
    "GCompris (S. Dechy, J. Blanchard, J. Jules, C. Tuvuku)": "report",
}
"""Artists with many pieces; the others are drawn by their name."""
_DRAWN = (("report", 50), ("choose", 70), ("calibrate", 85), ("teach", 100))

SPEAKERS = {
    "VCTK p240": "female voice",
    "VCTK p260": "male voice",
    "LibriSpeech 1320": "male voice",
    "LibriSpeech 3575": "female voice",
    "LibriSpeech 6829": "female voice",
    "LibriSpeech 8230": "male voice",
}
"""By the median pitch of the samples: 108 to 116 Hz, and 181 to 223 Hz."""

WORDS: dict[str, str] = {
    "80s synth": "electronic",
    "a cappella": "voice",
    "a cappella singing": "singing",
    "aboriginal": "world",
    "accordion solo": "accordion",
    "acid jazz": "jazz",
    "acoustic": "acoustic",
    "acoustic guitar loop": "acoustic guitar",
    "african": "african",
    "alternative rock": "alternative rock",
    "ambient": "ambient",
    "arabic": "middle eastern",
    "asian": "asian",
    "beatbox": "beatboxing",
    "beats": "electronic",
    "bebop": "jazz",
    "big band": "jazz|swing",
    "blues": "blues",
    "bluegrass": "bluegrass",
    "bollywood": "bollywood",
    "bossa nova": "latin",
    "breaks": "electronic",
    "calm": "relaxing|mellow|soft|quiet",
    "caribbean": "latin|reggae",
    "celtic": "folk",
    "celtic folk": "folk",
    "chill": "chillout",
    "chill out": "chillout",
    "chillout": "chillout",
    "chip rock": "video game",
    "choir": "choir",
    "cinematic": "soundtrack|film",
    "classical": "classical",
    "classical guitar": "acoustic guitar",
    "country": "country",
    "cuban": "latin",
    "dance": "dance",
    "dark": "scary",
    "dark piano": "piano|scary",
    "disco": "disco",
    "dixieland": "jazz",
    "downtempo": "downtempo",
    "dub": "reggae",
    "easy listening": "easy listening",
    "electronic": "electronic",
    "electronic rock": "electronic|rock",
    "experimental": "experimental",
    "flamenco": "flamenco",
    "folk": "folk",
    "funk": "funk",
    "gospel": "gospel",
    "gospel hymn": "gospel",
    "guitar loop": "guitar",
    "happy": "happy",
    "harp": "harp",
    "hip hop": "hip-hop",
    "hip hop loop": "hip-hop",
    "hopeful": "happy",
    "house": "house",
    "indian": "indian",
    "indie": "indie",
    "indie rock": "indie rock",
    "irish": "folk",
    "italian folk": "folk",
    "japanese": "asian",
    "jazz": "jazz",
    "latin": "latin",
    "lofi hip hop": "hip-hop",
    "lounge": "lounge",
    "mariachi": "latin",
    "medieval": "folk|traditional",
    "metal": "metal",
    "motown": "soul",
    "music box": "mallets",
    "new orleans": "jazz",
    "old-time": "country|folk",
    "old-time jazz": "jazz",
    "opera": "opera",
    "organ": "organ",
    "percussion": "percussion",
    "piano": "piano",
    "piano solo": "piano",
    "polka": "folk",
    "pop": "pop",
    "pop (ID3 Blues)": "pop",
    "ragga": "reggae",
    "ragtime": "jazz",
    "rap": "hip-hop|rapping",
    "rap beat": "hip-hop",
    "reggae": "reggae",
    "relaxing": "relaxing",
    "rnb": "r&b",
    "rock": "rock",
    "rock and roll": "rock and roll",
    "sad": "sad",
    "sea shanty": "folk",
    "singing": "singing",
    "ska": "ska",
    "smooth": "mellow",
    "solo guitar": "acoustic guitar",
    "soul": "soul",
    "southern": "rock",
    "spoken": "speech",
    "spoken voice": "speech",
    "surf": "rock",
    "swing": "swing",
    "techno": "techno",
    "techno loop": "techno",
    "trance": "trance",
    "tribal": "world",
    "uplifting": "happy",
    "upbeat": "happy|energetic",
    "western": "country",
    "world": "world",
    "world percussion loop": "percussion",
}
"""Words of genre in a manifest: the tags that any listener would grant with them."""

INSTRUMENT_WORDS: dict[str, str] = {
    "accordion": "accordion",
    "acoustic guitar": "acoustic guitar",
    "banjo": "banjo",
    "bass": "bass",
    "big band": "brass",
    "bongo": "percussion",
    "bongos": "percussion",
    "brass": "brass",
    "brass band": "brass",
    "cello": "cello",
    "choir": "choir",
    "clarinet": "clarinet",
    "classical guitar": "acoustic guitar",
    "didgeridoo": "didgeridoo",
    "djembe": "percussion",
    "drums": "drums",
    "electric guitar": "electric guitar",
    "electric piano": "electric piano",
    "flute": "flute",
    "guitar": "guitar",
    "harmonica": "harmonica",
    "harp": "harp",
    "horn": "french horn",
    "horns": "brass",
    "koto": "zither",
    "mallets": "mallets",
    "mbira": "mallets",
    "music box": "mallets",
    "orchestra": "orchestra",
    "organ": "organ",
    "piano": "piano",
    "saxophone": "saxophone",
    "steel guitar": "steel guitar",
    "strings": "strings",
    "synthesizer": "synthesizer",
    "taiko": "percussion",
    "tenor saxophone": "saxophone",
    "timpani": "timpani",
    "tongue drum": "mallets",
    "trombone": "trombone",
    "trumpet": "trumpet",
    "tuba": "brass",
    "ukulele": "ukulele",
    "vibraphone": "vibraphone",
    "violin": "violin",
    "voice": "voice",
    "whistling": "whistling",
    "zither": "zither",
}
"""Words of instruments in a manifest."""

VOICES = frozenset(tag.name for tag in WIDE if tag.kind == "instrument" and family(tag.name) == "voice")
"""All that sings or speaks."""

_ALONE = {"solo instrument", "solo guitar", "accordion solo", "piano solo", "spoken voice", "a cappella", "beatbox"}
"""Words that promise nothing else is heard: instruments that go unnamed are wrong there."""


@dataclass(frozen=True)
class Song:
    """A labelled recording."""

    name: str
    path: Path
    part: str
    """Which of PARTS it belongs to, by its artist."""
    right: frozenset[str]
    """Tags that are right, and what they are kinds of."""
    low: bool = False
    """Whether its only source is of low fidelity: kept apart, for the codec must not become the cue."""
    complete: frozenset[str] = field(default=frozenset())
    """Kinds of which every right tag is named: others are wrong there."""
    denied: frozenset[str] = field(default=frozenset())
    """Tags that are wrong besides."""
    artist: str = ""

    def named(self, kind: str) -> set[str]:
        """The right tags of a kind."""
        return {name for name in self.right if WIDE[WIDE_INDEX[name]].kind == kind}

    def wrong(self, name: str) -> bool:
        """Whether a tag is certainly wrong: denied, or of a complete kind and neither right nor kin of what is right."""
        if name in self.denied:
            return True
        kind = WIDE[WIDE_INDEX[name]].kind
        right = self.named(kind)
        # A violin is one of the strings, yet no cello: only what nothing right is a kind of leaves its kinds open.
        narrowest = right - {above for other in right for above in ancestors(other)}
        return kind in self.complete and name not in right and not any(kin(name, other) for other in narrowest)

    def in_family(self, name: str) -> bool:
        """Whether a tag passes for one that is right."""
        return family(name) in {family(other) for other in self.named(WIDE[WIDE_INDEX[name]].kind)}


def part_of(artist: str, judged_only: bool) -> str:
    """The part of an artist's pieces; all of them are reported on if one may only be judged by."""
    if judged_only:
        return "report"
    if artist in PART_OF_ARTIST:
        return PART_OF_ARTIST[artist]
    drawn = int(hashlib.sha256(artist.encode()).hexdigest()[:8], 16) % 100
    return next(part for part, below in _DRAWN if drawn < below)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def labels_of(row: dict[str, str]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What a row of the manifest says: right tags with what they are kinds of, complete kinds, and denied tags."""
    genre, instruments, vocal = _words(row["genre"]), _words(row["instruments"]), row["vocal"]
    right = {tag for word in genre for tag in WORDS.get(word, "").split("|") if tag}
    right |= {tag for word in instruments for tag in INSTRUMENT_WORDS.get(word, "").split("|") if tag}
    if vocal.startswith("yes") or vocal == "spoken":
        right.add("voice")
    if vocal.startswith("yes (male"):
        right.add("male voice")
    if vocal.startswith("yes (female"):
        right.add("female voice")
    if vocal.startswith("yes (choir"):
        right.add("choir")
    right |= {SPEAKERS[row["artist"]]} if row["artist"] in SPEAKERS else set()
    right |= {above for name in right for above in ancestors(name)}
    kinds = {WIDE[WIDE_INDEX[name]].kind for name in right}
    complete = kinds & {"genre", "mood"}
    if right and any(word in _ALONE for word in genre) and "instrument" in kinds:
        complete.add("instrument")
    denied: set[str] = set()
    if vocal == "no" and "voice" not in right:
        denied = set(VOICES)
    elif ("male voice" in right) != ("female voice" in right):
        other = "female" if "male voice" in right else "male"
        denied = {f"{other} voice", f"{other} singing"}
    return frozenset(right), frozenset(complete), frozenset(denied)


def of_manifest(folder: Path) -> list[Song]:
    """The songs of a folder with a manifest, in its order."""
    listed = folder / "manifest.csv"
    try:
        with listed.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise PipelineError(f"{listed}: {error.strerror}") from error
    needed = {"id", "artist", "genre", "instruments", "vocal", "nc", "fidelity"}
    missing = needed - set(rows[0] if rows else needed)
    if missing:
        raise PipelineError(f"{listed}: there is no column {', '.join(sorted(missing))}")
    judged_only = {row["artist"] for row in rows if row["nc"]}
    found = []
    for row in rows:
        right, complete, denied = labels_of(row)
        part = part_of(row["artist"], row["artist"] in judged_only)
        path = folder / "audio" / f"{row['id']}.ogg"
        found.append(Song(row["id"], path, part, right, row["fidelity"] == "low", complete, denied, row["artist"]))
    return found


def of_own(paths: Paths) -> list[Song]:
    """The recordings that `local.toml` names in the format `own`: all of them are reported on as well."""
    found = []
    for entry in local.entries(paths):
        if entry["format"] != "own":
            continue
        for path, right, wrong in local.examples_of(entry, local.own):
            names = frozenset(right) | {above for name in right for above in ancestors(name)}
            name = "own-" + hashlib.sha256(str(path).encode()).hexdigest()[:12]
            found.append(Song(name, path, "report", names, denied=frozenset(wrong)))
    return found
