"""The songs of the map: titles, artists and licences as the manifest has them, and a genre of the map's own few."""

import csv
from dataclasses import dataclass
from pathlib import Path

from ...shared import audio
from ...shared.errors import PipelineError
from ...shared.paths import ROOT, Paths
from ..labels import songs

EXCERPTS = ROOT / "tests" / "music"
"""The project's own excerpts, which a small run maps."""
SHORTEST = 8.0
"""Seconds of the shortest song: what is shorter is a loop or a ring tone."""
GENRES: dict[str, tuple[str, ...]] = {
    "classical": ("classical", "opera", "orchestral"),
    "jazz, blues": ("jazz", "blues", "swing", "lounge"),
    "hip-hop": ("hip-hop",),
    "rock, metal": ("rock", "metal"),
    "funk, disco, soul": ("funk", "disco", "soul", "r&b", "gospel"),
    "folk, country": ("folk", "country", "bluegrass", "traditional"),
    "world, latin, reggae": (
        "world",
        "latin",
        "reggae",
        "ska",
        "african",
        "asian",
        "indian",
        "middle eastern",
        "flamenco",
    ),
    "ambient, chillout": ("ambient", "chillout", "downtempo", "easy listening", "new age"),
    "electronic, dance": ("electronic", "dance"),
    "pop": ("pop",),
}
"""The map's genres, each with the tags that stand for it. A song is of the first that it has a tag of: the narrower words come first, since
half of all music is called electronic or pop as well."""
NOT_MUSIC = frozenset({"speech"})


@dataclass(frozen=True)
class Listed:
    """A song that has a place."""

    name: str
    path: Path
    title: str
    artist: str
    licence: str
    genre: str | None
    """One of GENRES; None where the manifest's words tell none."""
    start: float = 0.0
    seconds: float | None = None
    """Of the stretch that is heard; None is all of it."""


def genre_of(tags: frozenset[str]) -> str | None:
    """The first of GENRES that a song with these tags is of."""
    return next((genre for genre, names in GENRES.items() if tags & set(names)), None)


def listed(paths: Paths, small: bool) -> tuple[list[Listed], list[Listed]]:
    """The songs of the map, and those that it is only judged by.

    What may not be taught with (`nc`) isn't on the map: where songs are is learned from them. Nor is what has low fidelity, which would lie
    together for its codec's sake, nor speech. A small run maps thirds of the project's own excerpts.

    # Errors
    Raises PipelineError if there is no folder of songs, or a song without a title.
    """
    if small:
        return _thirds(), []
    if not paths.music.exists():
        raise PipelineError(f"{paths.music} is missing; name the folder of songs with --music")
    with (paths.music / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    taught, judged = [], []
    for song in songs.of_manifest(paths.music):
        row = rows[song.name]
        if song.low or song.right & NOT_MUSIC or float(row["seconds"]) < SHORTEST:
            continue
        missing = [field for field in ("title", "artist", "licence") if not row.get(field, "").strip()]
        if missing:
            raise PipelineError(f"{paths.music / 'manifest.csv'}: {song.name} has no {missing[0]}")
        one = Listed(song.name, song.path, row["title"], row["artist"], row["licence"], genre_of(song.right))
        (judged if row["nc"] else taught).append(one)
    return taught, judged


def _thirds() -> list[Listed]:
    found = []
    for path in sorted(EXCERPTS.glob("*.ogg")):
        length = audio.duration(path) / 3
        for third in range(3):
            name = f"{path.stem}-{third}"
            # Each its own artist: the others of the piece are what it should be near to.
            found.append(Listed(name, path, name, name, "see tests/music", path.stem, third * length, length))
    return found
