"""What a reader may count on in every module: its size, its names, and that no error is swallowed."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.architecture.repository import MIGRATIONS, PACKAGES, ROOT, functions, python_files, short, tree

OURS = (*PACKAGES, "sample_media")
LONGEST_FILE = 300
LONGEST_FUNCTION = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "misc", "common"}

PROCESS_EDGES = {
    "bwc_review/cli/main.py",  # the console script
    "ui/tasks.py",  # a worker thread's last line
}
"""The only places that may catch whatever comes: there nobody is left to catch it."""

BANNED_CALLS = {
    "datetime.now": "import datetime\nmoment = datetime.datetime.now()\n",
    "datetime.utcnow": "from datetime import datetime\nmoment = datetime.utcnow()\n",
    "time.time": "import time\nmoment = time.time()\n",
    "uuid4": "from uuid import uuid4\nname = uuid4()\n",
}
MAY_READ_THE_CLOCK = ("chain_of_custody/clock.py", "bwc_review/bootstrap/__init__.py")


def modules() -> list[str]:
    return [short(path) for path in python_files(*OURS)]


def test_files_fit_three_hundred_lines() -> None:
    lengths = {name: len((ROOT / name).read_text("utf-8").splitlines()) for name in modules()}
    assert {n: count for n, count in lengths.items() if count > LONGEST_FILE and not n.startswith(MIGRATIONS)} == {}


def test_functions_fit_a_screen() -> None:
    long = {
        f"{name}:{one.name}": one.end_lineno - one.lineno + 1
        for name in modules()
        for one in functions(ROOT / name)
        if one.end_lineno is not None and one.end_lineno - one.lineno >= LONGEST_FUNCTION
    }
    assert {where: count for where, count in long.items() if not where.startswith(MIGRATIONS)} == {}


def test_every_module_name_says_what_lives_there() -> None:
    parts = {name: set(name.removesuffix(".py").split("/")) for name in modules()}
    assert [name for name, words in parts.items() if words & NAMES_THAT_SAY_NOTHING] == []


def test_every_module_opens_with_what_lives_in_it() -> None:
    bare = [name for name in modules() if (ROOT / name).stat().st_size and not ast.get_docstring(tree(ROOT / name))]
    assert bare == []


def catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException") for kind in kinds)


def swallows(handler: ast.ExceptHandler) -> bool:
    """Whether the handler catches everything and does not end by raising again (cleaning up does)."""
    return catches_everything(handler) and not isinstance(handler.body[-1], ast.Raise)


def test_whatever_goes_wrong_is_caught_at_the_process_edges_only() -> None:
    catching = {
        name
        for name in modules()
        for node in ast.walk(tree(ROOT / name))
        if isinstance(node, ast.ExceptHandler) and swallows(node)
    }
    assert catching == PROCESS_EDGES


def test_input_is_never_checked_by_an_assertion_that_can_be_switched_off() -> None:
    asserting = [
        f"{name}:{node.lineno}"
        for name in modules()
        for node in ast.walk(tree(ROOT / name))
        if isinstance(node, ast.Assert)
    ]
    assert asserting == []


def ruff_says(source: str, path: str) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
    command += ["--stdin-filename", path, "-"]
    return subprocess.run(command, input=source, cwd=ROOT, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("call", BANNED_CALLS)
def test_time_and_ids_taken_from_the_air_are_refused(call: str) -> None:
    for path in ("bwc_review/domain/planted.py", "ingest/planted.py", "ui/planted.py"):
        assert "TID251" in ruff_says(BANNED_CALLS[call], path)


def test_the_clock_and_the_composition_root_may_read_the_time() -> None:
    for path in MAY_READ_THE_CLOCK:
        assert "TID251" not in ruff_says(BANNED_CALLS["datetime.now"], path)
