"""The application and two real witnesses, each a process of its own: honest growth, silence, late answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bwc_review.errors import InputRefused, NotFound, PermissionDenied
from bwc_review.review.checking import check_log
from bwc_review.review.checkpoints import sign_now
from bwc_review.review.sessions import start_session
from bwc_review.review.witness_files import take_answers, write_requests
from bwc_review.review.witness_overview import overview, standing
from bwc_review.review.witnessing import State, Told, send
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.cosignatures import cosigned
from chain_of_custody.findings import Verdict
from chain_of_custody.vkey import VerifierKey
from tests.desks import AUDITOR
from tests.unit.witnessing.conftest import Station
from tests.witness_process import Commission

COSIGNED = ("checkpoint.cosigned", "ok", "")


def by_stick(station: Station, stick: Commission, folder: Path, since: int | None = None) -> list[Told]:
    """Carry what waits to the witness without a network, and its answers back."""
    answers = []
    for request in write_requests(station.desk, station.session, "press", folder, since=since):
        answer = request.with_suffix(".answer")
        stick.run("sign", str(request), "--out", str(answer))
        answers.append(answer)
    return list(take_answers(station.desk, station.session, "press", answers))


def test_both_witnesses_cosign_honest_growth_again_and_again(
    station: Station, net: Commission, stick: Commission, port: int, tmp_path: Path
) -> None:
    with net.serving(port):
        for turn in range(3):
            station.note(5)
            size = sign_now(station.desk, station.session)
            assert [(one.state, one.size) for one in send(station.desk, station.session)] == [(State.COSIGNED, size)]
            (told,) = by_stick(station, stick, tmp_path / f"stick{turn}")
            assert (told.state, told.size) == (State.COSIGNED, size)
        assert send(station.desk, station.session) == []
    acts = [act for act in station.acts() if act[0] != "checkpoint.witness_requested"]
    assert acts == [COSIGNED] * 6
    found = overview(station.desk)
    assert [(one.name, one.cosigned, one.after) for one in found.witnesses] == [
        ("commission", size, found.size - size),
        ("press", size, found.size - size),
    ]
    assert not standing(station.desk).stopped
    report = check_log(station.desk, trusted=station.desk.vkey)
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_what_was_witnessed_is_remembered_outside_the_database_in_both_places(
    station: Station, net: Commission, stick: Commission, port: int, tmp_path: Path
) -> None:
    with net.serving(port):
        send(station.desk, station.session)
    by_stick(station, stick, tmp_path / "stick")
    notes = [*(station.folder / "witnessed").glob("*.note"), *(tmp_path / "other-disk").glob("*.note")]
    assert len(notes) == 2
    for file in notes:
        held = cosigned(file.read_bytes(), [net.vkey, stick.vkey])
        assert set(held.stamps) == {net.vkey, stick.vkey}
        assert held.checkpoint.origin == VerifierKey.parse(station.desk.vkey).name


def test_offline_is_no_error_it_waits_and_is_logged_once_until_the_witness_answers(
    station: Station, net: Commission, port: int
) -> None:
    for _ in range(3):
        (told,) = send(station.desk, station.session)
        assert told.state is State.WAITING
        assert "gave no answer" in told.said
    assert station.acts() == [("checkpoint.witness_unreachable", "failed", "")]
    row = overview(station.desk).witnesses[0]
    assert (row.cosigned, row.after, row.waiting_since > 0) == (0, overview(station.desk).size, True)
    with net.serving(port):
        assert [one.state for one in send(station.desk, station.session)] == [State.COSIGNED]
    station.note()
    sign_now(station.desk, station.session)
    send(station.desk, station.session)
    assert [act[0] for act in station.acts()][-1] == "checkpoint.witness_unreachable"


def test_a_database_that_forgot_a_cosignature_is_answered_409_and_proves_growth_from_the_size_named(
    station: Station, net: Commission, port: int
) -> None:
    """Killed after the witness cosigned and before the answer was kept."""
    with net.serving(port) as address:
        from bwc_review.review.witnessing import ask_for, named

        with station.desk.store.reading() as work:
            size = work.cosignatures.newest_checkpoint()
            assert size is not None
            lost = ask_for(work, named(station.desk, "commission"), size[0], 0)
        assert station.desk.witnesses.ask(lost.witness, lost.request).status == 200
        assert address.endswith(str(port))
        (same,) = send(station.desk, station.session)  # at the same size
        assert (same.state, same.size) == (State.COSIGNED, lost.size)
        station.note(3)
        sign_now(station.desk, station.session)
        with station.desk.store.reading() as work:
            grown = ask_for(work, lost.witness, overview(station.desk).size, lost.size)
        assert station.desk.witnesses.ask(lost.witness, grown.request).status == 200
        station.note(3)
        sign_now(station.desk, station.session)
        (later,) = send(station.desk, station.session)  # and from a smaller one
        assert later.state is State.COSIGNED
        assert later.size > grown.size
    assert net.signed_refusals != []  # the witness keeps what it refused, even where it was an honest mistake


def test_by_files_a_number_for_an_answer_says_from_where_to_ask_again(
    station: Station, stick: Commission, tmp_path: Path
) -> None:
    station.note()
    sign_now(station.desk, station.session)
    (request,) = write_requests(station.desk, station.session, "press", tmp_path / "lost")
    stick.run("sign", str(request), "--out", str(tmp_path / "never-came-back"))
    station.note()
    size = sign_now(station.desk, station.session)
    (told,) = by_stick(station, stick, tmp_path / "again")
    assert told.state is State.REFUSED
    seen = Checkpoint.parse(next((stick.state / "logs").glob("*/*.note")).read_bytes()).size
    assert f"--since {seen} " in told.said
    (told,) = by_stick(station, stick, tmp_path / "proved", since=seen)
    assert (told.state, told.size) == (State.COSIGNED, size)


def test_an_answer_over_nothing_that_was_asked_and_another_witnesss_answer_are_not_kept(
    station: Station, net: Commission, stick: Commission, tmp_path: Path
) -> None:
    (request,) = write_requests(station.desk, station.session, "press", tmp_path / "stick")
    answer = tmp_path / "foreign"
    net.run("sign", str(request), "--out", str(answer))
    (told,) = take_answers(station.desk, station.session, "press", [answer])
    assert told.state is State.REFUSED
    (tmp_path / "torn").write_bytes("— press.example/w2 AAAA\n".encode())
    (tmp_path / "words").write_bytes(b"come back tomorrow\n")
    for file in ("torn", "words"):
        (told,) = take_answers(station.desk, station.session, "press", [tmp_path / file])
        assert told.state is State.REFUSED
    reasons = [reason for act, _, reason in station.acts() if act == "checkpoint.witness_refused"]
    assert reasons == ["answers_nothing_asked", "answers_nothing_asked", "sentence"]
    with station.desk.store.reading() as work:
        assert work.cosignatures.all() == []
    with pytest.raises(InputRefused, match="cannot be read"):
        take_answers(station.desk, station.session, "press", [tmp_path / "nowhere"])


def test_a_log_the_witness_does_not_look_after_is_refused_and_goes_on(station: Station, port: int) -> None:
    net = Commission(station.folder.parent / "net")
    (net.state / "logs.vkey").unlink()
    with net.serving(port):
        (told,) = send(station.desk, station.session)
    assert told.state is State.REFUSED
    assert station.acts() == [("checkpoint.witness_refused", "refused", "status_404")]
    station.note()  # nothing is stopped


def test_who_may_not_add_to_the_log_asks_no_witness_and_an_unknown_one_is_named(
    station: Station, tmp_path: Path
) -> None:
    auditor = start_session(station.desk, AUDITOR, "audit")
    for act in (
        lambda: send(station.desk, auditor),
        lambda: write_requests(station.desk, auditor, "press", tmp_path / "x"),
        lambda: take_answers(station.desk, auditor, "press", []),
    ):
        with pytest.raises(PermissionDenied):
            act()
    with pytest.raises(NotFound, match="Known: commission, press"):
        write_requests(station.desk, station.session, "nobody", tmp_path / "x")
