"""The receipt as a use case: it says what the log says, it is logged, and it is refused where nothing was signed."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.errors import InputRefused, LogRefused, NotFound, PermissionDenied
from bwc_review.export.receipt import facts
from bwc_review.ports.records import Docking, Session
from bwc_review.review.desk import Desk, checkpoint, record
from bwc_review.review.docking import import_card
from bwc_review.review.receipts import print_receipt, receipt_for
from bwc_review.review.sessions import start_session
from chain_of_custody.checkpoint import open_checkpoint
from chain_of_custody.entry import Entry, Subject
from chain_of_custody.note import VerifierKey
from ingest.errors import CopyStopped
from tests.desks import AUDITOR, CLERK, PASSPHRASE, Onlooker, dock, write_clip


def entries(desk: Desk) -> list[Entry]:
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()]


def test_the_receipt_is_of_the_checkpoint_signed_when_the_import_ended(
    desk: Desk, card: Path, tmp_path: Path
) -> None:
    session, report = dock(desk, card)
    with desk.store.writing() as work:  # later acts and checkpoints are not what the receipt is about
        record(desk, work, session, "media.viewed", Subject("docking", "another"))
        checkpoint(desk, work, desk.signer())
    receipt = receipt_for(desk, session)
    assert {one.name: one.sha256 for one in receipt.acquisitions} == {
        one.name: one.sha256 for one in report.acquisitions
    }
    assert open_checkpoint(receipt.note, [VerifierKey.parse(desk.vkey)]) == receipt.checkpoint
    closing = entries(desk)[receipt.attested.last]
    assert (closing.type, closing.subject.id) == ("dock.finished", report.docking.id)
    assert receipt.checkpoint.size == receipt.attested.last + 1
    assert entries(desk)[receipt.attested.first].type == "dock.attached"
    assert (receipt.attested.operator, receipt.attested.role) == ("clerk-1", "evidence_clerk")


def test_printing_is_logged_with_the_digests_of_what_was_handed_out(desk: Desk, card: Path, tmp_path: Path) -> None:
    session, report = dock(desk, card)
    made = print_receipt(desk, session, report.docking.id, tmp_path / "paper")
    assert sorted(file.suffix for file in made.files) == [".pdf", ".txt"]
    last = entries(desk)[-1]
    assert (last.type, last.subject.id) == ("media.receipt_printed", report.docking.id)
    handed = [{"sha256": hashlib.sha256(f.read_bytes()).hexdigest(), "size": f.stat().st_size} for f in made.files]
    assert last.data["files"] == handed


def test_without_a_name_the_latest_docking_is_meant(desk: Desk, card: Path, tmp_path: Path) -> None:
    _, first = dock(desk, card)
    write_clip(tmp_path / "SECOND" / "B.MP4", tone=700)
    session, second = dock(desk, tmp_path / "SECOND")
    assert receipt_for(desk, session).docking.id == second.docking.id
    assert receipt_for(desk, session, first.docking.id).docking.label == "CARD"


def test_the_receipt_of_a_card_that_was_pulled_says_what_lies_on_it_only(desk: Desk, card: Path) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(CopyStopped):
        import_card(desk, session, card, watch=Onlooker(stop_after=2))
    receipt = receipt_for(desk, session)
    assert len(receipt.acquisitions) == 2
    assert {one.name for one in receipt.waiting} == {"DCIM/CLIP0002.MP4", "DCIM/CLIP0003.MP4", "DIAG.BIN"}
    assert "3 more files were met; they lie on the source only" in dict(facts(receipt))["Not taken yet"]
    dock(desk, card)
    assert receipt_for(desk, session).waiting == ()
    assert "Not taken yet" not in dict(facts(receipt_for(desk, session)))


def test_nothing_docked_and_an_unknown_docking_are_said(desk: Desk) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(NotFound, match="No card was docked"):
        receipt_for(desk, session)
    with pytest.raises(NotFound, match="no docking d9"):
        receipt_for(desk, session, "d9")


def opened(desk: Desk, session: Session, state: str) -> None:
    docking = Docking("d1", "CARD", "generic", "00" * 32, state, desk.now_us(), session.id)
    with desk.store.writing() as work:
        work.footage.add_docking(docking)
        record(desk, work, session, "dock.attached", Subject("docking", "d1"))
        if state == "failed":
            record(desk, work, session, "dock.finished", Subject("docking", "d1"), outcome="failed")


def test_no_receipt_for_an_import_that_is_still_running(desk: Desk) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    opened(desk, session, "open")
    with pytest.raises(InputRefused, match="still being taken"):
        receipt_for(desk, session)


def test_an_import_cut_short_has_a_receipt_once_a_checkpoint_covers_it(desk: Desk) -> None:
    desk = open_workspace(desk.folder, lambda: PASSPHRASE)  # the key is locked until somebody is asked
    session = start_session(desk, CLERK, "routine_docking")
    opened(desk, session, "failed")
    with pytest.raises(InputRefused, match="No checkpoint was signed"):
        receipt_for(desk, session)
    with desk.store.writing() as work:
        checkpoint(desk, work, desk.signer())
    receipt = receipt_for(desk, session)
    assert receipt.docking.state == "failed"
    assert receipt.checkpoint.size > receipt.attested.last


def test_who_may_not_dock_gets_no_receipt_and_the_refusal_is_logged(desk: Desk, card: Path, tmp_path: Path) -> None:
    dock(desk, card)
    auditor = start_session(desk, AUDITOR, "audit")
    with pytest.raises(PermissionDenied):
        print_receipt(desk, auditor, None, tmp_path / "paper")
    assert entries(desk)[-1].type == "access.denied"
    assert not (tmp_path / "paper").exists()


def test_a_receipt_that_cannot_be_logged_is_not_left_on_the_disk(desk: Desk, card: Path, tmp_path: Path) -> None:
    session, _ = dock(desk, card)
    raw = sqlite3.connect(desk.folder / "bwc.db")
    raw.execute(
        "CREATE TRIGGER no_room BEFORE INSERT ON custody_entry WHEN NEW.type = 'media.receipt_printed' "
        "BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )
    raw.commit()
    raw.close()
    with pytest.raises(LogRefused):
        print_receipt(desk, session, None, tmp_path / "paper")
    assert list((tmp_path / "paper").iterdir()) == []
