"""``spymaster generate``: write a synthetic market as DBN files."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click

from spymaster.console import out as console
from spymaster.console import progress
from spymaster.errors import SpymasterError

_EXAMPLES = """\b
Examples:
  spymaster generate --hours 0.25 --out lake/raw                             a small day
  spymaster generate --hours 3 --scale 26.5 --schemas mbo --out lake/raw     20 M records
"""


@click.command(short_help="Write a synthetic market as DBN files.", epilog=_EXAMPLES)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same files.")
@click.option(
    "--days", type=click.IntRange(1), default=1, show_default=True, help="Trading days to write."
)
@click.option("--start-date", help="First date, YYYY-MM-DD (UTC).  [default: 2025-10-01]")
@click.option(
    "--scale", type=float, default=1.0, show_default=True, help="Multiplies all event rates."
)
@click.option(
    "--hours",
    type=float,
    default=1.0,
    show_default=True,
    help="Length of the dense period from 09:25 New York.",
)
@click.option(
    "--schemas",
    default="mbo,definition,trades",
    show_default=True,
    help="What to write, separated by commas.",
)
@click.option("--root", default="ES", show_default=True, help="Product root.")
@click.option(
    "--contracts",
    default="front",
    show_default=True,
    help="Contracts in the record files: front, next, spread, separated by commas.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
@click.option(
    "--out",
    "out_dir",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Raw store to write to, usually $SPYMASTER_LAKE/raw.",
)
def command(
    seed: int,
    days: int,
    start_date: str | None,
    scale: float,
    hours: float,
    schemas: str,
    root: str,
    contracts: str,
    as_json: bool,
    out_dir: Path,
) -> None:
    """Write a synthetic market as DBN files.

    Futures market by order with its definitions and trades, one file per day and schema, in
    the layout of the raw store. The same options give the same bytes. A file that is there with
    other content is never replaced: then nothing is written and the exit status is 1.
    """
    from spymaster.synthetic import (
        DEFAULT_START_DATE,
        SessionPlan,
        SyntheticMarket,
        expected_records,
        load_product,
        trading_days,
        write_days,
    )
    from spymaster.synthetic.dbn_files import content_hash

    market = SyntheticMarket(load_product(root), seed, SessionPlan(hours=hours, scale=scale))
    dates = trading_days(_date(start_date) if start_date else DEFAULT_START_DATE, days)
    with progress(unit="records") as bar:
        total = sum(expected_records(market, day) for day in dates)
        task = bar.add_task("generating", total=total)
        files = write_days(
            market,
            dates,
            out_dir,
            schemas=_names(schemas),
            contracts=_names(contracts),
            on_day=lambda day: bar.update(task, description=f"generating {day}"),
            on_records=lambda count: bar.advance(task, count),
        )
    total_hash = content_hash(files, out_dir)
    rows = [
        {
            "path": file.path.relative_to(out_dir).as_posix(),
            "schema": file.schema,
            "records": file.record_count,
            "bytes": file.byte_count,
            "sha256": file.content_hash,
            "status": "written" if file.is_new else "unchanged",
        }
        for file in files
    ]
    if as_json:
        click.echo(json.dumps({"files": rows, "content_hash": total_hash}, indent=2))
        return
    for row in rows:
        console.print(f"{row['path']}: {row['records']:,} records {row['status']}", markup=False)
    console.print(f"content hash {total_hash}", markup=False)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise SpymasterError(repr(text), "names nothing", "separate names by commas")
    return list(dict.fromkeys(names))


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise SpymasterError(repr(text), "is not a date", "write YYYY-MM-DD") from error
