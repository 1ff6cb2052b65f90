"""``spymaster verify``: check the lake against its manifests."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from spymaster_ingest.console import out, progress
from spymaster_ingest.lake import Lake

from spymaster.row_checks import FailedCheck, failed_checks
from spymaster.verify import verify

_REMEDY = (
    "what lies in bronze: land its file again with `spymaster land --overwrite`; "
    "what lies in silver or indexes, and warehouse.duckdb: remove the file and run "
    "`spymaster build`; spymaster.duckdb: `spymaster publish`"
)


_REMEDY_OF_ROWS = (
    "rows that fail a check were built by another version, or changed since: "
    "`spymaster build --overwrite --select RELATION` makes them anew"
)


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--values", is_flag=True, help="Also run every check of rows over the whole history.")
def command(as_json: bool, values: bool) -> None:
    """Re-hash the lake against its manifests and open every published relation.

    The warehouse has a hash from a publication until something opens it for writing; without one
    every value of it is read.

    With --values it also reads all rows of the published file, one partition at a time, and runs
    the checks with which the relations were built.

    Lists every file that differs and every check that rows fail. The exit status is 1 if a file
    differs or rows fail a check, else 0; a check that only warns in a build only warns here.
    """
    lake = Lake.from_environment()
    with progress(unit="files") as bar:
        task = bar.add_task("verifying", total=None)
        report = verify(lake, on_file=lambda files: bar.advance(task, files))
    failed = _failed_checks(lake) if values else []
    ok = report.ok and all(check.is_warning for check in failed)
    if as_json:
        found = {"failed_checks": [asdict(check) for check in failed]} if values else {}
        click.echo(json.dumps({"ok": ok, **asdict(report), **found}, indent=1))
    else:
        for difference in report.differences:
            out.print(f"{difference.path}: {difference.reason}", markup=False)
        for note in report.not_compared:
            out.print(f"{note.path}: {note.reason}", markup=False)
        state = f"{len(report.differences)} differ" if report.differences else "all as landed"
        out.print(f"{report.files} files, {report.bytes / 1e6:.1f} MB hashed: {state}")
        if report.without_hash:
            out.print(f"{report.without_hash} files were written before hashes were kept of them")
        for check in failed:
            out.print(_line_of(check), markup=False)
        if values:
            relations = len({check.relation for check in failed})
            out.print(f"rows of {relations} relations fail a check" if failed else "all rows pass")
        if not report.ok:
            out.print(_REMEDY)
        if failed:
            out.print(_REMEDY_OF_ROWS)
    if not ok:
        sys.exit(1)


def _failed_checks(lake: Lake) -> list[FailedCheck]:
    with progress(unit="partitions") as bar:
        task = bar.add_task("checking rows", total=None)
        return list(failed_checks(lake, on_query=lambda queries: bar.advance(task, queries)))


def _line_of(check: FailedCheck) -> str:
    where = f"{check.relation} {check.partition}" if check.partition else check.relation
    kind = "a warning" if check.is_warning else "a check"
    return f"{where}: {check.rows} rows fail {kind}: {check.check}"
