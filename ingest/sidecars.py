"""Reading companion files of recordings into flat text fields: JSON, key=value, XML without entities, NMEA.

Every byte is hostile: bounded in size, depth and count, and bad input is ``BadSidecar``, never a crash.
What the fields mean is a camera profile's business.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import xor
from typing import Any
from xml.parsers import expat

from ingest.names import shown_text

MAX_SIDECAR_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_FIELDS = 10_000
MAX_VALUE_CHARACTERS = 1000


class BadSidecar(ValueError):
    """The companion is not what its profile says it is; the message says why, for a note."""


def read_fields(data: bytes, form: str) -> Mapping[str, str]:
    """Flat fields of a companion: dotted lower-case path to shown text. Raises BadSidecar.

    ``form`` is one of ``FORMS``. Of a repeated path the first value counts, so that
    nothing appended to a file can change what it says.
    """
    if len(data) > MAX_SIDECAR_BYTES:
        raise BadSidecar(f"larger than {MAX_SIDECAR_BYTES} bytes")
    fields: dict[str, str] = {}
    for path, value in FORMS[form](data):
        if len(fields) >= MAX_FIELDS:
            raise BadSidecar(f"more than {MAX_FIELDS} fields")
        fields.setdefault(path.lower(), shown_text(value.strip()[:MAX_VALUE_CHARACTERS]))
    return fields


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSidecar("not UTF-8 text") from error


def _json(data: bytes) -> Iterator[tuple[str, str]]:
    try:
        parsed = json.loads(_text(data), object_pairs_hook=_first_wins, parse_constant=_no_constant)
    except RecursionError as error:
        raise BadSidecar(f"nested more than {MAX_DEPTH} deep") from error
    except BadSidecar:
        raise
    except ValueError as error:
        raise BadSidecar("not JSON") from error
    if not isinstance(parsed, dict):
        raise BadSidecar("not a JSON object")
    yield from _flat("", parsed, 0)


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _no_constant(name: str) -> None:
    raise BadSidecar(f"{name} is not JSON")


def _flat(path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > MAX_DEPTH:
        raise BadSidecar(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}" if path else key, inner, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(f"{path}.{number}", inner, depth + 1)
    elif value is not None:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _key_value(data: bytes) -> Iterator[tuple[str, str]]:
    section = ""
    for line in _text(data).splitlines():
        line = line.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip() + "."
            continue
        key, separator, value = line.partition("=")
        if not separator:
            raise BadSidecar("a line without '='")
        yield section + key.strip(), value


def _xml(data: bytes) -> Iterator[tuple[str, str]]:
    reader = _XmlReader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadSidecar("not well-formed XML") from error
    yield from reader.fields


class _XmlReader:
    """Collects texts and attributes by dotted path; a document type, hence any entity, is refused."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, str]] = []
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise BadSidecar("XML with a document type is not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._texts.append([])
        if len(self._path) > MAX_DEPTH or len(self.fields) > MAX_FIELDS:
            raise BadSidecar("more or deeper elements than a companion has")
        here = ".".join(self._path)
        self.fields += [(f"{here}.{key}", value) for key, value in attributes.items()]

    def _characters(self, text: str) -> None:
        self._texts[-1].append(text)

    def _end(self, name: str) -> None:
        text = "".join(self._texts.pop()).strip()
        if text:
            self.fields.append((".".join(self._path), text))
        self._path.pop()


def _nmea(data: bytes) -> Iterator[tuple[str, str]]:
    """``first_fix`` of an NMEA 0183 log: ``ddmmyy hhmmss.ss`` of its first valid RMC sentence."""
    for line in data.splitlines():
        body, star, check = line.strip().removeprefix(b"$").partition(b"*")
        if not star or check.upper() != b"%02X" % reduce(xor, body, 0):
            continue
        words = body.decode("ascii", "replace").split(",")
        if words[0][2:] == "RMC" and len(words) > 9 and words[2] == "A":
            yield "first_fix", f"{words[9]} {words[1]}"
            return


FORMS: Mapping[str, Callable[[bytes], Iterator[tuple[str, str]]]] = {
    "json": _json,
    "key-value": _key_value,
    "xml": _xml,
    "nmea": _nmea,
}
