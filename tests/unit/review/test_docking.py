"""Docking through the use case: everything met is on record, and what fails is said in the log."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bwc_review.domain.camera_clock import CameraClock
from bwc_review.domain.ids import OperatorId
from bwc_review.domain.recording import Playability
from bwc_review.domain.times import Micros
from bwc_review.errors import InputRefused, PermissionDenied
from bwc_review.ports.records import Outcome
from bwc_review.review.desk import Desk, operator_for
from bwc_review.review.docking import import_card
from bwc_review.review.dockings import docking_states
from bwc_review.review.sessions import end_session, start_session
from chain_of_custody.entry import Entry
from ingest.errors import CopyStopped, NotADock, SourceVanished
from tests.desks import AUDITOR, CLERK, Onlooker, dock, make_card, make_desk, write_clip


def entries(desk: Desk) -> list[Entry]:
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()]


def types(desk: Desk) -> list[str]:
    return [one.type for one in entries(desk)]


def test_every_file_met_is_in_the_acquisition_record(desk: Desk, card: Path) -> None:
    _, report = dock(desk, card)
    met = {one.name: one.outcome for one in report.acquisitions}
    on_card = {file.relative_to(card).as_posix() for file in card.rglob("*") if file.is_file()}
    assert set(met) == on_card
    assert met["DCIM/CLIP0003.MP4"] is Outcome.REFUSED
    with desk.store.reading() as work:
        assert {one.name for one in work.footage.acquisitions(report.docking.id)} == on_card


def test_taking_the_same_card_again_gives_duplicates_and_no_new_exhibit(desk: Desk, card: Path) -> None:
    dock(desk, card)
    _, again = dock(desk, card)
    assert {one.outcome for one in again.acquisitions} == {Outcome.DUPLICATE, Outcome.REFUSED}
    with desk.store.reading() as work:
        assert len(work.footage.exhibits()) == 4
        assert len(work.footage.recordings()) == 2


def test_a_recording_is_ready_for_review_after_docking(desk: Desk, card: Path) -> None:
    _, report = dock(desk, card)
    with desk.store.reading() as work:
        for recording in report.recordings:
            made = {one.kind: one for one in work.footage.derivatives(recording.id)}
            assert set(made) == {"index", "audio", "peaks", "proxy"}
            assert all((desk.folder / one.path).is_file() for one in made.values())
            assert all(one.parent_sha256 == recording.sha256 for one in made.values())


def test_a_clip_without_sound_is_taken_and_nothing_can_be_heard_on_it(desk: Desk, tmp_path: Path) -> None:
    write_clip(tmp_path / "CARD" / "SILENT.MP4", sound=False)
    _, report = dock(desk, tmp_path / "CARD")
    (recording,) = report.recordings
    assert recording.playability is Playability.PLAYABLE
    assert recording.facts is not None
    assert recording.facts.audio is None


def test_a_clip_without_its_index_is_preserved_and_said_to_be_unplayable(desk: Desk, tmp_path: Path) -> None:
    write_clip(tmp_path / "whole.mp4")
    torn = tmp_path / "CARD" / "TORN.MP4"
    torn.parent.mkdir()
    torn.write_bytes((tmp_path / "whole.mp4").read_bytes()[:20_000])
    _, report = dock(desk, tmp_path / "CARD")
    (recording,) = report.recordings
    assert recording.playability is Playability.UNPLAYABLE
    assert recording.facts is not None
    assert recording.facts.damage
    with desk.vault.open(recording.sha256) as reader:
        assert reader.read() == torn.read_bytes()


@pytest.mark.parametrize("name", ["new\nline.mp4", "gp‮4pm.mp4", "..mp4", "..\\..\\up.mp4"])
def test_a_name_that_attacks_is_taken_and_shown_harmless(desk: Desk, tmp_path: Path, name: str) -> None:
    write_clip(tmp_path / "CARD" / name)
    _, report = dock(desk, tmp_path / "CARD")
    (met,) = report.acquisitions
    assert met.outcome is Outcome.TAKEN
    assert not any(character in met.name for character in "\n‮")
    payloads = []
    with desk.store.reading() as work:
        for one in entries(desk):
            payloads += [work.log.payload(commitment) for commitment in one.commit.values()]
    assert os.fsencode(name) in {one.content for one in payloads if one is not None}
    assert not [file for file in tmp_path.rglob("up.mp4") if file.is_file()]


def test_a_folder_that_is_no_dock_is_refused_in_words_and_in_the_log(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    session = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(NotADock) as refused:
        import_card(desk, session, tmp_path / "empty", watch=Onlooker())
    assert "holds no files" in refused.value.message()
    last = entries(desk)[-1]
    assert (last.type, last.outcome) == ("dock.attached", "refused")


def test_stopping_keeps_what_was_taken_and_the_same_card_goes_on_where_it_stopped(desk: Desk, card: Path) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(CopyStopped):
        import_card(desk, session, card, watch=Onlooker(stop_after=2))
    with desk.store.reading() as work:
        (cut,) = work.footage.dockings()
        assert (cut.state, cut.ended_by) == ("interrupted", "stopped")
        assert len(work.footage.exhibits()) == 2
        assert len(work.footage.met(cut.id)) == 5
    assert types(desk)[-1] == "dock.interrupted"
    again = Onlooker()
    _, report = dock(desk, card, again)
    assert report.docking.id == cut.id
    assert report.docking.state == "done"
    assert {one.name for one in again.kept} == {"DCIM/CLIP0001.JSON", "DCIM/CLIP0001.MP4"}
    assert again.left == 3
    outcomes = [one.outcome for one in report.acquisitions]
    assert sorted(outcomes) == [Outcome.REFUSED, *[Outcome.TAKEN] * 4]
    assert len(report.recordings) == 2
    resumed = next(one for one in entries(desk) if one.type == "dock.resumed")
    assert {name: resumed.data[name] for name in ("was", "ended_by", "kept", "left")} == {
        "was": "interrupted", "ended_by": "stopped", "kept": 2, "left": 3,
    }  # fmt: skip
    with desk.store.reading() as work:
        assert len(work.footage.exhibits()) == 4
        assert len(work.footage.dockings()) == 1


def test_a_file_swapped_while_the_card_was_out_is_read_again_and_both_are_kept(desk: Desk, tmp_path: Path) -> None:
    card = make_card(tmp_path / "CARD")
    session = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(CopyStopped):
        import_card(desk, session, card, watch=Onlooker(stop_after=2))
    swapped = card / "DCIM" / "CLIP0001.MP4"
    facts = swapped.stat()
    swapped.write_bytes(bytes(facts.st_size))
    os.utime(swapped, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    again = Onlooker()
    dock(desk, card, again)
    assert {one.name for one in again.kept} == {"DCIM/CLIP0001.JSON"}
    with desk.store.reading() as work:
        assert len({one.sha256 for one in work.footage.exhibits()}) == 5


def test_another_card_is_not_taken_for_the_one_that_was_interrupted(desk: Desk, card: Path, tmp_path: Path) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(CopyStopped):
        import_card(desk, session, card, watch=Onlooker(stop_after=2))
    dock(desk, make_card(tmp_path / "OTHER"))
    with desk.store.reading() as work:
        assert [one.state for one in work.footage.dockings()] == ["interrupted", "done"]
    assert "dock.resumed" not in types(desk)


def test_a_file_that_cannot_be_read_fails_the_docking_and_is_tried_again(desk: Desk, tmp_path: Path) -> None:
    card = make_card(tmp_path / "CARD")
    growing = card / "DIAG.BIN"

    class Writer(Onlooker):
        """Writes to a file of the card after it was listed."""

        def listed(self, files: int, size: int) -> None:
            with growing.open("ab") as file:
                file.write(b"more")

    session, report = dock(desk, card, Writer())
    assert report.docking.state == "failed"
    (standing,) = docking_states(desk, session)
    assert standing.resumable
    assert "1 of 5 files could not be taken" in standing.words
    facts = growing.stat()
    os.truncate(growing, 256)
    growing.write_bytes(bytes(range(256)))
    os.utime(growing, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    _, other = dock(desk, card)  # listed with another time: a new docking, in which it is taken
    assert {one.outcome for one in other.acquisitions} == {Outcome.TAKEN, Outcome.DUPLICATE, Outcome.REFUSED}


def test_the_cameras_clock_is_kept_with_the_docking_and_goes_into_the_log(desk: Desk, card: Path) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    clock = CameraClock(Micros(-12_500_000), Micros(2_000_000), "typed", desk.now_us())
    report = import_card(desk, session, card, watch=Onlooker(), clock=clock)
    assert report.docking.clock == clock
    attached = next(one for one in entries(desk) if one.type == "dock.attached")
    assert attached.data["camera_clock"] == {
        "offset_us": -12_500_000, "uncertainty_us": 2_000_000, "source": "typed", "read_at_us": clock.read_at,
    }  # fmt: skip
    ingested = [one.data["camera_clock_offset_us"] for one in entries(desk) if one.type == "media.ingested"]
    assert ingested == [-12_500_000] * 4


class Thief(Onlooker):
    """Takes the card away while its second clip is being read."""

    def __init__(self, card: Path) -> None:
        super().__init__()
        self._card = card

    def copying(self, name: str, done: int, size: int) -> None:
        if name.endswith("BIG.MP4") and self._card.exists():
            self._card.rename(self._card.with_name("gone"))
            os.truncate(self._card.with_name("gone") / "BIG.MP4", 0)


def test_a_card_removed_mid_copy_loses_nothing_and_says_so(desk: Desk, tmp_path: Path) -> None:
    card = tmp_path / "CARD"
    write_clip(card / "A.MP4")
    (card / "BIG.MP4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(64 << 20))
    desk.crew.set_pace(20)
    session = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(SourceVanished) as vanished:
        import_card(desk, session, card, watch=Thief(card))
    assert "nothing is lost" in vanished.value.message()
    assert types(desk)[-2:] == ["media.ingest_failed", "dock.interrupted"]
    (standing,) = docking_states(desk, session)
    assert standing.resumable
    assert standing.words == (
        "Interrupted, can be resumed: 1 of 2 files are settled, then the card was removed or stopped answering."
    )
    originals = desk.vault.list_originals()
    assert len(originals) == 1
    desk.vault.verify(originals[0].sha256)


def test_bytes_that_reached_the_vault_before_a_crash_are_taken_not_called_duplicate(desk: Desk, card: Path) -> None:
    """Killed between the rename and the row: the vault holds the file, the database knows nothing of it."""
    _, first = dock(desk, card)
    other = make_desk(desk.folder.parent / "other")
    for original in desk.vault.list_originals():
        final = other.vault.originals / original.sha256[:2] / original.sha256[2:4] / original.sha256
        final.parent.mkdir(parents=True, exist_ok=True)
        with desk.vault.open(original.sha256) as reader:
            final.write_bytes(reader.read())
    _, report = dock(other, card)
    assert [one.outcome for one in report.acquisitions] == [one.outcome for one in first.acquisitions]


def test_a_role_that_may_not_dock_is_refused_and_the_refusal_is_logged(desk: Desk, card: Path) -> None:
    session = start_session(desk, AUDITOR, "audit")
    with pytest.raises(PermissionDenied):
        import_card(desk, session, card, watch=Onlooker())
    last = entries(desk)[-1]
    assert (last.type, last.outcome, last.subject.id) == ("access.denied", "refused", "ingest.dock")


def test_a_session_cut_short_is_said_so_by_the_next_one(desk: Desk, card: Path) -> None:
    lost = start_session(desk, CLERK, "routine_docking")
    desk.presence.release(lost.id)  # what the operating system does when a process dies
    start_session(desk, CLERK, "routine_docking")
    assert types(desk)[-2:] == ["session.interrupted", "session.started"]
    assert entries(desk)[-2].subject.id == lost.id


def test_a_neighbours_session_is_not_called_interrupted(desk: Desk) -> None:
    start_session(desk, CLERK, "routine_docking")
    start_session(desk, CLERK, "routine_docking")
    assert "session.interrupted" not in types(desk)


def test_a_session_that_ended_stays_ended(desk: Desk) -> None:
    end_session(desk, start_session(desk, CLERK, "routine_docking"))
    start_session(desk, CLERK, "routine_docking")
    assert types(desk).count("session.interrupted") == 0


def test_who_acts_is_never_guessed_between_two_who_may(desk: Desk) -> None:
    assert operator_for(desk, "ingest.dock", None) == CLERK
    with pytest.raises(InputRefused):
        operator_for(desk, "transcript.run", None)
    with pytest.raises(InputRefused):
        operator_for(desk, "ingest.dock", "nobody")
    with pytest.raises(InputRefused):
        start_session(desk, OperatorId("nobody"), "routine_docking")


def test_two_cards_with_one_clip_in_common_share_the_exhibit(desk: Desk, tmp_path: Path) -> None:
    one = make_card(tmp_path / "ONE")
    (tmp_path / "TWO").mkdir()
    (tmp_path / "TWO" / "COPY.MP4").write_bytes((one / "DCIM" / "CLIP0001.MP4").read_bytes())
    dock(desk, one)
    _, report = dock(desk, tmp_path / "TWO")
    assert [one.outcome for one in report.acquisitions] == [Outcome.DUPLICATE]
    assert [one.exhibit for one in report.acquisitions] == ["WS1-0002"]
