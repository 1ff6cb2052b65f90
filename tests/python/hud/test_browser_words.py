"""What the page says of cells, colours and marks, in a browser."""

from __future__ import annotations

import re

import pytest
from spymaster.hud.paint import PAINT_FILE, paint_tables
from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen, opened, pixels_of
from support.opened_page import END, press


def point_at(screen: Screen, second: int, tick: int) -> list[tuple[str, str]]:
    """Point at a cell and return the lines of its words."""
    second += FIRST_SECOND
    x, y = screen.value(f"[hud.view.x({second}) + 0.5, hud.view.y({tick}) + hud.view.tickPx / 2]")
    box = screen.page.locator("#grid").bounding_box()
    screen.page.mouse.move(box["x"] + x, box["y"] + y)
    assert screen.value("hud.crosshair.cell") == {"second": second, "tick": tick}
    texts = screen.page.locator("#tip dl.numbers > *").all_inner_texts()
    return list(zip(texts[::2], texts[1::2], strict=True))


def test_hover_gives_nine_lines_in_words(screen: Screen) -> None:
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


def test_a_bar_of_depth_gives_its_numbers(screen: Screen) -> None:
    box = screen.page.locator("#depth").bounding_box()
    asks = 64 + END % 50
    for tick, words in (
        (hud_lake.ASK_WALL, f"6660.00: {asks} asks"),
        (hud_lake.TIE_TICK, "6661.00: 9 asks, 9 bids"),
        (hud_lake.ASK_WALL - 1, "6659.75: nothing"),
    ):
        y = screen.value(f"hud.view.y({tick}) + hud.view.tickPx / 2")
        screen.page.mouse.move(box["x"] + 30, box["y"] + y)
        screen.wait()
        assert screen.text("#depth-number") == words
    screen.page.mouse.move(5, 5)
    screen.wait()
    assert not screen.page.locator("#depth-number").is_visible()


def test_strips_show_the_four_conditions_of_the_nearest_level(screen: Screen) -> None:
    """At a level above: asks retreat and are pulled ahead, bids recede and are pulled behind."""
    end = 2_010
    screen.show(end)
    assert screen.value("hud.screen.conditions.levelId") == "or_high"
    met, unmet, background = (
        tuple(paint_tables()["themes"]["dark"][name][:3])
        for name in ("condition_met", "condition_not_met", "background")
    )
    pixels = pixels_of(screen.value("hud.screen.conditions.canvas.toDataURL('image/png')"))
    row_px, room_px = screen.value("[hud.screen.conditions.rowPx, hud.screen.conditions.roomPx]")
    picture = screen.picture()
    seen = set()
    for second in range(end - 410, end + 1):
        is_near = 26_622 - hud_lake.spot_tick(second) <= 20
        states = (second % 30 >= 10, second % 20 >= 10, second % 25 >= 15, second % 15 >= 10)
        for place, state in enumerate(states):
            top = place * (row_px + room_px)
            column = pixels[top : top + row_px, picture.x(second)]
            expected = (met if state else unmet) if is_near else background
            assert {tuple(pixel) for pixel in column.tolist()} == {expected}, (second, place)
            seen.add(expected)
    assert seen == {met, unmet, background}
    shown = ["✓" if state else "·" for state in (end % 30 >= 10, end % 20 >= 10)]
    assert screen.text("#conditions-legend").split()[:2] == ["or", "high"]
    assert screen.text("#conditions-legend").split()[2:4] == shown


def test_ease_is_smoothed_over_what_is_known_of_five_seconds(screen: Screen) -> None:
    found = screen.value(
        """import('/static/view/flow.js').then(({ smoothed }) =>
            [...smoothed(Float64Array.of(1, 2, NaN, 4, 5, 6, 7), 5)].map((value) =>
                Number.isNaN(value) ? null : value))"""
    )
    assert found == [1, 1.5, None, 7 / 3, 3, 17 / 4, 22 / 4]


def test_marks_at_the_price_axis_stand_at_levels_and_strikes(screen: Screen) -> None:
    """Its pixels at the grid have the colour of levels there, those at the right that of gamma."""
    code = "document.getElementById('prices').toDataURL('image/png')"
    theme = paint_tables()["themes"]["dark"]
    pixels = pixels_of(screen.value(code))

    def at(tick: int, x: int) -> tuple[int, ...]:
        y = screen.value(f"Math.floor(hud.view.y({tick}) + hud.view.tickPx / 2)")
        return tuple(pixels[y, x].tolist())

    right = pixels.shape[1] - 2
    assert at(hud_lake.ASK_WALL, 1) == tuple(theme["level"][:3])
    assert at(26_630, right) in {tuple(theme[name][:3]) for name in ("gex_call", "gex_put")}
    assert at(hud_lake.ASK_WALL + 3, 1) != tuple(theme["level"][:3])
    press(screen, "l")
    press(screen, "g")
    pixels = pixels_of(screen.value(code))
    assert at(hud_lake.ASK_WALL, 1) != tuple(theme["level"][:3])
    assert at(26_630, right) not in {tuple(theme[name][:3]) for name in ("gex_call", "gex_put")}
