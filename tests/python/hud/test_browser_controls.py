"""Every key, switch and panel of the page, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from spymaster.hud.paint import PAINT_FILE, paint_tables
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen, launched, opened
from support.stream_server import serving

END = 2_399
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


@pytest.fixture(scope="module")
def opened_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    lake = hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))
    with (
        serving(lake) as server,
        launched() as browser,
        opened(browser, f"http://{server.host}", color_scheme="dark") as screen,
    ):
        yield screen


@pytest.fixture
def screen(opened_page: Screen) -> Screen:
    opened_page.show(END)
    return opened_page


def press(screen: Screen, key: str) -> None:
    screen.page.keyboard.press(key)
    screen.wait()


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
    visible = screen.value("hud.view.height / hud.view.tickPx * hud.view.tickPoints")
    assert 20 <= visible < 24
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


def point_at(screen: Screen, second: int, tick: int) -> list[tuple[str, str]]:
    """Point at a cell and return the lines of its words."""
    second += FIRST_SECOND
    x, y = screen.value(f"[hud.view.x({second}) + 0.5, hud.view.y({tick}) + hud.view.tickPx / 2]")
    box = screen.page.locator("#grid").bounding_box()
    screen.page.mouse.move(box["x"] + x, box["y"] + y)
    assert screen.value("hud.crosshair.cell") == {"second": second, "tick": tick}
    texts = screen.page.locator("#tip dl.numbers > *").all_inner_texts()
    return list(zip(texts[::2], texts[1::2], strict=True))


def test_hover_gives_ten_lines_in_words(screen: Screen) -> None:
    second, tick = END - 9, hud_lake.ASK_WALL
    spot = hud_lake.spot_tick(second)
    flow = (second + tick) % 4
    assert point_at(screen, second, tick) == [
        ("Price", f"6660.00, {tick - spot} ticks above spot"),
        ("Time", "10:09:51 New York, 14:09:51 UTC"),
        ("Rests", f"{64 + second % 50} asks"),
        ("Came", f"{flow + 1} asks"),
        ("Went", f"{flow} asks" if flow else "nothing"),
        ("Filled", "1 asks"),
        ("Usual size", f"{40.5 + second % 4:.1f} a price on this side of spot"),
        ("Largest order", "age not known"),
        ("Gamma", "no strike here"),
        ("Here", "pm high"),
    ]
    # bids and asks rest at one price
    lines = dict(point_at(screen, second, hud_lake.TIE_TICK))
    assert lines["Rests"] == "9 asks, 9 bids"
    # measured, and nothing is there
    lines = dict(point_at(screen, second, tick - 1))
    assert lines["Rests"] == lines["Came"] == lines["Filled"] == "nothing"
    # trades of every third second: buyers lift the offer
    traded = (END - 9) // 3 * 3
    lines = dict(point_at(screen, traded, hud_lake.spot_tick(traded) + 1))
    assert lines["Here"] == f"{1 + traded % 5 + 1 + (traded + 2) % 5} bought"
    lines = dict(point_at(screen, traded, 26_610))
    assert lines["Gamma"].startswith(f"{100 + traded % 60 + 100 + traded % 40}: calls ")


def test_what_is_not_known_is_said_in_the_same_words(screen: Screen) -> None:
    lines = dict(point_at(screen, hud_lake.NO_SPOT, 26_620))
    unknown = ("Rests", "Came", "Went", "Filled", "Usual size")
    assert {lines[name] for name in unknown} == {"not known"}
    assert lines["Price"] == "6655.00, spot not known"
    lines = dict(point_at(screen, hud_lake.NULL_SCORES.start, 26_630))
    assert lines["Usual size"] == "not known"
    lines = dict(point_at(screen, hud_lake.NO_GEX, 26_630))
    assert lines["Gamma"] == "not known"


def test_columns_are_shown_on_demand(screen: Screen) -> None:
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    point_at(screen, END - 9, hud_lake.ASK_WALL)
    assert "D: all columns" in screen.text("#tip")
    press(screen, "d")
    screen.wait("document.querySelector('#tip dl.whole') !== null")
    rows = screen.text("#tip")
    assert "order_count_end" in rows
    assert "reprice_in_qty" in rows
    assert "re-priced away" in rows
    # prices in points
    assert "000000000" not in rows
    press(screen, "d")
    assert not screen.page.locator("#tip dl.whole").count()
    # the first rest of the pointer asked for nothing
    assert len([url for url in asked if "layout=full" in url]) == 3
    screen.page.mouse.move(2, 2)
    assert not screen.page.locator("#tip").is_visible()


def test_help_lists_every_key(screen: Screen) -> None:
    screen.page.keyboard.press("?")
    listed = screen.page.locator("#help").inner_text()
    for key in [*LAYER_KEYS, "f", "x", "z", "0", "m", "u", "a", "b", "n", "space", "esc", "shift"]:
        assert key.upper() in listed.upper().split(), key
    screen.page.keyboard.press("Escape")
    assert not screen.page.locator("#help").is_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_legend_has_every_colour_and_mark(screen: Screen, theme: str) -> None:
    """The palette is that of paint.json; the page's own list of marks draws them."""
    screen.page.emulate_media(color_scheme=theme)
    screen.wait(f"document.documentElement.dataset.theme === '{theme}'")
    screen.page.keyboard.press("?")
    listed = screen.value(
        "[...document.querySelectorAll('#help [data-colour]')].map((mark) => mark.dataset.colour)"
    )
    palette = paint_tables()["themes"][theme]
    names = {name for name in palette if name != "ramps"} | {f"ramp:{k}" for k in palette["ramps"]}
    unused = screen.value("import('/static/legend.js').then((module) => module.NOT_SHOWN_HERE)")
    assert len(listed) == len(set(listed))
    assert set(listed) | set(unused) == names
    assert not set(listed) & set(unused)
    # what the page draws with is in the legend
    code = "".join(
        path.read_text()
        for path in (PAINT_FILE.parent).rglob("*.js")
        if path.name != "flechette.js"
    )
    used = set(re.findall(r"(?:colour|channels)\.([a-z_]+)", code)) & names
    assert used - {"text", "faint_text"} <= set(listed)
    # colours are those of the palette
    for name in ("buy", "gap", "level"):
        swatch = screen.page.locator(f'#help [data-colour="{name}"]')
        shown = swatch.evaluate("mark => getComputedStyle(mark).backgroundImage")
        assert ", ".join(map(str, palette[name][:3])) in shown
    # every shape and every outcome, drawn as on the grid
    steps, outcomes = screen.value(
        """import('/static/view/retests.js').then(({ SHAPES, OUTCOMES }) =>
            [Object.keys(SHAPES), OUTCOMES])"""
    )
    marks = screen.value(
        """[...document.querySelectorAll("#help .retest-mark")].map(({ dataset, lastChild }) =>
            [dataset.step, dataset.outcome, lastChild.getAttribute("d")])"""
    )
    assert {step for step, *_ in marks} == set(steps)
    assert {outcome for _, outcome, _ in marks} == {"", *outcomes}
    assert len({tuple(mark) for mark in marks}) == len(marks)
    # the outcomes of the relation
    written = set(re.findall(r'\["([A-Z_]+)", "', (PAINT_FILE.parent / "retests.js").read_text()))
    assert set(outcomes) == written
    screen.page.keyboard.press("Escape")
    screen.page.emulate_media(color_scheme="dark")


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
    press(screen, "u")
    address, shown = screen.page.url, screen.picture().pixels
    screen.page.goto("about:blank")
    screen.page.goto(address)
    screen.wait()
    assert screen.second() == END - 10
    assert "vacuum" in screen.value("[...hud.screen.layers]")
    assert (screen.picture().pixels == shown).all()


