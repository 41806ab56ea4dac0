"""Typed reading of parsed JSON objects: every key expected, every type checked, every refusal named.

What a field means is said by its format's own module. Authority: docs/custody-format.md section 2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chain_of_custody.errors import CustodyError

HEX32 = re.compile(r"[0-9a-f]{64}")


class Fields:
    """One JSON object with exactly the given keys. Raises `refusal` for reasons `keys` and `type_of_<key>`.

    Custody-format section 2.
    """

    __slots__ = ("_refusal", "_value", "_where")

    def __init__(self, value: object, keys: frozenset[str], refusal: type[CustodyError], where: str = "") -> None:
        if not isinstance(value, Mapping):
            raise refusal("not_an_object", where)
        if frozenset(value) != keys:
            odd = sorted(ascii(key)[:40] for key in frozenset(value) ^ keys)
            raise refusal("keys", where, ", ".join(odd[:5]))
        self._value, self._refusal, self._where = value, refusal, where

    def _typed(self, key: str, ok: bool) -> None:
        if not ok:
            raise self._refusal(f"type_of_{key}", self._where)

    def text(self, key: str) -> str:
        value = self._value[key]
        self._typed(key, isinstance(value, str))
        return str(value)

    def integer(self, key: str) -> int:
        value = self._value[key]
        self._typed(key, isinstance(value, int) and not isinstance(value, bool))
        return int(value)

    def integer_or_none(self, key: str) -> int | None:
        return None if self._value[key] is None else self.integer(key)

    def mapping(self, key: str) -> Mapping[str, object]:
        value = self._value[key]
        self._typed(key, isinstance(value, Mapping))
        found: Mapping[str, object] = value
        return found

    def hexadecimal(self, key: str) -> bytes:
        value = self.text(key)
        self._typed(key, re.fullmatch(r"(?:[0-9a-f]{2})*", value) is not None)
        return bytes.fromhex(value)
