"""Options of a small synthetic day from files to gamma exposure, against the truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from spymaster_engine.kernels.options import greeks, implied_volatility, price
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic.truth_files import attach_truth
from support import lakes
from support.option_lakes import (
    MULTIPLIER,
    SELECTED,
    STRIKES,
    TICK,
    gamma_at,
    landed_lake,
    numbers,
    table,
    volatilities_beside_truth,
    write_options,
)
from support.synthetic_book import DAY
from support.synthetic_options import PLAN

# around the opening
WINDOW = ("09:29", "09:34")


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_options(tmp_path_factory.mktemp("options"), PLAN)


@pytest.fixture(scope="module")
def lake(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = landed_lake(raw, tmp_path_factory.mktemp("lake") / "lake")
    lakes.build(made, *SELECTED, surface_window=WINDOW)
    return made


@pytest.fixture(scope="module")
def connection(lake: Lake, raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(f"attach '{lake.published}' as lake (read_only)")
        attach_truth(opened, raw)
        opened.execute("use lake")
        yield opened


@pytest.fixture(scope="module")
def truth(connection) -> dict[str, np.ndarray]:
    """Return volatilities and exposures of the surface beside the generator's."""
    found = volatilities_beside_truth(connection)
    assert found.num_rows > 2_000
    return {name: numbers(found, name) for name in found.column_names}


def test_every_second_with_a_spot_has_all_strikes(connection) -> None:
    (seconds,) = connection.execute(
        "select count(*) from silver.book_snapshot_1s where spot_ref_price_int is not null and "
        "timezone('America/New_York', timezone('UTC', window_start_ts))::time "
        f"between '{WINDOW[0]}:00' and '{WINDOW[1]}:00' "
        f"and timezone('America/New_York', timezone('UTC', window_start_ts))::time "
        f"< '{WINDOW[1]}:00'"
    ).fetchone()
    assert seconds == 300
    rows, listed, offsets = connection.execute(
        "select count(*), count(distinct window_end_ts), list(distinct strike_offset) "
        "from silver.gex_surface_1s"
    ).fetchone()
    assert (rows, listed) == (STRIKES * seconds, seconds)
    assert sorted(offsets) == list(range(-12, 13))
    assert connection.execute("select count(*) from silver.gex_summary_1s").fetchone() == (300,)


def test_options_are_priced_on_the_mid_of_their_own_second(connection) -> None:
    rows, same, not_spot, american = connection.execute(
        """
        select
            count(*),
            count(*) filter (iv.f_price = (book.best_bid_price + book.best_ask_price) / 2),
            count(*) filter (iv.f_price != book.spot_ref_price),
            count(*) filter (iv.is_american)
        from silver.option_iv_1s as iv
        inner join silver.book_snapshot_1s as book using (symbol, dt, window_end_ts)
        where book.book_valid
        """
    ).fetchone()
    assert rows == same == 300 * STRIKES
    assert not_spot > 100 * STRIKES
    assert american == 0


def test_a_bounce_of_the_last_trade_moves_neither_volatility_nor_gamma(connection) -> None:
    """Seconds with constant mid and option quote: only time to expiry changes."""
    compared, largest_vol, largest_gamma = connection.execute(
        f"""
        with seconds as (
            select
                iv.strike,
                iv.window_end_ts,
                iv.implied_vol,
                iv.gamma,
                iv.mid_price as quote,
                book.mid_price as future_mid,
                book.spot_ref_price as spot
            from silver.option_iv_1s as iv
            inner join silver.book_snapshot_1s as book using (symbol, dt, window_end_ts)
            where iv.iv_status = 'ok' and abs(iv.strike - book.mid_price) < 15
        )

        select
            count(*),
            max(abs(later.implied_vol / earlier.implied_vol - 1)),
            max(abs(later.gamma / earlier.gamma - 1))
        from seconds as earlier
        inner join seconds as later
            on
                earlier.strike = later.strike
                and later.window_end_ts = earlier.window_end_ts + interval 1 second
                and earlier.quote = later.quote
                and earlier.future_mid = later.future_mid
        where abs(earlier.spot - later.spot) >= {TICK}
        """
    ).fetchone()
    assert compared > 50
    # a second is 43 millionths of the six and a half hours until expiration
    assert largest_vol < 5e-5
    assert largest_gamma < 5e-5


