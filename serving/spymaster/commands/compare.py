"""``spymaster compare``: the order flow of two files side by side."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S

from spymaster.commands.options import ClockTime

if TYPE_CHECKING:
    from spymaster.comparison.order_flow import OrderFlow
    from spymaster.comparison.table import ComparisonRow

_EXAMPLES = """\b
Examples:
  spymaster compare synthetic.mbo.dbn.zst real.mbo.dbn.zst
  spymaster compare synthetic.mbo.dbn.zst real.mbo.dbn.zst --start 11:00:00 --end 12:00:00
      --reference-start 18:00:00 --reference-end 19:00:00 --factor 2
"""


@click.command(name="compare", epilog=_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.option("--start", type=ClockTime(), help="Measure FILE from here, the lake's local time.")
@click.option("--end", type=ClockTime(), help="And up to here, exclusive.")
@click.option("--reference-start", type=ClockTime(), help="Measure REFERENCE from here.")
@click.option("--reference-end", type=ClockTime(), help="And up to here, exclusive.")
@click.option(
    "--factor",
    type=click.FloatRange(1, min_open=True),
    default=1.5,
    show_default=True,
    help="Ratio above which a difference is reported in words.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(
    file: Path,
    reference: Path,
    start: dt.time | None,
    end: dt.time | None,
    reference_start: dt.time | None,
    reference_end: dt.time | None,
    factor: float,
    as_json: bool,
) -> None:
    """Compare the order flow of FILE and REFERENCE, mbo DBN files of one contract each.

    Prints for both files, with the ratio: message mix, time between events, resting orders by
    distance from the touch, and the age of orders when cancelled. Then says in words where they
    differ. Snapshots count as book, not as messages. A typical use is a synthetic day against a
    real one.
    """
    from spymaster.comparison.table import compare, findings

    file_flow = _measure(file, start, end, "")
    reference_flow = _measure(reference, reference_start, reference_end, "reference-")
    rows = compare(file_flow, reference_flow)
    words = findings(rows, factor)
    if as_json:
        document = {
            "file": _summary(file, file_flow),
            "reference": _summary(reference, reference_flow),
            "rows": [asdict(row) | {"ratio": row.ratio} for row in rows],
            "findings": words,
        }
        click.echo(json.dumps(document, indent=1))
        return
    for name, path, flow in (
        ("file", file, file_flow),
        ("reference", reference, reference_flow),
    ):
        summary = _summary(path, flow)
        out.print(
            f"{name}: {summary['symbol'] or path}, {summary['messages']:,} messages, "
            f"{summary['first_ts_event']} to {summary['last_ts_event']} UTC",
            markup=False,
        )
    out.print(_table(rows, factor))
    for line in words:
        out.print(line, markup=False)


def _measure(path: Path, start: dt.time | None, end: dt.time | None, prefix: str) -> OrderFlow:
    from spymaster_ingest.dbn.reader import DbnFile

    from spymaster.clock import clock_of_lake
    from spymaster.comparison.order_flow import measure

    if (start is None) != (end is None):
        raise SpymasterError(
            f"--{prefix}start and --{prefix}end", "go together", "name both or neither"
        )
    file = DbnFile(path)
    if start is None or end is None:
        return measure(file)
    day = dt.datetime.fromtimestamp(file.header.start_ns // NS_PER_S, dt.UTC).date()
    seconds = clock_of_lake(Lake.from_environment()).time_range(day, start, end)
    return measure(file, (seconds.start_s * NS_PER_S, seconds.end_s * NS_PER_S))


def _summary(path: Path, flow: OrderFlow) -> dict[str, object]:
    from spymaster_ingest.dbn.census import iso

    return {
        "path": str(path),
        "symbol": flow.symbol,
        "messages": sum(flow.messages.values()),
        "first_ts_event": iso(flow.start_ns),
        "last_ts_event": iso(flow.end_ns),
    }


def _table(rows: list[ComparisonRow], factor: float) -> Table:
    from spymaster.comparison.table import number_text

    table = Table()
    for name in ("", "quantity", "unit"):
        table.add_column(name)
    for name in ("file", "reference", "ratio", f"more than {factor:g} times apart"):
        table.add_column(name, justify="right")
    group = ""
    for row in rows:
        if row.group != group and group:
            table.add_section()
        cells = (number_text(value) for value in (row.value, row.reference, row.ratio))
        verdict = "yes" if row.differs(factor) else ""
        table.add_row(
            row.group if row.group != group else "", row.quantity, row.unit, *cells, verdict
        )
        group = row.group
    return table
