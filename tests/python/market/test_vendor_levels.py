"""The ten best prices of rebuilt real books are those that the vendors publish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from naive.model import NS_PER_S, BookConfig
from naive.surfaces import Row
from spymaster_engine.kernels.book import Records
from spymaster_engine.kernels.market.kernel_state import LEVELS, Rows
from spymaster_engine.kernels.market.market_day import seconds_of_levels, seconds_of_orders
from spymaster_engine.market_columns import SIDES
from spymaster_ingest.dbn.reader import DbnFile
from support.market_row_lakes import level_rows, settings_of
from support.strategies.mbo_script import TICK_INT
from support.vendor_csv import csv_rows, mbo_records, price_int, time_ns, vendor_levels

FOLDER = "es_mbo_vs_mbp10"
SHARED_EVENTS = 16
CSCO = "nasdaq_csco/real-csco-20141103.mbo.dbn.zst"
CSCO_TRUTH = "nasdaq_csco/truth_CSCO_20141103.parquet"
# the vendor's prices are in 1e-4 dollar, the ticks of the book are cents
TRUTH_INT = 100_000
CENT_INT = 10_000_000
TRUTH_LEVELS = 20
# seconds of the UTC day with an event; the records end with the day, the vendor's book later
SECONDS = 20_504

Record = Callable[[str, object], None]
Ladders = dict[str, list[tuple[int, int, int]]]


def book_config(day: str, tick_int: int) -> BookConfig:
    return BookConfig(tick_int, time_ns(f"{day}T00:00:00"), [])


def ladders_at(rows: Rows, row: int, tick_int: int) -> Ladders:
    """Occupied levels of each side at the end of a second: price_int, contracts, orders."""
    return {
        side: [
            (price * tick_int, qty, orders)
            for price, qty, orders in zip(
                rows.price[row, number].tolist(),
                rows.qty[row, number].tolist(),
                rows.orders[row, number].tolist(),
                strict=True,
            )
            if qty
        ]
        for number, side in enumerate(SIDES)
    }


# ES: a genuine pair of files


@pytest.fixture(scope="module")
def published(shared_data: Path) -> list[dict[str, str]]:
    """The vendor's rows of the events that both files hold: the book by order is the shorter."""
    return csv_rows(shared_data / FOLDER / "esz2_20220103.mbp-10.csv")[:SHARED_EVENTS]


def vendor_row(row: dict[str, str]) -> Row:
    """A row of the vendor as it is landed."""
    found = {"ts_event": time_ns(row["ts_event"]), "ts_recv": time_ns(row["ts_recv"])}
    found |= {"flags": int(row["flags"]), "action": row["action"]}
    for side in SIDES:
        for level in range(LEVELS):
            price = row[f"{side}_px_{level:02}"]
            found[f"{side}_px_{level:02}_int"] = price_int(price) if price else None
            for part in ("sz", "ct"):
                name = f"{side}_{part}_{level:02}"
                found[name] = int(row[name])
    return found


def test_the_ten_best_after_every_shared_event_are_the_vendors(
    shared_data: Path, published: list[dict[str, str]]
) -> None:
    records = mbo_records(csv_rows(shared_data / FOLDER / "esz2_20220103.mbo.csv"))
    settings = settings_of(book_config("2022-01-03", TICK_INT))
    # the snapshot of five records is the first event, every record after it another one
    ends = np.flatnonzero(records["flags"] & 128) + 1
    assert len(ends) == len(published) == SHARED_EVENTS
    levels = 0
    for end, row in zip(ends.tolist(), published, strict=True):
        assert int(records["ts_event"][end - 1]) == time_ns(row["ts_event"])
        rows = seconds_of_orders([Records.from_vendor(records[:end])], settings)
        ours = ladders_at(rows, -1, TICK_INT)
        assert ours == {side: vendor_levels(row, side) for side in SIDES}
        levels += sum(len(ladder) for ladder in ours.values())
    assert levels == SHARED_EVENTS * 4


def test_both_files_give_the_same_seconds(
    shared_data: Path, published: list[dict[str, str]]
) -> None:
    records = mbo_records(csv_rows(shared_data / FOLDER / "esz2_20220103.mbo.csv"))
    settings = settings_of(book_config("2022-01-03", TICK_INT))
    by_order = seconds_of_orders([Records.from_vendor(records)], settings)
    by_price = seconds_of_levels([level_rows([vendor_row(row) for row in published])], settings)
    # from midnight to 00:30:48
    assert len(by_order.head) == 1_849
    for name in ("head", "price", "qty", "orders", "ofi"):
        assert np.array_equal(getattr(by_order, name), getattr(by_price, name)), name
    assert by_order.head["update_count"].sum() == SHARED_EVENTS


# CSCO: a whole day


@pytest.fixture(scope="module")
def csco(shared_data: Path) -> Rows:
    chunks = (Records.from_vendor(chunk) for chunk in DbnFile(shared_data / CSCO).chunks(50_000))
    return seconds_of_orders(chunks, settings_of(book_config("2014-11-03", CENT_INT)))


@pytest.fixture(scope="module")
def truth(shared_data: Path) -> dict[str, np.ndarray]:
    """The vendor's columns by name, of the UTC day."""
    day_end_s = time_ns("2014-11-04T00:00:00") // NS_PER_S
    table = pq.read_table(shared_data / CSCO_TRUTH, filters=[("second_utc", "<", day_end_s)])
    return {name: table[name].to_numpy() for name in table.column_names}


def ten_best(truth: dict[str, np.ndarray], side: str) -> np.ndarray:
    """Price_int and contracts of the ten best whole cents, shape (seconds, 10, 2); 0 if empty.

    The records have no event at half cents, so the vendor's levels there are left out.
    """
    columns = [
        np.stack([truth[f"{side}_{part}_{n:02}"] for n in range(TRUTH_LEVELS)], axis=1)
        for part in ("px", "sz")
    ]
    price = columns[0] * TRUTH_INT
    is_kept = (price > 0) & (price % CENT_INT == 0)
    # kept levels first, in their order
    order = np.argsort(~is_kept, axis=1, kind="stable")[:, :LEVELS]
    kept = np.take_along_axis(is_kept, order, axis=1)
    found = [np.take_along_axis(x, order, axis=1) for x in (price, columns[1])]
    return np.where(kept[..., None], np.stack(found, axis=2), 0)


def test_the_ten_best_of_every_second_of_a_day_are_the_vendors(
    csco: Rows, truth: dict[str, np.ndarray], record_property: Record
) -> None:
    seconds = truth["second_utc"].astype(np.int64)
    row = seconds - csco.head["window_s"][0]
    assert row[0] >= 0 and row[-1] < len(csco.head)
    assert np.array_equal(csco.head["window_s"][row], seconds)
    are_equal = np.ones(len(seconds), bool)
    n_levels = 0
    for number, side in enumerate(SIDES):
        theirs = ten_best(truth, side)
        qty = csco.qty[row, number]
        price = np.where(qty > 0, csco.price[row, number] * CENT_INT, 0)
        ours = np.stack([price, qty], axis=2)
        are_equal &= (ours == theirs).all(axis=(1, 2))
        n_levels += int((qty > 0).sum())
    record_property(
        "ten best prices at the end of every second with an event, NASDAQ",
        f"{are_equal.sum():,} of {len(seconds):,} seconds equal, {n_levels:,} levels",
    )
    assert seconds[~are_equal].tolist() == []
    assert len(seconds) == SECONDS
    assert n_levels > 19 * SECONDS
