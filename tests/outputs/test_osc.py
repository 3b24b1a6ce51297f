"""What the plugin sends by OSC while it plays, as python-osc receives it."""

import os
import subprocess
import threading
import time

import pytest
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_server import ThreadingOSCUDPServer

from conftest import EXCERPT

SECONDS, FROM = 8, 61


class Receiver:
    """Everything that comes, by address, and when each bundle says that it was sent, in seconds since 1970."""

    def __init__(self):
        self.messages, self.times = {}, []
        receiver = self

        class Server(ThreadingOSCUDPServer):
            def verify_request(self, request, client_address):
                receiver.times.append(OscBundle(request[0]).timestamp)
                return True

        dispatcher = Dispatcher()
        dispatcher.set_default_handler(lambda address, *values: self.messages.setdefault(address, []).append(values))
        self.server = Server(("127.0.0.1", 0), dispatcher)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture(scope="module")
def received():
    """What came while the excerpt was played."""
    receiver = Receiver()
    play(receiver.address)
    receiver.server.shutdown()
    receiver.server.server_close()
    return receiver


def play(address):
    """Plays the excerpt in real time, with OSC on as a project has it; returns how long that took."""
    program, plugin = os.environ["MOODRING_PLAY"], os.environ["MOODRING_CLAP"]
    begun = time.monotonic()
    arguments = ["--plugin", plugin, "--osc", address, "--name", "Deck A", "--from", FROM, "--seconds", SECONDS, EXCERPT]
    subprocess.run([program, *map(str, arguments)], check=True, timeout=120)
    return time.monotonic() - begun


def test_tags_headlines_and_feeling_come_as_they_are_heard(received):
    messages = received.messages
    prefix = "/moodring/Deck_A"
    assert all(address.startswith(f"{prefix}/") for address in messages)
    # Two a second; a busy machine skips some.
    answers = messages[f"{prefix}/seconds"]
    assert SECONDS / 2 <= len(answers) <= 2 * SECONDS
    assert ("Deck A",) in messages[f"{prefix}/instance"]
    assert ("live",) in messages[f"{prefix}/state"]
    for kind in ["genre", "instrument", "mood"]:
        first, second = (messages[f"{prefix}/top/{kind}/{place}"][-1] for place in (1, 2))
        assert 1 >= first[1] >= second[1] >= 0
        assert first[0] and first[0] != second[0]
    # What plays is a rock song: something is named, once, and stays.
    named = [new for new, _ in messages[f"{prefix}/change/instrument"]]
    assert named[-1] == messages[f"{prefix}/headline/instrument"][-1][0] != ""
    assert len(named) <= 3


def test_the_song_s_position_is_the_host_s(received):
    seconds = [value for (value,) in received.messages["/moodring/Deck_A/song/seconds"]]
    assert seconds == sorted(seconds)
    assert FROM <= seconds[0] and seconds[-1] <= FROM + SECONDS + 1
    assert received.messages["/moodring/Deck_A/song/playing"][0] == (1,)


def test_bundles_say_when_they_were_sent(received):
    assert received.times == sorted(received.times)
    assert all(abs(sent - time.time()) < 600 for sent in received.times)
    assert received.times[-1] - received.times[0] > SECONDS / 2


def test_a_receiver_that_is_not_there_costs_nothing():
    # Nobody listens on the discard port.
    assert play("127.0.0.1:9") < SECONDS + 30
