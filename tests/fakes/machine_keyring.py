"""A machine's keyring as the library ``keyring`` would find it: a backend of its own kind, in memory.

It stands for one that protects what it keeps (Secret Service, Keychain, Credential Locker), may be locked, and is
reached through keyring's own interface only. ``PlaintextFile`` stands for one that does not.
"""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.compat import properties
from keyring.errors import KeyringLocked, PasswordDeleteError


class MachineKeyring(KeyringBackend):
    """Keeps secrets by service and user name; ``locked`` refuses as a keyring nobody unlocked does."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    @properties.classproperty  # type: ignore[misc]
    def priority(self) -> float:
        return 5

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked("nobody unlocked it")


class PlaintextFile(MachineKeyring):
    """Named as those are that write passphrases into a file as they are."""


class FromAlternatives(MachineKeyring):
    """From the package of the files that call themselves keyrings."""


FromAlternatives.__module__ = "keyrings.alt.file"
