"""``spymaster generate``: write a synthetic market as DBN files."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from spymaster_ingest.console import out as console
from spymaster_ingest.console import progress
from spymaster_ingest.errors import SpymasterError

if TYPE_CHECKING:
    from spymaster_ingest.synthetic import DayResult

_EXAMPLES = """\b
Examples:
  spymaster generate --hours 0.25 --out lake/raw                             a small day
  spymaster generate --schemas mbo,definition,option-mbo --out lake/raw      with options
  spymaster generate --hours 3 --scale 26.5 --schemas mbo --out lake/raw     20 M records
  spymaster generate --days 60 --hours 3.2 --workers 2 --out lake/raw        to evaluate on
  spymaster generate --hours 3 --mechanisms 0.5 --out lake/raw               minutes of defence
  spymaster generate --hours 0.5 --agents 10 --out lake/raw                  algorithms
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
    help="Schemas to write, separated by commas; also mbp-10, bbo-1s, statistics, status, and for "
    "options on the front contract option-mbo, option-trades, option-bbo-1s, option-statistics.",
)
@click.option("--root", default="ES", show_default=True, help="Product root.")
@click.option(
    "--contracts",
    default="front",
    show_default=True,
    help="Contracts in the record files, separated by commas: front, next, spread, expiring (the "
    "front contract until the roll, on the days before its expiry).",
)
@click.option(
    "--null", is_flag=True, help="Outcomes at the levels do not depend on the order flow before."
)
@click.option(
    "--mechanisms",
    type=float,
    default=0.0,
    show_default=True,
    help="Share, from 0 to 1, of the approaches before which the level's defenders withdraw, are "
    "eaten or absorb the attacks for minutes: barrier_pulled, barrier_eaten, barrier_absorbs.",
)
@click.option(
    "--agents",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Algorithms of known size, period and delay to plant: periodic, requoter, withdrawer, "
    "reactor, iceberg, in turn on bid and ask. truth_agents lists them.",
)
@click.option("--damage", help="Damage to add, separated by commas: gap, clear, halt.")
@click.option(
    "--snapshot", help="How files open: clear, adds, adds_without_last or none.  [default: clear]"
)
@click.option(
    "--truth/--no-truth",
    default=True,
    show_default=True,
    help="Also write the planted truth, and print how realistic the days are.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Number of processes; the files do not depend on it.",
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
    null: bool,
    mechanisms: float,
    agents: int,
    damage: str | None,
    snapshot: str | None,
    truth: bool,
    workers: int,
    as_json: bool,
    out_dir: Path,
) -> None:
    """Write a synthetic market as DBN files.

    Writes futures market by order with definitions and trades, and on demand the schemas that
    venue and vendor derive from it, options included: one file per day and schema, in the layout
    of the raw store. Definitions always cover futures and options. truth/ holds what only the
    generator knows. The same command options give the same bytes. A raw file with other content
    is never replaced: then nothing is written and the exit status is 1.
    """
    from spymaster_ingest.synthetic import (
        DEFAULT_START_DATE,
        SessionPlan,
        SignatureSettings,
        SyntheticMarket,
        expected_records,
        load_product,
        trading_days,
        write_days,
    )
    from spymaster_ingest.synthetic.damage import damage_of
    from spymaster_ingest.synthetic.dbn_files import hash_of_dbn_files

    plan = SessionPlan(hours=hours, scale=scale)
    market = SyntheticMarket(
        load_product(root),
        seed,
        plan,
        signatures=SignatureSettings().with_mechanisms(mechanisms),
        null=null,
        damage=damage_of(_names(damage) if damage else []),
        snapshot=snapshot,
        agents=agents,
    )
    dates = trading_days(_date(start_date) if start_date else DEFAULT_START_DATE, days, root)
    results: list[DayResult] = []
    with progress(unit="records") as bar:
        total = sum(expected_records(market, day) for day in dates)
        task = bar.add_task("generating", total=total)

        def note(result: DayResult) -> None:
            results.append(result)
            bar.update(task, description=f"generated {result.day}")
            bar.advance(task, result.records)

        files = write_days(
            market,
            dates,
            out_dir,
            schemas=_names(schemas),
            contracts=_names(contracts),
            truth=truth,
            workers=workers,
            on_day=note,
        )
    total_hash = hash_of_dbn_files(files, out_dir)
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
        report = [
            {"dt": result.day.isoformat(), "quantity": f.quantity, "target": f.target}
            | {"value": f.value, "pass": f.is_met}
            for result in results
            for f in result.findings
        ]
        document = {"files": rows, "report": report, "content_hash": total_hash}
        click.echo(json.dumps(document, indent=2))
        return
    for row in rows:
        console.print(f"{row['path']}: {row['records']:,} records {row['status']}", markup=False)
    for result in results:
        if result.findings:
            console.print(report_table(result))
    console.print(f"content hash {total_hash}", markup=False)


def report_table(result: DayResult) -> Table:
    """Return the realism of a day as a table."""
    table = Table(title=f"realism of {result.day}", title_justify="left")
    for name in ("quantity", "target", "value", "pass"):
        table.add_column(name, justify="left" if name == "quantity" else "right")
    for finding in result.findings:
        value = "" if finding.value is None else f"{finding.value:.3f}".rstrip("0").rstrip(".")
        verdict = {True: "yes", False: "NO", None: "not measured"}[finding.is_met]
        table.add_row(finding.quantity, finding.target, value, verdict)
    return table


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
