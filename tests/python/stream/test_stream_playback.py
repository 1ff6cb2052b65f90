"""Pacing, acknowledgements and lag with a clock that the test moves."""

from __future__ import annotations

import pytest
from spymaster.stream.errors import RequestError
from spymaster.stream.playback import (
    MAX_FOLLOWING,
    MAX_LAG_S,
    MAX_UNACKNOWLEDGED,
    End,
    Playback,
    Send,
    Wait,
)

WINDOWS = range(1_000, 1_100)


def test_speed_one_sends_a_window_each_second() -> None:
    playback = Playback(WINDOWS, 1_000, 1, 50.0)
    assert playback.step(50.0) == Send(1_000, 1, 0)
    assert playback.step(50.0) == Wait(51.0)
    assert playback.step(50.875) == Wait(51.0)
    assert playback.step(51.0) == Send(1_001, 2, 0)
    assert playback.step(51.0) == Wait(52.0)


def test_speed_two_sends_a_window_each_half_second() -> None:
    playback = Playback(WINDOWS, 1_000, 2, 0.0)
    assert playback.step(0.0) == Send(1_000, 1, 0)
    assert playback.step(0.0) == Wait(0.5)
    assert playback.step(0.5) == Send(1_001, 2, 0)
    assert playback.step(0.5) == Wait(1.0)


def test_late_wake_ups_do_not_add_up() -> None:
    playback = Playback(range(100_000), 0, 3, 0.0)
    now = 0.0
    for window in range(30_000):
        assert playback.step(now) == Send(window, window + 1, 0)
        playback.acknowledge(window + 1)
        waiting = playback.step(now)
        assert isinstance(waiting, Wait)
        assert waiting.until == (window + 1) / 3
        # each wake-up is late by some other time
        now = waiting.until + (window % 7) * 0.03


def test_speed_zero_sends_until_too_many_are_unacknowledged() -> None:
    playback = Playback(range(1_000), 0, 0, 0.0)
    sent = [playback.step(0.0) for _ in range(MAX_UNACKNOWLEDGED)]
    assert sent == [Send(window, window + 1, 0) for window in range(MAX_UNACKNOWLEDGED)]
    # time does not help, an acknowledgement does, and nothing is left out
    assert playback.step(1e6) == Wait(None)
    assert playback.acknowledge(1)
    assert playback.step(1e6) == Send(MAX_UNACKNOWLEDGED, MAX_UNACKNOWLEDGED + 1, 0)
    assert playback.step(1e6) == Wait(None)


@pytest.mark.parametrize(("speed", "most"), [(1, 6), (2, 11), (10, 51), (0.5, 3)])
def test_unacknowledged_windows_of_more_than_five_seconds_stop_the_stream(
    speed: float, most: int
) -> None:
    playback = Playback(WINDOWS, 1_000, speed, 0.0)
    for number in range(most):
        assert playback.step(number / speed) == Send(1_000 + number, number + 1, 0)
    assert playback.step(most / speed) == Wait(None)
    assert playback.step(most / speed + 4) == Wait(None)


def test_a_client_that_lagged_gets_the_newest_window_and_how_many_it_missed() -> None:
    playback = Playback(WINDOWS, 1_000, 1, 0.0)
    for number in range(6):
        playback.step(float(number))
    assert playback.step(20.0) == Wait(None)
    assert playback.acknowledge(6)
    assert playback.step(20.5) == Send(1_020, 7, 14)
    assert playback.step(20.5) == Wait(21.0)
    assert playback.step(21.0) == Send(1_021, 8, 0)


def test_a_lag_that_ends_in_time_skips_nothing() -> None:
    playback = Playback(WINDOWS, 1_000, 1, 0.0)
    for number in range(6):
        playback.step(float(number))
    assert playback.step(5.25) == Wait(None)
    playback.acknowledge(3)
    assert playback.step(5.5) == Wait(6.0)
    assert playback.step(6.0) == Send(1_006, 7, 0)


