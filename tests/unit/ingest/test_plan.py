"""The plan: take or refuse, with a reason, for every entry; duplicates by digest only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.listing import FoundFile, FoundKind, Listing
from ingest.names import FoundName
from ingest.plan import IngestPlan, Refuse, Settled, Take, plan, settle
from ingest.profiles import Profile, Role, load_profiles

GENERIC = next(p for p in load_profiles() if p.id == "generic")


def entry(name: str, size: int = 10, kind: FoundKind = FoundKind.FILE, trouble: str = "") -> FoundFile:
    return FoundFile(FoundName(name.encode()), size, 0, kind, trouble)


def planned(*entries: FoundFile, profile: Profile = GENERIC) -> IngestPlan:
    return plan(Listing(Path("card"), "card", entries), profile)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (entry("a.mp4", size=0), "listed, zero bytes: nothing to preserve"),
        (entry("a.mp4", kind=FoundKind.SYMLINK), "symbolic link: listed, never followed"),
        (entry("a.mp4", kind=FoundKind.SPECIAL), "special file: listed, holds no bytes of its own"),
        (entry("a.mp4", kind=FoundKind.UNREADABLE, trouble="Input/output error"), "unreadable: Input/output error"),
        (entry("DCIM/._a.mp4"), "listed, the profile generic leaves it out: not the camera's own file"),
    ],
)
def test_an_entry_that_cannot_be_evidence_is_refused_with_its_reason(found: FoundFile, reason: str) -> None:
    assert planned(found).steps == (Refuse(found, reason),)


@pytest.mark.parametrize(
    ("name", "role"), [("DCIM/a.MP4", Role.VIDEO), ("a.json", Role.SIDECAR), ("DIAG.BIN", Role.OTHER)]
)
def test_a_file_is_taken_as_what_its_name_says(name: str, role: Role) -> None:
    (step,) = planned(entry(name)).steps
    assert isinstance(step, Take)
    assert step.role is role


def test_unknown_files_stay_only_where_the_profile_says_so() -> None:
    strict = replace(GENERIC, keep_unknown=False)
    (step,) = planned(entry("DIAG.BIN"), profile=strict).steps
    assert step == Refuse(entry("DIAG.BIN"), "listed, no rule of the profile generic takes it")


def test_every_entry_has_exactly_one_step_in_the_listings_order() -> None:
    entries = (entry("a.mp4", 5), entry("b", 0), entry("c.json", 7), entry("d", kind=FoundKind.SYMLINK))
    made = planned(*entries)
    assert tuple(step.file for step in made.steps) == entries
    assert [t.file for t in made.takes] == [entries[0], entries[2]]
    assert [r.file for r in made.refusals] == [entries[1], entries[3]]
    assert made.bytes_to_copy == 12
    assert made.profile_digest == GENERIC.digest


def test_only_the_digest_makes_a_duplicate() -> None:
    assert settle("aa", {"aa"}) is Settled.DUPLICATE
    assert settle("bb", {"aa"}) is Settled.TAKEN
