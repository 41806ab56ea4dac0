"""Camera profiles: one TOML file per model family, data only; loading them and recognising a card.

What may stand in one: ``docs/camera-profiles.md``. What a name or a sidecar says is read in ``ingest.clips``.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ingest.errors import ProfileRefused
from ingest.listing import Listing
from ingest.names import shown_text
from ingest.patterns import match
from ingest.profile_reading import profile_from
from ingest.profile_table import BadValue, parsed, place
from ingest.profile_values import Grade, Profile, Role, SidecarRule
from ingest.safe_regex import MAX_MATCHED_CHARACTERS

__all__ = [
    "GENERIC",
    "Grade",
    "Match",
    "Profile",
    "Role",
    "SidecarRule",
    "best",
    "load_profiles",
    "parse_profile",
    "read_profile",
    "recognise",
    "weighed",
]

MAX_PROFILE_BYTES = 256 * 1024
MAX_OWN_PROFILES = 500
GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Match:
    """A profile held against a card: the sum of its weights, what spoke for it and what was looked for in vain."""

    profile: Profile
    score: int
    why: tuple[str, ...]
    missed: tuple[str, ...] = ()

    @property
    def knows(self) -> bool:
        """Whether the weights reach what the profile asks for; ``generic`` always does."""
        return self.profile.id == GENERIC or self.score >= self.profile.minimum


def load_profiles(extra: Path | None = None) -> tuple[Profile, ...]:
    """The profiles of this package and those of the folder ``extra``, when there is one, ordered by id.

    Raises ProfileRefused for a file that is not a profile or an id that stands twice.
    """
    files = [f for f in resources.files("ingest").joinpath("profiles").iterdir() if f.name.endswith(".toml")]
    loaded = [parse_profile(f.name, f.read_bytes()) for f in files]
    if extra is not None and extra.is_dir():
        loaded += [read_profile(f) for f in _own_files(extra)]
    profiles = tuple(sorted(loaded, key=lambda p: p.id))
    for one, next_one in itertools.pairwise(profiles):
        if one.id == next_one.id:
            raise ProfileRefused(f"Two camera profiles have the id '{one.id}'. Rename or remove one of them.")
    return profiles


def read_profile(file: Path) -> Profile:
    """One profile of a person's own. Raises ProfileRefused with file, line and key."""
    shown = shown_text(file.name)
    try:
        if not file.is_file():
            raise ProfileRefused(f"There is no camera profile '{shown}' there. Name a .toml file.")
        with file.open("rb") as opened:
            return parse_profile(file.name, opened.read(MAX_PROFILE_BYTES + 1))
    except OSError as error:
        raise ProfileRefused(
            f"The camera profile '{shown}' cannot be opened ({error.strerror}). Correct its rights or remove it.",
            detail=repr(error),
        ) from error


def _own_files(folder: Path) -> list[Path]:
    files = sorted(itertools.islice(folder.glob("*.toml"), MAX_OWN_PROFILES + 1))
    if len(files) > MAX_OWN_PROFILES:
        raise ProfileRefused(
            f"The folder '{shown_text(folder.name)}' holds more than {MAX_OWN_PROFILES} camera profiles. "
            "Leave those in it that this agency uses."
        )
    return files


def recognise(listing: Listing, profiles: Iterable[Profile]) -> tuple[Match, ...]:
    """The profiles that know this card, best first; ``generic`` always comes last with score 0.

    Equal scores at the top mean the clerk must choose.
    """
    return tuple(one for one in weighed(listing, profiles) if one.knows)


def weighed(listing: Listing, profiles: Iterable[Profile]) -> tuple[Match, ...]:
    """Every profile held against the card, best first."""
    matches = [_match(listing, profile) for profile in profiles]
    return tuple(sorted(matches, key=lambda m: (not m.knows, -m.score, m.profile.id)))


def best(matches: Iterable[Match]) -> tuple[Profile, ...]:
    """The profiles that share the highest score among those that know the card: more than one is a tie."""
    known = [one for one in matches if one.knows]
    return tuple(one.profile for one in known if one.score == max(each.score for each in known))


def _match(listing: Listing, profile: Profile) -> Match:
    score = 0
    why: list[str] = []
    missed: list[str] = []
    for rule in profile.tree:
        found = next((e for e in listing.entries if match(rule.pattern, e.name)), None)
        if found is not None:
            score += rule.weight
            why.append(f"{found.name.shown} (as {rule.glob}, {rule.weight})")
        else:
            missed.append(f"nothing is like {rule.glob} ({rule.weight})")
    for label in profile.labels:
        if len(listing.label) <= MAX_MATCHED_CHARACTERS and label.pattern.fullmatch(listing.label):
            score += label.weight
            why.append(f"the name of the volume, {listing.label} (as {label.expression}, {label.weight})")
        else:
            missed.append(f"the volume is not named like {label.expression} ({label.weight})")
    return Match(profile, score, tuple(why), tuple(missed))


def parse_profile(file_name: str, data: bytes) -> Profile:
    """Read one profile. Raises ProfileRefused saying which file, line and key is wrong, and why."""
    shown = shown_text(file_name)
    if len(data) > MAX_PROFILE_BYTES:
        raise ProfileRefused(f"The camera profile '{shown}' is larger than any profile. Remove it.")
    try:
        return profile_from(parsed(data), hashlib.sha256(data).hexdigest())
    except BadValue as error:
        where = place(error.path, data)
        raise ProfileRefused(
            f"The camera profile '{shown}' cannot be used: {where + ': ' if where else 'it '}"
            f"{shown_text(error.why)}. Correct or remove it.",
            detail=repr(error),
        ) from error
