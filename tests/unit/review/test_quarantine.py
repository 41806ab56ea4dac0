"""Scrubs find what changed, quarantine keeps it from everybody, and only right bytes and a reason end it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.errors import ExportFailed, InputRefused, NotFound, PermissionDenied
from bwc_review.ports.jobs import JobState
from bwc_review.ports.preservation import QuarantineRow
from bwc_review.ports.records import Exhibit, Session
from bwc_review.review.deriving import work_off
from bwc_review.review.desk import Desk
from bwc_review.review.docking import import_card
from bwc_review.review.exporting import export_bundle
from bwc_review.review.quarantine import quarantined, release
from bwc_review.review.scrubbing import scrub
from bwc_review.review.sessions import start_session
from chain_of_custody.entry import Entry
from ingest.errors import Quarantined, VaultDamaged
from tests.desks import AUDITOR, CLERK, REVIEWER, Onlooker, dock, make_desk
from tests.unit.review.conftest import CASE


class Looking:
    """A ScrubWatch that asks to stop after ``most`` originals."""

    def __init__(self, most: int = 1_000) -> None:
        self.seen: list[str] = []
        self._most = most

    def reading(self, exhibit: Exhibit, number: int, total: int) -> None:
        self.seen.append(exhibit.number)

    def cancelled(self) -> bool:
        return len(self.seen) >= self._most


def entries(desk: Desk, act: str) -> list[Entry]:
    with desk.store.reading() as work:
        read = [Entry.from_bytes(raw) for raw in work.log.entries(0)]
    return [one for one in read if one.type == act]


def harm(desk: Desk, sha256: str) -> bytes:
    """Flip one bit; returns the good bytes."""
    path = desk.vault.path_for_child(sha256)
    good = path.read_bytes()
    at = random.Random(1).randrange(len(good))
    path.chmod(0o600)
    path.write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1 :])
    return good


def held(desk: Desk) -> list[QuarantineRow]:
    return list(quarantined(desk, start_session(desk, AUDITOR, "look_up")))


def recording_of(desk: Desk) -> Exhibit:
    with desk.store.reading() as work:
        return next(one for one in work.footage.exhibits() if one.kind == "video")


def place(desk: Desk, sha256: str) -> Path:
    return desk.vault.originals / sha256[:2] / sha256[2:4] / sha256


def test_a_scrub_of_whole_originals_says_so_for_each_of_them(reviewing: tuple[Desk, Session, object]) -> None:
    desk, _, _ = reviewing
    run = scrub(desk, start_session(desk, AUDITOR, "scrub"), 100, watch=Looking())
    with desk.store.reading() as work:
        exhibits = {one.sha256 for one in work.footage.exhibits()}
    assert (run.done, run.failed, run.state) == (len(exhibits), 0, "done")
    assert {one.data["sha256"] for one in entries(desk, "media.verified")} == exhibits


def test_what_a_scrub_finds_is_set_aside_and_neither_played_nor_exported(
    reviewing: tuple[Desk, Session, object], tmp_path: Path
) -> None:
    desk, session, _ = reviewing
    exhibit = recording_of(desk)
    harm(desk, exhibit.sha256)
    run = scrub(desk, start_session(desk, AUDITOR, "scrub"), 100, watch=Looking())
    assert run.failed == 1
    (failed,) = entries(desk, "media.verify_failed")
    assert (failed.subject.id, failed.data["finding"]) == (exhibit.number, "scrub_differs")
    assert [row.exhibit for row in held(desk)] == [exhibit.number]
    with pytest.raises(Quarantined, match="quarantine list"):
        desk.vault.open(exhibit.sha256)
    with pytest.raises(Quarantined), desk.vault.for_child(exhibit.sha256):
        pass
    with pytest.raises(ExportFailed, match="quarantine"):
        export_bundle(desk, session, CASE, tmp_path / "out", progress=lambda *_: None)


def test_a_release_needs_right_bytes_a_reason_and_the_role_for_it(reviewing: tuple[Desk, Session, object]) -> None:
    desk, session, _ = reviewing
    exhibit = recording_of(desk)
    good = harm(desk, exhibit.sha256)
    scrub(desk, start_session(desk, AUDITOR, "scrub"), 100, watch=Looking())
    with pytest.raises(PermissionDenied):
        release(desk, start_session(desk, CLERK, "care"), exhibit.number, "restored from the second copy")
    with pytest.raises(InputRefused, match="sentence"):
        release(desk, session, exhibit.number, "ok")
    with pytest.raises(NotFound):
        release(desk, session, "WS1-9999", "restored from the second copy")
    with pytest.raises(VaultDamaged):
        release(desk, session, exhibit.number, "it looks fine to me")
    with pytest.raises(Quarantined):
        desk.vault.open(exhibit.sha256)
    place(desk, exhibit.sha256).write_bytes(good)
    release(desk, session, exhibit.number, "restored from the second copy")
    desk.vault.verify(exhibit.sha256)
    with desk.vault.open(exhibit.sha256) as reader:
        assert reader.read() == good
    assert [one.outcome for one in entries(desk, "media.released")] == ["refused", "ok"]
    assert held(desk) == []


def test_the_card_docked_again_brings_the_good_bytes_back(taken: Path, card: Path, desk: Desk) -> None:
    dock(desk, card)
    exhibit = recording_of(desk)
    harm(desk, exhibit.sha256)
    scrub(desk, start_session(desk, AUDITOR, "scrub"), 100, watch=Looking())
    dock(desk, card)
    with pytest.raises(Quarantined):
        desk.vault.open(exhibit.sha256)
    release(desk, start_session(desk, REVIEWER, "care"), exhibit.number, "taken from its card again today")
    desk.vault.verify(exhibit.sha256)


def test_a_scrub_cut_short_goes_on_and_reads_nothing_twice(reviewing: tuple[Desk, Session, object]) -> None:
    desk, _, _ = reviewing
    session = start_session(desk, AUDITOR, "scrub")
    first, second = Looking(2), Looking()
    assert scrub(desk, session, 100, watch=first).state == "open"
    run = scrub(desk, session, 100, watch=second)
    assert run.done == len(first.seen) + len(second.seen)
    assert not set(first.seen) & set(second.seen)
    assert scrub(desk, session, 100, watch=Looking()).id != run.id


def test_a_sample_is_a_part_and_a_share_that_is_none_is_refused(reviewing: tuple[Desk, Session, object]) -> None:
    desk, _, _ = reviewing
    session = start_session(desk, AUDITOR, "scrub")
    sizes = {scrub(desk, session, 30, watch=Looking()).done for _ in range(8)}
    assert max(sizes) < 6 and len(sizes) > 1
    for share in (0, 101):
        with pytest.raises(InputRefused):
            scrub(desk, session, share, watch=Looking())


def test_an_original_without_a_row_is_adopted_when_whole_and_set_aside_when_not(
    desk: Desk, card: Path, tmp_path: Path
) -> None:
    other = make_desk(tmp_path / "other")
    dock(other, card)
    good, bad = (one.sha256 for one in other.vault.list_originals()[:2])
    for sha256 in (good, bad):
        place(desk, sha256).parent.mkdir(parents=True)
        place(desk, sha256).write_bytes(other.vault.path_for_child(sha256).read_bytes())
    harm(desk, bad)
    start_session(desk, CLERK, "routine_docking")
    assert [one.data["sha256"] for one in entries(desk, "media.adopted")] == [good]
    assert [row.finding for row in held(desk)] == ["orphan_differs"]
    start_session(desk, CLERK, "routine_docking")
    assert len(entries(desk, "media.adopted")) == 1


def test_a_marker_a_crash_left_without_its_row_is_said_at_the_next_start(desk: Desk, card: Path) -> None:
    dock(desk, card)
    exhibit = recording_of(desk)
    desk.vault.quarantine.set_aside(exhibit.sha256, "scrub_differs")
    start_session(desk, CLERK, "routine_docking")
    assert [(row.exhibit, row.finding) for row in held(desk)] == [(exhibit.number, "scrub_differs")]
    desk.vault.quarantine.end(exhibit.sha256)
    start_session(desk, CLERK, "routine_docking")
    assert desk.vault.quarantine.holds(exhibit.sha256)


def test_without_the_log_nothing_is_released(reviewing: tuple[Desk, Session, object]) -> None:
    desk, session, _ = reviewing
    exhibit = recording_of(desk)
    harm(desk, exhibit.sha256)
    scrub(desk, start_session(desk, AUDITOR, "scrub"), 100, watch=Looking())
    stranger = replace(session, id="not\nan id")
    with pytest.raises(Exception, match="log"):
        release(desk, stranger, exhibit.number, "restored from the second copy")
    assert desk.vault.quarantine.holds(exhibit.sha256)


def test_a_vault_that_is_not_mounted_is_not_taken_for_one_full_of_damage(
    reviewing: tuple[Desk, Session, object],
) -> None:
    desk, _, _ = reviewing
    desk.vault.originals.rename(desk.folder / "unmounted")
    desk.vault.originals.mkdir()
    with pytest.raises(VaultDamaged, match="mounted"):
        scrub(desk, start_session(desk, AUDITOR, "scrub"), 100, watch=Looking())
    assert held(desk) == []


def test_a_card_whose_original_is_in_quarantine_is_still_taken_to_its_end(
    desk: Desk, card: Path, tmp_path: Path
) -> None:
    other = make_desk(tmp_path / "other")
    dock(other, card)
    sha256 = recording_of(other).sha256
    place(desk, sha256).parent.mkdir(parents=True)
    place(desk, sha256).write_bytes(other.vault.path_for_child(sha256).read_bytes())
    harm(desk, sha256)
    _, report = dock(desk, card)
    assert [one.outcome.value for one in report.acquisitions].count("taken") == 4
    assert sha256 not in {one.sha256 for one in report.recordings}
    assert [row.sha256 for row in held(desk)] == [sha256]
    release(desk, start_session(desk, REVIEWER, "care"), sha256, "taken from its card again today")
    _, again = dock(desk, card)
    assert sha256 in {one.sha256 for one in again.recordings}


def test_nothing_is_made_of_what_is_in_quarantine_and_its_jobs_say_why(desk: Desk, card: Path) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    import_card(desk, session, card, watch=Onlooker())
    exhibit = recording_of(desk)
    desk.vault.quarantine.set_aside(exhibit.sha256, "scrub_differs")
    watch = Onlooker()
    work_off(desk, session, watch)
    failed = [one for one in watch.ends if one[0] == exhibit.number]
    assert {what for _, what, _, _ in failed} == {"index", "audio", "peaks", "sprite", "proxy"}
    assert all(state is JobState.FAILED and "in quarantine" in error for _, _, state, error in failed)
    assert {state for number, _, state, _ in watch.ends if number != exhibit.number} == {JobState.DONE}
