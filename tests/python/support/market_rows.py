"""States, trades and wall rows of the market made by hand, and the rows they give."""

from __future__ import annotations

from datetime import date

from naive.levels_model import Trade
from naive.market_by_price import BAR_COLUMNS, MarketDay, market_by_price_10_bar5s
from naive.market_states import Level, State
from naive.model import NS_PER_S
from naive.surfaces import Row

from support.strategies.mbo_script import DAY_START_NS, TICK_INT

DAY_S = DAY_START_NS // NS_PER_S
DT = date(2023, 12, 25)
Ladder = list[tuple]


def state(at_s: float, bids: Ladder, asks: Ladder, **fields: bool) -> State:
    """A state at seconds after the day's start; levels are (ticks, size[, count])."""
    sides = [
        tuple(Level(x[0] * TICK_INT, x[1], x[2] if len(x) > 2 else 1) for x in ladder)
        for ladder in (bids, asks)
    ]
    return State(DAY_START_NS + round(at_s * NS_PER_S), *sides, **fields)


def market_day(last_s: int = 4, first_s: int = 0, **fields: object) -> MarketDay:
    defaults = {"symbol": "ESH4", "dt": DT, "tick_int": TICK_INT, "source": "mbp10"}
    return MarketDay(**defaults | fields, first_s=DAY_S + first_s, last_s=DAY_S + last_s)


def bars(states: list[State], last_s: int = 4, trades: list[Trade] = (), **fields) -> list[Row]:
    wall_rows = fields.pop("wall_rows", None)
    return market_by_price_10_bar5s(states, trades, market_day(last_s, **fields), wall_rows)


def bar(states: list[State], trades: list[Trade] = (), **fields) -> Row:
    [row] = bars(states, 4, trades, **fields)
    assert tuple(row) == BAR_COLUMNS
    return row


def trade(number: int, at_s: float, ticks: int | None, size: int, side: str) -> Trade:
    price_int = None if ticks is None else ticks * TICK_INT
    second = DAY_S + int(at_s)
    return Trade("ESH4", DT, number, second * NS_PER_S, second, price_int, size, side)


def values(row: Row, *names: str) -> list:
    return [row[name] for name in names]


BID, ASK = [(100, 5)], [(101, 5)]
# best prices two ticks apart with equal sizes: the microprice is tick 101 exactly
CENTRED = [(100, 5)], [(102, 5)]


def adjacent(first: int, step: int, n: int = 10, size: int = 2) -> Ladder:
    """Levels of one size a tick apart."""
    return [(first + step * i, size) for i in range(n)]


def wall_row(second: int, side: str, ticks: int, add: int, pull: int) -> Row:
    row = {"window_start_s": DAY_S + second, "side": side, "price_int": ticks * TICK_INT}
    return row | {"add_qty": add, "pull_qty_total": pull}
