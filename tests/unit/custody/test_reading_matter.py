"""The package is read top to bottom in an afternoon: short files, and every docstring says where its rule stands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import chain_of_custody

FILES = sorted(Path(chain_of_custody.__file__).parent.glob("*.py"))
PLACE = re.compile(r"sections? [0-9]|RFC [0-9]+|c2sp|C2SP|tlog-|threat-model")
AUTHORITY = re.compile(r"custody-format(?:\.md)?,?\s+sections?\s+[0-9]|RFC [0-9]+|[cC]2[sS][pP]")


def test_every_module_names_its_specification_and_section() -> None:
    said = {file.name: ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "" for file in FILES}
    assert [name for name, text in said.items() if not AUTHORITY.search(text)] == []


def test_every_public_function_and_class_of_a_module_names_its_section() -> None:
    silent = [
        f"{file.name}:{one.name}"
        for file in FILES
        for one in ast.parse(file.read_text("utf-8")).body
        if isinstance(one, ast.FunctionDef | ast.ClassDef) and not one.name.startswith("_")
        if not PLACE.search(ast.get_docstring(one) or "")
    ]
    assert silent == []


def test_every_section_that_is_named_is_there() -> None:
    page = FILES[0].parent.parent / "docs" / "custody-format.md"
    numbers = set(re.findall(r"^## ([0-9]+)\. ", page.read_text("utf-8"), re.MULTILINE))
    named = {
        number
        for file in FILES
        for found in re.findall(r"custody-format(?:\.md)? sections? ([0-9, and]+)", file.read_text("utf-8"))
        for number in re.findall(r"[0-9]+", found)
    }
    assert named - numbers == set()


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    assert [file.name for file in FILES if len(file.read_text("utf-8").splitlines()) > 300] == []
