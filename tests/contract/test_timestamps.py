"""The promises of ``ports.timestamps``: an authority's answers hold or are refused by name; settled is settled.

The authority is a real one made with openssl; the store's part runs on every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

pytest.importorskip("rfc3161_client", reason="the extra 'timestamps' is not installed")

from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from bwc_review.errors import InputRefused, TimestampRefused
from bwc_review.export.timestamp_settings import AuthoritiesFromSettings, AuthoritySettings
from bwc_review.ports.timestamps import StampAuthority, StampState, Timestamp
from bwc_review.store import tables as t
from bwc_review.store.sql import SqlStore
from chain_of_custody.clock import SystemClock, epoch_us
from tests.contract.stores import KINDS, WRITER, database, new_place, open_store
from tests.timestamp_authority import OPENSSL, Answering, Authority, make_authority, serving

needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
BODY = b"police.example/bwc/ws1\n37\nxC18AUuqTIqbVrjN72OxVnP2hOg6UW2anir/fPrToy0=\n"
ASKED = Timestamp("t-1", 37, BODY, "outside", b"\x30\x00a request", 1_700_000_000_000_000)
ANSWER: dict[str, object] = {"response": b"\x30\x00\xff", "certificates": b"-----BEGIN", "stamped_at": 5}


# --- the authority


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tsa") / "outside")


def configured(folder_of: Authority, address: str) -> StampAuthority:
    """The authority as a workspace's settings give it."""
    (folder_of.folder / "chain.pem").write_bytes(folder_of.pem)
    named = AuthoritySettings("outside", address, "chain.pem")
    (found,) = AuthoritiesFromSettings((named,), folder_of.folder).configured()
    return found


def by_http(outside: Authority) -> Iterator[tuple[StampAuthority, Callable[[bytes], bytes]]]:
    with serving(Answering(outside.answer)) as address:
        known = configured(outside, address)
        yield known, known.ask


def by_files(outside: Authority) -> Iterator[tuple[StampAuthority, Callable[[bytes], bytes]]]:
    yield configured(outside, ""), outside.answer


def as_it_was_when_kept(outside: Authority) -> Iterator[tuple[StampAuthority, Callable[[bytes], bytes]]]:
    known = AuthoritiesFromSettings((), outside.folder).holding("outside", outside.pem)
    yield known, outside.answer


@pytest.fixture(params=[by_http, by_files, as_it_was_when_kept])
def authority(
    request: pytest.FixtureRequest, outside: Authority
) -> Iterator[tuple[StampAuthority, Callable[[bytes], bytes]]]:
    """Each way to an authority, and how its answer is obtained there."""
    yield from request.param(outside)


@needs_openssl
def test_an_answer_to_the_request_holds_and_says_when(
    authority: tuple[StampAuthority, Callable[[bytes], bytes]],
) -> None:
    known, answer = authority
    assert known.name == "outside"
    request = known.request(BODY)
    response = answer(request)
    assert known.answers(request, response)
    at = known.check(BODY, request, response)
    assert abs(at - epoch_us(SystemClock().now())) < 3600 * 1_000_000
    assert known.check(BODY, request, response) == at
    assert known.certificates.startswith(b"-----BEGIN CERTIFICATE-----")


@needs_openssl
def test_every_request_is_one_of_its_own_and_another_ones_answer_is_refused(
    authority: tuple[StampAuthority, Callable[[bytes], bytes]],
) -> None:
    known, answer = authority
    first, second = known.request(BODY), known.request(BODY)
    assert first != second
    response = answer(first)
    assert not known.answers(second, response)
    assert reason(lambda: known.check(BODY, second, response)) == "other_nonce"


@needs_openssl
def test_an_answer_over_another_body_is_refused(authority: tuple[StampAuthority, Callable[[bytes], bytes]]) -> None:
    known, answer = authority
    request = known.request(BODY)
    assert reason(lambda: known.check(BODY + b"x", request, answer(request))) == "other_digest"


