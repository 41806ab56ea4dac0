"""Jobs: what review needs of a recording is made in the background, by one process, through crashes and refusals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.domain.recording import Playability, Recording
from bwc_review.errors import InputRefused, NotFound, NotReady, PermissionDenied
from bwc_review.ports.jobs import Job, JobState
from bwc_review.ports.records import Session
from bwc_review.review import deriving
from bwc_review.review.deriving import MOST_CRASHES, cancel, have_made, retry, work_off
from bwc_review.review.desk import Desk
from bwc_review.review.docking import import_card
from bwc_review.review.rederiving import Verdict, compare_again
from bwc_review.review.salvaged import ask_salvage
from bwc_review.review.sessions import end_session, start_session
from chain_of_custody.entry import Entry
from ingest.errors import DerivativeFailed, DiskFull
from tests.desks import AUDITOR, CLERK, PASSPHRASE, Onlooker, make_desk, write_clip
from tests.unit.ingest.conftest import REPOSITORY

ALL = {"index", "audio", "peaks", "sprite", "proxy"}
ORRERY = REPOSITORY / "sample_media" / "cards" / "orrery-p5"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    write_clip(tmp_path / "CARD" / "CLIP.MP4", seconds=2)
    return tmp_path / "CARD"


@pytest.fixture
def docked(desk: Desk, clip: Path) -> Session:
    """One recording taken in; nothing made of it yet."""
    session = start_session(desk, CLERK, "routine_docking")
    import_card(desk, session, clip, watch=Onlooker())
    return session


def jobs(desk: Desk) -> dict[str, Job]:
    with desk.store.reading() as work:
        return {one.what: one for one in work.jobs.all()}


def made(desk: Desk) -> set[str]:
    with desk.store.reading() as work:
        return {one.kind for recording in work.footage.recordings() for one in work.footage.derivatives(recording.id)}


def recording_in(desk: Desk, number: int = 0) -> Recording:
    with desk.store.reading() as work:
        return work.footage.recordings()[number]


def said(desk: Desk, act: str) -> list[Entry]:
    with desk.store.reading() as work:
        return [one for raw in work.log.entries() if (one := Entry.from_bytes(raw)).type == act]


def put(desk: Desk, job: Job) -> None:
    with desk.store.writing() as work:
        work.jobs.update(job)


def failing(error: Exception) -> Callable[..., object]:
    def make(*_: object) -> object:
        raise error

    return make


def test_docking_is_done_before_anything_is_made_and_asks_for_it(desk: Desk, docked: Session) -> None:
    assert {what: one.state for what, one in jobs(desk).items()} == dict.fromkeys(ALL, JobState.QUEUED)
    assert made(desk) == set()
    assert said(desk, "dock.finished")


def test_what_waits_is_made_in_order_of_need_each_with_its_entry(desk: Desk, docked: Session) -> None:
    watch = Onlooker()
    worked = work_off(desk, docked, watch)
    assert (worked.done, worked.failed, worked.cancelled) == (5, 0, 0)
    assert [what for _, what in watch.steps if what in ALL][-1] == "proxy"
    assert made(desk) == ALL
    assert [one.data["kind"] for one in said(desk, "media.derived")][-1] == "proxy"
    assert all(one.state is JobState.DONE and one.ended_at for one in jobs(desk).values())
    assert work_off(desk, docked, Onlooker()).done == 0


def test_a_recording_nobody_asked_for_gets_its_jobs_when_the_queue_is_worked(
    desk: Desk, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    with monkeypatch.context() as patched:  # as when the program ended between two transactions
        patched.setattr("bwc_review.review.preparing.queue_pieces", lambda *_: 0)
        import_card(desk, session, clip, watch=Onlooker())
    assert jobs(desk) == {}
    work_off(desk, session, Onlooker())
    assert made(desk) == ALL


def test_a_failed_piece_is_said_in_words_left_out_and_tried_again_only_on_request(
    desk: Desk, docked: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(deriving, "make_piece", failing(DerivativeFailed("The disk coughed. Look at it.")))
        assert work_off(desk, docked, Onlooker()).failed == 5
    proxy = jobs(desk)["proxy"]
    assert (proxy.state, proxy.error, proxy.attempts) == (JobState.FAILED, "The disk coughed. Look at it.", 1)
    assert {one.outcome for one in said(desk, "media.derived")} == {"failed"}
    assert work_off(desk, docked, Onlooker()).done == 0
    assert len(retry(desk, docked, [proxy.id])) == 1
    assert work_off(desk, docked, Onlooker()).done == 1
    assert made(desk) == {"proxy"}
    assert said(desk, "media.derive_asked_again")


def test_a_full_disk_stops_the_work_and_the_piece_waits_for_room(
    desk: Desk, docked: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(deriving, "make_piece", failing(DiskFull("The disk is full. Make room.")))
        with pytest.raises(DiskFull):
            work_off(desk, docked, Onlooker())
    assert {one.state for one in jobs(desk).values()} == {JobState.QUEUED}
    assert "The disk is full. Make room." in {one.error for one in jobs(desk).values()}
    assert work_off(desk, docked, Onlooker()).done == 5


def test_a_cancelled_piece_is_not_made_until_asked_for_again(desk: Desk, docked: Session) -> None:
    assert len(cancel(desk, docked)) == 5
    assert work_off(desk, docked, Onlooker()).done == 0
    assert {one.state for one in jobs(desk).values()} == {JobState.CANCELLED}
    assert len(said(desk, "media.derive_cancelled")) == 5
    retry(desk, docked)
    assert work_off(desk, docked, Onlooker()).done == 5


class CancelsWhatRuns(Onlooker):
    """A person who cancels each job while it runs."""

    def __init__(self, desk: Desk, session: Session) -> None:
        super().__init__()
        self._desk, self._session = desk, session

    def working(self, job: Job, recording: Recording, left: int) -> None:
        cancel(self._desk, self._session, [job.id])


def test_a_running_piece_that_is_cancelled_stops_and_says_so(
    desk: Desk, docked: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deriving, "ASK_EVERY_S", 0.0)
    worked = work_off(desk, docked, CancelsWhatRuns(desk, docked))
    assert worked.cancelled == 5
    assert {one.outcome for one in said(desk, "media.derived")} == {"refused"}
    assert made(desk) == set()
    assert not list(desk.vault.staging.glob("*.part"))


class LeavesAtOnce(Onlooker):
    """Somebody who closes the program as soon as the first piece is begun."""

    begun = False

    def working(self, job: Job, recording: Recording, left: int) -> None:
        self.begun = True

    def cancelled(self) -> bool:
        return self.begun


def test_closing_the_program_puts_the_piece_back_into_the_queue(desk: Desk, docked: Session) -> None:
    worked = work_off(desk, docked, LeavesAtOnce())
    assert (worked.done, worked.failed, worked.cancelled) == (0, 0, 0)
    assert {one.state for one in jobs(desk).values()} == {JobState.QUEUED}


def test_a_role_that_may_not_is_refused_and_the_log_says_so(desk: Desk, docked: Session) -> None:
    auditor = start_session(desk, AUDITOR, "audit")
    with pytest.raises(PermissionDenied):
        work_off(desk, auditor, Onlooker())
    with pytest.raises(PermissionDenied):
        cancel(desk, auditor)
    with pytest.raises(PermissionDenied):
        retry(desk, auditor)
    assert len(said(desk, "access.denied")) == 3


def test_an_unknown_job_is_named(desk: Desk, docked: Session) -> None:
    with pytest.raises(NotFound, match="no-such"):
        retry(desk, docked, ["no-such"])


def test_two_programs_never_work_the_same_piece(desk: Desk, docked: Session) -> None:
    other = start_session(desk, CLERK, "routine_docking")
    first, second = deriving._claim(desk, docked, None), deriving._claim(desk, other, None)
    assert first is not None
    assert second is not None
    assert first[0].id != second[0].id
    assert {first[0].owner, second[0].owner} == {docked.id, other.id}


def test_what_needs_a_piece_waits_for_it_or_makes_it(desk: Desk, docked: Session) -> None:
    recording = recording_in(desk)
    have_made(desk, docked, recording.id, "audio", Onlooker())
    assert made(desk) == {"audio"}
    put(desk, replace(jobs(desk)["index"], state=JobState.FAILED, error="It is torn."))
    with pytest.raises(NotReady, match="It is torn"):
        have_made(desk, docked, recording.id, "index", Onlooker())


WORKER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from bwc_review.bootstrap import open_workspace
from bwc_review.domain.ids import OperatorId
from bwc_review.review.deriving import work_off
from bwc_review.review.sessions import start_session
from tests.desks import Onlooker
desk = open_workspace(Path({folder!r}), lambda: {passphrase!r})
session = start_session(desk, OperatorId("clerk-1"), "routine_docking")
work_off(desk, session, Onlooker())
"""


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
def test_a_worker_killed_in_the_middle_is_gone_on_with_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    desk = make_desk(folder)
    write_clip(tmp_path / "CARD" / "CLIP.MP4", seconds=120)
    session = start_session(desk, CLERK, "routine_docking")
    import_card(desk, session, tmp_path / "CARD", watch=Onlooker())
    end_session(desk, session)
    script = WORKER.format(root=str(REPOSITORY), folder=str(folder), passphrase=PASSPHRASE)
    worker = subprocess.Popen([sys.executable, "-c", script])
    until = time.monotonic() + 120
    while not any(one.state is JobState.RUNNING for one in jobs(desk).values()):
        assert worker.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    (left,) = [one for one in jobs(desk).values() if one.state is JobState.RUNNING]
    assert not desk.presence.alive(left.owner)
    again = open_workspace(folder, lambda: PASSPHRASE)
    session = start_session(again, CLERK, "routine_docking")
    work_off(again, session, Onlooker())
    assert made(again) == ALL
    assert jobs(again)[left.what].attempts == 2
    while list(again.vault.staging.glob("*.part")):  # a converter that outlives the worker ends by itself
        assert time.monotonic() < until
        again.vault.sweep()
        time.sleep(0.2)
    assert said(again, "session.interrupted")
    assert len([one for one in said(again, "media.derived") if one.data["kind"] == left.what]) == 1


