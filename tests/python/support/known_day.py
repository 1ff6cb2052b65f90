"""Known values of the ES March 2024 contract on 2023-12-25, to check an engine pass.

The numbers come from an independent replay and from the vendor's and other projects' own tests;
see the README beside the data.
"""

from __future__ import annotations

from pathlib import Path

import databento as db
import numpy as np
from spymaster_engine.kernels.book import BookConfig

from support.engine_rows import EngineRows

FILE = "es_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst"
TICK_INT = 250_000_000
HOUR_NS = 3_600_000_000_000
DAY_START_NS = int(np.datetime64("2023-12-25", "ns").astype(np.int64))
OPEN_NS = DAY_START_NS + 23 * HOUR_NS


def read_known_day(shared_data: Path) -> np.ndarray:
    """Return the day's records in the vendor's layout."""
    return db.DBNStore.from_file(shared_data / FILE).to_ndarray()


def known_day_config(surface_windows_ns: tuple[tuple[int, int], ...] | None = ()) -> BookConfig:
    """Return the configuration of a holiday that opens at 18:00 New York."""
    return BookConfig(
        tick_int=TICK_INT,
        day_start_ns=DAY_START_NS,
        trading_intervals=((OPEN_NS, DAY_START_NS + 24 * HOUR_NS, False),),
        surface_windows_ns=surface_windows_ns,
    )


def assert_known_day(rows: EngineRows) -> None:
    """Check a pass over the day."""
    qa = rows.qa
    assert (qa["n_clears"], qa["n_R"], qa["snapshot_orders"]) == (1, 0, 8_725)
    assert qa["median_resting_orders"] == 10_576
    assert qa["final_best_bid_price_int"] == 4_810_000_000_000
    assert qa["final_best_ask_price_int"] == 4_810_250_000_000
    assert (qa["final_bid_depth_total"], qa["final_ask_depth_total"]) == (22_050, 20_110)
    assert (qa["exact_fill_match_count"], qa["fill_match_count"]) == (6_210, 6_307)
    assert (qa["unknown_cancel"], qa["unknown_modify"], qa["off_tick"]) == (0, 0, 0)
    assert (qa["trade_qty"], qa["fill_msg_qty"]) == (9_892, 10_201)
    assert [qa[f"{kind}_fill_qty"] for kind in ("matched", "hidden", "unknown", "unmatched")] == [
        9_990,
        197,
        14,
        0,
    ]
    assert qa["refill_count"] == 83
    assert day_total(rows, "reset") == 38_304
    assert day_total(rows, "add") == 87_433
    assert day_total(rows, "pull") == 73_587
    assert day_total(rows, "fill") == 9_990
    assert qa["negative_depth_moments"] == qa["crossed_trading_windows"] == 0
    # the snapshot has no LAST, so it is known to be complete only at the next record
    first_live_s = DAY_START_NS // 10**9 + 22 * 3_600
    assert all(row["invalid_flags"] & 1 for row in rows.snapshot[: 22 * 3_600])
    valid_s = [row["window_start_s"] for row in rows.snapshot if row["book_valid"]]
    assert min(valid_s) == first_live_s
    assert qa["n_valid_windows"] == 3_600
    crossed = [
        row["window_start_s"]
        for row in rows.snapshot
        if row["best_bid_price_int"] > row["best_ask_price_int"]
    ]
    assert crossed
    assert max(crossed) < OPEN_NS // 10**9


def day_total(rows: EngineRows, flow: str) -> int:
    """Sum one flow over both sides, inside and outside the wall range."""
    return sum(
        rows.qa[f"{side}_{flow}_{where}"]
        for side in ("bid", "ask")
        for where in ("inside", "outside")
    )
