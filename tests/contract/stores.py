"""The implementations of ``ports.store``, each in a place of its own: a string, so that a child can be given it."""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from bwc_review.store.engine import Database, SqliteDatabase
from bwc_review.store.log import LogWriter
from bwc_review.store.postgres import PostgresDatabase
from bwc_review.store.sql import SqlStore
from bwc_review.transcript.heard_json import from_json
from chain_of_custody.clock import SystemClock
from chain_of_custody.entry import Actor, Draft, Subject
from chain_of_custody.payload import Payload
from tests.contract.postgres import server, server_or_skip

KINDS = ("sqlite", "postgresql")
ACTOR = Actor("clerk-1", "evidence_clerk", "", "none", "")
WRITER = LogWriter("police.example/bwc/ws1", "ws1", "bwc_review/test", SystemClock(), os.urandom)


def note(number: int, *payloads: Payload) -> Draft:
    """A draft that commits to these payloads."""
    commit = {f"text{n}": payload.commitment for n, payload in enumerate(payloads)}
    return Draft("log.noted", "ok", ACTOR, Subject("note", str(number)), "", {"n": number}, commit)


def database(place: str) -> Database:
    """The database at a place, as bootstrap would choose it."""
    return PostgresDatabase(place) if "://" in place else SqliteDatabase(Path(place))


def open_store(place: str, writer: LogWriter = WRITER) -> SqlStore:
    """The store at a place, its log begun."""
    store = SqlStore(database(place), writer, from_json)
    with store.reading() as work:
        begun = work.log.started()
    if not begun:
        with store.writing() as work:
            work.log.start()
    return store


@contextmanager
def new_place(kind: str, *, empty: bool = False) -> Iterator[str]:
    """A place with a begun log, or with nothing at all; removed at the end. Skips without a server."""
    if kind == "postgresql":
        host = server_or_skip()
        place = host.new_database("" if empty else _begun(kind))
        try:
            yield place
        finally:
            host.drop(place)
        return
    folder = Path(mkdtemp(prefix="bwc-store-"))
    file = folder / "bwc.db"
    if not empty:
        shutil.copy(_begun(kind), file)
    try:
        yield str(file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _begun(kind: str) -> str:
    """Migrating takes half a second: done once, then copied."""
    if kind == "postgresql":
        place = server().new_database()
    else:
        folder = mkdtemp(prefix="bwc-store-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        place = str(Path(folder) / "bwc.db")
    open_store(place).close()
    return place
