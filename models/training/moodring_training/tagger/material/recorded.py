"""Recorded instruments and voices with labels that are known: single notes, drum kits, one-shots, guitar tracks, speech
made to sing."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyworld

from ...shared import audio, corpus
from ...shared.files import written_whole
from ...shared.paths import Paths
from ...shared.running import progress
from .. import front_end
from ..labels import instruments
from . import arranger, rendered, sampled

SECONDS = rendered.STEM_SECONDS
LENGTH = int(SECONDS * front_end.RATE)

ELECTRIC_KITS = ("ElectricEmpireKit", "HardElectro1", "Audiophob", "rumpf_kit_z01_h2", "VariBreaks")
"""Drum kits of hydrogen-drumkits that are machines."""
REPORTED_KITS = ("BJA_Pacific", "ForzeeStereo", "HardElectro1")
"""Drum kits kept apart for the tables."""
SPEAKERS = {
    "asterisk-core-sounds-en-g722": "female speech",
    "asterisk-core-sounds-es-g722": "female speech",
    "asterisk-core-sounds-fr-g722": "female speech",
    "asterisk-core-sounds-it-g722": "speech",
    # Its copyright file names no speaker: a woman by her pitch, about 210 Hz, as by what mn04 hears.
    "asterisk-core-sounds-ru-g722": "female speech",
    "klettres-data": "speech",
}
"""What the packages' own copyright files say of who speaks."""
VOICE_STEMS = 130
KIT_STEMS = 24
GUITAR_STEMS = 90
NOISE_STEMS = 120
TONE_STEMS = 96
NOTES_STEMS = 48
"""Of each instrument whose notes are recorded."""
SMALL_STEMS = 4

Stem = tuple[str, np.ndarray]
"""A family and its sound."""


def sequence(random: np.random.Generator, shots: list[np.ndarray]) -> np.ndarray:
    """One-shots in a pattern that repeats, or strewn about: `[LENGTH]`."""
    sound = np.zeros(LENGTH + front_end.RATE * 4, np.float32)
    chosen = [
        shots[index] for index in random.choice(len(shots), min(len(shots), int(random.integers(1, 7))), replace=False)
    ]
    sixteenth = 15.0 / random.uniform(60, 180)
    bar = 16 * sixteenth
    for shot in chosen:
        places = np.flatnonzero(random.random(16) < random.uniform(0.06, 0.5))
        loudness = random.uniform(0.25, 1)
        for number in range(int(SECONDS / bar) + 1):
            for place in places:
                at = int((number * bar + place * sixteenth + random.normal(0, 0.004)) * front_end.RATE)
                if 0 <= at < LENGTH:
                    sound[at : at + len(shot)] += shot * loudness * random.uniform(0.7, 1)
    return sound[:LENGTH]


def one_shots(files: list[Path]) -> list[np.ndarray]:
    """Short sounds at a peak of 1, no longer than 3 s."""
    found = []
    for path in files:
        shot = audio.decode(path, front_end.RATE, 0, 3)
        if len(shot) > 400 and np.abs(shot).max() > 1e-3:
            found.append(shot / np.abs(shot).max())
    return found


def kits(folder: Path, reported: bool, count: int) -> list[Stem]:
    """Beats of hydrogen's drum kits."""
    stems: list[Stem] = []
    for kit in sorted((folder / "usr/share/hydrogen/data/drumkits").iterdir()):
        if (kit.name in REPORTED_KITS) != reported:
            continue
        random = np.random.default_rng(31)
        files = sorted(path for path in kit.rglob("*") if path.suffix.lower() in {".wav", ".flac", ".ogg", ".aiff"})
        shots = one_shots([files[index] for index in random.permutation(len(files))[:24]])
        family = "recorded drum machine" if kit.name in ELECTRIC_KITS else "recorded drums"
        if shots:
            stems += [(family, sequence(random, shots)) for _ in range(count)]
    return stems


