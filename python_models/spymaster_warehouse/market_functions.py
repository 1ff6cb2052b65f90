"""Plugin of dbt-duckdb: the market kernels as a function of SQL. Named in ``profiles.yml``.

``write_market_seconds(mbo, mbp10, tick_int, day_start_s, bands, edges_ticks, reach_ticks, target)``
turns the landed books of a contract-day into a file of seconds; a source is NULL where it is not
landed, and without any the file has no rows.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb.func import SPECIAL


def write_market_seconds(
    mbo: str | None,
    mbp10: str | None,
    tick_int: int,
    day_start_s: int,
    bands: list[str],
    edges_ticks: list[int],
    reach_ticks: int,
    target: str,
) -> str:
    """Write the seconds of a contract-day, and return where."""
    # imported when seconds are written: it brings a compiler along
    from spymaster_engine.kernels.market import market_day

    settings = market_day.MarketSettings(tick_int, day_start_s, bands, edges_ticks, reach_ticks)
    sources = {
        name: None if path is None else Path(path)
        for name, path in (("mbo", mbo), ("mbp10", mbp10))
    }
    market_day.write_market_seconds(sources, settings, Path(target))
    return target


class Plugin(BasePlugin):
    """Registers the function on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the function."""
        conn.create_function(
            "write_market_seconds",
            write_market_seconds,
            [
                "VARCHAR",
                "VARCHAR",
                "BIGINT",
                "BIGINT",
                "VARCHAR[]",
                "BIGINT[]",
                "BIGINT",
                "VARCHAR",
            ],
            "VARCHAR",
            side_effects=True,
            null_handling=SPECIAL,
        )
