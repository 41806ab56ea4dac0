"""The log rewritten, cut or put back by whoever owns the machine, its database and its key: who notices, and when."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.cli.main import main
from bwc_review.domain.ids import OperatorId
from bwc_review.errors import InputRefused, LogContradicted, LogRefused, MemoryDamaged, PermissionDenied
from bwc_review.review.checking import check_log
from bwc_review.review.checkpoints import sign_now
from bwc_review.review.desk import Desk
from bwc_review.review.sessions import start_session
from bwc_review.review.settling import settle
from bwc_review.review.witness_files import write_requests
from bwc_review.review.witness_overview import overview, standing
from bwc_review.review.witnessing import State, send
from bwc_review.store.engine import SqliteDatabase
from chain_of_custody.findings import Verdict
from chain_of_custody.rollback import HeadState
from tests.desks import CLERK, PASSPHRASE
from tests.unit.witnessing.conftest import Station
from tests.unit.witnessing.rewriting import cut, rewrite
from tests.unit.witnessing.test_end_to_end import by_stick
from tests.witness_process import Commission

Restore = Callable[[Path, Path], None]


def witnessed(station: Station, net: Commission, port: int, entries: int = 4) -> int:
    """Some entries more, cosigned over HTTP; the size."""
    station.note(entries)
    size = sign_now(station.desk, station.session)
    with net.serving(port):
        (told,) = send(station.desk, station.session)
    assert told.state is State.COSIGNED
    return size


def steal_and_rewrite(station: Station, at: int = 5) -> Desk:
    """Rewrite the real database with the real key, and open it again."""
    key, log = station.desk.signer(), overview(station.desk)
    with station.desk.store.reading() as work:
        origin = work.log.head().log
    assert log.size > at
    station.desk.store.close()  # type: ignore[attr-defined]
    database = SqliteDatabase(station.folder / "bwc.db")
    rewrite(database, key, origin, at)
    database.engine.dispose()
    return station.reopened()


def forget(*folders: Path) -> None:
    """The attacker also removes what is remembered outside the database."""
    for folder in folders:
        for file in folder.glob("*.note"):
            file.unlink()


def test_a_rewritten_log_verifies_by_itself_and_is_refused_at_start_by_what_was_witnessed(
    station: Station, net: Commission, port: int
) -> None:
    size = witnessed(station, net, port)
    desk = steal_and_rewrite(station)
    found = standing(desk)
    assert found.state is HeadState.FORKED
    for _ in range(2):
        with pytest.raises(
            LogContradicted, match=f"its first {size} are not those the witness commission.example/w1"
        ):
            start_session(desk, CLERK, "routine_docking")
    assert overview(desk).size == found.size  # reading goes on


def test_a_rewritten_log_whose_memory_was_removed_is_refused_by_the_witness_over_http_which_keeps_the_request(
    station: Station, net: Commission, port: int, tmp_path: Path
) -> None:
    witnessed(station, net, port)
    forget(station.folder / "witnessed", tmp_path / "other-disk")
    before = len(net.signed_refusals)
    desk = steal_and_rewrite(station)
    assert check_log(desk, trusted=desk.vkey).verdict is Verdict.FAILED  # the kept cosignature tells
    _drop_cosignatures(station)
    desk = station.reopened()
    session = start_session(desk, CLERK, "witnessing")
    sign_now(desk, session)
    with net.serving(port):
        (told,) = send(desk, session)
    assert told.state is State.STOPPED
    assert len(net.signed_refusals) > before
    _stopped_and_says_so(station, "commission")


def test_a_log_rewritten_to_the_very_size_the_witness_saw_is_a_fork_to_it(
    station: Station, net: Commission, port: int, tmp_path: Path
) -> None:
    size = witnessed(station, net, port)
    forget(station.folder / "witnessed", tmp_path / "other-disk")
    steal_and_rewrite(station)
    _drop_cosignatures(station)
    desk = station.reopened()
    with net.serving(port):
        (told,) = send(desk, station.session)
    assert (told.state, told.size) == (State.STOPPED, size)
    reasons = [(net.state / "refused" / "signed" / f"{one.stem}.json").read_bytes() for one in net.signed_refusals]
    assert any(b'"reason":"fork"' in one for one in reasons)
    _stopped_and_says_so(station, "commission")


def test_a_rewritten_log_is_refused_by_the_witness_by_files_which_keeps_the_request(
    station: Station, stick: Commission, tmp_path: Path
) -> None:
    station.note(4)
    told_size = sign_now(station.desk, station.session)
    (told,) = by_stick(station, stick, tmp_path / "honest")
    assert told.state is State.COSIGNED
    forget(station.folder / "witnessed", tmp_path / "other-disk")
    steal_and_rewrite(station)
    with pytest.raises(LogContradicted, match="This log was altered"):  # the database's own cosignature tells
        station.note(2)
    _drop_cosignatures(station)
    station.reopened()
    station.note(2)
    sign_now(station.desk, station.session)
    (told,) = by_stick(station, stick, tmp_path / "forged")
    assert told.state is State.REFUSED
    (told,) = by_stick(station, stick, tmp_path / "and-again", since=told_size)
    assert told.state is State.STOPPED
    assert len(stick.signed_refusals) == 2
    _stopped_and_says_so(station, "press")


def test_a_log_cut_below_what_a_witness_saw_is_stopped_by_its_answer_where_the_memory_was_removed(
    station: Station, net: Commission, port: int, tmp_path: Path
) -> None:
    size = witnessed(station, net, port)
    forget(station.folder / "witnessed", tmp_path / "other-disk")
    with station.desk.store.reading() as work:
        origin = work.log.head().log
    station.desk.store.close()  # type: ignore[attr-defined]
    cut(SqliteDatabase(station.folder / "bwc.db"), origin, 3)
    desk = station.reopened()
    session = start_session(desk, CLERK, "witnessing")
    sign_now(desk, session)
    with net.serving(port):
        (told,) = send(desk, session)
    assert told.state is State.STOPPED
    assert f"has seen {size} entries" in told.said
    _stopped_and_says_so(station, "commission")


def _drop_cosignatures(station: Station) -> None:
    from sqlalchemy import text

    station.desk.store.close()  # type: ignore[attr-defined]
    with SqliteDatabase(station.folder / "bwc.db").writing() as connection:
        connection.execute(text("DELETE FROM custody_cosignature"))


def _stopped_and_says_so(station: Station, witness: str) -> None:
    """The log takes nothing, in this run and the next; the entry, the evidence and the command say why."""
    assert ("checkpoint.witness_refused", "refused") in [act[:2] for act in station.acts()]
    for desk in (station.desk, station.reopened()):
        with pytest.raises(LogContradicted, match=f"The witness {witness}"):
            start_session(desk, CLERK, "routine_docking")
        assert overview(desk).stopped == "contradicted by a witness"
    (against,) = desk.witnesses.memory.contradictions()
    assert against.witness == witness
    assert b"old " in against.request
    arguments = ["witness", "list", "--workspace", str(station.folder)]
    assert main(arguments) == LogContradicted.exit_code


# --- an old database put back


def copy_database(folder: Path, to: Path, names: tuple[str, ...]) -> None:
    to.mkdir(exist_ok=True)
    for name in names:
        if (folder / name).exists():
            shutil.copy(folder / name, to / name)


@pytest.mark.parametrize("with_wal", [False, True], ids=["closed", "while it ran, with its -wal"])
def test_an_old_database_file_put_back_is_noticed_at_start_read_and_not_added_to(
    station: Station, net: Commission, port: int, tmp_path: Path, *, with_wal: bool
) -> None:
    names = ("bwc.db", "bwc.db-wal", "bwc.db-shm")
    station.note(2)
    old = overview(station.desk).size
    if not with_wal:
        station.reopened().store.close()  # type: ignore[attr-defined]
        copy_database(station.folder, tmp_path / "backup", names[:1])
        station.reopened()
    else:
        copy_database(station.folder, tmp_path / "backup", names)
    size = witnessed(station, net, port)
    assert size > old
    newer = tmp_path / "newer"
    station.desk.store.close()  # type: ignore[attr-defined]
    copy_database(station.folder, newer, names)
    for name in names:
        (station.folder / name).unlink(missing_ok=True)
    shutil.copytree(tmp_path / "backup", station.folder, dirs_exist_ok=True)
    desk = station.reopened()
    found = standing(desk)
    assert (found.state, found.size, found.seen.size if found.seen else 0) == (HeadState.ROLLED_BACK, old, size)
    with pytest.raises(LogContradicted) as refused:
        start_session(desk, CLERK, "routine_docking")
    said = refused.value.message()
    assert f"holds {old} entries" in said
    assert f"saw {size}" in said
    assert "--succeeds" in said
    assert check_log(desk).verdict is not Verdict.FAILED  # nothing in the old file itself gives it away
    assert main(["log", "--as", str(CLERK), "--workspace", str(station.folder)]) == 0
    assert main(["ingest", str(tmp_path), "--workspace", str(station.folder)]) == LogContradicted.exit_code
    assert overview(desk).size == old
    # the way out: the newer database is put back
    desk.store.close()  # type: ignore[attr-defined]
    for name in names:
        (station.folder / name).unlink(missing_ok=True)
    shutil.copytree(newer, station.folder, dirs_exist_ok=True)
    start_session(station.reopened(), CLERK, "routine_docking")


def test_no_use_case_gets_past_the_store_of_a_log_put_back(station: Station, net: Commission, port: int) -> None:
    witnessed(station, net, port)
    with station.desk.store.reading() as work:
        origin = work.log.head().log
    station.desk.store.close()  # type: ignore[attr-defined]
    cut(SqliteDatabase(station.folder / "bwc.db"), origin, 3)
    desk = station.reopened()
    with pytest.raises(LogContradicted), desk.store.writing():
        pytest.fail("the block was entered")
    with pytest.raises(LogContradicted):
        write_requests(desk, station.session, "press", station.folder / "x")
    with pytest.raises(LogContradicted):
        sign_now(desk, station.session)


def test_the_second_place_alone_notices_where_the_whole_workspace_was_put_back(
    station: Station, net: Commission, port: int, tmp_path: Path
) -> None:
    station.desk.store.close()  # type: ignore[attr-defined]
    shutil.copytree(station.folder, tmp_path / "backup")
    station.reopened()
    witnessed(station, net, port)
    station.desk.store.close()  # type: ignore[attr-defined]
    shutil.rmtree(station.folder)
    shutil.copytree(tmp_path / "backup", station.folder)
    assert standing(station.reopened()).state is HeadState.ROLLED_BACK


def test_the_whole_workspace_put_back_with_no_second_place_is_noticed_by_nobody_until_the_witness_is_asked(
    station: Station, net: Commission, port: int, tmp_path: Path
) -> None:
    station.desk.store.close()  # type: ignore[attr-defined]
    shutil.copytree(station.folder, tmp_path / "backup")
    station.reopened()
    witnessed(station, net, port)
    station.desk.store.close()  # type: ignore[attr-defined]
    shutil.rmtree(station.folder)
    shutil.copytree(tmp_path / "backup", station.folder)
    forget(tmp_path / "other-disk")
    desk = station.reopened()
    assert not standing(desk).stopped
    session = start_session(desk, CLERK, "witnessing")
    with net.serving(port):
        (told,) = send(desk, session)
    assert told.state is State.STOPPED


def test_a_memory_that_cannot_be_read_stops_the_log_rather_than_being_ignored(
    station: Station, net: Commission, port: int
) -> None:
    witnessed(station, net, port)
    (note,) = (station.folder / "witnessed").glob("*.note")
    kept = note.read_bytes()
    note.write_bytes(kept[:40])
    desk = station.reopened()
    with pytest.raises(MemoryDamaged, match="cannot be used"):
        start_session(desk, CLERK, "routine_docking")
    note.write_bytes(kept)
    start_session(desk, CLERK, "routine_docking")


def test_a_memory_lost_or_never_written_is_made_again_from_the_database(
    station: Station, net: Commission, port: int, tmp_path: Path
) -> None:
    size = witnessed(station, net, port)
    forget(station.folder / "witnessed", tmp_path / "other-disk")
    desk = station.reopened()
    start_session(desk, CLERK, "routine_docking")
    found = standing(desk).seen
    assert found is not None
    assert found.size == size


# --- a witness that was itself at fault


def test_a_witness_at_fault_is_settled_by_an_administrator_with_a_reason_on_record_and_never_against_proof(
    station: Station, net: Commission, port: int, tmp_path: Path
) -> None:
    witnessed(station, net, port)
    (folder,) = (net.state / "logs").iterdir()
    station.note(4)
    sign_now(station.desk, station.session)
    with net.serving(port):
        send(station.desk, station.session)
    _pretend_to_have_seen(folder, 999)
    station.note()
    sign_now(station.desk, station.session)
    with net.serving(port):
        (told,) = send(station.desk, station.session)
    assert told.state is State.STOPPED
    admin = OperatorId("admin-1")
    with pytest.raises(PermissionDenied):
        settle(station.desk, CLERK, "restored by mistake", "settling")
    with pytest.raises(InputRefused):
        settle(station.desk, admin, " ", "settling")
    with sqlite3.connect(station.folder / "bwc.db") as raw:
        refuse = "BEFORE INSERT ON custody_entry WHEN NEW.type = 'checkpoint.contradiction_settled'"
        raw.execute(f"CREATE TRIGGER no_room {refuse} BEGIN SELECT RAISE(ABORT, 'no room'); END")
    with pytest.raises(LogRefused):
        settle(station.desk, admin, "what cannot be logged is not settled", "settling")
    assert len(station.desk.witnesses.memory.contradictions()) == 1
    with sqlite3.connect(station.folder / "bwc.db") as raw:
        raw.execute("DROP TRIGGER no_room")
    assert settle(station.desk, admin, "The commission restored a foreign state by mistake.", "settling") == 1
    assert station.acts()[-1] == ("checkpoint.contradiction_settled", "ok", "")
    start_session(station.desk, CLERK, "routine_docking")
    assert len(list((station.folder / "witnessed").glob("*.settled"))) == 1
    with pytest.raises(InputRefused, match="nothing to settle"):
        settle(station.desk, admin, "again", "settling")


def _pretend_to_have_seen(folder: Path, size: int) -> None:
    """A witness's state that says it cosigned more than there ever was."""
    from chain_of_custody.canonical import canon, parse
    from chain_of_custody.checkpoint import Checkpoint
    from chain_of_custody.note import Note
    from chain_of_custody.vkey import decode, encode

    latest = dict(parse((folder / "latest.json").read_bytes()))
    note = Note.parse(decode(str(latest["note"])))
    point = Checkpoint.parse_text(note.text)
    larger = Checkpoint(point.origin, size, point.root)
    latest.update(size=size, note=encode(Note(larger.text(), note.signatures).format()))
    (folder / "latest.json").write_bytes(canon(latest, max_bytes=1 << 20))


