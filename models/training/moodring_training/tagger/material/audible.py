"""How much is heard of each part of a mix: the share of the ear's cells in which it is louder than all others together.

That is the ideal binary mask (D. Wang, "On ideal binary mask as the computational goal of auditory scene analysis", 2005) over
mel bands and frames.
"""

import numpy as np

DEPTH_DB = 45.0
"""How far below the mix's loudest cell a part is heard at all."""


def shares(levels: np.ndarray) -> np.ndarray:
    """Of parts' levels in dB `[parts, frames, bands]`: each part's share of the cells, 0 to 1, `[parts]`."""
    power = 10.0 ** (levels.astype(np.float64) / 10)
    whole = power.sum(axis=0)
    heard = (power > whole - power) & (power > whole.max() * 10 ** (-DEPTH_DB / 10))
    return heard.mean(axis=(1, 2))
