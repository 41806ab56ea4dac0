"""What was witnessed, as files outside the database: one folder in the workspace, and others the settings name.

``<log>.note`` is the largest witnessed checkpoint with its cosignatures (C2SP signed note).
``<log>-<digest>.against`` is a witness's contradiction with its evidence, ``.settled`` once somebody answered for it.
``<log>``: the first 32 hex digits of SHA-256 over the log's origin, so that several workstations can share a place.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bwc_review.errors import MemoryDamaged
from bwc_review.ports.witnesses import Contradicted, Contradiction
from chain_of_custody.canonical import canon, parse
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.cosignatures import with_lines
from chain_of_custody.errors import CustodyError, StateDamaged
from chain_of_custody.fields import Fields
from chain_of_custody.files import read_bounded
from chain_of_custody.note import MAX_NOTE_BYTES, Note
from chain_of_custody.vkey import decode, encode
from ingest.files import write_whole

_KEYS = frozenset({"v", "witness", "kind", "size", "seen", "at", "request", "answer"})
MAX_AGAINST_BYTES = 512 << 10


class FileMemory:
    """``ports.witnesses.WitnessMemory`` for the log ``origin``. The first of ``places`` must be writable."""

    def __init__(self, origin: str, places: Sequence[Path]) -> None:
        self._origin = origin
        self._places = tuple(places)
        self._stem = hashlib.sha256(origin.encode()).hexdigest()[:32]
        self._files = tuple(place / f"{self._stem}.note" for place in self._places)
        self._read: dict[Path, tuple[tuple[int, int], bytes]] = {}

    def notes(self) -> Sequence[bytes]:
        """The note of each place that holds one; read again only when the file changed. Raises MemoryDamaged."""
        return [note for file in self._files if (note := self._note(file))]

    def _note(self, file: Path) -> bytes:
        """The note in a file, empty where there is none."""
        try:
            seen = file.stat()
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except OSError as broken:
            raise _damaged(file, broken.strerror or "") from broken
        mark = (seen.st_mtime_ns, seen.st_size)
        if file in self._read and self._read[file][0] == mark:
            return self._read[file][1]
        try:
            note = read_bounded(file, MAX_NOTE_BYTES)
            origin = Checkpoint.parse(note).origin
        except (CustodyError, OSError) as broken:
            raise _damaged(file, str(broken)) from broken
        if origin != self._origin:
            raise _damaged(file, f"it is about the log {origin}")
        self._read[file] = (mark, note)
        return note

    def remember(self, note: bytes) -> None:
        """Keep a witnessed checkpoint in every place that can be reached, unless a larger one is kept there."""
        for place in self._open_places():
            file = place / f"{self._stem}.note"
            if merged := _larger(self._note(file), note):
                self._write(file, merged)

    def away(self) -> Sequence[str]:
        """The further places of the settings that cannot be reached now."""
        return [str(place) for place in self._places[1:] if not place.is_dir()]

    def contradictions(self) -> Sequence[Contradiction]:
        """Every contradiction that is not settled, each once. Raises MemoryDamaged."""
        return list(dict.fromkeys(_contradiction(file) for file in self._against()))

    def contradict(self, found: Contradiction) -> None:
        """Keep a contradiction with its evidence in every place that can be reached. Raises MemoryDamaged."""
        values = {"v": 1, **{name: getattr(found, name) for name in ("witness", "size", "seen", "at")}}
        texts = {"kind": found.kind.value, "request": encode(found.request), "answer": encode(found.answer)}
        content = canon({**values, **texts})
        digest = hashlib.sha256(content).hexdigest()[:16]
        for place in self._open_places():
            self._write(place / f"{self._stem}-{digest}.against", content)

    def settle(self) -> None:
        """Put every contradiction aside; their files stay under another name. Raises MemoryDamaged."""
        for file in list(self._against()):
            try:
                file.replace(file.with_suffix(".settled"))
            except OSError as broken:
                raise _damaged(file, broken.strerror or "") from broken

    def _against(self) -> Iterator[Path]:
        for place in self._places:
            try:
                with os.scandir(place) as found:  # looked at on every act: quicker than a pattern
                    names = [one.name for one in found]
            except (FileNotFoundError, NotADirectoryError):
                continue
            mine = (name for name in names if name.startswith(self._stem) and name.endswith(".against"))
            yield from (place / name for name in sorted(mine))

    def _open_places(self) -> Iterator[Path]:
        """The workspace's own folder, made when it is not there, and the further places that are there."""
        first, *further = self._places
        try:
            first.mkdir(parents=True, exist_ok=True)
        except OSError as broken:
            raise _damaged(first, broken.strerror or "") from broken
        yield first
        yield from (place for place in further if place.is_dir())

    def _write(self, file: Path, content: bytes) -> None:
        try:
            write_whole(file, content)
        except OSError as broken:
            raise _damaged(file, broken.strerror or "") from broken


def _larger(kept: bytes, new: bytes) -> bytes:
    """What should be kept of two notes; empty where nothing has to be written."""
    if not kept:
        return new
    known, offered = Note.parse(kept), Note.parse(new)
    if known.text == offered.text:
        signers = {(one.name, one.key_id) for one in known.signatures}  # asked twice, a witness gives another time
        further = [one for one in offered.signatures if (one.name, one.key_id) not in signers]
        return with_lines(kept, further) if further else b""
    return new if Checkpoint.parse(new).size > Checkpoint.parse(kept).size else b""


def _contradiction(file: Path) -> Contradiction:
    try:
        got = Fields(parse(read_bounded(file, MAX_AGAINST_BYTES)), _KEYS, StateDamaged, file.name)
        numbers = (got.integer("size"), got.integer("seen"), got.integer("at"))
        evidence = (decode(got.text("request")), decode(got.text("answer")))
        return Contradiction(got.text("witness"), Contradicted(got.text("kind")), *numbers, *evidence)
    except (CustodyError, OSError, ValueError) as broken:
        raise _damaged(file, str(broken)) from broken


def _damaged(file: Path, why: str) -> MemoryDamaged:
    return MemoryDamaged(
        f"What witnesses saw of this log is remembered in {file}, which cannot be used ({why}). Nothing is added to "
        "the log until it can: restore the file from a backup, or from the witness's own copy of the checkpoint."
    )
