"""``spymaster store``: fill, copy or clean up the partitions that builds share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import click
from spymaster_ingest.console import err, out, progress
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.access import build_lock
from spymaster_warehouse.settings.in_force import environment_of_lake
from spymaster_warehouse.store.address import STORE_VARIABLE
from spymaster_warehouse.store.from_environment import store_of_environment
from spymaster_warehouse.store.push import push
from spymaster_warehouse.store.store import Store
from spymaster_warehouse.store.upkeep import Selection, Watcher, collect_garbage, pull

_DAYS = "FIRST[:LAST]"

Days: TypeAlias = tuple[dt.date, dt.date] | None


def _days(_: click.Context, __: click.Parameter, value: str | None) -> Days:
    if value is None:
        return None
    first, _colon, last = value.partition(":")
    try:
        days = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    except ValueError as error:
        raise click.BadParameter(
            f"{value!r} is no day or range of days, for example 2025-10-01:2025-10-16"
        ) from error
    if days[0] > days[1]:
        raise click.BadParameter(f"{value!r} ends before it begins")
    return days


def _names(_: click.Context, __: click.Parameter, value: str) -> frozenset[str]:
    return frozenset(name.strip() for name in value.split(",") if name.strip())


def _selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose partitions."""
    for option in (
        click.option("--relations", default="", callback=_names, help="Only these: a,b,c."),
        click.option(
            "--symbols",
            default="",
            callback=_names,
            help="Only these contracts or roots: A,B,C.",
        ),
        click.option("--days", metavar=_DAYS, callback=_days, help="Only these UTC days."),
    ):
        command = option(command)
    return command


def _selection(days: Days, symbols: frozenset[str], relations: frozenset[str]) -> Selection:
    first, last = days or (None, None)
    return Selection(first, last, symbols, relations)


def _count(partitions: int) -> str:
    return "1 partition" if partitions == 1 else f"{partitions} partitions"


def _store() -> Store:
    with environment_of_lake(Lake.from_environment()):
        store = store_of_environment()
    if store is None:
        raise SpymasterError(
            STORE_VARIABLE, "is not set", "set it to a folder or to s3://bucket/prefix"
        )
    store.require_access()
    return store


@click.group("store")
def command() -> None:
    """Fill, copy or clean up the store of partitions at $SPYMASTER_STORE, which builds share.

    A build takes from it what another build has made, and adds what it makes.
    """


@command.command("push", short_help="Add what the lake has built.")
@_selecting
def push_command(days: Days, symbols: frozenset[str], relations: frozenset[str]) -> None:
    """Add the lake's partitions to the store, as they were built.

    A build with the store adds what it makes; this adds what was built without one.
    """
    store, lake = _store(), Lake.from_environment()
    with build_lock(lake, "spymaster store push"), _watching("adding") as watch:
        pushed = push(lake, store, _selection(days, symbols, relations), watch)
    out.print(f"{_count(pushed.added)} added to {store.address}", markup=False)
    if pushed.unnamed:
        err.print(
            f"{_count(pushed.unnamed)} left out: an older version built them, and did not keep "
            "what the store would call them (spymaster build --overwrite builds them again)",
            markup=False,
        )


@command.command("pull", short_help="Copy partitions to a folder.")
@_selecting
@click.argument("folder", type=click.Path(file_okay=False))
def pull_command(
    folder: str,
    days: Days,
    symbols: frozenset[str],
    relations: frozenset[str],
) -> None:
    """Copy partitions that this version can use to FOLDER, a store to build from offline."""
    store, target = _store(), Store(folder)
    target.require_access()
    with _watching("copying") as watch:
        copied = pull(store, target, _selection(days, symbols, relations), watch)
    out.print(f"{_count(copied)} copied to {folder}", markup=False)


@command.command("gc", short_help="Remove what this version cannot use.")
@_selecting
@click.option("--dry-run", is_flag=True, help="Remove nothing; only say how many.")
def gc_command(
    days: Days,
    symbols: frozenset[str],
    relations: frozenset[str],
    dry_run: bool,
) -> None:
    """Remove partitions that this version of kernels and libraries cannot use.

    Colleagues with another version lose theirs too, and compute them anew.
    """
    store = _store()
    selection = _selection(days, symbols, relations)
    with _watching("looking") as watch:
        found = collect_garbage(store, selection, watch, is_dry=dry_run)
    done = "would be removed" if dry_run else "removed"
    out.print(f"{_count(len(found))} {done}", markup=False)


@contextmanager
def _watching(what: str) -> Iterator[Watcher]:
    """Show the progress of a command over partitions."""
    with progress(unit="partitions") as bar:
        task = bar.add_task(what, total=None)
        yield lambda _: bar.advance(task)
