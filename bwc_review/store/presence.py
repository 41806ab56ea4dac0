"""Signs of life as locked files: the operating system drops the lock when the process ends, however it ends."""

from __future__ import annotations

import os
from pathlib import Path

from ingest.locks import is_owned, take_ownership


class LockFiles:
    """``ports.presence.Presence`` in a folder of one small file a session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def _path(self, session: str) -> Path:
        return self._folder / f"{session}.lock"

    def hold(self, session: str) -> None:
        """Lock the session's file until release or the end of the process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path(session), os.O_RDWR | os.O_CREAT, 0o600)
        take_ownership(descriptor)
        self._held[session] = descriptor

    def release(self, session: str) -> None:
        """Let go and remove the file."""
        descriptor = self._held.pop(session, None)
        if descriptor is not None:
            os.close(descriptor)
            self._path(session).unlink(missing_ok=True)

    def alive(self, session: str) -> bool:
        """Whether this or another running process holds the session's file."""
        if session in self._held:
            return True
        try:
            return is_owned(self._path(session))
        except FileNotFoundError:
            return False
