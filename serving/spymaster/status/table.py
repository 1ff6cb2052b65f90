"""Print what a lake holds: tables for `spymaster status`, two or three lines after a build."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from rich import box
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_ingest.dbn.layouts import MBO
from spymaster_ingest.landing.schema_questions import question_lines
from spymaster_ingest.landing.table_schemas import FUTURE, RELATIONS_OF_SCHEMAS
from spymaster_ingest.plain_text import shortened

from spymaster.book_source import without_orders
from spymaster.published import Row
from spymaster.status.read import Partition, Status

# share of usable seconds below which a contract-day prints the reason
_FEW = 0.5
# contract-days to list; beyond it they are counted, unless few of their seconds are usable
_LISTED = 31
_WARNED = 10


class _Cause(NamedTuple):
    words: str
    remedy: str


_AGAIN = "fetch and land the day's file again: records of it are missing"
_CAUSES = {
    "no_snapshot": _Cause(
        "no snapshot", "land the day's file from its start at 00:00 UTC, which holds the snapshot"
    ),
    "reset": _Cause("reset", _AGAIN),
    "maybe_bad_book": _Cause("book marked as bad by the vendor", _AGAIN),
    "no_quotes": _Cause("book locked, crossed or with an empty side", _AGAIN),
    "not_trading": _Cause(
        "not in continuous trading",
        "land the day's file of schema status, or look at its hours in silver.trading_intervals",
    ),
    "unknown_cancels": _Cause("too many cancels of unknown orders", _AGAIN),
    "silent": _Cause("silent", "see silver.recording_gaps, and " + _AGAIN),
}


def warnings(status: Status) -> list[str]:
    """Return a line with a remedy for each contract-day without a usable second."""
    lines = []
    for day in status.days:
        if day["usable_seconds"] == 0:
            cause = max(_CAUSES, key=day.__getitem__)
            lines.append(
                f"{day['symbol']} {day['dt']}: 0 of {day['seconds']:,} seconds usable: "
                f"{_why(day)} ({_CAUSES[cause].remedy})"
            )
    return lines


def orders_missing(status: Status) -> str | None:
    """Return what is not known of the landed days whose book is market by price; None without."""
    found: dict[str, set[tuple[dt.date, str]]] = {
        table: {
            (partition.dt, partition.symbol)
            for partition in status.landed
            if (partition.product_type, partition.table) == ("future", table)
        }
        for table in ("mbo", "market_by_price_10")
    }
    days = sorted(found["market_by_price_10"] - found["mbo"])
    if not days:
        return None
    day, symbol = days[0]
    more = f" and {_count(len(days) - 1, 'more contract-day')}" if len(days) > 1 else ""
    return without_orders(f"{symbol} {day}{more}")


def print_status(status: Status, *, every_day: bool = False) -> None:
    """Print the whole status.

    Args:
        status: what the lake holds.
        every_day: whether to list every contract-day, however many.
    """
    if not status.landed and status.published_at is None:
        out.print(
            f"{status.root}: nothing is landed (`spymaster land FILES`, or `spymaster demo`)",
            markup=False,
        )
        _print_unreadable(status)
        return
    out.print(f"{status.root}", markup=False, style="bold")
    if status.landed:
        out.print(_landed_table(status.landed))
        _print_questions(status.landed)
    _print_unreadable(status)
    for line in _setting_lines(status):
        out.print(line, markup=False)
    remote = sum(partition.is_remote for partition in status.landed)
    if remote:
        out.print(f"the records of {_count(remote, 'partition')} lie in the bronze storage")
    lacking = orders_missing(status)
    if lacking:
        out.print(lacking, markup=False)
    if status.published_at is None:
        out.print(f"nothing is built: `spymaster build` builds {len(status.new)} partitions")
        return
    out.print(f"published {status.published_at:%Y-%m-%d %H:%M:%S} UTC")
    if status.days:
        _print_days(status.days, every_day=every_day)
    for line in _gold_lines(status):
        out.print(line)
    for row in status.verdicts:
        out.print(
            f"  {row['root']} {row['approach_dir']}{_phase(row)} {row['horizon_id']} "
            f"{row['model']}: "
            f"{row['verdict']} ({row['n_days']} days, {row['n_episodes']:,} approaches)",
            markup=False,
        )
    out.print(_build_line(status))
    _print_warnings(status)


def _phase(verdict: Row) -> str:
    """Return the phase of a verdict in words; nothing while price approaches."""
    phase = verdict.get("decision_phase", "approaching")
    return "" if phase == "approaching" else f" ({phase})"


def print_summary(status: Status) -> None:
    """Print the short form, which closes a build."""
    for line in (_seconds_line(status.days), *_gold_lines(status)):
        out.print(line)
    _print_warnings(status)


def _print_warnings(status: Status) -> None:
    lines = warnings(status)
    for line in lines[:_WARNED]:
        out.print(f"warning: {line}", style="yellow", markup=False)
    if len(lines) > _WARNED:
        out.print(f"warning: and {len(lines) - _WARNED} more contract-days without a usable second")


def _print_unreadable(status: Status) -> None:
    for path in status.unreadable:
        out.print(f"{path}: is unfinished or has no manifest: land it again", markup=False)


def _landed_table(landed: list[Partition]) -> Table:
    days: dict[tuple[str, ...], list[Partition]] = defaultdict(list)
    for partition in landed:
        key = (partition.product_type, partition.symbol, ", ".join(partition.schemas))
        days[key].append(partition)
    table = Table(box=box.SIMPLE, title="landed", title_justify="left")
    for name in ("product", "symbol", "schema", "days", "first", "last"):
        table.add_column(name, justify="right" if name == "days" else "left")
    for names, partitions in sorted(days.items()):
        dates = [partition.dt for partition in partitions]
        table.add_row(*names, str(len(dates)), str(min(dates)), str(max(dates)))
    return table


def _print_questions(landed: list[Partition]) -> None:
    """Print what contract-days without orders answer, a line per schema."""
    futures = [partition for partition in landed if partition.product_type == FUTURE]
    with_orders = {(each.symbol, each.dt) for each in futures if MBO.schema in each.schemas}
    others = [each for each in futures if (each.symbol, each.dt) not in with_orders]
    if not others:
        return
    days = len({(each.symbol, each.dt) for each in others})
    out.print(f"{_count(days, 'contract-day')} without {MBO.schema}:")
    schemas = {(schema, FUTURE) for each in others for schema in each.schemas}
    relations = {
        (key[0], RELATIONS_OF_SCHEMAS[key]) for key in schemas & RELATIONS_OF_SCHEMAS.keys()
    }
    for line in question_lines(relations):
        out.print(f"  {line}", markup=False)


def _print_days(days: list[Row], *, every_day: bool) -> None:
    listed = days
    if len(days) > _LISTED and not every_day:
        listed = [day for day in days if _share(day) < _FEW]
    out.print(_seconds_line(days))
    if len(listed) < len(days):
        out.print(f"{len(days) - len(listed)} contract-days of them are listed with --all only")
    if not listed:
        return
    table = Table(box=box.SIMPLE)
    for name in ("symbol", "dt", "seconds", "usable", "", "why not", "gaps"):
        table.add_column(name, justify="left" if name in ("symbol", "dt", "why not") else "right")
    for day in listed:
        gaps = f"{day['gaps']} ({day['gap_s']:,} s)" if day["gaps"] else ""
        table.add_row(
            day["symbol"],
            str(day["dt"]),
            f"{day['seconds']:,}",
            f"{day['usable_seconds']:,}",
            f"{_share(day):.0%}",
            _why(day) if _share(day) < _FEW else "",
            gaps,
        )
    out.print(table)


def _seconds_line(days: list[Row]) -> str:
    if not days:
        return "no contract-day is built"
    usable, seconds = (sum(day[name] for day in days) for name in ("usable_seconds", "seconds"))
    return (
        f"{_count(len(days), 'contract-day')}: {usable:,} of {seconds:,} seconds usable "
        f"({usable / seconds:.1%})"
    )


def _gold_lines(status: Status) -> Iterator[str]:
    episodes = sum(row["episodes"] for row in status.episodes)
    moments = sum(row["n_vectors"] for row in status.libraries)
    days = max((row["days"] for row in status.libraries), default=0)
    yield (
        f"{_count(episodes, 'approach')} to levels; "
        f"library: {_count(moments, 'moment')} on {_count(days, 'day')}"
    )
    if not status.verdicts:
        yield "evaluation: none (`spymaster evaluate`)"
        return
    useful = sum(row["verdict"] == "useful" for row in status.verdicts)
    (formed,) = status.verdict_days or [{"first_dt": None, "last_dt": None}]
    when = (
        f", formed for each day from {formed['first_dt']} to {formed['last_dt']}"
        if formed["last_dt"]
        else ""
    )
    yield f"evaluation: {useful} of {_count(len(status.verdicts), 'verdict')} useful{when}"


def _build_line(status: Status) -> str:
    parts = [
        f"{len(paths)} {name}"
        for name, paths in (
            ("new", status.new),
            ("changed", status.changed),
            ("removed", status.vanished),
        )
        if paths
    ]
    if not parts:
        return "nothing was landed since: a build would rebuild what changed models or vars affect"
    return f"landed since then: {', '.join(parts)} partitions (`spymaster build`)"


def _setting_lines(status: Status) -> Iterator[str]:
    """Yield a line for each setting that is not the default, or not that of the last build."""
    for name, value in status.settings.items():
        yield f"setting {name}: {_value(value)}"
    for name, (before, now) in status.built_otherwise.items():
        yield (
            f"setting {name}: {_value(now)}, but the relations were built with {_value(before)}: "
            "a build makes those that depend on it again"
        )


def _value(value: Any) -> str:
    return shortened(json.dumps(value))


def _share(day: Row) -> float:
    return day["usable_seconds"] / day["seconds"]


def _why(day: Row) -> str:
    """Return the reasons why seconds are not usable, the most frequent first."""
    causes = sorted((name for name in _CAUSES if day[name] > 0), key=lambda name: -day[name])
    return ", ".join(f"{_CAUSES[name].words} {day[name]:.0%}" for name in causes)


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}{'es' if noun.endswith('ch') else 's'}"
