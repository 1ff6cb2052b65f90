"""The plain tape engine on trades made by hand."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from naive.engine_rows import KEY_COLUMNS
from naive.least_squares import slope
from naive.surfaces import Row
from naive.tape_engine_1s import COLUMNS, tape_engine_1s
from support.engine_market import CONSTANTS, START_S, TICK_INT, quiet_seconds, trade_row

SPOT, LEVEL = 1000, 1010
N = 60
T = START_S + N
MS = 1_000_000
# a tick of 1 cent and a point of 50 USD: one contract at 10,000.00 is worth 500,000 USD
CENTS = CONSTANTS | {"tick_int": 10_000_000, "tape_band_ticks": 200}


def row_of(trades: list[Row], constants: dict = CONSTANTS, n: int = N, spot: int = SPOT) -> Row:
    """The row at the end of n seconds with one level."""
    snapshot, levels, offsets = quiet_seconds(n, spot, LEVEL)
    row = tape_engine_1s(snapshot, trades, levels, offsets, constants)[-1]
    assert list(row) == [*KEY_COLUMNS, *COLUMNS]
    return row


def prints(*rows: tuple[float, int, int, str]) -> list[Row]:
    """Trades from (seconds before T, ticks, size, side), in their order."""
    found = []
    for number, (before_s, ticks, size, side) in enumerate(rows, 1):
        time_ns = T * 10**9 - round(before_s * 10**9)
        second, offset_ns = divmod(time_ns, 10**9)
        found.append(trade_row(number, second, ticks, size=size, side=side, offset_ns=offset_ns))
    return found


def test_volume_in_the_band() -> None:
    """Two ticks on either side, the last 60 seconds, by aggressor."""
    trades = prints(
        (60.5, LEVEL, 999, "B"),
        (60, LEVEL - 2, 30, "B"),
        (31, LEVEL + 2, 10, "A"),
        (30, LEVEL - 3, 999, "A"),
        (20, LEVEL + 3, 999, "B"),
        (10, LEVEL, 500, "N"),
        (0.001, LEVEL, 10, "A"),
    )
    row = row_of(trades)
    assert (row["buy_vol"], row["sell_vol"]) == (30, 20)
    assert row["imbalance"] == 10 / 50
    assert row["confidence"] == 50 / 500


def test_no_volume_no_imbalance() -> None:
    """Without volume the imbalance is missing, the sums and the confidence are 0."""
    for trades in ([], prints((10, LEVEL, 5, "N"), (9, LEVEL - 3, 5, "B"))):
        row = row_of(trades)
        assert (row["buy_vol"], row["sell_vol"], row["imbalance"]) == (0, 0, None)
        assert row["confidence"] == 0.0


def test_second_of_the_group_decides() -> None:
    """A trade counts in the second of its group, even if its own time is a later one."""
    late = trade_row(1, T - 61, LEVEL, offset_ns=1_500 * MS)
    assert row_of([late])["buy_vol"] == 0
    last = trade_row(1, T - 1, LEVEL, size=7, offset_ns=1_500 * MS)
    assert row_of([last])["buy_vol"] == 7


def test_velocity_by_hand() -> None:
    """Two ticks per second over all trades of three seconds, wherever they are."""
    trades = prints((3.5, 0, 1, "B"), (3, 900, 9, "B"), (2, 902, 1, "N"), (1, 904, 1, "A"))
    assert row_of(trades)["velocity_ticks_s"] == 2.0
    assert row_of(trades[:3])["velocity_ticks_s"] is None


def test_velocity_needs_two_times() -> None:
    """Trades at one instant have no slope."""
    trades = prints((1, 900, 1, "B"), (1, 901, 1, "B"), (1, 902, 1, "B"))
    assert row_of(trades)["velocity_ticks_s"] is None


def test_velocity_is_that_of_numpy() -> None:
    """Random trades: the slope of `numpy.polyfit`."""
    random = Random(3)
    for _ in range(50):
        n = random.randint(3, 12)
        times = sorted(random.uniform(0.001, 3) for _ in range(n))[::-1]
        trades = prints(*((time, random.randint(980, 1020), 1, "B") for time in times))
        x = [(row["ts_event"] - T * 10**9) / 1e9 for row in trades]
        y = [row["price_int"] / TICK_INT for row in trades]
        expected = np.polyfit(x, y, 1)[0]
        assert row_of(trades)["velocity_ticks_s"] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_slope_of_a_line_is_exact() -> None:
    """A line through any points has its own slope."""
    assert slope([(x, 3 - 2.5 * x) for x in (1, 2, 7, 11)]) == -2.5


@pytest.mark.parametrize(("gap_ms", "n_prints", "span_ms"), [(100, 3, 150.0), (101, 2, 50.0)])
def test_gap_of_a_sweep(gap_ms: int, n_prints: int, span_ms: float) -> None:
    """Prints 100 ms apart belong together, 101 ms do not."""
    trades = prints(
        (10, 20_000, 1, "B"),
        (10 - gap_ms / 1000, 20_000, 2, "B"),
        (10 - gap_ms / 1000 - 0.050, 20_000, 3, "B"),
    )
    row = row_of(trades)
    assert row["sweep_detected"] is True
    assert (row["sweep_direction"], row["sweep_num_prints"]) == ("UP", n_prints)
    assert row["sweep_span_ms"] == span_ms
    assert row["sweep_notional"] == 20_000 / 4 * (6 if n_prints == 3 else 5) * 50
    assert row["sweep_age_s"] == pytest.approx(10 - gap_ms / 1000 - 0.050, abs=1e-12)


@pytest.mark.parametrize(("cents", "is_sweep"), [(999_998, False), (1_000_000, True)])
def test_least_value_of_a_sweep(cents: int, is_sweep: bool) -> None:
    """499,999 USD is not enough, 500,000 USD is."""
    trade = trade_row(1, T - 5, 1, offset_ns=0) | {"price_int": cents * 10_000_000}
    snapshot, levels, offsets = quiet_seconds(N, SPOT, LEVEL)
    row = tape_engine_1s(snapshot, [trade], levels, offsets, CENTS)[-1]
    assert row["sweep_detected"] is is_sweep
    names = ("sweep_direction", "sweep_num_prints", "sweep_span_ms", "sweep_notional")
    expected = ("UP", 1, 0.0, 500_000.0) if is_sweep else (None,) * 4
    assert tuple(row[name] for name in names) == expected
    assert row["sweep_age_s"] == (5.0 if is_sweep else None)


@pytest.mark.parametrize(("between", "n_prints"), [("A", None), ("N", 2)])
def test_other_aggressor_ends_a_run(between: str, n_prints: int | None) -> None:
    """A print of the other side ends a run; one without aggressor is passed over."""
    trades = prints((5, 20_000, 1, "B"), (4.99, 20_000, 1, between), (4.98, 20_000, 1, "B"))
    assert row_of(trades)["sweep_num_prints"] == n_prints


def test_largest_of_several_sweeps() -> None:
    """The largest by value; the latest of equals; within 60 seconds only."""
    far, near = (50, 20_000, 3, "B"), (20, 20_000, 3, "A")
    assert row_of(prints(far, near))["sweep_direction"] == "DOWN"
    larger = (50, 20_000, 4, "B")
    row = row_of(prints(larger, near))
    assert (row["sweep_direction"], row["sweep_age_s"]) == ("UP", 50.0)
    gone = (60.2, 20_000, 9, "B")
    assert row_of(prints(gone, near))["sweep_direction"] == "DOWN"


def test_run_is_cut_at_the_window() -> None:
    """A run that began before the window counts with its later part."""
    trades = prints((60.02, 20_000, 5, "B"), (59.98, 20_000, 2, "B"))
    row = row_of(trades)
    assert (row["sweep_num_prints"], row["sweep_notional"]) == (1, 500_000.0)


def test_a_sweep_may_be_far_from_the_level() -> None:
    """The contract's tape, not the level's."""
    row = row_of(prints((5, 20_000, 2, "B")))
    assert (row["buy_vol"], row["sweep_detected"]) == (0, True)


def test_invalid_seconds_and_no_direction() -> None:
    """The tape needs neither the book nor a direction."""
    snapshot, levels, offsets = quiet_seconds(N, LEVEL, LEVEL)
    for row in snapshot:
        row["window_valid"] = False
    row = tape_engine_1s(snapshot, prints((5, LEVEL, 4, "A")), levels, offsets, CONSTANTS)[-1]
    assert (row["direction"], row["sell_vol"], row["imbalance"]) == (None, 4, -1.0)


def test_trades_without_price_are_left_out() -> None:
    """A record without a price is no trade."""
    assert row_of([trade_row(1, T - 1, None)])["buy_vol"] == 0


@pytest.mark.parametrize(
    ("name", "value", "column"),
    [
        ("w_tape_s", 5, "buy_vol"),
        ("tape_band_ticks", 9, "buy_vol"),
        ("w_velocity_s", 2, "velocity_ticks_s"),
        ("sweep_notional_usd", 900_000, "sweep_detected"),
        ("sweep_gap_ms", 999, "sweep_num_prints"),
        ("activity_full", 10, "confidence"),
    ],
)
def test_constants_matter(name: str, value: float, column: str) -> None:
    """Every constant of the seed changes what it stands for."""
    trades = prints(
        (20, LEVEL, 1, "B"),
        (10.5, LEVEL + 4, 8, "B"),
        (10, LEVEL + 4, 9, "B"),
        (2.5, LEVEL, 1, "A"),
        (1.5, LEVEL + 2, 1, "B"),
        (1, LEVEL + 2, 1, "B"),
        (0.5, LEVEL + 9, 1, "A"),
    )
    constants = CONSTANTS | {"sweep_notional_usd": 100_000}
    assert row_of(trades, constants)[column] != row_of(trades, constants | {name: value})[column]
