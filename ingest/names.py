"""Names as found on a source: raw bytes for opening and recording, safe text for showing.

A name is hostile until shown through ``FoundName.shown``. Nothing here touches a file system.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field

from ingest.errors import SourceUnreadable

MAX_NAME_BYTES = 4096
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown_text(text: str) -> str:
    """``text`` in NFC with everything invisible, reordering or unencodable written as ``\\u{hex}``."""
    return "".join(
        _escape(c) if unicodedata.category(c) in _ESCAPED_CATEGORIES else c
        for c in unicodedata.normalize("NFC", text)
    )


def _escape(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


@dataclass(frozen=True, slots=True, order=True)
class FoundName:
    """A path relative to the root of a source, ``/`` between its parts, as the raw bytes found there.

    ``shown`` is for people, for patterns and never for opening; a backslash is escaped in it too, so that no
    name looks like another one's escape. Raises SourceUnreadable for a name that
    is absolute, empty, longer than MAX_NAME_BYTES, or has an empty, ``.`` or ``..`` part.
    """

    raw: bytes
    shown: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        text = self.raw.decode("utf-8", "surrogateescape")
        shown = _escape("\\").join(shown_text(piece) for piece in text.split("\\"))
        object.__setattr__(self, "shown", shown)
        if _leads_outside(self.raw):
            short = shown if len(shown) <= 200 else shown[:200] + "..."
            raise SourceUnreadable(
                f"The name '{short}' does not stay inside the source, so it was not opened. "
                "Keep the card as it is and tell whoever maintains the camera."
            )

    @property
    def parts(self) -> tuple[bytes, ...]:
        """The folder names and, last, the file name."""
        return tuple(self.raw.split(b"/"))

    def child(self, part: bytes) -> FoundName:
        """The name of ``part`` inside the folder this names."""
        return FoundName(self.raw + b"/" + part)


def _leads_outside(raw: bytes) -> bool:
    if not 0 < len(raw) <= MAX_NAME_BYTES or b"\0" in raw:
        return True
    if os.sep == "\\" and (b"\\" in raw or b":" in raw):
        return True
    return any(part in (b"", b".", b"..") for part in raw.split(b"/"))
