"""``spymaster build``: dbt build, then publish."""

from __future__ import annotations

import click
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake
from spymaster_warehouse.build import build_and_publish
from spymaster_warehouse.build_settings import (
    CLUSTER_VARIABLE,
    WORKERS_VARIABLE,
    settings_of_command,
)
from spymaster_warehouse.build_times import BuildTimes

from spymaster.commands.profile_table import print_profile
from spymaster.status.read import read_status
from spymaster.status.table import print_summary


@click.command(
    name="build",
    context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]},
    epilog="\b\nExamples:\n  spymaster build --select silver\n"
    "  spymaster build --vars '{start_date: 2025-10-01, symbols: [ESZ5]}'\n"
    "  spymaster build --workers 4\n"
    "  spymaster build --overwrite --select silver --vars '{start_date: 2025-10-01}'",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Rebuild the selected models' partitions although nothing changed: all, or those within "
    "the vars start_date, end_date and symbols.",
)
@click.option(
    "--profile", is_flag=True, help="Print where the time went, by relation, after the build."
)
@click.option(
    "--workers",
    metavar="N",
    help="Processes that make partitions, or `auto`: as many as cores and memory allow. By default "
    "dbt's own process makes them ($SPYMASTER_WORKERS).",
)
@click.option(
    "--on",
    metavar="ADDRESS",
    help="Dask cluster whose workers make partitions: its scheduler, as tcp://host:8786, or "
    "`local:N`. Needs the extra `cluster` ($SPYMASTER_ON).",
)
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    overwrite: bool,
    profile: bool,
    workers: str | None,
    on: str | None,
    dbt_arguments: tuple[str, ...],
) -> None:
    """Build new and changed partitions with `dbt build` and publish the result.

    All other arguments go to dbt. If a model or a test fails, nothing is published and the exit
    status is 1. Prints at the end what the lake holds and which contract-days cannot be used.
    """
    if workers and on:
        raise click.UsageError("--workers are of this machine, --on names others: give one of them")
    lake = Lake.from_environment()
    times = BuildTimes()
    # an option counts before the variable of the other, too
    wanted = {WORKERS_VARIABLE: "" if on else workers, CLUSTER_VARIABLE: "" if workers else on}
    with settings_of_command(wanted):
        published = build_and_publish(
            lake, dbt_arguments, command="spymaster build", overwrite=overwrite, times=times
        )
    if profile and times.relations:
        print_profile(times)
    out.print(f"published {published}", markup=False)
    print_summary(read_status(lake))
