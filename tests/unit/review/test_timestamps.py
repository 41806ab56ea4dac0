"""Timestamps as a use case: queued, sent, carried as files, kept only when they hold, and every step in the log."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("rfc3161_client", reason="the extra 'timestamps' is not installed")

from bwc_review.bootstrap import create_workspace, open_workspace
from bwc_review.errors import InputRefused, PermissionDenied, TimestampRefused
from bwc_review.export.timestamp_settings import AuthoritySettings
from bwc_review.ports.records import Session
from bwc_review.ports.timestamps import StampState, Timestamp
from bwc_review.review.desk import Desk, checkpoint, record
from bwc_review.review.sessions import start_session
from bwc_review.review.timestamps import queue_newest, recheck, send, take_answers, write_requests
from chain_of_custody.entry import Entry, Subject
from chain_of_custody.note import Note
from tests.desks import AUDITOR, CLERK, PASSPHRASE, SETTINGS
from tests.timestamp_authority import OPENSSL, Answering, Authority, make_authority, serving

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tsa") / "outside")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tsa") / "stranger")


def desk_asking(folder: Path, authority: Authority, address: str = "") -> tuple[Desk, Session]:
    """A workspace whose settings name the authority, one checkpoint signed, the clerk at work."""
    settings = replace(SETTINGS, timestamps=(AuthoritySettings("outside", address, "tsa.pem"),))
    create_workspace(folder, settings, PASSPHRASE)
    (folder / "tsa.pem").write_bytes(authority.pem)
    desk = open_workspace(folder, lambda: PASSPHRASE)
    session = start_session(desk, CLERK, "timestamping")
    signed(desk, session)
    return desk, session


def signed(desk: Desk, session: Session) -> bytes:
    """One more entry, and a checkpoint over it."""
    with desk.store.writing() as work:
        record(desk, work, session, "log.noted", Subject("note", "1"))
        return checkpoint(desk, work, desk.signer())


def acts(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.store.reading() as work:
        entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
    return [(e.type, e.outcome, e.reason) for e in entries if e.type.startswith("checkpoint.timestamp")]


def kept(desk: Desk) -> list[Timestamp]:
    with desk.store.reading() as work:
        return list(work.timestamps.all())


REQUESTED = ("checkpoint.timestamp_requested", "ok", "")
KEPT = ("checkpoint.timestamp_kept", "ok", "")


def test_the_newest_checkpoints_body_is_stamped_and_kept_with_its_certificates(
    outside: Authority, tmp_path: Path
) -> None:
    with serving(Answering(outside.answer)) as address:
        desk, session = desk_asking(tmp_path / "ws", outside, address)
        note = signed(desk, session)
        (sent,) = send(desk, session)
        assert send(desk, session) == []  # nothing new was signed
    assert sent.trouble == ""
    (stamp,) = kept(desk)
    assert stamp == sent.timestamp
    assert stamp.state is StampState.KEPT
    assert stamp.body == Note.parse(note).text.encode()
    assert stamp.certificates == outside.pem
    assert stamp.stamped_at is not None
    assert abs(stamp.stamped_at - desk.now_us()) < 60_000_000
    assert acts(desk) == [REQUESTED, KEPT]
    assert [trouble for _, trouble in recheck(desk, session)] == [""]


def test_offline_the_request_waits_and_the_failure_is_logged(outside: Authority, tmp_path: Path) -> None:
    with serving(Answering(outside.answer)) as address:
        pass
    desk, session = desk_asking(tmp_path / "ws", outside, address)
    (sent,) = send(desk, session)
    assert "gave no answer" in sent.trouble
    (waiting,) = kept(desk)
    assert waiting.state is StampState.QUEUED
    unreachable = ("checkpoint.timestamp_failed", "failed", "unreachable")
    assert acts(desk) == [REQUESTED, unreachable]
    assert [one.id for one in queue_newest(desk, session)] == [waiting.id]  # asked for once, not twice
    signed(desk, session)
    assert len(queue_newest(desk, session)) == 2


def test_by_files_for_a_station_without_a_network(outside: Authority, tmp_path: Path) -> None:
    desk, session = desk_asking(tmp_path / "ws", outside)
    (request,) = write_requests(desk, session, tmp_path / "stick")
    answer = request.with_suffix(".tsr")
    answer.write_bytes(outside.answer(request.read_bytes()))
    (taken,) = take_answers(desk, session, [answer])
    assert taken.trouble == ""
    assert [one.state for one in kept(desk)] == [StampState.KEPT]
    assert acts(desk) == [REQUESTED, KEPT]


def test_the_same_answer_a_second_time_is_a_replay_and_refused(outside: Authority, tmp_path: Path) -> None:
    desk, session = desk_asking(tmp_path / "ws", outside)
    (request,) = write_requests(desk, session, tmp_path / "stick")
    answer = tmp_path / "a.tsr"
    answer.write_bytes(outside.answer(request.read_bytes()))
    take_answers(desk, session, [answer])
    before = kept(desk)
    signed(desk, session)
    queue_newest(desk, session)
    with pytest.raises(TimestampRefused, match="answers no request"):
        take_answers(desk, session, [answer])
    assert kept(desk)[:1] == before
    assert acts(desk)[-1] == ("checkpoint.timestamp_failed", "refused", "not_asked")


def test_an_answer_of_another_authority_is_kept_as_a_failure_and_asked_for_again(
    outside: Authority, stranger: Authority, tmp_path: Path
) -> None:
    desk, session = desk_asking(tmp_path / "ws", outside)
    (request,) = write_requests(desk, session, tmp_path / "stick")
    answer = tmp_path / "a.tsr"
    answer.write_bytes(stranger.answer(request.read_bytes()))
    (taken,) = take_answers(desk, session, [answer])
    assert "not signed with the certificate given" in taken.trouble
    (failed,) = kept(desk)
    assert (failed.state, failed.reason) == (StampState.FAILED, "other_certificate")
    assert failed.response == answer.read_bytes()
    assert failed.stamped_at is None
    assert acts(desk)[-1] == ("checkpoint.timestamp_failed", "refused", "other_certificate")
    assert len(queue_newest(desk, session)) == 1


def test_answers_find_their_own_requests_in_whatever_order_they_come(outside: Authority, tmp_path: Path) -> None:
    desk, session = desk_asking(tmp_path / "ws", outside)
    queue_newest(desk, session)
    signed(desk, session)
    requests = write_requests(desk, session, tmp_path / "stick")
    answers = [file.with_suffix(".tsr") for file in requests]
    for request, answer in zip(requests, answers, strict=True):
        answer.write_bytes(outside.answer(request.read_bytes()))
    taken = take_answers(desk, session, answers[::-1])
    assert [one.trouble for one in taken] == ["", ""]
    assert len({one.size for one in kept(desk)}) == 2


def test_a_kept_timestamp_that_somebody_changed_in_the_database_is_found(
    outside: Authority, stranger: Authority, tmp_path: Path
) -> None:
    desk, session = desk_asking(tmp_path / "ws", outside)
    (request,) = write_requests(desk, session, tmp_path / "stick")
    answer = tmp_path / "a.tsr"
    answer.write_bytes(outside.answer(request.read_bytes()))
    take_answers(desk, session, [answer])
    forged = {"response": stranger.answer(request.read_bytes()), "certificates": stranger.pem}
    raw = sqlite3.connect(tmp_path / "ws" / "bwc.db")
    with pytest.raises(sqlite3.IntegrityError, match="never altered"):
        raw.execute("UPDATE custody_timestamp SET stamped_at = 0")
    raw.execute("DROP TRIGGER custody_timestamp_settled_once")
    raw.execute("UPDATE custody_timestamp SET response = :response, certificates = :certificates", forged)
    raw.commit()
    raw.close()
    assert ["does not say" in trouble for _, trouble in recheck(desk, session)] == [True]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM custody_timestamp", "append-only"),
        ("UPDATE custody_timestamp SET body = x'00'", "request is never altered"),
        ("INSERT OR REPLACE INTO custody_timestamp SELECT * FROM custody_timestamp", "append-only"),
    ],
)
def test_requests_are_neither_deleted_nor_altered(
    outside: Authority, tmp_path: Path, statement: str, said: str
) -> None:
    desk, session = desk_asking(tmp_path / "ws", outside)
    queue_newest(desk, session)
    raw = sqlite3.connect(tmp_path / "ws" / "bwc.db")
    raw.execute("PRAGMA recursive_triggers=ON")
    with pytest.raises(sqlite3.IntegrityError, match=said):
        raw.execute(statement)
    raw.close()


def test_without_an_authority_or_a_checkpoint_it_is_said_what_is_missing(outside: Authority, tmp_path: Path) -> None:
    bare = create_workspace(tmp_path / "bare", SETTINGS, PASSPHRASE)
    session = start_session(bare, CLERK, "timestamping")
    with pytest.raises(InputRefused, match="No timestamp authority"):
        send(bare, session)
    settings = replace(SETTINGS, timestamps=(AuthoritySettings("outside", "", "../tsa.pem"),))
    (tmp_path / "tsa.pem").write_bytes(outside.pem)
    young = create_workspace(tmp_path / "young", settings, PASSPHRASE)
    raw = sqlite3.connect(tmp_path / "young" / "bwc.db")
    raw.execute("DROP TRIGGER custody_checkpoint_no_delete")
    raw.execute("DELETE FROM custody_checkpoint")  # a workspace is born with one over its key
    raw.commit()
    raw.close()
    with pytest.raises(InputRefused, match="No checkpoint was signed"):
        send(young, start_session(young, CLERK, "timestamping"))


def test_a_missing_or_endless_file_is_refused_in_words(outside: Authority, tmp_path: Path) -> None:
    desk, session = desk_asking(tmp_path / "ws", outside)
    with pytest.raises(InputRefused, match="cannot be read"):
        take_answers(desk, session, [tmp_path / "nowhere.tsr"])
    (tmp_path / "big.tsr").write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(InputRefused, match="far too large"):
        take_answers(desk, session, [tmp_path / "big.tsr"])


def test_an_auditor_asks_for_no_timestamps(outside: Authority, tmp_path: Path) -> None:
    desk, _ = desk_asking(tmp_path / "ws", outside)
    auditor = start_session(desk, AUDITOR, "audit")
    with pytest.raises(PermissionDenied):
        queue_newest(desk, auditor)
    assert kept(desk) == []
