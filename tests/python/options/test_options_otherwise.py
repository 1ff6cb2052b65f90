"""Options of a small synthetic day under changed inputs.

Copies of the day with another future, other assumptions, best quotes alone, no options.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import SessionPlan
from support import lakes
from support.option_copies import change, copy_contract, cut, silence_options
from support.option_lakes import (
    MULTIPLIER,
    OPTION_MODELS,
    SELECTED,
    STRIKES,
    landed_lake,
    numbers,
    table,
    write_options,
)
from support.schemas import with_schema

CONTRACT = "ESZ5"
# the warehouse as it is after the first run
BUILT = "built.duckdb"
# a minute and a half after the opening
PLAN = SessionPlan(
    hours=0.11, overnight_rate=0.02, premarket_rate=0.05, tail_seconds=30, evening_seconds=0
)
WINDOW = ("09:30", "09:32")
SECONDS = 120
WARM_UP_S = 45
# the contracts of the copies, and the moments from which they differ from the day
COPIES = {
    "ESH6": (cut, "2025-10-01T13:30:50.5"),
    "ESM6": (change, "2025-10-01T13:30:40.25"),
    "ESU6": (silence_options, "2025-10-01T13:30:40.25"),
}
TIMED = {
    "option_book_1s": "window_end_ts",
    "option_open_interest": "known_from_ts",
    "option_iv_1s": "window_end_ts",
    "option_physics_1s": "window_end_ts",
    "gex_surface_1s": "window_end_ts",
    "gex_profile_1s": "window_end_ts",
    "gex_summary_1s": "window_end_ts",
    "option_market_5s": "window_end_ts",
    "option_trades_clean": "ts_recv",
    "option_nbbo_clean": "ts_recv",
    "option_statistics_clean": "ts_recv",
}
# names of the contract, and the end of validity, at which another row begins
NOT_COMPARED = ("symbol", "underlying", "known_until_ts")


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("options")
    return landed_lake(write_options(folder / "raw", PLAN), folder / "lake")


@pytest.fixture(scope="module")
def lake(landed: Lake, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The day, and copies that differ from a moment on."""
    made = lakes.landed_copy(landed, tmp_path_factory.mktemp("copies") / "lake")
    for symbol, (changed, moment) in COPIES.items():
        copy_contract(made, CONTRACT, symbol, changed, int(np.datetime64(moment, "ns").astype(int)))
    lakes.run_models(
        made,
        *SELECTED,
        "+physics_norm_calibration",
        surface_window=WINDOW,
        calibration_warm_up_s=WARM_UP_S,
        contract_override={"ES": CONTRACT},
    )
    shutil.copyfile(made.warehouse, made.root / BUILT)
    return made


