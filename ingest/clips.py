"""What a card says about one recording: device, wearer, part number and claims of time.

From its name and from its companions, as a camera profile reads them. Pure: bytes of companions are handed
in. Nothing said here is believed; every statement keeps its source and bad input becomes a note.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from ingest.listing import FoundFile, FoundKind, Listing
from ingest.names import FoundName
from ingest.patterns import match
from ingest.profile_values import Profile, SidecarRule
from ingest.sidecars import BadSidecar, read_fields
from ingest.times import Claim, NoTime, Source, TimeRule

MAX_IDENTITY_CHARACTERS = 64
MAX_PREBUFFER_S = 3600
_GROUP = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class NamedClip:
    """Statements about one recording. ``None`` means that nothing on the card says so.

    ``recording_id`` groups parts of one recording; ``segment`` orders them. ``prebuffer_us`` is how much of
    the start was kept from before the wearer pressed record.
    """

    name: FoundName
    device_id: str | None
    officer_id: str | None
    recording_id: str | None
    segment: int | None
    prebuffer_us: int | None
    claims: tuple[Claim, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Companion:
    """A sidecar and the rule that bound it to a recording."""

    file: FoundFile
    rule: SidecarRule


def describe(file: FoundFile, profile: Profile, agency_zone: tzinfo | None) -> NamedClip:
    """Read the name of ``file``. ``agency_zone`` is for times that name no zone of their own."""
    nothing = NamedClip(file.name, None, None, None, None, profile.prebuffer_us or None, (), ())
    for rule in profile.names:
        found = match(rule.pattern, file.name)
        if found:
            said = {key: value for key, value in found.groupdict().items() if value}
            filled = {field: _filled(text, said) for field, text in rule.fill.items()}
            origin = _Origin(Source.FILE_NAME, "file name")
            return _said(nothing, {**said, **filled}, origin, rule.times, agency_zone)
    if not profile.names:
        return nothing
    return replace(nothing, notes=(f"the profile {profile.id} does not know this form of name",))


def companions(file: FoundFile, listing: Listing, profile: Profile) -> tuple[Companion, ...]:
    """The sidecars of ``listing`` whose stem is that of ``file``, in the listing's order."""
    stem = file.name.shown.rpartition(".")[0].casefold()
    bound = []
    for entry in listing.entries:
        if entry.kind is not FoundKind.FILE or entry.name == file.name:
            continue
        for rule in profile.sidecars:
            found = match(rule.pattern, entry.name)
            if found and found["stem"].casefold() == stem:
                bound.append(Companion(entry, rule))
                break
    return tuple(bound)


def with_companion(clip: NamedClip, companion: Companion, data: bytes, agency_zone: tzinfo | None) -> NamedClip:
    """``clip`` with what its companion adds; what contradicts an earlier source becomes a note.

    ``data`` is the companion's whole content. Never raises for what is in it.
    """
    rule, where = companion.rule, companion.file.name.shown
    if rule.parse == "none":
        return clip
    try:
        fields = read_fields(data, rule.parse)
    except BadSidecar as error:
        return noted(clip, f"{where} was not read: {error}")
    said = {ours: fields[theirs.lower()] for ours, theirs in rule.fields.items() if theirs.lower() in fields}
    origin = _Origin(Source.GPS_LOG if rule.parse == "nmea" else Source.SIDECAR, where)
    return _said(clip, said, origin, rule.times, agency_zone)


def with_header(
    clip: NamedClip, creation_time: str | None, profile: Profile, agency_zone: tzinfo | None
) -> NamedClip:
    """``clip`` with what the recording's own header claims (``ProbeFacts.creation_time``)."""
    if creation_time is None:
        return clip
    # FFmpeg writes a Z behind every header's time; many cameras keep local time there, so the profile says the zone.
    said = {"creation_time": creation_time.removesuffix("Z")}
    return _said(clip, said, _Origin(Source.HEADER, "header"), profile.header_times, agency_zone)


def in_parts(clips: Sequence[NamedClip]) -> tuple[tuple[NamedClip, ...], ...]:
    """The clips grouped into recordings by device and recording id, parts in order of their number.

    A clip without a recording id stands alone. Groups follow the order of their first clip.
    """
    groups: dict[tuple[object, ...], list[NamedClip]] = {}
    for clip in clips:
        alone = clip.recording_id is None
        key = (clip.name.raw,) if alone else (clip.device_id, clip.recording_id)
        groups.setdefault(key, []).append(clip)
    return tuple(tuple(sorted(g, key=lambda c: (c.segment or 0, c.name.raw))) for g in groups.values())


def identified(clip: NamedClip, said: Mapping[str, str], where: str) -> NamedClip:
    """``clip`` with who, which and how much ``where`` says; what contradicts an earlier source becomes a note."""
    for word in ("device_id", "officer_id", "recording_id"):
        if word in said:
            clip = _identity(clip, word, said[word][:MAX_IDENTITY_CHARACTERS], where)
    if "segment" in said:
        clip = _segment(clip, said["segment"], where)
    if "prebuffer_s" in said:
        clip = _prebuffer(clip, said["prebuffer_s"], where)
    return clip


def noted(clip: NamedClip, note: str) -> NamedClip:
    """``clip`` with one more note for a person."""
    return replace(clip, notes=(*clip.notes, note))


@dataclass(frozen=True, slots=True)
class _Origin:
    source: Source
    where: str


def _filled(text: str, groups: Mapping[str, str]) -> str:
    return _GROUP.sub(lambda found: groups.get(found[1], ""), text)


def _said(
    clip: NamedClip, said: Mapping[str, str], origin: _Origin, times: Sequence[TimeRule], agency_zone: tzinfo | None
) -> NamedClip:
    clip = identified(clip, said, origin.where)
    for time in times:
        if time.field in said:
            clip = _claim(clip, time, said[time.field], origin, agency_zone)
    return clip


def _identity(clip: NamedClip, word: str, value: str, where: str) -> NamedClip:
    held = getattr(clip, word)
    if held is None:
        return replace(clip, **{word: value})  # type: ignore[arg-type]
    if held.casefold() == value.casefold():
        return clip
    return noted(clip, f"{where} says {word} is '{value}', an earlier source says '{held}'")


def _segment(clip: NamedClip, value: str, where: str) -> NamedClip:
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return noted(clip, f"{where} has a part number that is not one: '{value}'")
    return replace(clip, segment=int(value))


def _prebuffer(clip: NamedClip, value: str, where: str) -> NamedClip:
    if not re.fullmatch(r"\d{1,4}(\.\d{1,6})?", value, re.ASCII) or float(value) > MAX_PREBUFFER_S:
        return noted(clip, f"{where} has a pre-event time that is not one: '{value}'")
    return replace(clip, prebuffer_us=round(float(value) * 1_000_000))


def _claim(clip: NamedClip, time: TimeRule, text: str, origin: _Origin, agency_zone: tzinfo | None) -> NamedClip:
    try:
        claim = time.claim(origin.source, f"{origin.where}: {time.field}", text, agency_zone)
    except NoTime as error:
        return noted(clip, f"{origin.where} says '{text}', which is {error}")
    return replace(clip, claims=(*clip.claims, claim))
