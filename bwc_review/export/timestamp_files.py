"""Timestamps as files of a bundle, so that openssl alone can check them (RFC 3161).

``00000037-NAME.txt`` is the checkpoint's text that was stamped, ``.tsq`` the request, ``.tsr`` the answer, ``.pem``
the authority's certificate and its chain, which prove nothing unless they were obtained elsewhere too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bwc_review.export.names import TakenNames
from bwc_review.ports.timestamps import Timestamp


def write_timestamps(folder: Path, timestamps: Sequence[Timestamp]) -> None:
    """Write four files for each timestamp; no folder when there is none."""
    taken = TakenNames()
    for one in timestamps:
        folder.mkdir(exist_ok=True)
        stem = taken.free("", f"{one.size:08d}-{one.authority}")
        (folder / f"{stem}.txt").write_bytes(one.body)
        (folder / f"{stem}.tsq").write_bytes(one.request)
        (folder / f"{stem}.tsr").write_bytes(one.response)
        (folder / f"{stem}.pem").write_bytes(one.certificates)