def test_volatility_is_within_the_quotes(truth: dict[str, np.ndarray]) -> None:
    model = ("f_price", "strike", "true_vol", "t_years", "rate")
    of_truth = price(truth["sign"], *(truth[name] for name in model))
    found_model = ("f_price", "strike", "implied_vol", "t_years", "rate")
    back = price(truth["sign"], *(truth[name] for name in found_model))
    assert np.abs(back - truth["mid_price"]).max() < 1e-8
    # the market maker quotes around the value at the mid of the future
    assert np.array_equal(truth["f_price"], truth["true_forward"])
    allowance = truth["half_spread"]
    inside = np.abs(of_truth - truth["mid_price"]) <= allowance + 1e-6
    assert inside.mean() > 0.99
    vega = greeks(*(truth[name] for name in model)).vega
    near = np.abs(truth["strike"] - truth["f_price"]) < 30
    error = np.abs(truth["implied_vol"] - truth["true_vol"])
    assert np.median(error[near]) < 0.002
    assert (error[near & inside] <= 2 * (allowance / vega)[near & inside] + 1e-6).all()


def test_exposure_is_gamma_times_open_interest(truth: dict[str, np.ndarray]) -> None:
    gamma, calls, puts = (truth[name] for name in ("gamma", "calls", "puts"))
    assert np.allclose(truth["gex_call_abs"], gamma * calls * MULTIPLIER, rtol=1e-12)
    assert np.allclose(truth["gex_put_abs"], gamma * puts * MULTIPLIER, rtol=1e-12)
    assert np.allclose(truth["gex"], gamma * (calls - puts) * MULTIPLIER, rtol=1e-9)


def test_exposure_is_the_truth_within_the_quotes(truth: dict[str, np.ndarray]) -> None:
    """No farther from it than a volatility inside the quotes allows."""
    names = ("true_forward", "strike", "t_years", "rate", "mid_price", "half_spread")
    forward, strike, years, rate, quote, apart = (truth[name] for name in names)
    edges = [
        implied_volatility(truth["sign"], forward, strike, quote + step * apart, years, rate)[0]
        for step in (-1, 1)
    ]
    low, high = (np.where(np.isnan(edge), truth["true_vol"], edge) for edge in edges)
    reachable = [
        greeks(forward, strike, sigma, years, rate).gamma for sigma in np.linspace(low, high, 9)
    ]
    error = np.max(np.abs(np.array(reachable) / truth["true_gamma"] - 1), axis=0) + 1e-9
    measured = np.abs(truth["true_gex"]) > 0
    assert measured.sum() > 2_000
    ratios = {
        name: (truth[name] / truth[f"true_{name}"])[measured]
        for name in ("gamma", "gex", "gex_abs")
    }
    for ratio in ratios.values():
        assert (np.abs(ratio - 1) <= error[measured]).mean() > 0.99
        assert np.median(np.abs(ratio - 1)) < 0.02
        # net and gross are off by the same factor, that of gamma
        assert np.allclose(ratio, ratios["gamma"], rtol=1e-6)


def test_open_interest_holds_from_its_capture(connection) -> None:
    rows = connection.execute(
        "select option_symbol, known_from_ts, known_until_ts, open_interest "
        "from silver.option_open_interest order by option_symbol, known_from_ts"
    ).fetchall()
    by_option: dict[str, list] = {}
    for symbol, *values in rows:
        by_option.setdefault(symbol, []).append(values)
    corrected = {symbol: rows for symbol, rows in by_option.items() if len(rows) > 1}
    assert len(corrected) == 1
    ((first, second),) = corrected.values()
    assert first[1] == second[0]
    assert second[1] is None
    assert second[2] > first[2]
    n_others = connection.execute(
        "select count(*) from bronze.option_statistics where stat_type != 9"
    ).fetchone()
    assert n_others > (0,)


