"""JSON, script data and CSV as bytes: safe in a page, in a spreadsheet and on any system."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.domain.times import Micros, Span
from bwc_review.errors import ExportFailed
from bwc_review.export.texts import csv_bytes, json_bytes, plain, script_bytes

HOSTILE = "</script><script>alert(1)</script><!--\u2028\u2029&"


@given(st.text())
def test_no_text_can_leave_the_script_it_stands_in(text: str) -> None:
    code = script_bytes("BUNDLE", {"words": text + HOSTILE}).decode("utf-8")
    assert not set(code) & set("<>&\u2028\u2029")
    held = json.loads(code.partition("window.BUNDLE = ")[2].rstrip(";\n"))["words"]
    assert held == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") + HOSTILE


def test_json_is_sorted_utf8_and_ends_with_one_line_feed() -> None:
    assert json_bytes({"b": 1, "a": "ü"}) == '{\n "a": "ü",\n "b": 1\n}\n'.encode()


def test_a_lone_surrogate_does_not_stop_an_export() -> None:
    assert json.loads(json_bytes({"a": "x\ud800y"}))["a"] == "x\ufffdy"


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =HYPERLINK(0)", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("cell", FORMULAS)
def test_text_never_begins_a_formula(cell: str) -> None:
    row = next(csv.reader(io.StringIO(csv_bytes(("a",), [(cell,)]).decode().split("\n", 1)[1])))
    assert row[0].startswith("'")


def test_numbers_and_quotes_stay_as_they_are_in_csv() -> None:
    raw = csv_bytes(("n", "text", "none"), [(-5, 'say "now", then\nwait', None)])
    assert b"\r" not in raw
    assert list(csv.reader(io.StringIO(raw.decode())))[1] == ["-5", 'say "now", then\nwait', ""]


def test_a_float_is_refused_because_times_are_integers() -> None:
    with pytest.raises(ExportFailed, match="float"):
        plain({"at": 1.5})


def test_domain_values_become_plain_json() -> None:
    assert plain((Span(Micros(1), Micros(2)), Fraction(1, 3))) == [[1, 2], {"num": 1, "den": 3}]
