"""Planted signatures move the market features in the direction that the generator gives them.

Ahead of a break the defenders retreat and are pulled while others follow the price: depth turns
towards the direction of the approach. Ahead of a rejection the orders behind the price leave as
well, and more of them, because the zone of the defenders begins only at the level: depth turns away
from the direction. Order flow imbalance has the sign of the direction in every class, because the
generator steers every approach towards its level.

Each class is compared with approaches of no signature, the first with the first and so on: class
and order are drawn independently. A sign test over the pairs has the level of one per cent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    SessionPlan,
    SignatureSettings,
    SyntheticMarket,
    load_product,
    trading_days,
    write_day,
)
from spymaster_ingest.synthetic.truth_files import attach_truth
from support import lakes
from support.market_truth import Phase, phases, sign_test, values_of

# some 30 pairs: the sign test finds a difference that shows in four of five
SEED, N_DAYS = 7, 4
# reject_full, break_full, partial, none, and no mechanisms
FREQUENCY = (1 / 3, 1 / 3, 0.0, 1 / 3, 0.0, 0.0, 0.0)
LEAST_PAIRS = 20
LEVEL = 0.01
WINDOW = ("09:15", "12:40")
BARS = "silver.market_by_price_10_bar5s"
# class with more depth on the side the price moves away from, class with less, band
EXPECTED = [
    ("break_full", "none", "near"),
    ("break_full", "none", "4_8"),
    ("none", "reject_full", "near"),
    ("none", "reject_full", "4_8"),
    ("break_full", "reject_full", "0_4"),
    ("break_full", "reject_full", "4_8"),
    ("break_full", "reject_full", "8_12"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Phase]:
    """The phases of four days with three classes of signatures."""
    folder = tmp_path_factory.mktemp("market-truth")
    lake, raw = Lake(folder / "lake"), folder / "raw"
    plan = SessionPlan(hours=3.2, evening_seconds=0)
    signatures = SignatureSettings(frequency=FREQUENCY)
    market = SyntheticMarket(load_product("ES"), SEED, plan, signatures=signatures)
    for day in trading_days(dt.date(2025, 10, 1), N_DAYS):
        write_day(market, day, raw, schemas=("mbo", "definition"), truth=True)
    lakes.land_raw(lake, raw / "source=databento")
    lakes.run_models(lake, "--select", "+market_by_price_10_bar5s", surface_window=WINDOW)
    with duckdb.connect() as connection:
        attach_truth(connection, raw)
        approaches = rows_of(
            connection,
            "select * replace (phase_start_ts::timestamp as phase_start_ts, "
            "phase_end_ts::timestamp as phase_end_ts, decision_ts::timestamp as decision_ts) "
            "from truth.truth_approaches",
        )
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        return phases(approaches, rows_of(connection, f"from {BARS}"))


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[Mapping[str, Any]]:
    """Return rows as dictionaries by column."""
    result = connection.execute(query)
    names = [name for name, *_ in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def test_the_sign_test_is_the_tail_of_a_fair_coin() -> None:
    assert sign_test([1, 1, 1, 1], [0, 0, 0, 2]) == (3, 4, 5 / 16)
    # equal values say nothing, and more values of one class have no partner
    assert sign_test([1, 1, 0], [0, 1]) == (1, 1, 0.5)
    assert sign_test([0] * 10, [1] * 10) == (0, 10, 1.0)


@pytest.mark.parametrize(("more", "less", "band"), EXPECTED)
def test_depth_turns_with_the_signature(
    found: list[Phase],
    more: str,
    less: str,
    band: str,
    record_property: Callable[[str, object], None],
) -> None:
    values = values_of(found, more, band), values_of(found, less, band)
    larger, n, chance = sign_test(*values)
    means = [sum(own) / len(own) for own in values]
    record_property(
        f"depth imbalance {band} in the direction of the approach: {more} against {less}",
        f"{means[0]:+.2f} and {means[1]:+.2f}, larger in {larger} of {n}, chance {chance:.2g}",
    )
    assert n >= LEAST_PAIRS
    assert chance < LEVEL


@pytest.mark.parametrize("signature", ["break_full", "reject_full", "none"])
def test_order_flow_imbalance_has_the_sign_of_the_approach(
    found: list[Phase], signature: str
) -> None:
    flows = [phase.ofi for phase in found if phase.signature == signature]
    _, n, chance = sign_test(flows, [0] * len(flows))
    assert n >= LEAST_PAIRS
    assert chance < LEVEL
