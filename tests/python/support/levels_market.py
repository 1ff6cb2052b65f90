"""Small markets for the tests of the plain level relations: prices in ticks, New York clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from naive.levels_model import (
    LEVEL_IDS,
    NS_PER_S,
    LevelKey,
    LevelRules,
    Row,
    Second,
    Trade,
    clock_s,
    timestamp_of,
)
from naive.levels_price import level_offset_1s
from naive.surfaces import NOTHING, SurfaceConfig, SurfaceDay

DAY = date(2025, 10, 1)
SYMBOL = "ESZ5"
TICK_INT = 250_000_000
RULES = LevelRules(SYMBOL, DAY, TICK_INT)
WALL_MAX_TICKS = 130

# side, price in ticks, quantities
Cell = tuple[str, int, dict[str, int]]
# side, old and new price in ticks, rested quantity
Move = tuple[str, int, int, int]


def at(clock: str, day: date = DAY) -> int:
    """Instant of `HH:MM:SS` New York."""
    minutes, seconds = clock[:5], int(clock[6:] or 0)
    return clock_s(day, minutes) + seconds


def trade(
    window_s: int,
    ticks: int,
    ordinal: int | None = None,
    *,
    size: int = 1,
    side: str = "B",
    day: date = DAY,
    symbol: str = SYMBOL,
    late_ns: int = 0,
) -> Trade:
    """A trade half a second into its window, or later; the ordinal defaults to time order."""
    ts_event_ns = window_s * NS_PER_S + NS_PER_S // 2 + late_ns
    ordinal = window_s if ordinal is None else ordinal
    return Trade(symbol, day, ordinal, ts_event_ns, window_s, ticks * TICK_INT, size, side)


def second(
    end_s: int, spot_ticks: int | None, *, half_ticks: int | None = None, flags: int = 0
) -> Second:
    """A row of the book; mid is spot unless given in half ticks."""
    spot = None if spot_ticks is None else spot_ticks * TICK_INT
    mid = spot if half_ticks is None else half_ticks * TICK_INT // 2
    return Second(end_s - 1, spot, mid, flags)


def seconds(first_end_s: int, spots: Iterable[int]) -> list[Second]:
    """Consecutive valid seconds."""
    return [second(first_end_s + n, spot) for n, spot in enumerate(spots)]


def level_rows(
    ticks: Mapping[int, int | None],
    level: str = "pm_high",
    **fields: object,
) -> dict[LevelKey, Row]:
    """Rows of an active and primary level, with a tick at each window end."""
    return {
        (end_s, level): {
            "level_id": level,
            "window_end_ts": timestamp_of(end_s),
            "level_tick": tick,
            "level_price_int": None if tick is None else tick * TICK_INT,
            "is_active": tick is not None,
            "is_primary": tick is not None,
            **fields,
        }
        for end_s, tick in ticks.items()
    }


def values_at(rows: Mapping[LevelKey, Row], end_s: int, column: str) -> dict[str, object]:
    """A column of all levels at one second."""
    return {level: rows[end_s, level][column] for level in LEVEL_IDS}


def book_day(
    books: dict[int, tuple[int, list[Cell], list[Move]]],
    invalid: tuple[int, ...] = (),
    **config: Any,
) -> SurfaceDay:
    """A day of (spot, wall cells, re-prices) by window end; prices in ticks."""
    snapshot, wall, reprice = [], [], []
    for end_s, (spot, cells, moves) in books.items():
        keys = {"window_start_ts": timestamp_of(end_s - 1), "window_valid": end_s not in invalid}
        at_spot = {"spot_ref_price_int": spot * TICK_INT}
        flags = 8 if end_s in invalid else 0
        snapshot.append(keys | at_spot | {"mid_price_int": spot * TICK_INT, "invalid_flags": flags})
        for side, ticks, quantities in cells:
            place = {"side": side, "price_int": ticks * TICK_INT, "rel_ticks": ticks - spot}
            wall.append(keys | at_spot | place | NOTHING | quantities)
        for side, left, entered, qty in moves:
            prices = {"price_from_int": left * TICK_INT, "price_to_int": entered * TICK_INT}
            reprice.append(keys | prices | {"side": side, "qty": qty, "qty_rest": qty})
    settings = SurfaceConfig(TICK_INT, **{"wall_max_ticks": WALL_MAX_TICKS, **config})
    return SurfaceDay("ESZ5", RULES.dt, snapshot, wall, reprice, settings)


def resting(side: str, ticks: int, qty: int, **flows: int) -> Cell:
    """Depth that stays the same from start to end."""
    return (
        side,
        ticks,
        {"depth_qty_start": qty, "depth_qty_end": qty, "depth_qty_rest": qty} | flows,
    )


def described(
    day: SurfaceDay, ticks: dict[int, int], rules: LevelRules = RULES, **fields: object
) -> tuple[dict[LevelKey, Row], dict[LevelKey, Row]]:
    """Level rows with a tick at each window end, and their offsets."""
    levels = level_rows(ticks, **fields)
    seconds = [Second.of_row(row) for row in day.snapshot.values()]
    return levels, level_offset_1s(seconds, levels, rules)
