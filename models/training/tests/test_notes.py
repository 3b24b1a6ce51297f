"""The model of notes: what a note is taken for, what its networks draw, what is written of them, and how they are played."""

from pathlib import Path

import numpy as np
import pytest
import torch

from moodring_training.shared.checkpoint import load_checkpoint
from moodring_training.shared.errors import PipelineError
from moodring_training.shared.onnx_graph import session
from moodring_training.shared.paths import Paths
from moodring_training.timbre.front_end import HOP, SAMPLE_RATE
from moodring_training.timbre.notes import movement
from moodring_training.timbre.notes import train as training
from moodring_training.timbre.notes.config import NotesConfig
from moodring_training.timbre.notes.evaluate import apart
from moodring_training.timbre.notes.export import build, check
from moodring_training.timbre.notes.harmonics import (
    HANN_POWER,
    HARMONICS,
    LEVEL_RANGE_DB,
    NOISE_BANDS,
    NOISE_EDGES_HZ,
    OUTPUTS,
    TIMES,
    analysed,
    hertz,
)
from moodring_training.timbre.notes.material import Notes
from moodring_training.timbre.notes.model import checkpoint_path, load_player
from moodring_training.timbre.notes.net import HIGHEST, LOOKS, LOWEST, Player, traces
from moodring_training.timbre.notes.objective import apart as own_apart
from moodring_training.timbre.notes.objective import distances, divergence
from moodring_training.timbre.notes.players import player
from moodring_training.timbre.notes.resynthesis import listen, resynthesise
from moodring_training.timbre.timbres import TIMBRES, Timbre

CONFIG = NotesConfig.read(small=True)
NARROW = CONFIG.network.model_copy(update={"code": 4, "encoder": (16,), "decoder": (16,)})
SMALL = CONFIG.model_copy(
    update={
        "network": NARROW,
        "training": CONFIG.training.model_copy(
            update={"steps": 6, "notes_a_step": 8, "frames_a_note": 3, "log_steps": 3}
        ),
    }
)


def blank(players: int = 3) -> Player:
    middle = torch.from_numpy((LOWEST + HIGHEST) / 2)
    return Player(NARROW, players, middle, torch.full((OUTPUTS,), 10.0)).eval()


def notes(programs: tuple[int, ...] = (0, 40, 73), pitches: tuple[int, ...] = (48, 55, 60, 67, 72)) -> Notes:
    """Made-up notes: each program has a spectrum of its own, and fades at a rate of its own."""
    random, drawn, rows = np.random.default_rng(8), [], []
    for program in programs:
        spectrum = random.uniform(-50, 0, OUTPUTS - 1) - np.r_[np.zeros(HARMONICS), np.full(NOISE_BANDS, 30)]
        for pitch in pitches:
            level = -TIMES * (0.1 + program / 400)
            frame = np.c_[np.tile(spectrum + random.normal(0, 1, OUTPUTS - 1), (len(TIMES), 1)), level]
            drawn.append(np.clip(frame, LOWEST, HIGHEST))
            rows.append((0, program, pitch, 90))
    font, program, pitch, velocity = np.array(rows).T
    return Notes(np.array(drawn, np.float16), font, program, pitch.astype(np.float32), velocity)


