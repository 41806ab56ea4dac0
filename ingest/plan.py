"""The plan: full listing times profile gives take or refuse, with a reason, for every entry met.

Pure and total: no file is opened here. Duplicates cannot be planned, because only a digest tells them;
``settle`` decides them once the copy's digest is known (DESIGN section 4).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ingest.listing import FoundFile, FoundKind, Listing
from ingest.profile_values import Profile, Role


class Settled(StrEnum):
    """What a finished copy turned out to be."""

    TAKEN = "taken"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Take:
    """Copy this file; ``role`` says as what."""

    file: FoundFile
    role: Role
    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """List this entry in the acquisition record and do not copy it."""

    file: FoundFile
    reason: str


Step = Take | Refuse


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """One step per entry of the listing, in the listing's order."""

    profile_id: str
    profile_digest: str
    steps: tuple[Step, ...]

    @property
    def takes(self) -> tuple[Take, ...]:
        """The files to copy."""
        return tuple(step for step in self.steps if isinstance(step, Take))

    @property
    def refusals(self) -> tuple[Refuse, ...]:
        """The entries recorded but not copied."""
        return tuple(step for step in self.steps if isinstance(step, Refuse))

    @property
    def bytes_to_copy(self) -> int:
        """Bytes all takes hold together, as listed."""
        return sum(take.file.size for take in self.takes)


def plan(listing: Listing, profile: Profile) -> IngestPlan:
    """Decide every entry of ``listing`` under ``profile``; never raises."""
    return IngestPlan(profile.id, profile.digest, tuple(_step(entry, profile) for entry in listing.entries))


def settle(sha256: str, known_digests: Collection[str]) -> Settled:
    """Whether a finished copy with this digest is new or a duplicate of bytes already held.

    Name, size and time play no part. A sidecar is a duplicate under the same rule as a video.
    """
    return Settled.DUPLICATE if sha256 in known_digests else Settled.TAKEN


def _step(entry: FoundFile, profile: Profile) -> Step:
    match entry.kind:
        case FoundKind.SYMLINK:
            return Refuse(entry, "symbolic link: listed, never followed")
        case FoundKind.SPECIAL:
            return Refuse(entry, "special file: listed, holds no bytes of its own")
        case FoundKind.UNREADABLE:
            return Refuse(entry, f"unreadable: {entry.trouble}")
    return _file(entry, profile)


def _file(entry: FoundFile, profile: Profile) -> Step:
    if entry.size == 0:
        return Refuse(entry, "listed, zero bytes: nothing to preserve")
    if profile.ignores(entry.name):
        return Refuse(entry, f"listed, the profile {profile.id} leaves it out: not the camera's own file")
    role = profile.role_of(entry.name)
    if role is Role.OTHER and not profile.keep_unknown:
        return Refuse(entry, f"listed, no rule of the profile {profile.id} takes it")
    return Take(entry, role, _REASON[role])


_REASON = {
    Role.VIDEO: "a recording by its name",
    Role.SIDECAR: "a companion of a recording by its name",
    Role.OTHER: "no rule knows it: preserved as it is",
}
