"""A workspace with the made scene's two cameras, docked for real, on one incident's clock. Made once, then copied."""

from __future__ import annotations

from pathlib import Path

from bwc_review.domain.ids import IncidentId
from bwc_review.review.desk import Desk
from bwc_review.review.incidents import open_incident
from bwc_review.review.sessions import end_session, start_session
from tests.desks import REVIEWER, dock, make_desk

CARDS = Path(__file__).resolve().parent.parent / "sample_media" / "cards"
SCENE = IncidentId("IR-2026-0001")


def make_two_cameras(folder: Path) -> Desk:
    """Dock both cards and open the incident; everything is placed by its best claim."""
    desk = make_desk(folder)
    for card in ("kestrel-kb2", "orrery-p5"):
        session, _ = dock(desk, CARDS / card)
        end_session(desk, session)
    session = start_session(desk, REVIEWER, "use_of_force_review")
    with desk.store.reading() as work:
        found = [one.id for one in work.footage.recordings() if one.facts and one.facts.audio]
    open_incident(desk, session, "Mill Street", found, SCENE)
    end_session(desk, session)
    desk.store.close()  # type: ignore[attr-defined]
    return desk
