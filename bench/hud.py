"""``python -m bench.hud``: the page of a served lake in a browser, until it shows and per second.

Serves the lake of ``SPYMASTER_LAKE``, opens its newest day in Chromium without a GPU, and replays.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from rich.table import Table
from spymaster_ingest.console import out

from bench.inputs import OUT
from bench.machine import machine_line
from bench.measure import CORES

SIZES = ((1_920, 1_080), (3_840, 2_160))
_PICTURE_GOAL_S, _DRAW_GOAL_MS = 1.5, 8.0
_SPEED, _REPLAY_S, _PATIENCE_S = 5, 12, 60
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
_HAS_PICTURE = "Boolean(window.hud) && hud.screen.cells.spotTick > 0 && hud.screen.drawMs > 0"
_IS_WHOLE = "hud.player.ring.isComplete(hud.player.ring.end)"
_IS_LOADED = "!hud.player.loading && hud.player.ring.missingRun() === null"
# milliseconds of each drawing from now on
_LISTEN = """() => {
    const { screen } = hud;
    const draw = screen.draw;
    window.drawings = [];
    screen.draw = () => { draw.call(screen); drawings.push(screen.drawMs); };
}"""


@contextmanager
def _served() -> Iterator[str]:
    """Serve the lake and return the address of its newest day."""
    command = [str(Path(sys.executable).with_name("spymaster")), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def _wait(page: Page, condition: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not page.evaluate(condition):
        if time.monotonic() > until:
            raise click.ClickException(f"the page did not get there: {condition}")
        time.sleep(0.005)


def _busy_s(devtools: CDPSession) -> float:
    """Return how long the main thread has worked."""
    found = devtools.send("Performance.getMetrics")["metrics"]
    return {entry["name"]: entry["value"] for entry in found}["TaskDuration"]


def _measure(browser: Browser, address: str, width: int, height: int) -> dict[str, float]:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    _wait(page, _HAS_PICTURE)
    picture_s = time.perf_counter() - start
    _wait(page, _IS_WHOLE)
    whole_s = time.perf_counter() - start
    _wait(page, _IS_LOADED)
    loaded_s = time.perf_counter() - start
    # a minute before the end, to have something to replay
    page.evaluate("hud.player.pause(); hud.player.seek(hud.player.last - 120)")
    _wait(page, _IS_LOADED)
    page.evaluate(_LISTEN)
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable")
    page.evaluate(f"hud.player.setSpeed({_SPEED})")
    before, first = _busy_s(devtools), page.evaluate("hud.player.second")
    page.evaluate("hud.player.play()")
    time.sleep(_REPLAY_S)
    page.evaluate("hud.player.pause()")
    busy_s, last = _busy_s(devtools) - before, page.evaluate("hud.player.second")
    drawings = page.evaluate("drawings")
    context.close()
    return {
        "picture_s": picture_s,
        "whole_s": whole_s,
        "loaded_s": loaded_s,
        "draw_ms": float(np.median(drawings)),
        "draw_p95_ms": float(np.percentile(drawings, 95)),
        "busy_ms_per_second": 1e3 * busy_s / (last - first),
    }


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Openings; medians are shown.")
def main(rounds: int) -> None:
    """Open the page ROUNDS times in each size and print seconds and milliseconds."""
    machine = machine_line(CORES)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise click.ClickException("no Chromium is installed: run `apt-get install chromium`")
    results = {}
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        for width, height in SIZES:
            runs = [_measure(browser, address, width, height) for _ in range(rounds)]
            results[f"{width}x{height}"] = {
                name: float(np.median([run[name] for run in runs])) for name in runs[0]
            }
        browser.close()
    table = Table(title=f"the page of {address}")
    for name in ("what", *results, "goal"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for name, words, goal in (
        ("picture_s", "first picture, s", f"<= {_PICTURE_GOAL_S:g}"),
        ("whole_s", "card and panels, s", ""),
        ("loaded_s", "all 1,800 seconds, s", ""),
        ("draw_ms", "drawing a second, ms", f"<= {_DRAW_GOAL_MS:g} at 1080p"),
        ("draw_p95_ms", "drawing a second, ms, 95 % of them", ""),
        ("busy_ms_per_second", "main thread in all, ms per second shown", ""),
    ):
        table.add_row(words, *(f"{row[name]:,.2f}" for row in results.values()), goal)
    out.print(table)
    out.print(machine, markup=False)
    OUT.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine, "address": address, "results": results}
    (OUT / "hud.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