def test_a_lag_past_the_end_shows_the_last_window() -> None:
    playback = Playback(WINDOWS, 1_090, 1, 0.0)
    for number in range(6):
        playback.step(float(number))
    assert playback.step(60.0) == Wait(None)
    playback.acknowledge(6)
    assert playback.step(60.0) == Send(1_099, 7, 3)
    assert playback.step(60.0) == End()


def test_a_server_that_is_late_jumps_too() -> None:
    playback = Playback(WINDOWS, 1_000, 10, 0.0)
    playback.step(0.0)
    playback.acknowledge(1)
    # up to five seconds it catches up
    assert playback.step(5.0) == Send(1_001, 2, 0)
    playback.acknowledge(2)
    assert playback.step(5.25) == Send(1_052, 3, 50)


def test_pause_keeps_the_rest_of_a_second() -> None:
    playback = Playback(WINDOWS, 1_000, 2, 0.0)
    playback.step(0.0)
    playback.pause(0.125)
    playback.pause(0.25)
    assert playback.step(100.0) == Wait(None)
    playback.resume(100.0)
    assert playback.step(100.0) == Wait(100.375)
    assert playback.step(100.375) == Send(1_001, 2, 0)


def test_another_speed_scales_what_is_left_of_a_second() -> None:
    playback = Playback(WINDOWS, 1_000, 1, 0.0)
    playback.step(0.0)
    playback.set_speed(4, 0.5)
    assert playback.step(0.5) == Wait(0.625)
    playback.set_speed(0, 0.5)
    assert playback.step(0.5) == Send(1_001, 2, 0)
    playback.set_speed(1, 0.5)
    assert playback.step(0.5) == Send(1_002, 3, 0)
    assert playback.step(0.5) == Wait(1.5)


def test_another_speed_in_a_pause_counts_after_it() -> None:
    playback = Playback(WINDOWS, 1_000, 1, 0.0)
    playback.step(0.0)
    playback.pause(0.5)
    playback.set_speed(2, 3.0)
    assert playback.step(4.0) == Wait(None)
    playback.resume(10.0)
    assert playback.step(10.0) == Wait(10.25)


def test_seek_goes_on_at_once_and_the_numbers_go_on() -> None:
    playback = Playback(WINDOWS, 1_000, 1, 0.0)
    playback.step(0.0)
    playback.seek(1_050, 0.25)
    assert playback.step(0.25) == Send(1_050, 2, 0)
    assert playback.step(0.25) == Wait(1.25)
    playback.seek(1_001, 0.25)
    assert playback.step(0.25) == Send(1_001, 3, 0)


@pytest.mark.parametrize("window_s", [999, 1_101, -5])
def test_seek_outside_the_day_is_refused(window_s: int) -> None:
    playback = Playback(WINDOWS, 1_000, 1, 0.0)
    with pytest.raises(RequestError, match="outside the contract-day"):
        playback.seek(window_s, 0.0)
    with pytest.raises(RequestError, match="outside the contract-day"):
        Playback(WINDOWS, window_s, 1, 0.0)


def test_the_end_is_said_once_and_a_seek_goes_on() -> None:
    playback = Playback(WINDOWS, 1_100, 0, 0.0)
    assert playback.step(0.0) == End()
    assert playback.step(0.0) == Wait(None)
    playback.seek(1_099, 0.0)
    assert playback.step(0.0) == Send(1_099, 1, 0)
    assert playback.step(0.0) == End()


def test_a_publication_lets_a_client_at_the_end_go_on_by_its_clock() -> None:
    playback = Playback(WINDOWS, 1_099, 1, 0.0)
    playback.step(0.0)
    playback.acknowledge(1)
    assert playback.step(1.0) == End()
    playback.extend(range(1_000, 1_110), 500.0)
    assert playback.step(500.0) == Send(1_100, 2, 0)
    assert playback.step(500.0) == Wait(501.0)


