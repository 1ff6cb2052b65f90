"""A day that begins: what its live rows rest on, made by a build of what has come of it so far."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.landing.begun import begin_partition
from spymaster_ingest.landing.land import landing_lock
from spymaster_ingest.landing.manifest import read_manifest
from spymaster_ingest.landing.table_schemas import TableSchema
from spymaster_warehouse.jobs.names import named_in

from spymaster.live.clock import clock_of
from spymaster.live.feeds import Source
from spymaster.live.models import KEPT, live_models
from spymaster.live.seal import captured_files, write_begun
from spymaster.live.statements import quoted
from spymaster.published import ask_rows, open_published, relations_of

_QUERIES = Path(__file__).parent / "queries"
_CALIBRATIONS = ("steps.physics_calibration_modes", "steps.turn_calibration")
# the mode of a day for which too few earlier sessions are built
_OF_ITSELF = "intraday_expanding"

# what rests on it rests on decisions of earlier days and their outcomes
_LIBRARY = "gold.retrieval_families"


def is_known(lake: Lake, symbol: str, day: dt.date, sources: Iterable[Source] = ()) -> bool:
    """Return whether the published file knows a contract-day, with the records that may come.

    Args:
        lake: whose published file is asked.
        symbol: of the contract.
        day: UTC date.
        sources: of records that may come.

    Raises:
        SpymasterError: Nothing is published.
    """
    wanted = {table.dataset for source in sources for table in _tables_of(source, symbol)}
    with open_published(lake, require=["silver.contract_days"]) as published:
        known = published.execute(
            "select 1 from silver.contract_days "
            "where symbol = ? and dt = ? and book_source is not null",
            [symbol, day],
        ).fetchall()
        landed = ask_rows(published, _QUERIES / "landed.sql", {"symbol": symbol, "dt": day})
    return bool(known) and wanted <= {row["dataset_key"] for row in landed}


def is_scaled_by_itself(lake: Lake, symbol: str, day: dt.date) -> bool:
    """Return whether calibrations of a day are made of the day itself, for want of earlier ones.

    Raises:
        SpymasterError: Nothing is published.
    """
    with open_published(lake) as published:
        if not {*_CALIBRATIONS} <= relations_of(published):
            return False
        values = {"symbol": symbol, "dt": day}
        modes = ask_rows(published, _QUERIES / "calibration_modes.sql", values)
    return any(row["calibration_mode"] == _OF_ITSELF for row in modes)


class DayConstants(NamedTuple):
    """The models that live rows rest on and that know a day when it begins.

    Attributes:
        of_day: that are built with what they read, of which some has come of the day.
        of_library: that rest on moments of earlier days alone; nothing before them is built.
    """

    of_day: list[str]
    of_library: list[str]


def day_constants(lake: Lake) -> DayConstants:
    """Return what live models read that is neither live itself nor made second by second.

    Raises:
        SpymasterError: Nothing is published, or by a build of before live models.
    """
    with open_published(lake) as published:
        live = live_models(published)
        read = {name for model in live.values() for name in model.reads} - live.keys()
        texts = dict(
            published.execute("select relation, coalesce(sql, '') from meta.model_sql").fetchall()
        )
        named = {tuple(name.split(".", 1)): "" for name in texts}
        inputs = {
            name: {".".join(found) for found in named_in([text], named)}
            for name, text in texts.items()
        }
        constants = {name for name in read & texts.keys() if _is_constant(published, name)}
        of_library = {
            name
            for name in _behind(constants, inputs)
            if _LIBRARY in _behind({name}, inputs)
            and name not in live
            and _is_constant(published, name)
        }
    return DayConstants(*(sorted(map(_plain, x)) for x in (constants - of_library, of_library)))


def _behind(names: Collection[str], inputs: Mapping[str, Collection[str]]) -> set[str]:
    """Return models with all that they read."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(inputs.get(name, ()))
    return found


def _is_constant(published: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Return whether the rows of a relation belong to no second."""
    if name.startswith(f"{KEPT}."):
        return False
    described = published.execute(f"describe from {quoted(name)}").fetchall()
    return clock_of([column for column, *_ in described]) is None


def _plain(name: str) -> str:
    return name.partition(".")[2]


def open_day(
    lake: Lake, of: tuple[str, dt.date], runs: Iterable[Path], sources: Iterable[Source] = ()
) -> None:
    """Make a day known that has begun: land what has come of it, and build what it rests on.

    The partitions hold the day so far; those of sources of which nothing has come yet are empty.
    The day's own files take their place when it has ended.

    Args:
        lake: with earlier days.
        of: symbol of the contract, and UTC date.
        runs: what was captured of the day: definitions, statistics and status, and its book.
        sources: of records that may come.

    Raises:
        SpymasterError: Nothing has come, a file cannot be landed, or the build fails; the commands
            have said why.
    """
    symbol, day = of
    constants = day_constants(lake)
    wanted = [*(f"+{name}" for name in constants.of_day), *constants.of_library]
    files, landed = captured_files(lake, runs, [day])
    if not files and not landed:
        raise SpymasterError(f"{symbol} {day}", "nothing has come of it", "start when it trades")
    if files:
        _run(lake, ["land", "--overwrite", *map(str, files)])
    with landing_lock(lake):
        for source in sources:
            for table in _tables_of(source, symbol):
                partition = lake.bronze_partition(table.product_type, symbol, table.table, day)
                if read_manifest(partition) is None:
                    begin_partition(lake, write_begun(lake, source, day), table, symbol, day)
    # tests of what is not made yet would find it missing
    how = ["--exclude", "resource_type:unit_test", "--indirect-selection", "cautious"]
    _run(lake, ["build", "--select", *wanted, *how])


def _tables_of(source: Source, symbol: str) -> list[TableSchema]:
    """Return the tables of a contract in which the records of a source are landed."""
    return source.tables if source.product == symbol else []


def _run(lake: Lake, arguments: Sequence[str]) -> None:
    """Run a command of its own: a build holds its file, and dbt its process."""
    command = [sys.executable, "-c", "from spymaster.cli import main; main()", *arguments]
    environment = os.environ | {LAKE_VARIABLE: str(lake.root)}
    # standard output is for rows
    done = subprocess.run(  # noqa: S603 (its own program)
        command, env=environment, stdout=sys.stderr, check=False
    )
    if done.returncode:
        raise SpymasterError(
            f"spymaster {arguments[0]}", "failed, so that the day cannot begin", "see what it says"
        )
