"""``python -m bench.market_pandas FILE``: bars of five seconds from MBP-10 by pandas.

Written as a careful user of the vendor's library writes it: `to_df`, then columns at a time.
"""

from __future__ import annotations

import sys
from pathlib import Path

import databento as db
import numpy as np
import pandas as pd

from bench.measure import Stopwatch, pin, warm

_BAR_NS = 5_000_000_000
_LEVELS = 10
_LAST = 128
_TICK = 0.25


def main(path: Path) -> None:
    """Read a file, make its bars and print the result as one line of JSON."""
    pin()
    warm(path)
    clock = Stopwatch()
    with clock.part("to_df"):
        frame = db.DBNStore.from_file(path).to_df()
    with clock.part("features"):
        bars = features(frame)
    clock.numbers["bars"] = len(bars)
    clock.report(len(frame))


def features(frame: pd.DataFrame) -> pd.DataFrame:
    """Return spread, imbalances, microprice and order flow imbalance, one row per bar.

    Args:
        frame: rows of the vendor's `to_df`; prices in points.
    """
    last = frame[(frame["flags"] & _LAST) != 0]
    time_ns = last["ts_event"].astype("int64").cummax().to_numpy()
    states = _states(last)
    first, final = time_ns[0] // _BAR_NS, time_ns[-1] // _BAR_NS
    # the state that enters a bar counts from the bar's start
    starts = np.arange(first + 1, final + 1) * _BAR_NS
    moments = np.sort(np.concatenate([time_ns, starts]), kind="stable")
    in_force = np.searchsorted(time_ns, moments[:-1], side="right") - 1
    weight = np.diff(moments).astype(np.float64)
    weighted = states.iloc[in_force].mul(weight, axis=0)
    weighted["weight"] = weight
    sums = weighted.groupby(moments[:-1] // _BAR_NS).sum()
    means = sums.drop(columns="weight").div(sums["weight"], axis=0).add_suffix("_twa")
    bar = time_ns // _BAR_NS
    ends = states.groupby(bar).last().add_suffix("_eob").reindex(means.index).ffill()
    flow = _event_flow(last).groupby(bar).sum().reindex(means.index, fill_value=0.0)
    return means.join(ends).join(flow.rename("ofi_l1_sum"))


def _states(rows: pd.DataFrame) -> pd.DataFrame:
    bid, ask = rows["bid_px_00"], rows["ask_px_00"]
    bid_size, ask_size = rows["bid_sz_00"].astype(float), rows["ask_sz_00"].astype(float)
    bids, asks = (
        rows[[f"{side}_sz_{level:02d}" for level in range(_LEVELS)]].sum(axis=1).astype(float)
        for side in ("bid", "ask")
    )
    return pd.DataFrame(
        {
            "spread_ticks": (ask - bid) / _TICK,
            "microprice": (ask * bid_size + bid * ask_size) / (bid_size + ask_size),
            "book_imbalance_l1": (bid_size - ask_size) / (bid_size + ask_size),
            "book_imbalance_l10": (bids - asks) / (bids + asks),
        }
    ).reset_index(drop=True)


def _event_flow(rows: pd.DataFrame) -> pd.Series:
    """Return e_n of Cont, Kukanov and Stoikov for every row; 0 for the first."""
    best = rows[["bid_px_00", "ask_px_00", "bid_sz_00", "ask_sz_00"]].astype(float)
    bid, ask, bid_size, ask_size = (best[name].reset_index(drop=True) for name in best)
    old_bid, old_ask = bid.shift(), ask.shift()
    flow = (
        (bid >= old_bid) * bid_size
        - (bid <= old_bid) * bid_size.shift()
        - (ask <= old_ask) * ask_size
        + (ask >= old_ask) * ask_size.shift()
    )
    return flow.fillna(0.0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
