"""Units: written in the settings in two forms, said in the log, and what "own unit" lets a supervisor see and do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.bootstrap import SETTINGS as FILE
from bwc_review.bootstrap import Settings, check_settings, create_workspace, open_workspace
from bwc_review.domain.ids import EventCode, IncidentId, OperatorId, RecordingId
from bwc_review.domain.operators import read_operator
from bwc_review.domain.times import Micros, Span
from bwc_review.errors import InputRefused, PermissionDenied
from bwc_review.ports.records import Session
from bwc_review.review.deriving import work_off
from bwc_review.review.desk import Desk
from bwc_review.review.docking import import_card
from bwc_review.review.handing_over import Texts, export_log
from bwc_review.review.incidents import open_incident
from bwc_review.review.listening import transcribe
from bwc_review.review.reading import LEFT_OUT, case, log_entries, shelf
from bwc_review.review.sessions import start_session
from bwc_review.review.tagging import Sighting, add_tag
from bwc_review.review.viewing import log_viewing
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Severity, Verdict
from chain_of_custody.verify import verify_log_folder
from tests.desks import PASSPHRASE, SAID, Onlooker, make_card
from tests.fakes.transcriber import FakeTranscriber

ROLES = {
    "clerk-n": "evidence_clerk",
    "sup-n": "supervisor",
    "sup-s": "supervisor",
    "sup-0": "supervisor",
    "psd": "psd_investigator",
    "audit": "auditor",
}
UNITS = {"clerk-n": "north", "sup-n": "north", "sup-s": "south"}
CASE = IncidentId("IR-N")
NOW = {"progress": lambda done, of: None, "cancelled": lambda: False}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A card docked in the north, an incident opened there by its supervisor."""
    folder = tmp_path_factory.mktemp("units") / "workspace"
    made = create_workspace(folder, Settings("police.example", "ws1", ROLES, units=UNITS), PASSPHRASE)
    made = replace(made, transcriber=lambda: FakeTranscriber(SAID))
    clerk = signed_in(made, "clerk-n")
    import_card(made, clerk, make_card(folder.parent / "CARD"), watch=Onlooker())
    work_off(made, clerk, Onlooker())
    with made.store.reading() as work:
        recordings = [one.id for one in work.footage.recordings()]
    open_incident(made, signed_in(made, "sup-n"), "A name that is nobody's business", recordings, CASE)
    return made


def signed_in(desk: Desk, who: str) -> Session:
    return start_session(desk, OperatorId(who), "use_of_force_review")


def first(desk: Desk) -> RecordingId:
    with desk.store.reading() as work:
        return work.footage.recordings()[0].id


def last_entry(desk: Desk) -> Entry:
    with desk.store.reading() as work:
        return [Entry.from_bytes(raw) for raw in work.log.entries()][-1]


def test_the_unit_is_kept_with_the_session_and_said_where_it_begins(desk: Desk) -> None:
    session = signed_in(desk, "sup-n")
    assert session.unit == "north"
    assert last_entry(desk).data == {"unit": "north"}
    with desk.store.reading() as work:
        assert work.desks.session(session.id) == session
    assert signed_in(desk, "sup-0").unit == ""
    assert last_entry(desk).data == {}


def test_another_units_supervisor_is_refused_and_the_log_says_over_what(desk: Desk) -> None:
    south, recording = signed_in(desk, "sup-s"), first(desk)
    push = Sighting(EventCode("FRC.PUSH"), Micros(0), Micros(0))
    acts = [
        ("recording", recording, lambda: transcribe(desk, south, recording, **NOW)),  # type: ignore[arg-type]
        ("recording", recording, lambda: log_viewing(desk, south, recording, [Span(Micros(0), Micros(9))], "x")),
        ("incident", CASE, lambda: add_tag(desk, south, CASE, push)),
        ("incident", CASE, lambda: open_incident(desk, south, "t", [recording], CASE)),
        ("incident", CASE, lambda: case(desk, south, CASE).__enter__()),
    ]
    for kind, number, act in acts:
        with pytest.raises(PermissionDenied, match="own unit"):
            act()
        said = last_entry(desk)
        assert (said.type, said.reason) == ("access.denied", "unit")
        if kind != "incident" or act is not acts[3][2]:
            assert said.data == {"kind": kind, "id": str(number)}


