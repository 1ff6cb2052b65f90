"""The level engines on rows made by hand: bounds of states, sweeps and windows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from naive.levels_model import Trade, clock_s
from naive.surfaces import second_of, timestamp_of
from spymaster_ingest.lake import Lake
from support import engine_lakes, surface_lakes
from support.engine_market import (
    DAY,
    NS_PER_S,
    SYMBOL,
    TICK_INT,
    level_rows,
    option_row,
    snapshot_row,
    wall_row,
)
from support.level_days import Day
from support.strategies.surface_books import Books

SPOT = 400_000
N = 400
START_S = clock_s(DAY, "10:00")
T = START_S + N
# added, canceled, filled, depth and the state that follows, just inside and outside of each bound
STATES = (
    (0, 101, 0, 500, "VACUUM"),
    (0, 100, 0, 500, "NEUTRAL"),
    (100, 334, 0, 500, "VACUUM"),
    (100, 333, 0, 500, "NEUTRAL"),
    (101, 0, 0, 500, "WALL"),
    (100, 0, 0, 500, "NEUTRAL"),
    (307, 202, 2, 500, "WALL"),
    (306, 202, 2, 500, "NEUTRAL"),
    (100, 100, 101, 500, "CONSUMED"),
    (100, 99, 101, 500, "NEUTRAL"),
    (200, 151, 151, 500, "NEUTRAL"),
    (200, 150, 151, 500, "CONSUMED"),
    (180, 51, 50, 500, "ABSORPTION"),
    (180, 51, 49, 500, "NEUTRAL"),
    (280, 150, 50, 500, "ABSORPTION"),
    (280, 151, 50, 500, "NEUTRAL"),
    (1150, 989, 63, 500, "NEUTRAL"),
    (161, 110, 50, 49, "ABSORPTION"),
    (161, 111, 49, 49, "WEAK"),
    (160, 110, 50, 49, "WEAK"),
    (161, 100, 0, 500, "NEUTRAL"),
    (0, 0, 0, 49, "WEAK"),
    (0, 0, 0, 50, "NEUTRAL"),
    (49, 60, 50, 49, "WEAK"),
    (60, 50, 0, 49, "WEAK"),
    (60, 50, 0, 50, "ABSORPTION"),
    (51, 50, 0, 500, "ABSORPTION"),
    (50, 50, 0, 500, "NEUTRAL"),
    (100, 51, 0, 500, "ABSORPTION"),
    (100, 50, 0, 500, "NEUTRAL"),
    (51, 100, 0, 500, "ABSORPTION"),
    (50, 100, 0, 500, "NEUTRAL"),
)
# half of the zones lie above spot, half below, all apart
PLACES = [
    SPOT + (1 if number % 2 else -1) * (20 + 17 * (number // 2)) for number in range(len(STATES))
]
# ms after a moment, size and side of each print; a tick of one contract is worth 1 USD
SWEEPS: dict[str, tuple[Sequence[tuple[int, int, str]], tuple | None]] = {
    "gap of 100 ms": (((0, 1, "B"), (100, 1, "B")), ("UP", 2, 100.0)),
    "gap of 101 ms": (((0, 1, "B"), (101, 1, "B")), None),
    "another aggressor": (((0, 1, "B"), (1, 1, "A"), (2, 1, "B")), None),
    "no aggressor between": (((0, 1, "A"), (1, 9, "N"), (2, 1, "A")), ("DOWN", 2, 2.0)),
    "499,999 USD": (((0, 1, "B"), (1, 1, "499999")), None),
    "500,000 USD": (((0, 1, "B"), (1, 1, "500000")), ("UP", 2, 1.0)),
}
SWEEP_TICKS = 250_000
# seconds between the moments, longer than a window
APART_S = 62
OPTION_NS = (START_S + 100) * NS_PER_S
# second in which a contract trades at the level, too small for a sweep
AT_LEVEL_S = START_S + 320


def sweep_trades() -> list[Trade]:
    """Prints of every case; a side that is a number is the run's total value instead."""
    trades: list[Trade] = []
    for number, (prints, _) in enumerate(SWEEPS.values()):
        second = START_S + 1 + number * APART_S
        for after_ms, size, side in prints:
            ticks = SWEEP_TICKS if side in "ABN" else int(side) - SWEEP_TICKS
            trades.append(
                Trade(
                    *(SYMBOL, DAY, len(trades), second * NS_PER_S + after_ms * 1_000_000, second),
                    *(ticks * TICK_INT, size, side if side in "ABN" else "B"),
                )
            )
    at_level_ns = AT_LEVEL_S * NS_PER_S + NS_PER_S // 2
    trades.append(
        Trade(
            *(SYMBOL, DAY, len(trades), at_level_ns, AT_LEVEL_S),
            *((SPOT - 7) * TICK_INT, 1, "B"),
        )
    )
    return trades


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = Lake(tmp_path_factory.mktemp("engine_cases") / "lake")
    ends = range(START_S + 1, T + 1)
    # one level per state; they exist in the last second only, the others all the time
    names = [f"level_{number:02}" for number in range(len(STATES))]
    snapshot = [
        snapshot_row(end_s, SPOT)
        | {"trade_count": 0, "trade_qty_buy": 0, "trade_qty_sell": 0, "trade_qty_none": 0}
        for end_s in ends
    ]
    wall = []
    for number, (place, (added, canceled, filled, depth, _)) in enumerate(
        zip(PLACES, STATES, strict=True)
    ):
        side = "A" if number % 2 else "B"
        counts = {"add_qty": added, "pull_qty_total": canceled, "fill_qty": filled}
        # at both ends of the zone, in the first second of the window and the last; what lies just
        # outside of zone or window does not count
        wall += [
            wall_row(T - 239, SPOT, side, place - 8, **counts),
            wall_row(T - 240, SPOT, side, place, add_qty=9_999),
            wall_row(T, SPOT, side, place + 8, depth_qty_end=depth),
            wall_row(T - 5, SPOT, "B" if side == "A" else "A", place, pull_qty_total=9_999),
        ]
    levels = _named_levels(names) + level_rows({end_s: {"pm_low": SPOT - 7} for end_s in ends})
    levels = [{name: row[name] for name in row if name != "level_price"} for row in levels]
    books = Books(SYMBOL, DAY, TICK_INT, 400, snapshot, wall, [_reprice(T)])
    day = Day(SYMBOL, DAY, snapshot, sweep_trades(), books)
    engine_lakes.write_days(lake, [day], {DAY: dict(enumerate(levels))}, engine_max_k_ticks=400)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(
            "create table reference.instruments as select 'ES' as root, "
            f"{TICK_INT}::bigint as tick_int, 4.0::double as point_value, 0.25 as tick_size"
        )
        _write_option(connection, lake)
    return surface_lakes.run_models(
        lake,
        ("level_offset_1s", "level_side_changes", "engine_levels_1s", *engine_lakes.ENGINES[:3]),
    )


