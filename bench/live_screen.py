"""``python -m bench.live_screen``: the page of a run, at the end of a busy day that goes on.

Replays a minute of a lake's day at its own pace through a session, with the page open in Chromium
without a GPU, and says how long frames took.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import threading
import time

import click
import numpy as np
from playwright.sync_api import Page, sync_playwright
from rich.table import Table
from spymaster.live.feeds import SystemClock
from spymaster.live.replay import Replay
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session
from spymaster.stream.live.screen import LiveScreen
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S

from bench.inputs import OUT
from bench.machine import machine_line
from bench.measure import CORES

_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
_GOAL_MS, _PATIENCE_S = 100.0, 180
_IS_FOLLOWING = "Boolean(window.hud) && hud.player.state === 'following'"
# milliseconds between the frames of the page from now on, and when each second was drawn
_LISTEN = """() => {
    window.frames_ms = [];
    window.shown = [];
    let before = performance.now();
    let second = hud.player.second;
    const look = (now) => {
        frames_ms.push(now - before);
        before = now;
        if (hud.player.second !== second) {
            second = hud.player.second;
            shown.push([second, Date.now()]);
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


class _Run(threading.Thread):
    """The run beside the page.

    Attributes:
        ended: when each second had been made, s since 1970, by its end.
        outlet_ms: what the screen took of the run's thread, for each second.
        n_records: of the seconds that were replayed.
    """

    def __init__(
        self, lake: Lake, session: Session, screen: LiveScreen, span: tuple[dt.datetime, ...]
    ) -> None:
        super().__init__(daemon=True)
        self._lake, self._session, self._screen = lake, session, screen
        self._first, self._last = span
        self.ended: dict[int, float] = {}
        self.outlet_ms: list[float] = []
        self.may_go = threading.Event()

    def run(self) -> None:
        clock = SystemClock()
        feed = Replay(self._session.landed(), clock, span_ns=NS_PER_S // 4)
        first_s = int(self._first.replace(tzinfo=dt.UTC).timestamp())
        ended = replayed_seconds(feed, None, self._session.engines, first_s)
        before = dt.datetime.combine(self._first.date(), dt.time())
        began_ns = 0
        for at in self._session.steps(ended, self._first, self._last):
            start = time.perf_counter()
            self._screen.stepped(self._session.tables, before, at)
            self.outlet_ms.append(1e3 * (time.perf_counter() - start))
            before = at
            self.ended[int(at.replace(tzinfo=dt.UTC).timestamp())] = time.time()
            if not began_ns:
                self.may_go.wait()
                began_ns = clock.now_ns()
            due_s = (at - self._first).total_seconds()
            clock.wait_until(began_ns + int(due_s * NS_PER_S))
        self._screen.ended(None)


def _wait(page: Page, condition: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not page.evaluate(condition):
        if time.monotonic() > until:
            raise click.ClickException(f"the page did not get there: {condition}")
        time.sleep(0.02)


@click.command()
@click.option("--symbol", required=True)
@click.option("--dt", "day", required=True, help="UTC date of a built day with orders.")
@click.option("--start", required=True, help="Second at which the page opens, UTC, HH:MM:SS.")
@click.option("--seconds", default=60, show_default=True)
def main(symbol: str, day: str, start: str, seconds: int) -> None:
    """Replay some seconds at their own pace, and print frames, delays and load."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise click.ClickException("no Chromium is installed: run `apt-get install chromium`")
    lake, date = Lake.from_environment(), dt.date.fromisoformat(day)
    first = dt.datetime.fromisoformat(f"{day} {start}")
    span = first, first + dt.timedelta(seconds=seconds)
    with LiveScreen(lake, symbol, date, words="replay 1x") as screen:
        wanted = {"gold.level_signals", *screen.wanted}
        with Session(lake, symbol, date, wanted=wanted) as session:
            n_records = sum(
                int(np.count_nonzero((found >= _ns(span[0])) & (found < _ns(span[1]))))
                for landed in session.landed()
                for found in (part["ts_event"] for part in landed.chunks())
            )
            run = _Run(lake, session, screen, span)
            run.start()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
                page = browser.new_page(viewport={"width": 1_920, "height": 1_080})
                page.goto(screen.url)
                _wait(page, f"{_IS_FOLLOWING} && hud.player.ring.missingRun() === null")
                page.evaluate(_LISTEN)
                run.may_go.set()
                run.join()
                time.sleep(1)
                frames = np.array(page.evaluate("frames_ms"))
                shown = page.evaluate("shown")
                skipped = page.evaluate("hud.player.skipped")
                browser.close()
    base_s = int(dt.datetime.combine(date, dt.time(), dt.UTC).timestamp())
    ended = {second - base_s: when for second, when in run.ended.items()}
    delays = [ms - 1e3 * ended[second] for second, ms in shown if second in ended]
    found = {
        "records a second": n_records / seconds,
        "seconds that the run took": max(run.ended.values()) - sorted(run.ended.values())[1],
        "seconds shown": len(shown),
        "seconds skipped": skipped,
        "frames": len(frames),
        f"frames above {_GOAL_MS:g} ms": int(np.count_nonzero(frames > _GOAL_MS)),
        "longest frame, ms": float(frames.max()),
        "frame, ms, 99 % of them": float(np.percentile(frames, 99)),
        "from a second's rows to its picture, ms, median": float(np.median(delays)),
        "the same, 99 % of them": float(np.percentile(delays, 99)),
        "of the run's thread, ms a second, median": float(np.median(run.outlet_ms[1:])),
        "load of the machine, 1 min": os.getloadavg()[0],
    }
    machine = machine_line(CORES)
    table = Table("what", "found", title=f"{symbol} {day} from {start}")
    for name, value in found.items():
        table.add_row(name, f"{value:,.1f}")
    out.print(table)
    out.print(machine, markup=False)
    OUT.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine, "found": found}
    (OUT / "live_screen.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


def _ns(moment: dt.datetime) -> int:
    return int(moment.replace(tzinfo=dt.UTC).timestamp()) * NS_PER_S


if __name__ == "__main__":
    main()
