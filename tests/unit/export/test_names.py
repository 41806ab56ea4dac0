"""File names in a bundle: what any name becomes, on any system."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.export.names import MAX_NAME, TakenNames, safe_name


@given(st.text())
def test_any_name_becomes_one_portable_part_of_a_path(text: str) -> None:
    name = safe_name(text)
    assert 1 <= len(name) <= MAX_NAME
    assert name.isascii() and name.isprintable() and not set(name) & set('/\\:*?"<>| ')
    assert name not in (".", "..") and not name.startswith((".", "-")) and not name.endswith(".")
    assert unicodedata.is_normalized("NFC", name)
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("found", "safe"),
    [
        ("CLIP_0001.MP4", "CLIP_0001.MP4"),
        ("DCIM/100/CLIP 1.mp4", "CLIP_1.mp4"),
        ("..\\..\\etc\\passwd", "passwd"),
        ("../..", "unnamed"),
        ("CON", "_CON"),
        ("lpt1.mp4", "_lpt1.mp4"),
        ("Käfer.mp4", "Kafer.mp4"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        ("<script>.mp4", "script_.mp4"),
        ("", "unnamed"),
        ("日本.mp4", "unnamed.mp4"),
    ],
)
def test_known_bad_names(found: str, safe: str) -> None:
    assert safe_name(found) == safe


def test_a_long_name_keeps_its_suffix() -> None:
    assert safe_name("x" * 300 + ".mp4") == "x" * (MAX_NAME - 4) + ".mp4"


def test_names_that_differ_only_in_case_do_not_meet() -> None:
    taken = TakenNames()
    assert [taken.free("data/media/c", name) for name in ("a.mp4", "A.mp4", "a.mp4")] == [
        "data/media/c/a.mp4",
        "data/media/c/A-2.mp4",
        "data/media/c/a-3.mp4",
    ]
