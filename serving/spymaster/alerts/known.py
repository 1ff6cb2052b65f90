"""What alerts know of a contract-day before it begins: levels, verdicts, base rates of the past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from spymaster.book_source import missing_orders
from spymaster.clock import LocalClock, clock_of
from spymaster.contracts import built_instead
from spymaster.levels.read import read_claims, read_gamma_walls, read_placebos, read_records
from spymaster.published import NotPublishedError, Row, ask, ask_rows, relations_of

_QUERIES = Path(__file__).parent / "queries"
NEEDED = ("silver.contract_days", "silver.level_definitions", "silver.book_snapshot_1s")
_FATES = "gold.eval_walls"
# as an evaluation that has not run leaves them
NO_FATES = pa.table(
    {
        "ratio_from": pa.array([], pa.float64()),
        "age_from_s": pa.array([], pa.int32()),
        "distance_from_ticks": pa.array([], pa.int32()),
        "n_walls": pa.array([], pa.int64()),
        "support": pa.array([], pa.string()),
        "pulled_share": pa.array([], pa.float64()),
        "pulled_late_share": pa.array([], pa.float64()),
        "eaten_share": pa.array([], pa.float64()),
        "held_share": pa.array([], pa.float64()),
    }
)


@dataclass(frozen=True)
class Known:
    """What is known of a contract-day before it begins.

    Attributes:
        symbol: raw symbol of the contract.
        root: of its product.
        tick_int: minimum price increment, 1e-9 units.
        clock: the lake's clock.
        levels: level_id and level_kind of the lake's levels.
        fates: what became of walls of the product, by bands, as queries/fates_of_walls.sql has it.
        claims: verdicts on the sentences of the hypothesis, by state of the four conditions.
        records: how approaches of earlier days ended, by level and direction.
        placebos: levels against shifted prices, by level.
        gamma_walls: what the evaluation says of gamma walls; None before one.
    """

    symbol: str
    root: str
    tick_int: int
    clock: LocalClock
    levels: pa.Table
    fates: pa.Table = field(default_factory=lambda: NO_FATES)
    claims: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[tuple[str, str], Row] = field(default_factory=dict)
    placebos: Mapping[str, Row] = field(default_factory=dict)
    gamma_walls: Row | None = None


def read_known(connection: duckdb.DuckDBPyConnection, symbol: str, day: dt.date) -> Known:
    """Read what is known of a contract-day before it begins.

    Verdicts and fates of walls are those of the latest evaluation, as in `spymaster levels`; it may
    have judged later days than this one.

    Args:
        connection: the published file, which holds the relations ``NEEDED``.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.

    Raises:
        NotPublishedError: The contract-day is not built.
    """
    days = ask_rows(connection, _QUERIES / "contract_day.sql", {"symbol": symbol, "dt": day})
    if not days:
        raise NotPublishedError(
            f"{symbol} {day}", "is not built", built_instead(connection, symbol)
        )
    [contract_day] = days
    relations = relations_of(connection)
    fates = NO_FATES
    if _FATES in relations:
        values = {"root": contract_day["root"]}
        fates = ask(connection, _QUERIES / "fates_of_walls.sql", values).to_arrow_table()
    is_net = missing_orders(connection, symbol, day) is not None
    return Known(
        symbol,
        contract_day["root"],
        contract_day["tick_int"],
        clock_of(connection),
        ask(connection, _QUERIES / "level_definitions.sql", {}).to_arrow_table(),
        fates,
        read_claims(connection, relations, symbol, is_net=is_net),
        read_records(connection, relations, symbol, day),
        read_placebos(connection, relations, symbol),
        read_gamma_walls(connection, relations, symbol),
    )
