"""The demo killed again and again, at its stages and between them, ends like the one that was left alone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from bwc_review.bootstrap import DATABASE
from bwc_review.cli.demo.command import RESULT
from bwc_review.review.checking import check_log
from chain_of_custody.entry import Entry
from chain_of_custody.findings import Verdict
from tests.e2e.demo_run import DEMO, ROOT, DemoRun, run_demo

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]

# What is waited for in the log before the kill, and how long after: an entry type and its count, seconds.
MOMENTS = [
    ("", 0, 1.0),  # while the workspace is being made
    ("log.started", 1, 0.0),
    ("media.ingest_started", 2, 0.02),  # while a clip is being copied
    ("media.ingested", 5, 0.0),
    ("media.derived", 2, 0.5),  # while a proxy is being made
    ("media.derived", 10, 0.1),
    ("transcript.made", 1, 3.0),  # while the machine listens
    ("candidate.proposed", 3, 0.0),
    ("tag.added", 7, 0.03),  # in the middle of the review
    ("candidate.rejected", 30, 0.0),
    ("export.started", 1, 0.15),  # while the bundle is being laid out
    ("bundle.sealed", 1, 0.0),
]


def count_of(folder: Path, kind: str) -> int:
    """Entries of a type in the log of a running demo, read as an onlooker would."""
    file = folder / DATABASE
    if not file.exists():
        return 0
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as raw,
    ):
        return int(raw.execute("SELECT count(*) FROM custody_entry WHERE type = ?", (kind,)).fetchone()[0])
    return 0


def kill_at(folder: Path, kind: str, count: int, after: float) -> bool:
    """Run the demo until the log holds ``count`` entries of a type, and kill it. False: it had ended."""
    child = subprocess.Popen(
        [*DEMO, str(folder)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    while child.poll() is None and kind and count_of(folder, kind) < count:
        time.sleep(0.005)
    time.sleep(after)
    ended = child.poll() is not None
    if not ended:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return not ended


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX act")
def test_killed_at_any_moment_the_next_run_ends_the_same_and_the_log_tells_of_it(
    first: DemoRun, tmp_path: Path
) -> None:
    folder = tmp_path / "workspace"
    kills = sum(kill_at(folder, *moment) for moment in MOMENTS)
    assert kills == len(MOMENTS), "every kill met a running demo"
    end = run_demo(folder)
    assert end.code == 0, end.said
    undisturbed = json.loads((first.folder / RESULT).read_text("utf-8"))
    assert json.loads((folder / RESULT).read_text("utf-8")) == undisturbed
    desk = end.desk()
    with desk.store.reading() as work:
        types = [Entry.from_bytes(raw).type for raw in work.log.entries()]
        exhibits = work.footage.exhibits()
    assert types.count("session.interrupted") >= 8
    assert "media.ingest_interrupted" in types
    assert check_log(desk, trusted=(folder / "keys" / "log.vkey").read_text("utf-8")).verdict is Verdict.VERIFIED
    assert not list((folder / "vault" / "staging").iterdir())
    for exhibit in exhibits:
        desk.vault.verify(exhibit.sha256)
    assert not list((folder / "bundles").glob(".*partial*"))
