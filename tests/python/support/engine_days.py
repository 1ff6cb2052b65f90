"""Drawn contract-days on which the level engines are compared with the plain ones.

A day has every kind of second (ordinary, invalid, missing, without spot), levels that move, that
stack, that price crosses and that are not active yet, walls that end before a level's zone does,
bursts of trades on both sides of the bounds of a sweep, options with unknown gamma, and episodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from naive.level_events import EventInputs
from naive.levels_model import LEVEL_IDS, LevelRules, Second, new_york_date
from naive.levels_price import level_offset_1s
from naive.surfaces import Row, second_of, timestamp_of

from support.drawn_courses import drawn_courses
from support.engine_market import (
    CONSTANTS,
    DAY,
    NS_PER_S,
    START_S,
    SYMBOL,
    TICK_INT,
    snapshot_row,
    trade_row,
    wall_row,
)
from support.engine_options import (
    FIRST_SPOT,
    MS,
    WINDOW_S,
    drawn_answers,
    drawn_exposures,
    drawn_options,
    spot_of,
)

# days of COMPARED_S seconds that together hold every state, effect and signal
COMPARED_SEEDS, COMPARED_S = (22, 24), 420
# ticks from spot that change, and that a wall row shows
BOOK_TICKS, WALL_TICKS = 60, 46
MISSING_EVERY = 311
# a sweep's bounds, and times on both sides of them
GAPS_MS = (0, 40, 99, 100, 101, 260)
# what a side does for a while: shares of prices with arrivals, cancellations and executions
MOODS = {
    "still": (0.4, 0.35, 0.05),
    "fills": (0.9, 0.2, 0.1),
    "withdraws": (0.01, 0.9, 0.02),
    "eaten": (0.4, 0.2, 0.7),
    "refilled": (0.9, 0.2, 0.5),
}
INVALID_FLAGS = (2, 4, 8, 16, 64)


@dataclass(frozen=True)
class EngineDay:
    """Rows of one contract-day, each field those of the relation it names, and the constants."""

    book_snapshot_1s: list[Row]
    wall_surface_1s: list[Row]
    levels_1s: list[Row]
    level_offset_1s: list[Row]
    approach_course_1s: list[Row]
    contract_trades: list[Row]
    approach_episodes: list[Row]
    bars: list[Row]
    recording_gaps: list[Row]
    option_trades: list[Row]
    option_contracts: list[Row]
    option_iv_1s: list[Row]
    gex_surface_1s: list[Row]
    gex_summary_1s: list[Row]
    retrieval_outcomes: list[Row]
    constants: dict[str, Any]

    def event_inputs(self, engines: dict[str, list[Row]]) -> EventInputs:
        """Inputs of `level_events`, with the rows of the engines and the score."""
        names = EventInputs.__dataclass_fields__
        own = {name: value for name, value in vars(self).items() if name in names}
        return EventInputs(**own, **engines)


def random_day(seed: int, n_seconds: int = 700) -> EngineDay:
    """A drawn day of so many seconds, most of them inside the surface window."""
    random = Random(seed)
    window_s = (START_S + 20, START_S + n_seconds - 25)
    constants = CONSTANTS | {"wall_max_ticks": WALL_TICKS, "surface_window_s": window_s}
    snapshot = drawn_snapshot(random, n_seconds)
    trades = drawn_trades(random, snapshot)
    levels = drawn_levels(random, snapshot)
    by_key = {(second_of(row["window_end_ts"]), row["level_id"]): row for row in levels}
    seconds = [Second.of_row(row) for row in snapshot]
    offsets = level_offset_1s(seconds, by_key, LevelRules(SYMBOL, DAY, TICK_INT))
    contracts, iv, option_trades = drawn_options(random, snapshot)
    surface, summary = drawn_exposures(random, snapshot)
    return EngineDay(
        book_snapshot_1s=snapshot,
        wall_surface_1s=drawn_wall(random, snapshot, window_s),
        levels_1s=levels,
        level_offset_1s=list(offsets.values()),
        approach_course_1s=drawn_courses(
            levels, {row["window_end_ts"]: row["spot_ref_price_int"] for row in snapshot}, seed
        ),
        contract_trades=trades,
        approach_episodes=drawn_episodes(random, levels, list(offsets.values()), trades),
        bars=bars_of(trades),
        recording_gaps=drawn_gaps(random, n_seconds),
        option_trades=option_trades,
        option_contracts=contracts,
        option_iv_1s=iv,
        gex_surface_1s=surface,
        gex_summary_1s=summary,
        retrieval_outcomes=drawn_answers(random, snapshot),
        constants=constants,
    )


def on_date(day: EngineDay, days: int) -> EngineDay:
    """The same day some days later, which must have the same offset from UTC."""
    ns, later = days * 86_400 * NS_PER_S, timedelta(days=days)

    def moved(name: str, value: Any) -> Any:
        if isinstance(value, (date, datetime)):
            return value + later
        is_time = name.endswith("_ts") or name in ("ts_event", "expiration")
        return value + ns if is_time and value is not None else value

    found: dict[str, Any] = {}
    for relation, rows in vars(day).items():
        if relation == "constants":
            start_s, end_s = rows["surface_window_s"]
            shift_s = days * 86_400
            found[relation] = rows | {"surface_window_s": (start_s + shift_s, end_s + shift_s)}
        else:
            found[relation] = [
                {name: moved(name, value) for name, value in row.items()} for row in rows
            ]
    for row in found["approach_episodes"]:
        row["episode_id"] = episode_id(
            row["dt"],
            row["level_id"],
            row["approach_dir"],
            second_of(row["first_window_end_ts"]),
        )
    return EngineDay(**found)


def episode_id(dt: date, level: str, approach: str, end_s: int) -> str:
    """Name of an episode."""
    return f"{SYMBOL}_{dt}_{level}_{approach.removeprefix('approach_')}_{end_s}"


def drawn_snapshot(random: Random, n_seconds: int) -> list[Row]:
    """Seconds of a walk of spot; some invalid, in runs too, some missing, some without spot."""
    rows, spot, flags_until, flags = [], FIRST_SPOT, 0, 0
    for n in range(1, n_seconds + 1):
        pull = 0.004 * (FIRST_SPOT - spot)
        spot += random.choices((-3, -1, 0, 1, 3), (1, 22 - 200 * pull, 54, 22 + 200 * pull, 1))[0]
        if random.random() < 0.005:
            flags = random.choice(INVALID_FLAGS)
            flags_until = n + random.choice((1, 1, 1, 4, 15))
        if n % MISSING_EVERY == 0:
            continue
        own = flags if n < flags_until else 0
        bid = spot - random.randint(0, 1)
        bid_size, ask_size = (random.randint(1, 60) for _ in range(2))
        known = None if own == 1 or (own and random.random() < 0.1) else spot
        quotes = {"bid": (bid, bid_size), "ask": (bid + random.choice((1, 1, 2)), ask_size)}
        rows.append(snapshot_row(START_S + n, known, flags=own, **(quotes if known else {})))
    return rows


def drawn_wall(random: Random, snapshot: Sequence[Row], window_s: tuple[int, int]) -> list[Row]:
    """A book whose depth changes by the flows of each second, seen around spot."""
    depth = {
        (side, FIRST_SPOT + sign * distance): random.choice((0, 0, 3, 8, 20, 45))
        for side, sign in (("A", 1), ("B", -1))
        for distance in range(4 * BOOK_TICKS)
    }
    mood = {side: random.choice(tuple(MOODS)) for side in "AB"}
    rows = []
    for row in snapshot:
        spot, end_s = spot_of(row), second_of(row["window_end_ts"])
        if spot is None:
            continue
        for side, sign in (("A", 1), ("B", -1)):
            if random.random() < 0.005:
                mood[side] = random.choice(tuple(MOODS))
            for distance in range(-3, BOOK_TICKS + 1):
                ticks = spot + sign * distance
                before = depth.get((side, ticks), 0)
                flows = drawn_flows(random, before, distance, mood[side])
                after = before + flows["add_qty"] - flows["pull_qty_total"] - flows["fill_qty"]
                depth[side, ticks] = after
                is_seen = window_s[0] < end_s <= window_s[1] and distance <= WALL_TICKS
                if is_seen and (before or any(flows.values())):
                    flows |= {"depth_qty_start": before, "depth_qty_end": after}
                    rows.append(wall_row(end_s, spot, side, ticks, row["invalid_flags"], **flows))
    return rows


def drawn_flows(random: Random, before: int, distance: int, mood: str) -> dict[str, int]:
    """Flows at a price; price has eaten what lies behind spot."""
    added = pulled = filled = 0
    if distance < 0:
        filled = before
    elif random.random() < 0.3:
        adds, pulls, fills = (random.random() < share for share in MOODS[mood])
        added = random.randint(1, 6) * adds
        pulled = min(before + added, random.randint(1, 6) * pulls)
        filled = min(before + added - pulled, random.randint(1, 9) * fills)
    return {"add_qty": added, "pull_qty_total": pulled, "fill_qty": filled}


def drawn_levels(random: Random, snapshot: Sequence[Row]) -> list[Row]:
    """Seven levels: fixed, moving, stacked for a while, far, provisional, and without a value."""
    ticks: dict[str, int | None] = {
        "pm_high": FIRST_SPOT + random.randint(3, 9),
        "pm_low": FIRST_SPOT - random.randint(3, 9),
        "or_high": FIRST_SPOT + random.randint(12, 30),
        "or_low": FIRST_SPOT + random.randint(-2, 2),
        "sma_400": FIRST_SPOT - random.randint(38, 43),
        "sma_200": None,
        "sma_90": FIRST_SPOT + random.randint(-12, 12),
    }
    active_from = dict.fromkeys(LEVEL_IDS, 0) | {"pm_low": len(snapshot) // 8}
    rows = []
    for n, second in enumerate(snapshot):
        if random.random() < 0.03:
            ticks["sma_90"] += random.choice((-1, 1))
        if random.random() < 0.01:
            ticks["or_low"] += random.choice((-6, -1, 1, 6))
        if random.random() < 0.008:
            # onto another level, next to it, or away again
            ticks["or_high"] = ticks["pm_high"] + random.choice((0, 1, 2, 17))
        if n == len(snapshot) // 2:
            ticks["sma_200"] = FIRST_SPOT + 3
        active = [x for x in LEVEL_IDS if ticks[x] is not None and n >= active_from[x]]
        stacks = stacks_of({level: ticks[level] for level in active})
        for level in LEVEL_IDS:
            tick, stack = ticks[level], stacks.get(level, [])
            rows.append(
                {name: second[name] for name in ("symbol", "dt", "window_end_ts")}
                | {
                    "level_id": level,
                    "level_price": None if tick is None else tick * TICK_INT / NS_PER_S,
                    "level_price_int": None if tick is None else tick * TICK_INT,
                    "level_tick": tick,
                    "level_resid_ticks": None if tick is None else 0.0,
                    "is_active": level in active,
                    "is_provisional": tick is not None and level not in active,
                    "available_from_ts": None,
                    "stacked_with": [other for other in stack if other != level],
                    "is_primary": bool(stack) and stack[0] == level,
                }
            )
    return rows


def stacks_of(ticks: dict[str, int]) -> dict[str, list[str]]:
    """Members of each level's stack by priority."""
    ordered = sorted(ticks, key=lambda level: ticks[level])
    stacks: list[list[str]] = []
    for level in ordered:
        if stacks and ticks[level] - ticks[stacks[-1][-1]] <= 1:
            stacks[-1].append(level)
        else:
            stacks.append([level])
    return {level: sorted(stack, key=LEVEL_IDS.index) for stack in stacks for level in stack}


