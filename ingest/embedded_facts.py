"""What an isolated child found inside a recording's own file, checked and typed, and what a profile makes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from ingest.clips import NamedClip, identified, noted
from ingest.errors import ProbeFailed
from ingest.isolation import ChildFailed, Recording, ask_child
from ingest.names import shown_text
from ingest.profile_values import GpsRule, Profile
from ingest.times import Claim, NoTime, Source

TIMEOUT_S = 60.0
MAX_FIXES = 100
MAX_LINES = 100
LOCATION = "©xyz"


@dataclass(frozen=True, slots=True)
class Fix:
    """Satellite time and place ``after_us`` microseconds into the recording. Degrees times ten million; text of the
    time as the file has it."""

    kind: str
    utc: str
    after_us: int
    lat_e7: int
    lon_e7: int


@dataclass(frozen=True, slots=True)
class Embedded:
    """``texts``: udta boxes by their four characters. ``lines``: subtitle texts with microseconds from the start."""

    texts: Mapping[str, str]
    fixes: tuple[Fix, ...]
    lines: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where the file says it was made (``©xyz``, ISO 6709), empty when it does not."""
        return self.texts.get(LOCATION, "")


NOTHING = Embedded({}, (), (), ())


def embedded_in(recording: Recording, profile: Profile, *, timeout_s: float = TIMEOUT_S) -> Embedded:
    """What the file itself says, looked for in a child as the profile directs.

    A child that broke down, or answered nonsense, gives a note and nothing else. Raises ProbeFailed when the file
    cannot be opened at all.
    """
    wanted = {"kinds": sorted({rule.kind for rule in profile.gps})}
    try:
        return _typed(ask_child("embedded", recording, wanted, timeout_s=timeout_s))
    except ChildFailed as error:
        return replace(NOTHING, notes=(f"What the file says of itself could not be read: {error.reason}",))
    except OSError as error:
        raise ProbeFailed(
            f"The preserved file cannot be opened ({error.strerror}). Check that the vault's disk is mounted.",
            detail=repr(error),
        ) from error


def with_embedded(clip: NamedClip, found: Embedded, profile: Profile, agency_zone: tzinfo | None) -> NamedClip:
    """``clip`` with the claims and names the profile reads out of the file itself. Never raises for what is in it."""
    for note in found.notes:
        clip = noted(clip, note)
    for rule in profile.ids:
        if found.texts.get(rule.atom):
            clip = identified(clip, {rule.field: found.texts[rule.atom]}, f"the file's box {rule.atom}")
    for gps in profile.gps:
        clip = _with_fix(clip, gps, _fixes(gps, found), agency_zone)
    return clip


def _fixes(rule: GpsRule, found: Embedded) -> Sequence[tuple[str, int]]:
    """Text of the time and microseconds from the start, of each fix the rule reads."""
    if rule.pattern is None:
        return [(fix.utc, fix.after_us) for fix in found.fixes if fix.kind == rule.kind]
    read = ((rule.pattern.fullmatch(text), after_us) for after_us, text in found.lines)
    return [(match["utc"], after_us) for match, after_us in read if match]


def _with_fix(
    clip: NamedClip, rule: GpsRule, fixes: Sequence[tuple[str, int]], agency_zone: tzinfo | None
) -> NamedClip:
    """The claim of the first fix, put back by its place in the recording."""
    for text, after_us in fixes[:1]:
        where = f"{rule.kind} {after_us / 1e6:.1f} s into the file"
        try:
            claim = rule.time.claim(Source.GPS_IN_FILE, where, text, agency_zone)
        except NoTime as error:
            return noted(clip, f"{where} says '{text}', which is {error}")
        return replace(clip, claims=(*clip.claims, _put_back(claim, after_us)))
    return clip


def _put_back(claim: Claim, by_us: int) -> Claim:
    return replace(claim, at_us=claim.at_us - by_us, readings=tuple(one - by_us for one in claim.readings))


def _typed(data: bytes) -> Embedded:
    try:
        answer = json.loads(data)
        return Embedded(
            texts={_text(name): _text(text) for name, text in answer["texts"].items()},
            fixes=tuple(
                Fix(_text(f["kind"]), _text(f["utc"]), *(_whole(f[n]) for n in ("after_us", "lat_e7", "lon_e7")))
                for f in answer["fixes"][:MAX_FIXES]
            ),
            lines=tuple((_whole(after), _text(text)) for after, text in answer["lines"][:MAX_LINES]),
            notes=tuple(_text(one) for one in answer["notes"][:MAX_LINES]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChildFailed("It gave no sensible answer.", detail=repr(error)) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return shown_text(value[:512])


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) > 2**53:
        raise TypeError("not a whole number")
    return value
