"""The page of a served lake in a browser, opened once for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from spymaster_ingest.lake import Lake

from support import hud_lake
from support.hud_page import Screen, launched, opened
from support.stream_server import serving

END = 2_399


@pytest.fixture(scope="module")
def opened_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """Open the page."""
    lake = hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))
    with (
        serving(lake) as server,
        launched() as browser,
        opened(browser, f"http://{server.host}", color_scheme="dark") as screen,
    ):
        yield screen


@pytest.fixture
def screen(opened_page: Screen) -> Screen:
    """Show the end of the day."""
    opened_page.show(END)
    return opened_page


def press(screen: Screen, key: str) -> None:
    """Press a key and wait for what it does."""
    screen.page.keyboard.press(key)
    screen.wait()
