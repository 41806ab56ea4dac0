"""Small cases of 100 seconds for tests of single measures: one camera from the start, one push at 50 s."""

from __future__ import annotations

from typing import Any

from bwc_review.data import load_taxonomy
from bwc_review.domain.measure import Measure
from bwc_review.domain.measures import MEASURES
from bwc_review.domain.tags import Tag
from bwc_review.domain.times import Micros
from tests.unit.domain.golden import case_of, tag

TAXONOMY = load_taxonomy()
END = Micros(100_000_000)
START = tag("start", "CTX.ENCOUNTER_START", "O1", "S1", 0, 0)
ON = tag("on", "CAM.ACTIVATED", "O1", None, 0, 0)
PUSH = tag("push", "FRC.PUSH", "O1", "S1", 50_000, 50_000)


def measured(code: str, *tags: Tag) -> dict[str, Measure]:
    """One measure of a case of 100 s, by subject."""
    return {m.subject: m for m in MEASURES[code](case_of(*tags, end=END), TAXONOMY)}


def only(code: str, *tags: Tag) -> Measure:
    (found,) = measured(code, *tags).values()
    return found


MUTED = tag("mute", "CAM.MUTED", "O1", None, 20_000, 30_000)


def order(id: str, actor: str, start: int, end: int, *actions: str, clarity: str = "specific", **more: Any) -> Tag:
    return tag(
        id, "CMD.ORDER", actor, "S1", start, end, {"instructed_action": actions, "action_clarity": clarity}, **more
    )
