"""What the profiles make of a card, without taking anything: for a person who docks, or who writes a profile.

Reads the listing and the companions (bounded); writes nothing anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from ingest.clips import NamedClip, companions, describe, noted, with_companion
from ingest.listing import FoundFile, Listing
from ingest.plan import Refuse, Step, plan
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


def explain(
    listing: Listing, profiles: Sequence[Profile], agency_zone: tzinfo | None, chosen: Profile | None = None
) -> CardExplained:
    """Hold every profile against ``listing`` and read its files with the best one, or with ``chosen``."""
    matches = weighed(listing, profiles)
    leading = best(matches)
    profile = chosen or leading[0]
    tied = tuple(one.id for one in leading) if len(leading) > 1 and chosen is None else ()
    files = tuple(_said(listing, profile, step, agency_zone) for step in plan(listing, profile).steps)
    # Lengths are not known without decoding; only what the camera numbered itself can be joined here.
    clips = [Measured(one.clip, 0) for one in files if one.clip is not None]
    return CardExplained(listing, matches, profile, tied, files, join(clips, profile.segments))


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
