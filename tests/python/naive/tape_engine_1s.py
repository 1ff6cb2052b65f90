"""`tape_engine_1s`: the trades at a level, their speed, and sweeps.

Rules chosen where the specification leaves room:
- A trade belongs to the second of its event group; times between trades are those of `ts_event`.
- Trades without a price are left out. Trades of invalid seconds count, and an invalid second has
  its readings: the tape does not need the book.
- Volume without aggressor is neither bought nor sold, but its trade has a price for the velocity.
- The velocity weighs every trade alike; it is None if all its trades have the same time.
- A sweep is a run of trades of the contract, wherever they are; trades without aggressor neither
  join nor end a run, and a single trade is one. Of runs of equal notional the latest counts.
- Without a sweep `sweep_detected` is False and the other columns of the sweep are None.
- `sweep_age_s` counts from the run's last trade and is not below 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from naive.engine_rows import Constants, end_of, engine_keys
from naive.least_squares import slope
from naive.surfaces import PRICE_UNITS, Row, second_of

COLUMNS = (
    "buy_vol",
    "sell_vol",
    "imbalance",
    "velocity_ticks_s",
    "sweep_detected",
    "sweep_direction",
    "sweep_num_prints",
    "sweep_span_ms",
    "sweep_notional",
    "sweep_age_s",
    "confidence",
)
NS_PER_S, NS_PER_MS = 1_000_000_000, 1_000_000
DIRECTIONS = {"B": "UP", "A": "DOWN"}


def tape_engine_1s(
    snapshot: Iterable[Row],
    trades: Iterable[Row],
    levels: Iterable[Row],
    offsets: Iterable[Row],
    constants: Constants,
    courses: Iterable[Row] = (),
) -> list[Row]:
    """Rows of `silver.tape_engine_1s` of one contract-day, by second and priority.

    Args:
        snapshot: Rows of `book_snapshot_1s`.
        trades: Rows of `contract_trades`.
        levels: Rows of `levels_1s`.
        offsets: Rows of `level_offset_1s`.
        constants: See `engine_rows`.
        courses: Rows of `approach_course_1s`.
    """
    tape = Tape(trades)
    return [
        key | tape_readings(tape, end_of(key), key["level_price_int"], constants)
        for key in engine_keys(snapshot, levels, offsets, constants, courses)
    ]


class Tape:
    """Trades with a price in file order, by the second of their group."""

    def __init__(self, trades: Iterable[Row]) -> None:
        self._of_second: dict[int, list[Row]] = {}
        for trade in sorted(trades, key=lambda row: row["trade_no"]):
            if trade["price_int"] is not None:
                self._of_second.setdefault(second_of(trade["window_start_ts"]), []).append(trade)

    def last(self, end_s: int, n: int) -> list[Row]:
        """Trades of the n seconds up to an instant."""
        return [
            trade for second in range(end_s - n, end_s) for trade in self._of_second.get(second, ())
        ]


def tape_readings(
    tape: Tape, end_s: int, level_price_int: int, constants: Constants
) -> dict[str, Any]:
    """Readings of one level at one instant."""
    trades = tape.last(end_s, constants["w_tape_s"])
    band_int = constants["tape_band_ticks"] * constants["tick_int"]
    near = [row for row in trades if abs(row["price_int"] - level_price_int) <= band_int]
    buy, sell = (sum(row["size"] for row in near if row["side"] == side) for side in ("B", "A"))
    return {
        "buy_vol": buy,
        "sell_vol": sell,
        "imbalance": (buy - sell) / (buy + sell) if buy + sell else None,
        "velocity_ticks_s": velocity(tape.last(end_s, constants["w_velocity_s"]), constants),
        **sweep_readings(largest_sweep(trades, constants), end_s, constants),
        "confidence": min(1.0, (buy + sell) / constants["activity_full"]),
    }


def velocity(trades: Sequence[Row], constants: Constants) -> float | None:
    """Least-squares slope of price on time, ticks per second."""
    if len(trades) < constants["velocity_min_trades"]:
        return None
    points = [
        (Fraction(row["ts_event"], NS_PER_S), Fraction(row["price_int"], constants["tick_int"]))
        for row in trades
    ]
    return slope(points)


def runs(trades: Sequence[Row], gap_ns: int) -> list[list[Row]]:
    """Maximal runs of trades of one aggressor with gaps of at most `gap_ns`."""
    found: list[list[Row]] = []
    for trade in trades:
        if trade["side"] not in DIRECTIONS:
            continue
        before = found[-1][-1] if found else None
        is_next = (
            before is not None
            and before["side"] == trade["side"]
            and trade["ts_event"] - before["ts_event"] <= gap_ns
        )
        if is_next:
            found[-1].append(trade)
        else:
            found.append([trade])
    return found


def notional_units(run: Sequence[Row]) -> int:
    """Price times size of a run, 1e-9 points times contracts, exact."""
    return sum(row["price_int"] * row["size"] for row in run)


def notional_usd(run: Sequence[Row], constants: Constants) -> Fraction:
    """Value of a run, exact."""
    return Fraction(notional_units(run)) * Fraction(constants["point_value"]) / PRICE_UNITS


def largest_sweep(trades: Sequence[Row], constants: Constants) -> list[Row] | None:
    """The run of largest value among those that are large enough."""
    gap_ns = constants["sweep_gap_ms"] * NS_PER_MS
    sweeps = [
        run
        for run in runs(trades, gap_ns)
        if notional_usd(run, constants) >= constants["sweep_notional_usd"]
    ]
    # `max` keeps the first of equals
    return max(reversed(sweeps), key=notional_units, default=None)


def sweep_readings(run: list[Row] | None, end_s: int, constants: Constants) -> dict[str, Any]:
    """Columns of a sweep."""
    if run is None:
        return {"sweep_detected": False} | dict.fromkeys(COLUMNS[5:10])
    first, last = run[0], run[-1]
    return {
        "sweep_detected": True,
        "sweep_direction": DIRECTIONS[last["side"]],
        "sweep_num_prints": len(run),
        "sweep_span_ms": (last["ts_event"] - first["ts_event"]) / NS_PER_MS,
        "sweep_notional": float(notional_usd(run, constants)),
        "sweep_age_s": max(0.0, (end_s * NS_PER_S - last["ts_event"]) / NS_PER_S),
    }
