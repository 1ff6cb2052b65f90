"""Published breaks and retests against the plain ones, on random days around one level."""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest
from naive.gaps import Gap
from naive.levels_model import LevelRules, Second, Trade, timestamp_of
from naive.retest_events import Print, RetestRules, bar_prints, retest_events, trade_prints
from spymaster_engine.kernels.patterns.retests import NO_TRADE, UNKNOWN
from spymaster_engine.kernels.patterns.retests import retest_events as kernel_events
from spymaster_engine.retest_columns import OUTCOMES
from support.retest_days import (
    DT,
    LEVEL,
    MIDNIGHT,
    NS,
    RUNGS,
    SYMBOL,
    TICK_INT,
    Book,
    Day,
    events_of,
)
from support.selection_tables import Compiler

START_S = int((MIDNIGHT - timestamp_of(0)).total_seconds())
RULES = LevelRules(SYMBOL, DT, TICK_INT)
L = 27_000
N_SECONDS = 6_000
STATES = ("quiet", "thin", "wall_holds", None)
LIMITS = {
    "approach_max_ticks": 20,
    "break_ticks": 4,
    "hold_ns": 10 * NS,
    "retest_ticks": 2,
    "through_ticks": 1,
    "outcome_ticks": 8,
    "horizon_s": 480,
}

Row = dict[str, object]


def around(random: Random, n: int, step: int) -> list[int]:
    """A walk that comes back to the level, and sometimes jumps over it."""
    place, places = -5.0, []
    for _ in range(n):
        jump = -1 if random.random() < 0.01 else 1
        place = jump * (0.985 * place + random.randint(-step, step))
        places.append(round(place))
    return places


