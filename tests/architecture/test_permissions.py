"""Every door of the use cases asks for a permission of the taxonomy first, and says in the log when it refuses."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from bwc_review.data import load_taxonomy
from bwc_review.domain.ids import EventCode, IncidentId, OperatorId
from bwc_review.domain.times import Micros
from bwc_review.errors import PermissionDenied
from bwc_review.review.desk import BUNDLE_ONLY, WITHHELD, Desk
from bwc_review.review.handing_over import Texts
from bwc_review.review.permissions import OPEN, PARTS, USE_CASES
from bwc_review.review.sessions import start_session
from bwc_review.review.tagging import Sighting
from chain_of_custody.entry import Entry
from tests.architecture.repository import ROOT, functions, short, tree
from tests.desks import Onlooker, make_desk

REVIEW = ROOT / "bwc_review" / "review"
MACHINERY = {"desk"}  # how a use case is written, not what a person does
ANYTHING: dict[str, Any] = {
    "incident": IncidentId("IR-1"),
    "number": IncidentId("IR-1"),
    "seen": Sighting(EventCode("FRC.PUSH"), Micros(0), Micros(0)),
    "recordings": [],
    "wanted": [],
    "commitments": [],
    "files": [],
    "ranges": [],
    "watch": Onlooker(),
    "into": Path("nowhere"),
    "source": Path("nowhere"),
    "texts": Texts.LEFT_OUT,
    "progress": lambda *said: None,
    "cancelled": lambda: False,
}


def doors() -> set[str]:
    """Public functions of ``review`` that are given the desk."""
    return {
        f"{file.stem}.{one.name}"
        for file in sorted(REVIEW.glob("*.py"))
        if file.stem not in MACHINERY
        for one in tree(file).body
        if isinstance(one, ast.FunctionDef)
        if not one.name.startswith("_") and any(arg.arg == "desk" for arg in one.args.args)
    }


def test_every_door_says_what_it_asks_for() -> None:
    declared = [*USE_CASES, *PARTS, *OPEN]
    assert len(declared) == len(set(declared))
    assert doors() == set(declared)
    assert set(PARTS.values()) <= set(USE_CASES)
    assert set(USE_CASES.values()) <= set(load_taxonomy().permissions)


def test_steps_of_a_use_case_are_used_by_use_cases_and_to_fill_in_a_form_only() -> None:
    forms = {"as_heard", "permission_for"}  # what a front door asks before it has a sighting: pure, or a code's layer
    inner = {name.partition(".")[2] for name in PARTS} - forms
    used = {
        f"{short(file)}:{name.name}"
        for folder in ("bwc_review/cli", "ui")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bwc_review.review")
        for name in node.names
        if name.name in inner
    }
    assert used == set()


def test_a_refusal_is_never_asked_for_inside_an_act_that_could_take_it_along() -> None:
    inside = [
        f"{short(file)}:{one.name}"
        for file in REVIEW.glob("*.py")
        for one in functions(file)
        for block in ast.walk(one)
        if isinstance(block, ast.With) and "writing" in ast.dump(block.items[0].context_expr)
        for call in ast.walk(block)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("allow", "_allow")
    ]
    assert inside == []


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk at which one of every role works."""
    made = make_desk(tmp_path_factory.mktemp("roles") / "workspace")
    object.__setattr__(made, "operators", {OperatorId(role): role for role in made.taxonomy.roles})
    return made


def refused_roles(desk: Desk, permission: str) -> Iterator[str]:
    for role in desk.taxonomy.roles:
        if desk.taxonomy.permission(permission, role) in (WITHHELD, BUNDLE_ONLY):
            yield role


def called(name: str, desk: Desk, session: object) -> None:
    """Call the use case with whatever fits: it must refuse before it looks."""
    module, _, function = name.partition(".")
    act: Callable[..., Any] = getattr(importlib.import_module(f"bwc_review.review.{module}"), function)
    needed = [
        one
        for one in inspect.signature(act).parameters.values()
        if one.name not in ("desk", "session") and one.default is inspect.Parameter.empty
    ]
    found = act(desk, session, **{one.name: ANYTHING.get(one.name, "anything") for one in needed})
    if isinstance(found, AbstractContextManager):
        with found:
            pass


@pytest.mark.parametrize("name", USE_CASES)
def test_a_role_without_the_permission_is_refused_and_the_refusal_stays_in_the_log(desk: Desk, name: str) -> None:
    permission = USE_CASES[name]
    roles = list(refused_roles(desk, permission))
    assert roles, f"{permission} is granted to everybody: what is it for?"
    for role in roles:
        session = start_session(desk, OperatorId(role), "test")
        with pytest.raises(PermissionDenied):
            called(name, desk, session)
        with desk.store.reading() as work:
            last = [Entry.from_bytes(raw) for raw in work.log.entries()][-1]
        assert (last.type, last.outcome, last.reason) == ("access.denied", "refused", "role")
        assert (last.actor.session, last.subject.id) == (session.id, permission)
