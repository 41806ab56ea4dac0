"""What cannot be played still goes to the recipient: the original, why there is no clip, or the salvaged copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bwc_review.domain.ids import IncidentId
from bwc_review.domain.recording import Playability
from bwc_review.review.deriving import work_off
from bwc_review.review.desk import Desk
from bwc_review.review.docking import import_card
from bwc_review.review.exporting import export_bundle
from bwc_review.review.incidents import open_incident
from bwc_review.review.salvaged import ask_salvage
from bwc_review.review.sessions import start_session
from chain_of_custody.findings import Verdict
from chain_of_custody.verify import verify_bundle
from tests.desks import CLERK, REVIEWER, Onlooker, make_pulled_card


@pytest.mark.parametrize("salvage", [False, True])
def test_a_bundle_with_a_recording_that_cannot_be_played(desk: Desk, tmp_path: Path, salvage: bool) -> None:
    clerk = start_session(desk, CLERK, "routine_docking")
    import_card(desk, clerk, make_pulled_card(tmp_path / "CARD"), watch=Onlooker())
    with desk.store.reading() as work:
        broken = next(one for one in work.footage.recordings() if one.playability is Playability.UNPLAYABLE)
    if salvage:
        ask_salvage(desk, clerk, broken.id)
        work_off(desk, clerk, Onlooker(), only={"salvage"})
    session = start_session(desk, REVIEWER, "routine_review")
    case = open_incident(desk, session, "a card that was pulled", [broken.id], IncidentId("IR-7"))
    if salvage:
        work_off(desk, session, Onlooker(), only={"proxy"})
    bundle = Path(export_bundle(desk, session, case.id, tmp_path, progress=lambda *_: None).path)
    assert verify_bundle(bundle, trusted_vkey=desk.vkey).verdict is Verdict.VERIFIED
    (original,) = [one for one in (bundle / "data" / "media").rglob("*.MP4") if broken.exhibit in one.name]
    with desk.vault.open(broken.sha256) as kept:
        assert original.read_bytes() == kept.read()
    derived = json.loads((bundle / "data" / "derived" / "index.json").read_text("utf-8"))
    if salvage:
        copy = derived["files"][f"{broken.exhibit}.salvaged.mp4"]
        assert (copy["kind"], copy["parent_sha256"]) == ("salvage", broken.sha256)
        assert derived["files"][f"{broken.exhibit}.proxy.mp4"]["parent_sha256"] == copy["sha256"]
        assert derived["without_a_clip"] == {}
        assert "salvaged copy, not the original" in (bundle / "data" / "viewer" / "data.js").read_text("utf-8")
    else:
        assert "index (moov) is missing" in derived["without_a_clip"][broken.exhibit]
        assert "bit for bit" in derived["without_a_clip"][broken.exhibit]
