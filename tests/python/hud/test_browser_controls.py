"""Every key, switch and panel of the page, in a browser."""

from __future__ import annotations

import pytest
from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen
from support.opened_page import END, press

LAYER_KEYS = {
    "p": "physics",
    "w": "wall",
    "g": "gex",
    "v": "vacuum",
    "r": "grid",
    "k": "strikes",
    "l": "levels",
    "s": "spot",
    "t": "trades",
    "q": "quality",
}


@pytest.mark.parametrize(("key", "layer"), LAYER_KEYS.items())
def test_a_key_hides_and_shows_its_layer(opened_page: Screen, key: str, layer: str) -> None:
    screen = opened_page
    if screen.page.url == "about:blank":
        screen.show(END, layers=",".join(LAYER_KEYS.values()))
    button = screen.page.locator(f'[data-layer="{layer}"]')
    before = screen.picture().pixels
    press(screen, key)
    assert button.get_attribute("aria-pressed") == "false"
    without = screen.picture().pixels
    assert (without != before).any()
    button.click()
    screen.wait()
    assert button.get_attribute("aria-pressed") == "true"
    assert (screen.picture().pixels == before).all()


def test_arrows_seek_and_stay_within_the_day(screen: Screen) -> None:
    for key, second in (
        ("ArrowLeft", END - 10),
        ("Shift+ArrowLeft", END - 70),
        ("ArrowRight", END - 60),
        ("Shift+ArrowRight", END),
        ("Shift+ArrowRight", hud_lake.COUNT - 1),
        ("ArrowRight", hud_lake.COUNT - 1),
    ):
        press(screen, key)
        assert screen.second() == second, key
    assert screen.text("#clock") == "10:11:00 New York, 14:11:00 UTC"


def test_seeking_shows_what_opening_there_shows(screen: Screen) -> None:
    press(screen, "Shift+ArrowLeft")
    sought = screen.picture().pixels
    screen.show(END - 60)
    assert (screen.picture().pixels == sought).all()


def test_space_plays_and_pauses_visibly(screen: Screen) -> None:
    assert screen.text("#state") == "paused"
    screen.page.keyboard.press(" ")
    screen.wait("hud.player.state === 'playing'")
    assert screen.text("#state") == "playing, real time"
    screen.wait(f"hud.player.second >= {FIRST_SECOND + END + 2}")
    screen.page.keyboard.press(" ")
    assert screen.text("#state") == "paused"
    assert screen.text("#play") == "Play"


def test_plus_and_minus_change_the_speed(screen: Screen) -> None:
    chosen = []
    for key in ["+", "+", "-", *["+"] * 8, "-"]:
        screen.page.keyboard.press(key)
        chosen.append(screen.value("hud.player.speed"))
    assert chosen == [2, 5, 2, 5, 10, 20, 30, 60, 0, 0, 0, 60]
    assert screen.page.locator("#speed").input_value() == "60"
    screen.page.locator("#speed").select_option("1")
    assert screen.value("hud.player.speed") == 1


def test_as_fast_as_possible_reaches_the_end_of_the_day(screen: Screen) -> None:
    screen.page.locator("#speed").select_option("0")
    screen.page.locator("#play").click()
    screen.wait("hud.player.state === 'end of the day'")
    screen.wait()
    assert screen.second() == hud_lake.COUNT - 1
    assert screen.value("hud.player.skipped") == 0
    played = screen.picture().pixels
    screen.show(hud_lake.COUNT - 1)
    assert (screen.picture().pixels == played).all()


