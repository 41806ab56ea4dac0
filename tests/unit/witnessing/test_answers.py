"""What the application makes of each answer a witness may give, with the documented fake; and the commands' codes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bwc_review.bootstrap import create_workspace
from bwc_review.cli.main import main
from bwc_review.errors import InputRefused, LogContradicted, MemoryDamaged
from bwc_review.export.witness_settings import WitnessSettings
from bwc_review.ports.records import Session
from bwc_review.ports.witnesses import KnownWitness, WitnessAnswer
from bwc_review.review.checkpoints import sign_if_due, sign_now
from bwc_review.review.desk import Desk, record
from bwc_review.review.sessions import end_session, start_session
from bwc_review.review.witness_overview import overview
from bwc_review.review.witnessing import State, cosign_seal, send
from chain_of_custody.entry import Entry, Subject
from chain_of_custody.errors import WitnessRefused
from chain_of_custody.vkey import VerifierKey
from chain_of_custody.witness import Witness
from chain_of_custody.witness_state import WitnessState
from tests.desks import CLERK, PASSPHRASE, SETTINGS
from tests.fakes.witness import FakeWitnesses
from tests.unit.custody.scene import SteppingClock
from tests.unit.custody.witness_scene import W1
from tests.unit.witnessing.conftest import Station
from tests.witness_process import Commission


@dataclass
class Booth:
    """A desk whose one witness is the fake."""

    desk: Desk
    session: Session
    fake: FakeWitnesses

    def grow(self) -> int:
        """An entry more and a checkpoint over it."""
        with self.desk.store.writing() as work:
            record(self.desk, work, self.session, "log.noted", Subject("note", "1"))
        return sign_now(self.desk, self.session)

    def sent(self) -> State:
        """What becomes of one sending."""
        self.grow()
        (told,) = send(self.desk, self.session)
        return told.state

    def last(self) -> tuple[str, str]:
        """Type and reason of the last entry about the witness."""
        with self.desk.store.reading() as work:
            entry = [Entry.from_bytes(raw) for raw in work.log.about("commission")][-1]
        return entry.type, entry.reason


@pytest.fixture
def booth(tmp_path: Path) -> Booth:
    known = KnownWitness("commission", W1.vkey, "http://witness.example")
    settings = replace(SETTINGS, witnessing=WitnessSettings((known,)))
    desk = create_workspace(tmp_path / "ws", settings, PASSPHRASE)
    state = WitnessState(tmp_path / "state")
    state.trust(VerifierKey.parse(desk.vkey))
    fake = FakeWitnesses(known, Witness(state, W1, SteppingClock()), desk.witnesses.memory)
    desk = replace(desk, witnesses=fake)
    return Booth(desk, start_session(desk, CLERK, "witnessing"), fake)


REFUSED = "checkpoint.witness_refused"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (WitnessAnswer(403, b"refused: unknown_key\n"), "status_403"),
        (WitnessAnswer(404, b"refused: unknown_log\n"), "status_404"),
        (WitnessAnswer(400, b"refused: malformed\n"), "status_400"),
        (WitnessAnswer(409, b"soon\n"), "no_size"),
        (WitnessAnswer(409, b"007\n"), "no_size"),
        (WitnessAnswer(200, b"welcome\n"), "refused"),
        (WitnessAnswer(200, "— commission.example/w1 AAAA\n".encode()), "signature_length"),
        (WitnessAnswer(200, b"\xe2\x80\x94 \xff\n"), "not_utf8"),
    ],
)
def test_an_answer_that_is_no_cosignature_is_logged_and_stops_nothing(
    booth: Booth, answer: WitnessAnswer, reason: str
) -> None:
    booth.fake.says = [answer]
    assert booth.sent() is State.REFUSED
    assert booth.last() == (REFUSED, reason)
    assert booth.sent() is State.COSIGNED  # the next one is as good as ever


def test_a_cosignature_over_another_text_is_not_kept(booth: Booth) -> None:
    line = W1.cosign("police.example/bwc/ws1\n9\nAAAA\n", 1_795_000_000)
    booth.fake.says = [WitnessAnswer(200, line.format().encode())]
    assert booth.sent() is State.REFUSED
    assert booth.last() == (REFUSED, "bad_signature")
    with booth.desk.store.reading() as work:
        assert work.cosignatures.all() == []


def test_a_witness_that_names_another_size_each_time_is_left_after_a_few_tries(booth: Booth) -> None:
    booth.fake.says = [WitnessAnswer(409, b"%d\n" % size) for size in (1, 2, 1, 2, 1, 2)]
    assert booth.sent() is State.REFUSED
    assert booth.last() == (REFUSED, "moving")


def test_a_size_this_log_has_but_never_signed_asks_for_a_newer_checkpoint(booth: Booth) -> None:
    size = booth.grow()
    for _ in range(3):
        with booth.desk.store.writing() as work:
            record(booth.desk, work, booth.session, "log.noted", Subject("note", "1"))
    booth.fake.says = [WitnessAnswer(409, b"%d\n" % (size + 2))]
    (told,) = send(booth.desk, booth.session)
    assert told.state is State.REFUSED
    assert booth.last() == (REFUSED, "needs_a_newer_checkpoint")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(WitnessAnswer(422, b"refused: proof_root\n"), "forked"), (WitnessAnswer(409, b"5000\n"), "seen_more")],
)
def test_a_contradiction_stops_the_log_and_the_export_that_asked(
    booth: Booth, answer: WitnessAnswer, kind: str
) -> None:
    size = booth.grow()
    booth.fake.says = [answer]
    with pytest.raises(LogContradicted):
        cosign_seal(booth.desk, booth.session, size)
    assert booth.last() == (REFUSED, kind)
    with pytest.raises(LogContradicted), booth.desk.store.writing():
        pytest.fail("the block was entered")
    assert overview(booth.desk).stopped


def test_the_same_size_refused_although_it_was_named_is_a_fork(booth: Booth) -> None:
    size = booth.grow()
    booth.fake.says = [WitnessAnswer(409, b"%d\n" % size)] * 2
    (told,) = send(booth.desk, booth.session)
    assert told.state is State.STOPPED
    assert booth.last() == (REFUSED, "forked")


def test_without_a_witness_over_http_it_is_said_what_to_do(tmp_path: Path) -> None:
    desk = create_workspace(tmp_path / "ws", SETTINGS, PASSPHRASE)
    with pytest.raises(InputRefused, match=r"\[\[witnesses\]\]"):
        send(desk, start_session(desk, CLERK, "witnessing"))


def test_log_out_signs_over_the_session_and_a_minute_with_nothing_due_signs_nothing(booth: Booth) -> None:
    end_session(booth.desk, booth.session)
    found = overview(booth.desk)
    assert (found.covered, found.overdue) == (found.size, False)
    sign_if_due(booth.desk)
    with booth.desk.store.reading() as work:
        sizes = list(work.log.checkpoints())
    assert len(sizes) == 2  # over the new key, and over the log-out


def command(station: Station, *arguments: str) -> int:
    return main([*arguments, "--workspace", str(station.folder)])


def test_the_commands_say_waiting_cosigned_refused_stopped_and_damaged_with_their_codes(
    station: Station, net: Commission, port: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = station.folder / "secret"
    secret.write_text(PASSPHRASE, "utf-8")
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", str(secret))
    by_clerk = ("--as", "clerk-1", "--json")
    assert command(station, "witness", "send", *by_clerk) == 0
    (waiting,) = json.loads(capsys.readouterr().out)
    assert waiting["state"] == "waiting"
    with net.serving(port):
        assert command(station, "witness", "send", "--sign", *by_clerk) == 0
        (cosigned,) = json.loads(capsys.readouterr().out)
        assert cosigned["state"] == "cosigned"
        assert command(station, "witness", "list", "--json") == 0
        listed = json.loads(capsys.readouterr().out)
        assert [(one["name"], one["cosigned"]) for one in listed["witnesses"]] == [
            ("commission", cosigned["size"]),
            ("press", 0),
        ]
        assert (listed["state"], listed["stopped"]) == ("ok", "")
        assert command(station, "witness", "list") == 0
        assert "entries after" in capsys.readouterr().out
    (net.state / "logs.vkey").unlink()
    with net.serving(port):
        assert command(station, "witness", "send", *by_clerk) == WitnessRefused.exit_code
    assert command(station, "witness", "settle", "--reason", "x") == InputRefused.exit_code
    assert command(station, "witness", "seal", str(station.folder), "--as", "clerk-1") == 60
    (note,) = (station.folder / "witnessed").glob("*.note")
    note.write_bytes(b"torn")
    assert command(station, "witness", "list") == MemoryDamaged.exit_code
    assert "witnessed" in capsys.readouterr().err


def test_with_the_key_locked_the_list_says_that_a_checkpoint_is_overdue(
    station: Station, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bwc_review.review.cadence.EVERY_US", -1)  # as if five minutes had gone by
    assert command(station, "witness", "list") == 0
    assert "overdue because the log key is locked" in " ".join(capsys.readouterr().out.split())
    (station.folder / "secret").write_text(PASSPHRASE, "utf-8")
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", str(station.folder / "secret"))
    assert command(station, "witness", "list") == 0
    assert "locked" not in capsys.readouterr().out  # the next act signs it
