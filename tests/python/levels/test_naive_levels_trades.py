"""Windows of trades against the plain book engine and hand-made groups."""

from __future__ import annotations

from naive.levels_model import NS_PER_S
from naive.levels_trades import MboRow, trades_of_records
from support.levels_market import DAY, at

T = at("10:00:00")


def record(
    ordinal: int, after_s: float, action: str, *, last: bool = False, snapshot: bool = False
) -> MboRow:
    """A record some seconds after ten o'clock; snapshots carry orders that are an hour old."""
    now_ns = T * NS_PER_S + round(after_s * NS_PER_S)
    event_ns = now_ns - 3600 * NS_PER_S if snapshot else now_ns
    return MboRow(ordinal, event_ns, now_ns + 50, action, "B", 10**9, 1, last, snapshot)


def windows(*rows: MboRow) -> list[int]:
    return [trade.window_s - T for trade in trades_of_records("ESZ5", DAY, rows)]


def test_a_trade_belongs_to_the_second_in_which_its_group_began() -> None:
    rows = [
        record(0, 0.9, "A"),
        record(1, 1.1, "T"),
        record(2, 1.2, "F", last=True),
        record(3, 1.3, "T", last=True),
    ]
    assert windows(*rows) == [0, 1]
    assert windows(*reversed(rows)) == [0, 1]


def test_windows_never_go_back() -> None:
    assert windows(record(0, 2.0, "T", last=True), record(1, 0.5, "T", last=True)) == [2, 2]


def test_clear_and_snapshot_end_groups() -> None:
    assert windows(record(0, 0.5, "R"), record(1, 3.5, "T", last=True)) == [3]
    assert windows(record(0, 0.5, "A", snapshot=True), record(1, 3.5, "T", last=True)) == [3]
    # a snapshot is dated by its capture
    assert windows(record(0, 2.0, "A", snapshot=True), record(1, 1.5, "T", last=True)) == [2]


def test_the_record_that_closes_a_clear_opens_no_group() -> None:
    rows = [record(0, 0.5, "R"), record(1, 0.5, "N"), record(2, 4.5, "T", last=True)]
    assert windows(*rows) == [4]


def test_groups_of_the_day_before_start_with_the_day() -> None:
    midnight_s = T // 86_400 * 86_400
    [trade] = trades_of_records("ESZ5", DAY, [record(0, midnight_s - 5 - T, "T", last=True)])
    assert trade.window_s == midnight_s
