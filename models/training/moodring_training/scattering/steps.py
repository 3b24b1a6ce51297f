"""The comparison's one step."""

import zlib

import numpy as np

from ..shared.files import write_json, written_whole
from ..shared.paths import Paths
from .compare import Heard, compared, print_comparison
from .config import ScatteringConfig
from .features import FRONT_ENDS
from .material import INSTRUMENTS, Notes, makers, notes_of


def scattering(paths: Paths, small: bool) -> None:
    """Plays or reads the notes, hears them by every front-end, and prints which tells the instruments better."""
    config = ScatteringConfig.read(small)
    notes = {maker: notes_of(paths, maker, config.material) for maker in makers(small)}
    for maker, own in notes.items():
        print(f"{maker}: {len(own.sounds)} notes of {len(INSTRUMENTS)} instruments")
    heard = {name: numbers_of(paths, name, notes, config) for name in FRONT_ENDS}
    shares = compared(heard, config.training)
    numbers = {name: next(iter(by_maker.values())).numbers.shape[2] for name, by_maker in heard.items()}
    print_comparison(shares, list(notes), numbers, 1 / len(INSTRUMENTS))
    kept = {f"{front_end}, {name}": found.tolist() for (front_end, name), found in shares.items()}
    write_json(paths.work / "scattering" / "shares.json", {"makers": list(notes), "shares": kept})


def numbers_of(paths: Paths, front_end: str, notes: dict[str, Notes], config: ScatteringConfig) -> dict[str, Heard]:
    """Every maker's notes by one front-end: made, or read from where they were kept."""
    found = {}
    for maker, own in notes.items():
        asked = zlib.crc32(repr((front_end, maker, config.material, config.wavelets, INSTRUMENTS)).encode())
        path = paths.work / "scattering" / f"heard-{asked:08x}.npz"
        if not path.exists():
            with written_whole(path) as unfinished:
                np.savez(unfinished, numbers=FRONT_ENDS[front_end](own.sounds, config.wavelets))
        with np.load(path) as stored:
            found[maker] = Heard(stored["numbers"], own.instruments)
    return found
