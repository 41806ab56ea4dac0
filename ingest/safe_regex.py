"""Which regular expressions a camera profile may use, and how much work one may cost; pure.

The subset: literals, ``.``, ``[...]``, ``\\d \\w \\s`` and their opposites, groups ``(...)``, ``(?:...)``,
``(?P<name>...)``, ``|``, and the counts ``* + ? {m} {m,n}`` (lazy too). Everything in it is also RE2 syntax. A group
is repeated a fixed number of times or is optional, never looped. Back-references, look-around, anchors and flags
are refused. The most ways in which a name of the longest length can be split is bounded by ``MAX_WORK``, so that
matching is bounded in time whatever the name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CHARACTERS = 500
MAX_MATCHED_CHARACTERS = 512
MAX_WORK = 1 << 20
MAX_GROUP_COUNT = 16
_COUNT = re.compile(r"\d{1,4}(?:,(?:\d{1,4})?)?", re.ASCII)
_OTHERS = 1 << 128  # stands for every character beyond ASCII
_ANY = (1 << 129) - 1
_DIGITS = sum(1 << c for c in range(48, 58))
_WORD = _DIGITS | sum(1 << ord(c) for c in "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SPACE = sum(1 << ord(c) for c in " \t\n\r\f\v")
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_PLAIN = frozenset(".^$*+?{}[]\\|()-/ _<>@!#%&=~,:;'\"")


class UnsafeRegex(ValueError):
    """The expression is outside the subset or could take too long; the message says what and where."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """``first``: characters it can begin with; ``empty``: whether it can match nothing; ``single``: one character.

    ``ways(follow)`` is the most ways in which it can match, when ``follow`` may come after it.
    """

    first: int
    empty: bool
    single: bool
    kind: str
    parts: tuple[_Shape, ...] = ()
    low: int = 1
    high: int = 1

    def ways(self, follow: int) -> int:
        if self.kind == "char":
            return 1
        if self.kind == "either":
            return _capped(sum(part.ways(follow) for part in self.parts))
        if self.kind == "row":
            return _row_ways(self.parts, follow)
        (part,) = self.parts
        if part.single:
            return 1 if not part.first & follow else self.high - self.low + 1
        if self.low == self.high:
            return _capped(part.ways(follow | part.first) ** self.high)
        return _capped(part.ways(follow) + 1)


def check(expression: str) -> None:
    """Raise UnsafeRegex when a profile may not use ``expression``."""
    if len(expression) > MAX_CHARACTERS:
        raise UnsafeRegex(f"longer than {MAX_CHARACTERS} characters")
    reader = _Reader(expression)
    shape = reader.either(0)
    if reader.at < len(expression):
        raise UnsafeRegex(f"a ')' too many at character {reader.at + 1}")
    if shape.ways(0) > MAX_WORK:
        raise UnsafeRegex(
            "it can match in too many ways; let what follows a '*' or '+' be something the repeated set does not "
            "hold, as in [^_]*_ instead of .*_"
        )


def _capped(ways: int) -> int:
    return min(ways, MAX_WORK + 1)


def _row_ways(parts: tuple[_Shape, ...], follow: int) -> int:
    ways = 1
    for part in reversed(parts):
        ways = _capped(ways * part.ways(follow))
        follow = part.first | (follow if part.empty else 0)
    return ways


class _Reader:
    """Recursive descent over the expression. ``at`` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def either(self, depth: int) -> _Shape:
        if depth > 8:
            raise UnsafeRegex("groups are nested more than 8 deep")
        rows = [self._row(depth)]
        while self._peek() == "|":
            self.at += 1
            rows.append(self._row(depth))
        if len(rows) == 1:
            return rows[0]
        first = 0
        for row in rows:
            first |= row.first
        return _Shape(first, any(row.empty for row in rows), False, "either", tuple(rows))

    def _row(self, depth: int) -> _Shape:
        parts: list[_Shape] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._counted(self._atom(depth)))
        first, empty = 0, True
        for part in parts:
            if empty:
                first |= part.first
            empty = empty and part.empty
        return _Shape(first, empty, False, "row", tuple(parts))

    def _atom(self, depth: int) -> _Shape:
        start, one = self.at, self._take()
        if one == "(":
            return self._group(depth)
        if one == "[":
            return _character(self._set(start))
        if one == ".":
            return _character(_ANY)
        if one == "\\":
            return _character(self._escape())
        if one in "^$":
            raise UnsafeRegex(f"'{one}' at character {start + 1}: the whole path is matched anyway, leave it out")
        if one in "*+?{":
            raise UnsafeRegex(f"'{one}' at character {start + 1} repeats nothing (or is possessive)")
        return _character(_of(one))

    def _group(self, depth: int) -> _Shape:
        if self._peek() == "?":
            opening = self.text[self.at :]
            if opening.startswith("?:"):
                self.at += 2
            elif opening.startswith("?P<") and ">" in opening:
                self.at += opening.index(">") + 1
            else:
                raise UnsafeRegex(
                    f"'({opening[:3]}' at character {self.at}: only (...), (?:...) and (?P<name>...) are allowed"
                )
        inner = self.either(depth + 1)
        if self._peek() != ")":
            raise UnsafeRegex("a group is not closed")
        self.at += 1
        return inner

    def _escape(self) -> int:
        one = self._take()
        if one.lower() in _CLASSES:
            chosen = _CLASSES[one.lower()]
            return chosen if one.islower() else _ANY & ~chosen
        if one not in _PLAIN:
            raise UnsafeRegex(f"'\\{one}' at character {self.at - 1} is not allowed")
        return _of(one)

    def _set(self, start: int) -> int:
        opposite = self._peek() == "^"
        self.at += opposite
        chosen, begun = 0, self.at
        while self._peek() != "]" or self.at == begun:
            one = self._take()
            if one == "[" or (one in "&~|-" and self._peek() == one):
                raise UnsafeRegex(f"'{one}' at character {self.at} inside a set needs a backslash")
            if one == "\\":
                chosen |= self._escape()
            elif self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                chosen |= _between(one, self._take())
            else:
                chosen |= _of(one)
        self.at += 1
        if not chosen:
            raise UnsafeRegex(f"the set at character {start + 1} is empty")
        return _ANY & ~chosen if opposite else chosen

    def _counted(self, part: _Shape) -> _Shape:
        start, low, high = self.at, 1, 1
        one = self._peek()
        if one in ("*", "+", "?"):
            self.at += 1
            low, high = (1 if one == "+" else 0), (1 if one == "?" else MAX_MATCHED_CHARACTERS)
        elif one == "{":
            low, high = self._braces(start)
        else:
            return part
        if self._peek() == "?":
            self.at += 1
        if part.kind == "repeat" or self._peek() in ("*", "+", "?", "{"):
            raise UnsafeRegex(f"a count of a count at character {start + 1}")
        if not part.single and not (low == high <= MAX_GROUP_COUNT or high == 1):
            raise UnsafeRegex(
                f"the group before character {start + 1} is looped; repeat a single set instead, or a fixed number "
                f"of times up to {MAX_GROUP_COUNT}"
            )
        return _Shape(part.first, low == 0 or part.empty, False, "repeat", (part,), low, high)

    def _braces(self, start: int) -> tuple[int, int]:
        end = self.text.find("}", start)
        low, comma, high = self.text[start + 1 : end].partition(",")
        if end < 0 or not _COUNT.fullmatch(self.text[start + 1 : end]):
            raise UnsafeRegex(f"'{{' at character {start + 1} begins no count")
        self.at = end + 1
        most = int(high) if high else (MAX_MATCHED_CHARACTERS if comma else int(low))
        if not int(low) <= most <= MAX_MATCHED_CHARACTERS:
            raise UnsafeRegex(f"the count at character {start + 1} is not between 0 and {MAX_MATCHED_CHARACTERS}")
        return int(low), most

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self) -> str:
        one = self._peek()
        if not one:
            raise UnsafeRegex("it ends in the middle")
        self.at += 1
        return one


def _character(chosen: int) -> _Shape:
    return _Shape(chosen, False, True, "char")


def _of(one: str) -> int:
    """A character in both cases, since matching goes without regard to case."""
    chosen = 0
    for variant in (one, one.lower(), one.upper()):
        chosen |= 1 << ord(variant) if len(variant) == 1 and variant.isascii() else _OTHERS
    return chosen


def _between(low: str, high: str) -> int:
    if low == "\\" or high == "\\" or ord(low) > ord(high):
        raise UnsafeRegex(f"'{low}-{high}' is no range")
    chosen = _OTHERS if ord(high) > 127 else 0
    for code in range(ord(low), min(ord(high), 127) + 1):
        chosen |= _of(chr(code))
    return chosen
