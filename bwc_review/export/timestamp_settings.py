"""The timestamp authorities that ``workspace.toml`` names, opened when first needed and not before.

A workspace without the extra ``timestamps``, or whose certificate file is away, still opens; it only cannot stamp.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bwc_review.errors import InputRefused
from bwc_review.ports.timestamps import StampAuthority

MAX_FILE_BYTES = 1 << 20
_NAME = re.compile(r"[a-z0-9_]{1,32}")  # it becomes part of file names and a code in the custody log


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """One ``[[timestamps]]`` table. ``address`` is empty for an authority reached by files only.

    ``certificates``: PEM file relative to the workspace, the authority's own certificate first, then up to the root.
    Raises InputRefused for a name or an address that cannot be one.
    """

    name: str
    address: str
    certificates: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InputRefused(f"{self.name!a} cannot name a timestamp authority: use up to 32 of a-z, 0-9 and '_'.")
        if self.address and not _is_web(self.address):
            raise InputRefused(f"The address of the timestamp authority {self.name} is not one of http or https.")

    @classmethod
    def from_mapping(cls, raw: Mapping[str, object]) -> AuthoritySettings:
        """Read one table. Raises KeyError for a key that is missing, InputRefused for what cannot be."""
        return cls(str(raw["name"]), str(raw.get("address", "")), str(raw["certificates"]))


class AuthoritiesFromSettings:
    """``ports.timestamps.StampAuthorities`` over the settings of one workspace."""

    def __init__(self, settings: Sequence[AuthoritySettings], workspace: Path) -> None:
        self._settings = settings
        self._workspace = workspace

    def configured(self) -> Sequence[StampAuthority]:
        """Every authority in the settings. Raises InputRefused."""
        return [_opened(one.name, one.address, self._read(one)) for one in self._settings]

    def holding(self, name: str, certificates: bytes) -> StampAuthority:
        """An authority as it was when an answer was kept, to verify that answer again. Raises InputRefused."""
        return _opened(name, "", certificates)

    def _read(self, one: AuthoritySettings) -> bytes:
        file = self._workspace / one.certificates
        try:
            with file.open("rb") as source:
                return source.read(MAX_FILE_BYTES)
        except OSError as missing:
            raise InputRefused(
                f"The certificates of the timestamp authority {one.name} cannot be read from {file} "
                f"({missing.strerror}). Put the file there or correct workspace.toml."
            ) from missing


def _opened(name: str, address: str, certificates: bytes) -> StampAuthority:
    try:
        from bwc_review.export.timestamps import Rfc3161Authority
    except ModuleNotFoundError as absent:
        raise InputRefused(
            "Timestamps need the package rfc3161-client. Install this program with its extra: "
            "pip install 'bwc-review[timestamps]'."
        ) from absent
    return Rfc3161Authority(name, address, certificates)


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
