"""The parent's side of the copying processes: one for each source device, watched, paced, stopped, buried.

Processes are started like the media children, with a pipe, and not with ``multiprocessing``: that would import the
caller's main module (the desktop) into each of them. Works the same on every platform.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ingest import errors
from ingest.copy import Cancelled, Progress, Verify
from ingest.errors import CopyStopped, IngestError, VaultDamaged, WorkerLost
from ingest.handover import hand_over
from ingest.listing import FoundFile
from ingest.vault import Vault
from ingest.worker_messages import (
    FULL_PACE,
    LONGEST_LINE,
    Cancel,
    Failed,
    FromWorker,
    Garbled,
    Pace,
    Settled,
    Take,
    from_line,
    to_line,
)

LOOK_EVERY_S = 0.1
STOP_WITHIN_S = 5.0
WAITING_REPORTS = 256
GIVING_WAY = 250
_PACKAGE_PARENT = str(Path(__file__).resolve().parent.parent)
# -I keeps the child from the environment's Python settings and the working folder, which may be a card.
_START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('ingest.worker', run_name='__main__')"
)


class WorkerProcess:
    """One copying process, started with its first file. Used by one thread at a time; ``close`` from any."""

    def __init__(self, vault: Vault, pace: int, verify: Verify = Verify.READBACK) -> None:
        self._vault = vault
        self._pace = pace
        self._verify = verify
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._inbox: queue.Queue[FromWorker | None] = queue.Queue(WAITING_REPORTS)
        self._writing = threading.Lock()
        self._orders = 0

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._process.pid if self._process is not None else None

    def take(self, root: Path, found: FoundFile, *, progress: Progress, cancelled: Cancelled) -> Settled:
        """Have ``found`` copied. Raises what ``take_file`` raises, VaultLocked, and WorkerLost when the
        process dies."""
        if cancelled():
            raise _stopped(found)
        if self._process is None:
            self._start(found)
        self._orders += 1
        order = self._orders
        if not self._say(Take(order, root, found)):
            raise self._lost(found)
        asked: float | None = None
        while True:
            with contextlib.suppress(queue.Empty):
                settled = self._answer(self._inbox.get(timeout=LOOK_EVERY_S), order, found, progress)
                if settled is not None:
                    return settled
            if cancelled():
                asked = self._stop(order, found, asked)

    def _answer(self, heard: FromWorker | None, order: int, found: FoundFile, progress: Progress) -> Settled | None:
        """What one report means for the file under way: its end, or None while it goes on."""
        if heard is None:
            raise self._lost(found)
        if heard.order != order:
            return None  # the last word on a file that was given up
        if isinstance(heard, Failed):
            raise _error(heard)
        if isinstance(heard, Settled):
            return heard
        progress(heard.done)
        return None

    def set_pace(self, permille: int) -> None:
        """From the next buffer on."""
        self._pace = permille
        if self._process is not None:
            self._say(Pace(permille))

    def close(self) -> None:
        """Hang up, wait a little, and end what does not end by itself."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError), self._writing:
            process.stdin.close()  # type: ignore[union-attr]
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()  # a read from a dying card may sit in the kernel; nobody waits for it
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_WITHIN_S)
        if self._log is not None:
            self._log.close()

    def _start(self, found: FoundFile) -> None:
        opened = hand_over(self._vault)  # a vault that is locked starts nothing
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _START, _PACKAGE_PARENT, self._verify.value],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # else Windows opens a console for each
                cwd=self._vault.root,  # never the card, which could not be taken out then
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            )
        except OSError as error:
            raise WorkerLost(
                f"No process could be started to copy '{found.name.shown}' ({error.strerror}). "
                "Close other programs, then press Resume; nothing is lost.",
                detail=repr(error),
            ) from error
        self._write(opened + b"\n")
        self._say(Pace(self._pace))
        reports = self._process.stdout
        threading.Thread(target=self._listen, args=(reports,), name="copying", daemon=True).start()

    def _listen(self, reports: IO[bytes]) -> None:
        with contextlib.suppress(Garbled, OSError, ValueError), reports:
            while line := reports.readline(LONGEST_LINE + 1):
                heard = from_line(line)
                if not isinstance(heard, Take | Cancel | Pace):
                    self._inbox.put(heard)
        self._inbox.put(None)

    def _stop(self, order: int, found: FoundFile, asked: float | None) -> float:
        """Ask once, and do not wait for ever on a process that reads a dead card. Returns when it was asked."""
        now = time.monotonic()
        if asked is None:
            self._say(Cancel(order))
            return now
        if now - asked > STOP_WITHIN_S and self._process is not None:
            self._process.kill()
            raise _stopped(found)
        return asked

    def _say(self, message: Take | Cancel | Pace) -> bool:
        return self._write(to_line(message))

    def _write(self, line: bytes) -> bool:
        process = self._process
        if process is None or process.stdin is None:
            return False
        try:
            with self._writing:
                process.stdin.write(line)
                process.stdin.flush()
        except (OSError, ValueError):
            return False  # gone: the reports end too, which says so
        return True

    def _lost(self, found: FoundFile) -> WorkerLost:
        code: int | None = None
        if self._process is not None:
            self._process.kill()  # where it only talks nonsense it has not ended yet
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._process.wait(STOP_WITHIN_S)
        said = ""
        if self._log is not None:
            self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - 4000))
            said = self._log.read(4000).decode("utf-8", "replace")
        return WorkerLost(
            f"The process that was copying '{found.name.shown}' ended before the file was whole. Files taken before "
            "are kept. Leave the card in and press Resume; nothing is lost.",
            detail=f"exit {code}: {said}",
        )


