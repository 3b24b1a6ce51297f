"""What the plugin sends as MIDI while it plays, as mido reads it from a Standard MIDI File."""

import os
import subprocess

import mido
import pytest

from conftest import EXCERPT

SECONDS, RATE = 8, 44_100
# From the end of the sound that an answer describes, as docs/midi.md says: 0.1 s and a block of 512.
DELAY = 4_410 + 512
VALENCE, AROUSAL, ROCK, DRUMS = 20, 21, 22, 23


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The messages and their times in frames."""
    file = tmp_path_factory.mktemp("midi") / "played.mid"
    arguments = ["--plugin", os.environ["MOODRING_CLAP"], "--midi", file, "--seconds", SECONDS, EXCERPT]
    tags = ["--tag", "genre=rock", "--tag", "instrument=drums"]
    subprocess.run([os.environ["MOODRING_PLAY"], *tags, *map(str, arguments)], check=True, timeout=120)
    (track,) = mido.MidiFile(file).tracks
    now, messages = 0, []
    for message in track:
        now += message.time
        if not message.is_meta:
            messages.append((now, message))
    return messages


def test_valence_arousal_and_tags_are_controllers_that_change(played):
    controls = [message for _, message in played if message.type == "control_change"]
    assert {message.channel for message in controls} == {0}
    assert {message.control for message in controls} == {VALENCE, AROUSAL, ROCK, DRUMS}
    for controller in (VALENCE, AROUSAL, ROCK, DRUMS):
        values = [message.value for message in controls if message.control == controller]
        assert all(before != after for before, after in zip(values, values[1:])), values
    rock = [message.value for message in controls if message.control == ROCK]
    # What plays is a rock song.
    assert len(rock) > 1 and rock[-1] > 64


def test_messages_come_with_the_answer_s_sample(played):
    frames = [frame for frame, message in played if message.type == "control_change"]
    assert frames == sorted(frames)
    # A busy machine may make some late, in playback.
    in_time = [frame for frame in frames if (frame - DELAY) % (RATE // 2) == 0]
    assert len(in_time) > len(frames) / 2


def test_a_large_word_is_a_note_that_ends(played):
    notes = [(frame, message) for frame, message in played if message.type in ("note_on", "note_off")]
    struck = [(frame, message.note) for frame, message in notes if message.type == "note_on"]
    ended = [(frame, message.note) for frame, message in notes if message.type == "note_off"]
    assert struck
    assert [(frame + RATE // 4, note) for frame, note in struck] == ended
