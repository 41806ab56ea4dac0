"""Where the log key's passphrase opens the vault too, changing it changes both, or neither."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.bootstrap import VaultSettings, create_workspace, open_workspace
from bwc_review.ports.records import Session
from bwc_review.review.desk import Desk
from bwc_review.review.docking import import_card
from bwc_review.review.log_key import rotate_log_key
from bwc_review.review.sessions import start_session
from ingest.errors import VaultBusy, VaultLocked
from tests.desks import CLERK, PASSPHRASE, Onlooker, make_card
from tests.staffed import ADMIN, SETTINGS, last

NEW = "the new invented passphrase"


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Desk, str]:
    """An encrypted workspace with a card in it, and the digest of one of its originals."""
    settings = replace(SETTINGS, vault=VaultSettings("passphrase"))
    desk = create_workspace(tmp_path / "workspace", settings, PASSPHRASE)
    session = start_session(desk, CLERK, "routine_docking")
    report = import_card(desk, session, make_card(tmp_path / "card"), watch=Onlooker())
    return desk, report.recordings[0].sha256


def sat(desk: Desk) -> Session:
    return start_session(desk, ADMIN, "key_management")


def test_the_new_passphrase_of_the_log_key_opens_the_vault_from_then_on(sealed: tuple[Desk, str]) -> None:
    desk, sha256 = sealed
    rotate_log_key(desk, sat(desk), NEW)
    assert last(desk, "key.vault_protected").outcome == "ok"
    again = open_workspace(desk.folder, lambda: NEW)
    again.signer()
    again.vault.verify(sha256)
    with pytest.raises(VaultLocked):
        open_workspace(desk.folder, lambda: PASSPHRASE).vault.verify(sha256)


def test_while_something_is_taken_in_neither_is_changed(sealed: tuple[Desk, str]) -> None:
    desk, sha256 = sealed
    before = desk.vkey
    part = desk.vault.new_part()
    with pytest.raises(VaultBusy):
        rotate_log_key(desk, sat(desk), NEW)
    part.discard()
    assert last(desk, "key.vault_protected").outcome == "failed"
    again = open_workspace(desk.folder, lambda: PASSPHRASE)
    again.vault.verify(sha256)
    assert again.signer().vkey.format() == before


def test_a_rotation_that_cannot_be_logged_leaves_the_vault_as_it_was(
    sealed: tuple[Desk, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, sha256 = sealed

    def refuse(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("bwc_review.review.log_key._append", refuse)
    with pytest.raises(OSError, match="no room"):
        rotate_log_key(desk, sat(desk), NEW)
    open_workspace(desk.folder, lambda: PASSPHRASE).vault.verify(sha256)


def test_whoever_typed_the_passphrase_to_sign_is_not_asked_again_for_the_vault(sealed: tuple[Desk, str]) -> None:
    desk, sha256 = sealed
    asked: list[str] = []

    def ask() -> str:
        asked.append("asked")
        return PASSPHRASE

    again = open_workspace(desk.folder, ask)
    again.signer()
    again.vault.verify(sha256)
    assert asked == ["asked"]
