"""The vault's commands as a person uses them, on an encrypted workspace made with the usual settings."""

from __future__ import annotations

import json
from pathlib import Path

import pyrage
import pytest

from bwc_review.cli.main import main
from tests.desks import PASSPHRASE, make_card

PEOPLE = ("clerk-1:evidence_clerk", "psd-1:psd_investigator", "adm-1:admin", "aud-1:auditor")


@pytest.fixture(autouse=True)
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "passphrase.txt"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", str(file))
    return file


def init(folder: Path, passphrase: Path, *more: str) -> int:
    people = [word for one in PEOPLE for word in ("--operator", one)]
    given = ["--agency", "police.example", "--passphrase-file", str(passphrase)]
    return main(["init", "-w", str(folder), *given, *people, *more])


@pytest.fixture
def workspace(tmp_path: Path, passphrase: Path) -> Path:
    assert init(tmp_path / "workspace", passphrase) == 0
    return tmp_path / "workspace"


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_card(tmp_path_factory.mktemp("vault-cli") / "CARD")


def status(workspace: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    assert main(["vault", "status", "-w", str(workspace), "--as", "adm-1", "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_a_new_workspace_is_encrypted_and_works_from_card_to_bundle(
    workspace: Path, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-w", str(workspace)]
    assert main(["ingest", str(card), *at]) == 0
    found = status(workspace, capsys)
    assert (found["encrypted"], found["protection"], found["originals"], found["unknown"]) == (
        True,
        "passphrase",
        4,
        0,
    )
    assert main(["incident", "IR-1", *at, "--as", "psd-1"]) == 0
    assert main(["vault", "rotate-key", *at, "--as", "adm-1"]) == 0
    assert main(["export", *at, "--as", "psd-1", "--into", str(tmp_path / "out"), "--json"]) == 0
    (bundle,) = (tmp_path / "out").iterdir()
    originals = {path.read_bytes() for path in (bundle / "data" / "media").rglob("*.MP4")}
    assert originals == {path.read_bytes() for path in card.rglob("CLIP000[12].MP4")}
    assert main(["verify", str(bundle), "--key", str(workspace / "keys" / "log.vkey")]) == 0
    assert main(["vault", "scrub", *at, "--as", "aud-1"]) == 0
    assert "0 differ" in capsys.readouterr().out


def test_a_lost_secret_is_replaced_with_a_recovery_identity(
    workspace: Path, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-w", str(workspace), "--as", "adm-1"]
    pair = pyrage.x25519.Identity.generate()
    assert main(["vault", "add-recovery", str(pair.to_public()), *at]) == 0
    assert main(["ingest", str(card), "-w", str(workspace)]) == 0
    identity = tmp_path / "identity.txt"
    identity.write_text(f"# created by age-keygen\n{pair}\n")
    (workspace / "vault" / "vault-keys.json").unlink()
    assert main(["vault", "scrub", "-w", str(workspace), "--as", "aud-1"]) == 51
    key_file = tmp_path / "stick" / "vault.key"
    key_file.parent.mkdir()
    assert main(["vault", "recover", str(identity), "--protect", f"file:{key_file}", *at]) == 0
    assert main(["vault", "scrub", "-w", str(workspace), "--as", "aud-1"]) == 0
    assert status(workspace, capsys)["protection"] == "file"
    key_file.unlink()
    assert main(["vault", "scrub", "-w", str(workspace), "--as", "aud-1"]) == 51


def test_a_key_file_opens_the_vault_and_is_for_its_owner_only(
    tmp_path: Path, passphrase: Path, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, moved = tmp_path / "vault.key", tmp_path / "moved.key"
    assert init(tmp_path / "w", passphrase, "--vault-key", f"file:{key}") == 0
    assert key.stat().st_mode & 0o077 == 0
    assert main(["ingest", str(card), "-w", str(tmp_path / "w")]) == 0
    key.rename(moved)
    assert main(["vault", "scrub", "-w", str(tmp_path / "w"), "--as", "aud-1"]) == 51
    monkeypatch.setenv("BWC_REVIEW_VAULT_KEY_FILE", str(moved))
    assert main(["vault", "scrub", "-w", str(tmp_path / "w"), "--as", "aud-1"]) == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["vault", "rotate-key", "--as", "clerk-1"], 63),
        (["vault", "add-recovery", "nonsense", "--as", "adm-1"], 81),
        (["vault", "scrub", "--share", "0", "--as", "aud-1"], 2),
        (["vault", "quarantine", "release", "WS1-0001", "--reason", "a whole sentence", "--as", "psd-1"], 61),
        (["vault", "recover", "/nowhere", "--as", "adm-1"], 2),
        (["vault", "recover", "/nowhere", "--protect", "prayer", "--as", "adm-1"], 2),
        (["vault", "quarantine", "list", "--as", "psd-1"], 0),
        (["vault", "status", "--as", "aud-1"], 0),
        (["vault", "status"], 2),
    ],
)
def test_what_cannot_be_done_is_said_with_a_code(workspace: Path, arguments: list[str], code: int) -> None:
    assert main([*arguments, "-w", str(workspace)]) == code


def test_a_vault_that_is_not_encrypted_has_no_keys_to_care_for(
    tmp_path: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(tmp_path / "w", passphrase, "--no-encrypt") == 0
    assert status(tmp_path / "w", capsys)["encrypted"] is False
    assert main(["vault", "rotate-key", "-w", str(tmp_path / "w"), "--as", "adm-1"]) == 2
    assert "not encrypted" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("words", ["rope", "file", "file:", "passphrase:x", ""])
def test_a_way_to_open_the_vault_that_is_none_is_refused(tmp_path: Path, passphrase: Path, words: str) -> None:
    assert init(tmp_path / "w", passphrase, "--vault-key", words) == 2
