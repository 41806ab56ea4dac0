"""The promises of ``ports.erasure`` on every engine: a content and its copies go on record, nothing else does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from bwc_review.ports.erasure import Committed
from bwc_review.store import tables as t
from bwc_review.store.sql import SqlStore
from chain_of_custody.entry import Draft, Entry, Subject
from chain_of_custody.erasure import ERASED, erasure_data
from chain_of_custody.payload import Payload
from tests.contract.stores import ACTOR, KINDS, database, new_place, open_store

NAME = "FÖRENAME-OF-A-WITNESS-0001.mp4"


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    with new_place(request.param) as made:
        yield made


@pytest.fixture
def store(place: str) -> Iterator[SqlStore]:
    opened = open_store(place)
    yield opened
    opened.close()


def said(store: SqlStore, kind: str, subject: str, name: str, payload: Payload) -> Entry:
    with store.writing() as work:
        draft = Draft(kind, "ok", ACTOR, Subject("x", subject), "", {"docking": "d-1"}, {name: payload.commitment})
        return work.log.append(draft, [payload])


def rows_of_a_card(place: str) -> None:
    """One exhibit of one docking, as catalogue rows that copy its name."""
    with database(place).writing() as connection:
        session = {"id": "s", "operator": "c", "role": "r", "purpose": "p", "started_at": 1, "state": "open"}
        connection.execute(insert(t.desk_session), {**session, "workstation": "ws1", "unit": "north"})
        docking = {"id": "d-1", "label": "x", "profile": "x", "profile_sha256": "x", "state": "done", "started_at": 1}
        connection.execute(insert(t.docking), {**docking, "session": "s"})
        exhibit = {"number": "E-1", "sha256": "a", "sha512": "b", "chunk_root": "c", "size": 1, "kind": "video"}
        connection.execute(insert(t.exhibit), {**exhibit, "name": NAME})
        met = {"docking": "d-1", "name": NAME, "size": 1, "outcome": "taken", "reason": "r", "exhibit": "E-1"}
        connection.execute(insert(t.acquisition), [{**met, "id": "a-1"}, {**met, "id": "a-2", "name": "other.mp4"}])


def erased(store: SqlStore, *what: Committed, texts: tuple[str, ...] = (NAME,)) -> tuple[Entry, int]:
    with store.writing() as work:
        data = erasure_data([one.commitment for one in what])
        tombstone = work.log.append(Draft(ERASED, "ok", ACTOR, Subject("log", "x"), "lawful", data, {}))
        return tombstone, sum(work.erasures.erase(one, texts, tombstone.seq) for one in what)


def test_a_content_goes_with_its_copies_and_the_tombstone_says_which(store: SqlStore, place: str) -> None:
    payload, other = Payload(os.urandom(16), NAME.encode()), Payload(os.urandom(16), b"other")
    entry = said(store, "media.ingested", "E-1", "name", payload)
    said(store, "media.ingested", "E-1", "name", other)
    rows_of_a_card(place)
    with store.reading() as work:
        (what,) = work.erasures.committed([payload.commitment])
        assert what == Committed(payload.commitment, entry.seq, "name", "E-1", "d-1")
        assert {one.partition(" ")[0] for one in work.erasures.still_shown(NAME)} == {
            "acquisition.name",
            "exhibit.name",
            "payload",
        }
    tombstone, copies = erased(store, what)
    assert copies == 2
    with store.reading() as work:
        assert dict(work.log.payloads()) == {other.commitment: other}
        assert work.erasures.erased() == {payload.commitment}
        assert list(work.erasures.still_shown(NAME)) == []
    mark = f"erased-{tombstone.seq}.mp4"
    with database(place).reading() as connection:
        assert connection.execute(select(t.exhibit.c.name)).scalar_one() == mark
        names = connection.execute(select(t.acquisition.c.name).order_by(t.acquisition.c.id)).scalars()
        assert list(names) == [mark, "other.mp4"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM custody_payload",
        "INSERT INTO custody_erasure VALUES ('{commitment}', '{log}', {seq}, 'name', {seq})",
        "INSERT INTO custody_erasure VALUES ('{commitment}', '{log}', {seq}, 'name', 99)",
        "UPDATE acquisition SET name = 'erased-1'",
        "UPDATE acquisition SET reason = ''",
    ],
)
def test_without_a_tombstone_nothing_goes(store: SqlStore, place: str, statement: str) -> None:
    payload = Payload(os.urandom(16), NAME.encode())
    entry = said(store, "media.ingested", "E-1", "name", payload)
    rows_of_a_card(place)
    filled = statement.format(commitment=payload.commitment, log=entry.log, seq=entry.seq)
    with pytest.raises(DBAPIError, match=r"append-only|tombstone"), database(place).writing() as connection:
        connection.exec_driver_sql(filled)
    with store.reading() as work:
        assert dict(work.log.payloads()) == {payload.commitment: payload}


def test_a_tombstone_lets_go_of_its_own_content_and_its_own_words_only(store: SqlStore, place: str) -> None:
    payload, other = Payload(os.urandom(16), NAME.encode()), Payload(os.urandom(16), b"other")
    said(store, "media.ingested", "E-1", "name", payload)
    said(store, "media.ingested", "E-2", "name", other)
    rows_of_a_card(place)
    with store.reading() as work:
        chosen = work.erasures.committed([payload.commitment])
    tombstone, _ = erased(store, *chosen)
    mark = f"erased-{tombstone.seq}"
    refused = [
        t.custody_payload.delete().where(t.custody_payload.c.commitment == other.commitment),
        update(t.acquisition).values(name="somebody-else.mp4"),
        update(t.acquisition).values(name=f"{mark}; and a lie"),
        update(t.acquisition).values(name=f"{mark}.a longer lie"),
        update(t.acquisition).values(name=mark, size=2),
        update(t.acquisition).values(reason=mark),
        update(t.custody_erasure).values(tombstone=0),
        t.custody_erasure.delete(),
        insert(t.custody_payload).values(
            commitment=payload.commitment, log=tombstone.log, salt=payload.salt, content=payload.content
        ),
    ]
    for statement in refused:
        with pytest.raises(DBAPIError, match="append-only"), database(place).writing() as connection:
            connection.execute(statement)


def test_a_tag_lets_go_of_note_and_attributes_and_keeps_the_rest(store: SqlStore, place: str) -> None:
    note, attrs = Payload(os.urandom(16), b"a note on somebody"), Payload(os.urandom(16), b"{'text': 'x'}")
    with store.writing() as work:
        commit = {"note": note.commitment, "attrs": attrs.commitment}
        work.log.append(Draft("tag.added", "ok", ACTOR, Subject("tag", "g"), "", {}, commit), [note, attrs])
    row = dict.fromkeys(("code", "source", "by", "end_status", "modality", "key"), "x")
    with database(place).writing() as connection:
        connection.execute(insert(t.incident), {"id": "i", "title": "", "zero": 0})
        tag = {**row, "id": "g", "incident": "i", "state": "confirmed", "attrs": {"text": "x"}, "evidence": []}
        tag |= {"start": 0, "uncertainty": 0, "recorded_at": 0, "note": "a note on somebody"}
        connection.execute(insert(t.tag), tag)
    with store.reading() as work:
        chosen = work.erasures.committed([note.commitment, attrs.commitment])
    tombstone, copies = erased(store, *chosen, texts=("a note on somebody",))
    assert copies == 2
    with database(place).reading() as connection:
        kept = connection.execute(select(t.tag)).mappings().one()
    assert (kept["note"], kept["attrs"], kept["code"]) == (f"erased-{tombstone.seq}", {}, "x")


def test_nothing_of_an_erased_content_is_left_in_the_files(tmp_path: Path) -> None:
    file = tmp_path / "bwc.db"
    store = open_store(str(file))
    for number in range(300):  # so that pages were split and freed before
        said(store, "media.ingested", f"X-{number}", "name", Payload(os.urandom(16), b"z" * (number * 7)))
    payload = Payload(os.urandom(16), NAME.encode())
    said(store, "media.ingested", "E-1", "name", payload)
    rows_of_a_card(str(file))
    needle = NAME.encode()
    found = [one for one in tmp_path.iterdir() if needle in one.read_bytes()]
    assert found
    with store.reading() as work:
        chosen = work.erasures.committed([payload.commitment])
    erased(store, *chosen)
    store.scrub()
    held = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert {name for name, raw in held.items() if needle in raw or payload.salt in raw} == set()
    store.close()


def test_scrubbing_leaves_every_row_where_it_was(store: SqlStore, place: str) -> None:
    payload = Payload(os.urandom(16), b"said")
    said(store, "media.ingested", "E-1", "name", payload)
    rows_of_a_card(place)
    with database(place).reading() as connection:
        before = [connection.execute(select(one)).all() for one in t.metadata.sorted_tables]
    store.scrub()
    with database(place).reading() as connection:
        assert [connection.execute(select(one)).all() for one in t.metadata.sorted_tables] == before
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