def test_zoom_has_whole_pixels_and_limits(screen: Screen) -> None:
    def zoom() -> tuple[float, float, float, float]:
        return tuple(
            screen.value(
                "[hud.view.zoomTime, hud.view.zoomPrice, hud.view.secondPx, hud.view.tickPx]"
            )
        )

    assert zoom()[:2] == (1, 1)
    # 20 points of ES
    assert 80 <= screen.value("hud.view.height / hud.view.tickPx") < 96
    for key, limit in (("x", 10), ("z", 0.1)):
        for _ in range(30):
            screen.page.keyboard.press(key)
            time_zoom, price_zoom, second_px, tick_px = zoom()
            assert min(time_zoom, price_zoom) >= 0.1 and max(time_zoom, price_zoom) <= 10
            assert all(size < 1 or size == int(size) for size in (second_px, tick_px))
        assert zoom()[:2] == (limit, limit)
    screen.page.keyboard.press("0")
    assert zoom()[:2] == (1, 1)


def test_wheel_zooms_about_the_pointer_and_a_drag_moves(screen: Screen) -> None:
    mouse = screen.page.mouse
    box = screen.page.locator("#grid").bounding_box()
    x, y = box["x"] + 200, box["y"] + 100
    mouse.move(x, y)
    before = screen.value("hud.crosshair.cell")
    mouse.wheel(0, -100)
    screen.wait("hud.view.zoomTime > 1 && hud.view.zoomPrice > 1 && !hud.screen.isAsked")
    assert screen.value("hud.crosshair.cell.second") == before["second"]
    screen.page.keyboard.press("0")
    screen.page.keyboard.down("Shift")
    mouse.wheel(0, -100)
    screen.wait("hud.view.zoomTime > 1 && hud.view.zoomPrice === 1")
    screen.page.keyboard.up("Shift")
    screen.page.keyboard.press("0")
    mouse.down()
    mouse.move(x + 100, y + 60, steps=4)
    mouse.up()
    assert screen.value("[hud.view.pan, hud.view.followsSpot]") == [-100, False]
    assert screen.page.locator("#follow").get_attribute("aria-pressed") == "false"
    press(screen, "f")
    assert screen.value("hud.view.followsSpot && hud.view.centerTick === hud.view.spotTick")


def test_the_range_of_depth_is_that_in_sight_until_it_is_fixed(screen: Screen) -> None:
    screen.show(END, layers="wall")
    fields = "[document.getElementById('low-qty').value, document.getElementById('high-qty').value]"
    auto = screen.page.locator("#depth-auto")
    first, last, low, high = screen.value(
        """[hud.view.leftSecond, hud.player.second, hud.view.tickAt(hud.view.height - 1),
            hud.view.topTick]"""
    )
    code = """([first, last, low, high]) => {
        const { ring } = hud.player;
        const found = [];
        for (let second = Math.max(first, ring.start); second <= last; second++) {
            const wall = ring.slice(second, "wall");
            for (let i = wall?.from; i < wall?.to; i++) {
                const [tick, qty] = [wall.columns.tick[i], wall.columns.depth_qty_end[i]];
                if (tick >= low && tick <= high && qty > 0) found.push(qty);
            }
        }
        return found; }"""
    depths = sorted(screen.page.evaluate(code, [first, last, low, high]))
    expected = [depths[int(share * (len(depths) - 1))] for share in (0.02, 0.98)]
    screen.wait(f"{fields}.join() === '{expected[0]},{expected[1]}'")
    assert auto.get_attribute("aria-pressed") == "true"
    # another part of the book has another range: the walls alone
    screen.value("hud.view.follow(false)")
    screen.value(f"hud.view.centerTick = {hud_lake.ASK_WALL} + 30; hud.screen.request()")
    screen.wait()
    assert screen.value("hud.screen.depthRange.highQty") > 100
    before = screen.picture()
    screen.page.locator("#low-qty").fill("20")
    screen.page.locator("#low-qty").press("Enter")
    screen.page.locator("#high-qty").fill("60")
    screen.page.locator("#high-qty").press("Enter")
    screen.wait()
    after = screen.picture()
    assert auto.get_attribute("aria-pressed") == "false"
    # all of the wall of 64 to 113 asks has the last colour now
    wall = {after.cell(second, hud_lake.ASK_WALL) for second in range(2_300, 2_350)}
    assert len(wall) == 1
    assert len({before.cell(second, hud_lake.ASK_WALL) for second in range(2_300, 2_350)}) > 10
    # what is fixed stays, and is part of a shared moment
    screen.value("hud.player.seek(hud.player.second - 300)")
    screen.wait()
    assert screen.value(fields) == ["20", "60"]
    press(screen, "u")
    assert "depth=20,60" in screen.page.url
    auto.click()
    screen.wait()
    assert screen.value("hud.screen.depthRange.highQty") > 100
    press(screen, "u")
    assert "depth" not in screen.page.url


