"""The printer of docking receipts: both forms under one name that was free, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from bwc_review.errors import ReceiptFailed
from bwc_review.export.names import safe_name
from bwc_review.export.receipt import render_text
from bwc_review.export.receipt_pdf import render_pdf
from bwc_review.ports.receipts import Receipt, RenderedReceipt


class ReceiptFiles:
    """``ports.receipts.ReceiptPrinter`` onto a disk."""

    def render(self, receipt: Receipt) -> Sequence[RenderedReceipt]:
        """A PDF for people and courts, a text for programs and screen readers."""
        name = safe_name(f"receipt_{receipt.docking.id}", longest=60)
        return (
            RenderedReceipt(f"{name}.pdf", render_pdf(receipt)),
            RenderedReceipt(f"{name}.txt", render_text(receipt)),
        )

    def write(self, rendered: Sequence[RenderedReceipt], into: Path) -> Sequence[Path]:
        """Write each file; an earlier print keeps its name. Raises ReceiptFailed and leaves nothing behind."""
        files: list[Path] = []
        try:
            into.mkdir(parents=True, exist_ok=True)
            wanted = [into / one.name for one in rendered]
            for file, one in zip(_free(wanted), rendered, strict=True):
                files.append(file)
                _write(file, one.content)
        except OSError as failed:
            for file in files:
                file.unlink(missing_ok=True)
            raise ReceiptFailed(
                f"The receipt could not be written into {into} ({failed.strerror}). Nothing of it was left there. "
                "Check the disk and the rights, or name another folder with --into."
            ) from failed
        return files


def _free(wanted: Sequence[Path]) -> Sequence[Path]:
    """The same names with one number behind all of them when any is taken."""
    for number in count(1):
        tried = [one if number == 1 else one.with_stem(f"{one.stem}-{number}") for one in wanted]
        if not any(one.exists() or one.is_symlink() for one in tried):
            return tried
    raise ReceiptFailed("No name is free for the receipt. Name another folder with --into.")


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