def tone(pitch: float, seconds: float = 1.5, partials: dict[int, float] | None = None) -> np.ndarray:
    """Partials by number and amplitude."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    waves = [
        amplitude * np.sin(2 * np.pi * number * hertz(pitch) * time)
        for number, amplitude in (partials or {1: 0.3}).items()
    ]
    return np.sum(waves, axis=0).astype(np.float32)


# harmonics


def test_harmonics_have_the_levels_that_they_were_played_at() -> None:
    drawn, pitch = analysed(tone(57.0, partials={1: 0.2, 2: 0.1, 5: 0.02}), 57.0)
    held = drawn[20:40].mean(axis=0)
    assert pitch == pytest.approx(57.0, abs=0.2)
    whole = 0.2**2 + 0.1**2 + 0.02**2
    for number, amplitude in ((1, 0.2), (2, 0.1), (5, 0.02)):
        assert held[number - 1] == pytest.approx(10 * np.log10(amplitude**2 / whole), abs=0.6), number
    assert held[2] < -50 and held[HARMONICS : HARMONICS + NOISE_BANDS].max() < -45
    assert held[-1] == pytest.approx(0, abs=0.3)


def test_a_pitch_that_is_a_little_off_is_tuned() -> None:
    _, pitch = analysed(tone(60.3, partials={1: 0.2, 2: 0.1, 3: 0.1}), 60.0)
    assert pitch == pytest.approx(60.3, abs=0.04)


def test_noise_is_in_its_bands_and_not_in_the_harmonics() -> None:
    random = np.random.default_rng(9)
    quiet = analysed(tone(60) + random.normal(0, 1e-3, 72_000).astype(np.float32), 60.0)[0][20:40].mean(axis=0)
    loud = analysed(tone(60) + random.normal(0, 1e-2, 72_000).astype(np.float32), 60.0)[0][20:40].mean(axis=0)
    high = HARMONICS + np.flatnonzero(NOISE_EDGES_HZ[:-1] > 2_000)[:-1]
    np.testing.assert_allclose((loud - quiet)[high], 20, atol=2)
    assert abs((loud - quiet)[0]) < 0.5


def test_white_noise_has_its_own_power_in_a_bin_over_that_of_a_sine_as_loud() -> None:
    noise = np.random.default_rng(12).normal(0, 0.1, 72_000).astype(np.float32)
    drawn = analysed(noise, 60.0)[0][20:].mean(axis=0)
    # A sine of amplitude 1 has mean power 1/2, and power 1 at its bin.
    expected = 10 * np.log10(HANN_POWER / 2)
    assert drawn[HARMONICS + 15 : HARMONICS + NOISE_BANDS].mean() == pytest.approx(expected, abs=1)


def test_silence_is_no_note() -> None:
    assert analysed(np.zeros(48_000, np.float32), 60.0) is None


# net


def test_a_trace_is_whole_at_the_onset_and_fades_at_its_own_rate() -> None:
    found = traces(torch.tensor([0.0, SAMPLE_RATE / HOP]), NARROW)
    torch.testing.assert_close(found[0], torch.ones(len(NARROW.memories_s)))
    torch.testing.assert_close(found[1], torch.exp(-1 / torch.tensor(NARROW.memories_s)))


def test_a_code_does_not_depend_on_frames_that_the_encoder_does_not_look_at() -> None:
    one, drawn = blank(), torch.from_numpy(notes().drawn[:2].astype(np.float32))
    before = one.encode(drawn, torch.tensor([60.0, 60.0]))[0]
    unseen = [frame for frame in range(len(TIMES)) if frame not in LOOKS]
    drawn[:, unseen] -= 20
    torch.testing.assert_close(one.encode(drawn, torch.tensor([60.0, 60.0]))[0], before)
    drawn[:, LOOKS[2]] -= 20
    assert (one.encode(drawn, torch.tensor([60.0, 60.0]))[0] - before).abs().max() > 1e-3


def test_a_note_is_drawn_frame_by_frame_as_it_is_decoded() -> None:
    one = blank()
    found = one.draw(one.own[:1], 62.0, 90.0)
    assert found.shape == (len(TIMES), OUTPUTS)
    trace = traces(torch.tensor([float(TIMES[30])]), NARROW)
    expected = one.decode(one.own[:1], torch.tensor([62.0]), trace, torch.tensor([90.0]))
    np.testing.assert_allclose(found[30], expected.detach().numpy()[0], atol=1e-4)


# objective


def test_what_is_faint_counts_less_and_a_level_counts_by_its_weight() -> None:
    meant = torch.full((1, OUTPUTS), -10.0)
    meant[0, 1], meant[0, -1] = -58.0, 0.0

    def loss(column: int, weight: float = 4.0) -> float:
        said = meant.clone()
        said[0, column] += 3
        return float(distances(said, meant, weight)["weighted"])

    assert distances(meant, meant, 4.0)["weighted"] == 0
    assert loss(1) < 0.1 * loss(0)
    assert loss(OUTPUTS - 1) == pytest.approx(4 * 3 / OUTPUTS) and loss(OUTPUTS - 1, 8.0) == 2 * loss(OUTPUTS - 1)
    loud = loss(0)
    meant[0, -1] = -44.0
    assert loss(0) < 0.1 * loud and loss(OUTPUTS - 1) == pytest.approx(4 * 3 / OUTPUTS, rel=1e-4)


def test_a_normal_code_costs_nothing_and_a_players_own_is_drawn_to_what_is_heard_alone() -> None:
    nothing = torch.zeros(2, 4)
    assert divergence(nothing, nothing) == 0 and divergence(nothing + 1, nothing) == pytest.approx(2)
    own, mean = torch.ones(2, 4, requires_grad=True), torch.zeros(2, 4, requires_grad=True)
    own_apart(own, mean).backward()
    assert (own.grad > 0).all() and mean.grad is None


# export


def test_the_files_say_hop_after_hop_what_the_networks_say() -> None:
    one = blank()
    check(one, build(one))


@pytest.mark.parametrize("which", ["note_encoder", "note_decoder"])
def test_files_of_another_model_are_refused(which: str) -> None:
    one, other = blank(), blank()
    with pytest.raises(PipelineError, match=f"{which}.onnx differs by .* from what was trained"):
        check(one, build(one) | {which: build(other)[which]})


def test_an_onset_forgets_what_was_before() -> None:
    decoder = session(build(blank())["note_decoder"])
    told = {name: np.full((1, 1), value, np.float32) for name, value in (("pitch", 60), ("velocity", 90), ("onset", 1))}
    code = np.ones((1, NARROW.code), np.float32)
    empty, full = (np.full((1, len(NARROW.memories_s)), value, np.float32) for value in (0.0, 0.7))
    fresh, again = (decoder.run(None, told | {"code": code, "memory": memory}) for memory in (empty, full))
    np.testing.assert_array_equal(fresh[0], again[0])
    np.testing.assert_array_equal(fresh[1], np.ones_like(full))


def test_what_is_drawn_stays_within_its_ranges() -> None:
    one = blank()
    with torch.no_grad():
        one.std.fill_(1e4)
    decoder = session(build(one)["note_decoder"])
    given = {name: np.ones((1, 1), np.float32) for name in ("pitch", "velocity", "onset")}
    given |= {
        "code": np.ones((1, NARROW.code), np.float32),
        "memory": np.zeros((1, len(NARROW.memories_s)), np.float32),
    }
    drawn = decoder.run(None, given)[0][0]
    assert (drawn >= LOWEST).all() and (drawn <= HIGHEST).all() and set(drawn) >= {LOWEST.min(), HIGHEST.max()}


# players, movement


def test_a_name_is_one_player_of_its_first_program_in_the_first_soundfont_that_has_it() -> None:
    timbre = Timbre("Test", "test", (4, 5))
    assert player({(2, 4): 0, (1, 4): 1, (0, 5): 2}, timbre) == (1, 4)
    assert player({(0, 5): 0, (0, 6): 1}, timbre) == (0, 5)
    assert player({(0, 6): 0}, timbre) is None
    assert player({(0, 0): 0}, Timbre("Drum", "drum", keys=(36,))) is None


def test_a_vibrato_that_the_decoder_leaves_out_is_found_with_its_rate_and_width() -> None:
    one, some = blank(1), notes(programs=(0,), pitches=tuple(range(48, 72)))
    random, hops = np.random.default_rng(10), TIMES[movement.HELD]
    drawn = np.stack([one.draw(one.own[0], float(pitch), 90.0) for pitch in some.pitch])
    for note in drawn:
        # One cycle in 24 hops, 3 dB wide, at a phase of its own.
        wave = 3 * np.sin(2 * np.pi * hops / 24 + random.uniform(0, 2 * np.pi))
        note[movement.HELD, :20] += wave[:, None]
        note[:, -1] = -5
    some.drawn = drawn
    found = movement.fit(one, {(0, 0): 0}, some, (0, 0))
    width = found.directions[0, :20].std(), np.abs(found.directions[0, :20]).mean()
    assert width[1] == pytest.approx(3 / np.sqrt(2), rel=0.15) and np.abs(found.directions[0, 30:60]).max() < 0.2
    roots = np.roots([1, -found.feedback[0, 0], -found.feedback[0, 1]])
    cycle = 2 * np.pi / np.abs(np.angle(roots[0])) * movement.LATER_STEP
    assert cycle == pytest.approx(24, rel=0.1)
    played = found.drawn(4_000, np.random.default_rng(1))
    assert played[:, 5].std() == pytest.approx(3 / np.sqrt(2), rel=0.4)


def test_too_few_notes_do_not_move() -> None:
    found = movement.fit(blank(1), {(0, 0): 0}, notes(programs=(0,), pitches=(60, 62)), (0, 0))
    assert (found.drawn(50, np.random.default_rng(1)) == 0).all()


# evaluation


def test_inaudible_harmonics_and_frames_are_not_judged() -> None:
    meant = np.full((1, 4, OUTPUTS), -20.0)
    meant[0, :, 5], meant[0, 3, -1] = -40.0, -60.0
    said = meant + 1.0
    said[0, :, 5] += 50
    said[0, 3, : HARMONICS + NOISE_BANDS] += 50
    found = apart(said, meant)
    assert (found.harmonics, found.noise, found.level) == pytest.approx((1, 1, 1))
    assert found.whole == pytest.approx(1)


# training


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """Made-up notes, and a small network."""
    monkeypatch.setattr(Notes, "load", classmethod(lambda *_: notes()))
    monkeypatch.setattr(NotesConfig, "read", classmethod(lambda _cls, _small: SMALL))
    return Paths.resolve(True, {"data": tmp_path})


def test_training_keeps_who_its_players_are_and_goes_on(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    training.train(paths, small=True)
    model, players = load_player(paths, True)
    assert players == {(0, 0): 0, (0, 40): 1, (0, 73): 2}
    check(model, build(model))
    assert [entry["step"] for entry in load_checkpoint(checkpoint_path(paths))["log"]] == [3, 6]
    longer = SMALL.model_copy(update={"training": SMALL.training.model_copy(update={"steps": 9})})
    monkeypatch.setattr(NotesConfig, "read", classmethod(lambda _cls, _small: longer))
    training.train(paths, small=True)
    assert [entry["step"] for entry in load_checkpoint(checkpoint_path(paths))["log"]] == [3, 6, 9]


def test_notes_come_to_be_drawn_nearer(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    longer = {"steps": 150, "log_steps": 50, "rate": 1e-2, "warm_up": 10}
    config = SMALL.model_copy(update={"training": SMALL.training.model_copy(update=longer)})
    monkeypatch.setattr(NotesConfig, "read", classmethod(lambda _cls, _small: config))
    training.train(paths, small=True)
    log = load_checkpoint(checkpoint_path(paths))["log"]
    assert log[-1]["harmonics"] < 0.5 * log[0]["harmonics"]


def test_before_training_there_is_nothing_to_play(paths: Paths) -> None:
    with pytest.raises(PipelineError, match="there is no trained model of notes: run the train step first"):
        load_player(paths, True)


# resynthesis


def test_notes_are_heard_where_they_begin_at_their_own_pitch() -> None:
    rest = np.zeros(9_600, np.float32)
    heard = listen(np.concatenate([rest, tone(60, 0.5, {1: 0.2, 2: 0.1}), rest, tone(67, 0.5, {1: 0.2, 2: 0.1}), rest]))
    onsets = np.flatnonzero(heard.since == 0)
    assert len(onsets) == 2
    np.testing.assert_allclose(onsets * HOP / SAMPLE_RATE, [0.2, 0.9], atol=0.03)
    for onset, pitch in zip(onsets, (60, 67), strict=True):
        assert np.median(heard.pitch[onset + 5 : onset + 30]) == pytest.approx(pitch, abs=0.1)


def test_a_step_in_pitch_begins_a_note_and_a_vibrato_does_not() -> None:
    def onsets(pitch: np.ndarray) -> int:
        phase = np.cumsum(2 * np.pi * hertz(pitch)) / SAMPLE_RATE
        return int((listen((0.2 * np.sin(phase) + 0.1 * np.sin(2 * phase)).astype(np.float32)).since == 0).sum())

    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    assert onsets(np.where(time < 0.5, 60.0, 62.0)) == 2
    assert onsets(60 + 0.3 * np.sin(2 * np.pi * 5 * time)) == 1


@pytest.mark.parametrize("articulation", [False, True])
def test_a_phrase_is_played_at_its_pitch_and_level_with_what_is_drawn(articulation: bool) -> None:
    source = np.concatenate([np.zeros(4_800, np.float32), tone(60, 1.0, {1: 0.2, 2: 0.1})])

    def draw(pitch: np.ndarray, since: np.ndarray, velocity: np.ndarray) -> np.ndarray:
        drawn = np.full((len(pitch), OUTPUTS), -100.0, np.float32)
        drawn[:, [0, 2]] = -3.0
        drawn[:, -1] = LEVEL_RANGE_DB[1]
        return drawn

    sound = resynthesise(listen(source), draw, articulation)
    middle = sound[20_000:44_000]
    power = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))) ** 2
    loudest = np.sort(np.argsort(power)[::-1][:40] * SAMPLE_RATE / len(middle))
    assert {int(round(one / hertz(60.0))) for one in loudest} == {1, 3}
    level = 20 * np.log10(np.sqrt(np.mean(middle**2)) / np.sqrt(np.mean(source[20_000:44_000] ** 2)))
    assert level == pytest.approx(0, abs=1)
    assert np.abs(sound[:3_000]).max() < 1e-3


def test_silence_has_no_notes_and_makes_no_sound() -> None:
    def draw(pitch: np.ndarray, since: np.ndarray, velocity: np.ndarray) -> np.ndarray:
        return np.zeros((len(pitch), OUTPUTS), np.float32)

    assert np.abs(resynthesise(listen(np.zeros(24_000, np.float32)), draw, False)).max() < 1e-3


def test_every_pitched_name_has_a_program_that_is_played() -> None:
    played = set(NotesConfig.read(small=False).material.programs)
    assert all(set(timbre.programs) & played for timbre in TIMBRES if timbre.programs)
