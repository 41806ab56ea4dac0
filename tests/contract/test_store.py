"""The promises of ``ports.store`` that every engine keeps: what goes in comes out, whole or not at all.

Appending under stress, forks and kills have their own files (test_store_log.py, tests/unit/store/test_killed.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bwc_review.domain.candidates import Candidate, CandidateState, Decision
from bwc_review.domain.ids import (
    CameraId,
    CandidateId,
    EventCode,
    ExhibitNo,
    IncidentId,
    OperatorId,
    ParticipantId,
    RecordingId,
    TagId,
    TranscriptId,
)
from bwc_review.domain.recording import (
    AudioFacts,
    Incident,
    MediaFacts,
    Placement,
    Playability,
    Recording,
    TimeClaim,
    VideoFacts,
)
from bwc_review.domain.speech import Engine, Heard, Segment, Transcript, Word
from bwc_review.domain.tags import EndStatus, Evidence, Modality, Tag, TagSource, TagState
from bwc_review.domain.times import ClockMap, Micros, Span
from bwc_review.errors import InputRefused, NotFound, ReviewError
from bwc_review.ports.records import Acquisition, Docking, Exhibit, Outcome, Session, StoredBundle, StoredDerivative
from bwc_review.ports.store import Store, Work
from bwc_review.transcript.heard_json import to_json
from tests.contract.stores import KINDS, WRITER, new_place, open_store

LARGE = 2**53 - 1
HOSTILE = (
    "",
    "'); DROP TABLE tag; --",
    "%s %(name)s :name ?",
    "Zoë 東京 \N{POLICE CARS REVOLVING LIGHT} \u202egnp.exe",
    "e\N{COMBINING ACUTE ACCENT}",
    "line\r\nbreak\ttab \x1b[31m \x7f",
    "null",
    "{}",
    "x" * 100_000,
)
ODD_NAMES = ("b", "a", "B", "_", "Ä", "-", "1", "10", "2", "é", "\N{POLICE CARS REVOLVING LIGHT}", "\uffee")
SHA = "ab" * 32


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with new_place(request.param) as place:
        opened = open_store(place)
        yield opened
        opened.close()


@pytest.fixture(scope="module", params=KINDS)
def shared(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One place for tests with many examples; nothing in it is ever committed."""
    with new_place(request.param) as place:
        opened = open_store(place)
        yield opened
        opened.close()


