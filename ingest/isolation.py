"""Running one task on a recording in an isolated child: limits, a time-out, an open file instead of a path.

The parent's half of ``ingest.media_child``. What a child returns is still hostile and checked by the caller.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from ingest.media_child import NO_ROOM_LEFT, REFUSED
from ingest.stopping import wait_or_stop

MEMORY_BYTES = 2 * 1024**3
MAX_RESULT_BYTES = 256 * 1024**2
MAX_OUTPUT_BYTES = 64 * 1024**3
_OPEN_FILES = 64
_PACKAGE_PARENT = str(Path(__file__).resolve().parent.parent)
# -I keeps the child from the environment and the working folder; the package's own folder is named instead.
_START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('ingest.media_child', run_name='__main__')"
)


class ChildFailed(Exception):
    """The child gave no result; ``reason`` is a sentence for a person, ``detail`` for the log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def ask_child(task: str, recording: Path | int, wanted: Mapping[str, Any], *, timeout_s: float) -> bytes:
    """The result of ``task`` (at most MAX_RESULT_BYTES). ``recording`` is a file or a descriptor of one.

    A descriptor's position is moved. Raises ChildFailed, and OSError when the recording cannot be opened.
    """
    with tempfile.TemporaryFile() as out:
        run_child(task, recording, wanted, out.fileno(), timeout_s=timeout_s, max_bytes=MAX_RESULT_BYTES)
        out.seek(0)
        return out.read(MAX_RESULT_BYTES)


def run_child(
    task: str,
    recording: Path | int,
    wanted: Mapping[str, Any],
    out: int,
    *,
    timeout_s: float,
    max_bytes: int = MAX_OUTPUT_BYTES,
) -> None:
    """Run ``task`` with its output going to the descriptor ``out``. Raises ChildFailed and OSError."""
    limits = {
        "RLIMIT_AS": MEMORY_BYTES,
        "RLIMIT_CPU": int(timeout_s) + 1,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_FSIZE": max_bytes,
    }
    request = json.dumps({"limits": limits, "wanted": wanted})
    command = [sys.executable, "-I", "-c", _START, _PACKAGE_PARENT, task, request]
    with tempfile.TemporaryFile() as log:
        if isinstance(recording, int):
            os.lseek(recording, 0, os.SEEK_SET)
            _wait(command, recording, out, log, timeout_s)
        else:
            with recording.open("rb") as file:
                _wait(command, file.fileno(), out, log, timeout_s)


def _wait(command: list[str], recording: int, out: int, log: IO[bytes], timeout_s: float) -> None:
    try:
        child = subprocess.Popen(command, stdin=recording, stdout=out, stderr=log, env=_bare_environment())
        code = wait_or_stop(child, timeout_s)
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(f"It was given up after {timeout_s:g} s.") from error
    if code == 0:
        return
    if code == NO_ROOM_LEFT:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
    said = log.read(4000).decode("utf-8", "replace")
    if code == REFUSED:
        raise ChildFailed(said)
    raise ChildFailed("The decoder broke down on it.", detail=f"exit {code}: {said}")


def _bare_environment() -> dict[str, str]:
    # Windows cannot start a process without SYSTEMROOT; OpenBLAS reserves memory per thread under the limit.
    kept = {key: os.environ[key] for key in ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR") if key in os.environ}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
