"""Which rows of their inputs the relations of market features read."""

from __future__ import annotations

import re

from spymaster.explain.read import DAY, ENDS, WINDOWS, Read
from spymaster.explain.wanted import Wanted

_CONTRACT_DAY = Read("silver.contract_days", DAY)
_CARRIED = f"({WINDOWS}) or ({DAY} and list_contains($last_trade_starts, window_start_ts))"
_BARS = f"{DAY} and bar_end_ts > $from_ts and bar_end_ts <= $to_ts"


def _order_flow_seconds(wanted: Wanted, sql: str) -> int:
    return max(_windows(wanted, r"ofi_(\d+)s"), default=1) - 1


def _volatility_seconds(wanted: Wanted, sql: str) -> int:
    return max(_windows(wanted, r"rv_(\d+)s_ticks"), default=0)


def _windows(wanted: Wanted, pattern: str) -> list[int]:
    """Return the seconds over which columns look back, which their names say."""
    found = (re.fullmatch(pattern, name) for name in wanted.columns)
    return [int(one[1]) for one in found if one]


def _has_flows(wanted: Wanted) -> bool:
    return any(name.startswith("flow_net_") for name in wanted.columns)


MARKET_READS: dict[str, tuple[Read, ...]] = {
    "silver.top10_1s": (Read("steps.market_book_1s", WINDOWS),),
    "silver.market_features_1s": (
        _CONTRACT_DAY,
        Read("steps.market_book_1s", WINDOWS, _order_flow_seconds),
        Read("steps.contract_trades", WINDOWS),
    ),
    "silver.market_by_price_10_bar5s": (
        _CONTRACT_DAY,
        Read("steps.market_book_1s", _CARRIED, _volatility_seconds, lookups=("last_trade_starts",)),
        Read("steps.contract_trades", _CARRIED, lookups=("last_trade_starts",)),
        Read(
            "silver.wall_surface_1s",
            f"{WINDOWS} and add_qty + pull_qty_total > 0",
            is_needed=_has_flows,
        ),
    ),
    "gold.market_feature_vectors": (
        _CONTRACT_DAY,
        Read("silver.market_by_price_10_bar5s", _BARS),
        Read("silver.book_snapshot_1s", WINDOWS),
        Read("silver.recording_gaps", DAY),
        Read("silver.physics_bands_1s", f"{ENDS} and window_end_ts = $to_ts"),
        Read("silver.option_market_5s", f"{ENDS} and window_end_ts = $to_ts"),
    ),
}