SESSION = Session("s-1", OperatorId("clerk-1"), "evidence_clerk", "routine_docking", 1_773_481_200_000_000)
DOCKING = Docking("d-1", "CARD", "unknown", SHA, "open", 5, "s-1")
EXHIBIT = Exhibit(ExhibitNo("WS1-0001"), SHA, "cd" * 64, "ef" * 32, 7, "video", "CLIP0001.MP4")
FACTS = MediaFacts(
    "mov,mp4",
    Micros(LARGE),
    VideoFacts("h264", 1920, 1080, 107_892, 30_000, 1001, 90),
    AudioFacts("aac", 48_000, 2),
    ("3 pictures are missing after 0:12", "Zoë"),
)
RECORDING = Recording(
    id=RecordingId("r-1"),
    exhibit=EXHIBIT.number,
    sha256=SHA,
    size=7,
    name="CLIP0001.MP4",
    camera=CameraId("X6A-1"),
    profile="unknown",
    wearer=ParticipantId("O1"),
    playability=Playability.DAMAGED,
    facts=FACTS,
    claims=(TimeClaim("header", -1, Micros(0), ""), TimeClaim("gps", LARGE, Micros(LARGE), "Zoë; '")),
    silent_lead=Micros(30_000_000),
)
INCIDENT = IncidentId("IR-1")
PLACED = Placement(INCIDENT, RECORDING.id, ClockMap(Micros(-LARGE), Micros(LARGE), 10**9, 10**9 + 40), "gps", "why")
HEARD = Heard(
    Engine("scripted", "1", "none", "0" * 64, {"beam": 5, "prompt": "Zoë", "vad": True}),
    (Segment((Word(Span(Micros(1), Micros(2)), "stop", 900),), 10, ("clipped",)),),
    (Span(Micros(0), Micros(9)),),
    (Span(Micros(1), Micros(3)),),
    (),
)
TRANSCRIPT = Transcript(TranscriptId("t-1"), RECORDING.id, HEARD, SHA, 11)
CANDIDATE = Candidate(
    id=CandidateId("c-1"),
    recording=RECORDING.id,
    transcript=TRANSCRIPT.id,
    code=EventCode("WRN.CED"),
    span=Span(Micros(0), Micros(LARGE)),
    words="taser, taser",
    phrase="ced-1",
    why="an announced taser",
    confidence=900,
    weakest=0,
    flags=("low", "other_voice"),
    proposed={"kind": "arc", "times": 2, "sure": False, "to": ("S", "B")},
)
TAG = Tag(
    id=TagId("g-1"),
    incident=INCIDENT,
    code=EventCode("WRN.CED"),
    start=Micros(-5),
    end=Micros(LARGE),
    actor=ParticipantId("O1"),
    target=ParticipantId("S"),
    source=TagSource.ASR_CANDIDATE,
    state=TagState.CONFIRMED,
    uncertainty=Micros(40_000),
    by=OperatorId("psd-1"),
    recorded_at=1_773_481_200_000_000,
    attrs={"form": "arc", "count": 2, "clear": True, "to": ("S", "B")},
    end_status=EndStatus.CLOSED,
    modality=Modality.HEARD,
    evidence=(Evidence(RECORDING.id, Span(Micros(0), Micros(1)), SHA),),
    candidate=CANDIDATE.id,
    note="heard twice",
    key="act-1",
)
BARE_TAG = replace(
    TAG,
    id=TagId("g-2"),
    end=None,
    actor=None,
    target=None,
    attrs={},
    evidence=(),
    candidate=None,
    note="",
    key="",
    end_status=EndStatus.OPEN_AT_RECORDING_END,
    modality=Modality.SEEN,
    source=TagSource.HUMAN,
)


def furnish(work: Work) -> None:
    """What the other rows hang on: session, docking, exhibit, recording, incident."""
    work.desks.open(SESSION)
    work.footage.add_docking(DOCKING)
    work.footage.add_exhibit(EXHIBIT)
    work.footage.add_recording(RECORDING)
    work.reviews.add_incident(Incident(INCIDENT, "a title", 0, (PLACED,)))
    work.reviews.add_transcript(TRANSCRIPT, to_json(HEARD))
    work.reviews.add_candidates([CANDIDATE])


class Undone(Exception):
    """Raised to leave a block without keeping anything."""


def test_a_session_comes_back_until_it_ends(store: Store) -> None:
    later = replace(SESSION, id="s-2", started_at=SESSION.started_at + 1)
    with store.writing() as work:
        work.desks.open(later)
        work.desks.open(SESSION)
    with store.reading() as work:
        assert work.desks.unfinished() == [SESSION, later]
    with store.writing() as work:
        work.desks.close(SESSION.id, "ended")
    with store.reading() as work:
        assert work.desks.unfinished() == [later]


def test_a_docking_comes_back_and_changes_only_its_state(store: Store) -> None:
    with store.writing() as work:
        work.desks.open(SESSION)
        work.footage.add_docking(replace(DOCKING, id="d-2", started_at=LARGE))
        work.footage.add_docking(DOCKING)
        work.footage.set_docking_state("d-2", "interrupted")
    with store.reading() as work:
        assert work.footage.dockings() == [DOCKING, replace(DOCKING, id="d-2", started_at=LARGE, state="interrupted")]


def test_an_exhibit_is_known_by_its_digest_and_numbered_by_its_workstation(store: Store) -> None:
    with store.writing() as work:
        assert work.footage.next_exhibit_number("WS1") == "WS1-0001"
        work.footage.add_exhibit(EXHIBIT)
        other = replace(EXHIBIT, number=ExhibitNo("WS1-A-0001"), sha256="0" * 64, size=LARGE, kind="other")
        work.footage.add_exhibit(other)
    with store.reading() as work:
        assert work.footage.exhibit(SHA) == EXHIBIT
        assert work.footage.exhibit("f" * 64) is None
        assert work.footage.exhibits() == [EXHIBIT, other]
        assert work.footage.next_exhibit_number("WS1") == "WS1-0002"
        assert work.footage.next_exhibit_number("WS1-A") == "WS1-A-0002"
        assert work.footage.next_exhibit_number("ws1") == "ws1-0001"


