"""Conditions of a real stock by price, net, against those of its orders.

The orders are the records of NASDAQ; the book by price is the one that the vendor published at the
end of each second. Both are of CSCO on 2014-11-03, an hour and a half from the open.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.lake import Lake
from spymaster_ingest.products import product_rows, read_seed
from support import dbn_files, lakes

RECORDS = "nasdaq_csco/real-csco-20141103.mbo.dbn.zst"
TRUTH = "nasdaq_csco/truth_CSCO_20141103.parquet"
SYMBOL = "CLZ4"
DAY = dt.date(2014, 11, 3)
# 11:00 in New York
END_NS = int(np.datetime64("2014-11-03T16:00:00", "ns").astype(np.int64))
DAY_START_NS = int(np.datetime64("2014-11-03", "ns").astype(np.int64))
TRUTH_LEVELS = 20
TRUTH_INT, CENT_INT = 100_000, 10_000_000
LAST = 128
# two states of the vendor's book, the usual window, and a longer one
WINDOWS_S = (2, 5, 10)


def orders_of(shared_data: Path) -> np.ndarray:
    records = np.concatenate(list(DbnFile(shared_data / RECORDS).chunks(1_000_000)))
    return records[records["ts_recv"] < END_NS]


def states_of(shared_data: Path, instrument_id: int) -> np.ndarray:
    """Return the ten best whole cents of each side at the end of each second with an event."""
    table = pq.read_table(
        shared_data / TRUTH, filters=[("second_utc", "<", END_NS // dbn_files.SECOND_NS)]
    )
    column = {name: table[name].to_numpy().astype(np.int64) for name in table.column_names}
    ends = (column["second_utc"] + 1) * dbn_files.SECOND_NS - 1
    states = dbn_files.mbp(len(ends), instrument_id=instrument_id, ts_recv=ends, ts_event=ends)
    states["action"], states["side"], states["size"] = b"M", b"N", 0
    states["price"] = column["bid_px_00"] * TRUTH_INT
    for side in ("bid", "ask"):
        price = np.stack([column[f"{side}_px_{n:02}"] for n in range(TRUTH_LEVELS)], axis=1)
        qty = np.stack([column[f"{side}_sz_{n:02}"] for n in range(TRUTH_LEVELS)], axis=1)
        price *= TRUTH_INT
        is_kept = (price > 0) & (price % CENT_INT == 0)
        order = np.argsort(~is_kept, axis=1, kind="stable")[:, :10]
        kept = np.take_along_axis(is_kept, order, axis=1)
        for level in range(10):
            one = order[:, level : level + 1]
            found = [np.take_along_axis(values, one, axis=1)[:, 0] for values in (price, qty)]
            states[f"{side}_px_{level:02}"] = np.where(
                kept[:, level], found[0], dbn_files.UNDEFINED_PRICE
            )
            states[f"{side}_sz_{level:02}"] = np.where(kept[:, level], found[1], 0)
            states[f"{side}_ct_{level:02}"] = 0
    return states


def by_price(shared_data: Path, orders: np.ndarray) -> np.ndarray:
    """Return the trades of each second and the state after them, as a slow feed sends them."""
    states = states_of(shared_data, int(orders["instrument_id"][0]))
    executed = orders[orders["action"] == b"T"]
    at = np.searchsorted(states["ts_recv"], executed["ts_recv"])
    trades = states[at].copy()
    for name in ("side", "price", "size"):
        trades[name] = executed[name]
    trades["action"], trades["flags"] = b"T", 0
    together = np.concatenate([trades, states])
    return together[np.lexsort([together["action"] == b"M", together["ts_recv"]])]


@pytest.fixture(scope="module")
def connection(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lake of both, built up to their agreement."""
    folder = tmp_path_factory.mktemp("agreement")
    lake = Lake(folder / "lake")
    orders = orders_of(shared_data)
    header = {
        "symbols": {int(orders["instrument_id"][0]): SYMBOL},
        "day": DAY,
        "start": DAY_START_NS,
    }
    files = [
        dbn_files.plain(folder / f"{schema}.dbn", records, schema, **header, end=END_NS)
        for schema, records in (("mbo", orders), ("mbp-10", by_price(shared_data, orders)))
    ]
    lakes.land_raw(lake, *files, allow_missing_definitions=True)
    lakes.run_models(
        lake,
        "--select",
        "+eval_conditions_agreement",
        "+data_quality",
        surface_window=("09:30", "11:00"),
        condition_window_s=5,
        condition_windows_s=list(WINDOWS_S),
        # a stock's lot under a symbol of crude oil
        products=product_rows([dataclasses.replace(read_seed()["CL"], lot=100)]),
        condition_min_contracts=100,
    )
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        yield connection


def test_the_pace_of_the_book_by_price_is_measured(connection: duckdb.DuckDBPyConnection) -> None:
    [(resolution_s,)] = connection.execute(
        "select resolution_s from silver.data_quality"
    ).fetchall()
    assert resolution_s == pytest.approx(1.0, abs=0.01)


def test_pulls_agree_more_often_than_by_chance(connection: duckdb.DuckDBPyConnection) -> None:
    """By price alone, some of what a real stock's orders do is seen, and much is not."""
    rows = connection.execute(
        "select compared, condition_window_s, n_both, agree_share, agree_by_chance_share, "
        "z_correlation from gold.eval_conditions_agreement where compared in ('c2', 'c4')"
    ).fetchall()
    assert len(rows) == 2 * len(WINDOWS_S)
    for compared, window_s, n_both, agree, by_chance, correlation in rows:
        print(
            f"{compared}, {window_s} s: {n_both:,} seconds and levels; {agree:.3f} agree, "
            f"{by_chance:.3f} would by chance; correlation of z {correlation:.2f}"
        )
        assert n_both > 10_000
        assert agree > by_chance
        assert 0.15 < correlation < 0.5


def test_a_venue_whose_orders_keep_their_price_has_no_exact_retreat(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """An order of NASDAQ is cancelled and entered anew: only the net form sees a side retreat."""
    rows = connection.execute(
        "select n_both, n_exact_only, n_net_only from gold.eval_conditions_agreement "
        "where compared in ('c1', 'c3', 'state')"
    ).fetchall()
    assert {row[:2] for row in rows} == {(0, 0)}
    assert min(row[2] for row in rows) > 10_000


def test_a_condition_needs_as_many_lots_as_the_product_has(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """100 lots of 100 shares must rest; from orders, 100 of them."""
    [(lots,)] = connection.execute(
        "select list(distinct lot) from steps.turn_states_mbp_1s"
    ).fetchall()
    assert lots == [100]
    [(fewest, met)] = connection.execute(
        "select min(asks_pull_qty), count(*) from steps.turn_states_mbp_1s where c2"
    ).fetchall()
    assert met > 0
    assert fewest >= 100 * 100
