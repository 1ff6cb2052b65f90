"""Helpers of option tests: a small landed synthetic day, and queries of built relations."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from scipy.stats import norm
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, write_day

from support import lakes
from support.synthetic_book import DAY, ES

MULTIPLIER = 50
TICK = 0.25
STRIKES = 25
SCHEMAS = ("mbo", "definition", "option-mbo", "option-trades", "option-bbo-1s", "option-statistics")
SELECTED = (
    "--select",
    "+gex_summary_1s",
    "+option_market_5s",
    "path:models/silver/options",
    "path:models/gold/options",
)
OPTION_MODELS = (
    "option_contracts",
    "option_open_interest",
    "option_book_1s",
    "option_iv_1s",
    "gex_surface_1s",
    "gex_profile_1s",
    "gex_summary_1s",
    "option_quote_trades",
    "option_quote_flow_1s",
    "option_physics_1s",
    "option_market_5s",
    "option_trades_clean",
    "option_nbbo_clean",
    "option_statistics_clean",
    "gex_metric_counts",
)


def write_options(folder: Path, plan: SessionPlan) -> Path:
    """Write the files of a synthetic day with options, and its truth, and return the folder."""
    market = SyntheticMarket(ES, seed=17, plan=plan)
    write_day(market, DAY, folder, schemas=SCHEMAS, truth=True)
    return folder


def landed_lake(raw: Path, root: Path) -> Lake:
    """Return a lake in which the files of a day are landed."""
    lake = Lake(root)
    lakes.land_raw(lake, raw / "source=databento")
    return lake


def table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.execute(query).to_arrow_table()


def numbers(found: pa.Table, name: str) -> np.ndarray:
    return found[name].cast(pa.float64()).to_numpy()


def volatilities_beside_truth(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Return volatilities and exposures of the surface beside the generator's."""
    return table(
        connection,
        f"""
        with truth as (
            select
                window_end_ts,
                strike_price_int,
                any_value(f_price) as true_forward,
                any_value(implied_vol) as true_vol,
                any_value(gamma) as true_gamma,
                sum(gex order by "right") as true_gex,
                sum(gamma * open_interest * {MULTIPLIER} order by "right") as true_gex_abs,
                sum(open_interest) filter (where "right" = 'C') as calls,
                sum(open_interest) filter (where "right" = 'P') as puts
            from memory.truth.truth_options
            where is_priced_in and expiration::date = date '{DAY}'
            group by all
        )

        select
            iv.f_price, iv.strike, iv.t_years, iv.rate, iv.mid_price, iv.implied_vol, iv.gamma,
            if(iv.strike >= iv.f_price, 1, -1) as sign,
            (quotes.ask_price_int - quotes.bid_price_int) / 2e9 as half_spread,
            surface.gex_call_abs, surface.gex_put_abs, surface.gex_abs, surface.gex,
            truth.* exclude (window_end_ts, strike_price_int)
        from silver.option_iv_1s as iv
        inner join silver.gex_surface_1s as surface using (window_end_ts, strike_price_int)
        asof join silver.option_book_1s as quotes
            on iv.option_symbol = quotes.option_symbol and iv.window_end_ts >= quotes.window_end_ts
        inner join truth
            on iv.window_end_ts = truth.window_end_ts
            and iv.strike_price_int = truth.strike_price_int
        where iv.iv_status = 'ok'
        """,
    )


def gamma_at(forward: float, strike, sigma, years, rate) -> np.ndarray:
    """Return gamma of options at a price of the future, per point; arguments as in Black-76."""
    deviation = sigma * np.sqrt(years)
    d1 = np.log(forward / strike) / deviation + deviation / 2
    return np.exp(-rate * years) * norm.pdf(d1) / (forward * deviation)
