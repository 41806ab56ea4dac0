"""Globs and regular expressions of camera profiles, bounded and matched without regard to case; pure.

Globs are POSIX-relative: ``*`` and ``?`` stay inside one part, ``**`` spans parts, ``[...]`` is a set.
Both are matched in full against ``FoundName.shown``. What an expression may be: ``ingest.safe_regex``.
"""

from __future__ import annotations

import re

from ingest.errors import ProfileRefused
from ingest.names import FoundName
from ingest.safe_regex import MAX_CHARACTERS, MAX_MATCHED_CHARACTERS, UnsafeRegex, check

Pattern = re.Pattern[str]
_PIECES = re.compile(r"(\*|\?|\[[^\]/]+\])")


def from_glob(glob: str) -> Pattern:
    """The pattern of a glob; a leading or inner ``**/`` also stands for no folder at all. Raises ProfileRefused.

    Of several stars all but the last are given the first place that fits and never another (the rest of the
    glob decides nothing about them), which keeps matching from growing with a power of the name's length.
    """
    if not glob or len(glob) > MAX_CHARACTERS or glob.startswith("/") or "//" in glob:
        raise ProfileRefused(
            f"The glob '{glob[:80]}' of a camera profile is empty, longer than {MAX_CHARACTERS} characters, or no "
            "path relative to the card. Correct it in the profile's file.",
            detail="must be a path relative to the card, such as DCIM/*/*.mp4",
        )
    runs: list[list[str]] = [[]]
    parts = glob.split("/")
    for part in parts:
        if part == "**":
            runs.append([])
        else:
            runs[-1].append(_part(part, glob))
    return _compile(_joined(runs, ends_open=parts[-1] == "**"), glob, re.IGNORECASE)


def from_regex(expression: str) -> Pattern:
    """The pattern of a regular expression; raises ProfileRefused when it is none that a profile may use."""
    try:
        check(expression)
    except UnsafeRegex as error:
        raise ProfileRefused(
            f"The expression '{expression[:200]}' cannot be used: {error}. Correct it in the profile's file.",
            detail=f"this expression is refused: {error}",
        ) from error
    return _compile(expression, expression, re.IGNORECASE | re.ASCII)


def match(pattern: Pattern, name: FoundName) -> re.Match[str] | None:
    """The match of the whole shown name; names longer than MAX_MATCHED_CHARACTERS match nothing."""
    if len(name.shown) > MAX_MATCHED_CHARACTERS:
        return None
    return pattern.fullmatch(name.shown)


def _joined(runs: list[list[str]], *, ends_open: bool) -> str:
    """Runs of parts with any number of folders between them; only the last run is looked for to the end."""
    bodies = ["/".join(run) for run in runs]
    written = bodies[0]
    if len(runs) == 1:
        return written
    written += "/" if written else ""
    last = len(bodies) - 1
    for number, body in enumerate(bodies[1:], start=1):
        if number == last:
            return written + (r"(?s:.*)" if ends_open or not body else rf"(?:[^/]+/)*{body}")
        if body:
            written += rf"(?>(?:[^/]+/)*?{body}/)"
    return written


def _part(part: str, glob: str) -> str:
    """One part of a path: a star but the last takes the first place where the text up to the next star fits."""
    if "**" in part:
        why = "has '**' beside other characters; it stands alone between slashes"
        raise ProfileRefused(f"The glob '{glob}' of a camera profile {why}.", detail=why)
    chunks = [_fixed(chunk) for chunk in part.split("*")]
    if len(chunks) == 1:
        return chunks[0]
    between = "".join(f"(?>[^/]*?{chunk})" for chunk in chunks[1:-1] if chunk)
    return f"{chunks[0]}{between}[^/]*{chunks[-1]}"


def _fixed(chunk: str) -> str:
    return "".join(_piece(piece) for piece in _PIECES.split(chunk) if piece)


def _piece(piece: str) -> str:
    if piece == "?":
        return "[^/]"
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 2:
        inside = re.sub(r"([\\\[&~|])", r"\\\1", piece[1:-1])
        return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside.replace('^', chr(92) + '^')}]"
    return re.escape(piece)


def _compile(expression: str, written: str, flags: re.RegexFlag) -> Pattern:
    try:
        return re.compile(expression, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ProfileRefused(
            f"The pattern '{written}' of a camera profile cannot be read ({error}). Correct it in the file.",
            detail=f"cannot be read: {error}",
        ) from error
