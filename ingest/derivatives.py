"""Derivatives as things kept: where they lie, what is recorded of each, finding one instead of making it again.

``derivatives/<parent sha256>/<kind>-<digest of the parameters>.<ext>`` with a ``.json`` record beside it. How
each kind is made is ``ingest.derive``'s business.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ingest.errors import DerivativeFailed, DiskFull
from ingest.files import NO_ROOM, write_all
from ingest.isolation import ChildFailed
from ingest.names import shown_text
from ingest.vault import Part, Vault


class DerivativeKind(StrEnum):
    """What is derived from an original."""

    FRAME_INDEX = "frame-index"
    PROXY = "proxy"
    AUDIO = "audio"
    WAVEFORM = "waveform"
    STILL = "still"
    SPRITE = "sprite"
    SALVAGE = "salvage"


Parameters = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Derivative:
    """A file made from an original, with what made it. ``sha256`` is of its bytes, ``size`` in bytes."""

    kind: DerivativeKind
    path: Path
    sha256: str
    size: int
    parent_sha256: str
    tool: str
    tool_version: str
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a derivative's bytes: its kind, file extension, tool and parameters."""

    kind: DerivativeKind
    extension: str
    tool: str
    tool_version: str
    parameters: Parameters


def find_or_make(vault: Vault, parent_sha256: str, recipe: Recipe, make: Callable[[Part], None]) -> Derivative:
    """The derivative of ``recipe`` already kept, else a new one that ``make`` writes into a staging part.

    A kept file that does not have its recorded digest is made again. Raises DerivativeFailed, DiskFull, and
    VaultDamaged when the original is not there.
    """
    vault.path_for_child(parent_sha256)
    final = place_of(vault, parent_sha256, recipe)
    found = _find(final, parent_sha256, recipe)
    if found is not None:
        return found
    try:
        return _make(vault, final, parent_sha256, recipe, make)
    except ChildFailed as error:
        raise DerivativeFailed(
            f"The {recipe.kind} could not be made from the original {parent_sha256[:12]}. {error.reason} "
            "The original is untouched.",
            detail=error.detail,
        ) from error
    except OSError as error:
        kind = DiskFull if error.errno in NO_ROOM else DerivativeFailed
        raise kind(
            f"The {recipe.kind} could not be written to '{shown_text(str(vault.root))}' ({error.strerror}). "
            "The original is untouched; free some space or check the disk, then try again.",
            detail=repr(error),
        ) from error


def place_of(vault: Vault, parent_sha256: str, recipe: Recipe) -> Path:
    """Where the derivative of ``recipe`` lies or would lie."""
    canonical = json.dumps(dict(recipe.parameters), sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(canonical).hexdigest()[:16]
    return vault.derivatives / parent_sha256 / f"{recipe.kind}-{digest}.{recipe.extension}"


def _make(vault: Vault, final: Path, parent_sha256: str, recipe: Recipe, make: Callable[[Part], None]) -> Derivative:
    part = vault.new_part()
    try:
        make(part)
        sha256, size = _digest(part.path)
        made = Derivative(
            recipe.kind, final, sha256, size, parent_sha256, recipe.tool, recipe.tool_version, recipe.parameters
        )
        part.keep_as(final)
    finally:
        part.discard()
    _write_record(vault, made)
    return made


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), os.fstat(file.fileno()).st_size


def _record_path(final: Path) -> Path:
    return final.with_name(final.name + ".json")


def _write_record(vault: Vault, made: Derivative) -> None:
    record = {
        "kind": made.kind.value, "sha256": made.sha256, "size": made.size, "parent_sha256": made.parent_sha256,
        "tool": made.tool, "tool_version": made.tool_version, "parameters": dict(made.parameters),
    }  # fmt: skip
    part = vault.new_part()
    try:
        write_all(part.descriptor, memoryview(json.dumps(record, sort_keys=True).encode()))
        part.keep_as(_record_path(made.path))
    finally:
        part.discard()


def _find(final: Path, parent_sha256: str, recipe: Recipe) -> Derivative | None:
    try:
        record = json.loads(_record_path(final).read_bytes())
        sha256, size = _digest(final)
        held = (record["sha256"], record["parent_sha256"], record["parameters"])
        tool, version = str(record["tool"]), str(record["tool_version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if held != (sha256, parent_sha256, dict(recipe.parameters)):
        return None
    return Derivative(recipe.kind, final, sha256, size, parent_sha256, tool, version, recipe.parameters)
