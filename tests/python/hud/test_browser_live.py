"""The page of a day that goes on: its end is followed, the run says how it is, alerts are heard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from spymaster.live.outlets import Snap
from spymaster_ingest.lake import Lake
from support.hud_page import Screen, launched, opened
from support.live_screen import FIRST_S, Run, run_of

_SHOWN = "Boolean(window.hud) && hud.player.state === 'following' && hud.player.second === {}"
_FIRST = FIRST_S % 86_400


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def run(explained: Lake) -> Iterator[Run]:
    with run_of(explained) as run:
        run.go_to(0)
        yield run


@pytest.fixture
def screen(run: Run, browser: Browser) -> Iterator[Screen]:
    with opened(browser, run.screen.url) as screen:
        screen.page.goto(run.screen.url)
        screen.wait(_SHOWN.format(_FIRST))
        yield screen


def text(screen: Screen, name: str) -> str:
    found = screen.page.locator(f"#{name}")
    return found.inner_text() if found.is_visible() else ""


def test_the_end_of_the_day_is_followed_left_and_found_again(run: Run, screen: Screen) -> None:
    screen.wait("document.getElementById('run').textContent === 'replay 10x'")
    assert text(screen, "run") == "replay 10x"
    for second in (1, 2, 9):
        run.go_to(second)
        screen.wait(_SHOWN.format(_FIRST + second))
    # all seconds of a step that ends several were sent
    assert screen.value("hud.player.skipped") == 0
    assert screen.value("hud.player.ring.missingRun()") is None
    screen.wait("document.getElementById('to-end').hidden")
    # a seek leaves the end, which goes on
    screen.page.keyboard.press("ArrowLeft")
    screen.wait(f"hud.player.second < {_FIRST + 9} && hud.player.state === 'playing'")
    run.go_to(30)
    screen.wait(f"hud.player.last === {_FIRST + 30}")
    assert screen.value("hud.player.second") < _FIRST + 30
    screen.wait("!document.getElementById('to-end').hidden")
    screen.page.keyboard.press("End")
    screen.wait(_SHOWN.format(_FIRST + 30))
    run.go_to(31)
    screen.wait(_SHOWN.format(_FIRST + 31))
    assert screen.page.locator("#quotes").is_hidden()
    for panel in ("now-panel", "levels-panel"):
        screen.value(f"document.getElementById('{panel}').parentElement.open = true")
    first = "document.querySelector('#levels-panel .level-card')"
    screen.wait(f"{first} !== null")
    level = screen.value(f"{first}.dataset.level")
    place = f"document.querySelector('[data-level={level}] p').textContent"
    before = screen.value(place)
    here = {"id": level, "distance": 37}
    at_ns = (FIRST_S + 31) * 10**9
    snap = Snap(at_ns + 10**9 // 4, at_ns, 6712.25, 6712.25, None, [here], None)
    run.screen.snapped(snap)
    screen.wait("!document.getElementById('quotes').hidden")
    words = "spot 6712.25  bid 6712.25  ask not shown  physics of 09:31:31"
    assert screen.value("document.getElementById('quotes').textContent") == words
    # price and distances move; pace and approach are those of the second
    moved = screen.value(place)
    assert moved.startswith("price is 37 ticks below, ")
    assert moved.partition(", ")[2] == before.partition(", ")[2]
    assert screen.value("document.querySelector('#now-panel .spot').textContent") == "6712.25"
    # the next second has its own
    run.go_to(32)
    screen.wait(_SHOWN.format(_FIRST + 32))
    screen.wait(f"!{place}.includes('37 ticks')")


def test_a_run_that_stops_says_why(run: Run, screen: Screen) -> None:
    run.screen.ended("the disk is full")
    screen.wait("document.getElementById('run').textContent === 'stopped: the disk is full'")
    assert screen.page.locator("#run").get_attribute("data-state") == "failed"


def test_alerts_are_shown_newest_first_beside_the_card_and_can_be_muted(
    run: Run, screen: Screen
) -> None:
    for number in range(5):
        run.screen.alert({"ts": f"{FIRST_S}000000000", "text": f"alert {number}"})
    screen.wait("hud.alerts.beeps === 5")
    shown = screen.page.locator("#alerts .alert").all_inner_texts()
    assert [one.split("\n")[1] for one in shown] == [f"alert {n}" for n in (4, 3, 2, 1)]
    assert shown[0].startswith("09:31:00")
    boxes = [screen.page.locator(name).bounding_box() for name in ("#alerts", "#card")]
    assert boxes[0] and boxes[1]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    screen.wait("!document.getElementById('sound').hidden")
    screen.page.locator("#sound").click()
    assert text(screen, "sound") == "Sound off"
    run.screen.alert({"ts": f"{FIRST_S}000000000", "text": "unheard"})
    screen.wait("document.querySelector('#alerts .alert span').textContent === 'unheard'")
    assert screen.value("hud.alerts.beeps") == 5
    # what was said before is no news to a page that opens, and the choice stays
    screen.page.reload()
    screen.wait("Boolean(window.hud) && document.querySelectorAll('#alerts .alert').length === 4")
    assert screen.value("hud.alerts.beeps") == 0
    screen.wait("!document.getElementById('sound').hidden")
    assert text(screen, "sound") == "Sound off"


_MERGED = """async () => {
    const { Ring } = await import('/static/ring.js');
    const ring = new Ring(1800);
    ring.moveTo(6_000);
    const wrong = [];
    let shared = 0;
    for (let second = 6_001; second <= 6_200; second++) {
        ring.moveTo(second);
        for (const [surface, rows] of [['many', 50], ['few', second % 3]]) {
            const words = Array(rows).fill('a');
            const columns = { second: new Int32Array(rows).fill(second), words };
            for (const name of 'bcdefgh') columns[name] = new Float64Array(rows).fill(2 * second);
            if (rows) ring.put(surface, columns);
        }
        // another answer for a second that is being merged
        const other = { second: Int32Array.of(6_070), b: Int8Array.of(1) };
        if (second === 6_125) ring.put('many', other);
        shared = 0;
        for (let one = 6_001; one <= second; one++) {
            for (const surface of ['many', 'few']) {
                const slice = ring.slice(one, surface);
                const rows = surface === 'many' ? 50 : one % 3;
                if (!slice) { if (rows) wrong.push([second, one]); continue; }
                const { columns, from, to } = slice;
                shared += columns.second.length > to - from;
                if (one === 6_070 && second >= 6_125 && surface === 'many') {
                    if (to - from !== 1 || columns.b[from] !== 1) wrong.push([second, one]);
                    continue;
                }
                const isSame = to - from === rows
                    && columns.words.slice(from, to).every((x) => x === 'a')
                    && [...columns.second.slice(from, to)].every((x) => x === one)
                    && [...columns.h.slice(from, to)].every((x) => x === 2 * one);
                if (!isSame) wrong.push([second, one]);
            }
        }
    }
    return [wrong, shared];
}"""


def test_a_minute_is_merged_while_the_next_one_comes(screen: Screen) -> None:
    """Rows stay what they are at each second, whatever of them is merged."""
    wrong, n_shared = screen.page.evaluate(_MERGED)
    assert wrong == []
    # two whole minutes and what remains of the first one, less the seconds without rows
    assert n_shared > 200
