"""CSV from outside, and CSV that leaves: bounded, never guessed at in silence, never run by a spreadsheet."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ingest.tables as tables
from ingest.errors import TableRefused
from ingest.tables import harmless, read_table, write_table

ROWS = [{"id": "1", "who": "Zoë; x"}, {"id": "2", "who": ""}]


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ('id,who\n1,"Zoë; x"\n2,\n'.encode(), ""),
        ('id,who\r\n1,"Zoë; x"\r\n\r\n2\r\n'.encode("utf-8-sig"), ""),
        ('id;who\n1;"Zoë; x"\n2;\n'.encode("cp1252"), "cp1252"),
        ("id\twho\n1\tZoë; x\n2\t\n".encode("utf-16"), ""),
        (" id | who \n 1 | Zoë; x \n 2 | \n".encode(), ""),
    ],
)
def test_encodings_delimiters_and_line_ends_are_read_as_they_are(raw: bytes, encoding: str) -> None:
    table = read_table(raw, "x.csv", encoding=encoding)
    assert table.columns == ("id", "who")
    assert [dict(line.cells) for line in table.lines] == ROWS


def test_a_row_keeps_the_line_of_the_file_it_begins_on() -> None:
    table = read_table(b'id,who\n1,"two\nlines"\n\n2,x\n', "x.csv")
    assert [line.number for line in table.lines] == [2, 5]


@pytest.mark.parametrize(
    ("raw", "more", "words"),
    [
        (b"", {}, "empty"),
        (b" \n \n", {}, "empty"),
        (b"id,who\n1,Zo\xeb\n", {}, "--encoding"),
        (b"id\0,who\n", {}, "NUL"),
        (b"id;who,x\n", {}, "--delimiter"),
        (b"id,id\n1,2\n", {}, "two columns"),
        (b"id,who\n1,2,3\n", {}, "line 2: 3 cells"),
        (b'id,who\n1,"x\n', {}, "line 2"),
        (b'id,who\n1,"x"y\n', {}, "line 2"),
        (b"id,who\n1," + b"x" * 10_001, {}, "10001 characters"),
        (b",".join(b"c%d" % n for n in range(201)) + b"\n", {}, "201 columns"),
        (b"id,who\n", {"encoding": "utf-7"}, "no encoding"),
        (b"id,who\n", {"delimiter": "#"}, "parts no columns"),
        ("id,who\n".encode("utf-16-le"), {}, "NUL"),
    ],
)
def test_what_is_no_such_table_is_refused_with_its_line_and_what_to_do(
    raw: bytes, more: dict[str, str], words: str
) -> None:
    with pytest.raises(TableRefused, match=words):
        read_table(raw, "x.csv", **more)


def test_too_much_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    with pytest.raises(TableRefused, match="Split it"):
        read_table(b"id,who\n1,2\n", "x.csv")
    monkeypatch.setattr(tables, "MAX_BYTES", 1000)
    monkeypatch.setattr(tables, "MAX_ROWS", 3)
    with pytest.raises(TableRefused, match="more than 3 rows"):
        read_table(b"id\n" + b"1\n" * 4, "x.csv")


def test_a_name_that_attacks_the_terminal_is_written_out() -> None:
    with pytest.raises(TableRefused) as refused:
        read_table(b"", "a\x1b[31m\u202e.csv")
    assert "\x1b" not in refused.value.message() and "\u202e" not in refused.value.message()


@given(st.binary(max_size=300))
def test_no_bytes_make_it_stumble(raw: bytes) -> None:
    with contextlib.suppress(TableRefused):
        read_table(raw, "x.csv")


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=5))
def test_what_is_written_opens_with_no_formula_and_reads_back(rows: list[list[str]]) -> None:
    raw = write_table(("a", "b"), rows)
    read = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))[1:]
    assert read == [[harmless(cell) for cell in row] for row in rows]
    for cell in (cell for row in read for cell in row):
        assert not cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_formulas_are_disarmed_and_numbers_stay_numbers() -> None:
    raw = write_table(("a", "b", "c"), [["=cmd|' /C calc'!A0", -5, None], [" @SUM(1)", "-1", "fine"]]).decode(
        "utf-8-sig"
    )
    assert raw.splitlines()[1:] == ["'=cmd|' /C calc'!A0,-5,", "' @SUM(1),'-1,fine"]
