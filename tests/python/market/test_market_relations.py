"""The market relations of drawn days against the plain ones, value by value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from naive.model import NS_PER_S
from spymaster_ingest.lake import Lake
from support import market_lakes, surface_lakes
from support.market_days import comparable_case
from support.market_lakes import DrawnDay, on_date
from support.market_streams import calm_case
from support.strategies.mbo import MarketCase, random_case

DISTURBED = range(4)
CALM_S = 420


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
    market_lakes.write_days(lake, DAYS)
    surface_lakes.run_models(lake, market_lakes.MODELS)
    return lake


@pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day.symbol}-{day.dt}")
def test_relations_are_the_plain_ones(lake: Lake, day: DrawnDay) -> None:
    assert market_lakes.assert_plain(lake, day) > 5_000


def test_no_other_contract_day_is_built(lake: Lake) -> None:
    for relation in market_lakes.RELATIONS:
        found = surface_lakes.ask(
            lake.warehouse, f"select distinct symbol, dt from {relation} order by all"
        )
        assert found == sorted(day.key for day in DAYS)