def test_option_quotes_are_those_of_the_vendor(connection) -> None:
    """The generator also writes the best quotes of every second."""
    agreeing, compared = connection.execute(
        """
        select
            count(*) filter (
                where books.bid_price_int is not distinct from nbbo.bid_px_int
                and books.ask_price_int is not distinct from nbbo.ask_px_int
                and books.bid_qty = coalesce(nbbo.bid_sz, 0)
                and books.ask_qty = coalesce(nbbo.ask_sz, 0)
            ),
            count(*)
        from (
            select *, ts_recv::timestamp as window_end_ts from bronze.option_nbbo
            where ts_recv = date_trunc('second', ts_recv::timestamp)
        ) as nbbo
        asof join silver.option_book_1s as books
            on
                nbbo.option_symbol = books.option_symbol
                and nbbo.window_end_ts >= books.window_end_ts
        """
    ).fetchone()
    assert agreeing == compared > 5_000


@pytest.fixture(scope="module")
def profiles(connection) -> list[dict]:
    """Return seconds with the published profile, and one computed from exposure and gamma."""
    found = table(
        connection,
        """
        select
            summary.window_end_ts, summary.gamma_flip_price, summary.gamma_flip_cum_price,
            summary.spot_ref_price_int / 1e9 as spot, surface.strike_points, surface.gex,
            iv.implied_vol, iv.t_years, iv.rate, surface.gex / iv.gamma as weight,
            profile.gex as profile_gex
        from silver.gex_summary_1s as summary
        inner join silver.gex_surface_1s as surface using (window_end_ts)
        inner join silver.option_iv_1s as iv using (window_end_ts, strike_price_int)
        inner join silver.gex_profile_1s as profile
            on
                summary.window_end_ts = profile.window_end_ts
                and surface.strike_price_int = profile.price_int
        where epoch(window_end_ts) % 20 = 0
        order by window_end_ts, strike_price_int
        """,
    ).to_pandas()
    seconds = []
    for _, rows in found.groupby("window_end_ts"):
        columns = {name: rows[name].to_numpy() for name in rows}
        terms = [columns[name] for name in ("strike_points", "implied_vol", "t_years", "rate")]
        columns["profile"] = np.array(
            [(gamma_at(at, *terms) * columns["weight"]).sum() for at in terms[0]]
        )
        seconds.append(columns)
    assert len(seconds) == 15
    assert all(len(columns["gex"]) == STRIKES for columns in seconds)
    return seconds


def test_the_profile_is_the_exposure_at_other_prices(connection, profiles: list[dict]) -> None:
    for columns in profiles:
        largest = np.abs(columns["profile"]).max()
        assert largest > 0
        assert np.abs(columns["profile_gex"] - columns["profile"]).max() < 1e-9 * largest
    rows = connection.execute(
        "select count(*), count(distinct window_end_ts), count(gex), "
        "count(*) filter (rel_ticks != (price_int - spot_ref_price_int) // 250000000) "
        "from silver.gex_profile_1s"
    ).fetchone()
    assert rows == (300 * STRIKES, 300, 300 * STRIKES, 0)


def test_the_flip_is_where_the_profile_crosses_zero(profiles: list[dict]) -> None:
    crossed = 0
    for columns in profiles:
        strikes, spot = columns["strike_points"], columns["spot"][0]
        for totals, name in (
            (columns["profile"], "gamma_flip_price"),
            (columns["gex"].cumsum(), "gamma_flip_cum_price"),
        ):
            flip = columns[name][0]
            before, after = totals[:-1], totals[1:]
            at = np.flatnonzero(before * after < 0)
            share = np.abs(before[at]) / (np.abs(before[at]) + np.abs(after[at]))
            crossings = strikes[at] + np.diff(strikes)[at] * share
            if crossings.size:
                assert flip == pytest.approx(crossings[np.abs(crossings - spot).argmin()], abs=1e-6)
                crossed += 1
            else:
                assert np.isnan(flip)
    assert crossed > 0


