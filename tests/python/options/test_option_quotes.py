"""Which option quotes count: hand-made orders and best quotes, and an id that changes its name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import numpy as np
import pytest
from spymaster_ingest.lake import Lake
from support import lakes
from support.dbn_files import (
    DAY,
    DAY_NS,
    DAY_START_NS,
    SECOND_NS,
    UNDEFINED_PRICE,
    bbo,
    definition,
    definitions,
    mbo,
    plain,
)

NEXT_DAY = DAY + dt.timedelta(days=1)
TICK = 50_000_000
MAYBE_BAD_BOOK, LAST = 4, 128
HOUR_NS = 3600 * SECOND_NS

# name, bid and ask in option ticks, whether the quote counts while it is fresh
QUOTES = {
    "TWO TICKS": (200, 202, True),
    "LOCKED": (200, 200, False),
    "CROSSED": (202, 200, False),
    "NO ASK": (200, None, False),
    "NO BID": (None, 200, False),
    "QUARTER": (210, 270, True),
    "WIDE": (210, 271, False),
    "CHEAP": (1, 3, True),
    "CHEAP WIDE": (1, 4, False),
}
# would count without the vendor's flag of a bad book, which only orders carry
BAD_BOOK = "BAD BOOK"
# underlying -> first id of its options; one with orders, the other with best quotes
SOURCES = {"ESH4": 200, "ESM4": 300}


def names_of(underlying: str) -> dict[int, str]:
    """Return the options of an underlying by id."""
    return {
        SOURCES[underlying] + number: f"{underlying} {name}"
        for number, name in enumerate([*QUOTES, BAD_BOOK])
    }


def chain(path: Path, day: dt.date, shift: int = 0) -> Path:
    """Write the definitions of a day; ``shift`` moves each id to the option that many ids on."""
    start = DAY_START_NS + (day - DAY).days * DAY_NS
    records = []
    for underlying in SOURCES:
        records.append(definition(SOURCES[underlying] - 1, underlying, ts_recv=start))
        ids = list(names_of(underlying))
        for number, name in zip(np.roll(ids, shift), names_of(underlying).values(), strict=True):
            terms = {
                "underlying": underlying.encode(),
                "strike_price": (5_000 + ids.index(SOURCES[underlying]) + len(name)) * 10**9,
                "expiration": start + 20 * HOUR_NS,
                "security_type": b"OOF",
                "min_price_increment": TICK,
            }
            records.append(definition(int(number), name, "C", ts_recv=start, **terms))
    return definitions(path, *records, start=start, end=start + DAY_NS)


def orders(numbers: dict[int, str], start: int) -> np.ndarray:
    """Return an empty snapshot, then one order per quoted side."""
    clear = mbo(1, start=start, instrument_id=min(numbers), action=b"R", side=b"N", order_id=0)
    clear["price"], clear["size"], clear["flags"] = UNDEFINED_PRICE, 0, 32 | LAST
    parts = [clear]
    for number, name in numbers.items():
        bid, ask, _ = QUOTES.get(name[5:], (200, 202, True))
        warned = MAYBE_BAD_BOOK if name.endswith(BAD_BOOK) else 0
        for side, ticks in ((b"B", bid), (b"A", ask)):
            if ticks is not None:
                order = mbo(1, start=start + HOUR_NS + SECOND_NS // 2, instrument_id=number)
                order["side"], order["price"] = side, ticks * TICK
                order["order_id"], order["flags"] = 2 * number + (side == b"A"), LAST | warned
                parts.append(order)
        # behind the best bid: it changes the book but not the quote
        at = start + HOUR_NS + 29 * SECOND_NS + SECOND_NS // 4
        behind = mbo(1, start=at, instrument_id=number)
        behind["side"], behind["price"] = b"B", TICK if bid is None else (bid - 1) * TICK
        behind["order_id"], behind["flags"] = 10_000 + number, LAST
        if bid is not None and bid > 1:
            parts.append(behind)
    records = np.concatenate(parts)
    return records[np.argsort(records["ts_recv"], kind="stable")]


def best_quotes(numbers: dict[int, str], start: int) -> np.ndarray:
    """Return the same quotes as the vendor's states of the best prices, each repeated."""
    parts = []
    for moment in (HOUR_NS + SECOND_NS // 2, HOUR_NS + 29 * SECOND_NS + SECOND_NS // 4):
        for number, name in numbers.items():
            bid, ask, _ = QUOTES.get(name[5:], (200, 202, True))
            state = bbo(1, start=start + moment, instrument_id=number)
            for side, ticks in (("bid", bid), ("ask", ask)):
                state[f"{side}_px_00"] = UNDEFINED_PRICE if ticks is None else ticks * TICK
                state[f"{side}_sz_00"] = state[f"{side}_ct_00"] = int(ticks is not None)
            parts.append(state)
    return np.concatenate(parts)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("quotes")
    lake = Lake(folder / "lake")
    files = []
    for day, shift in ((DAY, 0), (NEXT_DAY, 1)):
        start = DAY_START_NS + (day - DAY).days * DAY_NS
        files.append(chain(folder / f"{day}.definition.dbn", day, shift))
        for underlying, records_of in (("ESH4", orders), ("ESM4", best_quotes)):
            numbers = names_of(underlying)
            renamed = dict(
                zip(np.roll(list(numbers), shift).tolist(), numbers.values(), strict=True)
            )
            records = records_of(renamed, start)
            schema = "mbo" if records_of is orders else "bbo-1s"
            header = {"symbols": renamed, "start": start, "end": start + DAY_NS}
            path = folder / f"{underlying}-{day}.{schema}.dbn"
            files.append(plain(path, records, schema, **header))
    lakes.land_raw(lake, *files)
    lakes.run_models(lake, "--select", "+option_book_1s")
    with duckdb.connect(str(lake.warehouse), read_only=True) as opened:
        yield opened


def rows_of(connection, underlying: str, day: dt.date) -> dict[str, list[tuple]]:
    """Return seconds of the day, quote and whether it counts, of each option."""
    found: dict[str, list[tuple]] = {}
    for name, *row in connection.execute(
        """
        select
            option_symbol, epoch(window_end_ts) % 86400, bid_price_int, ask_price_int, quote_ok,
            quote_source
        from silver.option_book_1s
        where symbol = ? and dt = ? and window_start_ts >= dt + interval 1 hour
        order by option_symbol, window_end_ts
        """,
        [underlying, day],
    ).fetchall():
        found.setdefault(name[5:], []).append(tuple(row))
    return found


@pytest.mark.parametrize("day", [DAY, NEXT_DAY])
@pytest.mark.parametrize(("underlying", "source"), [("ESH4", "mbo"), ("ESM4", "nbbo")])
def test_a_quote_counts_by_the_stated_rules(
    connection, underlying: str, source: str, day: dt.date
) -> None:
    """Two-sided, not locked or crossed, narrow, and 30 seconds old at most.

    On the second day every id names the next option of the chain.
    """
    found = rows_of(connection, underlying, day)
    assert found.keys() == {*QUOTES, BAD_BOOK}
    for name, (bid, ask, counts) in QUOTES.items():
        prices = [None if ticks is None else ticks * TICK for ticks in (bid, ask)]
        fresh, *between, old = found[name]
        assert fresh == (3601, *prices, counts, source), name
        # half a second before the quote is too old
        is_changed = source == "mbo" and bid is not None and bid > 1
        assert between == [(3630, *prices, counts, source)] * is_changed, name
        # changes behind the best prices do not renew a quote
        assert old == (3631, *prices, False, source), name
        assert {row[1:3] for row in found[name]} == {tuple(prices)}
    assert found[BAD_BOOK][0][3] == (source == "nbbo")


def test_options_of_the_quarter_are_american(connection) -> None:
    """They bear the name of the future's product; the synthetic chain is one of a week."""
    styles = connection.execute("select distinct is_american from silver.option_contracts")
    assert styles.fetchall() == [(True,)]


def test_an_id_names_another_option_the_next_day(connection) -> None:
    by_day = {
        day: dict(
            connection.execute(
                "select instrument_id, option_symbol from silver.option_contracts "
                "where dt = ? and symbol = 'ESH4'",
                [day],
            ).fetchall()
        )
        for day in (DAY, NEXT_DAY)
    }
    assert by_day[DAY].keys() == by_day[NEXT_DAY].keys() == set(names_of("ESH4"))
    assert all(by_day[DAY][number] != by_day[NEXT_DAY][number] for number in by_day[DAY])
    strikes = connection.execute(
        """
        select count(*), count(*) filter (books.strike_price_int = terms.strike_price_int)
        from silver.option_book_1s as books
        inner join silver.option_contracts as terms using (symbol, dt, option_symbol)
        """
    ).fetchone()
    assert strikes[0] == strikes[1] > 0
