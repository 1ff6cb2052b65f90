"""The answer that holds: courses and payloads of a session have it, as those of the build."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest
from spymaster.live import tables as live_tables
from spymaster.live.models import LiveModel, live_models
from spymaster_ingest.lake import Lake
from spymaster_warehouse.jobs.job import filled
from support.live_days import SECOND, SYMBOL, LiveDay, differences, live_day, step_through
from support.synthetic_book import DAY

ODDS, PAYLOAD = "gold.course_odds_1s", "gold.level_signals"
ANSWERS = ("gold.retrieval_outcomes", "gold.retrieval_answers")
FIRST, LAST = (
    dt.datetime.combine(DAY, dt.time(13, 30, 10)) + seconds * SECOND for seconds in (0, 90)
)
# a course of each level after another, twenty seconds each
COURSES = """
    select
        symbol,
        dt,
        window_end_ts,
        level_id,
        time_bucket(interval 20 second, window_end_ts) as started_ts,
        level_id || started_ts as course_id,
        'up' as direction,
        27000 as level_tick_frozen,
        8 as barrier_ticks,
        -3 as x,
        'approaching' as phase,
        epoch(window_end_ts) - epoch(started_ts) as elapsed_s
    from silver.level_offset_1s
"""
# an answer to the begin of a course and every six seconds, whose odds vary from one to the next
DRAWN = """
    select
        symbol,
        dt,
        level_id,
        window_end_ts,
        'approach_' || direction as approach_dir,
        's240' as horizon_id,
        level_id || window_end_ts as vector_id,
        'approaching' as decision_phase,
        k_ticks,
        true as is_judged,
        true as neighbors_ok,
        true as is_similar,
        second(window_end_ts) / 100 as p_break,
        0.25 as p_reject,
        0.75 - p_break as p_chop,
        0.25 as base_break,
        0.5 as base_reject,
        0.25 as base_chop,
        20.0 as n_eff
    from silver.approach_course_1s
    inner join silver.level_offset_1s using (symbol, dt, level_id, window_end_ts)
    where elapsed_s % 6 = 0
"""


@pytest.fixture(scope="module")
def answered(explained: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDay]:
    """The day of orders, as if a library had answered."""
    root = tmp_path_factory.mktemp("answered") / "lake"
    shutil.copytree(explained.root, root, copy_function=os.link)
    lake = Lake(root)
    lake.published.unlink()
    shutil.copyfile(explained.published, lake.published)
    lake.published.chmod(0o644)
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("courses", connection.execute(COURSES).to_arrow_table())
        connection.execute("create table drawn_courses as from silver.approach_course_1s limit 0")
        connection.execute("insert into drawn_courses by name from courses")
        connection.execute("drop view silver.approach_course_1s")
        connection.execute("create table silver.approach_course_1s as from drawn_courses")
        for relation in ANSWERS:
            columns = [name for name, *_ in connection.execute(f"describe {relation}").fetchall()]
            drawn = connection.execute(DRAWN).to_arrow_table()
            kept = [name for name in drawn.column_names if name in columns]
            connection.register("drawn", drawn.select(kept))
            connection.execute(f"insert into {relation} by name from drawn")
    with live_day(lake) as day:
        yield day


def by_the_build(day: LiveDay, relation: str) -> duckdb.DuckDBPyRelation:
    """Return the rows of the day by the SQL that the build compiled."""
    [sql] = day.published.execute(
        "select sql from meta.model_sql where relation = ?", [relation]
    ).fetchone() or [None]
    query = filled(sql, {"symbol": SYMBOL, "dt": str(DAY), "root": "ES"})
    return day.published.sql(
        f"select * from ({query}) where symbol = '{SYMBOL}' and dt = '{DAY}' "
        f"and window_end_ts > '{FIRST}' and window_end_ts <= '{LAST}'"
    )


def by_the_session(day: LiveDay, relation: str) -> object:
    reads = live_models(day.published)[relation].reads
    fed = [name for name in reads if day.clock(name)]
    with day.fed(fed, [relation]) as tables:
        step_through(tables, FIRST - 3600 * SECOND, FIRST, 3600)
        step_through(tables, FIRST, LAST, 1)
        return tables.rows(relation, FIRST, LAST)


@pytest.mark.parametrize("relation", [ODDS, PAYLOAD])
def test_the_answer_that_holds_is_that_of_the_build(
    answered: LiveDay, monkeypatch: pytest.MonkeyPatch, relation: str
) -> None:
    """And a second less of the look-back gives other rows."""
    built = by_the_build(answered, relation).to_arrow_table()
    assert not differences(by_the_session(answered, relation), built)
    if relation == ODDS:
        held = [row["p_break"] for row in built.to_pylist()]
    else:
        payloads = [json.loads(row["payload"]) for row in built.to_pylist()]
        held = [level["retrieval"]["p_break"] for x in payloads for level in x["levels"]]
        # an answer of five seconds ago holds no more
        assert None in held
    assert len([odds for odds in held if odds is not None]) > 2

    def shortened(model: LiveModel) -> LiveModel:
        lookbacks = {
            name: back_s - 1 if name in ANSWERS and back_s else back_s
            for name, back_s in model.lookback_of_inputs.items()
        }
        return replace(model, lookback_of_inputs=lookbacks)

    models = live_models(answered.published)
    other = {**models, relation: shortened(models[relation])}
    monkeypatch.setattr(live_tables, "live_models", lambda _: other)
    assert differences(by_the_session(answered, relation), built)
