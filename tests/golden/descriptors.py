"""The golden descriptors: librosa's, AudioCommons' and ffmpeg's of real music.

Framed ones of one excerpt, as arrays; tempo, key, tuning and loudness of every file in tests/music, as numbers.
"""

import functools
import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import librosa
import numpy as np
import pyloudnorm
import scipy
import soundfile

# Hop and window are librosa's defaults.
RATE = 22_050
START_S = 12.0
SECONDS = 8.0

# The timbre models want 44.1 kHz at least, and one of them something that decays.
TIMBRE_FILE = "notes.ogg"
TIMBRE_RATE = 44_100
TIMBRE_START_S = 6.0
TIMBRE_SECONDS = 2.0

# C. L. Krumhansl and E. J. Kessler, 1982.
MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]


def mono(path: Path, rate: int) -> np.ndarray:
    samples, own_rate = soundfile.read(path, dtype="float64", always_2d=True)
    return librosa.resample(samples.mean(axis=1), orig_sr=own_rate, target_sr=rate, res_type="soxr_hq")


def stretch(samples: np.ndarray, rate: int, start_s: float, seconds: float) -> np.ndarray:
    """Rounded to float32 first, so that a test which starts from the file starts from the same numbers."""
    start = round(start_s * rate)
    return samples[start : start + round(seconds * rate)].astype(np.float32)


def key(chroma: np.ndarray) -> dict:
    """The key whose profile correlates most with a mean chroma."""
    keys = []
    for mode, profile in (("major", MAJOR), ("minor", MINOR)):
        for tonic in range(12):
            correlation = np.corrcoef(np.roll(chroma, -tonic), profile)[0, 1]
            keys.append((correlation, tonic, mode))
    correlation, tonic, mode = max(keys)
    return {"tonic": tonic, "mode": mode, "correlation": correlation}


def framed(golden, y: np.ndarray) -> None:
    """Every array is frame by value."""
    sound = {"y": y, "sr": RATE}
    spectrum = np.abs(librosa.stft(y, dtype=np.complex128))
    flux = np.linalg.norm(np.diff(spectrum, axis=1, prepend=spectrum[:, :1]), axis=0)
    features = librosa.feature
    golden.write(
        "descriptor_level",
        np.vstack([features.rms(y=y), features.zero_crossing_rate(y)]).T,
        "frame by RMS, zero-crossing rate",
    )
    shape = [
        features.spectral_centroid(**sound),
        features.spectral_bandwidth(**sound),
        features.spectral_rolloff(**sound),
        features.spectral_flatness(y=y),
        flux[None],
    ]
    golden.write("descriptor_shape", np.vstack(shape).T, "frame by centroid, bandwidth, rolloff, flatness, flux")
    golden.write("descriptor_contrast", features.spectral_contrast(**sound).T, "frame by band, dB")
    golden.write("descriptor_mfcc", features.mfcc(**sound, n_mfcc=20).T, "frame by coefficient")
    onsets = [librosa.onset.onset_strength(**sound, aggregate=how) for how in (np.mean, np.median)]
    golden.write("descriptor_onset", np.vstack(onsets).T, "frame by onset strength by mean, by median")
    golden.write("descriptor_chroma", features.chroma_stft(**sound, tuning=0.0).T, "frame by note from C on")
    golden.write("descriptor_cqt", np.abs(librosa.cqt(**sound)).T, "frame by semitone from C1 on")
    golden.write("descriptor_cens", features.chroma_cens(**sound, tuning=0.0).T, "frame by note from C on")
    pitch = librosa.yin(y, sr=RATE, fmin=librosa.note_to_hz("C2"), fmax=librosa.note_to_hz("C7"))
    golden.write("descriptor_pitch", pitch[:, None], "frame by pitch by YIN, Hz")


def constant_q_apart(y: np.ndarray) -> None:
    """Prints how far librosa's constant-Q magnitudes of every sixteenth frame are from its defaults': nothing left out, and at full rate as well."""
    every = 16
    defaults = np.abs(librosa.cqt(y, sr=RATE))[:, ::every]
    whole = np.abs(librosa.cqt(y, sr=RATE, sparsity=0))[:, ::every]
    # With an odd hop it halves no rate. This one is longer than half the longest filter, so that the second frame hears as much as it wants.
    odd = 8193
    padded = np.concatenate([np.zeros(odd), y, np.zeros(2 * odd)])
    middles = every * 512 * np.arange(defaults.shape[1])
    full = [np.abs(librosa.cqt(padded[at : at + 2 * odd], sr=RATE, hop_length=odd, sparsity=0))[:, 1] for at in middles]
    least = 0.01 * defaults.mean(axis=1, keepdims=True)
    for name, found in (("sparsity=0", whole), ("sparsity=0, at full rate", np.stack(full, axis=1))):
        apart = np.abs(found - defaults) / np.maximum(defaults, least)
        print(f"librosa.cqt, {name}: {np.median(apart):.1%} from the defaults in the median, {apart.max():.0%} at most")


