"""Timestamps as files of a bundle, so that openssl alone can check them (RFC 3161).

``00000037-NAME.note`` is the signed checkpoint, whose first three lines were stamped, ``.tsq`` the request, ``.tsr``
the answer, ``.pem`` the authority's certificate and its chain, which prove nothing unless obtained elsewhere too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bwc_review.export.names import TakenNames
from bwc_review.ports.timestamps import Timestamp


def write_timestamps(folder: Path, timestamps: Sequence[Timestamp], checkpoints: Sequence[bytes]) -> None:
    """Write four files for each timestamp; no folder when there is none.

    A stamped text that no checkpoint holds is written bare: it is evidence against the log and must not be left out.
    """
    taken = TakenNames()
    for one in timestamps:
        folder.mkdir(exist_ok=True)
        stem = taken.free("", f"{one.size:08d}-{one.authority}")
        signed = (note for note in checkpoints if note.startswith(one.body + b"\n"))
        (folder / f"{stem}.note").write_bytes(next(signed, one.body))
        (folder / f"{stem}.tsq").write_bytes(one.request)
        (folder / f"{stem}.tsr").write_bytes(one.response)
        (folder / f"{stem}.pem").write_bytes(one.certificates)