def test_every_outcome_of_a_file_met_comes_back(store: Store) -> None:
    bare = Acquisition("a-0", "d-1", "x", 0, Outcome.REFUSED, "empty", None, None)
    met = [bare, *(replace(bare, id=f"a-{n}", outcome=kind) for n, kind in enumerate(Outcome, 1))]
    taken = replace(bare, id="a-9", docking="d-2", size=LARGE, sha256=SHA, exhibit=EXHIBIT.number)
    with store.writing() as work:
        furnish(work)
        work.footage.add_docking(replace(DOCKING, id="d-2"))
        for one in (taken, *met):
            work.footage.add_acquisition(one)
    with store.reading() as work:
        assert work.footage.acquisitions() == [*met, taken]
        assert work.footage.acquisitions("d-2") == [taken]
        assert work.footage.acquisitions("d-3") == []


@pytest.mark.parametrize(
    "recording",
    [
        RECORDING,
        replace(RECORDING, facts=None, claims=(), wearer=None, playability=Playability.UNPLAYABLE),
        replace(RECORDING, facts=MediaFacts("avi", Micros(0), None, None)),
        replace(RECORDING, facts=replace(FACTS, video=None, damage=())),
        replace(RECORDING, facts=replace(FACTS, audio=None)),
    ],
)
def test_a_recording_comes_back_with_what_is_and_what_is_not_known(store: Store, recording: Recording) -> None:
    with store.writing() as work:
        work.footage.add_exhibit(EXHIBIT)
        work.footage.add_recording(recording)
    with store.reading() as work:
        assert work.footage.recording(recording.id) == recording
        assert work.footage.recordings() == [recording]


def test_a_derivative_made_again_replaces_its_row(store: Store) -> None:
    first = StoredDerivative(RECORDING.id, "peaks", "derived/ä b", SHA, LARGE, SHA, "av 18", {"a": {"b": [1, None]}})
    proxy = replace(first, kind="proxy", parameters={})
    with store.writing() as work:
        furnish(work)
        work.footage.add_derivative(first)
        work.footage.add_derivative(proxy)
        work.footage.add_derivative(replace(first, size=1))
    with store.reading() as work:
        assert work.footage.derivatives(RECORDING.id) == [replace(first, size=1), proxy]
        assert work.footage.derivatives(RecordingId("r-9")) == []


def test_the_latest_placement_of_a_recording_holds(store: Store) -> None:
    again = replace(PLACED, clock=ClockMap(Micros(3), Micros(0)), source="by hand", reason="")
    with store.writing() as work:
        furnish(work)
        work.reviews.add_incident(Incident(IncidentId("IR-0"), "", -LARGE, ()))
        work.reviews.place(again)
    with store.reading() as work:
        assert work.reviews.incident(INCIDENT) == Incident(INCIDENT, "a title", 0, (again,))
        assert [one.id for one in work.reviews.incidents()] == ["IR-0", "IR-1"]
        assert work.reviews.incident(IncidentId("IR-0")) == Incident(IncidentId("IR-0"), "", -LARGE, ())


def test_the_newest_transcript_is_the_one_that_is_read(store: Store) -> None:
    silence = replace(HEARD, segments=(), usable=(), speech=())
    newer = replace(TRANSCRIPT, id=TranscriptId("t-2"), heard=silence, made_at=TRANSCRIPT.made_at + 1)
    with store.writing() as work:
        furnish(work)
        assert work.reviews.transcript(RECORDING.id) == TRANSCRIPT
        work.reviews.add_transcript(newer, to_json(silence))
    with store.reading() as work:
        assert work.reviews.transcript(RECORDING.id) == newer
        assert work.reviews.transcript(RecordingId("r-9")) is None


