"""The one byte form of JSON in the log: a restriction of RFC 8785 in which sorting and floats cannot differ.

Keys `[a-z0-9_]+`, NFC strings, integers within 2**53-1, no floats, no duplicate keys, bounded depth and size.
Authority: docs/custody-format.md section 2.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import NoReturn

from chain_of_custody.errors import NotCanonical

MAX_INT = 2**53 - 1
MAX_BYTES = 1 << 20
MAX_DEPTH = 16

_KEY = re.compile(r"[a-z0-9_]+")
_INT_DIGITS = 17  # "-9007199254740991"
_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canon(value: Mapping[str, object], *, max_bytes: int = MAX_BYTES) -> bytes:
    """Canonical bytes of a JSON object. Raises NotCanonical with the path of the offending value.

    Custody-format section 2.
    """
    return encode(plain(value), max_bytes=max_bytes)


def encode(plain_value: Mapping[str, object], *, max_bytes: int = MAX_BYTES) -> bytes:
    """Canonical bytes of what `plain` returned, or of what was checked as strictly. Raises NotCanonical.

    Custody-format section 2.
    """
    raw = _ENCODE(plain_value).encode("utf-8")
    if len(raw) > max_bytes:
        raise NotCanonical("too_large", detail=f"{len(raw)} bytes, at most {max_bytes}")
    return raw


def plain(value: Mapping[str, object], *, depth: int = 1) -> dict[str, object]:
    """A deep copy of plain dicts and lists, checked against the profile. Raises NotCanonical.

    `depth`: where the object will lie, 1 at the top.
    Custody-format section 2.
    """
    return _plain_object(value, "", depth)


def parse(raw: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, object]:
    """The object `raw` stands for, provided `canon(parse(raw)) == raw`. Raises NotCanonical.

    Custody-format section 2.
    """
    value = load(raw, max_bytes=max_bytes)
    if canon(value, max_bytes=max_bytes) != raw:
        raise NotCanonical("not_canonical_form")
    return value


def quick(text: str, *, depth: int = 1) -> dict[str, object] | None:
    """The object `text` is the canonical form of, where that is certain at once; None sends the caller to `parse`.

    `depth`: where the object lies, 1 at the top. Duplicate keys need no look: they do not come out again.
    Custody-format section 2.
    """
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError, NotCanonical):
        return None
    if not isinstance(value, dict) or not _within(value, depth) or _ENCODE(value) != text:
        return None
    return value


def load(raw: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, object]:
    """A JSON object that need not be canonical (custody-format section 7, index.json).

    Duplicate keys, floats, oversized integers and oversized input are still refused with NotCanonical.
    """
    if len(raw) > max_bytes:
        raise NotCanonical("too_large", detail=f"{len(raw)} bytes, at most {max_bytes}")
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_no_duplicates,
            parse_int=_bounded_int,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError) as broken:
        raise NotCanonical("not_json", detail=type(broken).__name__) from broken
    if not isinstance(value, dict):
        raise NotCanonical("not_an_object")
    return value


def _within(value: object, depth: int) -> bool:
    """Whether a parsed value keeps the profile; `_plain` says why not."""
    if isinstance(value, str):
        return value.isascii() or unicodedata.is_normalized("NFC", value)
    if isinstance(value, int):
        return -MAX_INT <= value <= MAX_INT
    if isinstance(value, dict):
        named = depth <= MAX_DEPTH and all(_KEY.fullmatch(key) for key in value)
        return named and all(_within(one, depth + 1) for one in value.values())
    if isinstance(value, list):
        return depth <= MAX_DEPTH and all(_within(one, depth + 1) for one in value)
    return value is None


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotCanonical("duplicate_key")
    return found


def _bounded_int(digits: str) -> int:
    if len(digits) > _INT_DIGITS:
        raise NotCanonical("integer_too_large")
    return int(digits)


def _refuse_number(text: str) -> NoReturn:
    raise NotCanonical("float", detail=text[:20])


def _plain(value: object, where: str, depth: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _plain_text(value, where)
    if isinstance(value, int):
        if abs(value) > MAX_INT:
            raise NotCanonical("integer_too_large", where)
        return value
    if isinstance(value, float):
        raise NotCanonical("float", where)
    if depth >= MAX_DEPTH:
        raise NotCanonical("too_deep", where)
    if type(value) is dict or isinstance(value, Mapping):
        return _plain_object(value, where, depth + 1)
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{n}]", depth + 1) for n, item in enumerate(value)]
    raise NotCanonical("not_a_json_type", where, type(value).__name__)


def _plain_object(value: Mapping[str, object], where: str, depth: int) -> dict[str, object]:
    plain: dict[str, object] = {}
    for key, inner in value.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise NotCanonical("key_outside_profile", where, ascii(key)[:80])
        if type(inner) is str and inner.isascii():
            plain[key] = inner  # nearly every value in a log: spared its path
        else:
            plain[key] = _plain(inner, f"{where}.{key}" if where else key, depth)
    return plain


def _plain_text(value: str, where: str) -> str:
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as lone_surrogate:
        raise NotCanonical("not_unicode", where) from lone_surrogate
    if not unicodedata.is_normalized("NFC", value):
        raise NotCanonical("not_nfc", where)
    return value


_DECODER = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)
