"""``python -m bench.live_day``: a whole session through a live session, hour by hour.

Replays a built day of the lake of `$SPYMASTER_LAKE` as fast as possible, in steps of many seconds
as a run that is behind makes them, but for some seconds at the end of each hour, which run one by
one. Prints a line of JSON per hour, or per `--every` seconds: wall ms from the close of a single
second to its rows (median, 99 % quantile), records a second and times real time of the other
seconds, resident memory and rows held at the hour's end; then the last hour over the second one,
which a session that does not grow keeps near 1. With `--models`, also the processor ms of the
slowest models in the single seconds.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections import defaultdict
from pathlib import Path

import click
import numpy as np
from spymaster.live.feeds import SystemClock
from spymaster.live.models import LiveModel
from spymaster.live.replay import Replay
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns

from bench.machine import machine_line

_MB = 1 << 20
_N_SLOWEST = 12


class _Hour:
    """What is measured of the seconds since the last report."""

    def __init__(self, n_fed: int) -> None:
        self.latency_s: list[float] = []
        self.single_wall_s = 0.0
        self.n_single = 0
        self.models: defaultdict[str, list[float]] = defaultdict(list)
        self.n_fed, self.began = n_fed, time.perf_counter()

    def report(self, session: Session, at: dt.datetime, seconds: int) -> dict[str, float | str]:
        """Return the numbers of an hour of so many seconds that ends at a time."""
        others_s = max(time.perf_counter() - self.began - self.single_wall_s, 1e-9)
        n_others = seconds - self.n_single
        n_records = sum(session.engines.n_fed.values()) - self.n_fed
        median, high = (
            np.quantile(self.latency_s, [0.5, 0.99]) if self.latency_s else [np.nan, np.nan]
        )
        return {
            "until": str(at),
            "median_ms": round(1e3 * float(median), 1),
            "p99_ms": round(1e3 * float(high), 1),
            "records_s": round(n_records * n_others / seconds / others_s),
            "times_real": round(n_others / others_s, 1),
            "rss_mb": round(_resident_mb(), 1),
            "rows_held": sum(session.tables.n_held().values()),
        }

    def slowest(self) -> dict[str, float]:
        """Return the mean processor ms a second of the slowest models."""
        means = {name: 1e3 * float(np.mean(taken)) for name, taken in self.models.items()}
        names = sorted(means, key=lambda name: -means[name])[:_N_SLOWEST]
        return {name: round(means[name], 1) for name in names}


@click.command()
@click.option("--symbol", required=True)
@click.option("--dt", "day", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--start", required=True, type=click.DateTime(), help="UTC, of the first second")
@click.option("--end", required=True, type=click.DateTime(), help="UTC, of the last second")
@click.option("--every", default=3600, show_default=True, help="Seconds of a line.")
@click.option("--single", default=60, show_default=True, help="Seconds one by one, of each line.")
@click.option("--together", default=30, show_default=True, help="Seconds of the other steps.")
@click.option("--signals", is_flag=True, help="Only what the payload of level_signals rests on.")
@click.option("--models", is_flag=True, help="Print the slowest models and the largest tables.")
def main(
    symbol: str,
    day: dt.datetime,
    start: dt.datetime,
    end: dt.datetime,
    every: int,
    single: int,
    together: int,
    signals: bool,
    models: bool,
) -> None:
    """Measure a session."""
    wanted = ["gold.level_signals"] if signals else None
    is_single, closed = False, 0.0

    def is_due(at: dt.datetime) -> bool:
        nonlocal is_single, closed
        closed = time.perf_counter()
        into_s = int((at - start).total_seconds()) % every
        is_single = into_s == 0 or into_s > every - single or (end - at).total_seconds() < single
        return is_single or into_s % together == 0

    hours: list[dict[str, float | str]] = []
    with Session(Lake.from_environment(), symbol, day.date(), wanted=wanted) as session:
        feed = Replay(session.landed(), SystemClock(), span_ns=NS_PER_S // 4)
        ended = replayed_seconds(feed, None, session.engines, epoch_ns(start) // NS_PER_S)
        steps = session.steps(ended, start, end, is_due)
        next(steps)
        hour, last, since = _new_hour(session), start, start
        run = session.tables.run

        def timed(model: LiveModel) -> None:
            began = time.thread_time()
            run(model)
            if is_single:
                hour.models[model.relation].append(time.thread_time() - began)

        session.tables.run = timed
        told = time.perf_counter()
        for at in steps:
            now = time.perf_counter()
            if is_single and at - last == dt.timedelta(seconds=1):
                hour.latency_s.append(now - closed)
                hour.single_wall_s += now - told
                hour.n_single += 1
            last, told = at, now
            if (at - start).total_seconds() % every == 0 or at == end:
                hours.append(hour.report(session, at, int((at - since).total_seconds())))
                print(json.dumps(hours[-1]), flush=True)
                if models:
                    held = session.tables.n_held()
                    largest = sorted(held, key=lambda name: -held[name])[:_N_SLOWEST]
                    print(json.dumps(hour.slowest()), flush=True)
                    print(json.dumps({name: held[name] for name in largest}), flush=True)
                hour, since = _new_hour(session), at
                told = time.perf_counter()
    if len(hours) > 2:
        names = ("median_ms", "rss_mb", "rows_held")
        ratios = {name: round(float(hours[-1][name]) / float(hours[1][name]), 3) for name in names}
        print(json.dumps({"machine": machine_line(1), "last / second hour": ratios}))


def _new_hour(session: Session) -> _Hour:
    return _Hour(sum(session.engines.n_fed.values()))


def _resident_mb() -> float:
    """Return the resident memory of the process, MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MB


if __name__ == "__main__":
    main()
