"""Flow from best quotes and trades, against plain loops over drawn and real records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import databento
import duckdb
import numpy as np
import pytest
from naive.option_quote_flow import NS, Quote, Side, Trade, flows
from spymaster_ingest.lake import Lake
from support.dbn_files import UNDEFINED_PRICE
from support.quote_lakes import DRAWN, drawn_quotes

FLOWS = ("bid_add", "bid_pull", "ask_add", "ask_pull")
REAL = ("ESM4 P5230", "ESM4 P5250")
FLOW_S = 60


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    return drawn_quotes()


@pytest.fixture(scope="module")
def real(shared_data: Path) -> np.ndarray:
    (path,) = (shared_data / "es_options").glob("*options_mbp-1*.dbn.zst")
    return databento.DBNStore.from_file(path).to_ndarray()


@pytest.fixture(scope="module")
def connection(quoted: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(quoted.warehouse), read_only=True) as opened:
        yield opened


def flows_of(records: np.ndarray) -> dict[int, Counter[str]]:
    """Return what the plain loop finds in the records of an option."""

    def side(record: np.void, name: str) -> Side:
        price = int(record[f"{name}_px_00"])
        return Side(None if price == UNDEFINED_PRICE else price, int(record[f"{name}_sz_00"]))

    quotes = [
        Quote(int(record["ts_recv"]), side(record, "bid"), side(record, "ask"))
        for record in records
    ]
    trades = [
        Trade(
            int(record["ts_recv"]),
            int(record["price"]),
            int(record["size"]),
            {b"B": 1, b"A": -1}.get(record["side"], 0),
        )
        for record in records
        if record["action"] == b"T"
    ]
    return flows(quotes, trades)


def published(connection, option: str) -> dict[int, Counter[str]]:
    rows = connection.execute(
        f"select epoch_ns(window_end_ts), {', '.join(f'{name}_qty' for name in FLOWS)} "
        "from steps.option_quote_flow_1s where option_symbol = ?",
        [option],
    ).fetchall()
    return {end: +Counter(dict(zip(FLOWS, qty, strict=True))) for end, *qty in rows}


@pytest.mark.parametrize("number", DRAWN)
def test_flow_of_drawn_quotes_equals_the_plain_loop(
    connection, drawn: np.ndarray, number: int
) -> None:
    expected = flows_of(drawn[drawn["instrument_id"] == number])
    assert published(connection, DRAWN[number][0]) == expected
    total = sum(expected.values(), Counter())
    assert min(total[name] for name in FLOWS) > 100


@pytest.mark.parametrize("option", REAL)
def test_flow_of_real_quotes_equals_the_plain_loop(
    connection, real: np.ndarray, option: str
) -> None:
    (number,) = connection.execute(
        "select instrument_id from silver.option_contracts where option_symbol = ?", [option]
    ).fetchone()
    mine = real[real["instrument_id"] == number]
    expected = flows_of(mine)
    assert published(connection, option) == expected
    total = sum(expected.values(), Counter())
    assert min(total[name] for name in FLOWS) > 50
    # nothing was traded: what was added and not pulled is what rests at the end, but for prices
    # that became best or were left
    assert not (mine["action"] == b"T").any()


def test_real_puts_with_and_without_demand(connection) -> None:
    rows = connection.execute(
        """
        select strike_price_int // 1000000000, epoch_ns(window_end_ts), flow_source, put_physics,
            put_bid_add_qty, put_bid_pull_qty, put_ask_add_qty, put_ask_pull_qty
        from silver.option_physics_1s where symbol = 'ESM4'
        order by all
        """
    ).fetchall()
    for option in REAL:
        mine = [row for row in rows if row[0] == int(option[-4:])]
        first = min(published(connection, option))
        known = [row for row in mine if row[3] is not None]
        # from a minute after the first quote on, and no earlier
        assert 200 < len(known) < len(mine)
        assert all(row[1] - FLOW_S * NS >= first - NS for row in known)
        assert {row[2] for row in mine} == {"quotes"}
        values = np.array([row[3] for row in known])
        assert (np.abs(values) < 1).all()
        assert len(np.unique(values)) > 20
        assert values.min() < 0 < values.max()
        for _, end, _, physics, *qty in known[::29]:
            found = Counter()
            for at, counts in published(connection, option).items():
                if end - FLOW_S * NS < at <= end:
                    found.update(counts)
            assert qty == [found[name] for name in FLOWS]
            bid_add, bid_pull, ask_add, ask_pull = qty
            assert physics == pytest.approx(
                (bid_add - bid_pull - ask_add + ask_pull) / (1 + sum(qty)), rel=1e-12
            )


def test_trades_among_the_updates_count_where_no_others_are_landed(
    connection, drawn: np.ndarray
) -> None:
    source, by_option = connection.execute(
        "select any_value(trade_source), (select map_from_entries(list((option_symbol, qty))) from "
        "(select option_symbol, sum(aggressor * size) as qty from steps.option_quote_trades "
        "where symbol = 'ESH4' group by option_symbol)) from steps.gex_settings"
    ).fetchone()
    assert source == "mbp-1"
    for number, (name, *_) in DRAWN.items():
        mine = drawn[(drawn["instrument_id"] == number) & (drawn["action"] == b"T")]
        signs = np.array([{b"B": 1, b"A": -1}.get(side, 0) for side in mine["side"]])
        assert by_option[name] == (signs * mine["size"].astype(int)).sum()
    ((last, bought, sold),) = connection.execute(
        "select max(epoch_ns(window_end_ts)), arg_max(call_buy_qty, window_end_ts), "
        "arg_max(call_sell_qty, window_end_ts) from silver.option_physics_1s "
        "where symbol = 'ESH4' and strike_points = 5000"
    ).fetchall()
    mine = drawn[(drawn["instrument_id"] == 201) & (drawn["action"] == b"T")]
    recent = mine[(mine["ts_event"] >= last - FLOW_S * NS) & (mine["ts_event"] < last)]
    assert bought == recent["size"][recent["side"] == b"B"].sum() > 0
    assert sold == recent["size"][recent["side"] == b"A"].sum() > 0
