"""Signature files beside entries, on every engine: the entry's own transaction, one row each, never changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from bwc_review.errors import LogRefused
from bwc_review.review.checking import LiveSource
from bwc_review.store.sql import SqlStore
from chain_of_custody.entry import Draft, Subject
from chain_of_custody.entry_signatures import check_signed, key_id, sign_entry
from chain_of_custody.payload import Payload
from chain_of_custody.signing import OperatorKey, generate
from chain_of_custody.vkey import ECDSA_P256
from tests.contract.stores import ACTOR, KINDS, WRITER, database, new_place, note, open_store
from tests.contract.test_store_log import Backwards

ONE = generate(OperatorKey, ACTOR.id)
TWO = generate(OperatorKey, "admin-1", alg=ECDSA_P256)
DUE = {key_id(one.vkey): one.vkey for one in (ONE, TWO)}


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    with new_place(request.param) as made:
        yield made


@pytest.fixture
def store(place: str) -> Iterator[SqlStore]:
    opened = open_store(place)
    yield opened
    opened.close()


def test_signatures_come_back_beside_their_entries_and_nowhere_else(store: SqlStore) -> None:
    with store.writing() as work:
        work.log.append(note(0))
        both = work.log.append(note(1), (), (ONE, TWO))
        batch = work.log.append_many([(note(n), ()) for n in range(2, 5)], (ONE,))
        work.log.append(note(5))
    with store.reading() as work:
        found = dict(work.log.signatures())
        assert [seq for seq, _ in work.log.signatures(2, 4)] == [2, 3]
        assert list(work.log.signatures(5)) == []
        source = LiveSource(work, "")
        beside = list(source.signatures(0, 6))
        assert list(source.signatures(3, 6)) == beside[3:]
    assert beside == [None, *(found[seq] for seq in range(1, 5)), None]
    check_signed(both.leaf, found[1], DUE)
    for entry in batch:
        check_signed(entry.leaf, found[entry.seq], {key_id(ONE.vkey): ONE.vkey})


def test_an_entry_that_is_refused_leaves_no_signature(store: SqlStore) -> None:
    with pytest.raises(LogRefused), store.writing() as work:
        work.log.append(note(0), (), (ONE,))
        work.log.append(note(1), [Payload(os.urandom(16), b"nobody committed to this")], (ONE,))
    with store.reading() as work:
        assert list(work.log.signatures()) == []
        assert list(work.log.entries()) == []


@pytest.mark.parametrize("statement", ["DELETE FROM custody_signature", "UPDATE custody_signature SET seq = 7"])
def test_a_signature_cannot_be_changed_or_deleted_by_mistake(store: SqlStore, place: str, statement: str) -> None:
    with store.writing() as work:
        work.log.append(note(0), (), (ONE,))
    with pytest.raises(DBAPIError, match="append-only"), database(place).writing() as connection:
        connection.exec_driver_sql(statement)


def test_workstations_that_share_a_database_keep_signatures_of_their_own(store: SqlStore, place: str) -> None:
    two = open_store(place, replace(WRITER, origin="police.example/bwc/ws2", workstation="ws2"))
    with store.writing() as work:
        work.log.append(note(0), (), (ONE,))
    with two.writing() as work:
        work.log.append(note(0))
    with two.reading() as work:
        assert list(work.log.signatures()) == []
        assert work.log.newest_of(("log.noted",)) is not None
    two.close()


def test_entries_are_found_by_their_type_in_order(store: SqlStore) -> None:
    def key_event(number: int) -> Draft:
        return Draft("key.made", "ok", ACTOR, Subject("key", str(number)), "", {}, {})

    with store.writing() as work:
        assert work.log.newest_of(("key.made", "key.enrolled")) is None
        first = work.log.append(key_event(0))
        work.log.append(note(1))
        second = work.log.append(key_event(2))
        work.log.append(note(3))
        assert work.log.newest_of(("key.made", "key.enrolled")) == second.leaf
        assert list(work.log.of_types(("key.made",))) == [first.to_bytes(), second.to_bytes()]


def test_a_clock_set_back_is_attested_by_the_workstation_and_the_act_after_it_by_its_signer(place: str) -> None:
    clock = Backwards()
    store = open_store(place, replace(WRITER, clock=clock))
    actor = replace(ACTOR, key=key_id(ONE.vkey), auth="passphrase")
    with store.writing() as work:
        work.log.append(replace(note(0), actor=actor), (), (ONE,))
    clock.at -= timedelta(minutes=1)
    with store.writing() as work:
        entry = work.log.append(replace(note(1), actor=actor), (), (ONE,))
    with store.reading() as work:
        (adjusted,) = work.log.of_types(("clock.adjusted",))
        found = dict(work.log.signatures())
    store.close()
    assert b'"key":""' in adjusted
    assert found == {0: found[0], entry.seq: sign_entry(entry.leaf, ONE)}
    assert entry.seq == 2
