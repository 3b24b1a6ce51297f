"""A tagger's window and bands as its card describes them (`docs/models.md`), by librosa."""

import librosa
import numpy as np


def window(front: dict) -> np.ndarray:
    """As long as a frame; librosa's own names."""
    kind, periodic = front["window"].split(",")[0].split()
    length = front.get("window_length", front["n_fft"])
    values = librosa.filters.get_window(kind, length, fftbins=periodic == "periodic")
    if front["padding"] == "none, frames as long as the window":
        return values
    return librosa.util.pad_center(values, size=front["n_fft"])


def bands(front: dict) -> np.ndarray:
    """Bands by bins. librosa's have sides that are straight over the frequency; Kaldi's are straight over the mel scale."""
    htk = front["mel_scale"] != "slaney"
    if "on the mel scale" in front.get("mel_shape", ""):
        ends = librosa.hz_to_mel([front["f_min"], front["f_max"]], htk=htk)
        edges = np.linspace(*ends, front["bands"] + 2)
        bins = librosa.hz_to_mel(librosa.fft_frequencies(sr=front["sample_rate"], n_fft=front["n_fft"]), htk=htk)
        corners = np.array([0.0, 1.0, 0.0])
        return np.array([np.interp(bins, edges[band : band + 3], corners) for band in range(front["bands"])])
    return librosa.filters.mel(
        sr=front["sample_rate"],
        n_fft=front["n_fft"],
        n_mels=front["bands"],
        fmin=front["f_min"],
        fmax=front["f_max"],
        htk=htk,
        norm=None if front["mel_norm"] == "none" else front["mel_norm"],
        dtype=np.float64,
    )
