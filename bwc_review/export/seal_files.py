"""What may be added to the seal of a finished bundle, because it proves itself: witnesses' cosignatures.

docs/custody-format.md section 9. Nothing else of a finished bundle is ever touched.
"""

from __future__ import annotations

import os
from pathlib import Path

from bwc_review.errors import ExportFailed
from chain_of_custody.cosignatures import parse_lines
from chain_of_custody.errors import CustodyError
from chain_of_custody.files import read_bounded
from chain_of_custody.note import MAX_NOTE_BYTES
from chain_of_custody.seal import SEAL_CHECKPOINT, SEAL_COSIGNATURES


def seal_checkpoint(bundle: Path) -> bytes:
    """The checkpoint in a finished bundle's seal. Raises ExportFailed where there is none."""
    try:
        return read_bounded(bundle / "seal" / SEAL_CHECKPOINT, MAX_NOTE_BYTES)
    except (CustodyError, OSError) as missing:
        raise ExportFailed(
            f"There is no sealed bundle in {bundle}. Name the folder that holds bagit.txt.", detail=str(missing)
        ) from missing


def add_cosignatures(bundle: Path, lines: bytes) -> int:
    """Add signature lines to ``seal/cosignatures``; how many it did not have yet. Raises ExportFailed."""
    file = bundle / "seal" / SEAL_COSIGNATURES
    try:
        kept = read_bounded(file, MAX_NOTE_BYTES) if file.exists() else b""
        known = parse_lines(kept) if kept else ()
        offered = parse_lines(lines) if lines else ()
        signers = {(one.name, one.key_id) for one in known}
        new = [one for one in offered if (one.name, one.key_id) not in signers]
        if new:
            _write(file, kept + b"".join(one.format().encode() for one in new))
        return len(new)
    except (CustodyError, OSError) as refused:
        raise ExportFailed(
            f"The cosignatures could not be added to the seal of {bundle} ({refused}). The bundle is as it was.",
            detail=str(refused),
        ) from refused


def _write(file: Path, content: bytes) -> None:
    """Whole or as before; nothing else may lie in ``seal/``, so the part is made beside the bundle."""
    part = file.parent.parent.parent / f".{file.parent.parent.name}.{file.name}.part"
    with part.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
