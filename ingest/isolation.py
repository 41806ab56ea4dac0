"""Running one task on a recording in an isolated child: limits, a time-out, an open file instead of a path.

The parent's half of ``ingest.media_child``. What the child makes comes back over a pipe, so nothing of it stands on
a disk unless the caller writes it there. What a child returns is still hostile and checked by the caller.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ingest.media_child import NO_ROOM_LEFT, REFUSED
from ingest.object_keys import ObjectKey
from ingest.stopping import ASK_EVERY_S, refuse_to_go_on, wait_or_stop
from ingest.vault import Handed

MEMORY_BYTES = 2 * 1024**3
MAX_RESULT_BYTES = 256 * 1024**2
MAX_OUTPUT_BYTES = 64 * 1024**3
_OPEN_FILES = 64
_PIECE, _PIECES = 256 * 1024, 4
_KEPT_LOG = 4000
_PACKAGE_PARENT = str(Path(__file__).resolve().parent.parent)
# -I keeps the child from the environment and the working folder; the package's own folder is named instead.
_START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('ingest.media_child', run_name='__main__')"
)

Recording = Path | int | Handed
"""A file, a descriptor of one (its position is moved), or what a vault hands over."""

Sink = Callable[[bytes], None]
"""Takes the child's output piece by piece; may raise OSError."""


class ChildFailed(Exception):
    """The child gave no result; ``reason`` is a sentence for a person, ``detail`` for the log."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def ask_child(task: str, recording: Recording, wanted: Mapping[str, Any], *, timeout_s: float) -> bytes:
    """The result of ``task`` (at most MAX_RESULT_BYTES), held in memory.

    Raises ChildFailed, and OSError when the recording cannot be opened.
    """
    pieces: list[bytes] = []
    run_child(task, recording, wanted, pieces.append, timeout_s=timeout_s, max_bytes=MAX_RESULT_BYTES)
    return b"".join(pieces)


def run_child(
    task: str,
    recording: Recording,
    wanted: Mapping[str, Any],
    out: Sink,
    *,
    timeout_s: float,
    max_bytes: int = MAX_OUTPUT_BYTES,
) -> None:
    """Run ``task``; its output goes to ``out`` as it comes. Raises ChildFailed, OSError, DerivingStopped and what
    ``out`` raises."""
    limits = {
        "RLIMIT_AS": MEMORY_BYTES,
        "RLIMIT_CPU": int(timeout_s) + 1,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_FSIZE": 0,  # whatever it makes comes over the pipe
    }
    with _opened(recording) as (descriptor, key), _key_pipe(key) as key_end:
        request = json.dumps({"limits": limits, "wanted": wanted, "key": key_end})
        command = [sys.executable, "-I", "-c", _START, _PACKAGE_PARENT, task, request]
        process = subprocess.Popen(
            command, stdin=descriptor, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_bare_environment(),
            **_inherited(key_end),
        )  # fmt: skip
        _follow(process, out, timeout_s, max_bytes)


@contextlib.contextmanager
def _opened(recording: Recording) -> Iterator[tuple[int, ObjectKey | None]]:
    if isinstance(recording, Path):
        with recording.open("rb") as file:
            yield file.fileno(), None
        return
    given = Handed(recording, None) if isinstance(recording, int) else recording
    os.lseek(given.descriptor, 0, os.SEEK_SET)
    yield given.descriptor, given.key


@contextlib.contextmanager
def _key_pipe(key: ObjectKey | None) -> Iterator[int | None]:
    """The reading end of a pipe that holds the key: never an argument, never the environment."""
    if key is None:
        yield None
        return
    reading, writing = os.pipe()
    try:
        os.write(writing, key.to_bytes())  # fits any pipe's buffer
        os.close(writing)
        yield reading
    finally:
        os.close(reading)


def _inherited(key_end: int | None) -> dict[str, Any]:
    if key_end is None:
        return {}
    if os.name == "posix":
        return {"pass_fds": (key_end,)}
    os.set_inheritable(key_end, True)
    return {"close_fds": False}


def _follow(process: subprocess.Popen[bytes], out: Sink, timeout_s: float, max_bytes: int) -> None:
    """Pass the output on until the child ends or is stopped. However this ends, the child has ended too."""
    log, made = _Log(process.stderr), _Output(process.stdout)
    until = time.monotonic() + timeout_s
    try:
        while (piece := made.next_piece(until)) is not None:
            max_bytes -= len(piece)
            if max_bytes < 0:
                raise ChildFailed("It gave more than any recording holds.")
            out(piece)
        code = wait_or_stop(process, max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(f"It was given up after {timeout_s:g} s.") from error
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        made.end()
        log.end()
    _judge(code, log.text)


class _Output:
    """What the child makes, read in a thread so that whoever waits for it can be asked to stop meanwhile."""

    def __init__(self, stdout: IO[bytes] | None) -> None:
        self._stdout = stdout
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_PIECES)
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def next_piece(self, until: float) -> bytes | None:
        """None once there is no more. Raises DerivingStopped, and ``subprocess.TimeoutExpired`` after ``until``."""
        while not self._ended:
            refuse_to_go_on(until)
            with contextlib.suppress(queue.Empty):
                piece = self._waiting.get(timeout=ASK_EVERY_S)
                self._ended = piece is None
                return piece
        return None

    def end(self) -> None:
        """The child has ended: what it still gave is let go."""
        while not self._ended:
            self._ended = self._waiting.get() is None
        if self._stdout is not None:
            self._stdout.close()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while self._stdout is not None and (piece := self._stdout.read(_PIECE)):
                self._waiting.put(piece)
        self._waiting.put(None)


class _Log:
    """The end of what the child says on standard error, read in a thread so that it never has to wait."""

    def __init__(self, stderr: IO[bytes] | None) -> None:
        self._stderr = stderr
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        return self._kept.decode("utf-8", "replace")

    def end(self) -> None:
        self._thread.join()
        if self._stderr is not None:
            self._stderr.close()

    def _read(self) -> None:
        while self._stderr is not None and (piece := self._stderr.read(_KEPT_LOG)):
            self._kept = (self._kept + piece)[-_KEPT_LOG:]


def _judge(code: int, said: str) -> None:
    if code == 0:
        return
    if code == NO_ROOM_LEFT:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if code == REFUSED:
        raise ChildFailed(said)
    raise ChildFailed("The decoder broke down on it.", detail=f"exit {code}: {said}")


def _bare_environment() -> dict[str, str]:
    # Windows cannot start a process without SYSTEMROOT; OpenBLAS reserves memory per thread under the limit.
    kept = {key: os.environ[key] for key in ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR") if key in os.environ}
    return {**kept, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