def test_approaches_keep_their_outcome_hidden_until_it_is_past(screen: Screen) -> None:
    (level, _, first, last), _ = hud_lake.EPISODES
    screen.show(first + 10)
    press(screen, "a")
    listed = screen.page.locator(".approach-list li")
    screen.wait("document.querySelectorAll('.approach-list li').length === 1")
    assert level.replace("_", " ") in listed.first.inner_text()
    assert "hidden until it is past" in listed.first.inner_text()
    assert "touched" not in listed.first.inner_text()
    screen.page.get_by_role("button", name="1 more later").click()
    assert listed.count() == 2
    # labels end 240 s after the last decision
    screen.show(last + 260)
    press(screen, "a")
    screen.wait("document.querySelectorAll('.approach-list li').length === 1")
    screen.page.get_by_role("button", name="1 more later").click()
    assert "hidden" not in listed.first.inner_text()
    assert "hidden" in listed.last.inner_text()
    press(screen, "Escape")
    assert not screen.page.locator("#approaches").is_visible()


def test_the_list_of_approaches_is_filtered_and_closes(screen: Screen) -> None:
    screen.show(hud_lake.EPISODES[1][3])
    press(screen, "a")
    listed = screen.page.locator(".approach-list li")
    screen.wait("document.querySelectorAll('.approach-list li').length === 2")
    by_level = screen.page.get_by_label("Level", exact=True)
    assert by_level.locator("option").all_inner_texts() == ["any level", "or high", "pm low"]
    by_level.select_option("pm low")
    assert [text.split()[1:3] for text in listed.all_inner_texts()] == [["pm", "low,"]]
    by_level.select_option("")
    # the second one is under way
    known = screen.page.get_by_role("button", name="Outcome known")
    known.click()
    assert listed.count() == 1
    assert "or high" in listed.first.inner_text()
    known.click()
    # both begin in one hour: 10:01:41 and 10:08:21
    by_hour = screen.page.get_by_label("Time of day, New York")
    assert by_hour.locator("option").all_inner_texts() == ["any time", "10:00 to 10:59"]
    by_hour.select_option("10")
    assert listed.count() == 2
    # keys step through what is listed
    by_level.select_option("or high")
    press(screen, "Escape")
    press(screen, "b")
    screen.wait(f"hud.player.second === {hud_lake.EPISODES[0][2] - 30 + FIRST_SECOND}")
    screen.wait()
    screen.page.keyboard.press("n")
    screen.wait("document.getElementById('note').textContent.includes('no later approach')")
    press(screen, "a")
    screen.wait("!document.getElementById('approaches').hidden")
    by_level.select_option("")
    screen.page.get_by_role("button", name="2 more later").click()
    screen.wait("document.querySelectorAll('.approach-list li').length === 2")
    listed.last.locator("button").click()
    screen.wait(f"hud.player.second === {hud_lake.EPISODES[1][2] - 30 + FIRST_SECOND}")
    assert not screen.page.locator("#approaches").is_visible()