def test_the_own_unit_and_professional_standards_go_on(desk: Desk) -> None:
    push = Sighting(EventCode("FRC.PUSH"), Micros(0), Micros(0), key="k")
    tag = add_tag(desk, signed_in(desk, "sup-n"), CASE, push)
    assert add_tag(desk, signed_in(desk, "psd"), CASE, push) == tag
    transcribe(desk, signed_in(desk, "sup-n"), first(desk), **NOW)  # type: ignore[arg-type]


def test_lists_leave_out_what_is_another_units_and_count_it(desk: Desk) -> None:
    with shelf(desk, signed_in(desk, "sup-n")) as own, shelf(desk, signed_in(desk, "sup-s")) as other:
        assert (len(own.recordings), len(own.incidents), own.elsewhere) == (2, 1, 0)
        assert (other.recordings, other.incidents, other.elsewhere) == ((), (), 3)


def test_metadata_only_shows_no_name(desk: Desk) -> None:
    with shelf(desk, signed_in(desk, "audit")) as found:
        assert {one.name for one in found.recordings} == {one.title for one in found.incidents} == {LEFT_OUT}
        assert {claim.text for one in found.recordings for claim in one.claims} == {""}


def test_footage_from_before_there_were_units_is_everybodys(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    old = create_workspace(folder, Settings("police.example", "ws1", ROLES), PASSPHRASE)
    import_card(old, signed_in(old, "clerk-n"), make_card(tmp_path / "CARD"), watch=Onlooker())
    settings = (folder / FILE).read_text("utf-8")
    assert '"sup-s" = "supervisor"' in settings  # the form there always was
    (folder / FILE).write_text(
        settings.replace('"sup-s" = "supervisor"', '"sup-s" = {role = "supervisor", unit = "south"}'), "utf-8"
    )
    now = open_workspace(folder, lambda: PASSPHRASE)
    assert (now.operators[OperatorId("sup-s")], dict(now.units)) == ("supervisor", {"sup-s": "south"})
    with shelf(now, signed_in(now, "sup-s")) as found:
        assert (len(found.recordings), found.elsewhere) == (2, 0)


def test_a_supervisor_reads_the_units_entries_and_hands_over_no_others(desk: Desk, tmp_path: Path) -> None:
    south = signed_in(desk, "sup-s")
    seen = {Entry.from_bytes(raw).actor.id for raw in log_entries(desk, south)}
    assert seen == {"ws1", "sup-s", "sup-0", "psd", "audit"}
    done = export_log(desk, south, tmp_path / "log", Texts.LEFT_OUT)
    assert done.entries < done.size
    report = verify_log_folder(tmp_path / "log", trusted_vkey=desk.vkey)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert "entries_withheld" in {one.code for one in report.findings if one.severity is Severity.NOTE}


def test_a_clerk_may_hand_over_the_log_but_not_its_texts(desk: Desk, tmp_path: Path) -> None:
    clerk = signed_in(desk, "clerk-n")
    with pytest.raises(PermissionDenied, match="texts"):
        export_log(desk, clerk, tmp_path / "log", Texts.INCLUDED)
    assert last_entry(desk).reason == "texts"
    assert export_log(desk, clerk, tmp_path / "log", Texts.LEFT_OUT).texts == 0


@pytest.mark.parametrize("unit", ["North", "two words", "ä", "x" * 65])
def test_a_unit_that_could_be_a_name_is_refused(tmp_path: Path, unit: str) -> None:
    with pytest.raises(InputRefused, match="unit"):
        check_settings(tmp_path, Settings("police.example", "ws1", ROLES, units={"sup-n": unit}))


def test_an_operator_is_read_with_and_without_a_unit() -> None:
    assert read_operator("a:supervisor") == ("a", "supervisor", "")
    assert read_operator("a:supervisor:north_2") == ("a", "supervisor", "north_2")
    for wrong in ("a", ":supervisor", "a:"):
        with pytest.raises(InputRefused):
            read_operator(wrong)
