"""Align by sound: the machine proposes with figures, a person adopts with a reason, the earlier place stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.cli.main import main
from bwc_review.domain.aligning import ProposedClock, figures_text, proposal_text
from bwc_review.domain.ids import CameraId, RecordingId
from bwc_review.domain.times import Micros
from bwc_review.errors import AlignmentRefused, Cancelled, InputRefused, PermissionDenied
from bwc_review.ports.records import Session
from bwc_review.review.aligning import adopt_alignment, alignments_of, propose_alignments
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import place
from bwc_review.review.sessions import start_session
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Verdict
from tests.desks import CLERK, PASSPHRASE, REVIEWER
from tests.two_cameras import SCENE
from tests.unit.review.conftest import claim

WHY = "the cuffs click at the same moment on both"
Two = tuple[Desk, Session]


@pytest.fixture
def two(scene: Path, tmp_path: Path) -> Two:
    folder = tmp_path / "workspace"
    shutil.copytree(scene, folder)
    desk = open_workspace(folder, lambda: PASSPHRASE)
    return desk, start_session(desk, REVIEWER, "use_of_force_review")


def entries(desk: Desk) -> list[Entry]:
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()]


def test_the_made_scene_is_proposed_with_its_drift_and_changes_nothing_by_itself(two: Two) -> None:
    desk, session = two
    with desk.store.reading() as work:
        before = work.reviews.incident(SCENE)
    seen: list[tuple[str, int, int]] = []
    (found,) = propose_alignments(
        desk, session, SCENE, against=CameraId("KB2-00417"), progress=lambda *told: seen.append(told)
    )
    assert found.clock is not None
    for media, true in ((0, 7_413_000), (153_085_400, 7_413_000 + 153_085_400 / 1.00004)):
        assert abs(found.clock.to_incident(Micros(media)) - true) <= found.error
    assert found.error < 100
    assert found.clock.uncertainty == found.error + 1000  # camera 1 itself is only sure to its sidecar's millisecond
    assert abs(-found.figures["drift_ppb"] - 40_000) <= 100
    assert len(found.references) == 3
    assert {exhibit for exhibit, _, _ in seen} == {_exhibit(desk, found.recording)}
    with desk.store.reading() as work:
        assert work.reviews.incident(SCENE) == before
    entry = entries(desk)[-1]
    assert entry.type == "review.alignment_proposed"
    assert entry.data["figures"]["agreeing"] == 14
    assert "parts in a million fast" in proposal_text(found, before.clock_of(found.recording))
    assert "14 of 14 stretches with sound agree" in figures_text(found)


def _exhibit(desk: Desk, recording: RecordingId) -> str:
    with desk.store.reading() as work:
        return work.footage.recording(recording).exhibit


def proposed(two: Two) -> ProposedClock:
    desk, session = two
    return propose_alignments(desk, session, SCENE, against=CameraId("KB2-00417"))[0]


def test_adopting_places_the_recording_by_its_sound_and_the_log_says_why(two: Two) -> None:
    desk, session = two
    found = proposed(two)
    with pytest.raises(InputRefused):
        adopt_alignment(desk, session, found.id, "  ")
    placed = adopt_alignment(desk, session, found.id, WHY)
    assert (placed.source, placed.clock) == ("audio", found.clock)
    with desk.store.reading() as work:
        assert work.reviews.incident(SCENE).clock_of(found.recording) == found.clock
        rows = work.reviews._connection.exec_driver_sql(  # type: ignore[attr-defined]
            f"SELECT source FROM placement WHERE recording = '{found.recording}' ORDER BY n"
        ).all()
    assert [one[0] for one in rows] == ["sidecar", "audio"]
    entry = entries(desk)[-1]
    assert (entry.type, entry.data["alignment"]) == ("review.recording_placed", found.id)
    assert entry.data["offset_before_us"] == 7_413_000
    ((_, adoption),) = alignments_of(desk, session, SCENE)
    assert adoption is not None and adoption.reason == WHY
    with pytest.raises(AlignmentRefused, match="adopted before"):
        adopt_alignment(desk, session, found.id, WHY)
    assert check_log(desk, trusted=desk.vkey).verdict is Verdict.VERIFIED


def test_what_was_measured_against_a_place_that_moved_since_is_not_adopted(two: Two) -> None:
    desk, session = two
    found = proposed(two)
    moved = found.references[0].recording
    place(desk, session, SCENE, moved, claim=claim(0), uncertainty=Micros(5), reason="by hand")
    with pytest.raises(AlignmentRefused, match="placed anew"):
        adopt_alignment(desk, session, found.id, WHY)


def test_what_cannot_be_told_is_kept_and_said_and_cannot_be_adopted(two: Two) -> None:
    desk, session = two
    with desk.store.reading() as work:
        made = [
            one for r in work.footage.recordings() for one in work.footage.derivatives(r.id) if one.kind == "audio"
        ]
    loudest = max(made, key=lambda one: one.size)
    file = desk.folder / loudest.path
    file.chmod(0o600)
    file.write_bytes(bytes(loudest.size))  # as if camera 2 had been muted throughout
    (found,) = propose_alignments(desk, session, SCENE, recordings=[loudest.recording])
    assert (found.clock, found.doubt) == (None, "no_sound")
    assert entries(desk)[-1].data["doubt"] == "no_sound"
    assert proposal_text(found, found.references[0].clock).startswith("Cannot tell: ")
    with pytest.raises(AlignmentRefused, match="could not tell"):
        adopt_alignment(desk, session, found.id, WHY)


def test_asking_for_what_cannot_be_compared_is_refused_in_words(two: Two) -> None:
    desk, session = two
    with desk.store.reading() as work:
        first = next(one.id for one in work.footage.recordings() if one.camera == "KB2-00417")
    with pytest.raises(InputRefused, match="itself"):
        propose_alignments(desk, session, SCENE, recordings=[first], against=CameraId("KB2-00417"))
    with pytest.raises(InputRefused, match="camera nobody"):
        propose_alignments(desk, session, SCENE, against=CameraId("nobody"))
    with pytest.raises(InputRefused, match="not part"):
        propose_alignments(desk, session, SCENE, recordings=[RecordingId("other")])
    with pytest.raises(Cancelled):
        propose_alignments(desk, session, SCENE, cancelled=lambda: True)
    assert alignments_of(desk, session, SCENE) == ()


def test_a_clerk_neither_proposes_nor_adopts_and_the_refusal_is_logged(two: Two) -> None:
    desk, _ = two
    found = proposed(two)
    clerk = start_session(desk, CLERK, "routine_docking")
    with pytest.raises(PermissionDenied):
        propose_alignments(desk, clerk, SCENE)
    with pytest.raises(PermissionDenied):
        adopt_alignment(desk, clerk, found.id, WHY)
    assert [one.type for one in entries(desk)[-2:]] == ["access.denied", "access.denied"]


def test_the_command_proposes_lists_and_adopts(two: Two, capsys: pytest.CaptureFixture[str]) -> None:
    desk, _ = two
    at = ["-w", str(desk.folder), "--as", "psd-1"]
    assert main(["incident", "align", SCENE, "--against", "KB2-00417", *at, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["clock"]["rate"]["den"] == 10**9
    assert main(["incident", "align", SCENE, "--adopt", row["id"], *at]) == 2
    assert main(["incident", "align", SCENE, "--adopt", row["id"], "--reason", WHY, *at]) == 0
    assert main(["incident", "align", SCENE, "--adopt", row["id"], "--reason", WHY, *at]) == 79
    capsys.readouterr()
    assert main(["incident", "align", SCENE, "--list", *at]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"adopted by psd-1: {WHY}" in said
    assert main(["incident", "align", SCENE, "WS1-9999", *at]) == 61
