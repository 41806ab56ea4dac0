"""A witness's memory in a folder: the largest tree it cosigned of each log, every note, every refused request.

`lock`, `logs.vkey`, `logs/<digest of origin>/` with `latest.json` and `<size>.note`, `refused/`. Compare and set are
under one lock; a file is whole or absent (written aside, fsync, rename). docs/custody-format.md section 14.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chain_of_custody.canonical import canon, parse
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.errors import CustodyError, StateDamaged
from chain_of_custody.fields import Fields
from chain_of_custody.files import read_bounded
from chain_of_custody.merkle import EMPTY_ROOT
from chain_of_custody.note import MAX_NOTE_BYTES
from chain_of_custody.source import split_vkeys
from chain_of_custody.vkey import COSIGNATURE, VerifierKey, decode, encode, parse_vkeys

if sys.platform == "win32":  # pragma: no cover - one of the two runs on any machine
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)


MAX_LOGS_BYTES = 1 << 20
MAX_UNSIGNED = 1000
"""Requests that no known log signed are kept up to this many: anybody can send them."""

_LATEST_KEYS = frozenset({"v", "origin", "size", "root", "note"})


@dataclass(frozen=True, slots=True)
class Latest:
    """The largest tree cosigned of a log; size 0 and the empty root where there was none.

    Custody-format section 14.
    """

    size: int = 0
    root: bytes = EMPTY_ROOT


class WitnessState:
    """The state folder. Raises StateDamaged where it cannot be read: a witness without memory must not cosign.

    Custody-format section 14.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else compares or sets in here, neither thread nor process. The lock dies with its process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._threads, (self._folder / "lock").open("ab") as file:
            _lock(file)
            yield

    def log_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of every log this witness looks after."""
        file = self._folder / "logs.vkey"
        if not file.exists():
            return ()
        return parse_vkeys(split_vkeys(read_bounded(file, MAX_LOGS_BYTES)))

    def trust(self, key: VerifierKey) -> None:
        """Look after the log of that key from now on; further keys of one origin may be added after a rotation."""
        if key.alg == COSIGNATURE:
            raise StateDamaged("not_a_log_key", key.name)
        with self.locked():
            known = dict.fromkeys((*self.log_keys(), key))
            _write_whole(self._folder / "logs.vkey", "".join(f"{one.format()}\n" for one in known).encode())

    def latest(self, origin: str) -> Latest:
        """What was last cosigned of that log; where only the notes are left, the largest of them."""
        file = self._of(origin) / "latest.json"
        if not file.exists():
            known = self.history(origin)
            return Latest(known[-1].size, known[-1].root) if known else Latest()
        try:
            got = Fields(parse(read_bounded(file, MAX_NOTE_BYTES * 2)), _LATEST_KEYS, StateDamaged, file.name)
            found = Latest(got.integer("size"), got.hexadecimal("root"))
            kept = Checkpoint.parse(decode(got.text("note")))
        except (CustodyError, OSError) as broken:
            raise StateDamaged("latest", file.name, str(broken)) from broken
        said = (got.text("origin"), kept.origin, found.size, found.root)
        if said != (origin, origin, kept.size, kept.root):
            raise StateDamaged("latest_contradicts_its_note", file.name)
        return found

    def remember(self, checkpoint: Checkpoint, note: bytes) -> None:
        """Set what was last cosigned. Only under `locked`, and before anybody is answered."""
        folder = self._of(checkpoint.origin)
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / f"{checkpoint.size:016d}.note"
        if not kept.exists():
            _write_whole(kept, note)
        latest = {
            "v": 1,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "note": encode(note),
        }
        _write_whole(folder / "latest.json", canon(latest, max_bytes=MAX_NOTE_BYTES * 2))

    def history(self, origin: str) -> tuple[Checkpoint, ...]:
        """Every checkpoint ever cosigned of that log, by size."""
        try:
            files = sorted(self._of(origin).glob("*.note"))
            return tuple(Checkpoint.parse(read_bounded(file, MAX_NOTE_BYTES)) for file in files)
        except (CustodyError, OSError) as broken:
            raise StateDamaged("history", origin, str(broken)) from broken

    def keep_refused(self, request: bytes, why: dict[str, object], *, signed: bool) -> None:
        """Keep a refused request and the reason; `signed`: by a key of a known log, which makes it evidence."""
        folder = self._folder / "refused" / ("signed" if signed else "unsigned")
        folder.mkdir(parents=True, exist_ok=True)
        if not signed and sum(1 for _ in folder.glob("*.request")) >= MAX_UNSIGNED:
            return
        name = hashlib.sha256(request).hexdigest()
        _write_whole(folder / f"{name}.request", request)
        _write_whole(folder / f"{name}.json", canon(why))

    def _of(self, origin: str) -> Path:
        return self._folder / "logs" / hashlib.sha256(origin.encode()).hexdigest()


def _write_whole(file: Path, content: bytes) -> None:
    """The file with that content, or as it was, whatever happens in between."""
    aside = file.with_name(file.name + ".part")
    with aside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(file)
    with suppress(PermissionError):  # Windows opens no folders, and needs it not
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
