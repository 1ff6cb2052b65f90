"""Bars, levels, episodes, labels and setups of two synthetic days around a DST change.

They are compared with the generator's truth and with values computed by hand from raw trades.
"""

from __future__ import annotations

import bisect
import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, load_product, write_day
from spymaster_ingest.synthetic.event_records import FLAG_LAST, MBO_DTYPE
from spymaster_ingest.synthetic.truth_files import attach_truth
from support import dbn_files, lakes

DAYS = (dt.date(2025, 10, 31), dt.date(2025, 11, 3))
PLAN = SessionPlan(hours=0.6, scale=0.4, overnight_rate=0.1, premarket_rate=0.5, evening_seconds=0)
# as narrow as possible: these tests do not read the book around spot
SURFACE_WINDOW = ("09:30", "09:31")
MODELS = ("+approach_episodes", "+level_outcomes", "+setup_events")
# why a planted approach may be no episode: at its decision spot stood still, or was too far away
REASONS = {"no_approach", "beyond_barrier"}
NEW_YORK = ZoneInfo("America/New_York")


def utc(day: dt.date, hour: int, minute: int) -> dt.datetime:
    """Return a New York time of a day in UTC, without zone."""
    local = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=NEW_YORK)
    return local.astimezone(dt.UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, Path]:
    """The lake, built with its data tests, and the folder of the truth."""
    folder = tmp_path_factory.mktemp("levels")
    market = SyntheticMarket(load_product("ES"), seed=3, plan=PLAN)
    for day in DAYS:
        write_day(market, day, folder / "raw", schemas=("mbo", "definition"), truth=True)
    lake = Lake(folder / "lake")
    lakes.land_raw(lake, folder / "raw" / "source=databento")
    build(lake)
    return lake, folder / "raw"


def build(lake: Lake, command: str = "build") -> None:
    """Build the models of this file, with their data tests unless ``command`` is `run`.

    Nothing is published, because other models are missing.
    """
    lakes.run(lake, command, "--select", *MODELS, surface_window=SURFACE_WINDOW)


