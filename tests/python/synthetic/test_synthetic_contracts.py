"""Each contract of the synthetic market has its own price, through the roll to its expiry."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import databento
import numpy as np
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import (
    ProductSpec,
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    generate_day,
    raw_path,
    trading_days,
    write_days,
)
from spymaster_ingest.synthetic.contract_prices import first_tick, opening_tick
from spymaster_ingest.synthetic.venue_messages import status_records
from support.synthetic_book import CL, DAY, ES, replay

QUIET = SessionPlan(hours=0.2, overnight_rate=0.2, premarket_rate=0.2, evening_seconds=60)
BEFORE_ROLL, AFTER_ROLL = dt.date(2025, 12, 11), dt.date(2025, 12, 12)
LAST_DAY = dt.date(2025, 12, 19)
EXPIRY_NS = int(dt.datetime(2025, 12, 19, 14, 30, tzinfo=dt.UTC).timestamp()) * 10**9


@pytest.mark.parametrize(
    ("product", "start"), [(ES, dt.date(2025, 12, 3)), (CL, dt.date(2025, 10, 8))]
)
def test_no_contract_jumps_at_a_roll(product: ProductSpec, start: dt.date) -> None:
    market = SyntheticMarket(product, seed=5)
    start_tick = product.start_price_int // product.tick_int
    carries: dict[str, list[tuple[dt.date, int]]] = defaultdict(list)
    for day in trading_days(start, 14, product.root):
        path = first_tick(market.seed, product.root, day, start_tick, product.daily_move_ticks)
        ticks = {k: opening_tick(market, day, k) for k in contracts_of(product, day)}
        assert ticks["next"] - ticks["front"] == product.carry_ticks
        for kind in ticks.keys() - {"spread"}:
            carries[contracts_of(product, day)[kind].symbol].append((day, ticks[kind] - path))
    assert len(carries) == 3
    for symbol, carry_by_day in carries.items():
        for (before, one), (day, other) in pairwise(carry_by_day):
            # a day's share of the carry over three weeks or months, and rounding
            daily = abs(product.carry_ticks) / (28 if product is CL else 84)
            assert abs(other - one) <= daily * (day - before).days + 1, (symbol, day)


def test_the_old_front_trades_beside_the_new_one_at_its_own_price() -> None:
    market = SyntheticMarket(ES, seed=5, plan=QUIET)
    symbols = {kind: contract.symbol for kind, contract in contracts_of(ES, AFTER_ROLL).items()}
    assert (symbols["expiring"], symbols["front"]) == ("ESZ5", "ESH6")
    last_prices = {}
    for kind in ("front", "expiring"):
        records = generate_day(market, AFTER_ROLL, kind)
        assert not replay(records, sample_every=10**9).complaints
        last_prices[kind] = records["price"][records["action"] == b"T"][-1] // ES.tick_int
    apart = last_prices["front"] - last_prices["expiring"]
    assert abs(apart - ES.carry_ticks) <= 4


def test_the_old_front_trades_to_its_expiry() -> None:
    market = SyntheticMarket(ES, seed=5, plan=QUIET)
    records = generate_day(market, LAST_DAY, "expiring")
    last_ns = int(records["ts_event"].max())
    assert EXPIRY_NS - 60 * 10**9 < last_ns < EXPIRY_NS
    front = generate_day(market, LAST_DAY)
    assert int(front["ts_event"].max()) > EXPIRY_NS
    status = status_records(market, LAST_DAY, "expiring")
    assert list(status["is_trading"]) == [b"Y", b"N"]
    assert int(status["ts_event"][-1]) == EXPIRY_NS
    after = LAST_DAY + dt.timedelta(days=3)
    with pytest.raises(SpymasterError, match=f"none of ES trades on {after}"):
        generate_day(market, after, "expiring")


def test_files_hold_the_expiring_contract_while_there_is_one(tmp_path: Path) -> None:
    market = SyntheticMarket(ES, seed=5, plan=SessionPlan(hours=0.01))
    days = [BEFORE_ROLL, AFTER_ROLL]
    kinds = ("front", "expiring")
    write_days(market, days, tmp_path, schemas=("mbo", "definition"), contracts=kinds)
    symbols, defined = [], []
    for day in days:
        stores = {
            schema: databento.DBNStore.from_file(raw_path(tmp_path, "ES", schema, day))
            for schema in ("mbo", "definition")
        }
        symbols.append(sorted(stores["mbo"].symbols))
        ids = np.unique(stores["mbo"].to_ndarray()["instrument_id"])
        assert ids.size == len(symbols[-1])
        defined.append({record.raw_symbol for record in stores["definition"]})
    assert symbols == [["ESZ5"], ["ESH6", "ESZ5"]]
    assert "ESM6" not in defined[0]
    assert {"ESZ5", "ESH6", "ESM6"} <= defined[1]
    with pytest.raises(SpymasterError, match="contracts expiring: none trades on 2025-10-01"):
        write_days(market, [AFTER_ROLL, DAY], tmp_path / "none", contracts=("expiring",))
    assert not (tmp_path / "none").exists()
