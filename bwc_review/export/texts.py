"""Bytes of text files in a bundle: JSON with sorted keys, script data, guarded CSV. UTF-8, LF, no BOM.

What is written is the documents' affair. CSV guard: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from fractions import Fraction

from bwc_review.domain.times import Span
from bwc_review.errors import ExportFailed

_NO_FORM = "A value of type {} cannot stand in a bundle; nothing was exported. Report this to the maintainers."
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_FOR_SCRIPT = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def plain(value: object) -> object:
    """Return ``value`` as JSON types: dataclasses as objects, spans as [start, end], fractions as {num, den}.

    Raises ExportFailed for anything else, floats included: times are integer microseconds.
    """
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Span):
        return [value.start, value.end]
    if isinstance(value, Fraction):
        return {"num": value.numerator, "den": value.denominator}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
        return [plain(item) for item in value]
    raise ExportFailed(_NO_FORM.format(type(value).__name__))


def json_bytes(value: object) -> bytes:
    """Return indented JSON with sorted keys and one final newline. Lone surrogates become U+FFFD."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return text_bytes(f"{text}\n")


def script_bytes(name: str, value: object) -> bytes:
    """Return a script that sets ``window.<name>``, safe to load in any page: no ``<``, no line separators."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text_bytes(f'"use strict";\nwindow.{name} = {text.translate(_FOR_SCRIPT)};\n')


def text_bytes(text: str) -> bytes:
    """Return UTF-8 with LF line ends; what UTF-8 cannot hold becomes U+FFFD instead of stopping an export."""
    whole = text.replace("\r\n", "\n").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.encode("utf-8")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return CSV (RFC 4180 quoting, LF). Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_guarded(cell) for cell in row])
    return text_bytes(out.getvalue())


def utc_date(at: int) -> str:
    """Return the UTC day of ``at`` (microseconds since 1970) as ``2026-01-31``."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).date().isoformat()


def _guarded(cell: object) -> str:
    if cell is None:
        return ""
    text = str(cell).replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(cell, str) and text.lstrip(" ").startswith(_STARTS_A_FORMULA):
        return f"'{text}"
    return text