def _reprice(end_s: int) -> dict:
    return {
        **{"symbol": SYMBOL, "dt": DAY, "window_start_ts": timestamp_of(end_s - 1)},
        **{"side": "A", "price_from_int": 0, "price_to_int": 1, "qty": 1, "qty_rest": 1},
    }


def _named_levels(names: Sequence[str]) -> list[dict]:
    end = timestamp_of(T)
    return [
        {
            **{"symbol": SYMBOL, "dt": DAY, "window_end_ts": end, "level_id": name},
            **{"level_price": None, "level_tick": place, "level_price_int": place * TICK_INT},
            **{"is_active": True, "is_primary": True},
        }
        for name, place in zip(names, PLACES, strict=True)
    ]


def _write_option(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """One trade of 2 calls of gamma 0.5, and one whose gamma is not known."""
    strike_int = (SPOT - 7 + 24) * TICK_INT
    far_int = (SPOT - 7 + 25) * TICK_INT
    end = timestamp_of(OPTION_NS // NS_PER_S)
    expiration = datetime.combine(DAY, datetime.max.time())
    connection.execute(
        "insert into steps.gex_settings values (?, ?, ?, 'trades')", [SYMBOL, DAY, 8 * TICK_INT]
    )
    for name, price_int in (("C1", strike_int), ("C2", far_int)):
        contract = option_row(0, "C")
        connection.execute(
            "insert into silver.option_contracts values (?, ?, ?, ?, ?, 0, ?)",
            [SYMBOL, DAY, name, price_int, expiration, contract["multiplier"]],
        )
    for seconds, gamma in ((-1, 99.0), (0, 0.5), (1, 99.0)):
        connection.execute(
            "insert into silver.option_iv_1s values (?, ?, ?, ?, ?, ?)",
            [SYMBOL, DAY, end + timedelta(seconds=seconds), expiration, strike_int, gamma],
        )
    trades = [
        # in the second that starts when the gamma is known
        ("C1", OPTION_NS + 999_999_999, 2, "B"),
        # too far from the level by a tick, or without aggressor
        ("C2", OPTION_NS, 50, "B"),
        ("C1", OPTION_NS + 5 * NS_PER_S, 50, "N"),
        # a gamma that is not known
        ("C1", OPTION_NS + 150 * NS_PER_S, 1, "A"),
    ]
    engine_lakes.land_option_trades(lake, SYMBOL, DAY, trades)


def test_state_of_every_bound(database: Path) -> None:
    rows = surface_lakes.ask(
        database,
        "select level_id, added, canceled, filled, depth_in_zone, state, delta_liq, churn, "
        "confidence from silver.barrier_engine_1s where level_id like 'level_%' order by level_id",
    )
    expected = [
        (
            f"level_{number:02}",
            *case,
            added - canceled - filled,
            added + canceled + filled,
            min(1, (added + canceled + filled) / 500),
        )
        for number, case in enumerate(STATES)
        for added, canceled, filled, *_ in [case]
    ]
    assert rows == expected
    assert len({case[-1] for case in STATES}) == 6


@pytest.mark.parametrize("name", SWEEPS)
def test_sweeps(database: Path, name: str) -> None:
    """At 100 and 101 ms, at 499,999 and 500,000 USD, while they lie in the window."""
    prints, expected = SWEEPS[name]
    number = list(SWEEPS).index(name)
    first_s = START_S + 1 + number * APART_S
    rows = surface_lakes.ask(
        database,
        "select window_end_ts, sweep_direction, sweep_num_prints, sweep_span_ms, sweep_notional, "
        "sweep_age_s from silver.tape_engine_1s where level_id = 'pm_low' and sweep_detected "
        f"and window_end_ts > '{timestamp_of(first_s)}' "
        f"and window_end_ts <= '{timestamp_of(first_s + APART_S)}' order by 1",
    )
    if expected is None:
        assert rows == []
        return
    assert len(rows) == 60
    last_ms = prints[-1][0]
    for after_s, (end, *found, notional, age_s) in enumerate(rows, 1):
        assert second_of(end) == first_s + after_s
        assert tuple(found) == expected
        assert notional == 500_000
        assert age_s == pytest.approx(after_s - last_ms / 1_000, abs=1e-9)


def test_volume_at_a_level_looks_back_sixty_seconds(database: Path) -> None:
    rows = surface_lakes.ask(
        database,
        "select window_end_ts, buy_vol, sell_vol from silver.tape_engine_1s "
        "where level_id = 'pm_low' order by 1",
    )
    assert len(rows) == N
    for end, bought, sold in rows:
        assert (bought, sold) == (AT_LEVEL_S < second_of(end) <= AT_LEVEL_S + 60, 0), end


def test_fuel_looks_back_sixty_seconds(database: Path) -> None:
    """An option trade counts in the 60 rows from the end of its second, a second late nowhere."""
    rows = surface_lakes.ask(
        database,
        "select window_end_ts, net_dealer_gamma, fuel_available, effect "
        "from silver.fuel_engine_1s where level_id = 'pm_low' order by 1",
    )
    trade_s = OPTION_NS // NS_PER_S
    assert len(rows) == N
    for end, net, is_available, effect in rows:
        end_s = second_of(end)
        is_unknown = trade_s + 150 < end_s <= trade_s + 210
        expected = None if is_unknown else -2 * 0.5 * 50 if trade_s < end_s <= trade_s + 60 else 0
        assert net == expected, end
        assert is_available is not is_unknown
        assert effect == (None if is_unknown else "NEUTRAL")
