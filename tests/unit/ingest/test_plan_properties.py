"""The plan over any listing: total, in order, and never fooled by a name (Hypothesis)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.copy import take_file
from ingest.listing import FoundFile, FoundKind, Listing, list_dock
from ingest.names import FoundName
from ingest.plan import Refuse, Take, plan, settle
from ingest.profiles import Profile, Role, load_profiles
from ingest.resume import is_still
from ingest.vault import Vault

PROFILES = load_profiles()
HOSTILE = (
    b"new\nline.mp4",
    "clip\u202e4pm.exe".encode(),
    "\u2066a\u2069.mp4".encode(),
    b"..mp4",
    b"...",
    b"..\\..\\up.mp4",
    b"\xff\xfe\x80.mp4",
    b"a" * 255,
    b"CLIP.MP4",
    b"clip.mp4",
    "caf\u00e9.mp4".encode(),
    "cafe\u0301.mp4".encode(),
    b"CON",
    b"NUL.MP4",
    b"COM1.mp4",
    b"aux .mp4",
    b"trailing dot.",
    b"-rf --no-preserve-root",
    b"$(reboot).mp4",
    b"\x1b[31mred.mp4",
    b"<script>.mp4",
    "\u200b.mp4".encode(),
)
PARTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.binary(min_size=1, max_size=40).filter(lambda b: not set(b) & {0, 0x2F} and b not in (b".", b"..")),
    st.from_regex(rb"\A[A-Z0-9_]{1,12}\.(MP4|mov|avi|JSON|meta|ID|BIN|THM)\Z"),
)
NAMES = st.lists(PARTS, min_size=1, max_size=4).map(b"/".join)
ENTRIES = st.builds(
    FoundFile,
    name=NAMES.map(FoundName),
    size=st.one_of(st.just(0), st.integers(1, 1 << 45)),
    mtime_ns=st.integers(-(1 << 40), 1 << 62),
    kind=st.sampled_from(FoundKind),
    trouble=st.sampled_from(("", "Input/output error")),
)
LISTINGS = st.lists(ENTRIES, max_size=30, unique_by=lambda entry: entry.name).map(
    lambda entries: Listing(Path("card"), "card", tuple(sorted(entries, key=lambda e: e.name.raw)))
)


@given(LISTINGS, st.sampled_from(PROFILES))
@settings(max_examples=300, deadline=None)
def test_every_entry_has_one_step_with_a_reason_whatever_it_is(listing: Listing, profile: Profile) -> None:
    made = plan(listing, profile)
    assert tuple(step.file for step in made.steps) == listing.entries
    assert len(made.takes) + len(made.refusals) == len(listing.entries)
    for step in made.steps:
        assert step.reason
        if isinstance(step, Take):
            assert step.file.kind is FoundKind.FILE
            assert step.file.size > 0
            assert step.role in Role
    assert made.bytes_to_copy == sum(take.file.size for take in made.takes)


@given(LISTINGS, st.sampled_from(PROFILES))
@settings(deadline=None)
def test_planning_twice_gives_the_same(listing: Listing, profile: Profile) -> None:
    assert plan(listing, profile) == plan(listing, profile)


@given(LISTINGS)
def test_a_zero_byte_file_and_what_is_no_file_are_in_the_plan_and_never_copied(listing: Listing) -> None:
    generic = next(one for one in PROFILES if one.id == "generic")
    for step in plan(listing, generic).steps:
        if step.file.size == 0 or step.file.kind is not FoundKind.FILE:
            assert isinstance(step, Refuse)


@given(LISTINGS)
def test_the_generic_profile_preserves_what_it_does_not_know(listing: Listing) -> None:
    generic = next(one for one in PROFILES if one.id == "generic")
    for step in plan(listing, generic).steps:
        if isinstance(step, Refuse) and step.file.kind is FoundKind.FILE and step.file.size:
            assert generic.ignores(step.file.name)


@given(st.text("0123456789abcdef", min_size=64, max_size=64), st.sets(st.text("0123456789abcdef", min_size=64)))
def test_only_a_digest_that_is_held_makes_a_duplicate(digest: str, held: set[str]) -> None:
    assert settle(digest, held - {digest}).value == "taken"
    assert settle(digest, held | {digest}).value == "duplicate"


@given(ENTRIES, ENTRIES)
@example(
    FoundFile(FoundName(b"1:2"), 3, 4, FoundKind.FILE),
    FoundFile(FoundName(b"1"), 2, 4, FoundKind.FILE),
)
def test_two_entries_are_seen_as_one_only_if_name_size_time_and_kind_are_the_same(a: FoundFile, b: FoundFile) -> None:
    same = (a.name.raw, a.size, a.mtime_ns, a.kind) == (b.name.raw, b.size, b.mtime_ns, b.kind)
    assert (a.seen_as == b.seen_as) is same


@pytest.mark.skipif(os.name != "posix", reason="the platform allows no such names")
@given(st.lists(PARTS.filter(lambda part: len(part) < 250 or part in HOSTILE), min_size=1, max_size=12, unique=True))
@settings(max_examples=60, deadline=None)
def test_what_a_file_system_holds_is_listed_and_planned_one_for_one(names: list[bytes]) -> None:
    """Real names on a real disk: newline, bidi, backslash, invalid UTF-8, case clashes, NFC and NFD pairs."""
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names):
            Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"x" * number)
        listing = list_dock(Path(folder))
        assert [entry.name.raw for entry in listing.entries] == sorted(names)
        made = plan(listing, next(one for one in PROFILES if one.id == "generic"))
        assert {step.file.name.raw for step in made.steps} == set(names)
        for step in made.steps:
            assert "\n" not in step.file.name.shown


def test_a_file_met_again_is_compared_where_it_would_differ(tmp_path: Path, vault: Vault) -> None:

    card = tmp_path / "card"
    card.mkdir()
    content = os.urandom(400_000)
    (card / "a.mp4").write_bytes(content)
    found = list_dock(card).files[0]
    sha256 = take_file(card, found, vault).digests.sha256
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert is_still(card, found, vault, sha256)
    for at in (0, 200_000, 399_999):
        changed = bytearray(content)
        changed[at] ^= 1
        (card / "a.mp4").write_bytes(changed)
        assert not is_still(card, found, vault, sha256)
    (card / "a.mp4").write_bytes(content[:-1])
    assert not is_still(card, found, vault, sha256)
    (card / "a.mp4").unlink()
    assert not is_still(card, found, vault, sha256)
    assert not is_still(card, found, vault, "0" * 64)
