"""AudioSet's 527 labels in this project's words: what mn04 knows of our tags, and the tags that only it knows."""

import csv
from pathlib import Path

from .vocabulary import TAGS, Tag

SOURCES: dict[str, str] = {
    # Genre.
    "ambient": "Ambient music",
    "blues": "Blues",
    "classical": "Classical music",
    "country": "Country",
    "dance": "Dance music|Electronic dance music",
    "electronic": "Electronic music|Electronica",
    "folk": "Folk music",
    "funk": "Funk",
    "heavy metal": "Heavy metal",
    "hip-hop": "Hip hop music",
    "house": "House music",
    "indian": "Carnatic music|Music of Bollywood",
    "indie": "Independent music",
    "jazz": "Jazz",
    "metal": "Heavy metal",
    "new age": "New-age music",
    "opera": "Opera",
    "orchestral": "Orchestra",
    "pop": "Pop music",
    "progressive rock": "Progressive rock",
    "punk": "Punk rock",
    "r&b": "Rhythm and blues",
    "reggae": "Reggae",
    "rock": "Rock music",
    "soul": "Soul music",
    "soundtrack": "Soundtrack music",
    "techno": "Techno",
    "trance": "Trance music",
    # Instruments.
    "acoustic guitar": "Acoustic guitar",
    "bass": "Bass guitar",
    "brass": "Brass instrument|French horn|Trumpet|Trombone",
    "cello": "Cello",
    "choir": "Choir",
    "drum machine": "Drum machine",
    "drums": "Drum kit|Drum",
    "electric guitar": "Electric guitar",
    "electric piano": "Electric piano",
    "female voice": "Female singing|Female speech, woman speaking",
    "flute": "Flute",
    "guitar": "Guitar",
    "harp": "Harp",
    "harpsichord": "Harpsichord",
    "keyboard": "Keyboard (musical)|Piano|Organ|Harpsichord|Electric piano",
    "male voice": "Male singing|Male speech, man speaking",
    "mallets": "Mallet percussion|Marimba, xylophone|Glockenspiel|Vibraphone",
    "organ": "Organ",
    "piano": "Piano",
    "sitar": "Sitar",
    "strings": "Bowed string instrument|String section|Violin, fiddle|Cello",
    "synthesizer": "Synthesizer",
    "violin": "Violin, fiddle",
    "voice": "Singing|Speech|Vocal music|Choir|Rapping",
    "woodwind": "Wind instrument, woodwind instrument|Flute|Saxophone|Clarinet",
    # Moods.
    "energetic": "Exciting music",
    "happy": "Happy music",
    "sad": "Sad music",
}
"""Of the tags that the three vocabularies have: the labels that mean the same; the likeliest of them counts."""

_MORE: dict[str, dict[str, str]] = {
    "genre": {
        "a cappella": "A capella",
        "african": "Music of Africa",
        "afrobeat": "Afrobeat",
        "asian": "Music of Asia",
        "bluegrass": "Bluegrass",
        "bollywood": "Music of Bollywood",
        "carnatic": "Carnatic music",
        "children's": "Music for children",
        "christian": "Christian music",
        "christmas": "Christmas music",
        "disco": "Disco",
        "drum and bass": "Drum and bass",
        "dubstep": "Dubstep",
        "flamenco": "Flamenco",
        "gospel": "Gospel music",
        "grunge": "Grunge",
        "jingle": "Jingle (music)",
        "latin": "Music of Latin America|Salsa music",
        "lullaby": "Lullaby",
        "middle eastern": "Middle Eastern music",
        "psychedelic rock": "Psychedelic rock",
        "rock and roll": "Rock and roll",
        "salsa": "Salsa music",
        "ska": "Ska",
        "swing": "Swing music",
        "traditional": "Traditional music",
        "video game": "Video game music",
        "wedding": "Wedding music",
    },
    "instrument": {
        "accordion": "Accordion",
        "bagpipes": "Bagpipes",
        "banjo": "Banjo",
        "bass drum": "Bass drum",
        "beatboxing": "Beatboxing",
        "bell": "Bell|Church bell|Tubular bells",
        "chant": "Chant|Mantra",
        "child voice": "Child singing|Child speech, kid speaking",
        "chime": "Chime|Wind chime",
        "clarinet": "Clarinet",
        "cymbal": "Cymbal",
        "didgeridoo": "Didgeridoo",
        "double bass": "Double bass",
        "electronic organ": "Electronic organ",
        "female singing": "Female singing",
        "french horn": "French horn",
        "glockenspiel": "Glockenspiel",
        "gong": "Gong",
        "hammond organ": "Hammond organ",
        "harmonica": "Harmonica",
        "hi-hat": "Hi-hat",
        "humming": "Humming",
        "jingle bells": "Jingle bell",
        "male singing": "Male singing",
        "mandolin": "Mandolin",
        "maraca": "Maraca|Rattle (instrument)",
        "marimba": "Marimba, xylophone",
        "orchestra": "Orchestra",
        "percussion": "Percussion",
        "pizzicato": "Pizzicato",
        "rapping": "Rapping",
        "sampler": "Sampler",
        "saxophone": "Saxophone",
        "scratching": "Scratching (performance technique)",
        "singing": "Singing",
        "singing bowl": "Singing bowl",
        "snare drum": "Snare drum|Drum roll|Rimshot",
        "speech": "Speech",
        "steel guitar": "Steel guitar, slide guitar",
        "steelpan": "Steelpan",
        "string section": "String section",
        "tabla": "Tabla",
        "tambourine": "Tambourine",
        "theremin": "Theremin",
        "timpani": "Timpani",
        "trombone": "Trombone",
        "trumpet": "Trumpet",
        "ukulele": "Ukulele",
        "vibraphone": "Vibraphone",
        "whistling": "Whistling",
        "wood block": "Wood block",
        "zither": "Zither",
    },
    "mood": {
        "angry": "Angry music",
        "exciting": "Exciting music",
        "funny": "Funny music",
        "scary": "Scary music",
        "tender": "Tender music",
    },
}

