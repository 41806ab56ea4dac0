"""VERIFY.txt as a stranger would follow it: every command in it, run as printed, with tools others wrote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bwc_review.export.folder import VIEWER
from bwc_review.export.verify_text import verify_text
from tests.unit.export.content_builder import make_content
from tests.unit.export.evidence_house import House, Log

TOOLS = ("bash", "sha256sum", "sha512sum", "openssl", "od", "awk", "base64", "diff")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")


def steps(text: str) -> dict[str, str]:
    """The commands of every numbered step."""
    found: dict[str, list[str]] = {}
    number = ""
    for line in text.splitlines():
        if heading := re.match(r"([0-9]+)\. ", line):
            number = heading[1]
        if line.startswith("    ") and number:
            found.setdefault(number, []).append(line[4:])
    return {name: "\n".join(lines) for name, lines in found.items()}


def follow(bundle: Path, key: str, tmp_path: Path, *wanted: str) -> subprocess.CompletedProcess[str]:
    """Run steps in one shell, in the bundle's folder."""
    (tmp_path / "log.vkey").write_text(key + "\n")
    here = Path(sys.executable).parent
    roots = f"{Path.cwd()}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    env = {**os.environ, "K": str(tmp_path / "log.vkey"), "PYTHONPATH": roots, "LC_ALL": "C.UTF-8"}
    env["PATH"] = os.pathsep.join([str(here), os.environ["PATH"]])
    commands = steps((bundle / "VERIFY.txt").read_text("utf-8"))
    script = "set -o pipefail\n" + "\n".join(f"echo '== {one}'\n{commands[one]}" for one in wanted)
    return subprocess.run(["bash", "-c", script], cwd=bundle, env=env, capture_output=True, text=True, check=False)


def printed(done: subprocess.CompletedProcess[str]) -> dict[str, list[str]]:
    """What each step printed."""
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("== "):
            found[line[3:]] = []
        else:
            found[list(found)[-1]].append(line)
    return found


def test_every_command_works_as_printed_on_a_sound_bundle(bundle: Path, tmp_path: Path) -> None:
    done = follow(bundle, Log().key.vkey.format(), tmp_path, *"012345678")
    said = printed(done)
    assert said["0"] == said["2"] == said["7"] == []
    assert said["1"] and all(line.endswith(": OK") for line in said["1"])
    assert "is valid" in done.stderr
    assert len(said["4"]) == 2 and said["4"][0] == said["4"][1]
    assert said["5"] == ["Signature Verified Successfully"]
    assert len(said["6"]) == 2 and said["6"][0] == said["6"][1]
    assert any(line.startswith("VERIFIED.") for line in said["8"])
    assert done.returncode == 0


def test_a_flipped_byte_is_named_by_sha256sum_and_by_bagit(bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / "copy")
    clip = next(copy.glob("data/media/CAM-1/*.mp4"))
    data = bytearray(clip.read_bytes())
    data[len(data) // 2] ^= 1
    clip.write_bytes(data)
    done = follow(copy, Log().key.vkey.format(), tmp_path, "1", "3")
    assert f"{clip.relative_to(copy)}: FAILED" in printed(done)["1"]
    assert "is invalid" in done.stderr


def test_an_added_file_is_shown_by_the_completeness_step(bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / "copy")
    (copy / "data" / "media" / "extra.mp4").write_bytes(b"x")
    (copy / "run.exe").write_bytes(b"x")
    said = printed(follow(copy, Log().key.vkey.format(), tmp_path, "2"))["2"]
    assert "< data/media/extra.mp4" in said
    assert "run.exe" in said


def test_another_key_fails_the_signature_step(bundle: Path, tmp_path: Path) -> None:
    key = Log().key.vkey.format()
    name, _, material = key.split("+", 2)
    other = f"{name}+00000000+{material[:10]}AAAA{material[14:]}"
    done = follow(bundle, other, tmp_path, "0", "5")
    assert printed(done)["0"] != []
    assert "Signature Verified Successfully" not in done.stdout


def test_an_altered_entry_is_named_by_the_leaf_step(bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / "copy")
    entry = copy / "data" / "custody" / "entries" / "00000002.json"
    entry.write_bytes(entry.read_bytes().replace(b"clerk-0042", b"clerk-0043"))
    assert printed(follow(copy, Log().key.vkey.format(), tmp_path, "7"))["7"] == [
        "ALTERED: data/custody/entries/00000002.json"
    ]


def test_a_title_cannot_add_a_command(house: House) -> None:
    content = make_content(house)
    hostile = "Mill\n    rm -rf ~\n@ORIGIN@\u202e"
    content = replace(content, incident=replace(content.incident, title=hostile))
    text = verify_text((VIEWER / "VERIFY.txt").read_text("utf-8"), content)
    assert "    rm -rf ~" not in text.splitlines()
    assert "\u202e" not in text
    found = [line for line in text.splitlines() if "rm -rf" in line]
    assert found == ["Incident: IR-2026-0001: Mill?    rm -rf ~?@ORIGIN@?"]
