"""Letting a person stop what a child process is doing, and waiting for the child without missing that.

``stoppable`` says for the calls below it, in this thread, who is asked; the child is then killed and nothing it
made is kept.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ingest.errors import DerivingStopped

ASK_EVERY_S = 0.1

_asked: ContextVar[Callable[[], bool] | None] = ContextVar("stop_asked", default=None)


@contextmanager
def stoppable(stop_asked: Callable[[], bool]) -> Iterator[None]:
    """Children waited for inside the block are killed when ``stop_asked`` says so; raises DerivingStopped then."""
    token = _asked.set(stop_asked)
    try:
        yield
    finally:
        _asked.reset(token)


def refuse_to_go_on(until: float) -> None:
    """Raise DerivingStopped where a person asked to stop, ``TimeoutExpired`` after ``until`` (monotonic seconds)."""
    _stop_if_asked(_asked.get())
    if time.monotonic() >= until:
        raise subprocess.TimeoutExpired("media child", 0.0)


def _stop_if_asked(stop_asked: Callable[[], bool] | None) -> None:
    if stop_asked is not None and stop_asked():
        raise DerivingStopped("Stopped by a person. Nothing half-made is kept; it can be asked for again.")


def wait_or_stop(process: subprocess.Popen[bytes], timeout_s: float) -> int:
    """The exit code of ``process``. Kills it before raising DerivingStopped or ``subprocess.TimeoutExpired``."""
    stop_asked = _asked.get()
    until = time.monotonic() + timeout_s
    try:
        while True:
            _stop_if_asked(stop_asked)
            left = until - time.monotonic()
            try:
                return process.wait(timeout=max(0.0, min(left, ASK_EVERY_S)) if stop_asked is not None else left)
            except subprocess.TimeoutExpired:
                if time.monotonic() >= until:
                    raise
    except BaseException:
        process.kill()
        process.wait()
        raise
