"""``python -m bench.live_snaps``: snaps of a live run over minutes of a built day, at its own pace.

The records of the day so far come at once, the others when a clock that goes with them passes their
times, as from the vendor. Prints JSON: how long after its time each snap was out (`delay`), the
same of those that no step stood before (`free_delay`), what making one takes of the run's thread
(`snap`) and what noting a second takes (`note`), ms, their median and 99 % quantile.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import click
import numpy as np
from spymaster.live.attached import Attached
from spymaster.live.feeds import Chunk, SystemClock, times_of
from spymaster.live.live_run import lived
from spymaster.live.outlets import Rows, Snap
from spymaster.live.replay import Replay
from spymaster.live.run_folder import RunFolder
from spymaster.live.session import Session
from spymaster.live.snaps import Snaps
from spymaster_ingest.console import err
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns

from bench.machine import machine_line

_SIGNALS = "gold.level_signals"
_POLL_NS = NS_PER_S // 20
_MS = 1_000_000


class _Clock:
    """A time that stands until it is let go."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns, self._system = start_ns, SystemClock()
        self._began_ns: int | None = None

    def go(self) -> None:
        self._began_ns = self._began_ns or self._system.now_ns()

    def now_ns(self) -> int:
        passed_ns = 0 if self._began_ns is None else self._system.now_ns() - self._began_ns
        return self._start_ns + passed_ns

    def wait_until(self, time_ns: int) -> None:
        while (left_ns := time_ns - self.now_ns()) > 0:
            time.sleep(left_ns / NS_PER_S)


class _Coming:
    """The records of a day as they would come."""

    def __init__(self, replay: Replay, clock: _Clock, span_ns: tuple[int, int]) -> None:
        self._replay, self._clock, self._span_ns = replay, clock, span_ns

    def __iter__(self) -> Iterator[Chunk]:
        start_ns, end_ns = self._span_ns
        for chunk in self._replay:
            time_ns = int(times_of(chunk.records).max())
            if time_ns >= end_ns:
                return
            if time_ns >= start_ns:
                self._clock.go()
                while (now_ns := self._clock.now_ns()) < time_ns:
                    self._clock.wait_until(min(time_ns, now_ns + _POLL_NS))
                    yield Chunk(chunk.source, chunk.records[:0])
            yield chunk


class _Heard:
    """An outlet that notes when snaps are out."""

    def __init__(self, clock: _Clock, from_ns: int) -> None:
        self._clock, self._from_ns = clock, from_ns
        self._stepped_ns = 0
        self.taken: defaultdict[str, list[float]] = defaultdict(list)

    def captured(self, chunk: Chunk, first: int) -> None:
        """Records are not measured."""

    def stepped(self, rows: Rows, from_ts: dt.datetime, to_ts: dt.datetime) -> None:
        """Note when a step ended."""
        self._stepped_ns = self._clock.now_ns()

    def snapped(self, snap: Snap) -> None:
        """Note the delay of a snap."""
        now_ns = self._clock.now_ns()
        if snap.time_ns < self._from_ns:
            return
        delay_ms = (now_ns - snap.time_ns) / _MS
        self.taken["delay"].append(delay_ms)
        if snap.time_ns > self._stepped_ns:
            self.taken["free_delay"].append(delay_ms)

    def ended(self, reason: str | None) -> None:
        """The command says why."""


def _timed(run: Callable[..., Any], taken: list[float]) -> Callable[..., Any]:
    @wraps(run)
    def timed(*arguments: Any) -> Any:
        began = time.perf_counter()
        done = run(*arguments)
        taken.append(1e3 * (time.perf_counter() - began))
        return done

    return timed


@click.command()
@click.option("--symbol", required=True)
@click.option("--dt", "day", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--start", required=True, type=click.DateTime(), help="UTC, of the first second")
@click.option("--seconds", default=120, show_default=True)
@click.option("--warm", default=60, show_default=True, help="Seconds that are not measured.")
@click.option("--signals", is_flag=True, help="Only what the payload of level_signals rests on.")
def main(
    symbol: str, day: dt.datetime, start: dt.datetime, seconds: int, warm: int, signals: bool
) -> None:
    """Measure the snaps of some seconds."""
    lake, start_ns = Lake.from_environment(), epoch_ns(start)
    wanted = [_SIGNALS] if signals else None
    with Session(lake, symbol, day.date(), wanted=wanted) as session:
        landed = session.landed()
    clock = _Clock(start_ns)
    from_ns = start_ns + warm * NS_PER_S
    replay = Replay(landed, clock, span_ns=NS_PER_S // 20)
    coming = _Coming(replay, clock, (start_ns, from_ns + seconds * NS_PER_S))
    heard = _Heard(clock, from_ns)
    Snaps.at = _timed(Snaps.at, heard.taken["snap"])  # type: ignore[method-assign]
    Snaps.note = _timed(Snaps.note, heard.taken["note"])  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder))
        of = symbol, day.date()
        lived(lake, of, run, coming, clock, lambda _: Attached(wanted, [heard]), err.print)
    found = {
        name: [len(taken), *(round(float(np.quantile(taken, share)), 2) for share in (0.5, 0.99))]
        for name, taken in heard.taken.items()
        if taken
    }
    print(json.dumps({"machine": machine_line(1), **found}))


if __name__ == "__main__":
    main()
