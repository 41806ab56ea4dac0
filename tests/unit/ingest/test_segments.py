"""Parts of one recording: joined by the camera's own id or by times that follow each other, gaps stated."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ingest.clips import NamedClip
from ingest.names import FoundName
from ingest.profile_values import SegmentRule
from ingest.segments import Measured, join
from ingest.times import ANY_ZONE_US, Claim, Doubt, Means, Source

SECOND = 1_000_000
BY_ID = SegmentRule((), None, 0)
BY_TIME = SegmentRule(("device_id",), 2 * SECOND, SECOND)


def file(name: str, start_s: float | None, length_s: int = 60, **said: object) -> Measured:
    claims: tuple[Claim, ...] = ()
    if start_s is not None:
        claims = (Claim(Source.FILE_NAME, "name", Means.START, round(start_s * SECOND), SECOND, str(start_s)),)
    clip = NamedClip(FoundName(name.encode()), "D1", None, None, None, None, claims, ())
    return Measured(replace(clip, **said), length_s * SECOND)  # type: ignore[arg-type]


def test_parts_of_one_id_come_in_their_order_with_gap_and_overlap() -> None:
    parts = [
        file("c", 121.5, recording_id="R", segment=3),
        file("a", 0, recording_id="R", segment=1),
        file("b", 59, recording_id="R", segment=2),
        file("other", 200, recording_id="S", segment=1),
    ]
    (one,) = join(parts, BY_ID)
    assert [part.clip.name.shown for part in one.parts] == ["a", "b", "c"]
    assert [part.gap_us for part in one.parts] == [None, -SECOND, 2_500_000]
    assert [part.offset_us for part in one.parts] == [0, 59 * SECOND, 121_500_000]
    assert one.parts[1].uncertainty_us == 2 * SECOND
    assert "R" in one.why


def test_a_part_no_source_speaks_of_is_joined_with_its_gap_unknown() -> None:
    (one,) = join([file("a", 0, recording_id="R", segment=1), file("b", None, recording_id="R", segment=2)], BY_ID)
    assert (one.parts[1].gap_us, one.parts[1].offset_us) == (None, None)


def test_a_part_of_unknown_length_leaves_the_gap_after_it_unknown_and_its_start_known() -> None:
    (one,) = join([file("a", 0, 0, recording_id="R", segment=1), file("b", 60, recording_id="R", segment=2)], BY_ID)
    assert (one.parts[1].gap_us, one.parts[1].offset_us) == (None, 60 * SECOND)


def test_times_join_only_where_the_profile_says_so_and_only_one_camera() -> None:
    files = [file("a", 0), file("b", 61), file("c", 125), file("d", 186), file("e", 61.5, device_id="D2")]
    assert join(files, BY_ID) == ()
    assert [[p.clip.name.shown for p in one.parts] for one in join(files, BY_TIME)] == [["a", "b"], ["c", "d"]]
    nameless = [replace(one, clip=replace(one.clip, device_id=None)) for one in files[:2]]
    assert join(nameless, BY_TIME) == (), "nobody knows that it is one camera"


def test_local_times_of_an_unknown_zone_still_tell_the_gap() -> None:
    def unzoned(one: Measured) -> Measured:
        claims = tuple(
            replace(c, doubt=Doubt.NO_ZONE, uncertainty_us=c.uncertainty_us + ANY_ZONE_US) for c in one.clip.claims
        )
        return replace(one, clip=replace(one.clip, claims=claims))

    (one,) = join([unzoned(file("a", 0)), unzoned(file("b", 60))], BY_TIME)
    assert (one.parts[1].gap_us, one.parts[1].uncertainty_us) == (0, 2 * SECOND)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 100)), max_size=12))
def test_every_file_is_in_at_most_one_recording_and_gaps_keep_the_rule(files: list[tuple[int, int]]) -> None:
    measured = [file(f"f{number:02}", start, length) for number, (start, length) in enumerate(files)]
    joined = join(measured, BY_TIME)
    names = [part.clip.name for one in joined for part in one.parts]
    assert len(names) == len(set(names))
    for one in joined:
        assert len(one.parts) > 1
        for part in one.parts[1:]:
            assert part.gap_us is not None
            assert -SECOND <= part.gap_us <= 2 * SECOND
