"""Derivatives as things kept: where they lie, what is recorded of each, finding one instead of making it again.

``derivatives/<parent sha256>/<kind>-<digest of the parameters>.<ext>`` with a ``.json`` record beside it; in an
encrypted vault ``.floe`` behind the name, because a derivative holds the same evidence. Digest and size are of the
plaintext. How each kind is made is ``ingest.derive``'s business.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ingest.errors import DerivativeFailed, DiskFull, VaultDamaged
from ingest.files import NO_ROOM
from ingest.isolation import ChildFailed
from ingest.names import shown_text
from ingest.parts import Part
from ingest.vault import Vault
from ingest.vault_names import SEALED
from ingest.vault_reader import VaultReader


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
    vault.open(parent_sha256).close()
    final = place_of(vault, parent_sha256, recipe)
    found = _find(vault, final, parent_sha256, recipe)
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
        part.finish()
        with part.read_back() as reader:
            sha256, size = _digest(reader)
        kept = vault.keep_derivative(part, final, sha256)
        made = Derivative(
            recipe.kind, kept, sha256, size, parent_sha256, recipe.tool, recipe.tool_version, recipe.parameters
        )
    finally:
        part.discard()
    _write_record(vault, made)
    return made


def _digest(reader: VaultReader) -> tuple[str, int]:
    return hashlib.file_digest(reader, "sha256").hexdigest(), reader.size


def _record_path(final: Path) -> Path:
    return final.with_name(final.name.removesuffix(SEALED) + ".json")


def _write_record(vault: Vault, made: Derivative) -> None:
    record = {
        "kind": made.kind.value, "sha256": made.sha256, "size": made.size, "parent_sha256": made.parent_sha256,
        "tool": made.tool, "tool_version": made.tool_version, "parameters": dict(made.parameters),
    }  # fmt: skip
    vault.keep_text(_record_path(made.path), json.dumps(record, sort_keys=True).encode())


def _find(vault: Vault, final: Path, parent_sha256: str, recipe: Recipe) -> Derivative | None:
    sealed = final.with_name(final.name + SEALED)
    kept = sealed if sealed.exists() else final
    try:
        record = json.loads(_record_path(final).read_bytes())
        with vault.open_kept(kept, str(record["sha256"])) as reader:
            sha256, size = _digest(reader)
        held = (record["sha256"], record["parent_sha256"], record["parameters"])
        tool, version = str(record["tool"]), str(record["tool_version"])
    except (OSError, ValueError, KeyError, TypeError, VaultDamaged):
        return None
    if held != (sha256, parent_sha256, dict(recipe.parameters)):
        return None
    return Derivative(recipe.kind, kept, sha256, size, parent_sha256, tool, version, recipe.parameters)
