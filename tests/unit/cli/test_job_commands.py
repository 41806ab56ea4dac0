"""``jobs``, ``derive`` and ``salvage`` as a person and a program use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bwc_review.cli.main import main
from tests.desks import make_pulled_card
from tests.unit.cli.test_commands import passphrase, said, workspace

__all__ = ["passphrase", "workspace"]


def test_a_pulled_card_is_docked_made_ready_salvaged_and_proved_with_commands_alone(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at, clerk = ["-w", str(workspace)], ["--as", "clerk-1"]
    assert main(["ingest", str(make_pulled_card(tmp_path / "CARD")), *at]) == 0
    capsys.readouterr()
    assert main(["list", *at]) == 0
    assert "WS1-0002 is preserved as it is and cannot be played" in said(capsys)
    assert main(["jobs", *at, "--json"]) == 0
    jobs = json.loads(capsys.readouterr().out)
    assert {one["state"] for one in jobs} == {"done"}
    assert main(["salvage", "WS1-0002", *at, *clerk]) == 0
    words = said(capsys)
    assert "salvaged copy, not the original" in words
    assert "30 pictures" in words
    assert main(["derive", "WS1-0002", *at, *clerk, "--again", "--json"]) == 0
    derived = {one["kind"]: one for one in json.loads(capsys.readouterr().out)}
    assert {one["again"] for one in derived.values()} == {"same"}
    assert derived["index"]["parent_sha256"] == derived["salvage"]["sha256"]
    assert main(["salvage", "WS1-0002", *at, *clerk]) == 2
    assert "salvaged already" in said(capsys)
    assert main(["log", "--verify", *at]) in (0, 3)


def test_jobs_are_cancelled_and_tried_again_by_name_and_unknown_ones_refused(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at, clerk = ["-w", str(workspace)], ["--as", "clerk-1"]
    assert main(["jobs", *at, *clerk, "--retry", "--job", "nothing"]) == 61
    assert "There is no job nothing" in said(capsys)
    assert main(["jobs", *at, *clerk, "--retry", "--cancel"]) == 2
    assert "Choose one" in said(capsys)
    assert main(["derive", "WS1-9999", *at]) == 61
    assert "No recording is exhibit WS1-9999" in said(capsys)
