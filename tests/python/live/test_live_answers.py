"""Answers and signals of a session are those of the build, also on a day that no build knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from spymaster.live.models import live_models
from spymaster.live.opening import day_constants
from spymaster_ingest.lake import Lake
from support import retrieval_lakes
from support.live_days import SECOND, LiveDay, differences, live_day
from support.retrieval_days import DAYS, Market

LAST = DAYS[-1]
ANSWERS = (
    "gold.retrieval_decisions",
    "gold.retrieval_vectors",
    "gold.retrieval_answers",
    "gold.retrieval_outcomes",
    "steps.trigger_candidates",
    "gold.mbo_trigger_signals",
    "gold.mbo_pressure_stream",
)
# relations of the day that the lake was made with: no model of it has made them
OF_DAY = (
    "gold.level_labels",
    "gold.market_feature_vectors",
    "gold.mbo_trigger_vectors",
    "silver.level_decisions",
    "silver.level_offset_1s",
    "silver.levels_1s",
    "silver.mbo_level_vacuum_5s",
    "silver.approach_course_1s",
    "steps.approach_windows_5s",
    "steps.turn_states_1s",
    "gold.conditions_in_use_1s",
    "silver.book_snapshot_1s",
)


@pytest.fixture(scope="module")
def day(retrieval_market: Market) -> Iterator[LiveDay]:
    with live_day(retrieval_market.lake, LAST) as opened:
        yield opened


def decided(day: LiveDay) -> list[dt.datetime]:
    """Return the times of the day's decisions."""
    answered = day.rows("gold.retrieval_answers").column("window_end_ts").to_pylist()
    return sorted(set(answered))


def stepped(lake: Lake, day: LiveDay, at: list[dt.datetime]) -> dict[str, int]:
    """Run each decision of a day in a lake, assert that all rows are the build's; count them."""
    n_rows = dict.fromkeys(ANSWERS, 0)
    other = LiveDay(day.published, lake, day.written, day.day)
    live = live_models(day.published)
    fed = {name for relation in ANSWERS for name in live[relation].reads} & {*OF_DAY}
    with other.fed(sorted(fed), ANSWERS) as tables:
        for end_ts in at:
            # what lies between decisions has no rows
            tables.advance(end_ts - 5 * SECOND, end_ts)
        for relation in ANSWERS:
            built = day.built(relation, at[0] - SECOND, at[-1])
            live = tables.rows(relation, at[0] - SECOND, at[-1])
            assert not differences(live, built), relation
            n_rows[relation] = built.num_rows
    return n_rows


def test_answers_and_signals_are_those_of_the_build(retrieval_market: Market, day: LiveDay) -> None:
    n_rows = stepped(retrieval_market.lake, day, decided(day))
    assert min(n_rows.values()) > 0, n_rows
    answered = day.rows("gold.retrieval_answers", "p_break is not null").num_rows
    fired = day.rows("gold.mbo_trigger_signals", "fire_flag").num_rows
    assert answered > 20
    assert fired > 0


def test_a_day_that_no_build_knows_has_the_answers_of_its_build(
    retrieval_market: Market, day: LiveDay, tmp_path: Path
) -> None:
    """After a weekend: its library ends before it, and only its date is known."""
    lake = retrieval_lakes.copy_of(retrieval_market.lake, tmp_path / "lake")
    with duckdb.connect(str(lake.warehouse)) as connection:
        for relation in OF_DAY:
            connection.execute(f"delete from {relation} where dt = ?", [LAST])
        connection.execute(
            "delete from meta.partition_state where dt = ? and relation in (select unnest(?))",
            [LAST, [relation.partition(".")[2] for relation in OF_DAY]],
        )
        connection.execute("create table begun as from silver.contract_days where dt = ?", [LAST])
        connection.execute("delete from silver.contract_days where dt = ?", [LAST])
    retrieval_lakes.run(lake)
    without = retrieval_lakes.rows_of(lake, "select max(dt) as last_dt from gold.retrieval_vectors")
    assert without == [{"last_dt": DAYS[-2]}]
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("insert into silver.contract_days from begun")
    retrieval_lakes.run(lake, models=day_constants(lake).of_library)
    n_rows = stepped(lake, day, decided(day))
    assert min(n_rows.values()) > 0, n_rows
