"""What the profiles make of a card, without taking anything: for a person who docks, or who writes a profile.

Reads the listing and the companions (bounded); writes nothing anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from ingest.clips import NamedClip, companions, describe, noted, with_companion, with_header
from ingest.embedded_facts import embedded_in, with_embedded
from ingest.listing import FoundFile, Listing
from ingest.plan import Refuse, Step, plan
from ingest.probe import probe
from ingest.profile_values import Profile, Role
from ingest.profiles import Match, best, weighed
from ingest.segments import Joined, Measured, join
from ingest.sidecars import MAX_SIDECAR_BYTES
from ingest.source import open_found


@dataclass(frozen=True, slots=True)
class FileSaid:
    """One entry met: whether it would be taken, as what and why, and what is said of a recording."""

    file: FoundFile
    role: Role | None  # None: listed, not taken
    reason: str
    clip: NamedClip | None
    companions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CardExplained:
    """Every profile held against a card, the one that reads it, and each entry as that one takes it.

    ``tied`` are the profiles between which a person must choose; then the first of them reads the files.
    """

    listing: Listing
    matches: tuple[Match, ...]
    profile: Profile
    tied: tuple[str, ...]
    files: tuple[FileSaid, ...]
    joined: tuple[Joined, ...]

    @property
    def unknown(self) -> tuple[FileSaid, ...]:
        """Files no rule of the profile knows."""
        return tuple(one for one in self.files if one.role is Role.OTHER)


Look = Callable[[Listing, Profile, Measured, "tzinfo | None"], Measured]


def outside(listing: Listing, profile: Profile, file: Measured, agency_zone: tzinfo | None) -> Measured:
    """Names and companions only: no recording is opened, so no length is known."""
    return file


def inside(listing: Listing, profile: Profile, file: Measured, agency_zone: tzinfo | None) -> Measured:
    """Each recording is opened too, in a child, for its length, its header and satellite data; slower."""
    try:
        descriptor = open_found(listing.root, file.clip.name)
    except OSError as error:
        return replace(file, clip=noted(file.clip, f"it cannot be opened ({error.strerror})"))
    try:
        facts = probe(descriptor)
        clip = with_header(file.clip, facts.creation_time, profile, agency_zone)
        clip = with_embedded(clip, embedded_in(descriptor, profile), profile, agency_zone)
    finally:
        os.close(descriptor)
    for damage in facts.damage:
        clip = noted(clip, damage)
    return Measured(clip, facts.duration_us or 0)


def explain(
    listing: Listing,
    profiles: Sequence[Profile],
    agency_zone: tzinfo | None,
    chosen: Profile | None = None,
    look: Look = outside,
) -> CardExplained:
    """Hold every profile against ``listing`` and read its files with the best one, or with ``chosen``.

    ``look`` is ``outside`` or ``inside``.
    """
    matches = weighed(listing, profiles)
    leading = best(matches)
    profile = chosen or leading[0]
    tied = tuple(one.id for one in leading) if len(leading) > 1 and chosen is None else ()
    files: list[FileSaid] = []
    measured: list[Measured] = []
    for step in plan(listing, profile).steps:
        said = _said(listing, profile, step, agency_zone)
        if said.clip is not None:
            measured.append(look(listing, profile, Measured(said.clip, 0), agency_zone))
            said = replace(said, clip=measured[-1].clip)
        files.append(said)
    return CardExplained(listing, matches, profile, tied, tuple(files), join(measured, profile.segments))


def _said(listing: Listing, profile: Profile, step: Step, agency_zone: tzinfo | None) -> FileSaid:
    if isinstance(step, Refuse):
        return FileSaid(step.file, None, step.reason, None, ())
    file, role, reason = step.file, step.role, step.reason
    if role is not Role.VIDEO:
        return FileSaid(file, role, reason, None, ())
    clip = describe(file, profile, agency_zone)
    bound = companions(file, listing, profile)
    for companion in bound:
        try:
            data = _content(listing, companion.file)
        except OSError as error:
            clip = noted(clip, f"{companion.file.name.shown} cannot be read ({error.strerror})")
            continue
        clip = with_companion(clip, companion, data, agency_zone)
    return FileSaid(file, role, reason, clip, tuple(one.file.name.shown for one in bound))


def _content(listing: Listing, file: FoundFile) -> bytes:
    with os.fdopen(open_found(listing.root, file.name), "rb") as opened:
        return opened.read(MAX_SIDECAR_BYTES + 1)
