"""Random trade counts for the contract selection, and its SQL over them in memory."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

import duckdb
import pyarrow as pa
from dbt.cli.main import dbtRunner
from naive.contract_selection import (
    CLOSE,
    OPEN,
    Definition,
    Landed,
    Market,
    Row,
    Rules,
    SessionTrades,
    globex_open,
)
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_warehouse import calendar_functions

from support.lakes import lake_in_environment
from support.parsed_project import parsed_project

ZONE = "America/New_York"
DAY = dt.timedelta(days=1)
# a Monday in winter; some of the drawn dates lie after the change of the clocks
FIRST_MONDAY = dt.date(2024, 2, 19)
MONTHS = "HMUZ"

_TABLES = """
    create schema silver; create schema steps; create schema bronze; create schema reference;
    create table steps.contract_session_trades (
        root varchar, symbol varchar, session_date date, dt date, volume bigint,
        trade_count bigint, study_trade_count bigint
    );
    create table silver.contract_days (
        root varchar, symbol varchar, dt date, trades_fingerprint varchar
    );
    create table bronze.instrument_definitions (
        raw_symbol varchar, expiration timestamp_ns, ts_recv timestamp_ns,
        instrument_class varchar
    );
    create table reference.market_holidays (
        root varchar, closed_from_local timestamp, closed_to_local timestamp
    );
    create table reference.instruments (
        root varchar, session_open_local time, session_close_local time, session_tz varchar,
        calendar varchar
    );
"""


class Compiler:
    """Renders the project's SQL against an empty lake."""

    def __init__(self, folder: Path) -> None:
        self._lake = Lake(folder / "lake")
        self._lake.make_root()
        self._flags = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT)]
        self._flags += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]

    def compile(self, *arguments: str, variables: Mapping[str, object] | None = None) -> str:
        """Return the compiled SQL of a `dbt compile` selection."""
        given = json.dumps(variables or {})
        flags = [*self._flags, "--vars", given, "--quiet", "--no-write-json"]
        with lake_in_environment(self._lake):
            result = dbtRunner(parsed_project(given)).invoke(["compile", *arguments, *flags])
        assert result.success, result.exception or [node.message for node in result.result.results]
        nodes = [node.node for node in result.result.results]
        [compiled] = [node.compiled_code for node in nodes if node.resource_type != "test"]
        return compiled

    def selection(self, rules: Rules) -> str:
        """Return the SQL of the selection under the given rules."""
        return self.compile(
            "--select",
            "mbo_contract_day_selection",
            variables={
                "contract_override": rules.override,
                "dominance_min": rules.dominance_min,
                "run_trim": rules.trim,
                "liquidity_min": rules.liquidity_min,
            },
        )


def select_in_sql(market: Market, query: str) -> list[Row]:
    """Return the rows of the compiled selection over a market, ordered by root and date."""
    # two partitions hold the trades of a session: the day before and the day itself
    trades = [
        (
            trade.root,
            trade.symbol,
            trade.session_date,
            trade.session_date - DAY * (index % 2),
            trade.volume,
            trade.study_trade_count + 1,
            trade.study_trade_count,
        )
        for index, trade in enumerate(market.trades)
    ]
    # a spread with the same name, which must not count
    definitions = [
        (
            definition.symbol,
            _naive_utc(definition.expiration + more * 365 * DAY),
            _naive_utc(definition.received),
            c,
        )
        for definition in market.definitions
        for more, c in ((0, "F"), (1, "S"))
    ]
    # a day long before with no trades landed, which must not count
    days = [
        (partition.root, partition.symbol, partition.dt - before, fingerprint)
        for partition in market.landed
        for before, fingerprint in ((0 * DAY, "trades"), (365 * DAY, None))
    ]
    roots = sorted({trade.root for trade in market.trades})
    with duckdb.connect() as connection:
        calendar_functions.register(connection)
        connection.execute(_TABLES)
        for table, rows in (
            ("steps.contract_session_trades", trades),
            ("silver.contract_days", days),
            ("bronze.instrument_definitions", definitions),
            ("reference.market_holidays", market.closures),
            ("reference.instruments", [(root, OPEN, CLOSE, ZONE, None) for root in roots]),
        ):
            if rows:
                columns = [pa.array(column) for column in zip(*rows, strict=True)]
                arrow = pa.table(columns, [str(number) for number in range(len(columns))])
                connection.register("arrow", arrow)
                connection.execute(f"insert into {table} from arrow")
        found = connection.execute(f"from ({query}) order by root, session_date")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def together(markets: Iterable[Market]) -> Market:
    """Return the union of several markets, whose roots must differ."""
    parts = list(markets)
    return Market(
        *([one for part in parts for one in getattr(part, field.name)] for field in fields(Market))
    )


def _naive_utc(instant: dt.datetime) -> dt.datetime:
    return instant.astimezone(dt.UTC).replace(tzinfo=None)


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)


@dataclass(frozen=True)
class Contract:
    """A contract of a random market; ``known`` is when its definition arrives, if ever."""

    symbol: str
    expires: dt.date
    landed_from: dt.date
    known: dt.datetime | None


