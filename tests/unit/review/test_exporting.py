"""Exporting through the use case: a bundle that verifies, and failures that leave nothing under the final name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwc_review.domain.recording import Incident
from bwc_review.errors import ExportFailed, PermissionDenied
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk
from bwc_review.review.exporting import export_bundle
from bwc_review.review.sessions import start_session
from bwc_review.review.tagging import add_tag, withdraw_tag
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Verdict
from chain_of_custody.source import BundleSource
from chain_of_custody.verify import verify_bundle
from tests.desks import AUDITOR, dock, write_clip
from tests.unit.review.test_tagging import seen

Reviewing = tuple[Desk, Session, Incident]


def no_progress(step: str, done: int, of: int) -> None:
    """Nobody looks on."""


def entries(desk: Desk) -> list[Entry]:
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()]


def test_a_bundle_verifies_with_a_key_that_did_not_come_from_it(reviewing: Reviewing, tmp_path: Path) -> None:
    desk, session, case = reviewing
    add_tag(desk, session, case.id, seen())
    bundle = export_bundle(desk, session, case.id, tmp_path, progress=no_progress)
    report = verify_bundle(Path(bundle.path), trusted_vkey=desk.vkey)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert [one.type for one in entries(desk)][-3:] == ["export.started", "bundle.sealed", "export.finished"]


def test_entries_of_other_cases_stand_in_the_bundle_as_hashes_only(reviewing: Reviewing, tmp_path: Path) -> None:
    desk, session, case = reviewing
    write_clip(tmp_path / "OTHER" / "FOREIGN.MP4", tone=300)
    dock(desk, tmp_path / "OTHER")
    bundle = Path(export_bundle(desk, session, case.id, tmp_path, progress=no_progress).path)
    source = BundleSource(bundle)
    count = sum(1 for _ in source.leaves())
    withheld = [seq for seq, raw in enumerate(source.entries(0, count)) if raw is None]
    told = [one for one in entries(desk) if one.seq in withheld]
    assert {"media.ingested", "session.started"} <= {one.type for one in told}
    everything = b"".join(file.read_bytes() for file in (bundle / "data" / "custody").rglob("*.json"))
    assert b"FOREIGN" not in everything
    assert not list((bundle / "data" / "media").rglob("*FOREIGN*"))


def test_withdrawn_tags_and_rejected_candidates_travel_too(reviewing: Reviewing, tmp_path: Path) -> None:
    desk, session, case = reviewing
    tag = add_tag(desk, session, case.id, seen(note="seen by mistake"))
    withdraw_tag(desk, session, tag.id, reason="it was somebody else")
    bundle = Path(export_bundle(desk, session, case.id, tmp_path, progress=no_progress).path)
    assert tag.id in (bundle / "data" / "review" / "tags.json").read_text("utf-8")
    assert "superseded" in (bundle / "data" / "review" / "tags.json").read_text("utf-8")


def test_an_original_that_changed_in_the_vault_stops_the_export_and_the_log_says_so(
    reviewing: Reviewing, tmp_path: Path
) -> None:
    desk, session, case = reviewing
    with desk.store.reading() as work:
        sha256 = work.footage.recording(case.placements[0].recording).sha256
    file = desk.vault.path_for_child(sha256)
    file.chmod(0o640)
    with file.open("r+b") as damaged:
        damaged.seek(1000)
        damaged.write(b"\0not what was taken\0")
    into = tmp_path / "out"
    into.mkdir()
    with pytest.raises(ExportFailed):
        export_bundle(desk, session, case.id, into, progress=no_progress)
    assert list(into.iterdir()) == []
    assert entries(desk)[-1].type == "export.failed"


def test_a_second_export_gets_a_name_of_its_own(reviewing: Reviewing, tmp_path: Path) -> None:
    desk, session, case = reviewing
    names = [export_bundle(desk, session, case.id, tmp_path, progress=no_progress).name for _ in range(2)]
    assert names == ["IR-1_bundle-01", "IR-1_bundle-02"]


def test_a_role_that_may_not_export_is_refused(reviewing: Reviewing, tmp_path: Path) -> None:
    desk, _, case = reviewing
    auditor = start_session(desk, AUDITOR, "audit")
    with pytest.raises(PermissionDenied):
        export_bundle(desk, auditor, case.id, tmp_path, progress=no_progress)
    assert not [file for file in tmp_path.iterdir() if file.name.startswith("IR-1")]
