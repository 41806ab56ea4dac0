"""Position from clocks, on fake clocks: no slip at changes of speed, no faith in a stalled device."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwc_review.playback.transport import AudioClock, FakeClock, Transport

SPEEDS = st.sampled_from([Fraction(n, 4) for n in (-16, -4, -1, 0, 1, 2, 4, 8, 16)])


@given(st.lists(st.tuples(SPEEDS, st.integers(0, 3_000_000)), max_size=20))
def test_position_is_the_sum_of_what_was_run_through(runs: list[tuple[Fraction, int]]) -> None:
    clock = FakeClock()
    transport = Transport(clock)
    transport.load(10**9)
    transport.jump(500_000_000)
    wanted = 500_000_000
    for rate, passed in runs:
        transport.run(rate)
        clock.advance(passed)
        wanted += passed * rate.numerator // rate.denominator
        assert transport.position() == wanted


@pytest.mark.parametrize(("rate", "end"), [(Fraction(4), 2_000_000), (Fraction(-4), 0)])
def test_the_position_stops_at_either_end(rate: Fraction, end: int) -> None:
    clock = FakeClock()
    transport = Transport(clock)
    transport.load(2_000_000)
    transport.jump(1_000_000)
    transport.run(rate)
    assert not transport.at_end
    clock.advance(900_000)
    assert (transport.position(), transport.at_end) == (end, True)


class Device:
    """A sound device whose progress a test sets."""

    def __init__(self) -> None:
        self.heard: int | None = 0

    def __call__(self) -> int | None:
        return self.heard


def test_the_device_sets_the_time_while_it_keeps_step() -> None:
    wall, device = FakeClock(), Device()
    clock = AudioClock(wall, device)
    clock.start()
    wall.advance(1_000_000)
    device.heard = 980_000
    assert (clock.now_us(), clock.tracking) == (980_000, True)


def test_a_stalled_device_hands_over_to_the_wall_clock_without_running_backwards() -> None:
    wall, device = FakeClock(), Device()
    clock = AudioClock(wall, device)
    clock.start()
    seen = []
    for step in range(30):
        wall.advance(20_000)
        device.heard = min(20_000 * (step + 1), 200_000)
        seen.append(clock.now_us())
    assert seen == sorted(seen)
    assert not clock.tracking
    assert seen[9] == 200_000
    assert seen[-1] - seen[-2] == 20_000


def test_a_device_that_goes_away_hands_over_to_the_wall_clock() -> None:
    wall, device = FakeClock(), Device()
    clock = AudioClock(wall, device)
    clock.start()
    wall.advance(50_000)
    device.heard = 40_000
    assert clock.now_us() == 40_000
    wall.advance(10_000)
    device.heard = None
    assert (clock.now_us(), clock.tracking) == (40_000, False)
    wall.advance(10_000)
    assert clock.now_us() == 50_000


def test_the_picture_waits_for_the_first_sound_but_not_for_ever() -> None:
    wall, device = FakeClock(), Device()
    clock = AudioClock(wall, device)
    clock.start()
    wall.advance(300_000)
    assert (clock.now_us(), clock.tracking) == (0, True)
    device.heard = 1_000
    assert (clock.now_us(), clock.tracking) == (1_000, True)
    clock.start()
    device.heard = 0
    wall.advance(600_000)
    assert (clock.now_us(), clock.tracking) == (1_000, False)


def test_a_fake_clock_refuses_to_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        FakeClock().advance(-1)
