"""Receipts made by hand, with a real signed checkpoint, and what a reader sees of their PDF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pypdfium2

from bwc_review.domain.ids import ExhibitNo
from bwc_review.ports.receipts import Attestation, Receipt
from bwc_review.ports.records import Acquisition, Docking, Outcome
from chain_of_custody.checkpoint import Checkpoint
from chain_of_custody.keys import LogKey, generate_log_key

AT = 1_773_500_000_000_000
KEY = generate_log_key("police.example/bwc/ws1", entropy=lambda size: bytes(range(size)))


def met(
    number: int, name: str, reason: str = "a recording by its name", outcome: Outcome = Outcome.TAKEN
) -> Acquisition:
    """One file of a card."""
    kept = outcome in (Outcome.TAKEN, Outcome.DUPLICATE)
    digest = f"{number:064x}" if kept else None
    exhibit = ExhibitNo(f"WS1-{number:04d}") if kept else None
    return Acquisition(f"a{number}", "d1", name, number * 1_000_003, outcome, reason, digest, exhibit)


def make_receipt(
    acquisitions: Sequence[Acquisition], *, label: str = "KESTREL", state: str = "done", key: LogKey = KEY
) -> Receipt:
    """A receipt over a log of 40 entries."""
    checkpoint = Checkpoint(key.name, 40, bytes(range(32)))
    docking = Docking("5f0c6c1e-docking", label, "kestrel-kb2", "ab" * 32, state, AT, "s1")
    return Receipt(
        docking=docking,
        acquisitions=acquisitions,
        attested=Attestation("clerk-1", "evidence_clerk", "none", "", 3, 39, AT + 90_000_000),
        checkpoint=checkpoint,
        note=checkpoint.sign(key),
        vkey=key.vkey.format(),
        workstation="ws1",
        app="bwc_review/test",
        printed_at=AT + 100_000_000,
        printed_by="clerk-1",
    )


def pages_of(pdf: bytes) -> list[str]:
    """The text a search finds, page by page, with line breaks taken out."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", " ") for page in document]
    finally:
        document.close()


def squeezed(pages: Sequence[str]) -> str:
    """All text without white space: how lines were broken does not matter."""
    return "".join("".join(pages).split())


def code_on(pdf: bytes) -> str:
    """What a scanner reads on the first page. The scanner is OpenCV's; it is given a few sizes, as a hand would."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for scale in (2, 3, 4, 6):
            picture = np.ascontiguousarray(document[0].render(scale=scale).to_numpy())
            for scanner in (cv2.QRCodeDetectorAruco(), cv2.QRCodeDetector()):
                text, corners, _ = scanner.detectAndDecode(picture)
                if corners is not None and text:
                    return str(text)
    finally:
        document.close()
    return ""


def write(file: Path, content: bytes) -> Path:
    """A file with this content."""
    file.write_bytes(content)
    return file
