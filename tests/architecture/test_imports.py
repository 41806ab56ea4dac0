"""The contracts of pyproject.toml hold, and each kind of them breaks when somebody breaks the rule."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.repository import PACKAGES, ROOT, python_files, short, tree

LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command(sys.argv[1:])"
OUTSIDE_THE_VERIFIER = {"cryptography"}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LINT, "--no-cache", "--no-logo"]
    environment = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "300"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def broken(root: Path) -> set[str]:
    lines = lint_imports(root).stdout.splitlines()
    return {line.removesuffix(" BROKEN") for line in lines if line.endswith(" BROKEN")}


def test_every_import_contract_is_kept() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert f"Contracts: {len(contracts)} kept, 0 broken." in done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", root)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("ingest/planted.py", "import bwc_review.errors", "The four packages form a stack"),
        (
            "bwc_review/domain/planted.py",
            "import bwc_review.store",
            "Inside bwc_review: entry points over adapters over use cases over domain",
        ),
        (
            "bwc_review/planted/__init__.py",
            "",
            "Inside bwc_review: entry points over adapters over use cases over domain",
        ),
        ("bwc_review/review/planted.py", "import sqlalchemy", "The domain knows only itself"),
        (
            "bwc_review/domain/planted.py",
            "import ingest",
            "The domain does not know how footage arrives or is sealed",
        ),
        ("chain_of_custody/planted.py", "import numpy", "The verifier needs nothing but cryptography"),
        ("ui/planted.py", "import bwc_review.store", "Screens talk to use cases, never to engines"),
        ("bwc_review/export/planted.py", "import PySide6", "Only the desktop knows Qt"),
    ],
)
def test_a_planted_violation_breaks_its_contract(copy: Path, module: str, line: str, contract: str) -> None:
    planted = copy / module
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(line + "\n", encoding="utf-8")
    try:
        assert contract in broken(copy)
    finally:
        planted.unlink()
        if not any(planted.parent.iterdir()):
            planted.parent.rmdir()


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_the_verifier_imports_the_standard_library_and_cryptography_only() -> None:
    allowed = set(sys.stdlib_module_names) | OUTSIDE_THE_VERIFIER | {"chain_of_custody"}
    strangers = {short(path): imported(path) - allowed for path in python_files("chain_of_custody")}
    assert {path: names for path, names in strangers.items() if names} == {}


def test_opencv_is_imported_by_one_module_of_the_program() -> None:
    assert [short(path) for path in python_files(*PACKAGES) if "cv2" in imported(path)] == ["ingest/image.py"]
