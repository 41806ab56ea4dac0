"""The lines between a worker and its parent: what is written is read back the same, and nothing else is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.listing import FoundFile, FoundKind
from ingest.names import FoundName
from ingest.worker_messages import (
    LONGEST_LINE,
    LONGEST_TEXT,
    Cancel,
    Failed,
    Garbled,
    Pace,
    Progress,
    Settled,
    Take,
    from_line,
    to_line,
)

NAMES = st.lists(
    st.binary(min_size=1, max_size=40).filter(lambda b: not set(b) & {0, 0x2F} and b not in (b".", b"..")),
    min_size=1,
    max_size=4,
).map(b"/".join)


@given(NAMES, st.integers(0, 1 << 50), st.integers(-(1 << 62), 1 << 62))
def test_an_order_arrives_as_it_was_given_whatever_the_name(raw: bytes, size: int, mtime_ns: int) -> None:
    order = Take(7, Path("/media/card"), FoundFile(FoundName(raw), size, mtime_ns, FoundKind.FILE))
    line = to_line(order)
    assert line.count(b"\n") == 1
    assert from_line(line) == order


@given(st.text(max_size=LONGEST_TEXT), st.text(max_size=LONGEST_TEXT))
def test_a_failure_fits_a_line_whatever_its_words(text: str, detail: str) -> None:
    failed = Failed(1, "DiskFull", text, detail)
    assert from_line(to_line(failed)) == failed


@pytest.mark.parametrize(
    "message", [Cancel(3), Pace(250), Progress(1, 1 << 40), Settled(1, 5, "aa", "bb", "cc", duplicate=True)]
)
def test_every_other_message_arrives_as_it_was_sent(message: Cancel | Pace | Progress | Settled) -> None:
    assert from_line(to_line(message)) == message


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}\n",
        b'{"say":"Progress","order":1,"done":2}',  # cut off
        b'{"say":"Progress","order":1}\n',
        b'{"say":"Progress","order":1,"done":2,"more":3}\n',
        b'{"say": "Progress","order":1,"done":2}\n',
        b'{"say":"Exit"}\n',
        b"[1]\n",
        b"\xff\n",
        b'{"say":"Take","order":1,"root":"zz","name":"61","size":1,"mtime_ns":1}\n',
    ],
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(Garbled):
        from_line(line)


def test_a_line_without_end_is_not_read_for_ever() -> None:
    with pytest.raises(Garbled):
        from_line(json.dumps({"say": "Progress", "order": 1, "done": "9" * LONGEST_LINE}).encode() + b"\n")
