"""``bwc-review keys`` and ``log --verify --level`` with real keys, as people at a terminal and robots use them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keyring
import pytest

from bwc_review.bootstrap import open_workspace
from bwc_review.cli.main import main
from chain_of_custody.vkey import VerifierKey
from tests.desks import make_card
from tests.fakes.machine_keyring import MachineKeyring

OPERATOR_FILE = "BWC_REVIEW_OPERATOR_PASSPHRASE_FILE"
Run = Callable[..., Any]


def command(folder: Path, *arguments: str, code: int = 0) -> None:
    """A command on a workspace, its exit code checked."""
    assert main([*arguments, "-w", str(folder)]) == code


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """A file with invented words for a key."""
    folder = tmp_path_factory.mktemp("words")

    def file(name: str) -> str:
        made = folder / f"words-of-{name}.txt"
        made.write_text(f"invented words of {name}\n", "utf-8")
        return str(made)

    return file


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, spoken: Callable[[str], str]) -> Path:
    """A workspace whose administrator and clerk got their keys by commands alone. Copied, never used."""
    folder = tmp_path_factory.mktemp("staffed") / "workspace"
    people = ["--operator", "clerk-1:evidence_clerk", "--operator", "admin-1:admin", "--operator", "audit-1:auditor"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BWC_REVIEW_PASSPHRASE_FILE", spoken("log"))
        command(folder, "init", "--agency", "police.example", "--passphrase-file", spoken("log"), *people)
        command(folder, "keys", "new", "--as", "admin-1", "--passphrase-file", spoken("admin"))
        own = ("--grants", "administrator", "--passphrase-file", spoken("admin"))
        command(folder, "keys", "enrol", "admin-1", *own)
        kind = ("--type", "ecdsa-p256", "--passphrase-file", spoken("clerk"))
        command(folder, "keys", "new", "--as", "clerk-1", *kind)
        patch.setenv(OPERATOR_FILE, spoken("admin"))
        command(folder, "keys", "enrol", "clerk-1", "--passphrase-file", spoken("clerk"))
    return folder


def logged(folder: Path, last: int) -> list[Any]:
    """The newest entries (0: all), read past the command, whose own session would stand among them."""
    with open_workspace(folder, lambda: "").store.reading() as work:
        return [json.loads(raw) for raw in work.log.entries()][-last:]


@pytest.fixture
def words(spoken: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The files with words; the log key's and the administrator's are named as a robot would."""
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", spoken("log"))
    monkeypatch.setenv(OPERATOR_FILE, spoken("admin"))
    return spoken


