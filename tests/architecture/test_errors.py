"""Every error tells a program and a person apart what happened, and the README's table says the same."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from pathlib import Path

import pytest

from bwc_review.cli.main import STOPPED, UNEXPECTED
from bwc_review.errors import ReviewError
from chain_of_custody.errors import CustodyError
from chain_of_custody.findings import Verdict
from ingest.errors import IngestError
from tests.architecture.repository import PACKAGES, ROOT, python_files, short, tree

Kind = type[ReviewError] | type[IngestError] | type[CustodyError]
ROOTS: dict[str, Kind] = {"bwc_review": ReviewError, "ingest": IngestError, "chain_of_custody": CustodyError}
ROW = re.compile(r"^\|\s*(\d+)\s*\|\s*(\S.*?)\s*\|$")


def import_all(package: str) -> None:
    for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        if not found.name.endswith("__main__") and ".migrations" not in found.name:
            importlib.import_module(found.name)


def below(kind: Kind) -> set[Kind]:
    return {kind}.union(*(below(child) for child in kind.__subclasses__()))


def errors_of(package: str) -> set[Kind]:
    import_all(package)
    return {kind for kind in below(ROOTS[package]) if kind.__module__.partition(".")[0] == package}


@pytest.mark.parametrize("package", ROOTS)
def test_every_error_ends_the_program_with_a_code_a_shell_can_tell_from_success(package: str) -> None:
    codes = {kind.__name__: kind.exit_code for kind in errors_of(package)}
    assert {name: code for name, code in codes.items() if not 0 < code < 126} == {}


def raised_names(path: Path) -> set[str]:
    calls = (node.exc for node in ast.walk(tree(path)) if isinstance(node, ast.Raise))
    return {call.func.id for call in calls if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)}


def test_no_root_is_raised_itself() -> None:
    roots = {root.__name__ for root in ROOTS.values()}
    assert [short(path) for path in python_files(*PACKAGES) if raised_names(path) & roots] == []


def test_no_two_packages_share_an_exit_code() -> None:
    owners: dict[int, set[str]] = defaultdict(set)
    for package, root in ROOTS.items():
        for kind in errors_of(package) - {root}:
            owners[kind.exit_code].add(package)
    assert {code: packages for code, packages in owners.items() if len(packages) > 1} == {}


def test_a_refusal_is_never_taken_for_a_verdict() -> None:
    refusals = {kind.exit_code for package, root in ROOTS.items() for kind in errors_of(package) - {root}}
    assert refusals & {verdict.exit_code for verdict in Verdict} == set()


@pytest.mark.parametrize("package", ROOTS)
def test_inside_a_package_an_exit_code_means_one_thing(package: str) -> None:
    names: dict[int, set[str]] = defaultdict(set)
    for kind in errors_of(package):
        parent = kind.__mro__[1]
        inherited = kind.exit_code == getattr(parent, "exit_code", None)
        names[kind.exit_code].add(parent.__name__ if inherited else kind.__name__)
    assert {code: kinds for code, kinds in names.items() if len(kinds) > 1} == {}


def documented_codes() -> set[int]:
    readme = (ROOT / "README.md").read_text("utf-8")
    section = re.search(r"^#+ Exit codes\s*$(.*?)(?=^#|\Z)", readme, re.MULTILINE | re.DOTALL)
    assert section, 'README.md has no section "Exit codes"'
    assert re.search(r"^\|\s*code\s*\|\s*meaning\s*\|", section[1], re.MULTILINE | re.IGNORECASE)
    rows = [ROW.match(line) for line in section[1].splitlines()]
    return {int(row[1]) for row in rows if row}


def test_the_readme_lists_every_exit_code_and_no_other() -> None:
    raised = {kind.exit_code for package in ROOTS for kind in errors_of(package)}
    verdicts = {verdict.exit_code for verdict in Verdict}
    assert documented_codes() == raised | verdicts | {STOPPED, UNEXPECTED}
