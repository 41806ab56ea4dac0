"""Killed between any two statements of an act: the log is whole, the act there with its entries or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bwc_review.store.sql import SqlStore
from chain_of_custody.entry import Entry
from chain_of_custody.merkle import root
from tests.contract.stores import KINDS, new_place, note, open_store

ROOT = Path(__file__).resolve().parents[3]

# Forks a child for every number it is told; the child dies at that boundary. Loading Python once, not forty times.
FORKER = """
    import os, signal, sys
    from sqlalchemy import event
    from bwc_review.ports.records import Session
    from chain_of_custody.payload import Payload
    from chain_of_custody.signing import OperatorKey, generate
    from tests.contract.stores import database, note, open_store

    KEY = generate(OperatorKey, "clerk-1")

    def act(place, left):
        store = open_store(place)
        engine = store._database.engine
        def boundary(*_):
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        for moment in ("begin", "before_cursor_execute", "after_cursor_execute", "commit", "checkin"):
            target = engine.pool if moment == "checkin" else engine
            event.listen(target, moment, boundary)
        payload = Payload(os.urandom(16), b"said")
        with store.writing() as work:
            number = work.log.head().size
            work.desks.open(Session(str(number), "clerk-1", "evidence_clerk", "", number))
            work.log.append(note(number, payload), [payload], (KEY,))
            work.log.append_many([(note(number + 1), ()), (note(number + 2), ())], (KEY,))
            work.log.add_checkpoint(number, b"note")

    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            act(sys.argv[1], int(line))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
ENTRIES = 3  # of one act


def acts_kept(store: SqlStore) -> int:
    """How many acts are there, after a look at the whole log; every part of each must be."""
    with store.reading() as work:
        entries = [Entry.from_bytes(raw) for raw in work.log.entries()]
        head, leaves = work.log.head(), [one.leaf for one in entries]
        kept = {len(work.desks.unfinished()), len(list(work.log.checkpoints())), len(list(work.log.payloads()))}
        assert list(work.log.leaves()) == leaves
        assert [seq for seq, _ in work.log.signatures()] == [one.seq for one in entries]
    assert [one.prev for one in entries] == ["0" * 64, *(leaf.hex() for leaf in leaves)][: len(entries)]
    assert (head.size, head.tree.root) == (len(entries), root(leaves))
    assert kept == {len(entries) // ENTRIES}
    assert len(entries) % ENTRIES == 0
    return len(entries) // ENTRIES


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
@pytest.mark.parametrize("kind", KINDS)
def test_killed_between_any_two_statements_the_act_is_there_with_its_entries_or_not_at_all(kind: str) -> None:
    with new_place(kind) as place, forker(place) as child:
        store = open_store(place)
        assert child.stdin is not None
        assert child.stdout is not None
        grown: list[int] = []
        while True:
            before = acts_kept(store)
            print(len(grown) + 1, file=child.stdin, flush=True)
            code = int(child.stdout.readline())
            grown.append(acts_kept(store) - before)
            if code == 0:
                break
            assert code == -signal.SIGKILL
        child.stdin.close()
        with store.writing() as work:
            work.log.append(note(0))
        store.close()
    committed = grown.index(1)
    assert committed >= 12  # six statements at least, with a boundary before and after each
    assert grown == [0] * committed + [1] * (len(grown) - committed)
    assert len(grown) - committed >= 2  # killed once more after the commit, and not killed at all


def forker(place: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(FORKER), place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
