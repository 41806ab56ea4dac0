"""Reading a camera profile's TOML strictly: every key known, every value of its type and within bounds.

What is wrong is said with the line and the key, so that somebody writing a profile finds it at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ingest.names import shown_text

MAX_TEXT = 500
MAX_LIST = 200
Path = tuple[str | int, ...]
T = TypeVar("T")

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]#]+?)\s*\]")
_KEY = re.compile(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*(?:\.|=)")


class BadValue(ValueError):
    """A value of the profile is not what it must be; ``path`` leads to it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(why)
        self.path = path
        self.why = why


class Table:
    """One table of the profile. Each reader takes its key; ``done`` refuses whatever nobody took."""

    def __init__(self, values: Any, path: Path = ()) -> None:
        if not isinstance(values, Mapping):
            raise BadValue(path, "must be a table")
        self.path = path
        self._values = values
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str, default: str | None = None, *, most: int = MAX_TEXT) -> str:
        """A text, not empty unless the default is."""
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self.bad(key, "must be a text in quotes")
        if len(value) > most or (not value and default != ""):
            raise self.bad(key, f"must have 1 to {most} characters")
        if shown_text(value) != value:
            raise self.bad(key, f"holds characters nobody can see, or not composed (NFC): {shown_text(value)}")
        return value

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._get(key, default)
        if type(value) is not int or not low <= value <= high:
            raise self.bad(key, f"must be a whole number from {low} to {high}")
        return value

    def micros(self, key: str, most_s: int, default_us: int | None = None) -> int | None:
        """A number of seconds from 0 to ``most_s`` as microseconds; the default where it is not given."""
        value = self._values.get(key)
        self._known.append(key)
        if value is None:
            return default_us
        if type(value) not in (int, float) or not 0 <= value <= most_s:
            raise self.bad(key, f"must be a number of seconds from 0 to {most_s}")
        return round(float(value) * 1_000_000)

    def truth(self, key: str, *, default: bool) -> bool:
        """true or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.bad(key, "must be true or false")
        return value

    def texts(self, key: str, *, least: int = 0) -> tuple[str, ...]:
        """A list of texts."""
        value = self._get(key, None if least else [])
        if not isinstance(value, list) or not least <= len(value) <= MAX_LIST:
            raise self.bad(key, f"must be a list of {least} to {MAX_LIST} texts")
        for number, one in enumerate(value):
            if not isinstance(one, str) or not 0 < len(one) <= MAX_TEXT or shown_text(one) != one:
                raise BadValue((*self.path, key, number), f"must be a text of 1 to {MAX_TEXT} visible characters")
        return tuple(value)

    def table(self, key: str) -> Table:
        """A table; an empty one where the key is not given."""
        return Table(self._get(key, {}), (*self.path, key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """A list of tables, written ``[[key]]`` or in one line each."""
        value = self._get(key, [])
        if not isinstance(value, list) or len(value) > MAX_LIST:
            raise self.bad(key, f"must be a list of at most {MAX_LIST} tables ([[{key}]], two brackets)")
        return tuple(Table(one, (*self.path, key, number)) for number, one in enumerate(value))

    def words(self, key: str) -> dict[str, str]:
        """A table of texts whatever its keys are."""
        inner = self.table(key)
        return {str(word): inner.text(word) for word in inner._values}

    def choice(self, key: str, kind: Callable[[str], T], allowed: tuple[str, ...], default: str | None = None) -> T:
        """One of a few words."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.bad(key, f"'{value[:60]}' is none of {', '.join(allowed)}")
        return kind(value)

    def made(self, key: str, make: Callable[[], T]) -> T:
        """What ``make`` gives; a ValueError of it becomes this key's."""
        try:
            return make()
        except BadValue:
            raise
        except (ValueError, KeyError) as error:
            raise self.bad(key, str(error)) from error

    def bad(self, key: str, why: str) -> BadValue:
        """The error of one key of this table."""
        return BadValue((*self.path, key), why)

    def done(self) -> None:
        """Raise BadValue when a key is left that nobody asked for."""
        for key in self._values:
            if key not in self._known:
                near = ", ".join(sorted(set(self._known)))
                raise self.bad(str(key), f"is no key of this table; it knows {near}")

    def _get(self, key: str, default: Any) -> Any:
        self._known.append(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            there = ", ".join(str(one)[:40] for one in list(self._values)[:12]) or "nothing"
            raise self.bad(key, f"is missing; this table has {there}")
        return default


def parsed(data: bytes) -> Table:
    """The profile's whole table. Raises BadValue with the line where the file is no TOML."""
    try:
        return Table(tomllib.loads(data.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise BadValue((), f"is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise BadValue((), f"is no TOML: {error}. A text with backslashes stands in single quotes") from error
    except RecursionError as error:
        raise BadValue((), "is nested deeper than any profile") from error


def place(path: Path, data: bytes) -> str:
    """Where a path stands, in words: ``line 12, name 1 time 2 zone``; without the line where it cannot be found."""
    words = " ".join(str(step + 1) if isinstance(step, int) else shown_text(step)[:60] for step in path)
    line = _line(path, data.decode("utf-8", "replace"))
    return f"line {line}, {words}" if line and words else words


def _line(path: Path, text: str) -> int:
    """The line of the deepest step of ``path`` written as a header or a key of its own; 0 for none."""
    here: Path = ()
    counts: dict[str, int] = {}
    found = best = 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            name = header[2]
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                here = (*name.split("."), counts[name])
            else:
                here = tuple(name.split("."))
        key = None if header else _KEY.match(line)
        reached = (*here, key[1]) if key else here
        if len(reached) > best and path[: len(reached)] == reached:
            found, best = number, len(reached)
    return found