def random_day(seed: int) -> Day:
    """A day on which price crosses a level that moves now and then."""
    random = Random(seed)
    ticks, tick = {}, L
    for second in range(N_SECONDS):
        if random.random() < 0.004:
            tick += random.choice((-3, -1, 1, 2))
        ticks[second] = tick
    times = sorted(random.sample(range(N_SECONDS * 4), N_SECONDS))
    # quarters of a second: several trades of one second, and trades at its very start
    trades = tuple(
        (quarter / 4, L + x)
        for quarter, x in zip(times, around(random, N_SECONDS, 1 + seed % 2), strict=True)
    )
    closes = random.choices((-25, -9, -6, -3, -1, 0, 1, 2, 3, 5, 7, 9), k=N_SECONDS // 120)
    bars = tuple((120 * n, L + x) for n, x in enumerate(closes, start=1) if random.random() < 0.95)
    approached = [s for s in ticks if random.random() < 0.2]
    gap_s = random.randint(600, 5_000) + 0.5
    return Day(
        trades=trades,
        approaches=tuple((s, ticks[s]) for s in approached),
        direction=random.choice((-1, 1)),
        n_seconds=N_SECONDS,
        invalid=tuple(random.sample(range(400, N_SECONDS), 3)),
        gaps=((gap_s, gap_s + 7.25, gap_s + 7.25),),
        bars=bars,
        levels=tuple((s, tick) for s, tick in ticks.items() if s not in set(approached)),
        books={s: random_book(random) for s in range(0, N_SECONDS, 3)},
        has_orders=seed % 4 != 3,
    )


def random_book(random: Random) -> Book:
    rungs = [tuple(random.choice(STATES) for _ in RUNGS) for _ in "BA"]
    conditions = tuple(random.choice((True, False, None)) for _ in range(4))
    return Book(conditions, random.choice(("none", None)), random.random(), random.random(), *rungs)


def plain_events(day: Day) -> list[Row]:
    """Events of a day by the twin, with the names and units of `events_of`."""
    name = "approach_up" if day.direction == 1 else "approach_down"
    levels, offsets = {}, {}
    for at, tick in (*day.approaches, *day.levels):
        key = START_S + at, LEVEL
        levels[key] = {"level_tick": tick, "is_active": True, "is_primary": True}
        offsets[key] = {"approach_dir": "approach_none"}
    for at, _ in day.approaches:
        offsets[START_S + at, LEVEL] = {"approach_dir": name}
    seconds = [Second(START_S + n, None, None, int(n in day.invalid)) for n in range(day.n_seconds)]
    trades = [
        Trade(SYMBOL, DT, n, START_S * NS + round(at * NS), START_S + int(at), t * TICK_INT, 1, "B")
        for n, (at, t) in enumerate(day.trades)
    ]
    bars = [
        {"start_s": START_S + at - 120, "close_price_int": tick * TICK_INT} for at, tick in day.bars
    ]
    prints = {"seconds": trade_prints(trades, RULES), "bars": bar_prints(bars, RULES)}
    gaps = [
        Gap(START_S * NS + round(start * NS), START_S * NS + round(known * NS), "silent")
        for start, _, known in day.gaps
    ]
    rows = retest_events(
        levels,
        offsets,
        seconds,
        prints,
        RULES,
        gaps=gaps,
        known=known_of(day),
        has_orders=day.has_orders,
    )
    return [in_units(row) for row in rows]


def known_of(day: Day) -> dict[str, dict]:
    known: dict[str, dict] = {
        "conditions_in_use_1s": {},
        "physics_bands_1s": {},
        "level_ladder_1s": {},
    }
    for at, book in day.books.items():
        end_s = START_S + at
        conditions = {f"c{n}": value for n, value in enumerate(book.c, start=1)}
        conditions |= {"state": book.state, "held_s": 3}
        known["conditions_in_use_1s"][end_s, LEVEL] = conditions
        if not day.has_orders:
            continue
        known["physics_bands_1s"][end_s] = {"above_score": book.above, "below_score": book.below}
        for rung, bid, ask in zip(RUNGS, book.bids, book.asks, strict=True):
            states = {"bid_state": bid, "ask_state": ask}
            known["level_ladder_1s"][end_s, LEVEL, rung] = states
    return known


def in_units(row: Row) -> Row:
    """Times in seconds after midnight, prices in ticks."""
    changed: Row = {}
    for name, value in row.items():
        if name.endswith("_price_int"):
            name = name.removesuffix("_price_int") + "_tick"
            value = value and value // TICK_INT
        elif name.endswith("_ts") and isinstance(value, int):
            value = (value - START_S * NS) / NS
        elif name.endswith("_ts") and value is not None:
            value = (value - MIDNIGHT).total_seconds()
        changed[name] = value
    return changed


def in_order(rows: list[Row]) -> list[Row]:
    names = ("basis", "approach_dir", "broken_ts")
    return sorted(rows, key=lambda row: tuple(row[name] for name in names))


def test_random_days(tmp_path_factory: pytest.TempPathFactory) -> None:
    query = Compiler(tmp_path_factory.mktemp("retests")).compile("--select", "retest_events")
    outcomes: Counter[tuple] = Counter()
    n_known = n_net = 0
    for seed in range(8):
        day = random_day(seed)
        found, plain = in_order(events_of(day, query)), in_order(plain_events(day))
        assert len(found) == len(plain), seed
        for one, other in zip(found, plain, strict=True):
            assert one.keys() == other.keys()
            differing = {n: (one[n], other[n]) for n in one if one[n] != other[n]}
            assert differing == {}, (seed, other)
            outcomes[other["basis"], other["outcome"]] += 1
            n_known += other["above_score"] is not None
            n_net += other["conditions_basis"] == "net" and other["turn_state"] is not None
    assert set(outcomes) >= {("seconds", outcome) for outcome in OUTCOMES}
    assert {outcome for basis, outcome in outcomes if basis == "bars"} >= set(OUTCOMES) - {"CHOP"}
    assert sum(outcomes.values()) > 300
    assert n_known > 60
    assert n_net > 10


def test_kernel_on_trades_that_arrive_late() -> None:
    """A trade may belong to a later window than its time; the paths end at random."""
    n_events, n_late = 0, 0
    for seed in range(40):
        random = Random(seed)
        n = 1_500
        times = sorted(random.choices(range(900 * 8), k=n))
        windows = np.maximum.accumulate([t // 8 + (random.random() < 0.1) for t in times])
        prices = around(random, n, 2)
        prints = [
            # now and then a trade names a time before that of the trade it follows
            Print(int(w), int(w) + 1, (t - late) * NS // 8, x)
            for w, t, x in zip(windows, times, prices, strict=True)
            for late in [random.choice((0,) * 9 + (12,))]
        ]
        approached = sorted(random.sample(range(900), 250))
        ticks = {s: random.choice((0, 0, 0, 1)) for s in approached}
        ends = sorted(random.sample(range(950), 3))
        known, plain = kernel_rows(prints, ticks, ends), plain_rows(prints, ticks, ends)
        assert known == plain, seed
        n_events += len(plain)
        n_late += sum(row["broken_end_s"] > row["broken_ns"] // NS + 1 for row in plain)
    assert n_events > 150
    assert n_late > 3


def test_time_never_goes_back() -> None:
    """The trade of 10.2 s stands behind one of 11 s: the break has held by then."""
    trades = [(0, 0.5, 4), (11, 11.0, 5), (11, 10.2, -3), (12, 12.0, 6)]
    prints = [Print(w, w + 1, round(t * NS), x) for w, t, x in trades]
    known, plain = (rows(prints, {0: 0}, []) for rows in (kernel_rows, plain_rows))
    assert known == plain
    [event] = known
    assert (event["cross_ns"], event["broken_ns"]) == (NS // 2, 10 * NS + NS // 2)
    assert (event["outcome"], event["outcome_ns"]) == ("THROUGH", 11 * NS)


def kernel_rows(prints: list[Print], ticks: dict[int, int], ends: list[int]) -> list[Row]:
    moments = np.array(list(ticks))
    approaches = {
        "group_no": np.zeros(len(moments), np.int64),
        "direction": np.ones(len(moments), np.int64),
        "moment_s": moments,
        "level_tick": np.array(list(ticks.values())),
        "path_end_s": np.array([path_end(s, ends) for s in ticks]),
    }
    columns = [np.array(column, np.int64) for column in zip(*prints, strict=True)]
    found = kernel_events(columns[0], columns[3], columns[2], approaches, LIMITS)
    rows = []
    for n in range(len(found["outcome"])):
        row = {name: int(values[n]) for name, values in found.items()}
        for name in ("cross", "retest", "outcome"):
            trade = row.pop(f"{name}_trade")
            passed = [price.ts_ns for price in prints[: trade + 1]]
            row[f"{name}_ns"] = None if trade == NO_TRADE else max(passed)
        row = {name: None if value == UNKNOWN else value for name, value in row.items()}
        row["approach_s"] = int(moments[row.pop("approach_row")])
        row["outcome"] = OUTCOMES[row["outcome"]]
        del row["is_cut"]
        rows.append(row)
    return rows


def path_end(start_s: int, ends: list[int]) -> int:
    return min([end for end in ends if end >= start_s], default=1_000)


def plain_rows(prints: list[Print], ticks: dict[int, int], ends: list[int]) -> list[Row]:
    levels = {
        (s, LEVEL): {"level_tick": tick, "is_active": True, "is_primary": True}
        for s, tick in ticks.items()
    }
    offsets = {key: {"approach_dir": "approach_up"} for key in levels}
    # a second that is not followed ends a path where it begins
    seconds = [Second(s, None, None, int(s in ends)) for s in range(1_000)]
    rows = retest_events(levels, offsets, seconds, {"seconds": prints}, RULES, RetestRules())

    def seconds_of(value: object) -> int | None:
        return None if value is None else int((value - timestamp_of(0)).total_seconds())

    return [
        {
            "approach_s": seconds_of(row["approach_ts"]),
            "level_tick": row["level_price_int"] // TICK_INT,
            "cross_ns": row["cross_ts"],
            "broken_ns": row["broken_ts"],
            "broken_end_s": seconds_of(row["broken_window_end_ts"]),
            "retest_ns": row["retest_ts"],
            "retest_end_s": seconds_of(row["retest_window_end_ts"]),
            **{n: row[n] for n in ("excursion_ticks", "retest_x_ticks", "deepest_x_ticks")},
            "outcome": row["outcome"],
            "outcome_ns": row["outcome_ts"],
            "end_s": seconds_of(row["label_end_ts"]),
        }
        for row in rows
    ]
