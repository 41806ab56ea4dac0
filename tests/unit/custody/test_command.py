"""The verifier as a command: alone in a folder, exit codes, text that is safe to print, openssl by hand."""

from __future__ import annotations

import ast
import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chain_of_custody import __main__ as command
from chain_of_custody import witness_command
from chain_of_custody.custody_folder import write_custody_folder
from chain_of_custody.errors import BundleUnreadable, NoteRefused
from chain_of_custody.report import shown
from chain_of_custody.verify import verify_bundle
from chain_of_custody.vkey import ECDSA_P256, ED25519
from tests.unit.custody.scene import KEY, MemoryLog, key_named, made_log, make_bundle

VKEY = KEY.vkey.format()
PACKAGE = Path(command.__file__).parent


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "log.vkey"
    file.write_text(VKEY + "\n")
    return file


def test_the_command_works_from_a_copy_of_its_folder_alone(bundle: Path, key_file: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(PACKAGE, alone / "chain_of_custody", ignore=shutil.ignore_patterns("__pycache__"))
    line = [sys.executable, "-m", "chain_of_custody", "verify", str(bundle), "--key", str(key_file)]
    done = subprocess.run(line, cwd=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "9. Seal" in done.stdout
    assert "VERIFIED. Every check" in done.stdout


def test_the_command_exits_by_verdict_and_prints_json(
    bundle: Path, key_file: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert command.main(["verify", str(bundle), "--json"]) == 3
    printed = json.loads(capfdbinary.readouterr().out)
    assert (printed["verdict"], printed["exit_code"]) == ("verified_with_unchecked", 3)
    (bundle / "VERIFY.txt").write_text("other\n")
    assert command.main(["verify", str(bundle), "--key", str(key_file)]) == 1
    assert command.main(["verify", str(bundle.parent / "none")]) == 4


def test_a_logs_files_are_verified_by_the_command_to_the_level_asked_for(
    tmp_path: Path, key_file: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    log = made_log()
    write_custody_folder(tmp_path / "log", log, disclosed=range(5), payloads=(), withheld={})
    line = ["verify-log", str(tmp_path / "log"), "--key", str(key_file), "--progress"]
    assert command.main([*line, "--level", "L1", "--json"]) == 0
    assert len(json.loads(capfdbinary.readouterr().out)["steps"]) == 4
    (tmp_path / "log/entries/00000001.json").write_bytes(b"{}")
    assert command.main(line) == 1


def test_a_key_file_that_is_no_key_is_explained_without_a_traceback(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"\xff nonsense")
    assert command.main(["verify", str(bundle), "--key", str(wrong)]) == NoteRefused.exit_code
    assert command.main(["verify", str(bundle), "--key", str(tmp_path / "gone")]) == BundleUnreadable.exit_code

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(witness_command, "read_bounded", fail)
    assert command.main(["verify", str(bundle), "--key", str(wrong)]) == BundleUnreadable.exit_code
    assert "vkey form" in capsys.readouterr().err


def test_the_module_runs_as_a_program(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["chain_of_custody", "verify", str(bundle)])
    monkeypatch.delitem(sys.modules, "chain_of_custody.__main__")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("chain_of_custody", run_name="__main__")
    assert ended.value.code == 3


def test_the_package_imports_the_standard_library_and_cryptography_and_nothing_else() -> None:
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            for top in {name.split(".")[0] for name in names}:
                assert top in sys.stdlib_module_names | {"cryptography", "chain_of_custody"}, (file.name, top)


def test_hostile_names_do_not_reach_the_terminal_as_they_are(bundle: Path) -> None:
    (bundle / "evil\x1b[2J\u202e.txt").write_bytes(b"")
    text = verify_bundle(bundle).to_text()
    assert "\x1b" not in text and "\u202e" not in text
    assert shown("a\x1bb\n") == "a\\x1bb\\n"


@pytest.mark.parametrize("alg", [ED25519, ECDSA_P256])
def test_openssl_accepts_the_seal_by_the_printed_commands(tmp_path: Path, alg: int) -> None:
    shell, openssl = shutil.which("sh"), shutil.which("openssl")
    if shell is None or openssl is None:
        pytest.skip("sh or openssl is not installed")
    key = key_named("log key", alg=alg)
    (tmp_path / "key").write_text(key.vkey.format() + "\n")
    make_bundle(tmp_path / "IR", MemoryLog(key=key))
    text = verify_bundle(tmp_path / "IR").to_text()
    lines = [line.strip() for line in text.splitlines() if line.startswith("  ")]
    first = next(number for number, line in enumerate(lines) if line.startswith("T="))
    last = next(number for number, line in enumerate(lines) if line.startswith("openssl pkeyutl"))
    script = "\n".join(lines[first : last + 1])
    env = {**os.environ, "K": str(tmp_path / "key")}
    line = [shell, "-ec", script]
    done = subprocess.run(line, cwd=tmp_path / "IR", env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Verified Successfully" in done.stdout + done.stderr
