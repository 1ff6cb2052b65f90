"""Levels of every kind against their plain twin, in one lake, and what its copies cut short know.

Sessions of ES turn at 18:00 New York in the midst of the book's seconds, so that a UTC day has two.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import numpy as np
import pytest
from naive.level_kinds import Hours, Kinds, Value
from naive.levels_model import Second, Trade
from spymaster.live.tables import LiveTables
from spymaster_ingest.lake import Lake
from support import surface_lakes
from support.lakes import SEVEN_LEVELS
from support.live_days import differences, step_through
from support.trade_lakes import MODELS, TICK_INT, TradeDay, new_york, timestamp, write_days

KINDS = [
    *("prior_high", "prior_low", "prior_close", "prior_settlement"),
    *("overnight_high", "overnight_low", "week_open", "month_open"),
    *("poc_prior", "vah_prior", "val_prior", "vwap", "vwap_1sd_up", "vwap_1sd_down"),
    *("call_wall", "put_wall", "gamma_flip", "swing_high", "swing_low"),
    *("round_5", "round_0.75"),
]
# of options, and of statistics: tested by hand
WALLS = ("call_wall", "put_wall", "gamma_flip")
ELSEWHERE = (*WALLS, "prior_settlement")
LEVELS = [
    *(name for name in KINDS if not name.startswith("round_") and name not in ELSEWHERE),
    *(f"round_{n}_{parity}" for n in ("5", "0.75") for parity in ("even", "odd")),
]
SYMBOL, ROLLED, CUT = "ESZ5", "ESH6", "ECUT{}Z5"
# the month turns after the first day; of Friday only the evening before is there
DAYS = [date(2025, 9, 30), date(2025, 10, 1), date(2025, 10, 2), date(2025, 10, 6)]
CUT_DAY = DAYS[2]
WANTED = ["silver.levels_1s"]
CUTS = ("16:43:20", "16:58:10", "17:00:20", "18:03:00")
VARIABLES: dict[str, Any] = {
    "premarket": ["16:35", "16:45"],
    "rth_start": "16:45",
    "rth_end": "17:00",
    "opening_range": ["16:45", "16:50"],
}
HOURS = Hours("18:00", "17:00", "America/New_York", "16:45")
OWN = (
    (SYMBOL, "shelf", "6500.25", (CUT_DAY, "16:48:00"), (CUT_DAY, "18:02:30"), "seen, at noon"),
    ("ES", "line", "6499.5", (DAYS[0], "16:47:01"), None, ""),
    ("ES", "shelf", "6400", (DAYS[1], "16:46:00"), None, "of another price"),
)


def market_day(symbol: str, day: date, seed: int) -> TradeDay:
    """Trades of 20 minutes before the close, two of them after it, and of the evening."""
    random = np.random.default_rng(seed)
    parts = [("16:40:00", "17:00:00", 3), ("17:00:30", "17:00:31", 1), ("17:02:00", "17:02:01", 1)]
    parts += [("18:00:00", "18:06:00", 4)]
    second = np.concatenate(
        [np.arange(new_york(day, a), new_york(day, b), step) for a, b, step in parts]
    )
    tick = 26_000 + seed % 7 + np.cumsum(random.integers(-2, 2, second.size, endpoint=True))
    return TradeDay(symbol, day, second, tick, new_york(day, "18:06"))


def cut(day: TradeDay, moment_s: int, symbol: str) -> TradeDay:
    """The day up to a moment, and quite another one after it."""
    return replace(day, symbol=symbol, tick=day.tick + np.where(day.second >= moment_s, 77, 0))


@pytest.fixture(scope="module")
def days() -> list[TradeDay]:
    own = [market_day(SYMBOL, day, seed) for seed, day in enumerate(DAYS, 3)]
    copies = [
        replace(day, symbol=CUT.format(n))
        if day.dt < CUT_DAY
        else cut(day, new_york(CUT_DAY, moment), CUT.format(n))
        for n, moment in enumerate(CUTS)
        for day in own
        if day.dt <= CUT_DAY
    ]
    return [*own, *copies, market_day(ROLLED, DAYS[3], 9)]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, days: list[TradeDay]) -> Path:
    lake = write_days(tmp_path_factory.mktemp("kinds"), days)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("update steps.contract_trades set size = 1 + trade_no * 7 % 5")
        _write_walls(connection)
    write_own_levels(lake, OWN)
    return build(lake)


def write_own_levels(lake: Lake, levels: Sequence[tuple]) -> None:
    with (lake.root / "levels.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["symbol_or_root", "name", "price", "known_from", "until", "note"])
        for name_of, name, price, known, until, note in levels:
            moments = [f"{timestamp(new_york(*one))}Z" if one else "" for one in (known, until)]
            rows.writerow([name_of, name, price, *moments, note])


def build(lake: Lake) -> Path:
    models = MODELS[: MODELS.index("levels_1s") + 1]
    return surface_lakes.run_models(
        lake, models, levels_in_use=[*SEVEN_LEVELS, *KINDS], **VARIABLES
    )


def _write_walls(connection: duckdb.DuckDBPyConnection) -> None:
    """Strikes around spot in some seconds of one day."""
    connection.execute(
        """
        create table silver.gex_summary_1s as
        select
            symbol, dt, window_end_ts,
            mid_price_int + 10000000000 as call_wall_price_int,
            if(epoch(window_end_ts) % 5 = 0, null, mid_price_int - 3000000000)
                as put_wall_price_int,
            mid_price_int / 1e9 + 0.1 as gamma_flip_price
        from silver.book_snapshot_1s
        where symbol = $1 and dt = $2 and epoch(window_end_ts) % 3 != 0;
        """,
        [SYMBOL, CUT_DAY],
    )
    connection.execute(
        "insert into meta.partition_state values ('gex_summary_1s', ?, ?, 'walls', '')",
        [SYMBOL, CUT_DAY],
    )


def rows_of(database: Path, symbol: str, day: date) -> dict[tuple[int, str], tuple]:
    """Value, states and moment of each level by second and level."""
    found = surface_lakes.ask(
        database,
        "select epoch(window_end_ts)::bigint, level_id, level_tick + level_resid_ticks, is_active, "
        f"is_provisional, epoch(available_from_ts)::bigint from silver.levels_1s "
        f"where symbol = '{symbol}' and dt = '{day}'",
    )
    return {(end_s, level): values for end_s, level, *values in found}


def trades_of(days: list[TradeDay], symbol: str) -> Iterator[Trade]:
    for day in days:
        if day.symbol == symbol:
            for n, (second, tick) in enumerate(zip(day.second, day.tick, strict=True), 1):
                price_int = int(tick) * TICK_INT
                yield Trade(symbol, day.dt, n, 0, int(second), price_int, 1 + n * 7 % 5, "N")


def seconds_of(day: TradeDay) -> Iterator[Second]:
    spots = dict(zip(day.second.tolist(), day.tick.tolist(), strict=True))
    spot = None
    for second in range(int(day.second[0]), day.end_s):
        spot = spots.get(second, spot)
        yield Second(second, None if spot is None else spot * TICK_INT, None)


@pytest.mark.parametrize("day", DAYS)
def test_every_kind_equals_its_twin(database: Path, days: list[TradeDay], day: date) -> None:
    [of_day] = [one for one in days if (one.symbol, one.dt) == (SYMBOL, day)]
    seconds = list(seconds_of(of_day))
    kinds = Kinds(trades_of(days, SYMBOL), seconds, day, TICK_INT, HOURS)
    found = rows_of(database, SYMBOL, day)
    moments = [
        new_york(day, f"{clock}:{s}") for clock in ("16:59", "17:59", "18:00") for s in ("58", "59")
    ]
    moments += [
        new_york(day, clock) + n for clock in ("16:45", "17:01", "18:00") for n in (-1, 0, 1)
    ]
    chosen = Random(1).sample([second.end_s for second in seconds], 150)
    for end_s in sorted({*moments, *chosen}):
        expected: Mapping[str, Value] = {
            **kinds.prior_levels(end_s),
            **kinds.opens(end_s),
            **kinds.overnight(end_s),
            **kinds.vwap(end_s),
            **kinds.rounds(end_s, "5"),
            **kinds.rounds(end_s, "0.75"),
            **kinds.swings(end_s),
        }
        for level in LEVELS:
            value, is_active, is_provisional, available_s = found[end_s, level]
            wanted = expected.get(level)
            where = f"{level} at {timestamp(end_s)}"
            assert (value is None) == (wanted is None), where
            assert is_active == (wanted is not None and wanted.is_active), where
            assert is_provisional == (wanted is not None and not wanted.is_active), where
            if wanted is not None:
                assert value == pytest.approx(wanted.ticks, rel=1e-12, abs=1e-9), where
                assert available_s == wanted.available_s, where


def test_every_kind_has_a_value_somewhere(database: Path) -> None:
    """Otherwise the comparison would compare nothing."""
    found = surface_lakes.ask(
        database, "select distinct level_id from silver.levels_1s where is_active"
    )
    assert {level for (level,) in found} >= {*LEVELS, *WALLS, "own:shelf", "own:line"}


def test_walls_are_those_of_the_second(database: Path) -> None:
    [(wrong, right)] = surface_lakes.ask(
        database,
        "select count(*) filter (level_price is distinct from case level_id "
        "when 'call_wall' then call_wall_price_int / 1e9 "
        "when 'put_wall' then put_wall_price_int / 1e9 end), "
        "count(*) filter (level_price is not null) "
        "from silver.levels_1s left join silver.gex_summary_1s using (symbol, dt, window_end_ts) "
        "where level_id in ('call_wall', 'put_wall')",
    )
    assert wrong == 0 < right


def test_an_own_level_has_no_row_before_it_is_known(database: Path) -> None:
    ends = {
        (name, day): (timestamp(new_york(day, first)), timestamp(new_york(day, last)))
        for name, day, first, last in (
            ("own:shelf", DAYS[1], "16:46:00", "18:06:00"),
            # that of the contract alone, for as long as it is there
            ("own:shelf", CUT_DAY, "16:48:00", "18:02:29"),
            ("own:shelf", DAYS[3], "16:40:01", "18:06:00"),
            ("own:line", DAYS[0], "16:47:01", "18:06:00"),
            *(("own:line", day, "16:40:01", "18:06:00") for day in DAYS[1:]),
        )
    }
    found = surface_lakes.ask(
        database,
        "select level_id, dt, min(window_end_ts), max(window_end_ts) from silver.levels_1s "
        f"where symbol = '{SYMBOL}' and level_id like 'own:%' group by all",
    )
    assert {(level, dt): bounds for level, dt, *bounds in found} == {
        key: list(bounds) for key, bounds in ends.items()
    }
    assert surface_lakes.ask(
        database,
        "select distinct dt, level_price from silver.levels_1s "
        f"where symbol = '{SYMBOL}' and level_id = 'own:shelf' order by dt",
    ) == [(DAYS[1], 6400.0), (CUT_DAY, 6500.25), (DAYS[3], 6400.0)]


@pytest.mark.parametrize(("number", "moment"), list(enumerate(CUTS)))
def test_rows_know_nothing_of_later_trades(database: Path, number: int, moment: str) -> None:
    """A copy of the day that goes on elsewhere from a moment on is the same until then."""
    moment_s = new_york(CUT_DAY, moment)
    skipped = (*WALLS, "own:shelf")
    base, copy = (
        {
            key: values
            for key, values in rows_of(database, symbol, CUT_DAY).items()
            if key[0] <= moment_s and key[1] not in skipped
        }
        for symbol in (SYMBOL, CUT.format(number))
    )
    assert base == copy
    later = (rows_of(database, symbol, CUT_DAY) for symbol in (SYMBOL, CUT.format(number)))
    assert next(later) != next(later)


def test_a_rolled_contract_has_no_session_before(database: Path) -> None:
    found = rows_of(database, ROLLED, DAYS[3])
    before = [values for (_, level), values in found.items() if level.startswith("prior_")]
    until = new_york(DAYS[3], "18:00")
    assert before
    values = {
        (end_s >= until, level): value is not None
        for (end_s, level), (value, *_) in found.items()
        if level in ("prior_high", "prior_low", "prior_close")
    }
    assert values == {
        (is_evening, level): is_evening
        for is_evening in (False, True)
        for level in ("prior_high", "prior_low", "prior_close")
    }


def test_own_levels_change_the_days_they_touch_alone(database: Path) -> None:
    """The last test: it removes a level of one day, and adds one to the last days."""

    def versions() -> dict[tuple[str, date], str]:
        return {
            (symbol, dt): version
            for symbol, dt, version in surface_lakes.ask(
                database,
                "select owner, dt, input_fingerprint from meta.partition_state "
                "where relation = 'levels_1s'",
            )
        }

    before = versions()
    shelf, line, other = OWN
    added = ("ES", "late", "6300.25", (DAYS[3], "16:50:00"), None, "")
    lake = Lake(database.parent)
    write_own_levels(lake, [line, other, added])
    build(lake)
    after = versions()
    assert shelf not in [line, other, added]
    assert {key for key in before if before[key] != after[key]} == {
        *((SYMBOL, day) for day in (CUT_DAY, DAYS[3])),
        (ROLLED, DAYS[3]),
    }
    found = surface_lakes.ask(
        database,
        "select distinct symbol, level_id, level_price from silver.levels_1s "
        f"where level_id = 'own:late' or (level_id = 'own:shelf' and dt = '{CUT_DAY}' "
        f"and symbol = '{SYMBOL}')",
    )
    assert set(found) == {
        (SYMBOL, "own:late", 6300.25),
        (ROLLED, "own:late", 6300.25),
        (SYMBOL, "own:shelf", 6400.0),
    }


def test_a_live_session_knows_a_level_when_the_build_does(database: Path, tmp_path: Path) -> None:
    """The published file has none of the day: they come with its trades and bars.

    A second each around the opens of both sessions.
    """
    lake = Lake(tmp_path)
    shutil.copy(database, lake.published)
    of_day = f"symbol = '{SYMBOL}' and dt = date '{CUT_DAY}'"
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(f"delete from steps.step_levels where {of_day}")
    fed = ("silver.book_snapshot_1s", "steps.contract_trades", "silver.gex_summary_1s")
    with (
        duckdb.connect(str(database), read_only=True) as built,
        LiveTables(lake, SYMBOL, CUT_DAY, wanted=WANTED, fed=fed, keep_s=86_400) as tables,
    ):
        for name in fed:
            rows = built.execute(f"select * from {name} where {of_day}").to_arrow_table()
            tables.append(name, rows)
        begin = at = timestamp(new_york(CUT_DAY, "16:40"))
        for moment, step_s in (
            *(("16:44:50", 290), ("16:45:10", 1), ("17:59:50", 4_480)),
            *(("18:00:10", 1), ("18:06:00", 60)),
        ):
            end = timestamp(new_york(CUT_DAY, moment))
            step_through(tables, at, end, step_s)
            at = end
        live = tables.rows(*WANTED, begin, at)
        expected = built.execute(f"select * from silver.levels_1s where {of_day}").to_arrow_table()
    assert not differences(live, expected)
    assert {*expected["level_id"].to_pylist()} >= {*LEVELS}