# --- beginning a new log


def test_a_new_log_says_in_its_first_entries_which_it_succeeds_what_was_witnessed_and_why(
    station: Station, net: Commission, port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from chain_of_custody.entry import Entry

    size = witnessed(station, net, port)
    with station.desk.store.reading() as work:
        origin = work.log.head().log
    station.desk.store.close()  # type: ignore[attr-defined]
    cut(SqliteDatabase(station.folder / "bwc.db"), origin, 3)
    (tmp_path / "secret").write_text(PASSPHRASE, "utf-8")
    new = tmp_path / "new"
    common = ["init", "--workspace", str(new), "--agency", "police.example", "--operator", "clerk-1:evidence_clerk"]
    common += ["--passphrase-file", str(tmp_path / "secret"), "--succeeds", str(station.folder)]
    assert main([*common, "--workstation", "ws1", "--reason", "The disk died."]) == InputRefused.exit_code
    assert main([*common, "--workstation", "ws1-b"]) == InputRefused.exit_code
    assert not new.exists()
    assert main([*common, "--workstation", "ws1-b", "--reason", "The disk died; no newer backup."]) == 0
    assert "found rolled back" in capsys.readouterr().out
    desk = open_workspace(new, lambda: PASSPHRASE)
    with desk.store.reading() as work:
        entry = [Entry.from_bytes(raw) for raw in work.log.entries()][2]
        why = work.log.payload(entry.commit["reason"])
    assert (entry.type, entry.subject.id) == ("log.succeeds", origin)
    said = (entry.data["state"], entry.data["size"], entry.data["witnessed_size"])
    assert said == ("rolled_back", 3, size)
    assert why is not None
    assert why.content == b"The disk died; no newer backup."
    assert main(["log", "--verify", "--workspace", str(new)]) == Verdict.VERIFIED_WITH_UNCHECKED.exit_code
    assert main(["list", "--as", str(CLERK), "--workspace", str(station.folder)]) == 0  # the old one stays readable


def test_a_workspace_of_which_no_database_is_left_can_be_succeeded_and_nothing_is_made_in_it(
    station: Station, net: Commission, port: int
) -> None:
    from bwc_review.bootstrap import predecessor_at

    size = witnessed(station, net, port)
    station.desk.store.close()  # type: ignore[attr-defined]
    for file in station.folder.glob("bwc.db*"):
        file.unlink()
    old = predecessor_at(station.folder)
    assert (old.state, old.size) == ("lost", 0)
    assert f"\n{size}\n".encode() in old.note
    assert not (station.folder / "bwc.db").exists()
