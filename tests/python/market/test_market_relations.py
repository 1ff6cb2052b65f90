"""The market relations of drawn days against the plain ones, value by value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
from naive.model import NS_PER_S
from naive.surfaces import second_of
from spymaster_ingest.lake import Lake
from support import market_row_lakes, surface_lakes
from support.market_days import comparable_case
from support.market_row_lakes import DrawnDay, on_date
from support.market_streams import calm_case
from support.strategies.mbo import MarketCase, random_case

DISTURBED = range(4)
CALM_S = 420
BAR_S = 5
# of a bar; a snapshot is several states of market by order and one of market by price
COUNTS = ("update_count", "is_carried")


def comparable_day(seed: int) -> MarketCase:
    case = comparable_case(np.random.default_rng(seed), 450)
    return on_date(case, seed)


def days_of_both() -> list[tuple[DrawnDay, DrawnDay]]:
    """Days with both sources, and the same days with the vendor's levels alone."""
    cases = [comparable_day(seed) for seed in DISTURBED]
    cases.append(on_date(calm_case(3, CALM_S), len(cases)))
    return [
        (
            DrawnDay("ESH4", case, ("mbo", "mbp10"), seed=number),
            DrawnDay("ESM4", case, ("mbp10",), seed=number + 100),
        )
        for number, case in enumerate(cases)
    ]


def days_of_orders() -> list[DrawnDay]:
    """Days with everything that a stream of orders may hold: doubt, late groups, open groups."""
    cases = [random_case(np.random.default_rng(seed), 350) for seed in range(50, 55)]
    return [
        DrawnDay("ESU4", on_date(case, number), seed=number) for number, case in enumerate(cases)
    ]


PAIRS = days_of_both()
DAYS = [*(day for pair in PAIRS for day in pair), *days_of_orders()]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("market") / "lake")
    market_row_lakes.write_days(lake, DAYS)
    surface_lakes.run_models(lake, market_row_lakes.MODELS)
    return lake


@pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day.symbol}-{day.dt}")
def test_relations_are_the_plain_ones(lake: Lake, day: DrawnDay) -> None:
    assert market_row_lakes.assert_plain(lake, day) > 2_000


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair[0].dt))
def test_both_sources_agree(lake: Lake, pair: tuple[DrawnDay, DrawnDay]) -> None:
    """Where both know a value; market by price does not show that a snapshot clears the book."""
    resets = {
        state.time_ns // NS_PER_S // BAR_S * BAR_S
        for state in pair[0].states("mbo")
        if state.is_reset
    }
    for relation in ("silver.market_by_price_10_bar5s", "silver.market_features_1s"):
        by_order, by_price = (
            market_row_lakes.stored(lake, relation, day).to_pylist() for day in pair
        )
        assert len(by_order) == len(by_price)
        compared = 0
        for row, other in zip(by_order, by_price, strict=True):
            at_reset = "bar_start_ts" in row and second_of(row["bar_start_ts"]) in resets
            for name, value in row.items():
                if name in ("symbol", "source") or (at_reset and name in COUNTS):
                    continue
                if name.startswith(("depth_", "flow_net_")) and other[name] is None:
                    continue
                assert is_same(value, other[name]), (relation, name, value, other[name])
                compared += value is not None
        assert compared > 400


def is_same(value: Any, other: Any) -> bool:
    """Whether two values are the same but for rounding."""
    if isinstance(value, float) and isinstance(other, float):
        scale = max(1, abs(value), abs(other))
        return abs(value - other) <= surface_lakes.TOLERANCE * scale
    return value == other


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair[0].dt))
def test_top_ten_of_both_sources_are_equal(lake: Lake, pair: tuple[DrawnDay, DrawnDay]) -> None:
    """In every second, whichever source is in use."""
    found = market_row_lakes.stored(lake, "silver.top10_1s", pair[0])
    found = found.append_column("is_mbo", pc.equal(found["source"], "mbo"))
    by_order, by_price = (
        found.filter(pc.equal(found["is_mbo"], is_mbo)).drop_columns(["source", "is_mbo"])
        for is_mbo in (True, False)
    )
    alone = market_row_lakes.stored(lake, "silver.top10_1s", pair[1])
    assert by_order.num_rows > 60
    assert by_order.equals(by_price)
    columns = [name for name in by_order.column_names if name != "symbol"]
    assert alone.select(columns).equals(by_order.select(columns))


def test_drawn_days_meet_every_case(lake: Lake) -> None:
    """Otherwise the tests above would miss cases."""
    found = surface_lakes.ask(
        lake.warehouse,
        """
        select
            count(*) filter (is_valid), count(*) filter (not is_valid), sum(one_sided_count),
            count(*) filter (is_carried), count(rv_60s_ticks), count(rv_300s_ticks),
            count(*) filter (flow_net_bid_8_12_sum != 0), count(*) filter (spread_ticks_eob > 1),
            count(*) filter (ladder_ask_gap_max_ticks_eob > 1),
            count(*) filter (is_valid and depth_imbalance_12_20_twa is null),
            count(*) filter (source = 'mbp10' and depth_imbalance_12_20_twa is not null),
            count(wall_bid_nearest_dist_ticks), count(*) filter (ofi_price_10t_sum != 0)
        from silver.market_by_price_10_bar5s
        """,
    )
    assert min(found[0]) > 3, found
    [(trailing,)] = surface_lakes.ask(
        lake.warehouse, "select count(ofi_300s) from silver.market_features_1s"
    )
    assert trailing > 100


def test_no_other_contract_day_is_built(lake: Lake) -> None:
    for relation in market_row_lakes.RELATIONS:
        found = surface_lakes.ask(
            lake.warehouse, f"select distinct symbol, dt from {relation} order by all"
        )
        assert found == sorted(day.key for day in DAYS)
