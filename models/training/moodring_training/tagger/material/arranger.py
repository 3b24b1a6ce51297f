"""Music made up on the spot, so that what plays is known exactly: keys, chords, parts in the manner of their instrument."""

from dataclasses import dataclass

import numpy as np

from ..labels.instruments import BY_NAME, FAMILIES, Family

SCALES = (
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 8, 10),
    (0, 2, 3, 5, 7, 9, 10),
    (0, 2, 4, 5, 7, 9, 10),
    (0, 1, 4, 5, 7, 8, 10),
)
KICK, SNARE, RIM, CLAP, HAT, OPEN_HAT, RIDE, CRASH, COWBELL, TAMBOURINE = 36, 38, 37, 39, 42, 46, 51, 49, 56, 54
TOMS = (41, 43, 45, 47, 48, 50)


@dataclass(frozen=True)
class Note:
    """One note; times in seconds from the piece's start."""

    start: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Part:
    """One instrument's share of a piece."""

    family: str
    program: int
    notes: list[Note]

    @property
    def is_drums(self) -> bool:
        """Whether it goes to the drum channel."""
        return "drum" in self.family


@dataclass(frozen=True)
class Harmony:
    """What the parts of a piece agree on."""

    tempo: float
    """Quarter notes a minute."""
    key: int
    scale: tuple[int, ...]
    degrees: tuple[int, ...]
    """The chords' roots, one a bar."""
    swing: float
    """Delay of every second eighth, in eighths."""
    seconds: float

    def pitch(self, degree: int, octave: int) -> int:
        """A degree of the scale as a MIDI pitch."""
        return 12 * (octave + 1) + self.key + self.scale[degree % 7] + 12 * (degree // 7)

    def chord(self, bar: int, size: int = 3) -> list[int]:
        """The degrees of a bar's chord: thirds upon its root."""
        return [self.degrees[bar % len(self.degrees)] + 2 * step for step in range(size)]

    def time(self, sixteenth: float) -> float:
        """Seconds at a place that is counted in sixteenths."""
        late = self.swing / 2 if int(sixteenth) % 4 == 2 else 0.0
        return (sixteenth + late * 2) * 15.0 / self.tempo

    def bars(self) -> int:
        """Bars that the piece begins."""
        return int(self.seconds * self.tempo / 240) + 1


def harmony(random: np.random.Generator, seconds: float) -> Harmony:
    """A tempo, a key and a round of chords."""
    degrees = (
        0,
        *(
            int(degree)
            for degree in random.choice(7, random.integers(1, 6), p=(0.16, 0.08, 0.1, 0.22, 0.22, 0.18, 0.04))
        ),
    )
    return Harmony(
        tempo=float(random.uniform(55, 180)),
        key=int(random.integers(12)),
        scale=SCALES[random.choice(len(SCALES), p=(0.36, 0.34, 0.12, 0.12, 0.06))],
        degrees=degrees,
        swing=float(random.choice((0.0, 0.0, 0.3, 0.6))),
        seconds=seconds,
    )


class Player:
    """Plays one part."""

    def __init__(self, random: np.random.Generator, given: Harmony, family: Family) -> None:
        self.random = random
        self.harmony = given
        self.family = family
        self.loudness = random.uniform(55, 112)
        self.notes: list[Note] = []

    def play(self, start: float, length: float, pitch: int, accent: float = 0.0) -> None:
        """Adds a note, places counted in sixteenths, moved by octaves into the instrument's range."""
        while pitch < self.family.lowest:
            pitch += 12
        while pitch > self.family.highest:
            pitch -= 12
        self.hit(start, length, pitch, accent)

    def hit(self, start: float, length: float, pitch: int, accent: float = 0.0) -> None:
        """Adds a note as it is."""
        at = max(0.0, self.harmony.time(start) + self.random.normal(0, 0.006))
        if at < self.harmony.seconds - 0.05:
            velocity = int(np.clip(self.loudness + accent + self.random.normal(0, 8), 18, 127))
            lasting = min(length * 15.0 / self.harmony.tempo, self.harmony.seconds - at)
            self.notes.append(Note(at, max(0.04, lasting), pitch, velocity))

    def melody(self) -> None:
        """A line that walks the scale and leaps now and then."""
        octave = int(round((self.family.lowest + self.family.highest) / 24)) - 1
        degree = int(self.random.integers(0, 7))
        lengths = self.random.choice((1, 2, 3, 4, 6, 8, 12), 5)
        legato = self.random.uniform(0.6, 1.05)
        at = 0
        while at < self.harmony.bars() * 16:
            length = int(self.random.choice(lengths))
            step = int(self.random.choice((-4, -2, -1, -1, 0, 1, 1, 2, 4)))
            degree = int(np.clip(degree + step, -4, 12))
            if self.random.random() < 0.88:
                self.play(at, length * legato, self.harmony.pitch(degree, octave))
            at += length

    def chords(self) -> None:
        """The bar's chord in a rhythm that repeats."""
        octave = int(self.random.integers(3, 5))
        size = int(self.random.integers(2, 5))
        rhythm = sorted(set([0, *self.random.choice(16, self.random.integers(0, 8))]))
        length = self.random.uniform(0.5, 6)
        spread = self.random.uniform(0, 0.25)
        for bar in range(self.harmony.bars()):
            for at in rhythm:
                for voice, degree in enumerate(self.harmony.chord(bar, size)):
                    self.play(bar * 16 + at + voice * spread, length, self.harmony.pitch(degree, octave))

    def sustain(self) -> None:
        """The bar's chord, held."""
        octave = int(self.random.integers(3, 5))
        every = int(self.random.choice((1, 1, 2)))
        for bar in range(0, self.harmony.bars(), every):
            for degree in self.harmony.chord(bar, int(self.random.integers(1, 5))):
                self.play(bar * 16, 16 * every, self.harmony.pitch(degree, octave))

    def arpeggio(self) -> None:
        """The bar's chord, broken."""
        octave = int(self.random.integers(3, 5))
        step = int(self.random.choice((1, 2, 2, 4)))
        length = self.random.uniform(0.8, 6)
        pattern = self.random.integers(0, 6, 8)
        for bar in range(self.harmony.bars()):
            tones = self.harmony.chord(bar, 3)
            tones += [tone + 7 for tone in tones]
            for count, at in enumerate(range(0, 16, step)):
                self.play(bar * 16 + at, length * step, self.harmony.pitch(tones[pattern[count % 8]], octave))

    def riff(self) -> None:
        """Fifths in a driving rhythm, or a short figure, over and over."""
        step = int(self.random.choice((1, 2, 2)))
        figure = self.random.choice((0, 0, 0, 1, 3, 4, 6), 16)
        rests = self.random.random(16) < self.random.uniform(0, 0.4)
        fifths = self.random.random() < 0.6
        length = self.random.uniform(0.5, 1.4) * step
        for bar in range(self.harmony.bars()):
            root = self.harmony.chord(bar, 1)[0] if bar % 2 else self.harmony.degrees[0]
            for at in range(0, 16, step):
                if rests[at] and at:
                    continue
                pitch = self.harmony.pitch(root + int(figure[at]), 2)
                for interval in (0, 7, 12)[: 3 if fifths else 1]:
                    self.play(bar * 16 + at, length, pitch + interval, 8 if at % 4 == 0 else 0)

    def bassline(self) -> None:
        """Roots, fifths and octaves; or a walk."""
        walking = self.random.random() < 0.25
        step = 4 if walking else int(self.random.choice((1, 2, 2, 4, 8)))
        rests = self.random.random(16) < self.random.uniform(0, 0.35)
        length = step * self.random.uniform(0.5, 1.0)
        for bar in range(self.harmony.bars()):
            root = self.harmony.chord(bar, 1)[0]
            for at in range(0, 16, step):
                if rests[at] and at:
                    continue
                offset = at // 4 if walking else int(self.random.choice((0, 0, 0, 0, 4, 7, 2)))
                self.play(bar * 16 + at, length, self.harmony.pitch(root + offset, 1))

    def single_notes(self) -> None:
        """Few notes, each left to ring."""
        at = float(self.random.uniform(0, 4))
        while self.harmony.time(at) < self.harmony.seconds:
            length = float(self.random.uniform(1, 14))
            self.play(at, length, int(self.random.integers(self.family.lowest, self.family.highest + 1)))
            at += length + float(self.random.uniform(0, 6))

    def drums(self) -> None:
        """A beat of kick, backbeat and cymbals with fills; sometimes only some of it."""
        kick = self.random.random(16) < self.random.uniform(0.05, 0.35)
        kick[0] = True
        if self.random.random() < 0.3:
            kick[::4] = True
        backbeat = int(self.random.choice((SNARE, SNARE, 40, CLAP, RIM)))
        ghosts = self.random.random(16) < self.random.uniform(0, 0.15)
        cymbal = int(self.random.choice((HAT, HAT, HAT, OPEN_HAT, RIDE, TAMBOURINE, COWBELL)))
        step = int(self.random.choice((1, 2, 2, 4)))
        has_kick, has_snare, has_cymbal = self.random.random(3) < (0.88, 0.85, 0.85)
        fills = self.random.uniform(0, 0.4)
        for bar in range(self.harmony.bars()):
            filling = self.random.random() < fills
            if self.random.random() < 0.15:
                self.hit(bar * 16, 4, CRASH, 8)
            for at in range(16):
                if filling and at >= 12:
                    self.hit(bar * 16 + at, 1, int(self.random.choice(TOMS)), 5)
                    continue
                if has_kick and kick[at]:
                    self.hit(bar * 16 + at, 1, KICK, 10)
                if has_snare and (at in (4, 12) or ghosts[at]):
                    self.hit(bar * 16 + at, 1, backbeat, -30 if ghosts[at] else 8)
                if has_cymbal and at % step == 0:
                    self.hit(bar * 16 + at, 1, cymbal, -6 if at % 4 else 2)


def part(random: np.random.Generator, given: Harmony, family: Family) -> Part:
    """A part for one instrument, in one of its manners."""
    player = Player(random, given, family)
    style = family.styles[random.integers(len(family.styles))]
    {
        "melody": player.melody,
        "chords": player.chords,
        "sustain": player.sustain,
        "arpeggio": player.arpeggio,
        "riff": player.riff,
        "bassline": player.bassline,
        "notes": player.single_notes,
        "drums": player.drums,
    }[style]()
    return Part(family.name, int(random.choice(family.programs)), player.notes)


def arrangement(random: np.random.Generator, seconds: float, size: int) -> list[Part]:
    """`size` different instruments that play together; drums and bass are likely from three on."""
    playable = [family for family in FAMILIES if family.programs]
    weights = np.array([family.weight for family in playable])
    chosen: list[Family] = []
    if size >= 3:
        if random.random() < 0.7:
            chosen.append(BY_NAME["drums" if random.random() < 0.7 else "drum machine"])
        if random.random() < 0.7:
            chosen.append(BY_NAME["bass" if random.random() < 0.75 else "synth bass"])
    while len(chosen) < size:
        family = playable[random.choice(len(playable), p=weights / weights.sum())]
        if family not in chosen:
            chosen.append(family)
    given = harmony(random, seconds)
    return [part(random, given, family) for family in chosen]