def test_a_candidate_proposed_again_stays_as_it_is_and_its_latest_decision_holds(store: Store) -> None:
    bare = replace(CANDIDATE, id=CandidateId("c-0"), flags=(), proposed={}, span=Span(Micros(0), Micros(0)))
    first = Decision(CANDIDATE.id, CandidateState.REJECTED, OperatorId("psd-1"), 1, "not_said", None)
    then = replace(first, state=CandidateState.CONFIRMED, at=LARGE, reason="", tag=TAG.id)
    with store.writing() as work:
        furnish(work)
        work.reviews.add_tag(TAG)
        work.reviews.add_candidates(iter([replace(CANDIDATE, words="other words"), bare]))
        assert work.reviews.decisions() == {}
        work.reviews.decide(first)
        assert work.reviews.decisions() == {CANDIDATE.id: first}
        work.reviews.decide(then)
    with store.reading() as work:
        assert work.reviews.candidate(CANDIDATE.id) == CANDIDATE
        assert work.reviews.candidates(RECORDING.id) == [bare, CANDIDATE]
        assert work.reviews.decisions() == {CANDIDATE.id: then}


def test_a_tag_comes_back_and_is_superseded_never_edited(store: Store) -> None:
    revised = replace(TAG, id=TagId("g-3"), supersedes=TAG.id, recorded_at=TAG.recorded_at + 1)
    with store.writing() as work:
        furnish(work)
        work.reviews.add_tag(BARE_TAG)
        work.reviews.add_tag(TAG)
        assert work.reviews.tags_of_candidate(CANDIDATE.id) == [TAG]
        work.reviews.supersede(TAG.id)
        work.reviews.add_tag(revised)
    gone = replace(TAG, state=TagState.SUPERSEDED)
    with store.reading() as work:
        assert work.reviews.tags(INCIDENT) == [gone, BARE_TAG, revised]
        assert work.reviews.tag(TAG.id) == gone
        assert work.reviews.tags_of_candidate(CANDIDATE.id) == [revised]
        assert work.reviews.tag_by_key(INCIDENT, "act-1") == revised
        assert work.reviews.tag_by_key(INCIDENT, "act-2") is None


def test_a_bundle_comes_back(store: Store) -> None:
    bundle = StoredBundle("b-1", INCIDENT, "IR-1", "bundles/IR-1", SHA, 2**31 - 1, LARGE)
    with store.writing() as work:
        furnish(work)
        work.reviews.add_bundle(bundle)
        work.reviews.add_bundle(replace(bundle, id="b-0", name="IR-1-2", sealed_at=1))
    with store.reading() as work:
        assert work.reviews.bundles() == [replace(bundle, id="b-0", name="IR-1-2", sealed_at=1), bundle]


def test_what_is_not_there_is_said_in_words(store: Store) -> None:
    with store.reading() as work:
        for look in (
            lambda: work.footage.recording(RecordingId("r-9")),
            lambda: work.reviews.incident(IncidentId("IR-9")),
            lambda: work.reviews.candidate(CandidateId("c-9")),
            lambda: work.reviews.tag(TagId("g-9")),
        ):
            with pytest.raises(NotFound, match="9"):
                look()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_only_text(shared: Store, text: str) -> None:
    with pytest.raises(Undone), shared.writing() as work:
        said = replace(RECORDING, name=text, claims=(TimeClaim("x", 0, Micros(0), text),), wearer=ParticipantId(text))
        work.footage.add_exhibit(replace(EXHIBIT, name=text))
        work.footage.add_recording(said)
        work.reviews.add_incident(Incident(IncidentId(text), text, 0, ()))
        tag = replace(BARE_TAG, incident=IncidentId(text), note=text, attrs={"said": text, "all": (text,)}, key=text)
        work.reviews.add_tag(tag)
        assert work.footage.exhibit(SHA) == replace(EXHIBIT, name=text)
        assert work.footage.recording(said.id) == said
        assert work.reviews.incident(IncidentId(text)).title == text
        assert work.reviews.tag_by_key(IncidentId(text), text) == tag
        raise Undone