def test_a_piece_that_ends_the_program_every_time_is_given_up_in_words(desk: Desk, docked: Session) -> None:
    proxy = jobs(desk)["proxy"]
    put(desk, replace(proxy, state=JobState.RUNNING, owner="nobody", attempts=MOST_CRASHES))
    put(desk, replace(jobs(desk)["sprite"], state=JobState.STOPPING, owner="nobody", attempts=1))
    work_off(desk, docked, Onlooker())
    after = jobs(desk)
    assert after["proxy"].state is JobState.FAILED
    assert "ended 3 times" in after["proxy"].error
    assert after["sprite"].state is JobState.CANCELLED
    assert made(desk) == ALL - {"proxy", "sprite"}


def test_made_again_the_same_bytes_come_out_and_a_damaged_file_is_replaced(desk: Desk, docked: Session) -> None:
    work_off(desk, docked, Onlooker())
    recording = recording_in(desk)
    with desk.store.reading() as work:
        kept = {one.kind: one for one in work.footage.derivatives(recording.id)}
    peaks = desk.folder / kept["peaks"].path
    peaks.chmod(0o600)
    peaks.write_bytes(b"damaged")
    with desk.store.writing() as work:
        work.footage.add_derivative(replace(kept["index"], sha256="00" * 32, tool="PyAV 1.0"))
    index = desk.folder / kept["index"].path
    compared = {one.what: one.verdict for one in compare_again(desk, docked, recording.id)}
    assert compared["audio"] is Verdict.SAME
    assert compared["proxy"] is Verdict.SAME
    assert compared["peaks"] is Verdict.RESTORED
    assert compared["index"] is Verdict.RESTORED  # its row and its file no longer agreed
    assert peaks.read_bytes() != b"damaged"
    assert index.is_file()
    assert len(said(desk, "media.derived_again")) == 1


