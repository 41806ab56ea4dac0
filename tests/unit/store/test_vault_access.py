"""Where a vault's secret comes from, and settings that would open no vault."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from bwc_review.errors import InputRefused
from bwc_review.store.vault_access import PLAIN_VAULT, VaultAccess, VaultSettings
from ingest.errors import VaultLocked


class InMemory(KeyringBackend):
    """A system keyring that forgets everything when the test ends."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


@pytest.fixture
def system() -> Iterator[InMemory]:
    before = keyring.get_keyring()
    made = InMemory()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def access(root: Path, settings: VaultSettings) -> VaultAccess:
    return VaultAccess(root / "vault", settings, lambda: "an invented passphrase")


def test_the_systems_keyring_opens_the_vault_and_another_users_does_not(tmp_path: Path, system: InMemory) -> None:
    mine = access(tmp_path, VaultSettings("keyring"))
    mine.make()
    assert len(system.held) == 1
    part = mine.open().new_part()
    part.write(b"x")
    part.discard()
    system.held.clear()
    with pytest.raises(VaultLocked, match="keyring"):
        mine.open().new_part()


def test_settings_come_back_as_they_were_written() -> None:
    for one in (
        PLAIN_VAULT,
        VaultSettings("file", "/media/stick/vault.key", "s3://evidence/ws1", {"endpoint_url": "https://o.example"}),
        VaultSettings("passphrase", verify="double-read"),
    ):
        assert VaultSettings.from_mapping(tomllib.loads("\n".join(one.lines())).get("vault", {})) == one


@pytest.mark.parametrize(
    "table",
    [
        {"protection": "prayer"},
        {"protection": "file"},
        {"verify": "never"},
        {"options": {"secret": "a credential in the settings"}},
    ],
)
def test_settings_that_open_no_vault_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(InputRefused):
        VaultSettings.from_mapping(table)


def test_an_existing_file_is_never_overwritten_by_a_new_key(tmp_path: Path) -> None:
    (tmp_path / "vault.key").write_text("something of somebody's")
    with pytest.raises(InputRefused, match="new file"):
        access(tmp_path, VaultSettings("file", str(tmp_path / "vault.key"))).make()
    assert (tmp_path / "vault.key").read_text() == "something of somebody's"
