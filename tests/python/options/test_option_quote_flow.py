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
from support import lakes
from support.dbn_files import (
    DAY_NS,
    DAY_START_NS,
    SECOND_NS,
    UNDEFINED_PRICE,
    definition,
    definitions,
    mbo,
    mbp,
    plain,
)

LAST, SNAPSHOT = 128, 32
FLOWS = ("bid_add", "bid_pull", "ask_add", "ask_pull")
OPTION_TICK = 50_000_000
TEN_O_CLOCK = DAY_START_NS + 10 * 3600 * SECOND_NS
# id -> name, right, strike
DRAWN = {
    201: ("ESH4 C5000", "C", 5000),
    202: ("ESH4 P5000", "P", 5000),
    203: ("ESH4 C5005", "C", 5005),
    204: ("ESH4 P5005", "P", 5005),
}
REAL_DAY_START_NS = int(np.datetime64("2024-05-09", "ns").astype(np.int64))
REAL = ("ESM4 P5230", "ESM4 P5250")
FLOW_S = 60


def a_future(number: int, bid: float, *, start: int, seconds: int) -> np.ndarray:
    """Return a book of two orders a tick apart, a trade in it, and orders that make it last."""
    records = mbo(4, instrument_id=number, start=start, step=seconds * SECOND_NS // 3)
    records["ts_event"] = records["ts_recv"]
    records["price"] = int(bid * 10**9) + 250_000_000 * np.array([0, 0, 1, 1])
    records["side"] = [b"N", b"B", b"A", b"A"]
    records["action"] = [b"R", b"A", b"A", b"T"]
    records["flags"] = [SNAPSHOT | LAST, LAST, LAST, LAST]
    records["ts_recv"][1:3] = records["ts_event"][1:3] = start + np.array([1, 2])
    records["size"] = 5
    records["price"][0], records["size"][0], records["order_id"][0] = UNDEFINED_PRICE, 0, 0
    late = records[-1:].copy()
    records["ts_recv"][3] = records["ts_event"][3] = start + 3
    return np.concatenate([records, late])


def updates_of(number: int, random: np.random.Generator) -> np.ndarray:
    """Return updates of the best quotes of an option over two minutes, trades among them."""
    count = 400
    records = mbp(count, levels=1, instrument_id=number)
    # many in one millisecond, some at the very end of a second
    moments = np.sort(random.integers(0, 120_000, count))
    moments[random.random(count) < 0.1] //= 1000
    moments = np.sort(np.where(moments < 120, moments * 1000, moments))
    records["ts_recv"] = TEN_O_CLOCK + moments * 1_000_000
    records["ts_event"] = records["ts_recv"]
    prices = {"bid": 200, "ask": 202}
    sizes = {"bid": 20, "ask": 20}
    for record in records:
        side, draw = ("bid", "ask")[random.integers(2)], random.random()
        if draw < 0.3 and prices[side] is not None:
            # a trade is sent before the quote it changes
            record["action"] = b"T"
            record["side"] = random.choice([b"A" if side == "bid" else b"B", b"N"], p=[0.9, 0.1])
            record["price"] = (prices[side] + random.integers(-1, 2)) * OPTION_TICK
            record["size"] = random.integers(1, 12)
        elif draw < 0.35:
            prices[side], sizes[side] = None, 0
        elif draw < 0.6 or prices[side] is None:
            away = random.integers(0, 4)
            prices[side] = 200 - away if side == "bid" else 202 + away
            sizes[side] = int(random.integers(1, 30))
        else:
            sizes[side] = max(sizes[side] + int(random.integers(-6, 7)), 1)
        for name in prices:
            price = prices[name]
            record[f"{name}_px_00"] = UNDEFINED_PRICE if price is None else price * OPTION_TICK
            record[f"{name}_sz_00"] = record[f"{name}_ct_00"] = sizes[name]
    return records


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    random = np.random.default_rng(11)
    records = np.concatenate([updates_of(number, random) for number in DRAWN])
    return records[np.argsort(records["ts_recv"], kind="stable")]


@pytest.fixture(scope="module")
def real(shared_data: Path) -> np.ndarray:
    (path,) = (shared_data / "es_options").glob("*options_mbp-1*.dbn.zst")
    return databento.DBNStore.from_file(path).to_ndarray()


@pytest.fixture(scope="module")
def connection(
    drawn: np.ndarray,
    real: np.ndarray,
    shared_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("quotes")
    listed = [definition(200, "ESH4", ts_recv=DAY_START_NS)]
    for number, (name, right, strike) in DRAWN.items():
        terms = {
            "underlying": b"ESH4",
            "strike_price": strike * 10**9,
            "expiration": DAY_START_NS + 20 * 3600 * SECOND_NS,
            "security_type": b"OOF",
            "min_price_increment": OPTION_TICK,
        }
        listed.append(definition(number, name, right, ts_recv=DAY_START_NS, **terms))
    names = {number: name for number, (name, *_) in DRAWN.items()}
    day = {"start": DAY_START_NS, "end": DAY_START_NS + DAY_NS}
    real_day = {"start": REAL_DAY_START_NS, "end": REAL_DAY_START_NS + DAY_NS}
    real_future = a_future(
        5602, 5199.5, start=REAL_DAY_START_NS + 10 * 3600 * SECOND_NS - SECOND_NS, seconds=300
    )
    files = [
        definitions(folder / "drawn.definition.dbn", *listed, **day),
        plain(
            folder / "drawn.mbo.dbn",
            a_future(200, 5000, start=TEN_O_CLOCK - SECOND_NS, seconds=120),
            "mbo",
            symbols={200: "ESH4"},
            **day,
        ),
        plain(folder / "drawn.mbp-1.dbn", drawn, "mbp-1", symbols=names, **day),
        plain(folder / "real.mbo.dbn", real_future, "mbo", symbols={5602: "ESM4"}, **real_day),
        *(shared_data / "es_options").glob("*_definition.dbn.zst"),
        *(shared_data / "es_options").glob("*options_mbp-1*.dbn.zst"),
    ]
    lake = Lake(folder / "lake")
    lakes.land_raw(lake, *files)
    lakes.run_models(
        lake,
        "--select",
        "+option_physics_1s",
        surface_window="all",
        gex_max_dte=60,
        option_max_dte=60,
    )
    with duckdb.connect(str(lake.warehouse), read_only=True) as opened:
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
