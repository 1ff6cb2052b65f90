"""The contract selection from landed files: which trades count, and for which session."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from naive.contract_selection import (
    NEW_YORK,
    Definition,
    Landed,
    Market,
    Rules,
    SessionTrades,
    globex_session_date,
    select_contracts,
)
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse import partition_functions
from support import dbn_files, lakes
from support.dbn_files import DAY, DAY_NS, DAY_START_NS, ESH4, SECOND_NS

ESM4 = 17078
SYMBOLS = {ESH4: "ESH4", ESM4: "ESM4"}
EXPIRES = {
    ESH4: dt.datetime(2024, 3, 15, 13, 30, tzinfo=dt.UTC),
    ESM4: dt.datetime(2024, 6, 21, 13, 30, tzinfo=dt.UTC),
}
DAYS = [DAY + dt.timedelta(days=n) for n in range(4)]
RTH = (dt.time(9, 30), dt.time(12, 30))
SHORT_RTH = (dt.time(10), dt.time(10, 5))
# records per day; of the market-by-order records every third is a trade
TRADES_ESH4, RECORDS_ESM4, RECORDS_ESH4 = (400, 300, 100, 50), (300, 500, 700, 900), 150
COUNTS = "contract_session_trades"
SELECTION = "mbo_contract_day_selection"


@dataclass(frozen=True)
class Trade:
    """A trade as written to a file."""

    symbol: str
    dt: dt.date
    ts_event: dt.datetime
    size: int


def write_trades(folder: Path, number: int, day: int, count: int, schema: str) -> list[Trade]:
    """Write trades spread over a UTC day, among other records when the schema is mbo."""
    midnight = DAY_START_NS + day * DAY_NS
    step = DAY_NS // count
    if schema == "trades":
        records = dbn_files.trades(count, instrument_id=number, start=midnight, step=step)
    else:
        records = dbn_files.mbo(count, instrument_id=number, start=midnight, step=step)
        records["action"][::3] = b"T"
    # the first is stamped when the day begins
    records["ts_event"] = records["ts_recv"]
    symbol = SYMBOLS[number]
    day_date = DAYS[day]
    dbn_files.plain(
        folder / f"{symbol}-{day_date}.{schema}.dbn",
        records,
        symbols={number: symbol},
        start=midnight,
        end=midnight + DAY_NS,
    )
    return [
        Trade(symbol, day_date, moment(record["ts_event"]), int(record["size"]))
        for record in records[records["action"] == b"T"]
    ]


def moment(stamp_ns: np.uint64) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(stamp_ns) // SECOND_NS, tz=dt.UTC)


def write_definitions(folder: Path, day: int) -> None:
    midnight = DAY_START_NS + day * DAY_NS
    records = [
        dbn_files.definition(
            number,
            symbol,
            ts_recv=midnight,
            expiration=int(EXPIRES[number].timestamp()) * SECOND_NS,
        )
        for number, symbol in SYMBOLS.items()
    ]
    dbn_files.definitions(
        folder / f"{DAYS[day]}.definition.dbn",
        *records,
        symbols=SYMBOLS,
        start=midnight,
        end=midnight + DAY_NS,
    )


def market_of(trades: list[Trade], days: int, window: tuple[dt.time, dt.time]) -> Market:
    """Return the first days' trades as input of the oracle, one entry per trade."""
    return Market(
        trades=[
            SessionTrades(
                "ES",
                trade.symbol,
                globex_session_date(trade.ts_event),
                trade.size,
                int(window[0] <= trade.ts_event.astimezone(NEW_YORK).time() < window[1]),
            )
            for trade in trades
            if trade.dt in DAYS[:days]
        ],
        landed=[
            Landed("ES", symbol, day)
            for day in DAYS[:days]
            for symbol in {trade.symbol for trade in trades if trade.dt == day}
        ],
        definitions=[
            Definition(symbol, EXPIRES[number], dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC))
            for day in DAYS[:days]
            for number, symbol in SYMBOLS.items()
        ],
    )


@dataclass
class Stage:
    """A lake that is built repeatedly.

    Attributes:
        lake: the lake.
        trades: trades that the selection should read.
        raw: folder of the files per day.
    """

    lake: Lake
    trades: list[Trade]
    raw: list[Path]

    def build(self, *, is_tested: bool = False, **variables: object) -> list[str]:
        """Build the selection and return the contract-days whose trades were read."""
        build = lakes.build if is_tested else lakes.build_models
        planned = partition_functions.plan_partitions
        read = []

        def recording(upstream: list, recorded: list, settings: dict) -> list[dict]:
            steps = planned(upstream, recorded, settings)
            # the counts of trades alone are partitioned
            read.extend(
                f"{step['partition_owner']} {step['partition_date']}"
                for step in steps
                if step["partition_action"] == "build"
            )
            return steps

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(partition_functions, "plan_partitions", recording)
            build(self.lake, "--select", f"+{SELECTION}", **variables)
        return sorted(read)

    def rows(self) -> list[dict]:
        columns = [name for name, *_ in lakes.ask(self.lake, f"describe silver.{SELECTION}")]
        rows = lakes.ask(self.lake, f"from silver.{SELECTION} order by root, session_date")
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def state(self) -> dict[tuple, tuple]:
        """Return (fingerprint, checksum) per contract-day of the counts."""
        rows = lakes.partition_state(self.lake)
        return {row[1:3]: row[3:] for row in rows if row[0] == COUNTS}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Trade]]:
    """Trades of ESH4 in the trades schema, of ESM4 in market by order, on one day ESH4 in both."""
    folders, trades = [], []
    for day in range(len(DAYS)):
        folder = tmp_path_factory.mktemp(f"day-{day}")
        trades += write_trades(folder, ESH4, day, TRADES_ESH4[day], "trades")
        trades += write_trades(folder, ESM4, day, RECORDS_ESM4[day], "mbo")
        if day == 1:
            # fewer than in the trades schema, which takes precedence
            write_trades(folder, ESH4, day, RECORDS_ESH4, "mbo")
        write_definitions(folder, day)
        folders.append(folder)
    return folders, trades