@pytest.fixture(scope="module")
def connection(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(f"attach '{lake.root / BUILT}' as lake (read_only)")
        opened.execute("use lake")
        yield opened


@pytest.mark.parametrize("relation", TIMED)
@pytest.mark.parametrize("symbol", COPIES)
def test_the_future_changes_no_row_of_the_past(connection, symbol: str, relation: str) -> None:
    moment = COPIES[symbol][1]
    if COPIES[symbol][0] is cut:
        # the future's book and all relations on its clock end with its last event
        (last,) = connection.execute(
            "select max(window_end_ts) from silver.book_snapshot_1s where symbol = ?", [symbol]
        ).fetchone()
        moment = min(np.datetime64(moment), np.datetime64(last)).astype(str)
    columns = [name for name, *_ in connection.execute(f"describe silver.{relation}").fetchall()]
    compared = ", ".join(f'"{name}"' for name in columns if name not in NOT_COMPARED)
    found = dict(
        connection.execute(
            f"""
            with hashed as (
                select
                    symbol,
                    {TIMED[relation]} < ? as is_past,
                    md5_number_lower(cast(row({compared}) as varchar)) as row_hash
                from silver.{relation}
                where symbol in ('{CONTRACT}', ?)
            )
            select (symbol, is_past)::varchar, (count(*), sum(row_hash::hugeint))
            from hashed group by all
            """,
            [moment, symbol],
        ).fetchall()
    )
    past = found[f"({CONTRACT}, true)"]
    assert past[0] > 0
    assert found[f"({symbol}, true)"] == past
    # or the test would detect nothing
    if relation != "option_open_interest" or COPIES[symbol][0] is change:
        assert found.get(f"({symbol}, false)") != found.get(f"({CONTRACT}, false)")


def test_a_correction_of_open_interest_counts_from_its_own_capture(connection) -> None:
    symbol, (_, moment) = list(COPIES.items())[1]
    found = table(
        connection,
        f"""
        select
            surface.window_end_ts > timestamp '{moment}' as is_corrected,
            surface.gex_call_abs / iv.gamma / {MULTIPLIER} as found_interest,
            interest.open_interest as first_told
        from silver.gex_surface_1s as surface
        inner join silver.option_iv_1s as iv using (symbol, window_end_ts, strike_price_int)
        inner join silver.option_contracts as terms using (symbol, expiration, strike_price_int)
        inner join silver.option_open_interest as interest
            on terms.symbol = interest.symbol and terms.option_symbol = interest.option_symbol
        where
            symbol = '{symbol}' and terms."right" = 'C'
            and interest.known_from_ts < timestamp '2025-10-01 13:00:00'
        """,
    ).to_pandas()
    assert found.is_corrected.sum() > 500
    assert (~found.is_corrected).sum() > 500
    expected = np.where(found.is_corrected, 2 * found.first_told + 5, found.first_told)
    assert np.allclose(found.found_interest, expected, rtol=1e-9)


def test_a_minute_after_the_last_record_of_options_their_flow_is_not_known(connection) -> None:
    """Not zero: nobody knows what comes no more. The future's own rows go on."""
    symbol = "ESU6"
    last = "2025-10-01 13:30:41"
    (found,) = connection.execute(
        "select cast(max(ts_event) as timestamp) from bronze.option_mbo where symbol = ?", [symbol]
    ).fetchone()
    assert str(found) > "2025-10-01 13:30:39"
    flows = [
        f"{right}_{name}"
        for right in ("call", "put")
        for name in ("buy_qty", "bid_pull_qty", "net_aggressive_qty", "net_resting_qty", "physics")
    ]
    known = ", ".join(f"count({name})" for name in flows)
    rows = connection.execute(
        f"select window_end_ts >= ?::timestamp + interval 1 minute as is_silent, count(*), {known} "
        "from silver.option_physics_1s where symbol = ? group by all order by all",
        [last, symbol],
    ).fetchall()
    (is_silent, before, *of_before), (_, after, *of_after) = rows
    assert not is_silent
    assert after == 20 * STRIKES
    assert of_after == [0] * len(flows)
    # a strike without records of its own is zero as long as others have some
    assert of_before == [before] * len(flows)


def test_signs_change_only_the_net_columns(lake: Lake, connection) -> None:
    before = table(connection, "select * from silver.gex_surface_1s order by all")
    lakes.run_models(
        lake,
        "--select",
        "gex_settings",
        "option_iv_1s",
        "gex_surface_1s",
        surface_window=WINDOW,
        sign_convention="dealers_short_calls_long_puts",
    )
    with duckdb.connect(str(lake.warehouse), read_only=True) as opened:
        after = table(opened, "select * from silver.gex_surface_1s order by all")
    keys = [("window_end_ts", "ascending"), ("strike_price_int", "ascending")]
    before, after = before.sort_by(keys), after.sort_by(keys)
    flipped = {
        "gex", "gex_net", "gex_imbalance_ratio", "gex_usd_per_1pct", "sign_convention",
        *(f"d{k}_{name}" for k in (1, 2, 3) for name in ("gex", "gex_imbalance_ratio")),
    }  # fmt: skip
    for name in before.column_names:
        assert before[name].equals(after[name]) == (name not in flipped), name
    assert np.array_equal(numbers(before, "gex"), -numbers(after, "gex"), equal_nan=True)


@pytest.fixture(scope="module")
def without_orders(landed: Lake, connection, tmp_path_factory: pytest.TempPathFactory):
    """Best quotes alone, no open interest, and time to expiry as trading time."""
    other = lakes.landed_copy(landed, tmp_path_factory.mktemp("quotes") / "lake")
    for table_name in ("mbo", "statistics"):
        (landed,) = other.bronze.glob(f"product_type=future_option/symbol=*/table={table_name}")
        shutil.rmtree(landed)
    lakes.run_models(
        other,
        "--select",
        "+gex_summary_1s",
        "+option_physics_1s",
        surface_window=WINDOW,
        time_basis="trading",
    )
    connection.execute(f"attach '{other.warehouse}' as other (read_only)")
    return connection


def test_without_open_interest_exposure_is_not_known(without_orders) -> None:
    """NULL, and zero only at strikes without listed options; volatilities are still known."""
    listed, known, zero, volatilities = without_orders.execute(
        """
        select
            count(*) filter (n_options > 0),
            count(gex_abs) filter (n_options > 0),
            count(*) filter (n_options = 0 and gex_abs is distinct from 0),
            (select count(implied_vol) from other.silver.option_iv_1s)
        from other.silver.gex_surface_1s
        """
    ).fetchone()
    assert listed > 2_000
    assert (known, zero) == (0, 0)
    assert volatilities > 2_000
    summary = without_orders.execute(
        "select count(*), count(gex), count(gamma_flip_price), count(call_wall_price_int) "
        "from other.silver.gex_summary_1s"
    ).fetchone()
    assert summary == (SECONDS, 0, 0, 0)


def test_by_trading_time_a_year_has_252_sessions(without_orders) -> None:
    """The session is open until the day's options expire: only the year differs."""
    compared, largest_error, different = without_orders.execute(
        """
        select
            count(*),
            max(abs(calendar.t_years * 365 * 86400 / (252 * 23 * 3600) - trading.t_years)),
            count(*) filter (calendar.implied_vol = trading.implied_vol)
        from silver.option_iv_1s as calendar
        inner join other.silver.option_iv_1s as trading
            using (symbol, window_end_ts, expiration, strike_price_int)
        """
    ).fetchone()
    assert compared == SECONDS * STRIKES
    assert largest_error < 1e-15
    assert different == 0


def test_best_quotes_stand_in_for_orders(without_orders) -> None:
    """Where no orders are landed the same quotes come from the landed best quotes.

    They may seem older: only orders show a change that is undone within its second.
    """
    connection = without_orders
    sources = connection.execute(
        "select distinct quote_source, add_qty is null from other.silver.option_book_1s"
    ).fetchall()
    assert sources == [("nbbo", True)]
    compared, agreeing = connection.execute(
        """
        with moments as (
            select symbol, option_symbol, unnest(range(
                timestamp '2025-10-01 13:30:00', timestamp '2025-10-01 13:32:00', interval 5 second
            )) as moment
            from (select distinct symbol, option_symbol from other.silver.option_book_1s)
        ),

        both_sources as (
            select
                orders.bid_price_int as bid, orders.ask_price_int as ask, orders.quote_ok,
                quotes.bid_price_int as other_bid, quotes.ask_price_int as other_ask,
                quotes.quote_ok as other_ok,
                greatest(
                    orders.quote_age_s + epoch(moments.moment - orders.window_end_ts),
                    quotes.quote_age_s + epoch(moments.moment - quotes.window_end_ts)
                ) < 28 as is_fresh
            from moments
            asof join silver.option_book_1s as orders
                on
                    moments.symbol = orders.symbol
                    and moments.option_symbol = orders.option_symbol
                    and moments.moment >= orders.window_end_ts
            asof join other.silver.option_book_1s as quotes
                on
                    moments.option_symbol = quotes.option_symbol
                    and moments.moment >= quotes.window_end_ts
        )

        select
            count(*),
            count(*) filter (
                where bid is not distinct from other_bid and ask is not distinct from other_ask
                and (quote_ok = other_ok or not is_fresh)
            )
        from both_sources
        """
    ).fetchone()
    assert compared > 2_000
    assert agreeing == compared


def test_best_quotes_and_trades_show_the_aggressive_flow_of_orders(without_orders) -> None:
    """Aggressive flow is the same; adds and pulls are those of the best prices alone."""
    for name in ("call", "put"):
        rows, same_flow, agreeing, clear, correlation = without_orders.execute(
            f"""
            select
                count(*),
                count(*) filter (
                    orders.{name}_buy_qty = quotes.{name}_buy_qty
                    and orders.{name}_sell_qty = quotes.{name}_sell_qty
                ),
                count(*) filter (
                    abs(orders.{name}_physics) > 0.1
                    and sign(orders.{name}_physics) = sign(quotes.{name}_physics)
                ),
                count(*) filter (abs(orders.{name}_physics) > 0.1),
                corr(orders.{name}_physics, quotes.{name}_physics)
            from silver.option_physics_1s as orders
            inner join other.silver.option_physics_1s as quotes
                using (symbol, window_end_ts, strike_price_int)
            where orders.flow_source = 'mbo' and quotes.flow_source = 'quotes'
                and quotes.{name}_physics is not null
            """
        ).fetchone()
        assert rows == same_flow == SECONDS * STRIKES
        assert clear > 100
        assert agreeing > 0.6 * clear
        assert correlation > 0.1


def test_without_option_files_the_relations_are_empty(landed: Lake, tmp_path: Path) -> None:
    other = lakes.landed_copy(landed, tmp_path / "lake")
    shutil.rmtree(other.bronze / "product_type=future_option")
    models = [*OPTION_MODELS, "contract_days", "book_snapshot_1s"]
    lakes.run_models(other, "--select", *(f"+{name}" for name in models), surface_window=WINDOW)
    with duckdb.connect(str(other.warehouse), read_only=True) as opened:
        for name in OPTION_MODELS:
            rows = opened.execute(f"select count(*) from {with_schema(name)}").fetchone()
            assert rows == (0,) or name == "option_contracts", name


def test_exposure_is_calibrated_like_the_metrics_of_the_book(connection) -> None:
    """The day so far since the open, by the minute; NULL until there are enough seconds."""
    found = connection.execute(
        """
        select valid_from_ts, q05, q95, n_rows from gold.physics_norm_calibration
        where metric_name = 'gex_abs' order by valid_from_ts
        """
    ).fetchall()
    assert len(found) == 1440
    rows = table(
        connection,
        """
        select surface.window_end_ts, surface.gex_abs from silver.gex_surface_1s as surface
        inner join silver.book_snapshot_1s as book using (symbol, dt, window_end_ts)
        where symbol = 'ESZ5' and book.window_valid and surface.gex_abs is not null
        """,
    ).to_pandas()
    opened = np.datetime64("2025-10-01T13:30")
    for valid_from, low, high, count in found:
        since = opened if valid_from >= opened else np.datetime64("2025-10-01T00:00")
        is_known = (rows.window_end_ts > since) & (rows.window_end_ts <= valid_from)
        assert count == is_known.sum(), valid_from
        if rows.window_end_ts[is_known].nunique() < WARM_UP_S:
            assert (low, high) == (None, None), valid_from
        else:
            expected = np.quantile(rows.gex_abs[is_known], [0.05, 0.95])
            assert [low, high] == pytest.approx(expected.tolist(), rel=1e-12)
    assert sum(low is not None for _, low, *_ in found) == 1440 - 13 * 60 - 31
