"""A day that begins: what its live rows rest on, made by a build of what has come of it so far."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_warehouse.jobs.names import named_in

from spymaster.live.clock import clock_of
from spymaster.live.models import KEPT, live_models
from spymaster.live.statements import quoted
from spymaster.published import open_published

# what rests on it rests on decisions of earlier days and their outcomes
_LIBRARY = "gold.retrieval_families"


def is_known(lake: Lake, symbol: str, day: dt.date) -> bool:
    """Return whether the published file knows a contract-day.

    Raises:
        SpymasterError: Nothing is published.
    """
    with open_published(lake, require=["silver.contract_days"]) as published:
        return bool(
            published.execute(
                "select 1 from silver.contract_days "
                "where symbol = ? and dt = ? and book_source is not null",
                [symbol, day],
            ).fetchall()
        )


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


def open_day(lake: Lake, files: Sequence[Path]) -> None:
    """Make a day known that has begun: land what has come of it, and build what it rests on.

    The partitions hold the day so far. The day's own files take their place when it has ended.

    Args:
        lake: with earlier days.
        files: DBN files of what has come: definitions, statistics and status, and records of each
            product and schema that the day will have.

    Raises:
        SpymasterError: A file cannot be landed, or the build fails; the commands have said why.
    """
    constants = day_constants(lake)
    wanted = [*(f"+{name}" for name in constants.of_day), *constants.of_library]
    _run(lake, ["land", "--overwrite", *map(str, files)])
    # tests of what is not made yet would find it missing
    how = ["--exclude", "resource_type:unit_test", "--indirect-selection", "cautious"]
    _run(lake, ["build", "--select", *wanted, *how])


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
