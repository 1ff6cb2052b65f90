"""What the first picture waits for: the surfaces that it draws, and nothing that is asked twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Request, Route
from spymaster.stream.app import PAGE
from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen, launched, opened
from support.stream_server import serving

# a course is under way
SECOND = 1_100
PICTURE = {"snap", "wall", "gex", "levels", "physics", "trades", "gaps"}
HAS_PICTURE = "Boolean(window.hud) && hud.screen.cells.spotTick > 0 && hud.screen.drawn > 2"
_IMPORT = re.compile(r'^(?:import|export) .*?from "(\..+?)";', re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    lake = hud_lake.write_lake(hud_lake.Lake(tmp_path_factory.mktemp("hud") / "lake"))
    with serving(lake) as server:
        yield f"http://{server.host}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def screen(address: str, browser: Browser) -> Iterator[Screen]:
    with opened(browser, address) as screen:
        yield screen


def surfaces_of(request: Request) -> set[str]:
    return set(parse_qs(urlsplit(request.url).query)["surfaces"][0].split(","))


def moment(second: int, **more: str) -> str:
    parameters = {
        "symbol": hud_lake.SYMBOL,
        "dt": str(hud_lake.DAY),
        "ts": str(hud_lake.window_end_ns(second)),
    }
    return "&".join(f"{name}={value}" for name, value in (parameters | more).items())


def hold_details(screen: Screen) -> list[Route]:
    """Let the first requests for what the picture does without wait; return them as they come."""
    held: list[Route] = []

    def handle(route: Route) -> None:
        if held or surfaces_of(route.request) & PICTURE:
            route.continue_()
        else:
            held.append(route)

    screen.page.route("**/v1/hud/bootstrap?*", handle)
    return held


@pytest.mark.parametrize(("layers", "more"), [("wall", set()), ("vacuum", {"vacuum"})])
def test_the_picture_comes_before_what_it_does_not_draw(
    screen: Screen, layers: str, more: set[str]
) -> None:
    asked: list[set[str]] = []
    screen.page.on(
        "request",
        lambda request: asked.append(surfaces_of(request)) if "/bootstrap?" in request.url else 0,
    )
    held = hold_details(screen)
    screen.page.goto(f"{screen.address}/#{moment(SECOND, layers=layers)}")
    screen.wait(HAS_PICTURE)
    screen.wait("hud.screen.panelTimer === undefined")
    assert asked[0] == PICTURE | more
    colours = screen.picture().pixels.reshape(-1, 3)
    assert len(set(map(tuple, colours[::97].tolist()))) > 3
    # of what may still come nothing is said
    assert screen.value("document.getElementById('card').dataset.isOld") == "true"
    assert screen.text("#state") == "loading"
    assert "no approach under way" not in screen.text("#card")
    screen.wait("hud.player.isComing")
    held[0].continue_()
    screen.wait()
    assert screen.value("document.getElementById('card').dataset.isOld") == "false"
    assert asked[1].isdisjoint(asked[0])
    assert {"courses", "turns", "odds", "scores", "usual"} <= asked[1]
    assert "no approach under way" not in screen.text("#card")
    assert screen.value("hud.player.isComing") is False


def test_going_on_before_the_rest_came_asks_for_it_again(screen: Screen) -> None:
    held = hold_details(screen)
    screen.page.goto(f"{screen.address}/#{moment(SECOND, layers='wall')}")
    screen.wait(HAS_PICTURE)
    screen.wait("hud.player.isComing")
    screen.value(f"void hud.player.seek({FIRST_SECOND + SECOND + 10})")
    screen.wait()
    assert len(held) == 1
    bare = """[...Array(300).keys()].map((back) => hud.player.ring.at(hud.player.second - back))
        .filter((surfaces) => surfaces.has("snap") && !surfaces.has("turns")).length"""
    assert screen.value(bare) == 0


@pytest.mark.parametrize(
    "path", [f"#{moment(SECOND)}", f"?{moment(SECOND)}", f"?dt={hud_lake.DAY}"]
)
def test_nothing_is_asked_twice(screen: Screen, path: str) -> None:
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    screen.page.goto(f"{screen.address}/{path}")
    screen.wait("Boolean(window.hud) && !hud.player.loading && hud.player.second > 0")
    assert len([url for url in asked if "/v1/hud/meta?" in url]) == 1
    # Chromium asks for the icon again when the address changes
    asked = [url for url in asked if not url.endswith("/icon.svg")]
    assert sorted(asked) == sorted(set(asked))


def test_what_the_day_has_is_asked_for_before_the_page_has_loaded(screen: Screen) -> None:
    held: list[Route] = []
    screen.page.route("**/main.js", lambda route: held.append(route))
    with screen.page.expect_request("**/v1/hud/meta?*"):
        screen.page.goto(f"{screen.address}/#{moment(SECOND)}", wait_until="commit")
    # the page's own module has not come
    screen.wait("document.readyState !== 'loading'")
    assert screen.value("window.hud") is None
    held[0].continue_()
    screen.wait()
    assert screen.second() == SECOND


def test_the_page_names_every_module_it_loads() -> None:
    """A module that is not named waits for the one that imports it."""
    page = (PAGE / "index.html").read_text()
    named = re.findall(r'modulepreload" href="/static/(.+?)"', page)
    started = re.findall(r'<script type="module".*? src="/static/(.+?)"', page)
    imported, waiting = set(), [PAGE / name for name in started]
    while waiting:
        module = waiting.pop()
        for name in _IMPORT.findall(module.read_text()):
            path = (module.parent / name).resolve()
            if path not in imported:
                imported.add(path)
                waiting.append(path)
    assert sorted(named) == sorted(str(path.relative_to(PAGE.resolve())) for path in imported)
    there = {str(path.relative_to(PAGE)) for path in PAGE.rglob("*.js")}
    assert set(named) == there - set(started)
