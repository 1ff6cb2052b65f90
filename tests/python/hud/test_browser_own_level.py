"""A level put on the screen by hand, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from spymaster.levels.own import levels_file
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen, launched, opened
from support.opened_page import END
from support.stream_server import Served, serving

HEADING = "symbol_or_root,name,price,known_from,until,note\n"
SECOND = END - 9


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    lake = hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))
    with serving(lake, allows_levels=True) as server:
        yield server


@pytest.fixture(scope="module")
def opened_page(served: Served) -> Iterator[Screen]:
    with (
        launched() as browser,
        opened(browser, f"http://{served.host}", color_scheme="dark") as screen,
    ):
        yield screen


@pytest.fixture
def writing(screen: Screen, served: Served) -> Iterator[Screen]:
    yield screen
    levels_file(served.lake).unlink(missing_ok=True)
    # what a refusal is to the browser, an answer is to the page
    screen.errors[:] = [text for text in screen.errors if "Failed to load resource" not in text]


def place_of(screen: Screen, second: int, tick: int) -> tuple[float, float]:
    """Return where a cell is on the page."""
    second += FIRST_SECOND
    x, y = screen.value(f"[hud.view.x({second}) + 0.5, hud.view.y({tick}) + hud.view.tickPx / 2]")
    box = screen.page.locator("#grid").bounding_box()
    return box["x"] + x, box["y"] + y


def test_a_click_with_shift_writes_a_level(writing: Screen, served: Served) -> None:
    page, dialog = writing.page, writing.page.locator("#own-level")
    x, y = place_of(writing, SECOND, hud_lake.ASK_WALL)
    page.keyboard.down("Shift")
    page.mouse.click(x, y)
    page.keyboard.up("Shift")
    expect(dialog).to_be_visible()
    assert not page.locator("#explain").is_visible()
    # the second that is shown, not that under the pointer
    expect(dialog).to_contain_text("10:10:00 New York, 2025-10-01 14:10:00 UTC")
    expect(dialog).to_contain_text(hud_lake.SYMBOL)
    expect(dialog.get_by_label("Price")).to_have_value("6660")
    expect(dialog.get_by_label("Name")).to_be_focused()
    # a refusal says why, and keeps what was typed; letters are no keys of the page
    page.keyboard.type("it's lawful")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text(
        """Not written: level "it's lawful": is no name: a letter, then at most 30 letters"""
    )
    assert not levels_file(served.lake).exists()
    dialog.get_by_label("Name").fill("shelf")
    dialog.get_by_label("Price").fill("6660.1")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()
    expect(page.locator("#note")).to_have_text(
        "level shelf at 6660 is written; the next build has it"
    )
    written = levels_file(served.lake).read_text()
    assert written == f"{HEADING}{hud_lake.SYMBOL},shelf,6660,2025-10-01 14:10:00Z,,\n"


def test_a_key_writes_a_level_at_spot_or_at_the_pointer(writing: Screen, served: Served) -> None:
    page, dialog = writing.page, writing.page.locator("#own-level")
    page.mouse.move(2, 2)
    page.keyboard.press("Shift+L")
    spot = hud_lake.spot_tick(END) / 4
    expect(dialog.get_by_label("Price")).to_have_value(f"{spot:g}")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.mouse.move(*place_of(writing, SECOND, hud_lake.BID_WALL))
    page.keyboard.press("Shift+L")
    expect(dialog.get_by_label("Price")).to_have_value("6645")
    page.keyboard.type("floor")
    page.get_by_role("button", name="Write").click()
    expect(dialog).not_to_be_visible()
    assert levels_file(served.lake).read_text() == (
        f"{HEADING}{hud_lake.SYMBOL},floor,6645,2025-10-01 14:10:00Z,,\n"
    )
    # a name counts once
    page.keyboard.press("Shift+L")
    page.keyboard.type("floor")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("spymaster level remove ESZ5 floor")
    page.get_by_role("button", name="Cancel").click()
    expect(dialog).not_to_be_visible()


def test_the_level_is_known_from_the_second_that_was_shown(writing: Screen, served: Served) -> None:
    page = writing.page
    page.keyboard.press("ArrowLeft")
    writing.wait()
    page.keyboard.press("Shift+L")
    # the replay goes on behind the dialog
    writing.value("hud.player.play()")
    writing.wait(f"hud.player.second > {FIRST_SECOND + END - 10}")
    page.keyboard.type("then")
    page.keyboard.press("Enter")
    expect(page.locator("#own-level")).not_to_be_visible()
    writing.value("hud.player.pause()")
    assert levels_file(served.lake).read_text().endswith(",2025-10-01 14:09:50Z,,\n")


def test_help_has_the_key(writing: Screen) -> None:
    page = writing.page
    page.keyboard.press("?")
    expect(page.locator("#help")).to_contain_text("Put a level of yours at the pointer's price")
    page.keyboard.press("Escape")


def test_without_the_option_there_is_no_such_control(served: Served, opened_page: Screen) -> None:
    browser = opened_page.page.context.browser
    with (
        serving(served.lake) as other,
        opened(browser, f"http://{other.host}", color_scheme="dark") as screen,
    ):
        screen.show(END)
        levels = screen.page.locator('[data-layer="levels"]')
        before = levels.get_attribute("aria-pressed")
        screen.page.mouse.move(2, 2)
        # the key is that of the layer, as ever
        screen.page.keyboard.press("Shift+L")
        assert levels.get_attribute("aria-pressed") != before
        x, y = place_of(screen, SECOND, hud_lake.ASK_WALL)
        screen.page.keyboard.down("Shift")
        screen.page.mouse.click(x, y)
        screen.page.keyboard.up("Shift")
        expect(screen.page.locator("#explain")).to_be_visible()
        assert screen.page.locator("#own-level").count() == 0
        assert not re.search("level of yours", screen.page.locator("#help").text_content() or "")
    assert not levels_file(served.lake).exists()