@pytest.fixture
def staffed(made: Path, words: Callable[[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on a copy; gives what it printed as JSON, or as words."""
    shutil.copytree(made, tmp_path / "workspace")

    def call(*arguments: str, code: int = 0) -> Any:
        if arguments[0] == "log" and "--verify" not in arguments:
            return logged(tmp_path / "workspace", int(arguments[arguments.index("--last") + 1]))
        capsys.readouterr()
        command(tmp_path / "workspace", *arguments, code=code)
        said = capsys.readouterr()
        if "--json" in arguments and said.out:
            return json.loads(said.out)
        return " ".join((said.out + said.err).split())

    return call


def test_keys_are_made_enrolled_listed_and_shown(staffed: Run) -> None:
    known = staffed("keys", "list", "--json")
    found = [(one["operator"], one["type"], one["grants"], one["state"]) for one in known["operators"]]
    assert found == [
        ("admin-1", "ed25519", "administrator", "valid"),
        ("clerk-1", "ecdsa-p256", "operator", "valid"),
    ]
    shown = staffed("keys", "show", "admin-1", "--json")
    assert VerifierKey.parse(shown["vkey"]).name == "admin-1"
    assert shown["key"] == known["operators"][0]["key"]
    assert staffed("keys", "show", "--json") == known["log"]
    assert "another way than the bundles" in staffed("keys", "show", "admin-1")


def test_a_card_taken_by_a_clerk_with_a_key_is_signed_and_verified_to_every_level(
    staffed: Run, words: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPERATOR_FILE, words("clerk"))
    staffed("ingest", str(make_card(tmp_path / "CARD")), "--as", "clerk-1")
    entries = staffed("log", "--last", "0", "--json")
    taken = [one for one in entries if one["type"] == "media.ingested"]
    assert taken
    assert {(one["actor"]["id"], one["actor"]["auth"], len(one["actor"]["key"])) for one in taken} == {
        ("clerk-1", "passphrase_file", 64)
    }
    key = str(tmp_path / "workspace" / "keys" / "log.vkey")
    for level in ("L0", "L1", "L2", "L3", "L4"):
        report = staffed("log", "--verify", "--level", level, "--key", key, "--json")
        assert report["verdict"] == "verified", (level, report)
    logged = [one["data"] for one in staffed("log", "--last", "0", "--json") if one["type"] == "log.verified"]
    assert [one["level"] for one in logged] == ["L0", "L1", "L2", "L3", "L4"]
    assert {one["verdict"] for one in logged} == {"verified"}
    assert {one["failed"] for one in logged} == {0}
    original = max((tmp_path / "workspace" / "vault" / "originals").rglob("*"), key=lambda f: f.stat().st_size)
    original.chmod(0o644)
    original.write_bytes(original.read_bytes()[:-1] + b"!")
    report = staffed("log", "--verify", "--level", "L4", "--json", code=1)
    # a sealed original that was touched does not even open
    assert "vault_damaged" in {one["code"] for step in report["steps"] for one in step["findings"]}
    assert staffed("log", "--verify", "--json", code=3)["verdict"] == "verified_with_unchecked"


def test_a_second_verification_starts_where_the_last_one_held_and_full_does_not(staffed: Run, tmp_path: Path) -> None:
    def codes(report: Any) -> set[str]:
        return {one["code"] for step in report["steps"] for one in step["findings"]}

    assert "checked_earlier" not in codes(staffed("log", "--verify", "--json", code=3))
    assert "checked_earlier" in codes(staffed("log", "--verify", "--json", code=3))
    assert "checked_earlier" not in codes(staffed("log", "--verify", "--full", "--json", code=3))
    kept = (tmp_path / "workspace" / "last-verified.note").read_bytes()
    raw = sqlite3.connect(tmp_path / "workspace" / "bwc.db")
    raw.execute("DROP TRIGGER custody_signature_no_delete")
    raw.execute("DELETE FROM custody_signature WHERE seq = (SELECT max(seq) FROM custody_signature)")
    raw.commit()
    raw.close()
    assert "not_signed" in codes(staffed("log", "--verify", "--full", "--json", code=1))
    assert (tmp_path / "workspace" / "last-verified.note").read_bytes() == kept, "a failure moves the point nowhere"


def test_a_verified_point_that_nobody_signed_spares_nothing(staffed: Run, tmp_path: Path) -> None:
    file = tmp_path / "workspace" / "last-verified.note"
    file.write_text("police.example/bwc/ws1\n99\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "utf-8")
    report = staffed("log", "--verify", "--json", code=3)
    assert "checked_earlier" not in json.dumps(report)


def test_an_older_database_put_back_under_a_later_verified_point_is_a_failure(
    staffed: Run, words: Callable[[str], str], tmp_path: Path
) -> None:
    folder = tmp_path / "workspace"
    raw = sqlite3.connect(folder / "bwc.db")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    old = (folder / "bwc.db").read_bytes()
    staffed("keys", "rotate", "--as", "admin-1", "--passphrase-file", words("next"))
    staffed("log", "--verify", code=3)
    for file in folder.glob("bwc.db*"):
        file.unlink()
    (folder / "bwc.db").write_bytes(old)
    report = staffed("log", "--verify", "--json", code=1)
    assert "verified_point_differs" in {one["code"] for step in report["steps"] for one in step["findings"]}


def test_a_log_that_takes_no_entry_is_verified_all_the_same(staffed: Run, tmp_path: Path) -> None:
    raw = sqlite3.connect(tmp_path / "workspace" / "bwc.db")
    raw.execute("CREATE TRIGGER no_more BEFORE INSERT ON custody_entry BEGIN SELECT RAISE(ABORT, 'full'); END")
    raw.commit()
    raw.close()
    said = staffed("log", "--verify", code=3)
    assert "VERIFIED AS FAR AS CHECKED" in said
    assert "could not be written down; the verdict stands" in said


def test_whoever_is_named_verifies_in_a_session_of_their_own(staffed: Run) -> None:
    staffed("log", "--verify", "--as", "audit-1", code=3)
    types = [(one["type"], one["actor"]["id"]) for one in staffed("log", "--last", "3", "--json")]
    assert types == [("session.started", "audit-1"), ("log.verified", "audit-1"), ("session.ended", "audit-1")]
    assert "may not do this" in staffed("log", "--verify", "--as", "admin-1", code=63)
    assert "Levels: L0" in staffed("log", "--verify", "--level", "L9", code=2)


def test_a_wrong_passphrase_starts_no_session(
    staffed: Run, words: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OPERATOR_FILE, words("stranger"))
    assert "passphrase" in staffed("keys", "new", "--as", "clerk-1", code=26)
    (refused,) = staffed("log", "--last", "1", "--json")
    assert (refused["type"], refused["reason"]) == ("session.refused", "wrong_passphrase")


def test_keys_are_rotated_and_revoked_with_a_reason(
    staffed: Run, words: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Say why" in staffed("keys", "revoke", "clerk-1", "--as", "admin-1", code=2)
    staffed("keys", "revoke", "clerk-1", "--as", "admin-1", "--reason", "left_service")
    assert "No enrolled key" in staffed("keys", "revoke", "clerk-1", "--as", "admin-1", "--reason", "x", code=61)
    new = staffed("keys", "rotate", "--as", "admin-1", "--passphrase-file", words("next"), "--json")
    known = staffed("keys", "list", "--json")["operators"]
    states = {one["key"]: one["state"] for one in known}
    assert states[new["key"]] == "valid"
    assert sorted(states.values()) == ["ended", "ended", "valid"]
    monkeypatch.setenv(OPERATOR_FILE, words("next"))
    assert "only administrator" in staffed("keys", "revoke", "admin-1", "--as", "admin-1", "--reason", "lost", code=2)


def test_the_log_key_is_rotated_by_command_and_both_keys_lead_to_the_log(
    staffed: Run, words: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = (tmp_path / "workspace" / "keys" / "log.vkey").read_text("utf-8")
    new = staffed("keys", "rotate-log", "--as", "admin-1", "--passphrase-file", words("new-log"), "--json")["vkey"]
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", words("new-log"))
    staffed("keys", "rotate", "--as", "admin-1", "--passphrase-file", words("next"))
    for name, line in (("old", old), ("new", new)):
        key = tmp_path / f"{name}.vkey"
        key.write_text(line, "utf-8")
        assert staffed("log", "--verify", "--full", "--key", str(key), "--json")["verdict"] == "verified"


def test_a_passphrase_is_kept_in_the_machines_keyring_and_removed_again(
    staffed: Run, words: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(OPERATOR_FILE)
    machine, before = MachineKeyring(), keyring.get_keyring()
    keyring.set_keyring(machine)
    try:
        assert "passphrase" in staffed(
            "keys", "remember", "--as", "clerk-1", "--passphrase-file", words("stranger"), code=26
        )
        assert machine.kept == {}
        staffed("keys", "remember", "--as", "clerk-1", "--passphrase-file", words("clerk"))
        staffed("keys", "new", "--as", "clerk-1", "--passphrase-file", words("next"))
        ended = staffed("log", "--last", "1", "--json")[0]
        assert (ended["type"], ended["actor"]["auth"]) == ("session.ended", "os_keyring")
        staffed("keys", "forget", "--as", "clerk-1", "--passphrase-file", words("clerk"))
        assert machine.kept == {}
        assert "nobody is there to type it" in staffed("keys", "new", "--as", "clerk-1", code=2)
        monkeypatch.setenv(OPERATOR_FILE, words("admin"))
        staffed("keys", "remember", "--log", "--as", "admin-1", "--passphrase-file", words("log"))
        monkeypatch.delenv("BWC_REVIEW_PASSPHRASE_FILE")
        staffed("keys", "revoke", "clerk-1", "--as", "admin-1", "--reason", "lost")  # signs a checkpoint
        staffed("keys", "forget", "--log", "--as", "admin-1")
        assert machine.kept == {}
    finally:
        keyring.set_keyring(before)
    types = [(one["type"], one["outcome"]) for one in staffed("log", "--last", "0", "--json")]
    assert types.count(("key.remembered", "ok")) == 2
    assert types.count(("key.forgotten", "ok")) == 2


def test_on_a_machine_without_a_keyring_that_is_said_and_logged(staffed: Run, words: Callable[[str], str]) -> None:
    said = staffed("keys", "remember", "--as", "admin-1", "--passphrase-file", words("admin"), code=69)
    assert "no keyring" in said
    refused = [one for one in staffed("log", "--last", "0", "--json") if one["type"] == "key.remembered"]
    assert [(one["outcome"], one["reason"]) for one in refused] == [("refused", "no_keyring")]


def test_a_backend_named_in_keyrings_own_setting_is_used_by_the_program_as_a_process(
    staffed: Run, tmp_path: Path, words: Callable[[str], str]
) -> None:
    """The plaintext one must be refused there too, where nothing of this test's process helps."""
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "tests.fakes.machine_keyring.PlaintextFile"}
    command = [sys.executable, "-m", "bwc_review", "keys", "remember", "--as", "admin-1"]
    command += ["--passphrase-file", words("admin"), "-w", str(tmp_path / "workspace")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 69, done.stderr
    assert "PlaintextFile" in done.stderr
    assert "Traceback" not in done.stderr
