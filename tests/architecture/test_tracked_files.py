"""What the repository may hold: the agreed top level, and nothing that ties it to one machine or one registry."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.architecture.repository import ROOT, short, tracked_files, tracked_texts

FOLDERS = {"bwc_review", "ingest", "ui", "chain_of_custody", "tests", "sample_media", "benchmarks", "docs", ".ci"}
FILES = {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE"}
FILES |= {"pyproject.toml", "requirements.lock", "Makefile", ".gitignore", ".gitattributes"}
OF_ONE_MACHINE = re.compile(r"(?<![\w.~/-])/(?:work|root|home|Users|opt|mnt)/[A-Za-z_.]|[A-Z]:\\\\?Users\\")
REGISTRIES = re.compile(r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:com|org)|deb\.debian\.org|conda\.anaconda\.org)")
LOCKED = re.compile(r"^([a-z0-9][a-z0-9.-]*)(?:\[[a-z0-9,-]+\])?==(\S+)", re.MULTILINE)


def test_the_top_level_holds_what_was_agreed() -> None:
    assert {short(path).partition("/")[0] for path in tracked_files()} <= FOLDERS | FILES


@pytest.mark.parametrize("pattern", [OF_ONE_MACHINE, REGISTRIES], ids=["machine paths", "registry hosts"])
def test_no_file_names_one_machine_or_one_registry(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in tracked_texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def lock() -> str:
    return (ROOT / "requirements.lock").read_text("utf-8")


def test_every_locked_release_carries_digests_and_the_lock_names_no_address() -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock(), flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.search(r"://|^\s*-|@ ", re.sub(r"^\s+--hash=\S+", "", lock(), flags=re.MULTILINE), re.MULTILINE) is None


def test_the_lock_answers_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    locked: dict[str, list[str]] = {}
    for name, version in LOCKED.findall(lock()):
        locked.setdefault(name, []).append(version)
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        asked = Requirement(line)
        versions = locked.get(asked.name.lower(), [])
        assert versions, f"{asked.name} is not in requirements.lock; run make lock"
        assert all(asked.specifier.contains(version) for version in versions), f"{line} is locked at {versions}"