def test_puts_and_calls_imply_the_same_future(connection) -> None:
    """Put-call parity: K + exp(rT) (call - put), within a tick and the spreads."""
    errors = connection.execute(
        """
        with pairs as (
            select
                iv.f_price, iv.strike, iv.t_years, iv.rate, calls.mid_price - puts.mid_price as gap,
                (calls.ask_price_int - calls.bid_price_int + puts.ask_price_int
                - puts.bid_price_int) / 2e9 as half_spreads
            from silver.option_iv_1s as iv
            inner join silver.option_contracts as call_terms
                on iv.expiration = call_terms.expiration
                and iv.strike_price_int = call_terms.strike_price_int and call_terms."right" = 'C'
            inner join silver.option_contracts as put_terms
                on iv.expiration = put_terms.expiration
                and iv.strike_price_int = put_terms.strike_price_int and put_terms."right" = 'P'
            asof join silver.option_book_1s as calls
                on calls.option_symbol = call_terms.option_symbol
                and iv.window_end_ts >= calls.window_end_ts
            asof join silver.option_book_1s as puts
                on puts.option_symbol = put_terms.option_symbol
                and iv.window_end_ts >= puts.window_end_ts
            where calls.quote_ok and puts.quote_ok and abs(iv.strike - iv.f_price) < 15
        )
        select abs(strike + exp(rate * t_years) * gap - f_price), half_spreads from pairs
        """
    ).fetchnumpy()
    error, half_spreads = errors.values()
    assert len(error) > 500
    assert np.median(error) <= TICK
    assert (error <= TICK + half_spreads).mean() > 0.99


def test_market_features_are_those_of_trades_and_truth(connection) -> None:
    features = connection.execute(
        "select min(window_start_ts), max(window_end_ts), sum(option_volume_call), "
        "sum(option_volume_put), sum(option_trade_count_call + option_trade_count_put), "
        "sum(signed_premium_call + signed_premium_put) from silver.option_market_5s"
    ).fetchone()
    first, last, *sums = features
    counted = connection.execute(
        """
        select
            sum(size) filter (where "right" = 'C'), sum(size) filter (where "right" = 'P'),
            count(*), sum(aggressor * size * price * ?)
        from bronze.option_trades where ts_event >= ? and ts_event < ?
        """,
        [MULTIPLIER, first, last],
    ).fetchone()
    assert sums[:3] == list(counted[:3])
    assert sums[3] == pytest.approx(counted[3], rel=1e-9)
    found = table(
        connection,
        f"""
        select
            market.window_end_ts, market.atm_iv, market.skew_25d, truth.implied_vol,
            truth.f_price, truth.strike_price_int / 1e9 as strike, truth.t_years, truth.rate
        from silver.option_market_5s as market
        inner join memory.truth.truth_options as truth using (window_end_ts)
        where truth."right" = 'C' and truth.expiration::date = date '{DAY}'
        order by market.window_end_ts, strike
        """,
    ).to_pandas()
    errors = []
    for _, rows in found.groupby("window_end_ts"):
        forward, strike = rows.f_price.iloc[0], rows.strike.to_numpy()
        sigma = rows.implied_vol.to_numpy()
        deltas = greeks(forward, strike, sigma, rows.t_years.iloc[0], rows.rate.iloc[0])
        at = np.interp(forward, strike, sigma)
        call = np.interp(-0.25, -deltas.delta_call, sigma)
        put = np.interp(0.25, -deltas.delta_put, sigma)
        errors.append((rows.atm_iv.iloc[0] - at, rows.skew_25d.iloc[0] - (put - call)))
    atm_error, skew_error = np.abs(np.array(errors)).T
    assert len(errors) == 60
    assert np.nanmedian(atm_error) < 0.005
    assert np.nanmedian(skew_error) < 0.01
    assert np.isfinite(atm_error).mean() > 0.9


def test_studied_flow_is_that_of_the_window(connection) -> None:
    for name in ("trades", "nbbo", "statistics"):
        studied, expected, clean = connection.execute(
            f"""
            select
                (select count(*) from gold.option_{name}_first3h),
                count(*) filter (
                    ts_event >= timestamp '2025-10-01 13:30:00'
                    and ts_event < timestamp '2025-10-01 16:30:00'
                ),
                count(*)
            from silver.option_{name}_clean
            """
        ).fetchone()
        assert studied == expected
        assert clean > studied
        assert studied > 0 or name == "statistics"
