"""``python -m bench.live``: seconds of a live session, by model, over minutes of a built day.

Replays the records of a contract-day of the lake of `$SPYMASTER_LAKE` through a session, second by
second. Prints JSON: the processor seconds of the day before, of each second with its records
(`second`), of its step alone (`step`), and of each model, their median and 99 % quantile; and the
wall seconds from the close of a second to its rows (`latency`), whose distribution is a picture.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from matplotlib.figure import Figure
from spymaster.live.feeds import SystemClock
from spymaster.live.replay import Replay
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns

from bench.machine import machine_line


@click.command()
@click.option("--symbol", required=True)
@click.option("--dt", "day", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--start", required=True, type=click.DateTime(), help="UTC, of the first second")
@click.option("--seconds", default=60, show_default=True)
@click.option("--signals", is_flag=True, help="Only what the payload of level_signals rests on.")
@click.option("--picture", type=click.Path(path_type=Path), help="Of the latency, PNG.")
def main(
    symbol: str,
    day: dt.datetime,
    start: dt.datetime,
    seconds: int,
    signals: bool,
    picture: Path | None,
) -> None:
    """Measure some seconds."""
    wanted = ["gold.level_signals"] if signals else None
    closed: dict[dt.datetime, float] = {}
    latency: list[float] = []

    def is_due(at: dt.datetime) -> bool:
        closed[at] = time.perf_counter()
        return True

    taken: defaultdict[str, list[float]] = defaultdict(list)
    began = time.process_time()
    with Session(Lake.from_environment(), symbol, day.date(), wanted=wanted) as session:
        feed = Replay(session.landed(), SystemClock(), span_ns=NS_PER_S // 4)
        ended = replayed_seconds(feed, None, session.engines, epoch_ns(start) // NS_PER_S)
        session.tables.run = _timed(session.tables.run, lambda model: model.relation, taken)
        session.tables.advance = _timed(session.tables.advance, lambda *_: "step", taken)
        steps = session.steps(ended, start, start + dt.timedelta(seconds=seconds), is_due)
        next(steps)
        history_s = time.process_time() - began
        taken.clear()
        began = time.process_time()
        for at in steps:
            # the last second is run whether it is due or not
            if at in closed:
                latency.append(time.perf_counter() - closed[at])
            taken["second"].append(time.process_time() - began)
            began = time.process_time()
    taken["latency"] = latency
    if picture is not None:
        _draw(picture, latency, symbol, day.date())
    slowest = sorted(taken, key=lambda name: -float(np.median(taken[name])))
    found = {
        name: [round(float(np.quantile(taken[name], share)), 4) for share in (0.5, 0.99)]
        for name in slowest
    }
    print(json.dumps({"machine": machine_line(1), "history_s": round(history_s, 2), **found}))


def _draw(path: Path, latency: list[float], symbol: str, day: dt.date) -> None:
    """Draw how long after the close of a second its rows are there."""
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes = figure.subplots()
    axes.hist(1e3 * np.array(latency), bins=60, color="#4477aa")
    for share, style in ((0.5, "-"), (0.99, "--")):
        value = 1e3 * float(np.quantile(latency, share))
        axes.axvline(value, color="#aa3377", linestyle=style, label=f"{share:.0%}: {value:.0f} ms")
    axes.set_xlabel(f"ms from the close of a second to its rows, {symbol} {day}")
    axes.set_ylabel(f"seconds of {len(latency)}")
    axes.legend()
    figure.savefig(path, dpi=120)


def _timed(run: Callable, name_of: Callable[..., str], taken: dict[str, list[float]]) -> Callable:
    """Return a function that notes the processor seconds of its calls."""

    def timed(*arguments: object) -> object:
        began = time.process_time()
        done = run(*arguments)
        taken[name_of(*arguments)].append(time.process_time() - began)
        return done

    return timed


if __name__ == "__main__":
    main()
