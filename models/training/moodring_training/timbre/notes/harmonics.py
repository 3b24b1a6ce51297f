"""A note as the decoder draws it: levels of its harmonics and of the noise between them, and how its level moves.

The additive part and the noise part of X. Serra and J. Smith, "Spectral modeling synthesis", Computer Music Journal 14(4),
1990, with the partials at the multiples of one pitch.
"""

import numpy as np
from scipy.fft import rfft

from ..front_end import HOP, SAMPLE_RATE

WINDOW = 4_096
"""Samples of the frames that tell harmonics from noise."""
LEVEL_WINDOW = 1_024
"""Samples of those that tell the level: an attack is shorter than the other window."""
HARMONICS = 60
NOISE_BANDS = 40
OUTPUTS = HARMONICS + NOISE_BANDS + 1
"""Of a frame, in this order; the last is the level."""
HIGHEST_HZ = 18_000.0
"""Harmonics above this are not looked for."""
NOISE_EDGES_HZ = np.geomspace(60.0, 20_000.0, NOISE_BANDS + 1)
HARMONIC_RANGE_DB, NOISE_RANGE_DB, LEVEL_RANGE_DB = (-70.0, 0.0), (-100.0, -10.0), (-50.0, 0.0)
"""What is drawn. Harmonics: power of each over that of the frame. Noise: the same of the power in one bin. Level: over the
note's loudest."""
FIRST_HOPS, LATER_STEP, LAST_HOP = 24, 4, 122
TIMES = np.array([*range(FIRST_HOPS), *range(FIRST_HOPS, LAST_HOP + 1, LATER_STEP)])
"""Hops since the onset of the frames that are kept: every one at first, then one in four up to 1.3 s."""
HANN = np.hanning(WINDOW + 1)[:-1]
HANN_POWER = float((HANN**2).sum() / (HANN.sum() / 2) ** 2)
"""Of white noise of power 1 a sample, in a bin: what makes a sine of amplitude 1 have power 1 at its bin."""
BINS_HZ = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
BIN_HZ = SAMPLE_RATE / WINDOW
_SPREAD = 1.5
"""Of the Hann window: the power of a sine, summed over its bins, over that at its peak."""
_HALF_LOBE, _HALF_MASK = 2, 5
"""Bins on either side that are a harmonic's own, and that are not taken for noise."""
_TINY = 1e-14
CLEARLY_LOUDER = 1.05
"""By so much the partials must be louder where a stiff string has them to be taken for those of one."""


