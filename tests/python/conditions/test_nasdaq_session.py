"""A real regular session, order by order, against the book published by the vendor.

The day of CSCO of 2014-11-03 is landed as an outright of CL, whose tick is a cent as well. It
begins with an empty book at the engine's first record. The vendor's book has 20 levels a side at
the end of every second with an event; the events at half cents, which the grid does not have, were
left out of the records and show in a single level of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from support import lakes

RECORDS = "nasdaq_csco/real-csco-20141103.mbo.dbn.zst"
TRUTH = "nasdaq_csco/truth_CSCO_20141103.parquet"
LEVELS = 20
REGULAR_SESSION = ("09:30", "16:00")
IN_SESSION = (
    "window_start_ts >= timestamp '2014-11-03 14:30:00' "
    "and window_start_ts < timestamp '2014-11-03 21:00:00'"
)
SECONDS = 23_400
# seconds of the session with an event
SECONDS_WITH_EVENTS = 20_206
MAX_TICKS = 20
TICK_INT = 10_000_000


@pytest.fixture(scope="module")
def lake(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with the book of the day, its recording gaps and fingerprints."""
    lake = Lake(tmp_path_factory.mktemp("nasdaq") / "lake")
    lakes.land_raw(lake, shared_data / RECORDS, allow_missing_definitions=True)
    lakes.run_models(
        lake,
        "--select",
        "+book_snapshot_1s",
        "+wall_surface_1s",
        "+recording_gaps",
        "+book_engine_qa",
        "+approach_episodes",
        "+level_outcomes",
        "+order_fingerprints_5s",
        "+iceberg_1s",
        "+level_fingerprints",
        surface_window=REGULAR_SESSION,
    )
    return lake


