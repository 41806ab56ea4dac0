"""Which part files belong to a running process: an advisory lock that dies with its owner.

On platforms without ``fcntl`` an open file cannot be removed, which serves the same end.
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
