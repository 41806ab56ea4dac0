"""With encryption on, nothing of the footage and of what is derived from it touches a disk in the clear.

A whole day runs in a process of its own: every write it and its children make is watched (strace), every file that is
left is searched, and the temporary folder is its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.review.desk import Desk
from tests.architecture.repository import ROOT
from tests.desks import PASSPHRASE, make_card, make_pulled_card, write_clip

WINDOW = 40
CALLS = "write,pwrite64,writev,pwritev,pwritev2,sendfile,copy_file_range,splice,vmsplice,mmap"
WRITE = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\((\d+)<([^>]*)>?, (.*)")
SHARED = re.compile(r"PROT_WRITE[^,]*, MAP_SHARED[^,]*, \d+<([^>]*)>")


def can_watch() -> bool:
    strace = shutil.which("strace")
    return (
        strace is not None
        and subprocess.run([strace, "-f", "true"], capture_output=True, check=False).returncode == 0
    )


def live_through(workspace: Path, cards: Sequence[Path], temporary: Path, before: list[str]) -> str:
    command = [*before, sys.executable, "-m", "tests.unit.review.encrypted_day", str(workspace), *map(str, cards)]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def windows_of(desk: Desk) -> Iterator[bytes]:
    """Distinctive pieces of every original recording and of everything derived from them."""
    with desk.store.reading() as work:
        recordings = work.footage.recordings()
        derived = [(one.path, one.sha256) for each in recordings for one in work.footage.derivatives(each.id)]
    for each in recordings:
        with desk.vault.open(each.sha256) as reader:
            yield from pieces(reader.read())
    for path, sha256 in derived:
        with desk.vault.open_kept(desk.folder / path, sha256) as reader:
            yield from pieces(reader.read())


def is_text(window: bytes) -> bool:
    """A label's digest stands in the log too; no piece of picture or sound is all letters."""
    return all(32 <= one < 127 for one in window)


def pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, max(1, len(data) - WINDOW), 509):
        window = data[at : at + WINDOW]
        if len(set(window)) > 12 and not is_text(window):
            yield window


@pytest.mark.skipif(sys.platform != "linux", reason="watches system calls")
def test_a_day_at_an_encrypted_workspace_writes_no_plaintext(tmp_path: Path) -> None:
    cards = [make_card(tmp_path / "card"), make_pulled_card(tmp_path / "pulled"), tmp_path / "other"]
    write_clip(cards[2] / "DCIM" / "100KSTRL" / "KB2_00417_20260314T093930Z_001.MP4", seconds=5, tone=660)
    workspace, temporary, trace = tmp_path / "workspace", tmp_path / "tmp", tmp_path / "trace"
    temporary.mkdir()
    watching = can_watch()
    before = (
        ["strace", "-f", "-y", "-xx", "-s", "70000", "-e", f"trace={CALLS}", "-o", str(trace)] if watching else []
    )
    said = live_through(workspace, cards, temporary, before)
    lines = said.splitlines()
    jobs = [line.split(" ", 4) for line in lines if line.startswith("job ")]
    assert {job[3] for job in jobs} == {"done"}, jobs
    assert {job[2] for job in jobs} == {"index", "audio", "peaks", "sprite", "proxy", "salvage"}
    usual = "['audio', 'index', 'peaks', 'proxy', 'sprite'] Frame"
    assert sum(line.endswith(usual) for line in lines) == 4
    assert sum("'salvage'" in line and line.endswith("Frame") for line in lines) == 1
    again = [line.split(" ")[2] for line in lines if line.startswith("again ")]
    assert (len(again), set(again)) == (26, {"same"})
    assert lines.count("listened True") == 5
    assert [line for line in lines if line.startswith("aligned")] == ["aligned 4 True"]
    assert "case 5 True" in lines
    windows = set(windows_of(open_workspace(workspace, lambda: PASSPHRASE)))
    assert len(windows) > 200
    for file in (*workspace.rglob("*"), *temporary.rglob("*")):
        if file.is_file():
            stored = file.read_bytes()
            assert not [window for window in windows if window in stored], file
    if watching:
        seen = written(trace)
        assert any(path.endswith(".part") for path, _ in seen), "the watcher saw nothing of the import"
        for path, data in seen:
            assert not [window for window in windows if window in data], path


def written(trace: Path) -> list[tuple[str, bytes]]:
    """Every write to a file: where to and what. A shared writable mapping of anything but SQLite's index fails."""
    found = []
    for line in trace.read_text("latin-1").splitlines():
        mapped = SHARED.search(line) if "mmap(" in line else None
        assert mapped is None or decoded(mapped[1]).endswith("-shm") or decoded(mapped[1]).startswith("/dev"), line[
            :200
        ]
        call = WRITE.match(line)
        if call is None or call[1] == "mmap":
            continue
        path = decoded(call[3])
        if not path.startswith("/") or path.startswith(("/dev", "/proc", "/memfd")):
            continue
        assert call[1] not in ("sendfile", "copy_file_range", "splice", "vmsplice"), line[:200]
        found.append((path, b"".join(map(unhex, re.findall(r'"((?:\\x[0-9a-f]{2})*)"', call[4])))))
    return found


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def decoded(text: str) -> str:
    return unhex(text).decode("utf-8", "replace") if text.startswith("\\x") else text


def test_the_watch_would_see_plaintext(tmp_path: Path) -> None:
    """The same search over an import that is not encrypted must find something, else it proves nothing."""
    if not can_watch():
        pytest.skip("this process may not watch system calls")
    secret = bytes(range(60, 60 + WINDOW))
    script = f"import pathlib; pathlib.Path({str(tmp_path / 'leak')!r}).write_bytes(bytes.fromhex('{secret.hex()}'))"
    trace = tmp_path / "trace"
    watch = ["strace", "-f", "-y", "-xx", "-s", "70000", "-e", f"trace={CALLS}", "-o", str(trace)]
    subprocess.run([*watch, sys.executable, "-c", script], check=True)
    assert [path for path, data in written(trace) if secret in data] == [str(tmp_path / "leak")]
