"""``python -m bench.live``: seconds of a live session, by model, over minutes of a built day.

Replays the records of a contract-day of the lake of `$SPYMASTER_LAKE` through a session, second by
second. Prints JSON: the processor seconds of the day before, of each second with its records
(`second`), of its step alone (`step`), and of each model, their median and 99 % quantile.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import defaultdict
from collections.abc import Callable

import click
import numpy as np
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
def main(symbol: str, day: dt.datetime, start: dt.datetime, seconds: int) -> None:
    """Measure some seconds."""
    taken: defaultdict[str, list[float]] = defaultdict(list)
    began = time.process_time()
    with Session(Lake.from_environment(), symbol, day.date()) as session:
        feed = Replay(session.landed(), SystemClock(), span_ns=NS_PER_S // 4)
        ended = replayed_seconds(feed, None, session.engines, epoch_ns(start) // NS_PER_S)
        session.tables.run = _timed(session.tables.run, lambda model: model.relation, taken)
        session.tables.advance = _timed(session.tables.advance, lambda *_: "step", taken)
        steps = session.steps(ended, start, start + dt.timedelta(seconds=seconds))
        next(steps)
        history_s = time.process_time() - began
        taken.clear()
        began = time.process_time()
        for _ in steps:
            taken["second"].append(time.process_time() - began)
            began = time.process_time()
    slowest = sorted(taken, key=lambda name: -float(np.median(taken[name])))
    found = {
        name: [round(float(np.quantile(taken[name], share)), 4) for share in (0.5, 0.99)]
        for name in slowest
    }
    print(json.dumps({"machine": machine_line(1), "history_s": round(history_s, 2), **found}))


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
