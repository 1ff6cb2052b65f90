"""`movement_seconds_1s`: mid, spread, microprice and volatility of single seconds.

Rules chosen where the specification leaves room:
- A second belongs to the session and to the windows in which it starts; so does its half-hour.
- A second has prices if it is `window_valid` and both sides have a quote. A second that is valid
  without a mid counts as invalid here.
- book_snapshot_1s has every second of a partition from its first to its last. Runs, differences and
  volatility also look at seconds of the partition that have no row here, never at the one before.
- Volatility needs no valid second at its own end: it is that of the changes that are known.
- A difference of order n needs this second and the n before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

from naive.levels_model import NEW_YORK, LevelRules, Row, timestamp_of

LONGEST_EXTREME_S = 30


class Book(NamedTuple):
    """Best quotes at the end of a second, prices in ticks; None on an empty side."""

    start_s: int
    bid: int | None
    ask: int | None
    bid_qty: int | None
    ask_qty: int | None
    is_valid: bool

    @property
    def is_known(self) -> bool:
        """Whether it has prices."""
        return self.is_valid and self.bid is not None and self.ask is not None


def movement_seconds(
    book: Iterable[Book],
    windows: Sequence[tuple[int, int]],
    rules: LevelRules,
    lookback_s: int = 300,
    least_changes: int = 120,
) -> list[Row]:
    """Rows of `steps.movement_seconds_1s` of one contract-day.

    Args:
        book: Seconds of the partition.
        windows: Parts of the day that have surfaces, [from, to).
        rules: Symbol, date, tick and session.
        lookback_s: Seconds of volatility.
        least_changes: Least known changes of volatility.
    """
    by_start = {second.start_s: second for second in book}
    known = {start_s: second for start_s, second in by_start.items() if second.is_known}
    half_ticks = {start_s: second.bid + second.ask for start_s, second in known.items()}
    spreads = {start_s: second.ask - second.bid for start_s, second in known.items()}
    offsets = {start_s: microprice_offset(second) for start_s, second in known.items()}
    rows = []
    for start_s in sorted(by_start):
        in_study = rules.is_in_session(start_s, rules.rth_study)
        if not in_study and not any(first <= start_s < last for first, last in windows):
            continue
        local = datetime.fromtimestamp(start_s, NEW_YORK)
        run = 0
        while start_s - run in known:
            run += 1
        half = half_ticks.get(start_s)
        row = {
            "symbol": rules.symbol,
            "dt": rules.dt,
            "window_end_ts": timestamp_of(start_s + 1),
            "in_study": in_study,
            "ny_half_hour": 2 * local.hour + (local.minute >= 30),
            "mid_price_int": None if half is None else half * rules.tick_int // 2,
            "mid_half_ticks": half,
            "valid_run_s": run,
            "sigma_1s_ticks": volatility(half_ticks, start_s, lookback_s, least_changes),
            "low_for_s": extreme_for(half_ticks, start_s, 1),
            "high_for_s": extreme_for(half_ticks, start_s, -1),
            "spread_ticks": spreads.get(start_s),
            "microprice_offset_ticks": as_float(offsets.get(start_s)),
        }
        for order in (1, 2, 3):
            row[f"d{order}_spread_ticks"] = difference(spreads, start_s, order)
            row[f"d{order}_microprice_offset_ticks"] = as_float(difference(offsets, start_s, order))
        rows.append(row)
    return rows


def extreme_for(half_ticks: Mapping[int, int], start_s: int, sign: int) -> int | None:
    """Seconds before, at most 30, whose mid was no lower (sign 1) or no higher (sign -1)."""
    if start_s not in half_ticks:
        return None
    seconds = 0
    while seconds < LONGEST_EXTREME_S:
        before = half_ticks.get(start_s - seconds - 1)
        if before is None or sign * (before - half_ticks[start_s]) < 0:
            break
        seconds += 1
    return seconds


def as_float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def microprice_offset(book: Book) -> Fraction:
    """Microprice less mid, ticks: each price counts by the quantity on the other side."""
    both = book.bid_qty + book.ask_qty
    price = Fraction(book.ask * book.bid_qty + book.bid * book.ask_qty, both)
    return price - Fraction(book.bid + book.ask, 2)


def difference(
    values: Mapping[int, int | Fraction | None], start_s: int, order: int
) -> int | Fraction | None:
    """Difference of an order of the values that end at a second."""
    if order == 0:
        return values.get(start_s)
    now, before = (difference(values, start_s - back, order - 1) for back in (0, 1))
    return None if now is None or before is None else now - before


def volatility(
    half_ticks: Mapping[int, int], start_s: int, lookback_s: int, least_changes: int
) -> float | None:
    """Sample standard deviation of changes of the mid over a second, ticks."""
    changes = [
        Fraction(half_ticks[s] - half_ticks[s - 1], 2)
        for s in range(start_s - lookback_s + 1, start_s + 1)
        if s in half_ticks and s - 1 in half_ticks
    ]
    if len(changes) < least_changes:
        return None
    mean = sum(changes) / len(changes)
    return sqrt(sum((change - mean) ** 2 for change in changes) / (len(changes) - 1))
