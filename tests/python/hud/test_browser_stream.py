"""The page while the stream runs: reconnecting, publications, memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.cut_proxy import proxy_to
from support.hud_page import FIRST_SECOND, Screen, launched, opened
from support.stream_server import Served, serving

# seconds of the lake: a full ring, a warm-up, and half an hour at 60 times
WARM_FROM, WARM_TO, LAST = 1_820, 2_060, 3_870
HEAP_GROWTH = 1.1
TOKEN = "a-token-of-the-tests"
# what the browser itself writes about a connection that failed
_OF_THE_BROWSER = ("WebSocket connection", "net::ERR_")
_LISTEN = """() => {
    const { listener } = hud.player.stream;
    const take = listener.onBatch;
    window.arrived = [];
    listener.onBatch = (batch) => { arrived.push(batch.second); take(batch); };
}"""

# the marks have no answer yet
_WANT_BREAKS = """() => {
    const { retestMarks } = hud.screen;
    retestMarks.clear();
    retestMarks.update();
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    lake = Lake(tmp_path_factory.mktemp("hud") / "lake")
    with serving(hud_lake.write_lake(lake, count=LAST + 1)) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def screen(served: Served, browser: Browser) -> Iterator[Screen]:
    with opened(browser, f"http://{served.host}") as screen:
        yield screen


def test_a_dropped_connection_resumes_at_its_second(served: Served, browser: Browser) -> None:
    # with a token the server answers to the port of the proxy too
    with (
        serving(served.lake, token=TOKEN) as server,
        proxy_to(server.port) as proxy,
        opened(browser, f"http://127.0.0.1:{proxy.port}") as screen,
    ):
        screen.page.goto(f"{screen.address}/?token={TOKEN}")
        screen.show(2_000, speed="10")
        screen.value(_LISTEN)
        screen.page.keyboard.press(" ")
        screen.wait("arrived.length >= 5")
        proxy.cut()
        screen.wait("document.getElementById('state').textContent === 'reconnecting'")
        # a question that was under way at the cut has failed by now
        screen.wait("hud.player.stream.pauseMs >= 500")
        asked: list[Request] = []
        screen.page.on("request", lambda request: asked.append(request))
        screen.value(_WANT_BREAKS)
        # the first attempts fail, for longer than the marks wait between two questions
        screen.wait("hud.player.stream.pauseMs >= 4000")
        count = screen.value("arrived.length")
        assert asked == []
        proxy.mend()
        screen.wait(f"arrived.length >= {count + 5}")
        assert screen.text("#state") == "playing, 10 times"
        screen.page.keyboard.press(" ")
        screen.wait()
        seconds = screen.value("arrived")
        assert seconds[0] == FIRST_SECOND + 2_001
        assert seconds == list(range(seconds[0], seconds[0] + len(seconds)))
        assert [e for e in screen.errors if not any(s in e for s in _OF_THE_BROWSER)] == []
        screen.errors.clear()


def test_seconds_that_no_server_delivered_are_asked_for_again(
    served: Served, browser: Browser
) -> None:
    with (
        serving(served.lake, token=TOKEN) as server,
        proxy_to(server.port) as proxy,
        opened(browser, f"http://127.0.0.1:{proxy.port}") as screen,
    ):
        screen.page.goto(f"{screen.address}/?token={TOKEN}")
        screen.show(2_000)
        proxy.cut()
        screen.value(f"void hud.player.seek({FIRST_SECOND + LAST})")
        screen.wait("hud.player.state === 'reconnecting' && !hud.screen.isAsked")
        screen.wait("!document.getElementById('message').hidden")
        assert screen.text("#message") == (
            "The server does not answer; the page asks again every 2 s."
        )
        assert "This second is not loaded." in screen.text("#card")
        screen.unfold()
        assert "This second is not loaded." in screen.text("#now-panel")
        assert "No active level" not in screen.text("#levels-panel")
        assert "not loaded" in screen.text("#turn-panel")
        box = screen.page.locator("#grid").bounding_box()
        screen.page.mouse.move(box["x"] + 300, box["y"] + 100)
        assert "This second is not loaded." in screen.text("#tip")
        proxy.mend()
        screen.wait()
        assert screen.text("#state") == "paused"
        assert not screen.page.locator("#message").is_visible()
        screen.errors.clear()


def test_playing_asks_for_what_a_failure_left_out(screen: Screen) -> None:
    screen.show(2_000)
    screen.page.route("**/v1/hud/bootstrap?*", lambda route: route.fulfill(status=503))
    screen.value(f"void hud.player.seek({FIRST_SECOND + LAST - 5})")
    screen.wait("hud.player.state === 'failed'")
    screen.page.unroute("**/v1/hud/bootstrap?*")
    screen.page.keyboard.press(" ")
    screen.wait(f"hud.player.second > {FIRST_SECOND + LAST - 5}")
    screen.wait()
    screen.errors.clear()


def test_a_paused_page_stays_where_it_is(screen: Screen) -> None:
    screen.show(2_000)
    screen.page.keyboard.press(" ")
    screen.wait(f"hud.player.second > {FIRST_SECOND + 2_001}")
    screen.page.keyboard.press(" ")
    screen.wait()
    second = screen.second()
    screen.page.wait_for_timeout(1_500)
    assert screen.second() <= second + 1
    screen.page.keyboard.press(" ")
    screen.wait(f"hud.player.second >= {FIRST_SECOND + second + 2}")


def test_a_replay_of_half_an_hour_leaks_nothing(screen: Screen) -> None:
    devtools = screen.page.context.new_cdp_session(screen.page)

    def heap() -> int:
        devtools.send("HeapProfiler.collectGarbage")
        used = devtools.send("Runtime.getHeapUsage")
        return used["usedSize"] + used["backingStorageSize"]

    def play_to(second: int) -> None:
        screen.page.keyboard.press(" ")
        screen.wait(f"hud.player.second >= {FIRST_SECOND + second}", patience_s=90)
        screen.page.keyboard.press(" ")
        screen.wait()

    screen.show(WARM_FROM, speed="60")
    play_to(WARM_TO)
    warm = heap()
    play_to(LAST)
    assert screen.value("hud.player.ring.isLoaded(hud.player.ring.start)")
    after = heap()
    assert after <= HEAP_GROWTH * warm, (warm, after)


def test_new_seconds_of_a_publication_go_on_by_themselves(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    lake = Lake(tmp_path_factory.mktemp("live") / "lake")
    with (
        serving(hud_lake.write_lake(lake, count=2_200)) as server,
        opened(browser, f"http://{server.host}") as screen,
    ):
        # whoever plays on at the newest second follows it
        screen.show(2_199)
        screen.page.keyboard.press(" ")
        screen.wait("hud.player.state === 'end of the day'")
        assert screen.second() == 2_199
        hud_lake.write_lake(lake, count=2_203)
        screen.wait(f"hud.player.second === {FIRST_SECOND + 2_202}")
        screen.wait("hud.player.state === 'end of the day'")


def test_what_the_build_left_out_is_not_shown(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> None:
    lake = hud_lake.write_lake(
        Lake(tmp_path_factory.mktemp("bare") / "lake"),
        without=("gold.retrieval_outcomes", "silver.gex_surface_1s", "silver.option_physics_1s"),
    )
    with serving(lake) as server, opened(browser, f"http://{server.host}") as screen:
        screen.show(2_399)
        screen.unfold()
        assert "Odds: not shown" in screen.text("#levels-panel")
        assert screen.text("#strikes-panel").endswith("Strikes: not shown")
