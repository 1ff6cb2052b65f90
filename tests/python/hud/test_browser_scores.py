"""The strips of scores on the page: shown and hidden, exact numbers, words, explanations."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.hud_page import Screen, launched, opened
from support.stream_server import serving

END = 2_399
QUERY = """
    select score_smooth, signal, score.confidence, state, added, buy_vol, sell_vol
    from gold.break_score_1s as score
    join silver.barrier_engine_1s as barrier using (symbol, dt, window_end_ts, level_id)
    join silver.tape_engine_1s as tape using (symbol, dt, window_end_ts, level_id)
    where window_end_ts = ? and level_id = ?
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))


@pytest.fixture(scope="module")
def screen(lake: Lake) -> Iterator[Screen]:
    with (
        serving(lake) as server,
        launched() as browser,
        opened(browser, f"http://{server.host}", 1_920, 1_080, color_scheme="dark") as screen,
    ):
        screen.show(END)
        yield screen


def reading(lake: Lake, second: int, level_id: str) -> dict[str, object]:
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        found = connection.execute(QUERY, [hud_lake.window_end(second), level_id])
        names = [column[0] for column in found.description]
        return dict(zip(names, found.fetchall()[0], strict=True))


def point_at(screen: Screen, second: int, strip: int) -> None:
    """Move the pointer over a second of a strip, counted from above."""
    at = screen.value(f"hud.view.x(hud.player.second - {screen.second() - second}) + 0.5")
    box = screen.page.locator("#strips").bounding_box()
    screen.page.mouse.move(box["x"] + at, box["y"] + 20 * strip + 10)


def test_a_key_hides_the_strips_and_gives_their_room_to_the_grid(screen: Screen) -> None:
    button = screen.page.locator('[data-layer="scores"]')
    height, taken = screen.value("[hud.view.height, hud.screen.strips.box.offsetHeight]")
    assert taken >= 4 * 20 and taken % 20 == 0
    screen.page.keyboard.press("c")
    screen.wait()
    assert button.get_attribute("aria-pressed") == "false"
    assert not screen.page.locator("#strips").is_visible()
    screen.wait(f"hud.view.height === {height} + {taken} + 1")
    button.click()
    screen.wait(f"hud.view.height === {height}")
    assert screen.page.locator("#strips").is_visible()


def test_numbers_of_the_cell_under_the_pointer_are_exact(screen: Screen, lake: Lake) -> None:
    level_ids = screen.value("hud.screen.strips.levelIds")
    assert level_ids == ["pm_high", "or_high", "sma_90", "pm_low"]
    for strip, level_id in enumerate(level_ids):
        second = END - 7 - strip
        row = reading(lake, second, level_id)
        point_at(screen, second, strip)
        tip = screen.text("#tip")
        assert tip.startswith(level_id.replace("_", " "))
        shown = float(re.search(r"([0-9.]+) of 100", tip)[1])
        assert shown == pytest.approx(row["score_smooth"], abs=0.0501)
        for name in ("signal", "confidence", "state"):
            assert str(row[name]) in tip
        assert f"added {row['added']}" in tip
        assert f"bought {row['buy_vol']}, sold {row['sell_vol']}" in tip
    screen.page.keyboard.press("d")
    screen.wait("document.querySelector('#tip dl.whole') !== null")
    assert "barrier_replenishment_ratio" in screen.text("#tip")
    screen.page.keyboard.press("d")
    # room without a strip has no numbers
    point_at(screen, END - 7, len(level_ids))
    assert not screen.page.locator("#tip").is_visible()


def test_unknown_scores_are_not_known(screen: Screen) -> None:
    point_at(screen, hud_lake.NULL_SCORES[0], 0)
    tip = screen.text("#tip")
    assert tip.count("not known") >= 5
    assert " 0 of 100" not in tip
    screen.show(hud_lake.NULL_SCORES[0])
    screen.wait("hud.screen.panelTimer === undefined")
    screen.unfold()
    card = screen.text('.level-card[data-level="pm_high"]')
    assert "Rule of thumb: break score not known" in card
    assert "Barrier: not known" in card
    assert "not known" in screen.text("#strips-legend")
    screen.show(END)


def test_levels_say_score_barrier_tape_and_fuel(screen: Screen, lake: Lake) -> None:
    screen.wait("hud.screen.panelTimer === undefined")
    screen.unfold()
    for level_id in ("pm_high", "pm_low", "or_high"):
        row = reading(lake, END, level_id)
        card = screen.text(f'.level-card[data-level="{level_id}"]')
        assert re.search(
            rf"Rule of thumb: break score \d+ of 100, .*, confidence {row['confidence']}", card
        )
        assert f"({row['state']})" in card
        assert f"Tape: bought {row['buy_vol']}, sold {row['sell_vol']}" in card
        assert "Fuel: " in card
    assert "the first of the stacked levels has it" in screen.text('[data-level="or_low"]')
    # a signal says which way
    marks = screen.page.locator("#strips-legend .mark-of-signal").all_inner_texts()
    assert any(marks)
    assert all(re.fullmatch(r"|(BREAK|REJECT)[↑↓]|CONTESTED", mark) for mark in marks)
    legend = screen.text("#strips-legend")
    assert str(reading(lake, END, "pm_high")["state"]) in legend


def test_a_click_on_a_strip_explains_its_score(screen: Screen) -> None:
    asked: list[str] = []

    def fulfil(route) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"definition": "A rule."})

    screen.page.route("**/v1/hud/explain?*", fulfil)
    point_at(screen, END - 5, 1)
    screen.page.mouse.down()
    screen.page.mouse.up()
    screen.wait("document.querySelector('#explain').textContent.includes('A rule.')")
    assert screen.text("#explain h3") == "Score, or high"
    screen.page.get_by_role("button", name="Barrier, or high").click()
    screen.wait("document.querySelector('#explain h3').textContent === 'Barrier, or high'")
    columns = ["column=score_smooth", "column=state"]
    for url, column in zip(asked, columns, strict=True):
        assert "surface=scores" in url and column in url and "level_id=or_high" in url
        assert f"window_end_ts_ns={hud_lake.window_end_ns(END - 5)}" in url
    screen.page.keyboard.press("Escape")
    screen.page.unroute_all()


def test_a_small_window_keeps_the_strips_nearest_to_spot(screen: Screen) -> None:
    screen.page.set_viewport_size({"width": 1_280, "height": 720})
    # beside the strips of the four conditions there is room for one
    screen.wait("hud.screen.strips.levelIds.length === 1")
    # spot is 26601: 11 ticks away, sma_90 19
    assert screen.value("hud.screen.strips.levelIds") == ["pm_low"]
