"""Names found on a card: what is shown, what is refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import SourceUnreadable
from ingest.names import FoundName


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"DCIM/a.mp4", "DCIM/a.mp4"),
        (b"a\nb", "a\\u{a}b"),
        ("clip\u202e4pm.exe".encode(), "clip\\u{202e}4pm.exe"),
        (b"\xff\xfe.mp4", "\\u{dcff}\\u{dcfe}.mp4"),
        ("e\u0301.mp4".encode(), "\u00e9.mp4"),
        (b"a\\u{a}b", "a\\u{5c}u{a}b"),
        ("a\u200bb\x1b[31m".encode(), "a\\u{200b}b\\u{1b}[31m"),
    ],
)
def test_a_name_is_shown_with_everything_invisible_written_out(raw: bytes, shown: str) -> None:
    assert FoundName(raw).shown == shown


@pytest.mark.parametrize(
    "raw", [b"", b"/etc/passwd", b"..", b"a/../b", b"a//b", b"./a", b"a/.", b"a\0b", b"x" * 5000, b"a/"]
)
def test_a_name_that_leads_outside_is_refused_with_what_to_do(raw: bytes) -> None:
    with pytest.raises(SourceUnreadable) as refused:
        FoundName(raw)
    assert "does not stay inside the source" in refused.value.message()
    assert len(refused.value.message()) < 600


@given(st.binary(min_size=1, max_size=60).filter(lambda b: not set(b) & {0, 0x2F} and b not in (b".", b"..")))
def test_any_bytes_have_a_shown_form_that_can_be_printed_and_is_one_line(raw: bytes) -> None:
    shown = FoundName(raw).shown
    assert shown.encode("utf-8")
    assert len(shown.splitlines()) == 1
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in shown)


def test_two_names_that_differ_in_bytes_are_different_names_even_when_shown_alike() -> None:
    composed, decomposed = FoundName("\u00e9".encode()), FoundName("e\u0301".encode())
    assert composed.shown == decomposed.shown
    assert composed != decomposed
