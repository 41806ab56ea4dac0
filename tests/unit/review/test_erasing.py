"""Erasing a content at a real desk: gone from log, catalogue and files, on record, and the log still verifies."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.domain.ids import OperatorId
from bwc_review.errors import ErasureIncomplete, InputRefused, NotFound
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.erasing import clean, erase
from bwc_review.review.handing_over import Texts, export_log
from bwc_review.review.sessions import start_session
from bwc_review.store import engine as engine_module
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.report import Report
from chain_of_custody.verify import verify_log_folder
from tests.desks import PASSPHRASE, REVIEWER, dock, make_desk, write_clip

NAME = "DCIM/Erika-Musterfrau-an-der-Tuer.mp4"
WHY = {"reason": "court_order", "why": "Order 12 of an invented court."}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A card with a file whose name is a person's."""
    folder = tmp_path_factory.mktemp("erasing")
    write_clip(folder / "CARD" / NAME)
    write_clip(folder / "CARD" / "DCIM/CLIP0002.MP4", tone=880)
    desk = make_desk(folder / "workspace")
    dock(desk, folder / "CARD")
    desk.store.close()  # type: ignore[attr-defined]
    return folder / "workspace"


@pytest.fixture
def desk(workspace: Path, tmp_path: Path) -> Desk:
    return open_workspace(Path(shutil.copytree(workspace, tmp_path / "workspace")), lambda: PASSPHRASE)


def codes(report: Report, severity: Severity = Severity.FAILED) -> set[str]:
    return {one.code for one in report.findings if one.severity is severity}


def files_with(folder: Path, needle: bytes) -> set[str]:
    return {one.name for one in folder.glob("bwc.db*") if needle in one.read_bytes()}


def test_a_name_is_gone_from_every_file_of_the_database_and_the_log_verifies(desk: Desk, tmp_path: Path) -> None:
    session = start_session(desk, REVIEWER, "erasure")
    needle = b"Erika-Musterfrau"
    assert files_with(desk.folder, needle)
    done = erase(desk, session, [], text=NAME, **WHY)
    assert done.contents == 2  # what was begun and what was taken in
    assert done.copies == 4  # met, exhibit, recording, acquisition
    assert list(done.still_shown) == []
    assert files_with(desk.folder, needle) == set()
    report = check_log(desk, trusted=desk.vkey)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert "payloads_erased" in codes(report, Severity.NOTE)
    with desk.store.reading() as work:
        names = {one.name for one in work.footage.recordings()}
        said = [Entry.from_bytes(raw) for raw in work.log.about(done.tombstone.subject.id)][-1]
        why = work.log.payload(said.commit["why"])
    assert names == {f"erased-{done.tombstone.seq}.mp4", "DCIM/CLIP0002.MP4"}
    assert (said.type, said.reason, len(said.data["commitments"])) == ("retention.payload_erased", "court_order", 2)  # type: ignore[arg-type]
    assert why is not None and b"invented court" in why.content
    assert export_log(desk, session, tmp_path / "log", Texts.INCLUDED).texts > 0
    outside = verify_log_folder(tmp_path / "log", trusted_vkey=desk.vkey)
    assert outside.verdict is Verdict.VERIFIED, outside.to_text()


def test_a_content_taken_out_of_the_database_without_a_tombstone_is_found_out_here_and_by_the_lone_verifier(
    desk: Desk, tmp_path: Path
) -> None:
    raw = sqlite3.connect(desk.folder / "bwc.db")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("DELETE FROM custody_payload")
    raw.execute("DROP TRIGGER custody_payload_no_delete")
    raw.execute("DELETE FROM custody_payload WHERE instr(content, ?)", (b"Erika",))
    raw.commit()
    raw.close()
    assert codes(check_log(desk, trusted=desk.vkey)) == {"payload_missing"}
    export_log(desk, start_session(desk, REVIEWER, "audit"), tmp_path / "log", Texts.INCLUDED)
    assert "payload_missing" in codes(verify_log_folder(tmp_path / "log", trusted_vkey=desk.vkey))


def test_what_is_not_held_or_has_no_reason_is_refused_and_nothing_goes(desk: Desk) -> None:
    session = start_session(desk, REVIEWER, "erasure")
    with pytest.raises(NotFound, match="not held"):
        erase(desk, session, ["0" * 64], **WHY)
    with pytest.raises(NotFound, match="reads like this"):
        erase(desk, session, [], text="no such words", **WHY)
    with pytest.raises(InputRefused, match="why"):
        erase(desk, session, [], text=NAME, reason="court_order", why=" ")
    done = erase(desk, session, [], text=NAME, **WHY)
    gone = str(done.tombstone.data["commitments"][0])  # type: ignore[index]
    with pytest.raises(NotFound, match="erased before"):
        erase(desk, session, [gone], **WHY)


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE"])
def test_while_another_program_has_the_files_it_is_said_that_they_are_not_clean_yet(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, begin: str
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_MS", 200)
    desk.store._database.engine.dispose()  # type: ignore[attr-defined]
    session = start_session(desk, REVIEWER, "erasure")
    other = sqlite3.connect(desk.folder / "bwc.db", isolation_level=None)
    if begin == "BEGIN":
        other.execute(begin)
        other.execute("SELECT count(*) FROM custody_entry").fetchone()
        with pytest.raises(ErasureIncomplete, match="--clean"):
            erase(desk, session, [], text=NAME, **WHY)
    else:
        other.execute(begin)
        with pytest.raises(ErasureIncomplete, match="--clean"):
            clean(desk, session)
        other.execute("ROLLBACK")
        erase(desk, session, [], text=NAME, **WHY)
    other.close()
    clean(desk, session)
    assert files_with(desk.folder, b"Erika-Musterfrau") == set()
    assert check_log(desk, trusted=desk.vkey).verdict is Verdict.VERIFIED
    assert OperatorId(session.operator) == REVIEWER
