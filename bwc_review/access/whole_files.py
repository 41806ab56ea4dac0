"""Files of a workspace that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ingest.files import sync_folder

PRIVATE = 0o600


def write_whole(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Write aside, fsync, rename over ``file``, fsync the folder. Raises OSError."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)
    sync_folder(file.parent)