def test_retests_show_what_is_known(screen: Screen) -> None:
    broken, back, end = hud_lake.RETEST
    listed = screen.page.locator(".retest-list li")
    for second, words in (
        (broken + 20, "not back yet"),
        (back + 10, "conditions partial; hidden until it is past"),
        (end + 10, "conditions partial; failed"),
    ):
        screen.show(second)
        press(screen, "a")
        screen.wait("document.querySelectorAll('.retest-list li').length === 1")
        assert "or high, 6660.00, broken up" in listed.first.inner_text()
        assert words in listed.first.inner_text()
    screen.show(broken)
    press(screen, "a")
    screen.wait("document.querySelectorAll('.approach-list li').length === 1")
    assert listed.count() == 0


def marks(screen: Screen) -> list[tuple[int, str, str]]:
    """Return second, step and outcome of each mark, and check that it lies on the level."""
    found = screen.value(
        """[...document.querySelectorAll(".retest-mark")].map((mark) => {
            const own = mark.getBoundingClientRect();
            const box = document.getElementById("grid-box").getBoundingClientRect();
            const x = Math.floor(own.x + own.width / 2 - box.x);
            const y = Math.floor(own.y + own.height / 2 - box.y);
            const { step, outcome } = mark.dataset;
            return [hud.view.secondAt(x), hud.view.tickAt(y), step, outcome]; })"""
    )
    assert {tick for _, tick, *_ in found} <= {hud_lake.ASK_WALL}
    return [(second - FIRST_SECOND, step, outcome) for second, _, step, outcome in found]


