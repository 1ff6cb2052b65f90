"""The page in a browser: start Chromium, open moments, read the canvas."""

from __future__ import annotations

import base64
import io
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Browser, Page, sync_playwright

from support.hud_lake import DAY, SYMBOL, window_end_ns

PATIENCE_S = 20
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_IS_SHOWN = """Boolean(window.hud) && !hud.player.loading && !Number.isNaN(hud.player.second)
    && hud.player.ring.missingRun() === null && !hud.screen.isAsked
    && !hud.screen.depthRange.isDue && hud.screen.panelTimer === undefined"""


# seconds from midnight UTC to the window that hud_lake calls 0
FIRST_SECOND = window_end_ns(0) // 10**9 % 86_400


def chromium() -> str:
    """Return the path of an installed Chromium; skip without one, fail in CI."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        reason = "no Chromium is installed: run `apt-get install chromium`, or your system's way"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a browser without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Screen:
    """An open page.

    Attributes:
        page: the page.
        address: of the server, without a path.
        errors: what the page wrote to its console as an error, and exceptions.
    """

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)

    def show(self, second: int, **parameters: str) -> None:
        """Open the page at a second, paused, and wait until all is drawn."""
        asked = {"symbol": SYMBOL, "dt": str(DAY), "ts": str(window_end_ns(second)), **parameters}
        # a change after the # alone would not load the page anew
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/#" + "&".join(f"{k}={v}" for k, v in asked.items()))
        self.wait()

    def wait(self, condition: str = _IS_SHOWN, patience_s: float = PATIENCE_S) -> None:
        """Wait for a condition in JavaScript; the page's policy forbids Playwright's own way."""
        until = time.monotonic() + patience_s
        while not self.page.evaluate(condition):
            assert time.monotonic() < until, f"{condition}: {self.page.evaluate(_STATE)}"
            time.sleep(0.02)

    def value(self, expression: str) -> Any:
        """Return the value of an expression in JavaScript."""
        return self.page.evaluate(expression)

    def unfold(self) -> None:
        """Open what is folded away below the card, which is filled in when it opens."""
        self.value(
            """Promise.all([...document.querySelectorAll("#more details")].map((one) => one.open ||
                new Promise((done) => {
                    one.addEventListener("toggle", done, { once: true });
                    one.open = true;
                }))).then(() => true)"""
        )

    def second(self) -> int:
        """Return the newest second, counted as ``hud_lake`` counts."""
        return int(self.value("hud.player.second")) - FIRST_SECOND

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        return self.page.locator(selector).first.inner_text()

    def picture(self) -> Picture:
        """Return the pixels of the grid and their place."""
        code = """(() => { const { view } = hud; return {
            url: document.getElementById("grid").toDataURL("image/png"),
            place: [view.rightSecond, view.topTick, view.secondPx, view.tickPx]}; })()"""
        found = self.value(code)
        return Picture(pixels_of(found["url"]), *found["place"])

    def strips(self) -> tuple[list[str], np.ndarray]:
        """Return the levels of the strips, and their cells, (rows, width, 3), one pixel wide."""
        code = """(() => { const { strips } = hud.screen; return [
            strips.levelIds, strips.rowPx, strips.canvas.toDataURL("image/png")]; })()"""
        level_ids, row_px, url = self.value(code)
        pixels = pixels_of(url)
        cells = pixels[::row_px]
        assert (np.repeat(cells, row_px, axis=0) == pixels).all()
        return level_ids, cells


def pixels_of(url: str) -> np.ndarray:
    """Return the pixels, uint8 (height, width, 3), of a picture in a data URL."""
    image = imread(io.BytesIO(base64.b64decode(url.split(",")[1])))
    return np.rint(image[..., :3] * 255).astype(np.uint8)


@dataclass(frozen=True)
class Picture:
    """The grid as it is shown.

    Attributes:
        pixels: uint8 (height, width, 3).
        right_second: second after the rightmost column, from midnight UTC.
        top_tick: price of the top row.
        second_px: width of a cell.
        tick_px: height of a cell.
    """

    pixels: np.ndarray
    right_second: int
    top_tick: int
    second_px: int
    tick_px: int

    def x(self, second: int) -> int:
        """Return the left edge of a second, counted as ``hud_lake`` counts."""
        columns = self.right_second - FIRST_SECOND - second
        return self.pixels.shape[1] - columns * self.second_px

    def y(self, tick: int) -> int:
        """Return the upper edge of a price."""
        return (self.top_tick - tick) * self.tick_px

    def cell(self, second: int, tick: int) -> tuple[int, ...]:
        """Return the colour of a cell, which fills its rectangle evenly."""
        x, y = self.x(second), self.y(tick)
        assert x >= 0 and y >= 0, "the cell is out of sight"
        cell = self.pixels[y : y + self.tick_px, x : x + self.second_px].reshape(-1, 3)
        assert len(cell) == self.second_px * self.tick_px
        assert (cell == cell[0]).all()
        return tuple(cell[0].tolist())


_STATE = """window.hud ? {state: hud.player.state, reason: hud.player.reason,
    second: hud.player.second, drawn: hud.screen.drawn} : document.body.innerText"""


@contextmanager
def opened(
    browser: Browser, address: str, width: int = 1280, height: int = 720, **options: Any
) -> Iterator[Screen]:
    """Open a page; an error on its console fails the test."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    screen = Screen(page, address)
    page.on("pageerror", lambda error: screen.errors.append(str(error)))
    page.on(
        "console",
        lambda message: screen.errors.append(message.text) if message.type == "error" else None,
    )
    try:
        yield screen
    finally:
        context.close()
    assert screen.errors == []