@pytest.fixture
def database(built: tuple[Lake, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    lake, raw = built
    with duckdb.connect() as connection:
        attach_truth(connection, raw)
        connection.execute(f"attach '{lake.warehouse}' as lake (read_only)")
        yield connection


def test_the_opening_range_is_published_from_its_end_on(
    database: duckdb.DuckDBPyConnection,
) -> None:
    rows = database.execute(
        """
        select
            dt,
            min(window_end_ts) filter (level_tick is not null),
            min(window_end_ts) filter (is_active),
            count(distinct level_tick),
            bool_or(is_provisional)
        from lake.silver.levels_1s
        where level_id like 'or_%'
        group by dt, level_id
        order by dt, level_id
        """
    ).fetchall()
    expected = [(day, utc(day, 9, 45), utc(day, 9, 45), 1, False) for day in DAYS]
    assert rows == [row for row in expected for _ in ("or_high", "or_low")]
    # the change of the clocks lies between the days
    assert [utc(day, 9, 45).hour for day in DAYS] == [13, 14]


@pytest.mark.parametrize(
    ("name", "begin", "end"),
    [("pm", (4, 0), (9, 30)), ("or", (9, 30), (9, 45))],
)
def test_ranges_match_the_trades(
    database: duckdb.DuckDBPyConnection, name: str, begin: tuple[int, int], end: tuple[int, int]
) -> None:
    for day in DAYS:
        [extremes] = database.execute(
            "select max(price_int), min(price_int) from lake.bronze.future_mbo "
            "where dt = ? and action = 'T' and ts_event >= ? and ts_event < ?",
            [day, utc(day, *begin), utc(day, *end)],
        ).fetchall()
        rows = database.execute(
            "select distinct level_id, level_price_int from lake.silver.levels_1s "
            "where dt = ? and is_active and level_id[:3] = ? order by level_id",
            [day, f"{name}_"],
        ).fetchall()
        assert rows == [(f"{name}_high", extremes[0]), (f"{name}_low", extremes[1])]


def test_the_premarket_range_runs_until_the_open(database: duckdb.DuckDBPyConnection) -> None:
    for day in DAYS:
        [(first_final, last_running, falls)] = database.execute(
            """
            select
                min(window_end_ts) filter (is_active),
                max(window_end_ts) filter (is_provisional),
                count(*) filter (level_tick < before)
            from (
                select *, lag(level_tick) over (order by window_end_ts) as before
                from lake.silver.levels_1s
                where level_id = 'pm_high' and dt = ?
            )
            """,
            [day],
        ).fetchall()
        assert first_final == utc(day, 9, 30)
        assert last_running == utc(day, 9, 30) - dt.timedelta(seconds=1)
        assert falls == 0


def test_averages_are_constant_between_bar_ends(database: duckdb.DuckDBPyConnection) -> None:
    closes = database.execute(
        "select bar_end_ts, close_price_int from lake.silver.bars where bar_s = 120 "
        "order by bar_end_ts"
    ).fetchall()
    rows = database.execute(
        """
        select window_end_ts, level_id, level_price, available_from_ts
        from lake.silver.levels_1s
        where level_id like 'sma_%' and epoch(window_end_ts) % 41 = 0
        order by window_end_ts
        """
    ).fetchall()
    ends = [end for end, _ in closes]
    for ts, level_id, price, available in rows:
        count = int(level_id.removeprefix("sma_"))
        done = bisect.bisect_right(ends, ts)
        if done < count:
            assert (price, available) == (None, None)
            continue
        last = [close for _, close in closes[done - count : done]]
        assert price == pytest.approx(sum(last) / count / 1e9, rel=1e-12)
        assert available == ends[done - 1] <= ts
    # the second day begins with the bars of the first
    [(seconds,)] = database.execute(
        "select count(*) from lake.silver.levels_1s "
        "where dt = ? and level_id = 'sma_400' and not is_active",
        [DAYS[1]],
    ).fetchall()
    assert seconds == 0


def test_levels_match_the_generator(database: duckdb.DuckDBPyConnection) -> None:
    [(compared, equal)] = database.execute(
        """
        select
            count(*),
            count(*) filter (
                l.is_active
                and l.level_tick = t.level_tick
                and l.level_price_int = t.level_price_int
                and l.available_from_ts = t.available_from_ts
                and abs(l.level_price - t.level_price) < 1e-9
            )
        from truth.truth_levels as t
        left join lake.silver.levels_1s as l
            on
                t.symbol = l.symbol and t.dt = l.dt and t.level_id = l.level_id
                and t.available_from_ts = l.window_end_ts
        """
    ).fetchall()
    assert compared > 500
    assert equal == compared


def test_labels_match_the_outcomes_of_the_generator(database: duckdb.DuckDBPyConnection) -> None:
    rows = database.execute(
        """
        select
            t.realised_outcome,
            t.x0_ticks,
            cast(t.reached_ts as varchar),
            cast(t.hit_ts as varchar),
            o.outcome_reached,
            o.x0_ticks,
            cast(o.reached_ts as varchar),
            cast(o.reached_hit_ts as varchar),
            o.label_reason,
            e.episode_id is not null
        from truth.truth_approaches as t
        left join lake.gold.level_outcomes as o
            on
                t.symbol = o.symbol and t.dt = o.dt and t.level_id = o.level_id
                and t.decision_ts = o.window_end_ts
                and o.barrier_kind = 'fixed' and o.horizon_id = 's240'
        left join lake.gold.approach_episodes as e on o.episode_id = e.episode_id
        """
    ).fetchall()
    labelled = [row for row in rows if row[0] != "INELIGIBLE"]
    agree = [row for row in labelled if row[:4] == row[4:8]]
    assert len(labelled) >= 8
    assert len(agree) >= 0.97 * len(labelled), labelled
    found = [row for row in rows if row[9]]
    assert len(found) >= 0.97 * len(rows), rows
    assert {row[8] for row in rows if not row[9]} <= REASONS


def test_an_approach_up_mirrors_an_approach_down(database: duckdb.DuckDBPyConnection) -> None:
    names = database.execute(
        """
        select distinct e.approach_dir, o.outcome, o.outcome_dir
        from lake.gold.level_outcomes as o
        inner join lake.gold.approach_episodes as e on o.episode_id = e.episode_id
        where o.outcome in ('BREAK', 'REJECT')
        order by all
        """
    ).fetchall()
    assert names == [
        ("approach_down", "BREAK", "BREAK_DOWN"),
        ("approach_down", "REJECT", "REJECT_UP"),
        ("approach_up", "BREAK", "BREAK_UP"),
        ("approach_up", "REJECT", "REJECT_DOWN"),
    ]


# when a row is complete; for labels, the end of their path
KNOWN_AT = {
    "silver.bars": "bar_end_ts",
    "silver.levels_1s": "window_end_ts",
    "silver.level_offset_1s": "window_end_ts",
    "silver.approach_course_1s": "window_end_ts",
    "silver.level_decisions": "window_end_ts",
    "gold.approach_episodes": "available_from_ts",
    "gold.level_labels": "label_end_ts",
    "gold.setup_events": "label_end_ts",
}


def cut_short(path: Path, end: dt.datetime) -> dt.datetime:
    """Cut a day's file at a moment and return when its last second ends."""
    header, body = dbn_files.split(dbn_files.decompress(path))
    records = np.frombuffer(body, MBO_DTYPE)
    ends = np.flatnonzero(
        (records["ts_event"] < np.datetime64(end, "ns").astype(np.uint64))
        & ((records["flags"] & FLAG_LAST) != 0)
    )
    kept = records[: ends[-1] + 1]
    dbn_files.write(path, header, kept)
    last_s = int(kept["ts_event"][-1]) // dbn_files.SECOND_NS
    return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=last_s + 1)


def test_later_records_do_not_change_earlier_rows(built: tuple[Lake, Path]) -> None:
    lake, raw = built
    second = DAYS[1]
    [path] = raw.rglob(f"*{second:%Y%m%d}.mbo.dbn.zst")
    moment = cut_short(path, utc(second, 9, 50))

    def rows_of(relation: str) -> set[str]:
        with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
            rows = connection.execute(
                f"select cast(t as varchar) from {relation} as t "
                f"where dt = ? and {KNOWN_AT[relation]} <= ?",
                [second, moment],
            ).fetchall()
        return {row for (row,) in rows}

    before = {relation: rows_of(relation) for relation in KNOWN_AT}
    lakes.land_raw(lake, path, overwrite=True)
    build(lake, "run")
    assert [relation for relation, rows in before.items() if not rows] == []
    assert [relation for relation, rows in before.items() if not rows <= rows_of(relation)] == []
    # and no rows were added, except labels that the cut censors
    grown = {relation for relation, rows in before.items() if rows != rows_of(relation)}
    assert grown <= {"gold.level_labels", "gold.setup_events"}


def test_a_day_is_rebuilt_when_an_earlier_day_of_its_look_back_changes(
    built: tuple[Lake, Path],
) -> None:
    lake, _ = built
    first, second = DAYS

    def files_of(relation: str) -> set[Path]:
        found = lakes.partition_files(lake, relation)
        return {path for path in found if path.parent.name == f"dt={second}"}

    def inputs_of_levels() -> list[tuple]:
        with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
            return connection.execute(
                "select dt, earlier_dts from steps.level_settings order by dt"
            ).fetchall()

    before = {name: files_of(name) for name in ("contract_trades", "bars", "levels_1s")}
    assert inputs_of_levels() == [(first, []), (second, [first])]
    for partition in lake.bronze.rglob(f"dt={first}"):
        shutil.rmtree(partition)
    build(lake, "run")
    assert inputs_of_levels() == [(second, [])]
    assert files_of("contract_trades") == before["contract_trades"]
    assert files_of("bars") == before["bars"]
    assert files_of("levels_1s") > before["levels_1s"]
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        [(began,)] = connection.execute(
            "select min(window_end_ts) from silver.levels_1s where level_id = 'sma_400' "
            "and is_active"
        ).fetchall()
    assert began > utc(second, 4, 0)
