"""The command line as a person and as a program use it: words, JSON, exit codes, and never a traceback."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from bwc_review.cli.main import main
from tests.desks import PASSPHRASE, make_card, write_clip


@pytest.fixture(autouse=True)
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log key's passphrase in a file, as a robot would name it."""
    file = tmp_path / "passphrase.txt"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", str(file))
    monkeypatch.setenv("BWC_REVIEW_OPERATOR", "psd-1")  # who looks things up where several could
    return file


@pytest.fixture
def workspace(tmp_path: Path, passphrase: Path) -> Path:
    """A workspace made by the command itself."""
    folder = tmp_path / "workspace"
    people = ["--operator", "clerk-1:evidence_clerk", "--operator", "psd-1:psd_investigator"]
    made = main(
        ["init", "-w", str(folder), "--agency", "police.example", "--passphrase-file", str(passphrase), *people]
    )
    assert made == 0
    return folder


@pytest.fixture(scope="session")
def whole_card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small card."""
    return make_card(tmp_path_factory.mktemp("cli") / "CARD")


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def test_from_card_to_bundle_with_commands_alone(
    workspace: Path, whole_card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["-w", str(workspace)]
    capsys.readouterr()
    assert main(["ingest", str(whole_card), *at, "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)
    assert [one["outcome"] for one in report["files"]] == ["taken", "taken", "taken", "refused", "taken"]
    assert main(["list", *at, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["exhibit"] for one in listed["recordings"]] == ["WS1-0002", "WS1-0003"]
    assert main(["incident", "IR-1", *at, "--as", "psd-1", "--title", "A made incident"]) == 0
    assert main(["tag", "add", "FRC.PUSH", "0:01.500", *at, "--actor", "O1", "--target", "S"]) == 0
    assert main(["tag", "add", "RST.HANDCUFF", "2", "open", *at, "--target", "S", "--attr", "position=rear"]) == 0
    capsys.readouterr()
    assert main(["tag", "list", *at, "--json"]) == 0
    tags = json.loads(capsys.readouterr().out)
    assert [(one["code"], one["start_us"], one["end_us"]) for one in tags] == [
        ("FRC.PUSH", 1_500_000, 1_500_000),
        ("RST.HANDCUFF", 2_000_000, None),
    ]
    assert main(["tag", "close", tags[1]["id"], "3.5", *at]) == 0
    assert main(["tag", "withdraw", tags[0]["id"], *at, "--reason", "a mistake"]) == 0
    capsys.readouterr()
    assert main(["measures", *at, "--json"]) == 0
    measures = {one["code"]: one for one in json.loads(capsys.readouterr().out)}
    assert measures["M12"]["value"] == 1_500_000
    assert main(["export", *at, "--as", "psd-1", "--into", str(tmp_path / "out"), "--json"]) == 0
    bundle = json.loads(capsys.readouterr().out)["path"]
    assert main(["verify", bundle, "--key", str(workspace / "keys" / "log.vkey")]) == 0
    assert main(["log", *at, "--verify", "--key", str(workspace / "keys" / "log.vkey")]) == 0
    assert main(["log", *at, "--last", "3"]) == 0


def test_nobody_listened_is_said_and_not_called_silence(
    workspace: Path, whole_card: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ingest", str(whole_card), "-w", str(workspace)]) == 0
    assert main(["incident", "IR-1", "-w", str(workspace), "--as", "psd-1"]) == 0
    assert main(["tag", "add", "FRC.PUSH", "1", "-w", str(workspace), "--target", "S"]) == 0
    capsys.readouterr()
    assert main(["measures", "-w", str(workspace), "--json"]) == 0
    found = [one for one in json.loads(capsys.readouterr().out) if one["code"] == "M01"]
    assert [one["status"] for one in found] == ["not_observable"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["list"], 53, "There is no workspace"),
        (["verify", "nowhere"], 2, "There is no bundle"),
        (["init", "--agency", "a.example"], 2, "at least one operator"),
        (["init"], 2, "Name the agency"),
        (["init", "--agency", "two words", "--operator", "a:evidence_clerk"], 2, "cannot be the agency"),
        (["init", "--agency", "a.example", "--operator", "a b:evidence_clerk"], 2, "cannot be an operator"),
        (["init", "--agency", "a.example", "--operator", "a:king"], 2, "There is no role"),
        (["demo", "--samples", "nowhere"], 2, "no sample cards"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_code_and_a_next_step(
    arguments: list[str],
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == code
    text = said(capsys)
    assert words in text
    assert "Traceback" not in text


def test_an_engine_nobody_knows_is_refused_before_anything_begins(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["transcribe", "-w", str(workspace), "--engine", "crystal-ball"]) == 2
    assert "crystal-ball" in said(capsys)


def test_a_workspace_is_never_made_over_a_file_or_another_workspace(
    workspace: Path, tmp_path: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ["--agency", "a.example", "--operator", "a:evidence_clerk", "--passphrase-file", str(passphrase)]
    (tmp_path / "file").touch()
    assert main(["init", "-w", str(tmp_path / "file"), *named]) == 2
    assert main(["init", "-w", str(workspace), *named]) == 2
    assert "already" in said(capsys)


def test_a_wrong_passphrase_copies_nothing_and_says_so(
    workspace: Path, whole_card: Path, passphrase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    passphrase.write_text("not the passphrase\n", "utf-8")
    assert main(["ingest", str(whole_card), "-w", str(workspace)]) == 26
    assert "passphrase" in said(capsys).lower()
    main(["log", "-w", str(workspace), "--json"])
    types = [(one["type"], one["outcome"]) for one in json.loads(capsys.readouterr().out)]
    assert ("key.unlock_failed", "refused") in types
    kept = [file.name for file in (workspace / "vault").rglob("*") if file.is_file()]
    assert kept == ["vault-keys.json"]


def test_a_folder_that_is_no_dock_is_refused_and_logged(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["ingest", str(tmp_path / "empty"), "-w", str(workspace)]) == 40
    assert "holds no files" in said(capsys)
    capsys.readouterr()
    main(["log", "-w", str(workspace), "--json"])
    types = [(one["type"], one["outcome"]) for one in json.loads(capsys.readouterr().out)]
    assert ("dock.attached", "refused") in types


def test_a_database_of_a_newer_version_is_refused(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw = sqlite3.connect(workspace / "bwc.db")
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    raw.close()
    assert main(["list", "-w", str(workspace)]) == 54
    assert "newer version" in said(capsys)


def test_a_forged_entry_makes_the_log_fail_with_a_code_of_its_own(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = sqlite3.connect(workspace / "bwc.db")
    raw.execute("DROP TRIGGER custody_entry_no_update")
    raw.execute("UPDATE custody_entry SET actor_id = 'somebody-else' WHERE seq = 0")
    raw.commit()
    raw.close()
    assert main(["log", "-w", str(workspace), "--verify"]) == 1
    assert "FAILED" in said(capsys)


def test_a_full_disk_is_said_in_words_and_the_copy_can_be_repeated(
    workspace: Path, whole_card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The vault's own tests fill a real small disk; here the whole command meets one."""
    mount = tmp_path / "small"
    mount.mkdir()
    if shutil.which("mount") is None or not _mounted(mount):
        pytest.skip("a small disk can only be mounted by root on Linux")
    try:
        small = mount / "workspace"
        shutil.copytree(workspace, small)
        big = tmp_path / "BIG"
        write_clip(big / "A.MP4")
        (big / "Z.BIN").write_bytes(bytes(range(256)) * 24_000)
        assert main(["ingest", str(big), "-w", str(small)]) == 44
        text = said(capsys)
        assert "no room" in text
        assert "nothing is lost" in text
        assert not list((small / "vault" / "staging").glob("*"))
        main(["log", "-w", str(small), "--json"])
        types = [one["type"] for one in json.loads(capsys.readouterr().out)]
        assert types[-4:] == ["media.ingest_failed", "dock.interrupted", "session.ended", "session.started"]
    finally:
        _unmount(mount)


def _mounted(folder: Path) -> bool:
    import subprocess

    options = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    return subprocess.run(options, capture_output=True, check=False).returncode == 0


def _unmount(folder: Path) -> None:
    import subprocess

    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def test_an_unexpected_failure_is_one_sentence_and_never_a_traceback(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(self: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bwc_review.store.footage.SqlFootage.recordings", broken)
    assert main(["list", "-w", str(workspace)]) == 70
    text = said(capsys)
    assert "ZeroDivisionError" in text
    assert "Traceback" not in text
