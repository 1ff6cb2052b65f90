"""Trades and bars from records with event groups, against the plain implementation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from naive.levels_model import NS_PER_S, LevelRules
from naive.levels_price import bars
from naive.levels_trades import MboRow, trades_of_records
from spymaster_ingest.synthetic.event_records import FLAG_LAST
from support import level_lakes
from support.level_days import TICK_INT
from support.level_lakes import Sample
from support.small_days import (
    DAYS,
    SmallLake,
    drop_groups,
    group_starts,
    small_day,
    symbol_of,
)

ENGINE_DAY = DAYS[0]


def test_trades_and_bars_of_the_engine(tmp_path: Path) -> None:
    """On an ordinary day, a day with missing records, and a day with long groups."""
    rng = np.random.default_rng(7)
    whole = small_day(ENGINE_DAY)
    days = {
        "WHOLE": whole,
        "HOLES": drop_groups(whole, len(whole) // 2, rng),
        "LONG": joined(whole, rng),
    }
    small = SmallLake(tmp_path, list(days))
    small.land({(root, ENGINE_DAY): records for root, records in days.items()})
    small.run("--select", "+bars", local_tz="America/New_York")
    straddling = 0
    for root in days:
        symbol = symbol_of(root)
        records = small.ask(
            "select rec_ordinal, epoch_ns(ts_event), epoch_ns(ts_recv), action, side, price_int, "
            f"size, is_last, is_snapshot from bronze.future_mbo where symbol = '{symbol}'"
        )
        trades = [
            trade
            for trade in trades_of_records(symbol, ENGINE_DAY, (MboRow(*row) for row in records))
            if trade.size > 0
        ]
        assert len(trades) > 50
        straddling += sum(trade.ts_event_ns // NS_PER_S > trade.window_s for trade in trades)
        found = small.ask(
            "select trade_no, rec_ordinal, epoch_ns(ts_event), epoch(window_start_ts), price_int, "
            f"size, side from steps.contract_trades where symbol = '{symbol}' order by trade_no"
        )
        assert found == [
            (number, t.ordinal, t.ts_event_ns, t.window_s, t.price_int, t.size, t.side)
            for number, t in enumerate(trades, start=1)
        ]
        rules = LevelRules(symbol, ENGINE_DAY, TICK_INT)
        rows = {"silver.bars": list(bars(trades).values())}
        database = small.lake.warehouse
        assert level_lakes.assert_relation(database, "silver.bars", rows, rules, Sample()) > 500
    assert straddling > 10, straddling


def joined(records: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A day in which most groups are joined to the next, many into a later second."""
    joined = records.copy()
    starts = group_starts(records)
    lasts = starts[1:] - 1
    joined["flags"][lasts[rng.random(len(lasts)) < 0.95]] &= ~np.uint8(FLAG_LAST)
    return joined
