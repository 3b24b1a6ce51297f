"""Which named timbre a frame is of."""

import numpy as np

from ..soundfont import PERCUSSION
from ..timbres import TIMBRES, Timbre
from .features import UNKNOWN, Frames

NONE = -1


def members(frames: Frames, timbre: Timbre) -> np.ndarray:
    """Which frames are of this timbre [frames]."""
    percussion = frames.program == PERCUSSION
    return np.where(percussion, np.isin(frames.pitch, timbre.keys), np.isin(frames.program, timbre.programs))


def labels(frames: Frames) -> np.ndarray:
    """Index into TIMBRES of each frame's own timbre, or NONE [frames]."""
    found = np.full(len(frames), NONE)
    for index, timbre in enumerate(TIMBRES):
        if timbre.judged:
            found[members(frames, timbre)] = index
    return found


def pitched(frames: Frames) -> np.ndarray:
    """Which frames are of notes with a pitch [frames]."""
    return (frames.program != UNKNOWN) & (frames.program != PERCUSSION)
