"""What Ardour, a DAW that nobody here wrote, records of the MIDI that the VST3 sends while it plays music, as mido reads it."""

import base64
import json
import os
import re
import struct
import subprocess
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from conftest import EXCERPT

HERE = Path(__file__).resolve().parent
ARDOUR = Path("/usr/lib/ardour7")
SECONDS, RATE = 12, 44_100
TICKS = 19_200
"""Half a second, at the 120 beats a minute of a new session."""
VALENCE, AROUSAL, ROCK, DRUMS = 20, 21, 22, 23
OUTPUTS = {
    "tags": [{"kind": "genre", "name": "rock"}, {"kind": "instrument", "name": "drums"}, *[None] * 6],
    "midi": {"on": True, "channel": 3, "headlines": "notes", "headline_channel": 10},
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> list[tuple[int, mido.Message]]:
    """The messages on the MIDI track, and their times in ticks."""
    home = tmp_path_factory.mktemp("ardour")
    bundle = home / ".vst3" / "Moodring.vst3"
    bundle.parent.mkdir()
    bundle.symlink_to(os.environ["MOODRING_VST3"])
    session = home / "session"
    environment = {**os.environ, "HOME": str(home), "SESSION": str(session), "SECONDS": str(SECONDS)}
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        environment.pop(name, None)

    def run(*command, **more) -> None:
        done = subprocess.run([*map(str, command)], env={**environment, **more}, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    run(ARDOUR / "ardour-vst3-scanner", "-f", bundle, LD_LIBRARY_PATH=str(ARDOUR))
    run("ardour7-lua", HERE / "ardour" / "make.lua")
    switch_midi_on(session / "session.ardour")
    put_music(session / "interchange" / "session" / "audiofiles")
    run("ardour7-lua", HERE / "ardour" / "play.lua")
    (take,) = (session / "interchange" / "session" / "midifiles").glob("*.mid")
    now, messages = 0, []
    for message in mido.merge_tracks(mido.MidiFile(take).tracks):
        now += message.time
        if not message.is_meta:
            messages.append((now, message))
    return messages


def switch_midi_on(file: Path) -> None:
    """As a user does on the page Output: the plugin's state is in the session, as VST3 files have it."""
    session = file.read_text(encoding="utf-8")
    (kept,) = re.findall(r">([A-Za-z0-9+/=\s]{500,})<", session)
    state = base64.b64decode(kept)
    entry = state.index(b"Comp", state.index(b"List"))
    start, length = struct.unpack("<qq", state[entry + 4 : entry + 20])
    own = json.loads(state[start : start + length])
    outputs = json.loads(own["fields"]["outputs"])
    midi = {**outputs["midi"], **OUTPUTS["midi"]}
    own["fields"]["outputs"] = json.dumps({**outputs, **OUTPUTS, "midi": midi})
    changed = json.dumps(own).encode()
    behind = start + len(changed)
    parts = b"List" + struct.pack("<i4sqq", 1, b"Comp", start, len(changed))
    whole = state[:40] + struct.pack("<q", behind) + changed + parts
    file.write_text(session.replace(kept, base64.b64encode(whole).decode()), encoding="utf-8")


def put_music(folder: Path) -> None:
    """In the place of the silence, in files of the same length."""
    music, rate = soundfile.read(EXCERPT, dtype="float32", always_2d=True)
    assert rate == RATE
    for channel, side in enumerate("LR"):
        (file,) = folder.glob(f"*%{side}.wav")
        length = soundfile.info(file).frames
        assert length >= SECONDS * RATE and soundfile.info(file).subtype == "FLOAT"
        sound = np.resize(music[:, channel], length).astype("<f4").tobytes()
        data = bytearray(file.read_bytes())
        start = data.index(b"data") + 8
        data[start : start + len(sound)] = sound
        file.write_bytes(data)


def test_a_daw_records_valence_arousal_and_tags_as_controllers(recorded):
    controls = [message for _, message in recorded if message.type == "control_change"]
    assert {message.channel for message in controls} == {2}
    values = {number: [message.value for message in controls if message.control == number] for number in range(128)}
    sent = {number for number, found in values.items() if found}
    assert sent == {VALENCE, AROUSAL, ROCK, DRUMS}
    print(len(controls), "control changes; rock at the end:", values[ROCK][-1])
    # What plays is a rock song, and nothing is sent twice.
    assert values[ROCK][-1] > 64
    assert all(before != after for found in values.values() for before, after in zip(found, found[1:]))
    # An answer comes every half second; a busy machine may make some late.
    times = [time for time, message in recorded if message.type == "control_change"]
    in_time = [time for time in times if (time - times[0]) % TICKS <= 2]
    assert len(in_time) > len(times) / 2, times


def test_a_daw_records_a_large_word_as_a_note_of_a_quarter_of_a_second(recorded):
    struck = [(time, message) for time, message in recorded if message.type == "note_on"]
    ended = [(time, message) for time, message in recorded if message.type == "note_off"]
    assert struck
    for time, message in struck:
        assert message.channel in (9, 10, 11)
        (end,) = [later for later, other in ended if other.note == message.note and 0 < later - time <= TICKS]
        assert abs(end - time - TICKS // 2) <= 2