MORE: tuple[Tag, ...] = tuple(Tag(name, kind) for kind, names in _MORE.items() for name in names)
"""Tags that AudioSet alone has."""

WIDE: tuple[Tag, ...] = TAGS + MORE
"""The vocabulary of a tagger that stands on mn04: the strided network's, then what AudioSet adds."""
WIDE_NAMES = tuple(tag.name for tag in WIDE)
WIDE_INDEX = {name: index for index, name in enumerate(WIDE_NAMES)}

LABELS: dict[str, tuple[str, ...]] = {
    name: tuple(labels.split("|")) for table in (SOURCES, *_MORE.values()) for name, labels in table.items()
}
"""Per tag, AudioSet's labels."""

_CHILDREN: dict[str, str] = {
    "keyboard": "piano|electric piano|harpsichord|organ",
    "organ": "hammond organ|electronic organ",
    "guitar": "acoustic guitar|electric guitar|steel guitar",
    "drums": "drum machine|snare drum|bass drum|hi-hat|cymbal",
    "percussion": "tabla|tambourine|maraca|timpani|wood block|gong",
    "voice": "female voice|male voice|child voice|choir|singing|speech|rapping|chant|humming|beatboxing",
    "female voice": "female singing",
    "male voice": "male singing",
    "strings": "violin|cello|double bass|string section|pizzicato",
    "woodwind": "flute|clarinet|saxophone",
    "brass": "trumpet|trombone|french horn",
    "mallets": "marimba|glockenspiel|vibraphone|steelpan",
    "bell": "chime|jingle bells",
    "rock": "alternative rock|classic rock|hard rock|indie rock|metal|pop rock|progressive rock|punk|grunge|"
    "psychedelic rock|rock and roll",
    "metal": "heavy metal",
    "pop": "indie pop|instrumental pop|pop folk",
    "electronic": "electro|dance|house|techno|trance|drum and bass|dubstep|trip-hop|downtempo",
    "classical": "opera|orchestral",
    "jazz": "swing",
    "folk": "traditional",
    "country": "bluegrass",
    "reggae": "ska",
    "soul": "r&b|gospel",
    "world": "african|asian|indian|latin|middle eastern|flamenco",
    "african": "afrobeat",
    "indian": "bollywood|carnatic",
    "latin": "salsa",
    "soundtrack": "video game",
}

PARENTS: dict[str, str] = {child: parent for parent, children in _CHILDREN.items() for child in children.split("|")}
"""What a tag is a kind of."""

_MOODS = (
    "happy|energetic|party|catchy|fast|beat-driven|exciting|loud|funny|sexy",
    "relaxing|mellow|soft|quiet|slow|atmospheric|acoustic|beautiful|tender",
    "sad|emotional",
    "angry|scary|weird|film",
)
"""Moods that pass for one another: a quarter each of the circumplex of valence and arousal (Russell 1980)."""

_MOOD_FAMILY = {name: names.split("|")[0] for names in _MOODS for name in names.split("|")}


def ancestors(name: str) -> list[str]:
    """What a tag is a kind of, the nearest first."""
    found = []
    while name in PARENTS:
        name = PARENTS[name]
        found.append(name)
    return found


def family(name: str) -> str:
    """The tag that stands for all which pass for one another."""
    return ([name, *ancestors(name)])[-1] if name not in _MOOD_FAMILY else _MOOD_FAMILY[name]


def kin(name: str, other: str) -> bool:
    """Whether one is the other or a kind of it: neither is wrong where the other is right."""
    return name == other or name in ancestors(other) or other in ancestors(name)


def names_of(path: Path) -> list[str]:
    """AudioSet's names in output order, of a list with a column `display_name`."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row["display_name"] for row in csv.DictReader(file)]
