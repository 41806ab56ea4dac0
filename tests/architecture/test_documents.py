"""What the documents tell a person to type exists, and the files they point at are there."""

from __future__ import annotations

import re

import pytest
import typer

from bwc_review.cli.main import app
from tests.architecture.repository import ROOT

DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
TYPED = re.compile(r"^\s*(?:\$ )?(?:\.venv/bin/)?bwc-review ([a-z][a-z-]*)|`bwc-review ([a-z][a-z-]*)", re.MULTILINE)
MADE = re.compile(r"^\s*(?:\$ )?make ([a-z][a-z-]*)|`make ([a-z][a-z-]*)", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
LONGEST_DECISION = 60


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def words(pattern: re.Pattern[str], name: str) -> set[str]:
    return {next(group for group in found.groups() if group) for found in pattern.finditer(text(name))}


def test_every_command_of_the_documents_exists() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    named = {command for name in DOCUMENTS for command in words(TYPED, name)}
    assert {"demo", "verify"} <= named
    assert named - known == set()


def test_the_readme_names_every_command() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert {command for command in known if f"bwc-review {command}" not in text("README.md")} == set()


def test_every_make_target_of_the_documents_exists() -> None:
    named = {target for name in DOCUMENTS for target in words(MADE, name)}
    assert {"demo", "test"} <= named
    assert named - set(TARGET.findall(text("Makefile"))) == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_a_document_points_at_is_there(name: str) -> None:
    assert [link for link in LINK.findall(text(name)) if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_decisions_are_short() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert decisions
    assert {path.name for path in decisions if len(path.read_text("utf-8").splitlines()) > LONGEST_DECISION} == set()
