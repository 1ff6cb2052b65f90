"""Trades of a contract-day from its market-by-order records, each with its group's window.

It repeats only the book engine's rules of groups and windows. `bronze.future_trades` has no groups,
so this needs market-by-order records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from naive.levels_model import NS_PER_S, Trade


@dataclass(frozen=True)
class MboRow:
    """Required columns of a row of `bronze.future_mbo`, times in ns."""

    rec_ordinal: int
    ts_event_ns: int
    ts_recv_ns: int
    action: str
    side: str
    price_int: int | None
    size: int
    is_last: bool
    is_snapshot: bool


def trades_of_records(symbol: str, dt: date, rows: Iterable[MboRow]) -> list[Trade]:
    """T records with the second of their event group, size 0 included, in file order.

    Args:
        symbol: Raw symbol of the contract.
        dt: UTC date of the partition.
        rows: All records of the partition, in any order.
    """
    day_start_s = int(datetime.combine(dt, time(), tzinfo=UTC).timestamp())
    window_s = day_start_s
    before: MboRow | None = None
    is_open = False
    trades = []
    for row in sorted(rows, key=lambda row: row.rec_ordinal):
        if before is not None and before.is_snapshot != row.is_snapshot:
            is_open = False
        # the record that closes the group of a clear starts no group
        closes_clear = (
            before is not None
            and (before.action, row.action) == ("R", "N")
            and before.ts_event_ns == row.ts_event_ns
        )
        if not is_open and not closes_clear:
            moment_ns = row.ts_recv_ns if row.is_snapshot else row.ts_event_ns
            window_s = max(window_s, moment_ns // NS_PER_S)
            is_open = True
        if row.is_last or row.action == "R":
            is_open = False
        before = row
        if row.action == "T":
            trades.append(
                Trade(
                    symbol,
                    dt,
                    row.rec_ordinal,
                    row.ts_event_ns,
                    window_s,
                    row.price_int,
                    row.size,
                    row.side,
                )
            )
    return trades