def test_a_publication_does_not_disturb_a_client_in_the_middle() -> None:
    playback = Playback(WINDOWS, 1_050, 1, 0.0)
    playback.step(0.0)
    playback.extend(range(1_000, 1_110), 0.5)
    assert playback.step(0.5) == Wait(1.0)
    assert playback.step(1.0) == Send(1_051, 2, 0)


def growing(start_s: int, *, follows: bool = False, speed: float = 1) -> Playback:
    return Playback(WINDOWS, start_s, speed, 0.0, is_growing=True, follows=follows)


def test_a_client_that_has_all_of_a_growing_day_gets_new_seconds_at_once() -> None:
    playback = growing(WINDOWS[-1])
    assert playback.step(0.0) == Send(WINDOWS[-1], 1, 0)
    # nothing says that the day has ended
    assert playback.step(0.0) == Wait(None)
    playback.extend(range(1_000, WINDOWS.stop + 3), 7.5)
    sent = [playback.step(7.5) for _ in range(4)]
    assert sent == [
        *(Send(WINDOWS.stop + place, 2 + place, 0) for place in range(3)),
        Wait(None),
    ]


def test_a_client_that_asks_to_follow_is_not_paced_up_to_the_end() -> None:
    playback = growing(WINDOWS[-3], follows=True)
    assert [playback.step(0.0) for _ in range(4)] == [
        *(Send(window_s, 1 + place, 0) for place, window_s in enumerate(WINDOWS[-3:])),
        Wait(None),
    ]


def test_who_goes_back_or_pauses_leaves_the_end() -> None:
    playback = growing(WINDOWS.stop)
    assert playback.step(0.0) == Wait(None)
    playback.seek(1_050, 1.0)
    assert playback.step(1.0) == Send(1_050, 1, 0)
    assert playback.step(1.0) == Wait(2.0)
    paused = growing(WINDOWS.stop)
    assert paused.step(0.0) == Wait(None)
    paused.pause(0.0)
    paused.extend(range(1_000, WINDOWS.stop + 9), 5.0)
    assert paused.step(5.0) == Wait(None)
    paused.resume(6.0)
    assert paused.step(6.0) == Send(WINDOWS.stop, 1, 0)
    assert paused.step(6.0) == Wait(7.0)


def test_a_client_that_follows_and_lags_gets_the_newest_second_next() -> None:
    playback = growing(WINDOWS.stop - MAX_FOLLOWING, follows=True)
    for _ in range(MAX_FOLLOWING):
        assert isinstance(playback.step(0.0), Send)
    playback.extend(range(1_000, WINDOWS.stop + 30), 1.0)
    assert playback.step(1.0) == Wait(None)
    playback.acknowledge(1)
    # a burst is no lag
    assert playback.step(1.0 + MAX_LAG_S) == Send(WINDOWS.stop, MAX_FOLLOWING + 1, 0)
    assert playback.step(10.0) == Wait(None)
    playback.acknowledge(MAX_FOLLOWING + 1)
    assert playback.step(10.1 + MAX_LAG_S) == Send(WINDOWS.stop + 29, MAX_FOLLOWING + 2, 28)


@pytest.mark.parametrize("seq", [0, -1, 2])
def test_an_acknowledgement_of_no_batch_is_refused(seq: int) -> None:
    playback = Playback(WINDOWS, 1_000, 1, 0.0)
    playback.step(0.0)
    with pytest.raises(RequestError, match="no such batch"):
        playback.acknowledge(seq)


def test_an_old_acknowledgement_is_no_news() -> None:
    playback = Playback(WINDOWS, 1_000, 0, 0.0)
    playback.step(0.0)
    playback.step(0.0)
    assert playback.acknowledge(2)
    assert not playback.acknowledge(1)
    assert not playback.acknowledge(2)
