"""Killed anywhere between a witness's answer and the row that keeps it: asked again, the log ends as it should."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bwc_review.review.checking import check_log
from bwc_review.review.checkpoints import sign_now
from bwc_review.review.witness_overview import overview, standing
from bwc_review.review.witnessing import State, send
from chain_of_custody.findings import Verdict
from tests.unit.witnessing.conftest import Station
from tests.witness_process import Commission

ROOT = Path(__file__).resolve().parents[3]

# Forks a child for every number it is told; the child sends and dies at that boundary.
FORKER = """
    import os, signal, sys
    from pathlib import Path
    from sqlalchemy import event
    from bwc_review.bootstrap import open_workspace
    from bwc_review.domain.ids import OperatorId
    from bwc_review.ports.records import Session
    from bwc_review.review.witnessing import send

    def act(folder, session, left):
        desk = open_workspace(Path(folder), lambda: "")
        engine = desk.store._database.engine
        def boundary(*_):
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        for moment in ("begin", "after_cursor_execute", "commit", "checkin"):
            event.listen(engine.pool if moment == "checkin" else engine, moment, boundary)
        replace = Path.replace
        def watched(part, target):
            boundary()
            done = replace(part, target)
            boundary()
            return done
        Path.replace = watched
        send(desk, Session(session, OperatorId("clerk-1"), "evidence_clerk", "witnessing", 1))

    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            act(sys.argv[1], sys.argv[2], int(line))
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_killed_between_any_two_statements_of_keeping_an_answer_nothing_is_lost_and_nothing_is_stopped(
    station: Station, net: Commission, port: int
) -> None:
    command = [sys.executable, "-c", textwrap.dedent(FORKER), str(station.folder), station.session.id]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with net.serving(port), subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as child:  # type: ignore[call-overload]
        station.desk.store.close()  # type: ignore[attr-defined]
        turns = 0
        while True:
            turns += 1
            station.note()
            size = sign_now(station.desk, station.session)
            print(turns, file=child.stdin, flush=True)
            code = int(child.stdout.readline())
            assert code in (0, -signal.SIGKILL)
            station.reopened()
            assert not standing(station.desk).stopped
            told = send(station.desk, station.session)
            assert {one.state for one in told} <= {State.COSIGNED}
            assert overview(station.desk).witnesses[0].cosigned == size
            if code == 0:
                break
        child.stdin.close()
    assert turns > 15
    report = check_log(station.desk, trusted=station.desk.vkey)
    assert [one for one in report.findings if one.severity.value == "failed" and one.code != "quorum_not_met"] == []
    assert report.verdict in (Verdict.VERIFIED, Verdict.FAILED)  # the quorum here wants the second witness too
