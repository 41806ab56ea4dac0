"""Reading companion files of recordings into flat text fields: JSON, key=value, XML without entities, and the
satellite logs of ``ingest.trails``.

Every byte is hostile: bounded in size, depth and count, and bad input is ``BadSidecar``, never a crash.
What the fields mean is a camera profile's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

from ingest.names import shown_text
from ingest.sidecar_text import MAX_DEPTH, BadSidecar, flat, json_object, text_of
from ingest.trails import axis_trail, nmea, vtt_json

__all__ = ["FORMS", "MAX_SIDECAR_BYTES", "BadSidecar", "read_fields"]

MAX_SIDECAR_BYTES = 1024 * 1024
MAX_FIELDS = 10_000
MAX_VALUE_CHARACTERS = 1000


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


def _json(data: bytes) -> Iterator[tuple[str, str]]:
    yield from flat(json_object(data))


def _key_value(data: bytes) -> Iterator[tuple[str, str]]:
    section = ""
    for line in text_of(data).splitlines():
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


FORMS: Mapping[str, Callable[[bytes], Iterator[tuple[str, str]]]] = {
    "json": _json,
    "key-value": _key_value,
    "xml": _xml,
    "nmea": nmea,
    "vtt-json": vtt_json,
    "axis-gpstrail": axis_trail,
}