def whole(y: np.ndarray) -> dict:
    """Tempo, beats, key and tuning of a whole sound."""
    chroma = librosa.feature.chroma_stft(y=y, sr=RATE, tuning=0.0).mean(axis=1)
    return {
        "tempo": float(librosa.feature.tempo(y=y, sr=RATE)[0]),
        "beats": librosa.beat.beat_track(y=y, sr=RATE)[1].tolist(),
        "key": key(chroma),
        "tuning": float(librosa.estimate_tuning(y=y, sr=RATE)),
    }


def loudest_frame(y: np.ndarray) -> int:
    """From here on a stream knows the level that librosa holds all others at 80 dB below."""
    return int(librosa.feature.melspectrogram(y=y, sr=RATE).max(axis=0).argmax())


def loudness(path: Path) -> dict:
    """By ffmpeg's ebur128: its summary, and the highest of the values that it tells ten times a second."""
    command = ["ffmpeg", "-nostats", "-hide_banner", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    moments, summary = told.split("Summary:")

    def number(pattern: str) -> float:
        return float(re.search(pattern, summary).group(1))

    def highest(name: str) -> float:
        values = re.findall(rf"{name}:\s*(-?[\d.]+|nan|-inf)", moments)
        return max(float(value) for value in values if value not in ("nan", "-inf"))

    return {
        "integrated": number(r"I:\s*(-?[\d.]+) LUFS"),
        "range": number(r"LRA:\s*(-?[\d.]+) LU"),
        "true_peak": number(r"Peak:\s*(-?[\d.]+) dBFS"),
        "highest_momentary": highest("M"),
        "highest_short_term": highest("S"),
    }


def timbre(samples: np.ndarray) -> dict:
    """By AudioCommons' timbral_models, whose numpy had another name for `pad`, and whose librosa took arguments by their places."""
    np.lib.pad = np.pad
    for name in ("onset_strength", "onset_detect"):
        by_name = getattr(librosa.onset, name)
        setattr(librosa.onset, name, lambda y, sr, by_name=by_name, **more: by_name(y=y, sr=sr, **more))
    import timbral_models

    # BS.1770's filter at this rate, in place of one that is 0.05 dB off: some attributes count what is above a fixed level.
    timbral_models.timbral_util.pyln.Meter = functools.partial(pyloudnorm.Meter, filter_class="DeMan")

    sound = {"fs": TIMBRE_RATE}
    # They work on what they are given in place.
    fresh = lambda: samples.astype(np.float64)
    seconds, probability = timbral_models.timbral_reverb(fresh(), dev_output=True, **sound)
    return {
        "brightness": float(timbral_models.timbral_brightness(fresh(), **sound)),
        "sharpness": float(timbral_models.timbral_sharpness(fresh(), **sound)),
        "boominess": float(timbral_models.timbral_booming(fresh(), **sound)),
        "roughness": float(timbral_models.timbral_roughness(fresh(), **sound)),
        "warmth": float(timbral_models.timbral_warmth(fresh(), **sound)),
        "depth": float(timbral_models.timbral_depth(fresh(), **sound)),
        "hardness": float(timbral_models.timbral_hardness(fresh(), **sound)),
        "reverb_seconds": float(seconds),
        "reverb": float(probability),
    }


def write(golden, excerpt: Path) -> dict:
    """Writes the arrays; returns the versions."""
    samples = stretch(mono(excerpt, RATE), RATE, START_S, SECONDS)
    golden.write("descriptor_input", samples, f"mono, {RATE} Hz, from {START_S} s of the excerpt")
    framed(golden, samples.astype(np.float64))
    constant_q_apart(samples.astype(np.float64))
    timbre_mono = mono(excerpt.parent / TIMBRE_FILE, TIMBRE_RATE)
    timbre_samples = stretch(timbre_mono, TIMBRE_RATE, TIMBRE_START_S, TIMBRE_SECONDS)
    about = f"mono, {TIMBRE_RATE} Hz, from {TIMBRE_START_S} s of {TIMBRE_FILE}"
    golden.write("timbral_input", timbre_samples, about)
    music = sorted(excerpt.parent.glob("*.ogg"))
    numbers = {
        "about": "written by make_golden.py; regenerate with `cargo xtask golden`",
        "excerpt": {**whole(samples.astype(np.float64)), "loudest_frame": loudest_frame(samples.astype(np.float64))},
        "timbre": timbre(timbre_samples),
        "music": {path.name: {**whole(mono(path, RATE)), "loudness": loudness(path)} for path in music},
    }
    text = json.dumps(numbers, indent=1)
    # The beats' numbers in a line.
    text = re.sub(r"\[\s+([\d,\s]+?)\s+\]", lambda found: "[" + re.sub(r"\s+", " ", found.group(1)) + "]", text)
    (golden.folder / "descriptors.json").write_text(text + "\n", encoding="utf-8")
    for name, values in numbers["music"].items():
        tonic = librosa.midi_to_note(values["key"]["tonic"], octave=False)
        print(f"{name}: {values['tempo']:.1f} BPM, {tonic} {values['key']['mode']}, {values['loudness']['integrated']} LUFS")
    ffmpeg = subprocess.run(["ffmpeg", "-version"], check=True, capture_output=True, text=True).stdout
    return {
        "ffmpeg": ffmpeg.split()[2],
        "pyloudnorm": version("pyloudnorm"),
        "scipy": scipy.__version__,
        "timbral_models": version("timbral_models"),
    }