def spectra(samples: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Power [frames, bins] around these samples; silence beyond the ends."""
    padded = np.pad(samples, WINDOW // 2)
    frames = padded[centres[:, None] + np.arange(WINDOW)] * HANN
    spectrum = rfft(frames.astype(np.float32), axis=1) / np.float32(HANN.sum() / 2)
    return spectrum.real**2 + spectrum.imag**2


def levels_db(samples: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Mean power in dB [frames] around these samples."""
    energy = np.concatenate([[0.0], np.cumsum(np.pad(samples, LEVEL_WINDOW // 2).astype(np.float64) ** 2)])
    return 10 * np.log10((energy[centres + LEVEL_WINDOW] - energy[centres]) / LEVEL_WINDOW + _TINY)


def hertz(pitch: float | np.ndarray) -> float | np.ndarray:
    """Of a MIDI pitch, equal temperament at 440 Hz."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


def tuned(power: np.ndarray, pitch: float, cents: float = 60.0) -> float:
    """The pitch near `pitch` at which the first twelve harmonics of a mean spectrum [bins] are loudest."""
    tries = pitch + np.linspace(-cents, cents, 41) / 100
    number = np.arange(1, 13)
    places = hertz(tries)[:, None] * number / BIN_HZ
    heard = np.interp(places, np.arange(len(power)), np.sqrt(power), right=0.0)
    # In the middle where nothing tells, as for noise.
    return float(tries[np.argmax(heard.sum(axis=1) - 1e-9 * np.abs(tries - pitch))])


def split(power: np.ndarray, pitch_hz: float, median: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Power [frames, bins] to the power of each harmonic [frames, 60], and of a bin of noise [frames, 40].

    The noise is the mean of its bins; with `median` what their median tells of the mean of white noise, to which a stray partial
    adds nothing.
    """
    number = np.arange(1, HARMONICS + 1)
    places = number * pitch_hz / BIN_HZ
    audible = number * pitch_hz < HIGHEST_HZ
    spacing = pitch_hz / BIN_HZ
    # Stretched strings and vibrato put high partials beside their multiple.
    half = np.minimum(_HALF_LOBE + 0.003 * places, 0.45 * spacing)
    low = np.clip(np.round(places - half), 0, len(BINS_HZ) - 1).astype(int)
    high = np.clip(np.round(places + half), 0, len(BINS_HZ) - 1).astype(int)
    sums = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1, dtype=np.float64)], axis=1)
    harmonics = np.where(audible, (sums[:, high + 1] - sums[:, low]) / _SPREAD, 0.0)

    bins = np.arange(len(BINS_HZ))
    nearest = np.clip(np.round(bins / spacing), 1, HARMONICS)
    between = np.abs(bins - nearest * spacing) > np.minimum(_HALF_MASK + 0.003 * bins, 0.35 * spacing)
    band = np.digitize(BINS_HZ, NOISE_EDGES_HZ) - 1
    use = between & (band >= 0) & (band < NOISE_BANDS)
    member = (np.arange(NOISE_BANDS) == band[:, None]) & use[:, None]
    count = member.sum(axis=0)
    if median:
        # Powers of noise in a bin are distributed exponentially.
        noise = np.stack(
            [np.median(power[:, own], axis=1) / np.log(2) if own.any() else np.zeros(len(power)) for own in member.T],
            axis=1,
        )
    else:
        noise = power @ (member / np.maximum(count, 1)).astype(np.float32)
    # Bands too narrow for a bin of their own take from their neighbours.
    full = np.flatnonzero(count)
    if len(full):
        places = np.arange(NOISE_BANDS)
        noise = np.exp(np.stack([np.interp(places, full, row) for row in np.log(noise[:, full] + _TINY)]))
    return harmonics, noise


def stiffness(power: np.ndarray, pitch: float) -> tuple[float, float]:
    """How far a stiff string stretches the partials of a mean spectrum [bins], and the pitch of its first.

    Partial n lies at n sqrt(1 + B n^2) times the first (H. Fletcher, "Normal vibration frequencies of a stiff piano string", JASA
    36, 1964). B is 0 unless a stretch is plainly louder.
    """
    number = np.arange(1, 21)
    tries = pitch + np.linspace(-40, 20, 13) / 100
    stretches = np.concatenate([[0.0], np.geomspace(2e-5, 3e-3, 30)])
    shape = number * np.sqrt(1 + stretches[:, None, None] * number**2)
    places = hertz(tries)[:, None] * shape / BIN_HZ
    heard = np.interp(places, np.arange(len(power)), np.sqrt(power), right=0.0).sum(axis=2)
    stretch, tune = np.unravel_index(np.argmax(heard), heard.shape)
    plain = np.interp(hertz(pitch) * number / BIN_HZ, np.arange(len(power)), np.sqrt(power), right=0.0).sum()
    if stretch == 0 or heard[stretch, tune] < CLEARLY_LOUDER * plain:
        return 0.0, pitch
    return float(stretches[stretch]), float(tries[tune])


def flexible(power: np.ndarray, stretch: float, pitch_hz: float) -> np.ndarray:
    """Power [frames, bins] with the partials of a stiff string where they would be on a flexible one."""
    bins = np.arange(power.shape[1])
    places = bins * np.sqrt(1 + stretch * (bins * BIN_HZ / pitch_hz) ** 2)
    return np.stack([np.interp(places, bins, row, right=0.0) for row in power])


def analysed(
    samples: np.ndarray, pitch: float, times: np.ndarray = TIMES, strings: bool = False
) -> tuple[np.ndarray, float] | None:
    """A note that begins with its first sample: what is drawn [frames, 101] in dB, and its pitch as it is tuned.

    None where it is silent. Frames behind the end of the samples are silent. With `strings` the partials of stiff strings are
    taken for harmonics, not for noise between them, and the noise is told by medians.
    """
    centres = times * HOP
    room = int(centres[-1]) + WINDOW
    samples = np.pad(samples[:room], (0, max(0, room - len(samples)))).astype(np.float32)
    power = spectra(samples, centres)
    level = levels_db(samples, centres)
    if level.max() < -60:
        return None
    pitch = tuned(power.mean(axis=0), pitch)
    if strings:
        stretch, pitch = stiffness(power.mean(axis=0), pitch)
        if stretch > 0:
            power = flexible(power, stretch, float(hertz(pitch)))
    harmonics, noise = split(power, float(hertz(pitch)), median=strings)
    whole = power.sum(axis=1, keepdims=True) / _SPREAD + _TINY
    drawn = [
        np.clip(10 * np.log10(harmonics / whole + _TINY), *HARMONIC_RANGE_DB),
        np.clip(10 * np.log10(noise / whole + _TINY), *NOISE_RANGE_DB),
        np.clip(level - level.max(), *LEVEL_RANGE_DB)[:, None],
    ]
    return np.concatenate(drawn, axis=1).astype(np.float32), pitch