def random_market(seed: int) -> Market:
    """Draw some weeks of a product: rolls, gaps, closures, ties, expiries, late definitions."""
    choose = random.Random(seed)
    root = f"R{seed}"
    start = FIRST_MONDAY + 7 * DAY * choose.randrange(3)
    weekdays = [day for n in range(35) if (day := start + n * DAY).isoweekday() <= 5]
    closures = [_closure(choose, root, day) for day in weekdays if choose.random() < 0.08]
    dates = [day for day in weekdays if choose.random() > 0.07] or weekdays[:1]
    contracts = _contracts(choose, root, dates)
    trades = [
        trade for date in dates for trade in _session(choose, root, date, contracts, weekdays)
    ]
    landed = [Landed(root, trade.symbol, trade.session_date) for trade in trades]
    landed += [Landed(root, contract.symbol, contract.landed_from) for contract in contracts]
    return Market(trades, landed, _definitions(choose, contracts), closures)


def _closure(
    choose: random.Random, root: str, day: dt.date
) -> tuple[str, dt.datetime, dt.datetime]:
    """Return a closure of the whole session, from open to next open, or an early close."""
    if choose.random() < 0.5:
        return root, dt.datetime.combine(day - DAY, OPEN), dt.datetime.combine(day, OPEN)
    return root, dt.datetime.combine(day, dt.time(13)), dt.datetime.combine(day, CLOSE)


def _contracts(choose: random.Random, root: str, dates: list[dt.date]) -> list[Contract]:
    count = choose.choice([1, 2, 2, 3, 3, 4])
    contracts = []
    for number in range(count):
        landed_from = dates[0] if choose.random() < 0.6 else choose.choice(dates)
        known = midnight(landed_from)
        if choose.random() < 0.15:
            known = None
        elif choose.random() < 0.2:
            known += choose.randrange(8) * DAY
        contracts.append(
            Contract(
                symbol=f"{root}{MONTHS[number]}4",
                expires=dates[0] + (choose.randrange(5, 30) + 20 * number) * DAY,
                landed_from=landed_from,
                known=known,
            )
        )
    return contracts


def _definitions(choose: random.Random, contracts: list[Contract]) -> list[Definition]:
    found = []
    for contract in contracts:
        if contract.known is None:
            continue
        expiration = midnight(contract.expires) + dt.timedelta(hours=14, minutes=30)
        found.append(Definition(contract.symbol, expiration, contract.known))
        found.append(Definition(contract.symbol, expiration, contract.known + DAY))
        if choose.random() < 0.3:
            decade = 3652 * DAY
            found.append(Definition(contract.symbol, expiration - decade, contract.known - decade))
    return found


def _session(
    choose: random.Random,
    root: str,
    date: dt.date,
    contracts: list[Contract],
    weekdays: list[dt.date],
) -> list[SessionTrades]:
    """Return trades of the landed contracts; volume moves to later contracts over time."""
    landed = [contract for contract in contracts if contract.landed_from <= date]
    progress = weekdays.index(date) / len(weekdays) * len(landed)
    favourite = min(int(progress + choose.uniform(-0.3, 0.3)), len(landed) - 1)
    is_even = choose.random() < 0.12
    found = []
    for number, contract in enumerate(landed):
        if contract.expires < date or choose.random() < 0.05:
            continue
        is_busy = is_even or number == favourite
        for _ in range(choose.choice([1, 2])):
            volume = choose.randint(2, 4) if is_busy else choose.randint(1, 3)
            study = choose.randint(6, 40) if is_busy else choose.randint(0, 2)
            study *= choose.random() > 0.05
            found.append(SessionTrades(root, contract.symbol, date, volume, study))
    return found


def perturbed(market: Market, date: dt.date, seed: int) -> Market:
    """Return the market with changed trades, contracts and definitions from ``date`` on.

    The root still trades on ``date``, so that its row exists.
    """
    choose = random.Random(seed)
    [root] = {trade.root for trade in market.trades}
    before = [trade for trade in market.trades if trade.session_date < date]
    after = [
        replace(trade, volume=choose.randint(1, 9), study_trade_count=choose.randint(0, 50))
        for trade in market.trades
        if trade.session_date >= date and (trade.session_date == date or choose.random() < 0.7)
    ]
    new = [SessionTrades(root, f"{root}Z9", date, 99, 99)]
    opens = globex_open(date)
    kept = [definition for definition in market.definitions if definition.received < opens]
    late = [
        Definition(symbol, midnight(date) + choose.randrange(1, 60) * DAY, opens + late)
        for symbol in sorted({trade.symbol for trade in [*market.trades, *new]})
        for late in (dt.timedelta(), dt.timedelta(hours=choose.randrange(1, 99)))
    ]
    landed = [partition for partition in market.landed if partition.dt < date]
    landed += [Landed(trade.root, trade.symbol, trade.session_date) for trade in [*after, *new]]
    return Market([*before, *after, *new], landed, [*kept, *late], market.closures)
