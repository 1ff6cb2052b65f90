"""``spymaster compare-live``: what live runs made of a day beside its build."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from spymaster_ingest.console import err, out
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

if TYPE_CHECKING:
    from spymaster.live.compared import Compared

_EXAMPLE = """\b
Examples:
  spymaster compare-live 2025-10-16
  spymaster compare-live 2025-10-16 --symbol ESZ5 --run 2025-10-16T133000
"""


@click.command(name="compare-live", epilog=_EXAMPLE)
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE")
@click.option("--symbol", help="Raw symbol of the contract; all of the runs by default.")
@click.option("--run", "name", help="Name of a run; all runs of the lake by default.")
def command(day: dt.datetime, symbol: str | None, name: str | None) -> None:
    """Compare live rows and captured records of a UTC DATE with the build's and the landed ones.

    Rows are compared bit by bit, NULLs included, and count as often as they are there. Seconds that
    a run did not make are left out. Says of each relation how many rows differ, and where the first
    does. The exit status is 1 when anything differs.
    """
    compare_and_say(Lake.from_environment(), day.date(), symbol, name)


def compare_and_say(lake: Lake, day: dt.date, symbol: str | None, name: str | None) -> None:
    """Compare runs with the build and say what differs; the exit status is 1 when anything does.

    Args:
        lake: with the runs.
        day: UTC date.
        symbol: of the contract; None for all.
        name: of a run; None for all.

    Raises:
        SpymasterError: There is no such run, or no second that the build has.
    """
    # imported late: they load the kernels
    from spymaster.live.capture import RUN
    from spymaster.live.compared import compare_run
    from spymaster.live.compared_records import compare_records
    from spymaster.live.run_folder import RunFolder

    runs = sorted(
        folder for folder in lake.live.glob("*") if folder.is_dir() and name in (None, folder.name)
    )
    if not runs:
        raise SpymasterError(
            lake.live / (name or ""), "holds no live run", "run `spymaster live` first"
        )
    found = []
    for one, of_symbol in _runs_of_symbols(runs, day, symbol).items():
        for run in of_symbol:
            parts = [part for part in RunFolder(run).captures if (part / RUN).exists()]
            compared = compare_run(lake, run, (one, day))
            compared += compare_records(lake, parts, (one, day))
            found += [(one, run.name, x) for x in compared]
    _say(found, f"{symbol or 'any contract'} {day}")


def _say(found: list[tuple[str, str, Compared]], what: str) -> None:
    if not sum(compared.n_rows for *_, compared in found):
        raise SpymasterError(
            what,
            "no live run has rows of seconds that the build has",
            "name a day that ran live and is built",
        )
    table = Table("contract", "run", "relation", "rows", "different")
    for one, run_name, compared in found:
        counts = (f"{compared.n_rows:,}", f"{compared.n_different:,}")
        table.add_row(one, run_name, compared.relation, *counts)
    err.print(table)
    for one, run_name, compared in found:
        if compared.example:
            line = f"{one} {run_name} {compared.relation}, first at {compared.example}"
            err.print(line, markup=False, soft_wrap=True)
    n_rows = sum(compared.n_rows for *_, compared in found)
    n_relations = len({compared.relation for *_, compared in found})
    n_different = sum(compared.n_different for *_, compared in found)
    how = (
        f"{n_different:,} differ from the build" if n_different else "every row equals the build's"
    )
    out.print(f"{n_rows:,} rows of {n_relations} relations: {how}", markup=False, soft_wrap=True)
    if n_different:
        sys.exit(1)


def _runs_of_symbols(runs: list[Path], day: dt.date, symbol: str | None) -> dict[str, list[Path]]:
    """Return the runs that wrote rows of a UTC date, by contract."""
    from spymaster.live.compared import symbols_of_run

    found: dict[str, list[Path]] = {}
    for run in runs:
        for name in symbols_of_run(run, day):
            if symbol in (None, name):
                found.setdefault(name, []).append(run)
    return dict(sorted(found.items()))
