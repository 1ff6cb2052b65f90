"""``spymaster verify``: check the lake against its manifests."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from spymaster_ingest.console import out, progress
from spymaster_ingest.lake import Lake

from spymaster.verify import verify

_REMEDY = (
    "what lies in bronze: land its file again with `spymaster land --overwrite`; "
    "what lies in silver or indexes, and warehouse.duckdb: remove the file and run "
    "`spymaster build`; spymaster.duckdb: `spymaster publish`"
)


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def command(as_json: bool) -> None:
    """Re-hash the lake against its manifests and open every published relation.

    The warehouse has a hash from a publication until something opens it for writing; without one
    every value of it is read.

    Lists every file that differs. The exit status is 1 if a file differs, else 0.
    """
    lake = Lake.from_environment()
    with progress(unit="files") as bar:
        task = bar.add_task("verifying", total=None)
        report = verify(lake, on_file=lambda files: bar.advance(task, files))
    if as_json:
        click.echo(json.dumps({"ok": report.ok, **asdict(report)}, indent=1))
    else:
        for difference in report.differences:
            out.print(f"{difference.path}: {difference.reason}", markup=False)
        for note in report.not_compared:
            out.print(f"{note.path}: {note.reason}", markup=False)
        state = f"{len(report.differences)} differ" if report.differences else "all as landed"
        out.print(f"{report.files} files, {report.bytes / 1e6:.1f} MB hashed: {state}")
        if report.without_hash:
            out.print(f"{report.without_hash} files were written before hashes were kept of them")
    if not report.ok:
        if not as_json:
            out.print(_REMEDY)
        sys.exit(1)