@pytest.fixture(scope="module")
def connection(lake: Lake, shared_data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake, and the vendor's book of the session as rows of ``truth`` in our units."""
    columns = ", ".join(
        f"{{'side': '{side[0].upper()}', 'price': {side}_px_{n:02d}, 'qty': {side}_sz_{n:02d}}}"
        for side in ("bid", "ask")
        for n in range(LEVELS)
    )
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        connection.execute(
            f"""
            create temporary table truth as
            with levels as (
                select
                    make_timestamp(cast(second_utc as bigint) * 1000000) as window_start_ts,
                    unnest([{columns}]) as level
                from read_parquet('{shared_data / TRUTH}')
            )
            select
                window_start_ts,
                level.side as side,
                cast(level.price as bigint) * 100000 as price_int,
                cast(level.qty as bigint) as qty
            from levels
            where {IN_SESSION} and level.price > 0
            """
        )
        yield connection


def only_row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple:
    [row] = connection.execute(query).fetchall()
    return row


def test_every_level_near_spot_equals_the_vendors(connection: duckdb.DuckDBPyConnection) -> None:
    """In both directions, as far as the vendor's levels reach."""
    compared, only_ours, only_theirs, differing, seconds = only_row(
        connection,
        f"""
        with reach as (
            select
                window_start_ts,
                side,
                count(*) = {LEVELS} as is_cut,
                min(price_int) as low_price_int,
                max(price_int) as high_price_int
            from truth
            group by window_start_ts, side
        ),
        theirs as (
            select truth.*
            from truth
            inner join silver.book_snapshot_1s as book using (window_start_ts)
            where
                abs(truth.price_int - book.spot_ref_price_int) <= {MAX_TICKS * TICK_INT}
                and truth.price_int % {TICK_INT} = 0
        ),
        ours as (
            select wall.window_start_ts, wall.side, wall.price_int, wall.depth_qty_end
            from silver.wall_surface_1s as wall
            inner join reach using (window_start_ts, side)
            where
                abs(wall.rel_ticks) <= {MAX_TICKS}
                and wall.depth_qty_end > 0
                and (
                    not reach.is_cut
                    or (wall.side = 'B' and wall.price_int >= reach.low_price_int)
                    or (wall.side = 'A' and wall.price_int <= reach.high_price_int)
                )
        )
        select
            count(*),
            count(*) filter (theirs.qty is null),
            count(*) filter (ours.depth_qty_end is null),
            count(*) filter (theirs.qty != ours.depth_qty_end),
            count(distinct window_start_ts)
        from theirs
        full join ours using (window_start_ts, side, price_int)
        """,
    )
    assert (only_ours, only_theirs, differing) == (0, 0, 0)
    assert seconds == SECONDS_WITH_EVENTS
    assert compared > 700_000


def test_best_quotes_equal_the_vendors(connection: duckdb.DuckDBPyConnection) -> None:
    seconds, differing = only_row(
        connection,
        """
        with best as (
            select
                window_start_ts,
                max(price_int) filter (side = 'B') as bid_int,
                arg_max(qty, price_int) filter (side = 'B') as bid_qty,
                min(price_int) filter (side = 'A') as ask_int,
                arg_min(qty, price_int) filter (side = 'A') as ask_qty
            from truth
            group by window_start_ts
        )
        select
            count(*),
            count(*) filter (
                (best.bid_int, best.bid_qty, best.ask_int, best.ask_qty) is distinct from (
                    book.best_bid_price_int, book.best_bid_qty,
                    book.best_ask_price_int, book.best_ask_qty
                )
            )
        from best
        inner join silver.book_snapshot_1s as book using (window_start_ts)
        """,
    )
    assert (seconds, differing) == (SECONDS_WITH_EVENTS, 0)


def test_half_cents_are_a_single_level(connection: duckdb.DuckDBPyConnection) -> None:
    query = f"select count(*) from truth where price_int % {TICK_INT} != 0"
    assert only_row(connection, query)[0] <= 1


def test_every_second_of_the_session_is_valid(connection: duckdb.DuckDBPyConnection) -> None:
    seconds, invalid = only_row(
        connection,
        "select count(*), count(*) filter (not window_valid) "
        f"from silver.book_snapshot_1s where {IN_SESSION}",
    )
    assert (seconds, invalid) == (SECONDS, 0)
    gaps = connection.execute(
        "select gap_start_ts, gap_end_ts from silver.recording_gaps "
        "where gap_start_ts < timestamp '2014-11-03 21:00:00' "
        "and gap_end_ts > timestamp '2014-11-03 14:30:00'"
    ).fetchall()
    assert gaps == []


def test_a_share_is_silent_outside_its_session(connection: duckdb.DuckDBPyConnection) -> None:
    """CL trades around the clock, the share does not: minutes without a record are gaps."""
    silent, in_gaps = only_row(
        connection,
        """
        select
            count(*),
            count(*) filter (
                exists (
                    from silver.recording_gaps as gaps
                    where
                        gaps.cause = 'silent'
                        and gaps.gap_start_ts < book.window_end_ts
                        and gaps.gap_end_ts > book.window_start_ts
                )
            )
        from silver.book_snapshot_1s as book
        where invalid_flags & 64 != 0
        """,
    )
    assert silent == in_gaps
    assert silent > 10_000


def test_nothing_in_the_records_is_unknown(connection: duckdb.DuckDBPyConnection) -> None:
    counters = only_row(
        connection,
        "select n_records, off_tick, dup_add, unknown_cancel, over_cancel, unknown_modify, "
        "negative_depth_moments, crossed_trading_windows from silver.book_engine_qa",
    )
    assert counters == (318_958, 0, 0, 0, 0, 0, 0, 0)


def test_approaches_of_every_class_exist_with_barriers_of_volatility(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Price moves by a seventh of a tick a second: fixed barriers of 8 ticks are too far."""
    [(mode, decisions)] = connection.execute(
        "select barrier_mode, count(*) from silver.level_decisions where is_eligible group by all"
    ).fetchall()
    assert mode == "vol"
    assert decisions > 200
    found = {
        kind: dict(
            connection.execute(
                "select outcome_reached, count(*) from gold.level_labels "
                f"where barrier_kind = '{kind}' and horizon_id = 's240' "
                "and outcome_reached is not null group by all"
            ).fetchall()
        )
        for kind in ("fixed", "vol")
    }
    assert min(found["vol"].get(outcome, 0) for outcome in ("BREAK", "REJECT", "CHOP")) > 10
    assert found["fixed"].get("BREAK", 0) == 0


def test_fingerprints_beside_what_chance_gives(connection: duckdb.DuckDBPyConnection) -> None:
    """Sizes repeat more than in their minute; nothing else is more regular than it is busy."""
    shares = (
        "top_size_share",
        "requote_share",
        "chase_share",
        "withdraw_on_approach_share",
        "react_1ms",
        "react_5ms",
        "react_20ms",
    )
    above = {}
    for share in shares:
        n, mean, by_chance, above[share] = only_row(
            connection,
            f"""
            select
                count(*),
                avg({share}),
                avg({share}_null_q95),
                avg(cast({share} > {share}_null_q95 as integer))
            from silver.order_fingerprints_5s
            where {share} is not null and {share}_null_q95 is not null
            """,
        )
        print(
            f"{share}: mean {mean:.4f}, 95 % by chance {by_chance:.4f}; above it in "
            f"{above[share]:.4f} of {n:,} windows"
        )
    windows, unlikely, periods, least_p, short, cancels = only_row(
        connection,
        """
        select
            count(*),
            avg(cast(periodicity_p <= 0.005 as integer)),
            count(periodicity_p),
            min(periodicity_p),
            sum(n_orders_max_life_ms_10),
            sum(cancel_count)
        from silver.order_fingerprints_5s
        """,
    )
    refills, reloads, hidden = only_row(
        connection,
        "select sum(refill_count), sum(reload_count), sum(hidden_fill_qty) from silver.iceberg_1s",
    )
    print(
        f"timers: p at most 0.005 in {unlikely:.4f} of {periods:,} windows, by chance 0.005; least "
        f"{least_p:.1e}. {short:,} of {cancels:,} cancelled orders lived less than 10 ms. "
        f"{refills:,} refills; {reloads:,} reloads; {hidden:,} shares filled unseen"
    )
    assert windows == 2 * SECONDS / 5
    assert above["top_size_share"] > 0.15
    assert all(above[share] <= 0.05 for share in shares[1:])
    # no timer of one size and side ran in this stock
    assert unlikely <= 0.005
    assert short > 0.2 * cancels
    # the venue shows every share that a resting order fills
    assert (refills, reloads > 0, hidden) == (0, True, 0)


def test_windows_with_an_invalid_second_have_no_fingerprints(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    windows, known, partly = only_row(
        connection,
        """
        with valid as (
            select
                time_bucket(interval 5 second, window_start_ts, timestamp '1970-01-01')
                + interval 5 second as window_end_ts,
                count(*) filter (window_valid) as seconds
            from silver.book_snapshot_1s
            group by 1
        )
        select
            count(*),
            count(*) filter (prints.add_count is not null and valid.seconds = 5),
            count(*) filter (
                valid.seconds < 5 and (prints.is_valid or prints.add_count is not null
                or prints.react_1ms is not null or prints.periodicity_p is not null)
            )
        from silver.order_fingerprints_5s as prints
        inner join valid using (window_end_ts)
        """,
    )
    assert partly == 0
    assert known > 0.9 * windows
    [episodes] = only_row(
        connection,
        """
        select count(*) from gold.level_fingerprints
        where ahead_n_windows between 1 and 12 and ahead_react_20ms between 0 and 1
        """,
    )
    assert episodes > 0
