"""Mapping files and the logs read by them: data, strict, and every row kept."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.device_mapping import MappedRow, mapped_rows, read_mapping
from ingest.errors import MappingRefused, TableRefused
from ingest.local_times import Twice
from ingest.tables import read_table

LISTS = Path(__file__).resolve().parents[3] / "sample_media" / "lists"
GOOD = """schema = 1
id = "x"
[time]
column = "T"
format = "iso"
zone = "Europe/Berlin"
[event]
column = "E"
words = {"Fire" = "cycle", "On" = "cycle_start"}
[length]
column = "L"
unit = "s"
[cycle]
column = "C"
[device]
column = "D"
"""


def rows(text: str, mapping: str = GOOD, twice: Twice = Twice.REFUSE) -> tuple[MappedRow, ...]:
    return mapped_rows(read_table(text.encode(), "x.csv"), read_mapping(mapping.encode(), "x.toml"), "x.csv", twice)


def test_the_sample_log_is_read_row_for_row() -> None:
    mapping = read_mapping((LISTS / "ced-x0231.toml").read_bytes(), "ced-x0231.toml")
    found = mapped_rows(read_table((LISTS / "ced-x0231.csv").read_bytes(), "ced"), mapping, "ced")
    assert [one.kind for one in found] == ["safety_off", "cycle", "cycle", "safety_on", "other"]
    assert (found[1].device, found[1].length, found[1].length_uncertainty, found[1].cycle) == (
        "X-0231",
        5_000_000,
        1_000_000,
        1,
    )
    assert found[1].at == 1_773_481_234_000_000
    assert found[4].text == "Battery 81%"


def test_lengths_carry_the_uncertainty_of_their_last_digit() -> None:
    made = rows('T,E,L,C,D\n2026-03-14T10:00,fire,5,1,X\n2026-03-14T10:01, FIRE ,"4,97",,\n2026-03-14T10:02,x,,,\n')
    assert [(one.kind, one.length, one.length_uncertainty) for one in made] == [
        ("cycle", 5_000_000, 1_000_000), ("cycle", 4_970_000, 10_000), ("other", None, 0),
    ]  # fmt: skip
    assert made[0].uncertainty == 60_000_000


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-10-25T02:30,Fire,5,1,X", "was twice"),
        ("2026-03-29T02:30,Fire,5,1,X", "never was"),
        ("noon,Fire,5,1,X", "line 2: 'noon' is not a date"),
        ("2026-03-14T10:00,Fire,-5,1,X", "no length"),
        ("2026-03-14T10:00,Fire,1e9,1,X", "no length"),
        ("2026-03-14T10:00,Fire,5,one,X", "no number of a cycle"),
        ("2026-03-14T10:00,Fire,5,1\u0662,X", "no number of a cycle"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_line(line: str, words: str) -> None:
    with pytest.raises(TableRefused, match=words):
        rows(f"T,E,L,C,D\n{line}\n")


def test_the_twice_hour_is_read_as_a_person_says() -> None:
    line = "T,E,L,C,D\n2026-10-25T02:30,Fire,5,1,X\n"
    assert rows(line, twice=Twice.SECOND)[0].at - rows(line, twice=Twice.FIRST)[0].at == 3_600_000_000


def test_a_log_of_another_device_is_refused_with_the_column_it_lacks() -> None:
    with pytest.raises(TableRefused, match="no column 'C'"):
        rows("T,E,L,D\n")
    with pytest.raises(TableRefused, match="holds no rows"):
        rows("T,E,L,C,D\n")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("schema = 1", "schema = 2"), "schema 2"),
        (('id = "x"', 'id = "../x"'), "id has"),
        (('id = "x"', ""), "'id' is missing"),
        (('"cycle"', '"explode"'), "no kind of event"),
        (("Europe/Berlin", "Mars/Base"), "no time zone"),
        (('unit = "s"', 'unit = "h"'), "unit 'h'"),
        (('column = "T"', "column = 5"), "short text"),
        (("[cycle]", "[cycles]"), "'cycles' is no key"),
        (("[event]", "[event"), "not TOML"),
        (('[event]\ncolumn = "E"', "[event]\ncolumn = []"), "short text"),
    ],
)
def test_a_mapping_that_is_none_says_what_is_wrong(change: tuple[str, str], words: str) -> None:
    with pytest.raises(MappingRefused, match=words):
        read_mapping(GOOD.replace(*change).encode(), "x.toml")


@given(st.text(max_size=200) | st.sampled_from([GOOD[:n] for n in range(0, len(GOOD), 7)]))
def test_no_text_makes_it_stumble(text: str) -> None:
    with contextlib.suppress(MappingRefused):
        read_mapping(text.encode("utf-8", "replace"), "x.toml")
