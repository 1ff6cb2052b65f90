"""``python -m bench.big_day``: a live session over a synthetic day of some 20 M records.

Adds a day to the lake of `$SPYMASTER_LAKE`, made for this and with earlier days (those of the
demonstration): a small day of the same date is landed and what live rows rest on is built, as a
live run does in the morning; then the large one takes its place. Nothing else of it is built.

Prints how many times faster than real time it goes by, over the session and in its busiest ten
minutes, and in these, second by second, how long after the close of a second its payload is there.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click
import duckdb
import numpy as np
from spymaster.live.days import replayed_day
from spymaster.live.feeds import SystemClock
from spymaster.live.opening import day_constants
from spymaster.live.pace import is_last_together
from spymaster.live.replay import Replay
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from spymaster_ingest.synthetic import STANDARD_SCHEMAS
from spymaster_ingest.units import NS_PER_S, epoch_ns

from bench.builds import Row, at_most, report
from bench.inputs import OUT
from bench.machine import machine_line
from bench.measure import CORES, peak_bytes, thread_environment

PAYLOAD = "gold.level_signals"
# hours of dense trading and scale of the day that is there when it is opened
_BEGUN = ("--hours", "0.1", "--scale", "0.05")
_BUSIEST = dt.timedelta(minutes=10)
_TIMES_BUSIEST, _TIMES_SESSION = 4, 10
_MEDIAN_MS, _MOST_MS, _MEMORY_MB = 300, 700, 2_500

Span = tuple[dt.datetime, dt.datetime]
IsDue = Callable[[dt.datetime], bool]


class Passed(NamedTuple):
    """Seconds of a session as they went by.

    Attributes:
        at: when each step ended, UTC, without a zone; shape (steps,).
        wall_s: when it was made, s since the first one; shape (steps,).
        latency_ms: from the close of its last second on; shape (steps,).
        cpu_s: processor seconds since the first one, of all threads; shape (steps,).
    """

    at: list[dt.datetime]
    wall_s: np.ndarray
    latency_ms: np.ndarray
    cpu_s: np.ndarray

    def times_real(self, span: Span) -> float:
        """Return how many times faster than real time a span of the steps went by."""
        inside = [n for n, at in enumerate(self.at) if span[0] <= at <= span[1]]
        first, last = inside[0], inside[-1]
        took_s = self.wall_s[last] - self.wall_s[first]
        return float((self.at[last] - self.at[first]).total_seconds() / took_s)


@click.command()
@click.option("--dt", "day", default="2025-10-17", show_default=True, help="A further date.")
@click.option("--hours", default=6.5, show_default=True, help="Dense period, from 09:25 New York.")
@click.option("--scale", default=13.0, show_default=True, help="Multiplies all event rates.")
@click.option("--seed", default=7, show_default=True, help="That of the earlier days.")
@click.option("--made", is_flag=True, help="The day is in the lake already.")
@click.option("--busiest-only", is_flag=True, help="Leave out the session.")
def main(day: str, hours: float, scale: float, seed: int, made: bool, busiest_only: bool) -> None:
    """Make the day, and measure it."""
    machine = machine_line(CORES)
    lake, date = Lake.from_environment(), dt.date.fromisoformat(day)
    if not made:
        make_day(lake, date, hours, scale, seed)
    symbol, _, start, end = replayed_day(lake, None, date)
    per_minute = records_by_minute(lake, symbol, date)
    busiest = busiest_minutes(per_minute, (start, end))
    n_busiest = sum(n for at, n in per_minute.items() if busiest[0] <= at < busiest[1])
    of = (symbol, date)
    rows: list[Row] = []
    if not busiest_only:
        whole = passed(lake, of, (start, end), is_last_together)
        times = whole.times_real((start, end))
        rows.append(at_least("session, times real time", times, _TIMES_SESSION))
    fast = passed(lake, of, busiest, is_last_together)
    times = fast.times_real(busiest)
    rows.append(at_least("busiest ten minutes, times real time", times, _TIMES_BUSIEST))
    one_by_one = passed(lake, of, busiest, lambda _: True)
    each = one_by_one.latency_ms[1:]
    rows.append(at_most("a second to its payload, ms, median", float(np.median(each)), _MEDIAN_MS))
    rows.append(
        at_most("a second to its payload, ms, 99 %", float(np.quantile(each, 0.99)), _MOST_MS)
    )
    rows.append(at_most("peak memory, MB", peak_bytes() / 1e6, _MEMORY_MB))
    # of another machine, or of one on which other programs run
    used = {"many together": fast, "one by one": one_by_one}
    n_seconds = _BUSIEST.total_seconds()
    rows += [
        (
            f"busiest ten minutes {how}, processor s a second",
            float(x.cpu_s[-1]) / n_seconds,
            "",
            None,
        )
        for how, x in used.items()
    ]
    facts = {
        "records": sum(per_minute.values()),
        "records a second in the busiest minutes": n_busiest / n_seconds,
    }
    title = f"{symbol} {date}: " + ", ".join(f"{n:,.0f} {what}" for what, n in facts.items())
    OUT.mkdir(parents=True, exist_ok=True)
    report(title, machine, rows, "big_day.json", **facts)


def at_least(what: str, value: float, goal: float) -> Row:
    """Return a row of the table that must not fall below a goal."""
    return what, value, f">= {goal:g}", value >= goal


def make_day(lake: Lake, day: dt.date, hours: float, scale: float, seed: int) -> None:
    """Open a day with few records, then land the large day of the same date in its place."""
    pace = ("--hours", str(hours), "--scale", str(scale))
    schemas = ",".join(STANDARD_SCHEMAS)
    for name, of_day in (("begun", _BEGUN), ("whole", pace)):
        raw = lake.root / "raw" / name
        _run(
            lake,
            *("generate", "--start-date", str(day), "--seed", str(seed), *of_day),
            *("--schemas", schemas, "--no-truth", "--out", str(raw)),
        )
        if name == "begun":
            constants = day_constants(lake)
        _run(lake, "land", "--overwrite", str(raw))
        if name == "begun":
            wanted = [*(f"+{x}" for x in constants.of_day), *constants.of_library]
            how = ("--exclude", "resource_type:unit_test", "--indirect-selection", "cautious")
            _run(lake, "build", "--quiet", "--select", *wanted, *how)


def records_by_minute(lake: Lake, symbol: str, day: dt.date) -> dict[dt.datetime, int]:
    """Return the records of orders of the future and of options, by the minute of their event."""
    files = [
        str(path)
        for kind in ("future", "future_option")
        for path in lake.bronze_partition(kind, symbol, "mbo", day).glob("*.parquet")
    ]
    with duckdb.connect() as connection:
        found = connection.execute(
            "select time_bucket(interval 1 minute, cast(ts_event as timestamp)) as minute_ts, "
            "count(*) from read_parquet($files) where ts_event >= $day group by all order by all",
            {"files": files, "day": day},
        ).fetchall()
    return dict(found)


def busiest_minutes(per_minute: dict[dt.datetime, int], span: Span) -> Span:
    """Return the ten minutes of a span with most records."""
    starts = [at for at in per_minute if span[0] <= at and at + _BUSIEST <= span[1]]
    minutes = [n * dt.timedelta(minutes=1) for n in range(_BUSIEST // dt.timedelta(minutes=1))]
    first = max(starts, key=lambda at: sum(per_minute.get(at + x, 0) for x in minutes))
    return first, first + _BUSIEST


def passed(lake: Lake, of: tuple[str, dt.date], span: Span, is_due: IsDue) -> Passed:
    """Let a span of a day go by as fast as possible.

    Args:
        lake: with the day.
        of: symbol and UTC date.
        span: the first and the last second end in (from, to], UTC, without a zone.
        is_due: whether seconds up to a time are run now, or with those that follow.
    """
    closed: list[float] = []
    found: list[tuple[dt.datetime, float, float, float]] = []

    def noted(at: dt.datetime) -> bool:
        if due := is_due(at) or at == span[1]:
            closed.append(time.perf_counter())
        return due

    with Session(lake, *of, wanted=[PAYLOAD]) as session:
        feed = Replay(session.landed(), SystemClock(), span_ns=NS_PER_S // 4)
        ended = replayed_seconds(feed, None, session.engines, epoch_ns(span[0]) // NS_PER_S)
        for at in session.steps(ended, *span, noted):
            now = time.perf_counter()
            latency_ms = 1e3 * (now - closed[-1]) if closed else np.nan
            found.append((at, now, latency_ms, time.process_time()))
    ats, walls, latency, cpu = zip(*found, strict=True)
    return Passed(list(ats), np.array(walls) - walls[0], np.array(latency), np.array(cpu) - cpu[0])


def _run(lake: Lake, *arguments: str) -> None:
    """Run a command of the project on a lake."""
    program = Path(sys.executable).with_name("spymaster")
    began = time.perf_counter()
    done = subprocess.run(
        [str(program), *arguments],
        cwd=PROJECT_ROOT,
        env={**os.environ, **thread_environment(), LAKE_VARIABLE: str(lake.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{arguments[0]}:\n{(done.stdout + done.stderr)[-3000:]}")
    click.echo(f"{arguments[0]}: {time.perf_counter() - began:.0f} s", err=True)


if __name__ == "__main__":
    main()