class Crew:
    """The copying processes of one program: at most one for each device, docks of the same device one by one."""

    def __init__(self, vault: Vault, verify: Verify = Verify.READBACK) -> None:
        self._vault = vault
        self._verify = verify
        self._pace = FULL_PACE
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._at_work: dict[str, WorkerProcess] = {}
        self.bench = threading.Lock()
        """Held while recordings of one docking are examined and prepared: decoding takes turns, copying need not."""

    @contextmanager
    def worker(self, device: str, *, waiting: Callable[[], object], cancelled: Cancelled) -> Iterator[WorkerProcess]:
        """The process for ``device``, this caller's alone until the block ends.

        ``waiting`` is called once when another dock of the device is being read. Raises CopyStopped.
        """
        turn = self._turn(device)
        if not turn.acquire(blocking=False):
            waiting()
            while not turn.acquire(timeout=LOOK_EVERY_S):
                if cancelled():
                    raise CopyStopped("Stopped while waiting for another card of the same reader. Nothing was taken.")
        worker = WorkerProcess(self._vault, self._pace, self._verify)
        try:
            with self._lock:
                self._at_work[device] = worker
            yield worker
        finally:
            with self._lock:
                self._at_work.pop(device, None)
            worker.close()
            turn.release()

    def _turn(self, device: str) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(device, threading.Lock())

    @property
    def at_work(self) -> dict[str, int]:
        """The process number for each device that is being read now."""
        with self._lock:
            found = {device: worker.pid for device, worker in self._at_work.items()}
        return {device: pid for device, pid in found.items() if pid is not None}

    @property
    def pace(self) -> int:
        """The share of the time processes work, in thousandths."""
        return self._pace

    def give_way(self) -> None:
        """Something is being played: every process rests most of the time until ``full_pace``."""
        self.set_pace(GIVING_WAY)

    def full_pace(self) -> None:
        """Nothing is being played any more."""
        self.set_pace(FULL_PACE)

    def set_pace(self, permille: int) -> None:
        """Work ``permille`` thousandths of the time, for processes at work and those to come."""
        with self._lock:
            self._pace = permille
            workers = tuple(self._at_work.values())
        for worker in workers:
            worker.set_pace(permille)


def _stopped(found: FoundFile) -> CopyStopped:
    return CopyStopped(f"The copy was stopped at '{found.name.shown}'. Whole files already taken are kept.")


def _error(failed: Failed) -> IngestError:
    """The error a worker met, as if it had been met here."""
    kind = getattr(errors, failed.kind, None)
    if isinstance(kind, type) and issubclass(kind, IngestError) and kind is not IngestError:
        return kind(failed.text, detail=failed.detail)
    return VaultDamaged(failed.text or "A file could not be taken for a reason nobody named.", detail=failed.detail)
