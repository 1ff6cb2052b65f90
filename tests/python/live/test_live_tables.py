"""Live rows are those of the build, whatever the steps, and rest on the look-back alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest
from spymaster.live import tables as live_tables
from spymaster.live.models import LiveModel, live_models
from spymaster.live.tables import LiveTables
from spymaster.published import MissingRelationError, NotPublishedError, relations_of
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support.live_days import FED, SECOND, SYMBOL, LiveDay, differences, live_day, step_through
from support.mbp_lakes import ByPrice
from support.synthetic_book import DAY

MIDNIGHT = dt.datetime.combine(DAY, dt.time())
# in the second minute of the surfaces
FIRST, LAST = (MIDNIGHT + dt.timedelta(hours=13, minutes=30, seconds=s) for s in (22, 118))
# in the study window of the day by price
FIRST_BY_PRICE, LAST_BY_PRICE = (
    MIDNIGHT + dt.timedelta(hours=13, minutes=29, seconds=s) for s in (22, 90)
)
# of which the lake of orders has no rows
BY_PRICE_ALONE = {
    "steps.published_book_1s",
    "steps.level_anchors_mbp_1s",
    "steps.turn_flows_mbp_1s",
    "steps.turn_measures_mbp_1s",
    "steps.turn_states_mbp_1s",
    "gold.turn_conditions_mbp_1s",
}

MARKET = {"silver.market_by_price_10_bar5s", "gold.market_feature_vectors"}


@pytest.fixture(scope="module")
def by_orders(explained: Lake) -> Iterator[LiveDay]:
    with live_day(explained) as day:
        yield day


@pytest.fixture(scope="module")
def price_day(by_price: ByPrice) -> Iterator[LiveDay]:
    with live_day(by_price.lake) as day:
        yield day


def assert_as_built(
    day: LiveDay, tables: LiveTables, from_ts: dt.datetime, to_ts: dt.datetime
) -> set[str]:
    """Assert that all rows are those of the build; return the relations that have some."""
    with_rows = set()
    for model in tables.models:
        # later seconds still change the rows of the last ones
        last_ts = to_ts - model.reaches_back_s * SECOND
        built = day.built(model.relation, from_ts, last_ts)
        live = tables.rows(model.relation, from_ts, last_ts)
        assert not differences(live, built), model.relation
        if built.num_rows:
            with_rows.add(model.relation)
    return with_rows


def test_rows_of_a_day_of_orders_are_those_of_the_build(by_orders: LiveDay) -> None:
    """In a step of the day so far, in steps of a second, of five, and of half a minute."""
    with by_orders.fed() as tables:
        step_through(tables, MIDNIGHT, FIRST, 24 * 60 * 60)
        step_through(tables, FIRST, FIRST + 22 * SECOND, 1)
        step_through(tables, FIRST + 22 * SECOND, FIRST + 58 * SECOND, 5)
        step_through(tables, FIRST + 58 * SECOND, LAST, 30)
        with_rows = assert_as_built(by_orders, tables, MIDNIGHT, LAST)
        assert {model.relation for model in tables.models} - with_rows == {
            *BY_PRICE_ALONE,
            "steps.option_quote_flow_1s",
        }


def test_rows_of_a_day_by_price_are_those_of_the_build(price_day: LiveDay) -> None:
    with price_day.fed() as tables:
        step_through(tables, MIDNIGHT, FIRST_BY_PRICE, 24 * 60 * 60)
        step_through(tables, FIRST_BY_PRICE, FIRST_BY_PRICE + 12 * SECOND, 1)
        step_through(tables, FIRST_BY_PRICE + 12 * SECOND, LAST_BY_PRICE, 5)
        with_rows = assert_as_built(price_day, tables, MIDNIGHT, LAST_BY_PRICE)
        assert with_rows >= {*BY_PRICE_ALONE, *MARKET, "gold.conditions_in_use_1s"}


@pytest.mark.long
@pytest.mark.parametrize("step_s", [1, 5, 60])
def test_rows_of_both_days_are_those_of_the_build_at_every_second(
    by_orders: LiveDay, price_day: LiveDay, step_s: int
) -> None:
    """From five minutes before the surfaces begin until both days end."""
    for day in (by_orders, price_day):
        with day.fed() as tables:
            first_ts, last_ts = (
                MIDNIGHT + dt.timedelta(hours=13, minutes=minute) for minute in (25, 36)
            )
            step_through(tables, MIDNIGHT, first_ts, 24 * 60 * 60)
            step_through(tables, first_ts, last_ts, step_s)
            assert_as_built(day, tables, MIDNIGHT, last_ts)


def test_rows_that_nobody_reads_go(by_orders: LiveDay) -> None:
    wanted = ["silver.physics_bands_1s"]
    with LiveTables(by_orders.lake, SYMBOL, DAY, wanted=wanted, fed=FED) as tables:
        for relation in ("kept.book_snapshot_1s", "kept.wall_surface_1s"):
            tables.append(relation, by_orders.rows(relation))
        # tidied at the last second, a multiple of ten
        step_through(tables, FIRST, FIRST + 28 * SECOND, 1)
        # the last second is always there, and for the next one three more of the wall
        kept = {"silver.physics_bands_1s": 1, "silver.wall_surface_1s": 4}
        for relation, kept_s in kept.items():
            found = tables.rows(relation, MIDNIGHT, LAST)["window_end_ts"].to_pylist()
            assert min(found) == FIRST + (29 - kept_s) * SECOND, relation


def test_what_cannot_be_run_is_named(by_orders: LiveDay) -> None:
    with pytest.raises(SpymasterError, match=r"gold.level_outcomes: is not live \(live are gold"):
        LiveTables(by_orders.lake, SYMBOL, DAY, wanted=["gold.level_outcomes"])
    with pytest.raises(NotPublishedError, match=r"ESZ5 2025-10-02: is not built"):
        LiveTables(by_orders.lake, SYMBOL, DAY + dt.timedelta(days=1))


def test_a_published_file_without_live_models_is_refused(
    by_orders: LiveDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = relations_of(by_orders.published) - {"meta.live_models"}
    monkeypatch.setattr("spymaster.live.models.relations_of", lambda _: there)
    with pytest.raises(MissingRelationError, match=r"meta.live_models: is not in the published"):
        LiveTables(by_orders.lake, SYMBOL, DAY)


def test_sql_that_fails_names_its_model_and_its_second(
    by_orders: LiveDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(connection: duckdb.DuckDBPyConnection) -> dict[str, LiveModel]:
        models = live_models(connection)
        name = "silver.wall_surface_1s"
        return models | {name: replace(models[name], sql="select no_such_column")}

    monkeypatch.setattr(live_tables, "live_models", spoiled)
    wanted = ["silver.wall_surface_1s"]
    with (
        LiveTables(by_orders.lake, SYMBOL, DAY, wanted=wanted) as tables,
        pytest.raises(SpymasterError, match=r"silver.wall_surface_1s: cannot be run at 2025-10-01"),
    ):
        tables.advance(FIRST, FIRST + SECOND)
