"""``export-log``, ``erase`` and who acts when nobody is named, as a person and as a program use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bwc_review.cli.main import main
from chain_of_custody.findings import Verdict
from chain_of_custody.verify import verify_log_folder
from tests.desks import PASSPHRASE, write_clip

PEOPLE = ("clerk-1:evidence_clerk:north", "psd-1:psd_investigator", "aud-1:auditor", "adm-1:admin")


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """A workspace with one small card taken, as the option that names it."""
    file = tmp_path / "passphrase.txt"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    monkeypatch.setenv("BWC_REVIEW_PASSPHRASE_FILE", str(file))
    where = ["-w", str(tmp_path / "workspace")]
    people = [part for one in PEOPLE for part in ("--operator", one)]
    assert main(["init", *where, "--agency", "police.example", "--passphrase-file", str(file), *people]) == 0
    write_clip(tmp_path / "CARD" / "DCIM" / "Somebody-s-name.mp4")
    assert main(["ingest", str(tmp_path / "CARD"), *where]) == 0
    capsys.readouterr()
    return where


def test_the_log_goes_out_as_files_and_a_name_is_erased_for_good(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    why = ["--reason", "court_order", "--why", "Order 12 of an invented court."]
    assert main(["erase", *at, "--text", "DCIM/Somebody-s-name.mp4", *why, "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["contents"], done["still_shown"]) == (2, [])
    assert main(["erase", *at, "--clean"]) == 0
    assert main(["erase", *at]) == 2
    assert main(["erase", *at, "--text", "DCIM/Somebody-s-name.mp4", *why]) == 61
    assert main(["export-log", str(tmp_path / "log"), *at, "--as", "aud-1", "--texts"]) == 0
    capsys.readouterr()
    key = (tmp_path / "workspace" / "keys" / "log.vkey").read_text("utf-8")
    assert verify_log_folder(tmp_path / "log", trusted_vkey=key).verdict is Verdict.VERIFIED
    assert main(["export-log", str(tmp_path / "log"), *at, "--as", "aud-1"]) == 2
    assert main(["log", *at, "--as", "aud-1", "--verify", "--key", str(tmp_path / "workspace/keys/log.vkey")]) == 0
    assert main(["list", *at, "--as", "clerk-1", "--json"]) == 0
    assert "erased-" in capsys.readouterr().out


def test_who_may_not_is_refused_and_who_acts_must_be_plain(
    at: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["list", *at]) == 2
    assert "--as" in capsys.readouterr().err
    monkeypatch.setenv("BWC_REVIEW_OPERATOR", "aud-1")
    assert main(["list", *at, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in listed["recordings"]} == {"withheld"}
    assert main(["export-log", str(tmp_path / "log"), *at, "--as", "clerk-1", "--texts"]) == 63
    assert main(["log", *at, "--as", "adm-1"]) == 63
    assert main(["log", *at, "--as", "adm-1", "--verify"]) == 63
    assert main(["candidates", *at, "--as", "aud-1"]) == 63
    assert main(["log", *at, "--last", "0", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    refused = [one["subject"]["id"] for one in entries if one["type"] == "access.denied"]
    assert refused == ["custody.read_log", "custody.read_log", "bundle.verify", "media.view"]
    assert {"unit": "north"} in [one["data"] for one in entries if one["type"] == "session.started"]
