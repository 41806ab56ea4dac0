"""What can be found out about a recording that a person should be told: the one place for its wording.

An examination names a trait and its numbers; the sentence is made here. A child that met hostile media therefore
chooses among these sentences and cannot write one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Trait(StrEnum):
    """One thing that can be true of a recording. What stands in ``DAMAGE`` speaks against it being whole."""

    EMPTY = "empty"
    PLAYLIST = "playlist"
    UNKNOWN = "unknown"
    TORN = "torn"
    NO_INDEX = "no_index"
    NO_MEDIA = "no_media"
    UNREADABLE = "unreadable"
    ELSEWHERE = "elsewhere"
    STOPPED = "stopped"
    FRAMES_GONE = "frames_gone"
    LENGTH = "length"
    TORN_PIECES = "torn_pieces"
    UNDECODABLE = "undecodable"
    NO_PICTURE = "no_picture"
    ENCRYPTED = "encrypted"
    SALVAGED = "salvaged"
    NOT_EXAMINED = "not_examined"
    UNEVEN = "uneven"
    HIDDEN = "hidden"
    EDITED = "edited"
    ROTATED = "rotated"
    SEVERAL_SOUNDS = "several_sounds"
    NO_SOUND = "no_sound"
    MUTED = "muted"


_WORDS: Mapping[Trait, str] = {
    Trait.EMPTY: "The file has no bytes.",
    Trait.PLAYLIST: "The file is a list that names other files; it was not followed.",
    Trait.UNKNOWN: "The first bytes are of no recording format that is known here.",
    Trait.TORN: "The file ends inside its part '{part}': {missing} bytes are missing.",
    Trait.NO_INDEX: (
        "The recording's index (moov) is missing, as after a camera lost power or was pulled while recording. "
        "Pictures may be won back with `bwc-review salvage`."
    ),
    Trait.NO_MEDIA: "The file holds an index but no picture or sound data.",
    Trait.UNREADABLE: "The structure of the recording cannot be read ({how}).",
    Trait.ELSEWHERE: "The recording says that its picture or sound lies in another file; that was not followed.",
    Trait.STOPPED: "Reading stopped before the end of the file ({how}).",
    Trait.FRAMES_GONE: "The index names {named} frames; {there} are there.",
    Trait.LENGTH: "The header claims {claimed} s; {there} s are there.",
    Trait.TORN_PIECES: "{count} pieces of picture or sound are torn.",
    Trait.UNDECODABLE: "{count} pieces of picture or sound at the beginning cannot be decoded.",
    Trait.NO_PICTURE: "No picture can be decoded.",
    Trait.ENCRYPTED: (
        "The camera encrypted picture or sound: preserved, plays only with the camera's key. Ask whoever manages "
        "the cameras for an export that was decrypted by the maker's program, and dock that too."
    ),
    Trait.NOT_EXAMINED: "The recording could not be examined: {how} It is preserved as it is.",
    Trait.SALVAGED: (
        "What plays is a salvaged copy, not the original: {pictures} pictures and {sound} s of sound were won back. "
        "Their times are assumed from {rate} pictures a second, as in the healthy recording {lender}; sound is "
        "assumed to begin with the first picture. {lost} pictures could not be decoded; {unknown} bytes were not "
        "understood."
    ),
    Trait.UNEVEN: "The time between pictures varies (variable frame rate); every picture keeps its own time.",
    Trait.HIDDEN: (
        "An edit list hides {count} pictures that are in the file. The original holds them; no player shows them."
    ),
    Trait.EDITED: "An edit list shifts or rearranges picture or sound; times follow the list.",
    Trait.ROTATED: "The camera was held turned: the picture is shown turned clockwise by {degrees} degrees.",
    Trait.SEVERAL_SOUNDS: "There are {count} sound tracks. Track 1 is played and listened to; the others are kept.",
    Trait.NO_SOUND: "There is no sound track: nothing that was said can be heard on this recording.",
    Trait.MUTED: (
        "Sound track {track} holds nothing but digital silence (looked at in {places} places): the microphone was "
        "muted or off there."
    ),
}
DAMAGE = frozenset(Trait) - {
    Trait.UNEVEN, Trait.HIDDEN, Trait.EDITED, Trait.ROTATED, Trait.SEVERAL_SOUNDS, Trait.NO_SOUND, Trait.MUTED,
}  # fmt: skip
_VALUE = re.compile(r"[ -~]{1,80}")
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Finding:
    """A trait with the named numbers and short texts its sentence needs, sorted by name."""

    trait: Trait
    values: tuple[tuple[str, int | str], ...] = ()

    def words(self) -> str:
        """The sentence for a person."""
        return _WORDS[self.trait].format(**dict(self.values))

    @property
    def is_damage(self) -> bool:
        """Whether it speaks against the recording being whole."""
        return self.trait in DAMAGE

    def to_plain(self) -> list[Any]:
        """As plain data for JSON; ``from_plain`` gives back an equal value."""
        return [self.trait.value, dict(self.values)]

    @classmethod
    def from_plain(cls, plain: Any) -> Finding:
        """Check what a child said. Raises ValueError or TypeError for anything ``to_plain`` would not have given."""
        name, values = plain
        trait = Trait(name)
        if not isinstance(values, dict) or set(values) != set(_FIELD.findall(_WORDS[trait])):
            raise TypeError("not the values of this trait")
        for value in values.values():
            if type(value) is not int and not (isinstance(value, str) and _VALUE.fullmatch(value)):
                raise TypeError("neither a number nor a short line")
        return found(trait, **values)


def found(trait: Trait, **values: int | str) -> Finding:
    """A finding; the names are those in the braces of its sentence."""
    return Finding(trait, tuple(sorted(values.items())))
