"""The card: what the page says of the level in question, and that it is read without scrolling."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest
from playwright.sync_api import Browser
from spymaster.card.sentences import place_sentence, whole_percents
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.clock import NEW_YORK
from support.contrast import contrast
from support.hud_page import FIRST_SECOND, Screen, launched, opened
from support.stream_server import serving

MOST_WORDS, LEAST_PX, LEAST_CONTRAST = 60, 12, 4.5
OFFSETS = ["+4", "+3", "+2", "+1", "", *(f"\N{MINUS SIGN}{n}" for n in range(1, 5))]
# at the level, on the way through it
AT = 1_005
CUT_OFF = """[...document.querySelectorAll("#card *")].filter((one) => {
    const box = one.getBoundingClientRect();
    const card = document.getElementById("card").getBoundingClientRect();
    return box.width > 0 && !one.matches(".usual-mark, .base-mark") && (box.right > card.right + 1
        || box.bottom > card.bottom + 1 || box.left < card.left - 1
        || (one.children.length === 0 && getComputedStyle(one).display !== "inline"
            && one.scrollWidth > one.clientWidth + 1));
}).map((one) => one.className + ": " + one.textContent)"""
SMALLEST = """Math.min(...[...document.querySelectorAll("#card *")].filter((one) => one.offsetParent
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""
COLOURS = """[...document.querySelectorAll("#card *")].filter((one) => one.offsetParent
    && [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()))
    .map((one) => {
        const style = (what) => getComputedStyle(what);
        let behind = one;
        while (style(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
        return [style(one).color, style(behind).backgroundColor, one.textContent];
    })"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(lake: Lake) -> Iterator[str]:
    with serving(lake) as server:
        yield f"http://{server.host}"


@pytest.fixture(scope="module")
def screen(address: str, browser: Browser) -> Iterator[Screen]:
    with opened(browser, address, color_scheme="dark") as screen:
        screen.show(AT)
        yield screen


def settle(screen: Screen, second: int) -> None:
    """Go to a second, and wait for the card and its ladder."""
    seconds = second - screen.second()
    screen.value(f"void hud.player.seek(hud.player.second + {seconds})")
    screen.wait()
    has_ladder = "hud.player.ring.slice(hud.player.second, 'ladder') !== undefined"
    has_none = "hud.player.ring.slice(hud.player.second, 'levels') === undefined"
    screen.wait(f"{has_ladder} || {has_none}")
    screen.wait("!hud.screen.isAsked && hud.screen.panelTimer === undefined")


def course(lake: Lake, second: int, level_id: str) -> dict[str, object]:
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        found = connection.execute(
            """select * replace (reached_ts::timestamp as reached_ts,
                resolved_ts::timestamp as resolved_ts) from gold.course_odds_1s
            where window_end_ts = ? and level_id = ?""",
            [hud_lake.window_end(second), level_id],
        )
        names = [column[0] for column in found.description]
        return dict(zip(names, found.fetchall()[0], strict=True))


def words_of_card(screen: Screen) -> int:
    """Return the number of words beside the ladder."""
    words = screen.value(
        """[...document.getElementById("card").children].filter((one) =>
            !one.matches(".card-ladder")).map((one) => one.innerText).join(" ")"""
    ).split()
    # a button is no text
    words.remove("Pin")
    return len(words)


def test_the_level_in_question_is_that_of_the_approach_under_way(
    screen: Screen, lake: Lake
) -> None:
    settle(screen, AT)
    assert screen.text("#card h2") == "sma 90"
    assert screen.text(".card-place") == place_sentence(course(lake, AT, "sma_90"), NEW_YORK)
    # another level is as near, but nothing approaches it
    settle(screen, 2_350)
    assert screen.text("#card h2") == "pm low"
    place = place_sentence(course(lake, 2_350, "pm_low"), NEW_YORK)
    assert screen.text(".card-place") == f"{place}, 40 ticks/min"
    settle(screen, 500)
    assert re.fullmatch(r"\d+ ticks \w+ it, moving away, 44 ticks/min", screen.text(".card-place"))
    assert screen.text(".odds-reason") == "no approach under way"


def test_odds_stay_from_the_approach_through_the_touch_and_past_the_level(
    screen: Screen, lake: Lake
) -> None:
    level_id, _, first, last = hud_lake.COURSES[0]
    phases = set()
    for second in range(first + 12, last, 20):
        settle(screen, second)
        row = course(lake, second, level_id)
        shares, usual = (
            whole_percents([row[f"{kind}_{name}"] for name in ("break", "reject", "chop")])
            for kind in ("p", "base")
        )
        labels = screen.page.locator(".odds-labels span").all_inner_texts()
        assert labels == [f"break↑ {shares[0]}", f"reject↓ {shares[1]}", f"chop {shares[2]}"]
        labels = screen.page.locator(".odds-usual span").all_inner_texts()
        assert labels == [f"usually {usual[0]}", usual[1], usual[2]]
        assert screen.text(".odds-support") == "79 approaches, 11 days: not shown"
        phases.add(row["phase"])
    assert phases == {"approaching", "at", "through", "back"}


def test_no_odds_stand_in_the_same_place_and_size(screen: Screen) -> None:
    settle(screen, AT)
    box = screen.page.locator(".odds").bounding_box()
    said = set()
    for second in (905, 1_922, 1_945, 1_962, 1_982):
        settle(screen, second)
        assert screen.page.locator(".odds").bounding_box() == pytest.approx(box, abs=0.5)
        if screen.page.locator(".odds-reason").is_visible():
            said.add(screen.text(".odds-reason"))
    assert said == {
        "no approach under way",
        "too few to say: 9 approaches like it on 3 days",
        "nothing like it on earlier days: no odds",
        "no odds outside the hours that are studied",
    }


def test_the_end_of_an_approach_is_said_for_twenty_seconds(screen: Screen, lake: Lake) -> None:
    level_id, _, _, last = hud_lake.COURSES[0]
    settle(screen, last - 1)
    record = "broke 4, turned back 2 of 7; not compared with chance"
    assert screen.text(".card-record") == record
    ending = place_sentence(course(lake, last, level_id), NEW_YORK)
    assert ending.startswith("broke up at ")
    for second in (last, last + 19):
        settle(screen, second)
        assert screen.text("#card h2") == "sma 90"
        assert screen.text(".card-record") == ending
    # at another level too
    screen.page.locator(".step-up").click()
    screen.wait("document.querySelector('#card h2').textContent !== 'sma 90'")
    screen.wait("!hud.screen.isAsked && hud.screen.panelTimer === undefined")
    assert screen.text(".card-record") == f"sma 90 {ending.split(', ')[0]}"
    assert words_of_card(screen) <= MOST_WORDS
    screen.page.locator(".step-down").click()
    screen.wait("document.querySelector('#card h2').textContent === 'sma 90'")
    settle(screen, last + 20)
    assert ending not in screen.text("#card")


def test_the_ladder_has_numbers_states_usual_sizes_spot_and_strikes(
    screen: Screen, lake: Lake
) -> None:
    settle(screen, AT)
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        rungs = connection.execute(
            """select ask_depth, ask_usual_depth, ask_state, bid_depth, level_price_int / 1e9
                + point_offset, strike_points, k_ticks, point_offset from silver.level_ladder_1s
            where window_end_ts = ? and level_id = 'sma_90' order by point_offset desc""",
            [hud_lake.window_end(AT)],
        ).fetchall()
    prices = screen.page.locator(".rung-price .figure").all_inner_texts()
    offsets = screen.page.locator(".rung-offset").all_inner_texts()
    assert offsets == OFFSETS
    assert prices == [f"{price:.2f}" for *_, price, _, _, _ in rungs]
    words = {"wall_holds": "holds", "wall_pulled": "pulled", "quiet": "", None: ""}
    states = screen.page.locator(".depth.ask + .rung-state").all_text_contents()
    assert states == [words.get(state, state) for _, _, state, *_ in rungs]
    most = max(max(ask, usual, bid) for ask, usual, _, bid, *_ in rungs)
    sides = screen.page.locator(".depth.ask").all()
    for side, (ask, usual, state, *_) in zip(sides, rungs, strict=True):
        if state is None:
            assert side.inner_text() == ""
            continue
        assert side.inner_text() == str(ask)
        track = side.locator(".depth-track").bounding_box()
        bar = side.locator(".depth-bar").bounding_box()
        assert bar["width"] == pytest.approx(track["width"] * ask / most, abs=0.6)
        mark = side.locator(".usual-mark").bounding_box()
        assert mark["x"] - track["x"] == pytest.approx(track["width"] * usual / most, abs=0.6)
    # spot lies in the rung below the level, whose ticks are one to four below it
    line = screen.page.locator(".rung-spot").bounding_box()
    below = screen.page.locator(".rung-price").nth(5).bounding_box()
    assert below["y"] - 2 < line["y"] < below["y"] + below["height"]
    # a strike stands once, across the rungs that share it
    strikes = screen.page.locator(".strike-cell .figure").all_inner_texts()
    assert [float(strike) for strike in strikes] == sorted({row[5] for row in rungs}, reverse=True)
    cell = screen.page.locator(".strike-cell").first.bounding_box()
    shared = sum(row[5] == rungs[0][5] for row in rungs)
    first, last = (
        screen.page.locator(".rung-price").nth(place).bounding_box() for place in (0, shared - 1)
    )
    assert shared > 1
    assert cell["y"] <= first["y"] and cell["y"] + cell["height"] >= last["y"] + last["height"] - 1


def test_four_lights_are_seen_from_the_side_of_the_approach(screen: Screen, lake: Lake) -> None:
    for second, level_id, ahead, behind in (
        (AT, "sma_90", ("c1", "c2"), ("c3", "c4")),
        (2_350, "pm_low", ("c3", "c4"), ("c1", "c2")),
    ):
        settle(screen, second)
        with duckdb.connect(str(lake.published), read_only=True) as connection:
            met = connection.execute(
                f"""select {", ".join(ahead + behind)} from gold.conditions_in_use_1s
                where window_end_ts = ? and level_id = ?""",
                [hud_lake.window_end(second), level_id],
            ).fetchone()
        lights = screen.page.locator(".light").all()
        shown = [light.get_attribute("data-met") for light in lights]
        assert shown == [str(value).lower() for value in met]
        assert len(set(met)) == 2
        # the strips of the conditions stand in the same order
        marks = screen.page.locator("#conditions-legend .condition").all()
        assert [mark.get_attribute("data-met") for mark in marks] == shown
        assert level_id in screen.value("hud.screen.stripCells.levelIds")
    assert screen.text(".card-signature") in (
        "no signature of a turn or break",
        "by the hypothesis a turn: not shown",
        "by the hypothesis a break: useful",
    )


def test_arrows_step_to_other_levels_and_a_pin_keeps_one(screen: Screen) -> None:
    settle(screen, AT)
    screen.page.locator(".step-up").click()
    screen.wait("document.querySelector('#card h2').textContent === 'pm high'")
    screen.wait("!hud.screen.isAsked && hud.screen.panelTimer === undefined")
    assert screen.page.locator(".rung-price .figure").first.inner_text() == "6664.00"
    assert screen.text(".odds-reason") == "no approach under way"
    # a choice holds while the same level is in question
    settle(screen, AT + 2)
    assert screen.text("#card h2") == "pm high"
    settle(screen, 1_950)
    assert screen.text("#card h2") == "or high"
    screen.page.locator(".pin").click()
    screen.wait("document.querySelector('.pin').ariaPressed === 'true'")
    settle(screen, 2_350)
    assert screen.text("#card h2") == "or high"
    # before it is final the pinned level is not active
    settle(screen, AT)
    assert screen.text("#card h2") == "or high"
    assert screen.text(".card-place") == "no active level"
    screen.page.locator(".pin").click()
    screen.wait("document.querySelector('#card h2').textContent === 'sma 90'")


def test_keys_step_to_other_levels_and_pin_one(screen: Screen) -> None:
    settle(screen, AT)
    screen.page.keyboard.press("ArrowUp")
    screen.wait("document.querySelector('#card h2').textContent === 'pm high'")
    screen.page.keyboard.press("i")
    screen.wait("document.querySelector('.pin').ariaPressed === 'true'")
    screen.page.keyboard.press("i")
    screen.wait("document.querySelector('.pin').ariaPressed === 'false'")
    screen.page.keyboard.press("ArrowUp")
    screen.page.keyboard.press("ArrowDown")
    screen.wait("document.querySelector('#card h2').textContent === 'sma 90'")
    assert screen.second() == AT


def test_nothing_covers_the_names_of_strikes(screen: Screen) -> None:
    covered = """(() => {
        const box = (one) => one.getBoundingClientRect();
        const parts = [...document.querySelectorAll("#card .card-ladder *")];
        const names = parts.filter((one) => one.matches(".strike-cell > .figure"));
        const over = names.flatMap((name) => parts.filter((one) => one !== name
            && !one.contains(name) && box(one).width && !one.matches(".rung-column")
            && box(one).left < box(name).right - 0.5 && box(one).right > box(name).left + 0.5
            && box(one).top < box(name).bottom - 0.5 && box(one).bottom > box(name).top + 0.5));
        return [names.length, over.map((one) => one.className)];
    })()"""
    for second in (AT, AT + 20, 1_950):
        settle(screen, second)
        count, over = screen.value(covered)
        assert count > 0
        assert over == []


def test_the_stream_brings_ladders_and_the_page_keeps_the_newest(screen: Screen) -> None:
    settle(screen, AT)
    screen.value("hud.player.play()")
    screen.wait(f"hud.player.second >= {FIRST_SECOND + AT + 3}")
    screen.value("hud.player.pause()")
    screen.wait("!hud.screen.isAsked && hud.screen.panelTimer === undefined")
    held = """Array.from({length: 60}, (_, back) => hud.player.second - back).filter((second) =>
        hud.player.ring.slice(second, "ladder")).length"""
    assert screen.value(held) == 1
    assert screen.page.locator(".rung-price").count() == 9
    # a second whose ladder is gone gets it again
    settle(screen, AT)
    assert screen.text(".card-ladder .no-ladder") == ""


def test_what_is_below_the_card_unfolds(screen: Screen) -> None:
    settle(screen, AT)
    assert not screen.page.locator("#levels-panel").is_visible()
    screen.page.get_by_text("Levels, nearest first").click()
    screen.wait("document.querySelector('#levels-panel .level-card') !== null")
    assert "Rule of thumb: break score" in screen.text("#levels-panel")
    screen.page.get_by_text("Levels, nearest first").click()
    screen.wait("!document.querySelector('#levels-panel').parentElement.open")
    assert not screen.page.locator("#levels-panel").is_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize(("width", "height"), [(1_280, 720), (1_600, 900), (3_840, 2_160)], ids=str)
def test_the_card_is_read_without_scrolling(
    screen: Screen, width: int, height: int, scheme: str
) -> None:
    screen.page.set_viewport_size({"width": width, "height": height})
    screen.page.emulate_media(color_scheme=scheme)
    # at, back with odds, too few, resolved, under way, an invalid second, none
    for second in (AT, 2_005, 1_945, 1_185, 2_350, hud_lake.INVALID, 500):
        settle(screen, second)
        assert screen.value(CUT_OFF) == []
        assert screen.value(SMALLEST) >= LEAST_PX
        bottom = "document.getElementById('card').getBoundingClientRect().bottom"
        assert screen.value(bottom) < screen.page.locator("#transport").bounding_box()["y"] - 60
        assert words_of_card(screen) <= MOST_WORDS
        for text, behind, said in screen.value(COLOURS):
            assert contrast(text, behind) >= LEAST_CONTRAST, said
