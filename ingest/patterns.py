"""Globs and regular expressions of camera profiles, bounded and matched without regard to case; pure.

Globs are POSIX-relative: ``*`` and ``?`` stay inside one part, ``**`` spans parts, ``[...]`` is a set.
Both are matched in full against ``FoundName.shown``.
"""

from __future__ import annotations

import re

from ingest.errors import ProfileRefused
from ingest.names import FoundName

MAX_MATCHED_CHARACTERS = 512

Pattern = re.Pattern[str]


def from_glob(glob: str) -> Pattern:
    """The pattern of a glob; a leading or inner ``**/`` also stands for no folder at all."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\])", glob)
    return _compile("".join(_piece(piece) for piece in pieces), glob)


def from_regex(expression: str) -> Pattern:
    """The pattern of a regular expression; raises ProfileRefused when it is not one."""
    return _compile(expression, expression)


def match(pattern: Pattern, name: FoundName) -> re.Match[str] | None:
    """The match of the whole shown name; names longer than MAX_MATCHED_CHARACTERS match nothing."""
    if len(name.shown) > MAX_MATCHED_CHARACTERS:
        return None
    return pattern.fullmatch(name.shown)


def _piece(piece: str) -> str:
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if piece in fixed:
        return fixed[piece]
    if piece.startswith("[") and piece.endswith("]"):
        inside = piece[1:-1].replace("\\", r"\\")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(piece)


def _compile(expression: str, written: str) -> Pattern:
    try:
        return re.compile(expression, re.IGNORECASE)
    except re.error as error:
        raise ProfileRefused(
            f"The pattern '{written}' of a camera profile cannot be read ({error}). Correct it in the profile's file."
        ) from error