def test_help_lists_every_key(screen: Screen) -> None:
    screen.page.keyboard.press("?")
    listed = screen.page.locator("#help").inner_text()
    for key in [
        *LAYER_KEYS,
        "f",
        "i",
        "↑",
        "↓",
        "x",
        "z",
        "0",
        "m",
        "u",
        "a",
        "b",
        "n",
        "space",
        "esc",
        "shift",
    ]:
        assert key.upper() in listed.upper().split(), key
    screen.page.keyboard.press("Escape")
    assert not screen.page.locator("#help").is_visible()


def test_theme_follows_the_system_and_then_the_switch(screen: Screen) -> None:
    theme = "document.documentElement.dataset.theme"
    assert screen.value(theme) == "dark"
    screen.page.emulate_media(color_scheme="light")
    screen.wait(f"{theme} === 'light'")
    press(screen, "m")
    assert screen.value(theme) == "dark"
    screen.show(END)
    assert screen.value(theme) == "dark"
    screen.value("localStorage.clear()")
    screen.page.emulate_media(color_scheme="dark")


def test_a_moment_is_shared_by_its_address(screen: Screen) -> None:
    press(screen, "v")
    press(screen, "x")
    press(screen, "ArrowLeft")
    press(screen, "ArrowDown")
    level = screen.text("#card h2")
    press(screen, "i")
    press(screen, "u")
    address, shown = screen.page.url, screen.picture().pixels
    assert f"&level={level.replace(' ', '_')}" in address
    screen.page.goto("about:blank")
    screen.page.goto(address)
    screen.wait()
    assert screen.second() == END - 10
    assert "vacuum" in screen.value("[...hud.screen.layers]")
    assert screen.text("#card h2") == level
    assert screen.page.locator("#card .pin").get_attribute("aria-pressed") == "true"
    assert (screen.picture().pixels == shown).all()


def test_a_day_that_is_named_opens_before_its_first_approach(opened_page: Screen) -> None:
    screen = opened_page
    screen.page.goto("about:blank")
    screen.page.goto(f"{screen.address}/?symbol={hud_lake.SYMBOL}&dt={hud_lake.DAY}")
    start = FIRST_SECOND + hud_lake.EPISODES[0][2] - 30
    screen.wait(f"window.hud?.player.second >= {start}")
    assert screen.value("hud.player.second") < start + 30
    # depth would not have its own colours
    assert not {"physics", "vacuum"} & set(screen.value("[...hud.screen.layers]"))
    assert screen.page.locator("#wall-span").is_visible()


def test_keys_work_on_after_the_mouse_used_a_control(screen: Screen) -> None:
    focused = "document.activeElement.id"
    screen.page.locator("#play").click()
    assert screen.value(focused) == ""
    screen.page.keyboard.press(" ")
    assert screen.text("#state") == "paused"
    # the pointer opened the list
    screen.page.locator("#clock").click()
    screen.page.locator("#speed").select_option("2")
    assert screen.value(focused) == ""
    screen.page.keyboard.press("Tab")
    tabbed = screen.value(focused)
    assert tabbed
    screen.page.keyboard.press("Escape")
    assert screen.value(focused) == tabbed
