"""``spymaster land``: write DBN files as Parquet partitions."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from spymaster_ingest.console import err, out, progress
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.land import Outcome, land
from spymaster_ingest.landing.schema_questions import question_lines


class NamedPath(click.Path):
    """A path that is not empty; an empty path would mean the current directory."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str | bytes | os.PathLike[str]:
        """Return the path; an empty path is a usage error."""
        if value == "":
            self.fail("an empty path names nothing", param, ctx)
        return super().convert(value, param, ctx)


@click.command("land")
@click.option(
    "--allow-missing-definitions",
    is_flag=True,
    help="Where no definition is landed, accept the file's own symbols for outright futures.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace partitions made from other files or by other definitions.",
)
@click.argument("paths", nargs=-1, required=True, type=NamedPath(path_type=Path))
def command(paths: tuple[Path, ...], allow_missing_definitions: bool, overwrite: bool) -> None:
    """Land DBN files as Parquet partitions of the lake.

    PATHS are .dbn and .dbn.zst files, or folders searched for them. Prints one line per
    partition, then one line per schema landed: what it answers and what it does not. A bad file
    prints one line on stderr and lands nothing; the exit status is then 1.
    """
    from spymaster_warehouse.settings.file import read_settings

    lake = Lake.from_environment()
    read_settings(lake)
    with progress(unit="records") as bar:
        task = bar.add_task("landing", total=None)

        def show(outcome: Outcome) -> None:
            if isinstance(outcome, SpymasterError):
                err.print(f"error: {outcome}", style="bold red", markup=False)
            else:
                out.print(outcome.line(), markup=False)

        report = land(
            paths,
            lake,
            allow_missing_definitions=allow_missing_definitions,
            overwrite=overwrite,
            on_outcome=show,
            on_records=lambda records: bar.advance(task, records),
        )
    for line in question_lines(report.landed):
        out.print(line, markup=False)
    for note in report.notes:
        err.print(note, markup=False)
    if not report.ok:
        sys.exit(1)