@needs_openssl
def test_what_is_no_answer_is_refused_and_answers_nothing(
    authority: tuple[StampAuthority, Callable[[bytes], bytes]],
) -> None:
    known, _ = authority
    request = known.request(BODY)
    for junk in (b"", b"<html>", b"\x30\x80" * 40):
        assert not known.answers(request, junk)
        assert reason(lambda junk=junk: known.check(BODY, request, junk)) == "not_a_response"  # type: ignore[misc]


@needs_openssl
def test_an_authority_without_an_address_cannot_be_asked(outside: Authority) -> None:
    known = configured(outside, "")
    with pytest.raises(InputRefused, match="no address"):
        known.ask(known.request(BODY))


def reason(act: Callable[[], object]) -> str:
    with pytest.raises(TimestampRefused) as refused:
        act()
    return refused.value.reason


# --- the queue in the store


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    with new_place(request.param) as made:
        yield made


@pytest.fixture
def store(place: str) -> Iterator[SqlStore]:
    opened = open_store(place)
    yield opened
    opened.close()


def queued(store: SqlStore, *timestamps: Timestamp) -> None:
    with store.writing() as work:
        for one in timestamps:
            work.timestamps.add(one)


def held(store: SqlStore) -> list[Timestamp]:
    with store.reading() as work:
        return list(work.timestamps.all())


def test_requests_come_back_oldest_first_as_they_were_made(store: SqlStore) -> None:
    later = replace(ASKED, id="a-0", asked_at=ASKED.asked_at + 1)
    queued(store, later, ASKED)
    assert held(store) == [ASKED, later]


@pytest.mark.parametrize("state", [StampState.KEPT, StampState.FAILED])
def test_a_request_is_settled_once(store: SqlStore, state: StampState) -> None:
    queued(store, ASKED)
    settled = replace(ASKED, state=state, reason="" if state is StampState.KEPT else "signature", **ANSWER)  # type: ignore[arg-type]
    with store.writing() as work:
        assert work.timestamps.settle(settled)
    with store.writing() as work:
        assert not work.timestamps.settle(replace(settled, response=b"another"))
        assert not work.timestamps.settle(replace(settled, id="nobody asked"))
    assert held(store) == [settled]


def test_an_answer_whose_act_is_rolled_back_leaves_the_request_waiting(store: SqlStore) -> None:
    queued(store, ASKED)
    with pytest.raises(RuntimeError, match="the act fails"), store.writing() as work:
        assert work.timestamps.settle(replace(ASKED, state=StampState.KEPT, **ANSWER))  # type: ignore[arg-type]
        raise RuntimeError("the act fails")
    assert held(store) == [ASKED]


def test_workstations_that_share_a_database_have_queues_of_their_own(store: SqlStore, place: str) -> None:
    other = open_store(place, replace(WRITER, origin="police.example/bwc/ws2", workstation="ws2"))
    queued(store, ASKED)
    assert held(other) == []
    with other.writing() as work:
        assert not work.timestamps.settle(replace(ASKED, state=StampState.KEPT, **ANSWER))  # type: ignore[arg-type]
    other.close()
    assert held(store) == [ASKED]


def test_neither_what_was_asked_nor_what_was_answered_can_be_changed_by_mistake(store: SqlStore, place: str) -> None:
    queued(store, ASKED, replace(ASKED, id="t-2"))
    with store.writing() as work:
        work.timestamps.settle(replace(ASKED, state=StampState.KEPT, **ANSWER))  # type: ignore[arg-type]
    row = t.custody_timestamp
    refused = [
        update(row).where(row.c.id == "t-2").values(body=b"another checkpoint"),
        update(row).where(row.c.id == "t-1").values(stamped_at=0),
        update(row).where(row.c.id == "t-1").values(state="queued"),
        delete(row),
    ]
    for statement in refused:
        with pytest.raises(DBAPIError, match=r"never altered|append-only"), database(place).writing() as connection:
            connection.execute(statement)
    assert [one.state for one in held(store)] == [StampState.KEPT, StampState.QUEUED]