def loops_and_shots(folder: Path, count: int) -> list[Stem]:
    """Sonic Pi's samples, by their names."""
    random = np.random.default_rng(37)
    samples = folder / "usr/share/sonic-pi/samples"
    stems: list[Stem] = []
    for prefixes, family in (
        (("drum_",), "recorded drums"),
        (("bd_", "sn_", "elec_", "perc_"), "recorded drum machine"),
        (("bass_",), "recorded bass"),
        (("guit_",), "recorded electric guitar"),
    ):
        shots = one_shots(sorted(path for path in samples.glob("*.flac") if path.name.startswith(prefixes)))
        if shots:
            stems += [(family, sequence(random, shots)) for _ in range(count)]
    for name in ("loop_amen_full", "loop_amen", "loop_breakbeat"):
        for _ in range(max(1, count // 6)):
            loop = audio.decode(samples / f"{name}.flac", front_end.RATE)
            stems.append(("recorded drums", np.roll(np.resize(loop, LENGTH), int(random.integers(LENGTH)))))
    return stems


def guitar_tracks(folder: Path, count: int) -> list[Stem]:
    """The guitar tracks of Frets on Fire's songs, which come apart from the rest of the band."""
    random = np.random.default_rng(41)
    stems: list[Stem] = []
    tracks = sorted(folder.rglob("guitar.ogg"))
    for path in tracks:
        whole = audio.decode(path, front_end.RATE)
        for _ in range(max(1, count // len(tracks))):
            at = int(random.integers(0, max(1, len(whole) - LENGTH)))
            if np.sqrt(np.mean(whole[at : at + LENGTH] ** 2)) > 0.01:
                stems.append(("recorded electric guitar", whole[at : at + LENGTH]))
    return stems


def sing(random: np.random.Generator, speech: np.ndarray, family: str) -> tuple[str, np.ndarray]:
    """The same words to a tune: the voice's own spectra and breath at new pitches, drawn out.

    A female voice may come out an octave lower with longer formants, as a male one.
    """
    speech = speech.astype(np.float64)
    pitch, times = pyworld.dio(speech, front_end.RATE, frame_period=8.0)
    envelope = pyworld.cheaptrick(speech, pitch, times, front_end.RATE)
    breath = pyworld.d4c(speech, pitch, times, front_end.RATE)
    voiced = pitch[pitch > 0]
    if len(voiced) < 20:
        return family, speech.astype(np.float32)
    centre = float(np.median(voiced))
    if family == "female speech" and random.random() < 0.4:
        family, centre = "male speech", centre * random.uniform(0.5, 0.6)
        longer = random.uniform(1.13, 1.22)
        bins = np.clip(np.arange(envelope.shape[1]) * longer, 0, envelope.shape[1] - 1).astype(int)
        envelope = np.ascontiguousarray(envelope[:, bins])
    frames = int(SECONDS / 0.008)
    slower = random.uniform(1.0, 2.6)
    source = (np.arange(frames) / slower).astype(int) % len(pitch)
    scale = np.array((0, 2, 4, 5, 7, 9, 11, 12)) if random.random() < 0.5 else np.array((0, 2, 3, 5, 7, 8, 10, 12))
    tune = np.zeros(frames)
    at = 0
    while at < frames:
        length = int(random.uniform(0.15, 1.2) / 0.008)
        tune[at : at + length] = random.choice(scale) - 5 + random.integers(0, 3)
        at += length
    tune = np.convolve(np.pad(tune, 6, mode="edge"), np.ones(13) / 13, mode="valid")
    vibrato = random.uniform(0, 0.5) * np.sin(2 * np.pi * random.uniform(4.5, 6.5) * np.arange(frames) * 0.008)
    sung = np.where(pitch[source] > 0, centre * 2 ** ((tune + vibrato) / 12), 0.0)
    wave = pyworld.synthesize(
        sung, np.ascontiguousarray(envelope[source]), np.ascontiguousarray(breath[source]), front_end.RATE, 8.0
    )
    return family, wave.astype(np.float32)


def voices(folder: Path, family: str, count: int) -> list[Stem]:
    """Stretches of speech, and more of them sung."""
    random = np.random.default_rng(43)
    files = sorted(
        path for path in folder.rglob("*") if path.suffix in {".g722", ".ogg"} and path.stat().st_size > 4000
    )
    stems: list[Stem] = []
    for _ in range(count):
        words: list[np.ndarray] = []
        while sum(map(len, words)) < LENGTH:
            words.append(audio.decode(files[random.integers(len(files))], front_end.RATE, 0, 6))
            words.append(np.zeros(int(random.uniform(0.02, 0.4) * front_end.RATE), np.float32))
        speech = np.concatenate(words)[:LENGTH]
        stems.append(sing(random, speech, family) if random.random() < 0.65 else (family, speech))
    return stems


def played(folder: Path, family: str, count: int) -> list[Stem]:
    """Parts of the arranger's for an instrument whose notes are recorded."""
    sampler = sampled.Sampler(folder)
    random = np.random.default_rng([59, *folder.name.encode()])
    found: list[Stem] = []
    for _ in range(count):
        part = arranger.part(random, arranger.harmony(random, SECONDS), instruments.BY_NAME[family])
        found.append((family, sampler.play(random, part.notes, SECONDS)))
    return found


def noises(count: int) -> list[Stem]:
    """Noise of all slopes, hum, clicks, a dull room: nothing that a tagger should name."""
    random = np.random.default_rng(47)
    stems: list[Stem] = []
    for number in range(count):
        spectrum = np.fft.rfft(random.normal(0, 1, LENGTH))
        frequency = np.fft.rfftfreq(LENGTH, 1 / front_end.RATE)
        sound = np.fft.irfft(spectrum * np.maximum(frequency, 20) ** random.uniform(-1.2, 0.4), LENGTH)
        sound /= np.abs(sound).max()
        if number % 4 == 1:
            mains = random.choice((50, 60))
            time = np.arange(LENGTH) / front_end.RATE
            hum = sum(np.sin(2 * np.pi * mains * (k + 1) * time) * random.random() / (k + 1) for k in range(8))
            sound = sound * random.uniform(0.01, 0.3) + hum
        if number % 4 == 2:
            sound *= random.random(LENGTH) < 10 ** random.uniform(-4, -1)
        if number % 4 == 3:
            sound *= np.interp(np.arange(LENGTH), np.linspace(0, LENGTH, 12), random.random(12))
        stems.append(("noise", sound.astype(np.float32)))
    return stems


def hums(count: int) -> list[Stem]:
    """The mains and nothing else, of all strengths of its harmonics: nothing that a tagger should name, either."""
    random = np.random.default_rng(71)
    time = np.arange(LENGTH) / front_end.RATE
    stems: list[Stem] = []
    for number in range(count):
        mains, falling = (50, 60)[number % 2], random.uniform(0.8, 3)
        sound = np.zeros(LENGTH)
        # Pure, odd harmonics alone, or all of them.
        for harmonic in range(1, 2 if number % 3 == 0 else 24, 2 if number % 3 == 1 else 1):
            share = random.uniform(0.3, 1) * harmonic**-falling
            sound += share * np.sin(2 * np.pi * (mains * harmonic * time + random.random()))
        stems.append(("noise", (sound / np.abs(sound).max()).astype(np.float32)))
    return stems


def tones(count: int) -> list[Stem]:
    """Test tones, hum and whistles: steady, gliding, one or several, of any wave form."""
    random = np.random.default_rng(67)
    time = np.arange(LENGTH) / front_end.RATE
    stems: list[Stem] = []
    for number in range(count):
        sound = np.zeros(LENGTH)
        for _ in range(1 if number % 3 else int(random.integers(2, 4))):
            ends = np.exp(random.uniform(np.log(40), np.log(6000), 2)) if number % 4 == 3 else None
            steady = np.exp(random.uniform(np.log(40), np.log(6000)))
            pitch = np.full(LENGTH, steady) if ends is None else np.geomspace(*ends, LENGTH)
            phase = np.cumsum(pitch) / front_end.RATE + random.random()
            # Harmonics up to the limit of hearing at this rate: a sine, a square wave, a sawtooth, or hum.
            kind = int(random.integers(4)) if number % 2 else 0
            for harmonic in range(1, 2 if kind == 0 else 24):
                share = {0: 1.0, 1: harmonic % 2 / harmonic, 2: 1 / harmonic, 3: random.random() / harmonic}[kind]
                sound += share * np.sin(2 * np.pi * harmonic * phase) * (harmonic * pitch < front_end.RATE / 2.2)
        if number % 5 == 4:
            # Switched on and off, as a telephone's or an alarm's.
            sound *= np.sin(2 * np.pi * random.uniform(0.4, 4) * time) > random.uniform(-0.7, 0.5)
        stems.append(("tone", (sound / np.abs(sound).max()).astype(np.float32)))
    return stems


def _write(job: tuple[Paths, str, Callable[..., list[Stem]], tuple[object, ...]]) -> None:
    """Makes the stems of one source and writes them."""
    paths, name, make, arguments = job
    target = paths.work / "tagger" / "stems" / f"{name}.npz"
    if target.exists():
        return
    random = np.random.default_rng(53)
    levels, families = [], []
    for family, sound in make(*arguments):
        if family != "noise":
            sound = rendered.colour(random, sound, family)
        if np.abs(sound).max() > 1e-4:
            levels.append(rendered.stem_levels(sound))
            families.append(family)
    with written_whole(target) as unfinished:
        # Each stands alone: what belongs to no piece has a number of its own below zero.
        np.savez(unfinished, levels=np.array(levels), families=np.array(families), pieces=-1 - np.arange(len(levels)))


def prepare(paths: Paths, small: bool) -> None:
    """Writes `stems/recorded-<source>.npz`, and `stems-report/...` of what is kept apart; format as those of `rendered`."""
    jobs: list[tuple[Paths, str, Callable[..., list[Stem]], tuple[object, ...]]] = []
    jobs.append((paths, "recorded-noise", noises, (SMALL_STEMS if small else NOISE_STEMS,)))
    jobs.append((paths, "recorded-tones", tones, (SMALL_STEMS if small else TONE_STEMS,)))
    for package in corpus.manifest():
        if package.role not in {"samples", "notes", "voice", "music"} or (small and not package.small):
            continue
        if package.name == "hydrogen-drumkits":
            folder = corpus.unpack(paths, package)
            jobs.append((paths, "recorded-kits", kits, (folder, False, KIT_STEMS)))
            jobs.append((paths, "../stems-report/recorded-kits", kits, (folder, True, KIT_STEMS)))
        elif package.name == "sonic-pi-samples":
            jobs.append((paths, "recorded-sonic-pi", loops_and_shots, (corpus.unpack(paths, package), KIT_STEMS)))
        elif package.name == "fretsonfire-songs-muldjord":
            jobs.append((paths, "recorded-guitar", guitar_tracks, (corpus.unpack(paths, package), GUITAR_STEMS)))
        elif package.role == "notes":
            folder = corpus.unpack(paths, package)
            jobs.append((paths, f"recorded-{folder.name}", played, (folder, package.family, NOTES_STEMS)))
        elif package.name in SPEAKERS:
            where = "../stems-report/" if package.split == "report" else ""
            count = SMALL_STEMS if small else VOICE_STEMS
            arguments = (corpus.unpack(paths, package), SPEAKERS[package.name], count)
            jobs.append((paths, f"{where}recorded-{package.name}", voices, arguments))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for _ in progress(pool.imap(_write, jobs), "recorded parts", len(jobs)):
            pass
