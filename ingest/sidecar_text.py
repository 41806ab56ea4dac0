"""Hostile text and JSON of companion files, bounded: what cannot be read is ``BadSidecar``, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 32


class BadSidecar(ValueError):
    """The companion is not what its profile says it is; the message says why, for a note."""


def text_of(data: bytes) -> str:
    """The companion as text. Raises BadSidecar."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSidecar("not UTF-8 text") from error


def json_object(data: bytes) -> dict[str, Any]:
    """A JSON object; of a repeated key the first value counts. Raises BadSidecar."""
    try:
        parsed = json.loads(text_of(data), object_pairs_hook=_first_wins, parse_constant=_no_constant)
    except RecursionError as error:
        raise BadSidecar(f"nested more than {MAX_DEPTH} deep") from error
    except BadSidecar:
        raise
    except ValueError as error:
        raise BadSidecar("not JSON") from error
    if not isinstance(parsed, dict):
        raise BadSidecar("not a JSON object")
    return parsed


def flat(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Dotted path and text of every value below ``value``. Raises BadSidecar."""
    if depth > MAX_DEPTH:
        raise BadSidecar(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from flat(inner, f"{path}.{number}", depth + 1)
    elif value is not None:
        yield path, value if isinstance(value, str) else json.dumps(value)


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _no_constant(name: str) -> None:
    raise BadSidecar(f"{name} is not JSON")
