"""MP4 that goes out as it is made, so that neither footage nor what is made of it ever stands on a disk in the clear.

Fragmented (ISO/IEC 14496-12, 8.8): the index of each piece goes before it, and the header waits until every track
has begun, so that its edit lists are right.
"""

from __future__ import annotations

from typing import BinaryIO

IN_PIECES = "+frag_keyframe+delay_moov+default_base_moof"


class OnlyWritten:
    """A file that can only be written: the muxer must not try to go back."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, data: bytes) -> int:
        """Pass it on. Raises OSError."""
        return self._out.write(data)
