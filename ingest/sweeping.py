"""What a start finds in the staging folder: parts nobody owns any more. Those that can be gone on with are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ingest.disk import Disk
from ingest.journal import JOURNAL, worth_keeping
from ingest.locks import is_owned


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed: names of stale parts and the bytes they held; and the parts a copy can go on with."""

    removed: tuple[str, ...]
    bytes_freed: int
    kept: tuple[str, ...]


def sweep(staging: Path, disk: Disk) -> Swept:
    """Remove what a crash left that no running process owns and no copy could go on with; call it on start."""
    removed: list[str] = []
    kept: list[str] = []
    freed = 0
    for path in sorted(staging.iterdir()):
        if path.suffix not in (".part", ".text", ".spool", JOURNAL):
            continue
        try:
            size = path.stat().st_size
            owner = path.with_suffix(".part") if path.suffix == JOURNAL else path
            if owner.exists() and (is_owned(owner) or worth_keeping(path.with_suffix(JOURNAL))):
                kept.extend([path.name] if path.suffix == ".part" and not is_owned(owner) else [])
                continue
            disk.unlink(path)
        except FileNotFoundError:
            continue
        removed.append(path.name)
        freed += size
    return Swept(tuple(removed), freed, tuple(kept))