def drawn_trades(random: Random, snapshot: Sequence[Row]) -> list[Row]:
    """Trades around spot, single and in bursts, some without aggressor, some late."""
    rows: list[Row] = []
    for row in snapshot:
        spot, start_s = spot_of(row), second_of(row["window_start_ts"])
        if spot is None or random.random() < 0.35:
            continue
        time_ns, side = random.randint(0, 600) * MS, random.choice("AB")
        for _ in range(random.choice((1, 1, 2, 3, 6))):
            if random.random() < 0.25:
                side = random.choice("ABN")
            rows.append(
                trade_row(
                    len(rows) + 1,
                    start_s,
                    spot + random.choice((-2, -1, 0, 0, 1, 2)),
                    size=random.choice((1, 1, 2, 2, 3, 8, 14)),
                    side=side,
                    offset_ns=time_ns,
                )
            )
            time_ns += random.choice(GAPS_MS) * MS
    return rows


def drawn_episodes(
    random: Random, levels: Sequence[Row], offsets: Sequence[Row], trades: Sequence[Row]
) -> list[Row]:
    """Runs of approach to primary levels near spot, some of which follow each other closely."""
    primary = {(row["window_end_ts"], row["level_id"]): row for row in levels if row["is_primary"]}
    over_s: dict[tuple[str, str], int] = {}
    rows: list[Row] = []
    for offset in sorted(offsets, key=lambda row: row["window_end_ts"]):
        key, k_ticks = (offset["window_end_ts"], offset["level_id"]), offset["k_ticks"]
        end_s = second_of(key[0])
        if end_s % WINDOW_S or key not in primary or k_ticks is None or not 0 < abs(k_ticks) < 8:
            continue
        approach = "approach_up" if k_ticks > 0 else "approach_down"
        if end_s <= over_s.get((key[1], approach), 0) or random.random() < 0.6:
            continue
        last_s = end_s + WINDOW_S * random.randint(0, 7)
        available_s = last_s + 3 * WINDOW_S
        # the next may begin before this one is known to be over, as after a jump of the level
        over_s[key[1], approach] = random.choice((last_s, available_s))
        sign, tick = (1 if k_ticks > 0 else -1), primary[key]["level_tick"]
        touch_ts = next(
            (
                trade["ts_event"]
                for trade in trades
                if end_s <= second_of(trade["window_start_ts"]) < available_s
                and sign * (trade["price_int"] // TICK_INT - tick) >= 0
            ),
            None,
        )
        earlier = [
            row
            for row in rows
            if row["level_id"] == key[1]
            and row["touched"]
            and row["available_from_ts"] <= timestamp_of(end_s)
        ]
        rows.append(
            {
                "episode_id": episode_id(DAY, key[1], approach, end_s),
                "symbol": SYMBOL,
                "dt": DAY,
                "level_id": key[1],
                "approach_dir": approach,
                "first_window_end_ts": timestamp_of(end_s),
                "last_window_end_ts": timestamp_of(last_s),
                "n_windows": 1 + (last_s - end_s) // WINDOW_S,
                "touched": touch_ts is not None,
                "touch_ts": touch_ts,
                "attempt_index": 1 + len(earlier),
                "min_abs_k": abs(k_ticks),
                "level_tick_first": tick,
                "available_from_ts": timestamp_of(available_s),
            }
        )
    return rows


def bars_of(trades: Sequence[Row], bar_s: int = 120) -> list[Row]:
    """Close of every bar with a trade; bars of 60 s too, which no approach counts."""
    rows = []
    for length_s in (bar_s // 2, bar_s):
        closes: dict[int, int] = {}
        for trade in trades:
            start_s = second_of(trade["window_start_ts"]) // length_s * length_s
            closes[start_s] = trade["price_int"]
        rows += [
            {
                "symbol": SYMBOL,
                "dt": DAY,
                "bar_s": length_s,
                "bar_start_ts": timestamp_of(start_s),
                "bar_end_ts": timestamp_of(start_s + length_s),
                "close_price_int": close_int,
                "session_date": new_york_date(start_s),
            }
            for start_s, close_int in closes.items()
        ]
    return rows


def drawn_gaps(random: Random, n_seconds: int) -> list[Row]:
    """Two recording gaps."""
    rows = []
    for part in (2, 5):
        start_ns = (START_S + n_seconds * part // 6) * NS_PER_S + random.randint(0, 999) * MS
        end_ns = start_ns + random.randint(1, 20_000) * MS
        rows.append(
            {
                "symbol": SYMBOL,
                "dt": DAY,
                "gap_start_ts": start_ns,
                "gap_end_ts": end_ns,
                "known_at_ts": end_ns,
                "cause": "bad_book",
            }
        )
    return rows
