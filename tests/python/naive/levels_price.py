"""`bars`, `levels_1s` and `level_offset_1s` from trades and one-second spots.

Rules chosen where the specification leaves room:
- A trade belongs to premarket, opening range or bar by the window of its event group.
- Premarket and opening range come from trades of the partition alone: before its first trade
  after 04:00 the premarket has no value, even at 20:30 New York of the evening before. From
  09:30 on they stay active to the end of the partition.
- `available_from_ts` of pm and or is the clock time on every row, also without a value; of a
  moving average it is the end of the newest of its N bars, None without a value.
- `is_provisional` is True only for the value of a running premarket.
- The age of bars is measured at the row: a moving average ends when its oldest bar is too old,
  even between two bar ends. A bar exactly 7 x 24 h old counts.
- Stacks compare `level_tick`; `stacked_with` is ordered by priority and empty for a lone or
  inactive level.
- Rows exist for all seven levels at every requested second.
- Offsets exist for every level with a value, active or not. `k_ticks` and sigma do not need a
  valid window; speeds and moves need a mid and a valid window at both their ends, nothing between.
- An approach is a move of the mid over `approach_over_s` that has not turned within the last
  `approach_pause_s`. Both bounds are inclusive: a move of exactly A and a pause of exactly
  0 are an approach. `approach_move_ticks` does not need a level.
- A mid difference is valid when both its seconds are window_valid and have a mid; the 300
  differences are those that end at t - 299 s ... t. No value uses the partition before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from naive.levels_model import (
    APPROACHES,
    CANDLE_S,
    LEVEL_IDS,
    PRICE_UNITS,
    LevelKey,
    LevelRules,
    Row,
    Second,
    Trade,
    new_york_date,
    timestamp_of,
    whole_ticks,
)

BAR_LENGTHS_S = (5, 60, CANDLE_S)
MOVING_AVERAGES = {"sma_90": 90, "sma_200": 200, "sma_400": 400}
SIGMA_SECONDS = 300
SIGMA_MIN_DIFFERENCES = 120
SHORT_SPEED_S, LONG_SPEED_S = 3, 15

BarKey = tuple[str, int, int]


def bars(trades: Iterable[Trade]) -> dict[BarKey, Row]:
    """Rows of `silver.bars` by (symbol, bar_s, bar start in seconds)."""
    members: dict[BarKey, list[Trade]] = {}
    for trade in sorted(trades, key=lambda row: (row.symbol, row.dt, row.ordinal)):
        if trade.size > 0:
            for bar_s in BAR_LENGTHS_S:
                key = trade.symbol, bar_s, trade.window_s // bar_s * bar_s
                members.setdefault(key, []).append(trade)
    return {key: _bar(key, inside) for key, inside in members.items()}


def _bar(key: BarKey, inside: Sequence[Trade]) -> Row:
    symbol, bar_s, start_s = key
    prices = [trade.price_int for trade in inside]
    volume = sum(trade.size for trade in inside)
    quoted = {"open": prices[0], "high": max(prices), "low": min(prices), "close": prices[-1]}
    return {
        "symbol": symbol,
        "dt": inside[0].dt,
        "bar_s": bar_s,
        "bar_start_ts": timestamp_of(start_s),
        "bar_end_ts": timestamp_of(start_s + bar_s),
        **{f"{name}_price_int": price for name, price in quoted.items()},
        **{f"{name}_price": price / PRICE_UNITS for name, price in quoted.items()},
        "volume": volume,
        "buy_volume": sum(trade.size for trade in inside if trade.side == "B"),
        "sell_volume": sum(trade.size for trade in inside if trade.side == "A"),
        "trade_count": len(inside),
        "vwap": float(
            Fraction(sum(trade.price_int * trade.size for trade in inside), volume * PRICE_UNITS)
        ),
        "session_date": new_york_date(start_s),
    }


@dataclass(frozen=True)
class Value:
    """Value of a level at an instant, in ticks, or None."""

    ticks: Fraction | None
    available_from_s: int | None
    is_active: bool


def levels_1s(
    trades: Sequence[Trade], window_ends_s: Iterable[int], rules: LevelRules
) -> dict[LevelKey, Row]:
    """Rows of `silver.levels_1s` by (window end in seconds, level_id).

    Args:
        trades: Trades of the contract in this and earlier partitions.
        window_ends_s: Window ends to describe, all of the partition `rules.dt`.
        rules: Symbol, date and settings.
    """
    own = [trade for trade in trades if trade.symbol == rules.symbol and trade.size > 0]
    ranges = _Ranges([trade for trade in own if trade.dt == rules.dt], rules)
    averages = _Averages(own, rules)
    rows: dict[LevelKey, Row] = {}
    for end_s in sorted(window_ends_s):
        values = ranges.at(end_s) | averages.at(end_s)
        at_once = {level: _level_row(end_s, level, values[level], rules) for level in LEVEL_IDS}
        _stack(at_once, rules.stack_ticks)
        rows |= {(end_s, level): row for level, row in at_once.items()}
    return rows


class _Ranges:
    """Highest and lowest trade of premarket and opening range; call it in time order."""

    def __init__(self, trades: Sequence[Trade], rules: LevelRules) -> None:
        self._trades = sorted(trades, key=lambda trade: trade.ordinal)
        self._rules = rules
        self._prices: dict[str, list[int]] = {"pm": [], "or": []}
        self._next = 0
        self._sessions = {"pm": rules.premarket, "or": rules.opening_range}
        self._ends_s = {name: rules.clock_s(end) for name, (_, end) in self._sessions.items()}

    def at(self, end_s: int) -> dict[str, Value]:
        while self._next < len(self._trades) and self._trades[self._next].window_s < end_s:
            self._take(self._trades[self._next])
            self._next += 1
        values = {}
        for name, prices in self._prices.items():
            available_s = self._ends_s[name]
            is_final = end_s >= available_s
            is_shown = bool(prices) and (is_final or name == "pm")
            for part, choose in (("high", max), ("low", min)):
                ticks = Fraction(choose(prices), self._rules.tick_int) if is_shown else None
                values[f"{name}_{part}"] = Value(ticks, available_s, is_shown and is_final)
        return values

    def _take(self, trade: Trade) -> None:
        for name, session in self._sessions.items():
            if self._rules.is_in_session(trade.window_s, session):
                prices = [*self._prices[name], trade.price_int]
                self._prices[name] = [min(prices), max(prices)]


class _Averages:
    """Mean close of the last completed bars of 120 s."""

    def __init__(self, trades: Sequence[Trade], rules: LevelRules) -> None:
        closes = {
            start_s + bar_s: row["close_price_int"]
            for (_, bar_s, start_s), row in bars(trades).items()
            if bar_s == CANDLE_S
        }
        self._ends_s = sorted(closes)
        self._closes = [closes[end_s] for end_s in self._ends_s]
        self._rules = rules

    def at(self, end_s: int) -> dict[str, Value]:
        completed = bisect_right(self._ends_s, end_s)
        oldest_s = end_s - self._rules.bar_max_age_s
        values = {}
        for level, count in MOVING_AVERAGES.items():
            first = completed - count
            if first < 0 or self._ends_s[first] < oldest_s:
                values[level] = Value(None, None, is_active=False)
                continue
            total = sum(self._closes[first:completed])
            ticks = Fraction(total, count * self._rules.tick_int)
            values[level] = Value(ticks, self._ends_s[completed - 1], is_active=True)
        return values


def _level_row(end_s: int, level: str, value: Value, rules: LevelRules) -> Row:
    ticks = value.ticks
    # rounding a Fraction is exact and half to even
    tick = None if ticks is None else round(ticks)
    available_s = value.available_from_s
    return {
        "symbol": rules.symbol,
        "dt": rules.dt,
        "window_end_ts": timestamp_of(end_s),
        "level_id": level,
        "level_price": None if ticks is None else float(ticks * rules.tick_int / PRICE_UNITS),
        "level_price_int": None if tick is None else tick * rules.tick_int,
        "level_tick": tick,
        "level_resid_ticks": None if ticks is None else float(ticks - tick),
        "is_active": value.is_active,
        "is_provisional": ticks is not None and not value.is_active,
        "available_from_ts": None if available_s is None else timestamp_of(available_s),
        "stacked_with": [],
        "is_primary": False,
    }


def _stack(rows: Mapping[str, Row], stack_ticks: int) -> None:
    """Fill in stacks of the levels of one second, which are in order of priority."""
    active = [level for level, row in rows.items() if row["is_active"]]
    stacks = [{level} for level in active]
    for level_id in active:
        for other in active:
            if abs(rows[level_id]["level_tick"] - rows[other]["level_tick"]) <= stack_ticks:
                joined = [stack for stack in stacks if level_id in stack or other in stack]
                stacks = [stack for stack in stacks if stack not in joined]
                stacks.append(set().union(*joined))
    for stack in stacks:
        members = [level for level in active if level in stack]
        for level in members:
            rows[level]["stacked_with"] = [other for other in members if other != level]
            rows[level]["is_primary"] = level == members[0]


def level_offset_1s(
    seconds: Iterable[Second], levels: Mapping[LevelKey, Row], rules: LevelRules
) -> dict[LevelKey, Row]:
    """Rows of `silver.level_offset_1s` by (window end in seconds, level_id).

    Args:
        seconds: Rows of `book_snapshot_1s` of the partition.
        levels: Rows of `levels_1s`; offsets are made for these keys.
        rules: Symbol, date and settings.
    """
    market = _Market(seconds, rules.tick_int)
    sigmas = {end_s: market.sigma_ticks(end_s) for end_s, _ in levels}
    rows = {}
    for (end_s, level), row in levels.items():
        spot, tick = market.spot_ticks(end_s), row["level_tick"]
        k = None if spot is None or tick is None else tick - spot
        moved = market.moved_ticks(end_s, LONG_SPEED_S)
        approached = market.moved_ticks(end_s, rules.approach_over_s)
        paused = market.moved_ticks(end_s, rules.approach_pause_s)
        sigma = sigmas[end_s]
        closing = None if k is None or moved is None else _sign(k) * moved / LONG_SPEED_S
        short_moved = market.moved_ticks(end_s, SHORT_SPEED_S)
        rows[end_s, level] = {
            "symbol": rules.symbol,
            "dt": rules.dt,
            "window_end_ts": timestamp_of(end_s),
            "level_id": level,
            "k_ticks": k,
            "k_vol": k / (sigma * sqrt(SIGMA_SECONDS)) if k is not None and sigma else None,
            "sigma_1s_ticks": sigma,
            "speed_3s": None if short_moved is None else short_moved / SHORT_SPEED_S,
            "speed_15s": None if moved is None else moved / LONG_SPEED_S,
            "closing_speed_15s": closing,
            "secs_to_touch": abs(k) / closing if closing is not None and closing > 0 else None,
            "approach_move_ticks": approached,
            "approach_dir": approach_dir(k, approached, paused, sigma, rules),
        }
    return rows


def approach_dir(
    k_ticks: int | None,
    approached_ticks: float | None,
    paused_ticks: float | None,
    sigma_ticks: float | None,
    rules: LevelRules,
) -> str:
    """Whether the mid has moved toward a level that is near.

    Args:
        k_ticks: Offset of the level from spot.
        approached_ticks: Move of the mid over `approach_over_s`; None if unknown.
        paused_ticks: Move of the mid over `approach_pause_s`; None if unknown.
        sigma_ticks: Volatility of the mid over one second; None requires the least move only.
        rules: Settings of the approach.
    """
    if k_ticks is None or approached_ticks is None or paused_ticks is None:
        return "approach_none"
    least_ticks = least_approach_ticks(sigma_ticks, rules)
    for name, sign in APPROACHES.items():
        is_near = 0 < sign * k_ticks <= rules.approach_max_k_ticks
        if is_near and sign * approached_ticks >= least_ticks and sign * paused_ticks >= 0:
            return name
    return "approach_none"


def least_approach_ticks(sigma_ticks: float | None, rules: LevelRules) -> float:
    """Smallest move of the mid over `approach_over_s` that is an approach, A."""
    if sigma_ticks is None:
        return rules.approach_min_ticks
    usual = sigma_ticks * sqrt(rules.approach_over_s)
    return max(rules.approach_min_ticks, rules.approach_sigma * usual)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


class _Market:
    """Spot and mid by window end."""

    def __init__(self, seconds: Iterable[Second], tick_int: int) -> None:
        self._by_end = {second.end_s: second for second in seconds}
        self._tick_int = tick_int
        self._mid_changes = {
            end_s: self._by_end[end_s].mid_price_int - self._by_end[end_s - 1].mid_price_int
            for end_s in self._by_end
            if self._has_mid(end_s) and self._has_mid(end_s - 1)
        }

    def spot_ticks(self, end_s: int) -> int | None:
        second = self._by_end.get(end_s)
        if second is None or second.spot_price_int is None:
            return None
        return whole_ticks(second.spot_price_int, self._tick_int)

    def moved_ticks(self, end_s: int, lookback_s: int) -> float | None:
        """Change of mid over a time; None if either end is invalid or has no mid."""
        if not self._has_mid(end_s) or not self._has_mid(end_s - lookback_s):
            return None
        return (self._half_ticks(end_s) - self._half_ticks(end_s - lookback_s)) / 2

    def sigma_ticks(self, end_s: int) -> float | None:
        """Standard deviation of the differences of mid over one second."""
        moments = range(end_s - SIGMA_SECONDS + 1, end_s + 1)
        changes = [self._mid_changes[moment] for moment in moments if moment in self._mid_changes]
        n = len(changes)
        if n < SIGMA_MIN_DIFFERENCES:
            return None
        # in whole price units, so that only the root rounds
        spread = n * sum(change * change for change in changes) - sum(changes) ** 2
        return sqrt(Fraction(spread, n * (n - 1))) / self._tick_int

    def _half_ticks(self, end_s: int) -> int:
        """Mid in half ticks: the mean of two prices on the grid."""
        return whole_ticks(2 * self._by_end[end_s].mid_price_int, self._tick_int)

    def _has_mid(self, end_s: int) -> bool:
        second = self._by_end.get(end_s)
        return second is not None and second.is_valid and second.mid_price_int is not None
