"""What stands beside the grid, in words, and how the page fits its window."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import duckdb
import pytest
from playwright.sync_api import Browser
from spymaster.stream.app import PAGE
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen, launched, opened
from support.stream_server import serving

END = 2_399
# names of elements that are cut off
CUT_OFF = """(() => {
    const named = "button, output, select, h2, h3, .bar-label, .bar-value";
    const isCut = (one) => one.getBoundingClientRect().right > innerWidth
        || (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline");
    return [...document.querySelectorAll(named)].filter((one) => one.offsetParent && isCut(one))
        .map((one) => one.id || one.textContent);
})()"""
TIMES, MINUS = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))


@pytest.fixture(scope="module")
def address(lake: Lake) -> Iterator[str]:
    with serving(lake) as server:
        yield f"http://{server.host}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def screen(address: str, browser: Browser) -> Iterator[Screen]:
    with opened(browser, address, color_scheme="dark") as screen:
        yield screen


def ask(lake: Lake, query: str, second: int) -> list[tuple]:
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        return connection.execute(query, {"ts": hud_lake.window_end(second)}).fetchall()


def settle(screen: Screen, second: int) -> None:
    """Show a second and wait for the panels, which follow the grid."""
    screen.show(second)
    screen.wait("hud.screen.panelTimer === undefined")
    screen.unfold()


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (END, "Call wall 6672.50, put wall 6632.50, gamma flip 6661.63"),
        (hud_lake.NULL_SCORES[0], "Call wall 6672.50, put wall 6632.50, gamma flip not shown"),
        (hud_lake.NO_GEX, "Gamma: not shown"),
    ],
)
def test_walls_of_gamma_are_said(screen: Screen, second: int, words: str) -> None:
    settle(screen, second)
    assert words in screen.text("#now-panel")


def test_spot_quotes_and_what_cannot_be_trusted_are_said(screen: Screen) -> None:
    settle(screen, END)
    spot = hud_lake.spot_tick(END)
    now = screen.text("#now-panel")
    assert f"{spot / 4:.2f}" in now
    assert f"bid {(spot - 1) / 4:.2f} {TIMES} {4 + END % 7}" in now
    assert f"ask {(spot + 1) / 4:.2f} {TIMES} {2 + END % 5}" in now
    for second, warning in (
        (hud_lake.MISSING, "Nothing is recorded in this second."),
        (hud_lake.INVALID, "This second cannot be trusted."),
        (int(hud_lake.RECORDING_GAP[0]) + 1, "The recording has a gap in this second."),
    ):
        settle(screen, second)
        assert warning in screen.text("#now-panel")


def test_ease_of_moving_is_said_by_direction(screen: Screen) -> None:
    settle(screen, END)
    said = " ".join(screen.text("#now-panel").split())
    assert f"Ease up {END % 100 / 100:.2f} Ease down {END % 37 / 37:.2f}" in said


def test_missing_numbers_are_not_shown_and_never_zero(screen: Screen) -> None:
    settle(screen, hud_lake.NULL_SCORES.start + 2)
    assert screen.text("#now-panel").count("not shown") == 3
    assert screen.text("#flow-legend").count("not shown") == 3
    settle(screen, hud_lake.NO_GEX)
    assert screen.text("#strikes-panel").endswith("Strikes: not shown")
    assert "Gamma: not shown" in screen.text("#now-panel")


def test_levels_stand_nearest_first_with_their_distance(screen: Screen, lake: Lake) -> None:
    settle(screen, END)
    expected = ask(
        lake,
        """select level_id, abs(k_ticks) from silver.level_offset_1s
        inner join silver.levels_1s using (symbol, dt, window_end_ts, level_id)
        where window_end_ts = $ts and (is_active or is_provisional) order by all""",
        END,
    )
    cards = screen.page.locator(".level-card")
    shown = [
        (card.get_attribute("data-level"), card.locator("p").first.inner_text())
        for card in cards.all()
    ]
    distances = dict(expected)
    assert {level for level, _ in shown} == set(distances)
    order = [distances[level] for level, _ in shown]
    assert order == sorted(order)
    for level, words in shown:
        assert words.startswith(f"price is {distances[level]} tick"), (level, words)


def test_odds_stay_from_a_decision_to_the_next_and_then_are_not_shown(
    screen: Screen, lake: Lake
) -> None:
    level = hud_lake.EPISODES[0][0]
    decisions = ask(
        lake,
        """select window_end_ts, is_judged, neighbors_ok, is_similar, p_break
        from gold.retrieval_outcomes inner join gold.retrieval_settings using (horizon_id)
        where window_end_ts <= $ts and level_id = 'or_high' order by window_end_ts desc""",
        END,
    )
    card = f'[data-level="{level}"]'
    seen = set()
    for moment, is_judged, neighbors_ok, is_similar, p_break in decisions[:4]:
        second = int((moment - hud_lake.window_end(0)).total_seconds())
        if not is_judged:
            expected = "Odds: nothing was judged from this moment"
        elif not neighbors_ok:
            expected = "Odds: too few neighbors"
        elif not is_similar:
            expected = "Odds: nothing like it"
        else:
            expected = f"break\n{p_break:.0%}"
        seen.add(expected)
        settle(screen, second + 4)
        shown = screen.text(card)
        assert expected in shown
        assert f", as of {moment:%H:%M:%S} UTC" in shown
        if is_judged and neighbors_ok and is_similar:
            # 17.5 independent episodes
            assert ": thin support" in shown
            assert "then within 4 min: 8 ticks through, back or neither" in shown
    assert len(seen) == 4
    last = int((decisions[0][0] - hud_lake.window_end(0)).total_seconds())
    settle(screen, last + 5)
    assert "Odds: not shown" in screen.text(card)


def test_the_four_readings_stand_above_and_below_with_their_words(
    screen: Screen, lake: Lake
) -> None:
    settle(screen, END)
    panel = screen.text("#turn-panel")
    for words in ("Asks retreat", "Asks pulled", "Bids recede", "Bids pulled"):
        assert panel.count(words) == 2
    server_words = screen.value(
        "(() => { const s = hud.player.ring.slice(hud.player.second, 'turns');"
        " return s.columns.words.slice(s.from, s.to); })()"
    )
    assert any(words in panel for words in server_words)


def test_a_reading_beyond_its_bar_is_marked_at_its_end(screen: Screen) -> None:
    settle(screen, END)
    marks = screen.value(
        """import("/static/panels/bars.js").then(({ SignedBar }) =>
            [5, 4, -4, -5, null].map((reading) => {
                const bar = new SignedBar("", 4);
                bar.set(reading, "", null);
                return bar.root.dataset.beyond;
            }))"""
    )
    assert marks == ["right", "", "", "left", ""]


def test_a_near_level_without_readings_is_named_with_the_reason(screen: Screen) -> None:
    settle(screen, 142)
    assert "Above: or high, 15 ticks: readings not shown (provisional)" in screen.text(
        "#turn-panel"
    )
    card = screen.text('[data-level="or_high"]')
    assert "Odds: not shown, as the level is provisional" in card
    assert "Asks give way" in card and "Bids give way" in card


def test_bought_minus_sold_is_summed_from_the_left_edge(screen: Screen) -> None:
    settle(screen, END)
    left = screen.value("hud.player.second - hud.view.leftSecond")
    # the fixture's trades of a second without a row are not known
    seconds = [s for s in range(END - left, END + 1) if s != hud_lake.MISSING]
    expected = sum(second % 11 - second % 7 for second in seconds)
    sign = "+" if expected > 0 else MINUS if expected < 0 else ""
    assert f"{sign}{abs(expected)}" in screen.text("#flow-legend")


def test_a_click_explains_the_cell(screen: Screen) -> None:
    settle(screen, END)
    asked: list[str] = []
    answer = {
        "definition": "Contracts that rest at the price.",
        "sql": "select depth\nfrom walls",
        "inputs": [{"relation": "silver.depth", "rows": 2}],
        "neighbors": [
            {
                "symbol": hud_lake.SYMBOL,
                "dt": str(hud_lake.DAY),
                "window_end_ts_ns": str(hud_lake.window_end_ns(2_000)),
                "outcome": "BREAK",
            }
        ],
        "records": [],
    }

    def fulfil(route) -> None:
        asked.append(route.request.url)
        route.fulfill(json=answer)

    screen.page.route("**/v1/hud/explain?*", fulfil)
    x, y = screen.value(
        f"[hud.view.x(hud.player.second - 5) + 0.5, hud.view.y({hud_lake.FLOW_TICK}) + 2]"
    )
    box = screen.page.locator("#grid").bounding_box()
    if y < 0:
        y = screen.value("hud.view.y(hud.view.spotTick + 1) + 2")
    screen.page.mouse.click(box["x"] + x, box["y"] + y)
    screen.wait("document.querySelector('#explain pre') !== null")
    told = screen.text("#explain")
    assert "Contracts that rest at the price." in told
    assert "silver.depth" in told
    assert "surface=wall" in asked[0] and "column=depth_qty_end" in asked[0]
    assert f"window_end_ts_ns={hud_lake.window_end_ns(END - 5)}" in asked[0]
    screen.page.get_by_role("button", name="Go there").click()
    screen.wait()
    assert screen.second() == 2_000
    assert not screen.page.locator("#explain").is_visible()
    screen.page.go_back()
    screen.wait(f"hud.player.second === {FIRST_SECOND + END}")
    screen.wait()


def test_odds_at_a_level_do_not_say_whether_price_comes_to_it(screen: Screen, lake: Lake) -> None:
    found = dict(
        ask(
            lake,
            """select level_id, max(window_end_ts) from gold.retrieval_outcomes
            where window_end_ts <= $ts and neighbors_ok and is_similar group by level_id""",
            END,
        )
    )
    words = {
        "pm_low": "price came to it; within 4 min: 8 ticks through, back or neither",
        "or_high": "reaches it 75% (usually 63%); then within 4 min: 8 ticks through, back",
    }
    for level, expected in words.items():
        settle(screen, int((found[level] - hud_lake.window_end(0)).total_seconds()))
        assert expected in screen.text(f'[data-level="{level}"]'), level


def test_each_outcome_of_the_odds_is_explained(screen: Screen, lake: Lake) -> None:
    decision = ask(
        lake,
        """select max(window_end_ts) from gold.retrieval_outcomes
        where window_end_ts <= $ts and level_id = 'or_high' and p_break is not null""",
        END,
    )[0][0]
    settle(screen, int((decision - hud_lake.window_end(0)).total_seconds()))
    asked: list[str] = []

    def fulfil(route) -> None:
        asked.append(re.search("column=([a-z_]+)", route.request.url)[1])
        route.fulfill(json={"definition": "A share."})

    screen.page.unroute_all()
    screen.page.route("**/v1/hud/explain?*", fulfil)
    screen.page.locator('[data-level="or_high"] button').click()
    screen.page.get_by_role("button", name="Odds of chop").click()
    screen.wait("document.querySelector('#explain').textContent.includes('A share.')")
    assert asked == ["p_break", "p_chop"]
    screen.page.keyboard.press("Escape")
    assert not screen.page.locator("#explain").is_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize(
    ("width", "height"), [(1_280, 720), (1_920, 1_080), (3_840, 2_160)], ids=str
)
def test_the_page_fits_its_window(screen: Screen, width: int, height: int, scheme: str) -> None:
    screen.page.set_viewport_size({"width": width, "height": height})
    screen.page.emulate_media(color_scheme=scheme)
    settle(screen, END)
    assert screen.value(CUT_OFF) == []
    root = "document.documentElement"
    assert screen.value(f"{root}.scrollWidth <= innerWidth && {root}.scrollHeight <= innerHeight")
    wide, high = screen.value("[hud.view.width, hud.view.height]")
    assert wide > 0.55 * width
    assert high > 0.6 * height
    # every control says what it is
    unnamed = """[...document.querySelectorAll("button, input, select, canvas")].filter((one) =>
        !(one.textContent.trim() || one.ariaLabel || one.title || one.labels?.length)).length"""
    assert screen.value(unnamed) == 0


def test_a_fine_screen_gets_its_own_pixels(address: str, browser: Browser) -> None:
    with opened(browser, address, device_scale_factor=2) as screen:
        screen.show(END)
        sizes = "[hud.screen.grid.canvas.width, hud.screen.box.clientWidth]"
        pixels, width = screen.value(sizes)
        assert pixels == 2 * width


def test_vendored_code_is_what_the_package_index_has() -> None:
    table = (PAGE / "vendor" / "README.md").read_text()
    module = PAGE / "vendor" / "flechette.js"
    assert hashlib.sha256(module.read_bytes()).hexdigest() in table
