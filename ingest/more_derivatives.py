"""Derivatives that came after the first ones: the key-frame sprite, further sound tracks, and the salvaged copy.

As in ``ingest.derive``: made in a child from the vault's own file, kept under the parent's digest, found again.
"""

from __future__ import annotations

import json
from typing import Any

import av

from ingest.audio import SAMPLE_RATE
from ingest.derivatives import Derivative, DerivativeKind, Recipe, find_or_make
from ingest.derive import DEFAULT_TIMEOUT_S, in_child
from ingest.errors import DerivativeFailed, ProbeFailed, SalvageRefused
from ingest.isolation import ChildFailed, Recording, ask_child
from ingest.salvage import VERSION, Setup
from ingest.sprite import HEIGHT, TILES, WIDTH, Sprite
from ingest.vault import Vault

MAX_SALVAGE_S = 3600.0


def make_sprite(vault: Vault, sha256: str, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Derivative:
    """The key-frame sprite; read it with ``Sprite.from_bytes``. Raises DerivativeFailed, DiskFull."""
    from ingest.image import JPEG_QUALITY
    from ingest.image import VERSION as OPENCV

    parameters: dict[str, str | int] = {"tiles": TILES, "width": WIDTH, "height": HEIGHT, "quality": JPEG_QUALITY}
    recipe = Recipe(DerivativeKind.SPRITE, "bin", "PyAV and OpenCV", f"{av.__version__} and {OPENCV}", parameters)

    return find_or_make(vault, sha256, recipe, in_child(vault, sha256, "sprite", {}, timeout_s))


def load_sprite(vault: Vault, derivative: Derivative) -> Sprite:
    """The sprite a derivative holds; raises DerivativeFailed when its bytes are damaged, VaultDamaged."""
    try:
        with vault.open_kept(derivative.path, derivative.sha256) as reader:
            return Sprite.from_bytes(reader.read())
    except OSError as error:
        raise DerivativeFailed("A stored preview strip cannot be read. Make it again.", detail=repr(error)) from error


def make_sound_track(vault: Vault, sha256: str, track: int, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Derivative:
    """Sound track ``track`` (from 0), as ``make_audio`` makes the first. Raises DerivativeFailed, DiskFull."""
    parameters: dict[str, str | int] = {"rate": SAMPLE_RATE, "layout": "mono", "sample": "s16le", "track": track}
    recipe = Recipe(DerivativeKind.AUDIO, "pcm", "PyAV", av.__version__, parameters)

    return find_or_make(vault, sha256, recipe, in_child(vault, sha256, "pcm", {"track": track}, timeout_s))


def setup_from(healthy: Recording, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Setup:
    """What a healthy recording lends to a salvage. Raises SalvageRefused, ProbeFailed when it cannot be opened."""
    try:
        return Setup.from_plain(json.loads(ask_child("setup", healthy, {}, timeout_s=timeout_s)))
    except ChildFailed as error:
        raise SalvageRefused(error.reason, detail=error.detail) from error
    except (ValueError, KeyError, TypeError) as error:
        raise SalvageRefused("The healthy recording gave no sensible settings.", detail=repr(error)) from error
    except OSError as error:
        raise ProbeFailed("The healthy recording cannot be opened.", detail=repr(error)) from error


def make_salvage(vault: Vault, sha256: str, setup: Setup, lender: str) -> Derivative:
    """The salvaged copy of an original, an MP4 that says of itself that it is one.

    ``lender`` is the SHA-256 of the healthy recording that lent ``setup``. Raises DerivativeFailed with
    the reason when nothing can be won back, and DiskFull.
    """
    parameters: dict[str, str | int] = {"version": VERSION, "lender": lender, **setup.to_plain()}
    recipe = Recipe(DerivativeKind.SALVAGE, "mp4", "PyAV", av.__version__, parameters)

    wanted = {"setup": setup.to_plain(), "parent": sha256}
    return find_or_make(vault, sha256, recipe, in_child(vault, sha256, "salvage", wanted, MAX_SALVAGE_S))


def read_label(salvaged: Recording) -> dict[str, Any]:
    """The label inside a salvaged copy: counts, losses, assumptions. Raises SalvageRefused without one."""
    try:
        label = json.loads(ask_child("salvage-label", salvaged, {}, timeout_s=DEFAULT_TIMEOUT_S))
    except (ChildFailed, ValueError) as error:
        raise SalvageRefused("The salvaged copy carries no label. Make it again.", detail=repr(error)) from error
    if not isinstance(label, dict):
        raise SalvageRefused("The salvaged copy carries no label. Make it again.")
    return label