def test_marks_show_each_step_once_it_is_known(screen: Screen) -> None:
    broken, back, end = hud_lake.RETEST
    listed = "hud.screen.retestMarks.listedAt >= hud.player.second && !hud.screen.isAsked"
    steps: dict[int, list[tuple[int, str, str]]] = {
        broken + 9: [],
        broken + 10: [(broken, "break", "")],
        back - 1: [(broken, "break", "")],
        back: [(broken, "break", ""), (back, "retest", "")],
        end - 1: [(broken, "break", ""), (back, "retest", "")],
        end: [(broken, "break", ""), (back, "retest", "FAILS")],
    }
    for second, shown in steps.items():
        screen.show(second)
        screen.wait(listed)
        assert marks(screen) == shown, second
    # going back hides what the page has got, and asks for nothing
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    for second, shown in reversed(steps.items()):
        screen.value(f"hud.player.seek({second + FIRST_SECOND})")
        screen.wait()
        assert marks(screen) == shown, second
    assert not [url for url in asked if "retests" in url]


def test_a_mark_says_what_it_is_and_hides_with_the_levels(screen: Screen) -> None:
    broken, back, end = hud_lake.RETEST
    screen.show(back + 10)
    screen.wait("hud.screen.retestMarks.marks.length === 2")
    box = screen.page.locator("#grid").bounding_box()

    def tip_at(second: int) -> str:
        x, y = screen.value(
            f"[hud.view.x({second + FIRST_SECOND}), hud.view.y({hud_lake.ASK_WALL}) + 1]"
        )
        screen.page.mouse.move(box["x"] + x, box["y"] + y)
        return screen.text("#tip")

    words = "or high, 6660.00, broken up at 10:03:20; back at 10:04:10; conditions partial; "
    assert words + "hidden until it is past" in tip_at(back)
    assert words in tip_at(broken)
    assert "broken" not in tip_at(broken + 25)
    tip_at(back)
    screen.value(f"hud.player.seek({end + 5 + FIRST_SECOND})")
    screen.wait("hud.screen.retestMarks.listedAt >= hud.player.second && !hud.screen.isAsked")
    assert words + "failed" in tip_at(back)
    press(screen, "l")
    assert marks(screen) == []
    assert "broken" not in tip_at(back)
    press(screen, "l")
    assert len(marks(screen)) == 2


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


def test_keys_step_from_approach_to_approach(screen: Screen) -> None:
    starts = [first - 30 for _, _, first, _ in hud_lake.EPISODES]
    screen.show(2_100)
    for key, start in (("n", starts[1]), ("b", starts[0]), ("n", starts[1])):
        screen.page.keyboard.press(key)
        screen.wait(f"hud.player.second === {start + FIRST_SECOND}")
        screen.wait()
    screen.page.keyboard.press("n")
    screen.wait("document.getElementById('note').textContent.includes('no later approach')")


def test_back_skips_an_approach_that_has_just_begun_to_play(screen: Screen) -> None:
    starts = [first - 30 for _, _, first, _ in hud_lake.EPISODES]
    screen.show(starts[1])
    # a slow machine presses the second key in time too
    screen.value("hud.player.setSpeed(0.1)")
    screen.page.keyboard.press(" ")
    screen.page.keyboard.press("b")
    screen.wait(f"Math.abs(hud.player.second - {starts[0] + FIRST_SECOND}) < 30")
    screen.page.keyboard.press(" ")


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


@pytest.mark.parametrize(
    ("width", "ratio", "expected_px"), [(1_280, 1, 14.04), (1_280, 2, 28.08), (3_840, 1, 22.68)]
)
def test_marks_grow_with_the_pixels(
    opened_page: Screen, width: int, ratio: int, expected_px: float
) -> None:
    """Pixels of the device, at the font of 13 and of 21 pixels."""
    browser = opened_page.page.context.browser
    options = {"color_scheme": "dark", "device_scale_factor": ratio}
    with opened(browser, opened_page.address, width, 720, **options) as screen:
        screen.show(hud_lake.RETEST[0] + 15)
        screen.wait("hud.screen.retestMarks.marks.length === 1")
        box = screen.page.locator(".retest-mark").bounding_box()
        assert box["width"] * ratio == pytest.approx(expected_px, abs=0.05)
        # and their middle stays in its cell
        at = screen.page.locator("#grid").bounding_box()
        x = int((box["x"] + box["width"] / 2 - at["x"]) * ratio)
        y = int((box["y"] + box["height"] / 2 - at["y"]) * ratio)
        second, tick = screen.value(f"[hud.view.secondAt({x}), hud.view.tickAt({y})]")
        assert (second - FIRST_SECOND, tick) == (hud_lake.RETEST[0], hud_lake.ASK_WALL)
