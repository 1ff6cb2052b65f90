"""The arithmetic of a picture: seconds to columns, prices to rows, both to whole pixels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest
from spymaster.clock import TimeRange
from spymaster.hud.cells import PriceRows, gap_hatch, invalid_hatch
from spymaster.hud.paint import DepthScale
from spymaster.plot import grid, scale, trades
from spymaster.plot.colours import BUY, RECORDING_GAP, SELL
from spymaster.plot.depth import SCALE_SHARES, ten_levels_reach
from spymaster_ingest.errors import SpymasterError
from support.clock import NEW_YORK

NAN = np.nan
ROWS = PriceRows(100, 104)
COLOUR = np.uint8((1, 2, 3, 255))


def test_second_without_row_keeps_its_column() -> None:
    columns = grid.by_second(np.array([0, 3]), np.array([5.0, 7.0]), 5)
    np.testing.assert_array_equal(columns, [5, NAN, NAN, 7, NAN])


def test_price_becomes_ticks_and_null_stays() -> None:
    prices = np.ma.array([6650_250_000_000, 0, -500_000_000], mask=[False, True, False])
    np.testing.assert_array_equal(grid.ticks_of(prices, 250_000_000), [26601, NAN, -2])
    np.testing.assert_array_equal(grid.floats_of(np.ma.array([1, 2], mask=[True, False])), [NAN, 2])


@pytest.mark.parametrize(
    ("ticks", "rows"),
    [([100, 104, NAN], (90, 114)), ([100, 180], (80, 200)), ([7], (-3, 17))],
)
def test_rows_hold_prices_and_margin(ticks: list[float], rows: tuple[int, int]) -> None:
    assert grid.rows_around(np.array(ticks), 10, 0.25) == PriceRows(*rows)


def test_rows_about_the_middle() -> None:
    rows = grid.rows_about_middle(np.array([100.0, NAN, 111.0]), 3)
    assert rows == PriceRows(102, 108)
    assert rows.count == 7


def test_ends_of_the_scale_are_quantiles_of_resting_depth() -> None:
    depth = np.arange(0, 101).reshape(1, 1, 101)
    assert grid.depth_scale(depth, 0.05, 0.99) == DepthScale(5, 99)
    assert grid.depth_scale(np.full((2, 1, 1), 7), 0.05, 0.99) == DepthScale(7, 8)
    assert grid.depth_scale(np.zeros((2, 3, 3), np.int64), 0.05, 0.99) is None


def test_ten_levels_say_what_rests_between_the_tenth_prices() -> None:
    """A side with fewer than ten levels has nothing beyond; a second without any says nothing."""
    full = [(0, "B", 90 + level) for level in range(10)]
    full += [(0, "A", 101 + 2 * level) for level in range(10)]
    thin = [(2, "B", 95), *[(2, "A", 96 + level) for level in range(10)]]
    second, side, price = (np.array(column) for column in zip(*full, *thin, strict=True))
    columns = {"second": second, "side": side, "price_int": price * 5}
    low, high = ten_levels_reach(columns, 5, 3)
    np.testing.assert_array_equal(low, [90, np.inf, -np.inf])
    np.testing.assert_array_equal(high, [119, -np.inf, 105])


def test_one_large_order_at_one_price_does_not_set_the_scale() -> None:
    depth = np.tile(np.arange(20, 120)[None, :, None], (1, 1, 60))
    depth[0, 50] = 532
    assert grid.depth_scale(depth, *SCALE_SHARES).high_qty == 118


@pytest.mark.parametrize("hatch", [invalid_hatch, gap_hatch])
@pytest.mark.parametrize("second_px", [1, 3])
def test_only_marked_columns_are_hatched(second_px: int, hatch: Callable) -> None:
    marked = np.zeros(40, bool)
    marked[10:30] = True
    image = grid.hatched(marked, second_px, 50, hatch)
    assert image.shape == (50, 40 * second_px, 4)
    touched = np.flatnonzero(image[..., 3].any(axis=0))
    assert touched.tolist() == list(range(10 * second_px, 30 * second_px))
    # hatched, not covered
    assert 0.1 < (image[:, touched, 3] > 0).mean() < 0.5


def test_recording_gaps_look_unlike_invalid_seconds() -> None:
    marked = np.ones(40, bool)
    falling, rising = (grid.hatched(marked, 1, 40, hatch) for hatch in (invalid_hatch, gap_hatch))
    assert (rising[..., :3] == RECORDING_GAP).all(axis=2).any()
    assert not (falling[..., :3] == RECORDING_GAP).all(axis=2).any()
    for x in range(1, 30):
        np.testing.assert_array_equal(rising[1:, x], rising[:-1, x + 1])
        np.testing.assert_array_equal(falling[:-1, x], falling[1:, x + 1])


def test_line_is_level_within_a_column_and_breaks_at_null() -> None:
    ticks = np.array([104.0, 102.0, NAN, 102.0, 99.0])
    tops = grid.row_tops(ticks, ROWS, tick_px=3, thickness_px=1)
    np.testing.assert_array_equal(tops, [1, 7, NAN, 7, 16])
    image = grid.step_line(tops, 1, second_px=2, height_px=15, colour=BUY)
    drawn = {(int(x), int(y)) for y, x in zip(*np.nonzero(image[..., 3]), strict=True)}
    levels = {(0, 1), (1, 1), (2, 7), (3, 7), (6, 7), (7, 7)}
    # the last price lies below the picture
    uprights = {(2, y) for y in range(1, 8)} | {(8, y) for y in range(7, 15)}
    assert drawn == levels | uprights
    assert (image[1, 0] == (*BUY, 255)).all()


@pytest.mark.parametrize("tick_px", [6, 7, 8, 31])
def test_lines_of_one_and_three_pixels_have_one_middle(tick_px: int) -> None:
    thin, thick = (grid.row_tops(np.array([101.0]), ROWS, tick_px, width) for width in (1, 3))
    assert thin[0] == thick[0] + 1
    assert 3 * tick_px <= thick[0] < thick[0] + 3 <= 4 * tick_px


def test_total_starts_at_zero_and_goes_on_after_a_gap() -> None:
    x, total = grid.running_total(np.array([4.0, -1.0, NAN, 2.0]))
    np.testing.assert_array_equal(x, [0, 1, 1, 2, 2, 3, 3, 4])
    np.testing.assert_array_equal(total, [0, 4, 4, 3, NAN, NAN, 3, 5])


def test_runs() -> None:
    assert list(grid.runs(np.array([1, 1, 0, 0, 1], bool))) == [(0, 2), (4, 5)]
    assert list(grid.runs(np.zeros(3, bool))) == []


def test_bubble_is_volume_at_its_average_price() -> None:
    found = trades.bubbles(np.array([1, 5, 1]), np.array([100, 103, 104]), np.array([3, 2, 1]))
    assert found.second.tolist() == [1, 5]
    assert found.tick.tolist() == [101.0, 103.0]
    assert found.qty.tolist() == [4, 2]


def test_profile_rows_are_the_rows_of_the_picture() -> None:
    tick, qty = np.array([100, 104, 100, 105, 99]), np.array([1, 2, 3, 4, 5])
    assert trades.volume_by_row(tick, qty, ROWS).tolist() == [4, 0, 0, 0, 2]


def test_bars_are_stacked_in_whole_pixels() -> None:
    bought, sold = np.array([5, 0]), np.array([5, 2])
    image = trades.stacked_bars([(bought, BUY), (sold, SELL)], 20, width_px=40, tick_px=4)
    assert image.shape == (8, 40, 4)
    low, high = image[4], image[0]
    assert (low[:10, :3] == BUY).all()
    assert (low[10:20, :3] == SELL).all()
    assert not low[20:, 3].any()
    assert (high[:4, :3] == SELL).all()
    # the lowest pixel parts the rows
    np.testing.assert_array_equal(image[..., 3].any(axis=1), [1, 1, 1, 0, 1, 1, 1, 0])


@pytest.mark.parametrize(
    ("cells", "target", "pixels"),
    [
        # 900 px would be 1.44 times too small, 1800 px are 1.38 times too large
        (900, 1300, 2),
        (920, 1300, 1),
        (600, 1300, 2),
        (1, 1300, 1300),
        (5000, 1300, 1),
    ],
)
def test_cell_is_the_whole_number_closest_by_ratio(cells: int, target: int, pixels: int) -> None:
    assert scale.cell_pixels(cells, target) == pixels


def test_round_numbers() -> None:
    assert [scale.round_number_up(n) for n in (1, 3, 5, 6, 11, 501)] == [1, 5, 5, 10, 20, 1000]
    assert [scale.round_number_down(n) for n in (0.5, 1, 4, 9, 10, 499)] == [1, 1, 2, 5, 10, 200]


@pytest.mark.parametrize(
    ("tick_int", "tick_px", "ticks"),
    [
        # a quarter is not a round number of points
        (250_000_000, 30, 2),
        (250_000_000, 8, 4),
        (10_000_000, 3, 10),
        (31_250_000, 3, 16),
        (333_333_333, 26, 1),
    ],
)
def test_price_labels_are_round_and_on_ticks(tick_int: int, tick_px: int, ticks: int) -> None:
    assert scale.price_step_ticks(tick_int, tick_px, 26) == ticks


@pytest.mark.parametrize(
    ("tick", "tick_int", "label"),
    [
        (26601, 250_000_000, "6650.25"),
        (-1, 250_000_000, "-0.25"),
        (7010, 10_000_000, "70.10"),
        (3, 1_000_000_000, "3"),
    ],
)
def test_price_label(tick: int, tick_int: int, label: str) -> None:
    assert scale.price_label(tick, tick_int) == label


def test_time_labels_are_round_clock_times() -> None:
    seconds = NEW_YORK.time_range(dt.date(2025, 10, 1), dt.time(9, 29, 50), dt.time(9, 32))
    labels, form = scale.time_ticks(seconds, second_px=2, least_px=90)
    assert (labels, form) == ([(10, "09:30"), (70, "09:31"), (130, "09:32")], "HH:MM")
    labels, form = scale.time_ticks(seconds, second_px=10, least_px=500)
    assert (labels[1], form) == ((70, "09:31"), "HH:MM")
    labels, form = scale.time_ticks(seconds, second_px=10, least_px=90)
    assert (labels[:2], form) == ([(0, "09:29:50"), (10, "09:30:00")], "HH:MM:SS")


@pytest.mark.parametrize(
    ("day", "start", "end", "start_utc", "end_utc"),
    [
        # summer and winter
        ("2025-10-01", "09:30:00", "09:45:00", "2025-10-01T13:30:00", "2025-10-01T13:45:00"),
        ("2023-12-26", "09:30:00", "09:45:00", "2023-12-26T14:30:00", "2023-12-26T14:45:00"),
        # the evening before, in New York
        ("2024-05-08", "20:00:00", "20:00:02", "2024-05-08T00:00:00", "2024-05-08T00:00:02"),
        ("2023-12-25", "19:00:00", "20:00:00", "2023-12-25T00:00:00", "2023-12-25T01:00:00"),
        # on into the next partition
        ("2023-12-25", "18:30:00", "19:30:00", "2023-12-25T23:30:00", "2023-12-26T00:30:00"),
        # the day on which clocks are put back
        ("2024-11-03", "18:00:00", "18:30:00", "2024-11-03T23:00:00", "2024-11-03T23:30:00"),
    ],
)
def test_new_york_times_within_a_utc_day(
    day: str, start: str, end: str, start_utc: str, end_utc: str
) -> None:
    seconds = NEW_YORK.time_range(
        dt.date.fromisoformat(day), dt.time.fromisoformat(start), dt.time.fromisoformat(end)
    )
    assert seconds.start_utc == dt.datetime.fromisoformat(start_utc)
    assert seconds.end_utc == dt.datetime.fromisoformat(end_utc)
    assert seconds.days[0] == dt.date.fromisoformat(day)
    assert seconds.clock(0) == start
    assert seconds.clock(seconds.count) == end


def test_range_across_midnight_utc_names_both_days() -> None:
    midnight = int(dt.datetime(2024, 1, 2, tzinfo=dt.UTC).timestamp())
    assert TimeRange(midnight - 1, midnight + 1, NEW_YORK).days == (
        dt.date(2024, 1, 1),
        dt.date(2024, 1, 2),
    )
    assert TimeRange(midnight - 1, midnight, NEW_YORK).days == (dt.date(2024, 1, 1),)


@pytest.mark.parametrize(
    ("day", "start", "end", "reason"),
    [
        ("2025-10-01", "09:30:00", "09:30:00", "is not after"),
        ("2025-10-01", "09:30:00", "09:29:59", "is not after"),
        ("2024-03-10", "02:30:00", "03:30:00", "skip"),
    ],
)
def test_invalid_ranges_are_refused(day: str, start: str, end: str, reason: str) -> None:
    with pytest.raises(SpymasterError, match=reason):
        NEW_YORK.time_range(
            dt.date.fromisoformat(day), dt.time.fromisoformat(start), dt.time.fromisoformat(end)
        )
