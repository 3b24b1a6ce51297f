"""What `moodring tag --write-tags` writes, as mutagen reads it, and the sound, as libsndfile does."""

import json

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.id3 import ID3, PRIV, TPE1, TXXX

from conftest import EXCERPT

SECONDS = 8

# How mutagen names genre and mood in each kind of file.
FRAMES = ("TCON", "TMOO")
COMMENTS = ("genre", "mood")

FORMATS = {
    "song.mp3": ({"format": "MP3", "subtype": "MPEG_LAYER_III"}, FRAMES),
    "song.wav": ({"format": "WAV", "subtype": "PCM_16"}, FRAMES),
    "song.aiff": ({"format": "AIFF", "subtype": "PCM_16"}, FRAMES),
    "song.flac": ({"format": "FLAC", "subtype": "PCM_16"}, COMMENTS),
    "song.ogg": ({"format": "OGG", "subtype": "VORBIS"}, COMMENTS),
}


def said(file, key):
    """The text of a field, or None."""
    tags = mutagen.File(file).tags
    value = None if tags is None else tags.get(key)
    if value is None:
        return None
    value = (value.text if hasattr(value, "text") else value)[0]
    return value.decode() if isinstance(value, bytes) else str(value)


def summary(moodring, file, *arguments):
    return json.loads(moodring("tag", "--format", "jsonl", *arguments, file))


@pytest.mark.parametrize("name", FORMATS)
def test_other_programs_find_genre_and_mood_and_the_same_sound(moodring, tmp_path, name):
    how, keys = FORMATS[name]
    samples, rate = soundfile.read(EXCERPT, frames=SECONDS * 44_100, dtype="float32")
    song = tmp_path / name
    soundfile.write(song, samples, rate, **how)
    before, _ = soundfile.read(song, dtype="float32")
    untouched = song.read_bytes()

    dry = summary(moodring, song, "--write-tags")
    assert song.read_bytes() == untouched
    summary(moodring, song, "--write-tags", "--yes")

    wishes = [dry["headlines"]["genre"], dry["headlines"]["mood"]]
    assert wishes[0], dry["headlines"]
    assert [said(song, key) for key in keys] == wishes
    after, _ = soundfile.read(song, dtype="float32")
    assert np.array_equal(before, after)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_what_a_file_says_of_itself_stays_unless_it_is_to_be_replaced(moodring, tmp_path):
    samples, rate = soundfile.read(EXCERPT, frames=SECONDS * 44_100, dtype="float32")
    song = tmp_path / "song.flac"
    soundfile.write(song, samples, rate)
    tags = mutagen.File(song)
    tags["genre"], tags["artist"], tags["mine"] = "Ranchera", ["One", "Another"], "kept"
    tags.save()
    summary(moodring, song, "--write-tags", "--yes")
    assert said(song, "genre") == "Ranchera"
    heard = summary(moodring, song, "--write-tags", "--yes", "--replace")["headlines"]["genre"]
    assert said(song, "genre") == heard
    tags = mutagen.File(song).tags
    assert (tags["artist"], tags["mine"]) == (["One", "Another"], ["kept"])


def test_frames_that_only_id3_has_stay(moodring, tmp_path):
    samples, rate = soundfile.read(EXCERPT, frames=SECONDS * 44_100, dtype="float32")
    song = tmp_path / "song.mp3"
    soundfile.write(song, samples, rate, format="MP3", subtype="MPEG_LAYER_III")
    tags = ID3()
    tags.add(TPE1(encoding=3, text=["One", "Another"]))
    tags.add(TXXX(encoding=3, desc="mine", text=["kept"]))
    tags.add(PRIV(owner="somebody", data=b"\0\1"))
    tags.save(song)
    heard = summary(moodring, song, "--write-tags", "--yes")["headlines"]["genre"]
    assert said(song, "TCON") == heard
    after = mutagen.File(song).tags
    assert after["TPE1"].text == ["One", "Another"]
    assert after["TXXX:mine"].text == ["kept"]
    assert after.getall("PRIV")[0].data == b"\0\1"
