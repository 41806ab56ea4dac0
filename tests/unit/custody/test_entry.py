"""Entries: one byte form, every field inside its pattern, and appending as a pure step."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from chain_of_custody.canonical import canon
from chain_of_custody.clock import SystemClock, backward_us, epoch_us, format_at, parse_at
from chain_of_custody.entry import Actor, ClockState, Draft, Entry, Subject
from chain_of_custody.errors import BadTime, CustodyError, EntryRefused, NotCanonical, PayloadRefused
from chain_of_custody.head import LogHead, append
from chain_of_custody.merkle import CompactRange, leaf_hash, root
from chain_of_custody.payload import Payload
from tests.unit.custody.scene import CLERK, NAME, ORIGIN, SteppingClock, made_log

DRAFT = Draft("media.ingested", "ok", CLERK, Subject("media", "m-1"), "routine_review", {"size": 3}, {})


def entry_object() -> dict[str, object]:
    found: dict[str, object] = json.loads(made_log().stored[2])
    return found


def test_an_entry_has_exactly_the_fields_of_the_format() -> None:
    value = entry_object()
    first = {"v", "log", "seq", "type", "outcome", "at", "clock", "actor", "ws", "app", "subject", "reason"}
    assert set(value) == first | {"data", "commit", "salt", "prev"}
    assert value["at"] == "2026-01-01T10:02:03.000000Z"
    assert value["clock"] == {"src": "unverified", "off_us": None, "boot": "boot-1", "mono_us": 3_000_000}


def test_bytes_parse_back_to_the_same_entry_and_the_same_leaf() -> None:
    for raw in made_log().stored:
        entry = Entry.from_bytes(raw)
        assert entry.to_bytes() == raw
        assert entry.leaf == leaf_hash(raw)


def test_flipping_any_bit_of_an_entry_is_refused_or_changes_its_leaf() -> None:
    raw = made_log().stored[2]
    whole = leaf_hash(raw)
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1
        try:
            entry = Entry.from_bytes(bytes(changed))
        except CustodyError:
            continue
        assert entry.leaf != whole


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("v", 2, "unknown_version"),
        ("v", "1", "type_of_v"),
        ("seq", True, "type_of_seq"),
        ("seq", -1, "out_of_range"),
        ("seq", 0, "first_entry_has_a_predecessor"),
        ("type", "media", "unknown_type"),
        ("type", "gossip.heard", "unknown_type"),
        ("outcome", "perhaps", "unknown_outcome"),
        ("log", "has space", "outside_its_pattern"),
        ("log", "has+plus", "outside_its_pattern"),
        ("ws", "", "outside_its_pattern"),
        ("app", "two words", "outside_its_pattern"),
        ("reason", "Free text about a person", "outside_its_pattern"),
        ("salt", "00", "outside_its_pattern"),
        ("prev", "00", "outside_its_pattern"),
        ("commit", {"note": "00"}, "outside_its_pattern"),
        ("commit", {"note": 1}, "type_of_note"),
        ("data", [], "type_of_data"),
        ("clock", {"src": "ntp"}, "keys"),
        ("clock", {"src": "ntp", "off_us": 0, "boot": "b", "mono_us": -1}, "out_of_range"),
        ("actor", "clerk", "type_of_actor"),
        ("subject", {"kind": "Media", "id": "x"}, "outside_its_pattern"),
    ],
)
def test_a_field_outside_the_format_is_refused_by_name(field: str, value: object, reason: str) -> None:
    with pytest.raises(EntryRefused) as refused:
        Entry.from_bytes(canon({**entry_object(), field: value}))
    assert refused.value.reason == reason


def test_unknown_and_missing_fields_are_refused() -> None:
    value = entry_object()
    with pytest.raises(EntryRefused, match="extra"):
        Entry.from_bytes(canon({**value, "extra": 1}))
    del value["salt"]
    with pytest.raises(EntryRefused, match="salt"):
        Entry.from_bytes(canon(value))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-01-01T10:02:00Z", "not_the_one_form"),
        ("2026-01-01T10:02:00.123Z", "not_the_one_form"),
        ("2026-01-01T10:02:00.123456+00:00", "not_the_one_form"),
        ("٢026-01-01T10:02:00.123456Z", "not_the_one_form"),
        ("2026-02-30T10:02:00.123456Z", "no_such_time"),
        ("2026-01-01T23:59:60.000000Z", "no_such_time"),
    ],
)
def test_only_one_text_form_of_time_is_accepted(text: str, reason: str) -> None:
    with pytest.raises(BadTime) as refused:
        parse_at(text)
    assert refused.value.reason == reason


def test_times_keep_their_microseconds_and_must_be_utc() -> None:
    at = datetime(2026, 1, 1, 10, 2, 0, 7, tzinfo=UTC)
    assert format_at(at) == "2026-01-01T10:02:00.000007Z"
    assert parse_at(format_at(at)) == at
    assert epoch_us(at) == 1_767_261_720_000_007
    assert (backward_us(at, at - timedelta(seconds=3)), backward_us(at, at)) == (3_000_000, 0)
    for other in (at.replace(tzinfo=None), at.astimezone(timezone(timedelta(hours=1)))):
        with pytest.raises(BadTime):
            format_at(other)


def test_the_system_clock_tells_utc_and_names_its_boot(tmp_path: Path) -> None:
    kernel = tmp_path / "boot_id"
    kernel.write_text("12345678-1234-1234-1234-123456789abc\n")
    clock = SystemClock(kernel)
    assert clock.boot == "12345678-1234-1234-1234-123456789abc"
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.monotonic_us() <= clock.monotonic_us()
    without = SystemClock(tmp_path / "absent")
    assert uuid.UUID(without.boot).version == 4


def test_appending_chains_each_entry_to_the_one_before_and_grows_the_tree() -> None:
    log = made_log()
    entries = [Entry.from_bytes(raw) for raw in log.stored]
    assert [entry.seq for entry in entries] == [0, 1, 2, 3, 4]
    assert entries[0].prev == "0" * 64
    assert [entry.prev for entry in entries[1:]] == [leaf.hex() for leaf in log.leaf_list[:-1]]
    assert log.head.tree.root == root(log.leaf_list)
    assert log.head.last_at == entries[-1].at


def test_a_head_tells_how_far_the_clock_went_back_before_anything_is_written() -> None:
    log = made_log()
    assert log.head.last_at is not None
    assert log.head.backward_us(log.head.last_at - timedelta(seconds=5)) == 5_000_000
    assert LogHead.empty(ORIGIN).backward_us(log.head.last_at) == 0


def test_append_refuses_a_salt_of_another_length_and_a_head_that_disagrees_with_its_tree() -> None:
    with pytest.raises(EntryRefused, match="salt"):
        append(LogHead.empty(ORIGIN), DRAFT, clock=SteppingClock(), salt=b"short", ws="ws-17", app="a/1")
    with pytest.raises(EntryRefused, match="head"):
        LogHead(ORIGIN, 1, bytes(32), None, CompactRange())
    with pytest.raises(EntryRefused, match="head"):
        LogHead(ORIGIN, 0, b"", None, CompactRange())


def test_a_draft_cannot_be_changed_through_the_mapping_it_was_made_from() -> None:
    data: dict[str, object] = {"size": 3}
    draft = replace(DRAFT, data=data)
    data["size"] = 4
    assert draft.data == {"size": 3}
    with pytest.raises(TypeError):
        draft.data["size"] = 5  # type: ignore[index]


def test_floats_and_free_text_do_not_enter_a_draft() -> None:
    with pytest.raises(NotCanonical):
        replace(DRAFT, data={"seconds": 1.5})
    with pytest.raises(EntryRefused):
        Actor("María the clerk", "evidence_clerk", "", "passphrase", "")
    with pytest.raises(EntryRefused):
        ClockState("ntp", 2**53, "b", 0)


def test_a_payload_opens_only_the_commitment_made_with_its_own_salt_and_content() -> None:
    NAME.check(NAME.commitment)
    for other in (Payload(b"o" * 16, NAME.content), Payload(NAME.salt, NAME.content + b"!")):
        with pytest.raises(PayloadRefused):
            other.check(NAME.commitment)


def test_a_payload_salt_has_one_length_so_that_no_byte_moves_between_salt_and_content() -> None:
    with pytest.raises(PayloadRefused) as refused:
        Payload(NAME.salt + NAME.content[:1], NAME.content[1:])
    assert refused.value.reason == "salt_length"
    assert "n" * 16 not in repr(NAME)


def test_every_error_says_what_happened_where_and_what_to_do_next() -> None:
    def below(kind: type[CustodyError]) -> list[type[CustodyError]]:
        return [kind, *(found for sub in kind.__subclasses__() for found in below(sub))]

    kinds = below(CustodyError)
    assert len({kind.exit_code for kind in kinds}) == len(kinds)
    for kind in kinds:
        said = str(kind("some_reason", "this.file", "12 bytes"))
        assert all(part in said for part in (kind.what, kind.next_step, "this.file", "some reason", "12 bytes"))
    assert " in " not in CustodyError("x").message().split("(")[0]
