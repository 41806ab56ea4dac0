"""CSV from outside as a table, and a table as CSV that opens in a spreadsheet without running anything. RFC 4180.

Hostile: bounded in bytes, rows, columns and cell length; encoding and delimiter are what the bytes say or what a
person names, never a guess that could be wrong in silence. Nothing is trimmed but the blanks around a cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.errors import TableRefused
from ingest.names import shown_text

MAX_BYTES = 64 << 20
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1")
DELIMITERS = (",", ";", "\t", "|")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True, slots=True)
class Line:
    """One row by its column names; ``number`` is the line of the file it begins on, the heading's being 1."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The columns as they are headed, and the rows that hold anything."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(raw: bytes, name: str, *, encoding: str = "", delimiter: str = "") -> Table:
    """The table in ``raw``; ``name`` names the file to a person.

    ``encoding`` is one of ENCODINGS, by default what a byte order mark says, else UTF-8. ``delimiter`` is one of
    DELIMITERS, by default the only one the heading holds. Raises TableRefused with the line where it is known.
    """
    shown = shown_text(name)
    if len(raw) > MAX_BYTES:
        raise TableRefused(f"{shown} has {len(raw)} bytes; a list of at most {MAX_BYTES} is read. Split it.")
    text = _decoded(raw, shown, encoding)
    if "\0" in text:
        raise TableRefused(
            f"{shown} holds NUL characters: it is no text. Name its --encoding, or save it as CSV again."
        )
    if not text.strip():
        raise TableRefused(f"{shown} is empty. Name the file that holds the list.")
    heading = text.split("\n", 1)[0]
    return _parsed(text, shown, delimiter or _delimiter(heading, shown))


def _decoded(raw: bytes, shown: str, encoding: str) -> str:
    if encoding and encoding not in ENCODINGS:
        raise TableRefused(
            f"'{shown_text(encoding)}' is no encoding read here. Choose one of {', '.join(ENCODINGS)}."
        )
    found = next((name for mark, name in _MARKS if raw.startswith(mark)), "")
    try:
        return raw.decode(found or encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise TableRefused(
            f"{shown} is not {found or encoding or 'UTF-8'} (byte {error.start}). Say which it is with --encoding "
            f"({', '.join(ENCODINGS)}); spreadsheets in Western Europe write cp1252."
        ) from error


def _delimiter(heading: str, shown: str) -> str:
    outside = "".join(part for n, part in enumerate(heading.split('"')) if n % 2 == 0)
    found = [one for one in DELIMITERS if one in outside]
    if len(found) > 1:
        names = " ".join(repr(one) for one in found)
        raise TableRefused(f"The heading of {shown} holds {names}. Say which parts its columns with --delimiter.")
    return found[0] if found else ","


def _parsed(text: str, shown: str, delimiter: str) -> Table:
    if delimiter not in DELIMITERS:
        raise TableRefused(f"'{shown_text(delimiter)}' parts no columns here. Choose one of , ; | or a tab.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = _columns(next(reader), shown)
        lines: list[Line] = []
        before = reader.line_num
        for row in reader:
            number, before = before + 1, reader.line_num
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(lines) >= MAX_ROWS:
                raise TableRefused(f"{shown} has more than {MAX_ROWS} rows. Split it.")
            lines.append(Line(number, _cells(columns, cells, number, shown)))
    except csv.Error as error:
        raise TableRefused(
            f"{shown}, line {reader.line_num}: {error}. Mend the quotes or save it as CSV again."
        ) from error
    return Table(columns, tuple(lines))


def _columns(row: Sequence[str], shown: str) -> tuple[str, ...]:
    columns = tuple(one.strip() for one in row)
    if len(columns) > MAX_COLUMNS:
        raise TableRefused(f"{shown} has {len(columns)} columns; at most {MAX_COLUMNS} are read.")
    twice = sorted({one for one in columns if columns.count(one) > 1 and one})
    if twice:
        raise TableRefused(f"{shown} heads two columns '{shown_text(twice[0])}'. Give each column a name of its own.")
    return columns


def _cells(columns: Sequence[str], cells: Sequence[str], number: int, shown: str) -> dict[str, str]:
    if len(cells) > len(columns):
        raise TableRefused(
            f"{shown}, line {number}: {len(cells)} cells under {len(columns)} columns. A text that holds the "
            "delimiter has to stand in quotes."
        )
    long = max((len(cell) for cell in cells), default=0)
    if long > MAX_CELL:
        raise TableRefused(f"{shown}, line {number}: a cell of {long} characters; at most {MAX_CELL} are read.")
    filled = [*cells, *("" for _ in range(len(columns) - len(cells)))]
    return {column: cell for column, cell in zip(columns, filled, strict=True) if column}


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV in UTF-8 with a byte order mark and CRLF, as spreadsheets expect.

    A text cell a spreadsheet would take for a formula gets an apostrophe in front; a number is written as it is.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The text so that no spreadsheet runs it (OWASP, CSV injection); control characters are written out."""
    shown = shown_text(cell) if any(ord(letter) < 32 for letter in cell) else cell
    return f"'{shown}" if cell.lstrip(" \u00a0").startswith(_STARTS_A_FORMULA) else shown