def test_a_card_pulled_while_recording_is_salvaged_as_a_labelled_copy_and_reviewed(desk: Desk) -> None:
    session = start_session(desk, CLERK, "routine_docking")
    import_card(desk, session, ORRERY, watch=Onlooker())
    broken, healthy = recording_in(desk, 0), recording_in(desk, 1)
    assert broken.playability is Playability.UNPLAYABLE
    job = ask_salvage(desk, session, broken.id)
    assert ask_salvage(desk, session, broken.id) == job  # asked twice, made once
    work_off(desk, session, Onlooker(), only={"salvage", "index", "audio"})
    now = recording_in(desk, 0)
    assert (now.playability, now.sha256, now.exhibit) == (Playability.SALVAGED, broken.sha256, broken.exhibit)
    assert now.facts is not None
    assert "60 pictures and 2.0 s of sound were won back" in now.facts.damage[0]
    assert (
        f"assumed from 30/1 pictures a second, as in the healthy recording {healthy.exhibit}" in now.facts.damage[0]
    )
    with desk.store.reading() as work:
        kept = {one.kind: one for one in work.footage.derivatives(now.id)}
    assert kept["salvage"].parent_sha256 == broken.sha256
    assert kept["index"].parent_sha256 == kept["audio"].parent_sha256 == kept["salvage"].sha256
    (entry,) = said(desk, "media.salvaged")
    assert (entry.data["pictures"], entry.data["lender_sha256"]) == (60, healthy.sha256)
    desk.vault.verify(broken.sha256)
    with pytest.raises(InputRefused, match="salvaged already"):
        ask_salvage(desk, session, broken.id)
    with pytest.raises(InputRefused, match="nothing to win back"):
        ask_salvage(desk, session, healthy.id)


def test_without_a_healthy_recording_of_the_camera_a_salvage_is_refused(desk: Desk, tmp_path: Path) -> None:
    write_clip(tmp_path / "whole.mp4")
    torn = tmp_path / "CARD" / "TORN.MP4"
    torn.parent.mkdir()
    torn.write_bytes((tmp_path / "whole.mp4").read_bytes()[:20_000])
    session = start_session(desk, CLERK, "routine_docking")
    import_card(desk, session, tmp_path / "CARD", watch=Onlooker())
    with pytest.raises(InputRefused, match="No healthy recording"):
        ask_salvage(desk, session, recording_in(desk).id)
    with pytest.raises(PermissionDenied):
        ask_salvage(desk, start_session(desk, AUDITOR, "audit"), recording_in(desk).id)