_numbers = count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    note=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    attrs=st.dictionaries(
        st.text(), st.one_of(st.text(), st.integers(), st.booleans(), st.lists(st.text()).map(tuple)), max_size=4
    ),
    start=st.integers(-(2**63), 2**63 - 1),
)
def test_any_tag_comes_back_as_it_was(shared: Store, note: str, attrs: dict[str, object], start: int) -> None:
    with pytest.raises(Undone), shared.writing() as work:
        work.reviews.add_incident(Incident(INCIDENT, note, start, ()))
        tag = replace(BARE_TAG, note=note, attrs=attrs, start=Micros(start))  # type: ignore[arg-type]
        work.reviews.add_tag(tag)
        assert work.reviews.tag(tag.id) == tag
        assert work.reviews.incident(INCIDENT).zero == start
        raise Undone


@pytest.mark.parametrize("text", ["half \ud83d a pair", "nul\0nul"], ids=ascii)
def test_text_that_cannot_be_stored_is_refused_in_words_on_every_engine(store: Store, text: str) -> None:
    with pytest.raises(InputRefused, match="cannot be stored"), store.writing() as work:
        work.desks.open(SESSION)
        work.footage.add_docking(replace(DOCKING, label=text))
    with store.reading() as work:
        assert work.desks.unfinished() == []


def test_lists_are_sorted_by_bytes_whatever_language_the_server_speaks(store: Store) -> None:
    with store.writing() as work:
        furnish(work)
        for number, name in enumerate(ODD_NAMES):
            met = Acquisition(f"a-{number}", "d-1", name, 0, Outcome.REFUSED, "", None, None)
            work.footage.add_acquisition(met)
            work.reviews.add_incident(Incident(IncidentId(name), "", 0, ()))
    by_bytes = sorted(ODD_NAMES, key=str.encode)
    with store.reading() as work:
        assert [one.name for one in work.footage.acquisitions()] == by_bytes
        assert [one.id for one in work.reviews.incidents() if one.id != INCIDENT] == by_bytes


def test_what_a_block_did_is_gone_when_it_raises(store: Store) -> None:
    with pytest.raises(Undone), store.writing() as work:
        furnish(work)
        raise Undone
    with store.reading() as work:
        assert (work.footage.exhibits(), work.reviews.incidents(), work.desks.unfinished()) == ([], [], [])


def test_a_row_that_hangs_on_nothing_is_refused_and_the_whole_act_with_it(store: Store) -> None:
    with pytest.raises(ReviewError) as refused, store.writing() as work:
        work.footage.add_exhibit(EXHIBIT)
        work.footage.add_docking(replace(DOCKING, session="nobody"))
    assert "did not take place" in refused.value.message()
    with store.reading() as work:
        assert work.footage.exhibits() == []


def test_a_reading_block_cannot_write(store: Store) -> None:
    with pytest.raises(ReviewError), store.reading() as work:
        work.desks.open(SESSION)
    with store.reading() as work:
        assert work.desks.unfinished() == []


def test_a_reading_block_sees_one_moment_however_long_it_looks(store: Store) -> None:
    with store.reading() as before:
        assert before.footage.exhibits() == []
        with store.writing() as work:
            furnish(work)
        assert before.footage.exhibits() == []
        assert before.reviews.incidents() == []
        assert before.desks.unfinished() == []
    with store.reading() as after:
        assert after.footage.exhibits() == [EXHIBIT]


def test_what_is_not_committed_is_seen_by_nobody_else(store: Store) -> None:
    with pytest.raises(Undone), store.writing() as work:
        furnish(work)
        with store.reading() as other:
            assert other.footage.exhibits() == []
        raise Undone


@pytest.mark.parametrize("kind", KINDS)
def test_workstations_that_share_a_database_share_exhibits_but_not_sessions(kind: str) -> None:
    with new_place(kind) as place:
        one = open_store(place)
        two = open_store(place, replace(WRITER, origin="police.example/bwc/ws2", workstation="ws2"))
        with one.writing() as work:
            furnish(work)
        with two.reading() as work:
            assert work.desks.unfinished() == []
            assert work.footage.exhibits() == [EXHIBIT]
        with one.reading() as work:
            assert work.desks.unfinished() == [SESSION]
        one.close()
        two.close()
