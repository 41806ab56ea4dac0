"""A list or a log that came as a file: read once, bounded, then preserved byte for byte as an exhibit of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bwc_review.errors import InputRefused
from bwc_review.ports.records import Exhibit, Session
from bwc_review.ports.store import Work
from bwc_review.review.desk import Desk, record
from chain_of_custody.digest import Digests
from chain_of_custody.entry import Subject
from ingest.copy import take_file
from ingest.errors import IngestError, SourceChanged
from ingest.listing import FoundFile, FoundKind
from ingest.names import FoundName, shown_text


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it was read: its raw name, its bytes and their SHA-256."""

    path: Path
    name: FoundName
    raw: bytes

    @property
    def sha256(self) -> str:
        """Of the bytes that were read."""
        return hashlib.sha256(self.raw).hexdigest()


def read_document(path: Path, most: int) -> Document:
    """Read a regular file of at most ``most`` bytes. Raises InputRefused."""
    shown = shown_text(str(path))
    if path.is_symlink() or not path.is_file():
        raise InputRefused(f"There is no file {shown} (a link or a folder is not followed). Name the file itself.")
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as refused:
        raise InputRefused(
            f"{shown} cannot be read ({refused.strerror}). Check the rights, then try again."
        ) from refused
    if len(raw) > most:
        raise InputRefused(f"{shown} has more than {most} bytes and was not read. Split it.")
    return Document(path, FoundName(path.name.encode("utf-8", "surrogateescape")), raw)


def preserve(desk: Desk, session: Session, document: Document, act: str) -> Digests:
    """Copy the document into the vault, with an entry before and, should it fail, after. Raises IngestError."""
    subject = Subject("document", document.sha256)
    with desk.store.writing() as work:
        data = {"size": len(document.raw), "sha256": document.sha256}
        texts = {"name": document.name.raw}
        record(desk, work, session, f"{act}_started", subject, data=data, texts=texts)
    try:
        facts = document.path.stat()
        found = FoundFile(document.name, facts.st_size, facts.st_mtime_ns, FoundKind.FILE)
        digests = take_file(document.path.parent, found, desk.vault).digests
        if digests.sha256 != document.sha256:
            raise SourceChanged(f"'{document.name.shown}' changed while it was read. Import it again.")
    except (IngestError, OSError) as failed:
        with desk.store.writing() as work:
            said: Mapping[str, object] = {"error": type(failed).__name__}
            record(desk, work, session, f"{act}_failed", subject, outcome="failed", data=said)
        raise
    return digests


def exhibit_of(desk: Desk, work: Work, document: Document, digests: Digests, kind: str) -> Exhibit:
    """The exhibit these bytes are; a new one where they were never here."""
    known = work.footage.exhibit(digests.sha256)
    if known is not None:
        return known
    exhibit = Exhibit(
        number=work.footage.next_exhibit_number(desk.workstation.upper()),
        sha256=digests.sha256,
        sha512=digests.sha512,
        chunk_root=digests.chunk_root,
        size=digests.size,
        kind=kind,
        name=document.name.shown,
    )
    work.footage.add_exhibit(exhibit)
    return exhibit


def refused(desk: Desk, session: Session, document: Document, act: str, why: str) -> None:
    """Say in the log that a document was refused; its name and the reason are payloads."""
    with desk.store.writing() as work:
        subject = Subject("document", document.sha256)
        texts: dict[str, str | bytes] = {"name": document.name.raw, "reason": why}
        record(desk, work, session, f"{act}_refused", subject, outcome="refused", texts=texts)
