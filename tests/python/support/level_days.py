"""Contract-days whose level relations are compared with the plain implementation.

Short days of random books with every kind of second, and long days of trades alone: bars for the
moving averages, and a session after them in which price keeps coming back to its levels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from naive.gaps import Gap
from naive.levels_model import NS_PER_S, LevelKey, Trade

from support.strategies.surface_books import Books, Row, random_books
from support.strategies.surface_market import BookShape

SYMBOL, NEXT_SYMBOL = "ESM4", "ESU4"
WALL_TICKS = 70
SHAPE = BookShape(wall_max_ticks=WALL_TICKS, levels=50)
TICK_INT = SHAPE.tick_int
# every second exists, as in the engine's files
ROUGH = replace(SHAPE, weights=tuple(weight for weight in SHAPE.weights if weight[0] != "gap"))
# every second is valid, and price moves
LIVELY = replace(SHAPE, weights=(("ordinary", 60), ("quiet", 8), ("lift", 8), ("widen", 6)))

# the long day has just too few bars for the longest average. The old day lies exactly seven days
# before the busy day: during it that average has a value only in the second in which a new bar
# counts and an old bar still does
OLD_DAY, LONG_DAY, BUSY_DAY = date(2024, 4, 30), date(2024, 5, 6), date(2024, 5, 7)
ROUGH_DAY, LIVELY_DAY = date(2024, 5, 8), date(2024, 5, 9)
LONG_S = 379 * 120
SILENT_S = (3_000, 3_400)
# start and end of gaps in seconds from the start of a day; the second and third overlap
BUSY_GAPS_S = ((4_000.25, 4_090.0), (7_200.0, 7_230.5), (7_215.125, 7_260.75))
MOVING_GAPS_S = ((1_203.5, 1_220.5),)
LIVELY_GAPS_S = ((685.5, 690.0),)

# level, and how often it steps and jumps
WALKS = (
    ("pm_high", 0.0, 0.0),
    ("or_low", 0.02, 0.02),
    ("sma_90", 0.25, 0.0),
    ("sma_400", 0.0, 0.05),
)

STEP_SHARE, REVERSION = 0.45, 0.003
FLAG_SHARE = 0.0008
FLAGS = (1, 2, 4, 8, 16, 32)


@dataclass(frozen=True)
class Day:
    """A contract-day of a lake.

    Attributes:
        symbol: Contract.
        dt: UTC date.
        snapshot: Rows of `book_snapshot_1s`, every second; some columns on days without books.
        trades: Trades, each counted by its second.
        books: Rows of the engine's relations; None for days of trades alone.
        gaps: Recording gaps, given directly, not from records.
    """

    symbol: str
    dt: date
    snapshot: Sequence[Row]
    trades: Sequence[Trade]
    books: Books | None = None
    gaps: Sequence[Gap] = ()


def compared_days() -> list[Day]:
    """Days of bars, a contract that ends, a busy day, and two days with books."""
    return [
        walk(at(OLD_DAY, "13:08"), 38 * 60, seed=1),
        walk(at(LONG_DAY, "07:50"), LONG_S, seed=2, silent_s=SILENT_S),
        with_gaps(walk(at(BUSY_DAY, "13:00"), 3 * 3600, seed=3), BUSY_GAPS_S),
        walk(at(BUSY_DAY, "13:30"), 900, seed=4, symbol=NEXT_SYMBOL),
        booked(at(ROUGH_DAY, "13:27"), 400, seed=4, shape=ROUGH),
        with_gaps(booked(at(LIVELY_DAY, "13:27"), 720, seed=11, shape=LIVELY), LIVELY_GAPS_S),
    ]


def moving_days() -> list[Day]:
    """Two days with books and a day of trades alone, for given levels."""
    return [
        with_gaps(walk(at(BUSY_DAY, "13:00"), 2400, seed=6), MOVING_GAPS_S),
        booked(at(ROUGH_DAY, "13:27"), 200, seed=4, shape=ROUGH),
        booked(at(LIVELY_DAY, "13:27"), 300, seed=12, shape=LIVELY),
    ]


def at(dt: date, clock: str) -> datetime:
    """A UTC time of day, `HH:MM`."""
    return datetime.combine(dt, time.fromisoformat(clock))


def booked(start: datetime, n_seconds: int, *, seed: int, shape: BookShape) -> Day:
    """A day of random books, with trades that connect the last prices of consecutive seconds."""
    books = random_books(seed, n_seconds, symbol=SYMBOL, start=start, shape=shape)
    assert len(books.snapshot) == n_seconds
    random = Random(seed)
    trades: list[Trade] = []
    before = shape.first_ticks
    for row in books.snapshot:
        last = row["last_trade_price_int"] // TICK_INT
        low, high = min(before, last), max(before, last)
        prices = [random.randint(low, high) for _ in range(row["trade_count"] - 1)]
        if row["trade_count"]:
            prices.append(last)
        second = int(row["window_start_ts"].replace(tzinfo=UTC).timestamp())
        trades += prints(random, SYMBOL, start.date(), second, prices, len(trades))
        before = last
    return Day(SYMBOL, start.date(), books.snapshot, trades, books)


def walk(
    start: datetime,
    n_seconds: int,
    *,
    seed: int,
    symbol: str = SYMBOL,
    silent_s: tuple[int, int] = (0, 0),
) -> Day:
    """A day on which price sometimes steps by a tick and reverts to its start.

    Args:
        start: First window start, UTC.
        n_seconds: Seconds of the day.
        seed: Same seed, same day.
        symbol: Contract.
        silent_s: Half-open range of seconds from the start without trades.
    """
    dt = start.date()
    random = Random(seed)
    first_s = int(start.replace(tzinfo=UTC).timestamp())
    ticks = SHAPE.first_ticks
    snapshot: list[Row] = []
    trades: list[Trade] = []
    for index in range(n_seconds):
        prices = []
        if random.random() < STEP_SHARE:
            up = random.random() < 0.5 - REVERSION * (ticks - SHAPE.first_ticks)
            ticks += 1 if up else -1
            prices = [ticks] * random.choice((0, 1, 1, 2))
        if random.random() < 0.05:
            prices.append(ticks + random.choice((-1, 1)))
        flags = random.choice(FLAGS) if random.random() < FLAG_SHARE else 0
        spot = None if flags == 1 else ticks * TICK_INT
        moment = start + timedelta(seconds=index)
        prices = [] if silent_s[0] <= index < silent_s[1] else prices
        snapshot.append(
            {
                "symbol": symbol,
                "dt": dt,
                "window_start_ts": moment,
                "window_end_ts": moment + timedelta(seconds=1),
                "spot_ref_price_int": spot,
                "mid_price_int": spot and spot + random.choice((-1, 0, 1)) * TICK_INT // 2,
                "trade_count": len(prices),
                "invalid_flags": flags,
                "window_valid": flags == 0,
            }
        )
        trades += prints(random, symbol, dt, first_s + index, prices, len(trades))
    return Day(symbol, dt, snapshot, trades)


def with_gaps(day: Day, gaps_s: Sequence[tuple[float, float]]) -> Day:
    """The day with recording gaps between seconds from its start."""
    start_s = int(day.snapshot[0]["window_start_ts"].replace(tzinfo=UTC).timestamp())
    bounds_ns = [[start_s * NS_PER_S + int(s * NS_PER_S) for s in gap] for gap in gaps_s]
    return replace(day, gaps=[Gap(start, end, "silent") for start, end in bounds_ns])


def prints(
    random: Random, symbol: str, dt: date, second: int, prices: Sequence[int], count: int
) -> Iterator[Trade]:
    """Trades of a second at prices in ticks; their group may end after the second."""
    for place, ticks in enumerate(prices):
        ts_event_ns = second * NS_PER_S + random.randrange(1_300_000_000)
        size, side = random.randint(1, 9), random.choice("BAN")
        yield Trade(
            symbol, dt, 7 * (count + place), ts_event_ns, second, ticks * TICK_INT, size, side
        )


def moving_levels(day: Day, *, seed: int) -> dict[LevelKey, Row]:
    """Artificial levels that walk and jump, and become inactive or non-primary.

    Rows have only the columns of `levels_1s` that tests need.
    """
    random = Random(seed)
    rows: dict[LevelKey, Row] = {}
    for level_id, step_share, jump_share in WALKS:
        tick = SHAPE.first_ticks + random.randint(-12, 12)
        is_active = is_primary = True
        for second in day.snapshot:
            # usually back to price
            home = 1 if tick < SHAPE.first_ticks else -1
            sign = home if random.random() < 0.7 else -home
            if random.random() < step_share:
                tick += sign
            if random.random() < jump_share:
                tick += sign * random.choice((4, 5, 9))
            if random.random() < 0.01:
                is_active = random.random() < 0.8
                is_primary = is_active and random.random() < 0.8
            end_s = int(second["window_end_ts"].replace(tzinfo=UTC).timestamp())
            rows[end_s, level_id] = {
                "symbol": day.symbol,
                "dt": day.dt,
                "window_end_ts": second["window_end_ts"],
                "level_id": level_id,
                "level_tick": tick if is_active else None,
                "level_price_int": tick * TICK_INT if is_active else None,
                "is_active": is_active,
                "is_primary": is_primary,
            }
    return rows
