"""Labels of real sound, and who may learn from it."""

from pathlib import Path

import pytest

from moodring_training.shared.errors import PipelineError
from moodring_training.shared.paths import Paths
from moodring_training.tagger.labels import songs
from moodring_training.tagger.labels.audioset import LABELS, PARENTS, WIDE, WIDE_INDEX, ancestors, family, kin
from moodring_training.tagger.labels.vocabulary import TAGS
from moodring_training.tagger.listeners import hearing

HEAD = "id,artist,genre,instruments,vocal,nc,fidelity"


def manifest(folder: Path, *rows: str) -> list[songs.Song]:
    (folder / "manifest.csv").write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return songs.of_manifest(folder)


def test_the_wide_vocabulary_begins_with_the_narrow_one_and_names_each_tag_once() -> None:
    assert WIDE[: len(TAGS)] == TAGS
    assert len(WIDE_INDEX) == len(WIDE) >= 150


def test_mappings_name_tags_that_exist() -> None:
    words = {tag for text in (*songs.WORDS.values(), *songs.INSTRUMENT_WORDS.values()) for tag in text.split("|")}
    for name in (*LABELS, *PARENTS, *PARENTS.values(), *words):
        assert name in WIDE_INDEX, name


def test_a_parent_is_of_the_same_kind_and_no_tag_its_own_ancestor() -> None:
    for child, parent in PARENTS.items():
        assert WIDE[WIDE_INDEX[child]].kind == WIDE[WIDE_INDEX[parent]].kind, child
        assert child not in ancestors(child)


def test_kin_are_above_or_below_not_beside() -> None:
    assert kin("guitar", "electric guitar") and kin("piano", "keyboard")
    assert not kin("acoustic guitar", "electric guitar")
    assert family("acoustic guitar") == family("electric guitar") == "guitar"
    assert family("sad") == family("emotional") != family("happy")


def test_an_artist_is_in_one_part_and_what_may_only_be_judged_by_is_never_taught(tmp_path: Path) -> None:
    found = manifest(
        tmp_path,
        *(f"a{number},Somebody {number % 7},rock,,unknown,,," for number in range(40)),
        "b1,Kevin MacLeod,jazz,,no,,",
        "b2,Free and not,pop,,yes,NC,",
        "b3,Free and not,pop,,yes,,",
    )
    parts: dict[str, set[str]] = {}
    for number in range(40):
        parts.setdefault(f"Somebody {number % 7}", set()).add(found[number].part)
    assert all(len(part) == 1 for part in parts.values())
    assert found[40].part == "teach"
    assert [song.part for song in found[41:]] == ["report", "report"]


def test_parts_are_the_same_on_every_machine() -> None:
    drawn = [songs.part_of(f"Artist {number}", False) for number in range(8)]
    assert drawn == ["report", "calibrate", "calibrate", "teach", "report", "report", "teach", "choose"]


def test_a_solo_is_complete_and_a_song_is_not(tmp_path: Path) -> None:
    solo, song = manifest(
        tmp_path, "a,x,solo instrument,violin,no,,", 'b,x,"rock, happy",electric guitar,yes (female),,low'
    )
    assert {"violin", "strings"} <= solo.right
    assert solo.wrong("piano") and solo.wrong("cello") and solo.wrong("male voice")
    assert not solo.wrong("strings") and not solo.wrong("rock")
    assert song.low and not solo.low
    assert song.wrong("jazz") and song.wrong("male voice")
    assert not song.wrong("drums") and not song.wrong("heavy metal") and not song.wrong("female singing")
    assert song.in_family("catchy") and not song.in_family("sad")


def test_a_manifest_without_a_column_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("id,artist\na,b\n", encoding="utf-8")
    with pytest.raises(PipelineError, match="manifest.csv: there is no column fidelity, genre"):
        songs.of_manifest(tmp_path)


def test_no_manifest_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="manifest.csv: No such file"):
        songs.of_manifest(tmp_path)


def test_a_folder_of_ones_own_denies_only_what_it_says(tmp_path: Path) -> None:
    paths = Paths.resolve(False, {"data": tmp_path})
    (tmp_path / "local.toml").write_text(f'[[folder]]\nformat = "own"\npath = "{tmp_path}"\n', encoding="utf-8")
    (tmp_path / "tags.tsv").write_text("a.wav\tpiano, jazz\torgan\nb.wav\tsaxophone\n", encoding="utf-8")
    first, second = songs.of_own(paths)
    assert first.part == "report"
    assert first.right == {"piano", "keyboard", "jazz"}
    assert first.wrong("organ") and not first.wrong("guitar")
    assert second.right == {"saxophone", "woodwind"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[folder]]\nformat =", "Invalid value"),
        ('[folder]\nformat = "own"', r"folders are to be named in tables `\[\[folder\]\]`"),
        ('[[folder]]\nformat = "own"', "folder 1: path must be text, not None"),
        ('[[folder]]\npath = "/"\nformat = 3', "folder 1: format must be text, not 3"),
    ],
)
def test_a_list_of_folders_that_is_not_understood_is_told_by_its_field(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "local.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match=f"local.toml: .*{said}"):
        songs.of_own(Paths.resolve(False, {"data": tmp_path}))


def test_a_listener_that_is_not_there_ends_the_run_and_is_named(tmp_path: Path) -> None:
    paths = Paths.resolve(True, {"data": tmp_path, "listener": tmp_path / "nowhere"})
    with pytest.raises(PipelineError, match="nowhere.* is missing; name the folder of mn04 with --listener"):
        hearing.prepare(paths, [songs.Song("song", tmp_path / "song.ogg", "report", frozenset())])