@pytest.fixture
def stage(raw: tuple, first_days: Lake, tmp_path: Path) -> Stage:
    """Return a copy of the lake of three days, built once."""
    shutil.copytree(first_days.root, tmp_path / "lake")
    return Stage(Lake(tmp_path / "lake"), raw[1], raw[0])


@pytest.fixture(scope="module")
def first_days(raw: tuple, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = Lake(tmp_path_factory.mktemp("selection") / "lake")
    lakes.land_raw(lake, *raw[0][:3])
    read = Stage(lake, raw[1], raw[0]).build(contract_override={"ES": "ESH4"})
    assert len(read) == 6
    yield lake


def test_selection_of_landed_files(stage: Stage) -> None:
    rules = Rules(override={"ES": "ESH4"})
    rows = stage.rows()
    assert rows == select_contracts(market_of(stage.trades, 3, RTH), rules)
    # the last hours of the third day are in the fourth session
    assert [row["session_date"] for row in rows] == DAYS
    assert [row["selected_symbol"] for row in rows] == ["ESH4", "ESH4", "ESH4", "ESM4"]
    assert all(row["total_trade_count"] for row in rows[:3])
    sources = lakes.ask(
        stage.lake,
        "select symbol, trade_dataset from silver.contract_days group by all order by all",
    )
    assert sources == [("ESH4", "bronze.future.trades"), ("ESM4", "bronze.future_mbo.mbo")]


def test_only_new_partitions_are_read(stage: Stage) -> None:
    override = {"ES": "ESH4"}
    before, rows = stage.state(), stage.rows()
    assert stage.build(contract_override=override) == []
    assert (stage.state(), stage.rows()) == (before, rows)
    lakes.land_raw(stage.lake, stage.raw[3])
    # dates and symbols restrict nothing: the choice needs the volume of all contracts
    read = stage.build(contract_override=override, end_date=DAYS[0], symbols=["ESH4"])
    assert read == [f"ESH4 {DAYS[3]}", f"ESM4 {DAYS[3]}"]
    assert before.items() < stage.state().items()
    assert stage.rows() == select_contracts(market_of(stage.trades, 4, RTH), Rules(override))
    part = stage.lake.bronze_partition("future", "ESH4", "trades", DAYS[1])
    shutil.rmtree(part)
    # the rest of that contract-day is in the market-by-order records
    assert stage.build(contract_override=override) == [f"ESH4 {DAYS[1]}"]
    shutil.rmtree(stage.lake.bronze_partition("future", "ESH4", "mbo", DAYS[1]))
    assert stage.build(contract_override=override) == []
    left = [trade for trade in stage.trades if (trade.symbol, trade.dt) != ("ESH4", DAYS[1])]
    assert stage.rows() == select_contracts(market_of(left, 4, RTH), Rules(override))
    assert len(stage.state()) == 7


@pytest.mark.long
def test_a_var_rebuilds_only_when_it_shapes_the_counts(stage: Stage) -> None:
    before, rows = stage.state(), stage.rows()
    unrelated = {"wall_max_ticks": 50, "opening_range": ["09:30", "10:00"], "dominance_min": 0.5}
    assert stage.build(contract_override={"ES": "ESH4"}, **unrelated) == []
    assert stage.state() == before
    start, end = (f"{time:%H:%M}" for time in SHORT_RTH)
    shaping = {"contract_override": {"ES": "ESH4"}, "rth_start": start, "rth_end": end}
    assert len(stage.build(is_tested=True, **shaping)) == 6
    after = stage.state()
    assert after.keys() == before.keys()
    for key, (fingerprint, checksum) in after.items():
        assert fingerprint == before[key][0]
        assert checksum != before[key][1]
    assert lakes.partitions_to_test(stage.lake) == set()
    short = select_contracts(market_of(stage.trades, 3, SHORT_RTH), Rules({"ES": "ESH4"}))
    assert stage.rows() == short != rows
    assert stage.build(**shaping) == []
    assert len(stage.build(contract_override={"ES": "ESH4"})) == 6
    assert (stage.state(), stage.rows()) == (before, rows)


def test_a_contract_that_is_not_landed_cannot_be_named(stage: Stage) -> None:
    with pytest.raises(SpymasterError):
        stage.build(is_tested=True, contract_override={"ES": "ESU4"})


def test_sessions_off_the_minute_are_refused(stage: Stage) -> None:
    with pytest.raises(SpymasterError):
        stage.build(is_tested=True, rth_start="09:30:30")
