"""Rosters and device logs end to end: kept as exhibits, held against the docked sample cards, cited by measures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.cli.main import main
from bwc_review.domain.ids import EventCode, ParticipantId
from bwc_review.domain.reconciling import Belongs, State
from bwc_review.domain.times import Micros
from bwc_review.errors import DeviceLogRefused, InputRefused, PermissionDenied, RosterRefused
from bwc_review.ports.records import Session
from bwc_review.review.checking import check_log
from bwc_review.review.desk import Desk
from bwc_review.review.device_logs import adopt_offset, device_logs_of, import_device_log
from bwc_review.review.measuring import measures_of
from bwc_review.review.reconciling import import_roster, reconcile_rosters, rosters_of
from bwc_review.review.roster_csv import RosterForm
from bwc_review.review.sessions import start_session
from bwc_review.review.tagging import Sighting, add_tag
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Verdict
from ingest.errors import TableRefused
from tests.desks import CLERK, PASSPHRASE, REVIEWER
from tests.two_cameras import SCENE

LISTS = Path(__file__).resolve().parents[3] / "sample_media" / "lists"
ROSTER, LOG, MAP = (LISTS / name for name in ("duty-2026-03-14.csv", "ced-x0231.csv", "ced-x0231.toml"))
UTC = RosterForm("utc")
Docked = tuple[Desk, Session, Session]


@pytest.fixture
def docked(scene: Path, tmp_path: Path) -> Docked:
    folder = tmp_path / "workspace"
    shutil.copytree(scene, folder)
    desk = open_workspace(folder, lambda: PASSPHRASE)
    return desk, start_session(desk, CLERK, "reconciliation"), start_session(desk, REVIEWER, "use_of_force_review")


def entries(desk: Desk) -> list[Entry]:
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()]


def test_a_roster_is_an_exhibit_with_its_entry_and_the_same_list_is_kept_once(docked: Docked) -> None:
    desk, clerk, _ = docked
    roster = import_roster(desk, clerk, ROSTER, UTC)
    size = len(rosters_of(desk, clerk))
    assert import_roster(desk, clerk, ROSTER, UTC) == roster
    assert len(rosters_of(desk, clerk)) == size == 1
    with desk.vault.open(roster.sha256) as reader:
        assert reader.read(1 << 20) == ROSTER.read_bytes()
    kept = next(one for one in entries(desk) if one.type == "media.roster_imported")
    assert (kept.data["sha256"], kept.data["rows"]) == (roster.sha256, 6)
    assert "O1" not in json.dumps(dict(kept.data))
    assert check_log(desk, trusted=desk.vkey).verdict is Verdict.VERIFIED


def test_the_sample_roster_against_the_sample_cards(docked: Docked) -> None:
    desk, clerk, _ = docked
    import_roster(desk, clerk, ROSTER, UTC)
    found = reconcile_rosters(desk, clerk, due_after=Micros(0))
    states = {row.expected.id: row.state for row in found.result.rows}
    assert states == {
        "D-0314-01": State.ARRIVED,
        "D-0314-02": State.ARRIVED,
        "D-0314-03": State.NOT_DOCKED,
        "C-0314-07": State.MISSING,
        "C-0314-12": State.ARRIVED,
        "C-0314-13": State.ARRIVED,
    }
    assert [row.expected.id for row in found.result.overdue] == ["D-0314-03"]
    strangers = [one for one in found.result.arrivals if one.belongs is Belongs.UNEXPECTED]
    assert [one.footage.begun.start for one in strangers if one.footage.begun] == [1_773_475_924_120_000]
    assert "nobody was on the list for it. Unclassified" in strangers[0].words
    call = next(row for row in found.result.rows if row.expected.id == "C-0314-12")
    late = next(finding for finding in call.findings if finding.kind.value == "late")
    assert (late.amount, late.certain) == (30_000_000, True)  # switched on 20 s after the buffer's first picture
    logged = entries(desk)[-1]
    assert (logged.type, logged.data["overdue"]) == ("review.reconciled", 1)
    again = reconcile_rosters(desk, clerk, due_after=Micros(0), as_of=found.result.as_of)
    assert again.result == found.result
    assert entries(desk)[-1].data["result_sha256"] == logged.data["result_sha256"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,start,end\nA,2026-03-14T10:00,2026-03-14T11:00\n", "officer or camera"),
        ("officer,start\nA,2026-03-14T10:00\n", "no column id, end"),
        ("id,officer,start,end\nA,O1,2026-10-25T02:30,2026-10-25T05:00\n", "line 2: start: .*was twice"),
        ("id,officer,start,end\nA,O1,2026-03-29T02:30,2026-03-29T05:00\n", "never was"),
        ("id,officer,start,end\nA,O1,2026-03-14T10:00,2026-03-14T09:00\n", "ends before it starts"),
        ("id,officer,start,end\nA,O1,2026-03-14T10:00,2027-03-14T09:00\n", "longer than a week"),
        (
            "id,officer,start,end\nA,O1,2026-03-14T10:00,2026-03-14T11:00\nA,O2,2026-03-14T10:00,2026-03-14T11:00\n",
            "line 3: the id A stands on line 2",
        ),
        ("id,officer,start,end\n,O1,2026-03-14T10:00,2026-03-14T11:00\n", "no id"),
        ("id,officer,start,end\nA,,2026-03-14T10:00,2026-03-14T11:00\n", "neither an officer"),
        ("id,kind,officer,start,end\nA,party,O1,2026-03-14T10:00,2026-03-14T11:00\n", "neither duty nor call"),
        ("id,officer,start,end\nA,O\x1b[31m1,2026-03-14T10:00,2026-03-14T11:00\n", "characters no name has"),
        ("id,officer,start,end\n", "holds no rows"),
    ],
)
def test_a_roster_that_leaves_something_open_is_refused_and_the_refusal_logged(
    desk: Desk, tmp_path: Path, text: str, words: str
) -> None:
    clerk = start_session(desk, CLERK, "reconciliation")
    file = tmp_path / "list.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(RosterRefused, match=words):
        import_roster(desk, clerk, file, RosterForm("Europe/Berlin"))
    assert (entries(desk)[-1].type, entries(desk)[-1].outcome) == ("media.roster_import_refused", "refused")
    assert rosters_of(desk, clerk) == []
    assert desk.vault.list_originals() == ()


def test_what_is_no_file_or_no_text_is_refused(desk: Desk, tmp_path: Path) -> None:
    clerk = start_session(desk, CLERK, "reconciliation")
    (tmp_path / "link.csv").symlink_to(ROSTER)
    for file in (tmp_path, tmp_path / "nothing.csv", tmp_path / "link.csv"):
        with pytest.raises(InputRefused):
            import_roster(desk, clerk, file, UTC)
    (tmp_path / "x.csv").write_bytes(b"id,officer,start,end\nA,\xff,x,y\n")
    with pytest.raises(TableRefused):
        import_roster(desk, clerk, tmp_path / "x.csv", UTC)
    with pytest.raises(InputRefused, match="No roster"):
        reconcile_rosters(desk, clerk)


def cycles(desk: Desk, session: Session) -> None:
    attrs = {"mode": "probe", "cycle_no": 1, "duration_source": "audio"}
    for number, start in enumerate((61_684_000, 74_995_000), start=1):
        seen = Sighting(
            EventCode("FRC.CED_CYCLE"), Micros(start), Micros(start + 5_000_000),
            actor=ParticipantId("O2"), target=ParticipantId("S"), attrs={**attrs, "cycle_no": number},
        )  # fmt: skip
        add_tag(desk, session, SCENE, seen)


def test_a_device_log_is_cited_by_m17_once_a_person_has_placed_it(docked: Docked) -> None:
    desk, clerk, reviewer = docked
    log = import_device_log(desk, clerk, LOG, MAP)
    assert import_device_log(desk, clerk, LOG, MAP) == log
    assert [one.kind.value for one in log.events][:2] == ["safety_off", "cycle"]
    cycles(desk, reviewer)
    before = next(one for one in measures_of(desk, reviewer, SCENE) if one.code == "M17")
    assert before.sources == () and isinstance(before.value, dict)
    assert before.value["duration_source"] == ("audio",)
    adopt_offset(
        desk, reviewer, SCENE, log.id, offset=Micros(-2_400_000), uncertainty=Micros(600_000),
        officer=ParticipantId("O2"), reason="the pop on both cameras",
    )  # fmt: skip
    after = next(one for one in measures_of(desk, reviewer, SCENE) if one.code == "M17")
    assert isinstance(after.value, dict)
    assert after.value["duration_source"] == ("device_log",)
    assert (after.value["cycles"], after.value["total_us"], after.value["logged_not_tagged"]) == (2, 10_000_000, ())
    assert "offset of -2.400 s adopted by psd-1, ± 0.600 s" in after.sources[0]
    adopted = entries(desk)[-1]
    assert (adopted.type, adopted.data["offset_us"]) == ("clock.device_offset_adopted", -2_400_000)
    assert "reason" in adopted.commit and "officer" in adopted.commit
    assert device_logs_of(desk, clerk) == [log]
    assert check_log(desk, trusted=desk.vkey).verdict is Verdict.VERIFIED


def test_an_offset_needs_a_reason_a_reviewer_and_sense(docked: Docked) -> None:
    desk, clerk, reviewer = docked
    log = import_device_log(desk, clerk, LOG, MAP)
    good = {"offset": Micros(0), "uncertainty": Micros(1), "officer": None, "reason": "seen"}
    with pytest.raises(InputRefused):
        adopt_offset(desk, reviewer, SCENE, log.id, **{**good, "reason": " "})  # type: ignore[arg-type]
    with pytest.raises(DeviceLogRefused):
        adopt_offset(desk, reviewer, SCENE, log.id, **{**good, "uncertainty": Micros(-1)})  # type: ignore[arg-type]
    with pytest.raises(PermissionDenied):
        adopt_offset(desk, clerk, SCENE, log.id, **good)  # type: ignore[arg-type]
    with pytest.raises(PermissionDenied):
        import_device_log(desk, reviewer, LOG, MAP)


def test_the_commands_do_it_all_and_the_csv_runs_nothing(
    docked: Docked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, _, _ = docked
    at = ["-w", str(desk.folder)]
    evil = tmp_path / "evil.csv"
    evil.write_text("id,officer,camera,start,end\n=1+1,@O9,,2026-03-14T10:00,2026-03-14T11:00\n", "utf-8")
    assert main(["roster", "import", str(evil), "--zone", "utc", *at]) == 0
    assert main(["reconcile", *at, "--as", "clerk-1", "--csv", str(tmp_path / "out.csv")]) == 0
    assert "\r\n'=1+1,cannot_tell,'@O9" in (tmp_path / "out.csv").read_bytes().decode("utf-8-sig")
    assert main(["reconcile", *at, "--as", "clerk-1", "--csv", str(tmp_path / "out.csv")]) == 2
    assert main(["roster", "import", str(ROSTER), "--zone", "utc", *at, "--json"]) == 0
    capsys.readouterr()
    assert main(["reconcile", *at, "--as", "clerk-1", "--due-after", "0", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["overdue"] == ["D-0314-03"]
    assert {one["category"] for one in told["recordings"]} == {"use_of_force", "unclassified"}
    assert main(["reconcile", *at, "--as", "clerk-1", "--due-after", "soon"]) == 2
    assert main(["reconcile", *at, "--as", "clerk-1", "--roster", "none"]) == 61
    assert main(["roster", "show", *at, "--as", "clerk-1"]) == 0
    assert main(["devicelog", "import", str(LOG), "--mapping", str(MAP), *at, "--json"]) == 0
    said = capsys.readouterr().out
    log = json.loads(said[said.index("{") :])["id"]
    assert main(["devicelog", "import", str(LOG), "--mapping", str(LOG), *at]) == 94
    offset = ["--offset", "-2,4", "--uncertainty", "0.6", "--officer", "O2", "--reason", "the pop"]
    assert main(["devicelog", "offset", log, *offset, *at, "--as", "psd-1"]) == 0
    assert main(["devicelog", "offset", log, *offset[:1], "NaN", *offset[2:], *at, "--as", "psd-1"]) == 2
    assert main(["devicelog", "list", log, *at, "--as", "clerk-1"]) == 0
    said = capsys.readouterr().out
    assert "Battery 81%" in said and "the pop" in said
