"""Which part files belong to a running process, who writes to the vault: advisory locks that die with their owner.

On platforms without ``fcntl`` an open file cannot be removed, which serves the first end; the second is not served
there: stop every other program of the workspace before a vault key is changed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl

    def take_ownership(descriptor: int) -> None:
        """Mark an open part as this process's own until it is closed. Raises OSError."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def is_owned(path: Path) -> bool:
        """Whether some process still holds the part; raises FileNotFoundError."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def lock_shared(path: Path) -> int | None:
        """A descriptor that holds ``path`` with others; None while somebody holds it alone. Raises OSError."""
        return _locked(path, fcntl.LOCK_SH)

    def lock_alone(path: Path) -> int | None:
        """A descriptor that holds ``path`` alone, None while anybody else holds it. Raises OSError."""
        return _locked(path, fcntl.LOCK_EX)

    def _locked(path: Path, how: int) -> int | None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

else:

    def take_ownership(descriptor: int) -> None:
        """Nothing to do: an open file is protected by the platform."""

    def is_owned(path: Path) -> bool:
        """Whether some process still holds the part; raises FileNotFoundError."""
        try:
            path.rename(path)
        except PermissionError:
            return True
        return False

    def lock_shared(path: Path) -> int | None:
        """Always given: see the module's first lines."""
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def lock_alone(path: Path) -> int | None:
        """Always given: see the module's first lines."""
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
