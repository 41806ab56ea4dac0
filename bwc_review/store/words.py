"""Text that a person or a camera wrote, as a column type: what one engine could not keep is refused on both."""

from __future__ import annotations

from sqlalchemy import Dialect, String, Text
from sqlalchemy.types import TypeDecorator

from bwc_review.errors import InputRefused


def storable(text: str) -> str:
    """The text as it is. Raises InputRefused for NUL (PostgreSQL) and for half a surrogate pair (no UTF-8)."""
    if "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise InputRefused(
            f"The text {text[:40]!a} holds a character that cannot be stored (NUL or half a character). "
            "Nothing was kept. Take it out and try again."
        )
    return text


class _Checked(TypeDecorator[str]):
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Check what goes in; what comes out is what went in."""
        return None if value is None else storable(value)


class Words(_Checked):
    """Text of any length."""

    impl = Text
    cache_ok = True


class Line(_Checked):
    """A name or a label."""

    impl = String
    cache_ok = True
