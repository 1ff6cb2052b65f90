"""Answers and signals of a session are those of the build, also on a day that no build knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from spymaster.live.kernel_calls import partition_values
from spymaster.live.models import live_models, of_day, upstream
from spymaster.live.opening import day_constants
from spymaster_ingest.lake import Lake
from support import retrieval_lakes
from support.live_days import SECOND, LiveDay, differences, live_day
from support.retrieval_days import DAYS, SYMBOL, Market, MarketOfBestLevels

LAST = DAYS[-1]
MARKET_VECTORS = "gold.market_feature_vectors"
OF_VECTORS = (
    "gold.retrieval_decisions",
    "gold.retrieval_vectors",
    "gold.retrieval_answers",
    "gold.retrieval_outcomes",
)
ANSWERS = (
    *OF_VECTORS,
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


@pytest.fixture(scope="module")
def price_day(market_of_best_levels: MarketOfBestLevels) -> Iterator[LiveDay]:
    """A day without orders, whose answers compare features of the market."""
    with live_day(market_of_best_levels.lake, LAST) as opened:
        yield opened


def decided(day: LiveDay) -> list[dt.datetime]:
    """Return the times of the day's decisions."""
    answered = day.rows("gold.retrieval_answers").column("window_end_ts").to_pylist()
    return sorted(set(answered))


def stepped(lake: Lake, day: LiveDay, relations: Sequence[str]) -> dict[str, int]:
    """Run each decision of a day in a lake, assert that all rows are the build's; count them."""
    at = decided(day)
    n_rows = dict.fromkeys(relations, 0)
    other = LiveDay(day.published, lake, day.written, day.day)
    live = of_day(
        day.published, live_models(day.published), partition_values(day.published, SYMBOL, LAST)
    )
    spared = {name for model in live.values() for name in model.spared}
    fed = {name for relation in relations for name in live[relation].reads} & {*OF_DAY}
    with other.fed(sorted(fed - spared), relations) as tables:
        for end_ts in at:
            # what lies between decisions has no rows
            tables.advance(end_ts - 5 * SECOND, end_ts)
        for relation in relations:
            built = day.built(relation, at[0] - SECOND, at[-1])
            rows = tables.rows(relation, at[0] - SECOND, at[-1])
            assert not differences(rows, built), relation
            n_rows[relation] = built.num_rows
    return n_rows


def of_an_unknown_day(market: Market, lake: Lake) -> Lake:
    """Return a lake of which a build did not know the last day, and that is opened for it."""
    lake = retrieval_lakes.copy_of(market.lake, lake.root)
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
    return lake


def test_answers_and_signals_are_those_of_the_build(retrieval_market: Market, day: LiveDay) -> None:
    n_rows = stepped(retrieval_market.lake, day, ANSWERS)
    assert min(n_rows.values()) > 0, n_rows
    answered = day.rows("gold.retrieval_answers", "p_break is not null").num_rows
    fired = day.rows("gold.mbo_trigger_signals", "fire_flag").num_rows
    assert answered > 20
    assert fired > 0


def test_answers_from_features_of_the_market_are_those_of_the_build(
    market_of_best_levels: MarketOfBestLevels, price_day: LiveDay
) -> None:
    n_rows = stepped(market_of_best_levels.lake, price_day, OF_VECTORS)
    assert min(n_rows.values()) > 0, n_rows
    answers = price_day.rows("gold.retrieval_answers", "p_break is not null")
    assert answers.num_rows > 20
    assert set(answers["retrieval_family"].to_pylist()) == {"market"}


def test_a_day_that_no_build_knows_has_the_answers_of_its_build(
    retrieval_market: Market, day: LiveDay, tmp_path: Path
) -> None:
    """After a weekend: its library ends before it, and only its date is known."""
    lake = of_an_unknown_day(retrieval_market, Lake(tmp_path / "lake"))
    n_rows = stepped(lake, day, ANSWERS)
    assert min(n_rows.values()) > 0, n_rows


def test_a_day_by_price_that_no_build_knows_has_the_answers_of_its_build(
    market_of_best_levels: MarketOfBestLevels, price_day: LiveDay, tmp_path: Path
) -> None:
    lake = of_an_unknown_day(market_of_best_levels, Lake(tmp_path / "lake"))
    n_rows = stepped(lake, price_day, OF_VECTORS)
    assert min(n_rows.values()) > 0, n_rows


@pytest.mark.parametrize(("which", "spared"), [("day", {MARKET_VECTORS}), ("price_day", set())])
def test_a_product_whose_vectors_are_of_orders_spares_those_of_the_market(
    request: pytest.FixtureRequest, which: str, spared: set[str]
) -> None:
    """Bars and vectors of the market are not made for answers that compare no such vector."""
    day: LiveDay = request.getfixturevalue(which)
    models = live_models(day.published)
    # the lake's own are made by hand
    made = replace(models["gold.retrieval_vectors"], relation=MARKET_VECTORS, needs_of_inputs={})
    values = partition_values(day.published, SYMBOL, LAST)
    live = of_day(day.published, {**models, MARKET_VECTORS: made}, values)
    decisions = live["gold.retrieval_decisions"]
    assert decisions.spared == spared
    running = upstream(live, [decisions.relation], ())
    assert (MARKET_VECTORS in running) == (not spared)
