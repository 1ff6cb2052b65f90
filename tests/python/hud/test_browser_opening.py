"""Which moment the page opens with, and what it says of one that is not there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen, launched, opened
from support.stream_server import serving

START = FIRST_SECOND + hud_lake.EPISODES[0][2] - 30
NEXT_DAY = hud_lake.DAY + dt.timedelta(days=1)
# an approach before the open, and one in an hour without depth
EARLY, BARE = 300, 100
DEPTH_FROM, SESSION_OPEN = 200, 500


@pytest.fixture(scope="module")
def opened_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """Open a lake whose newest day has no depth, and whose pre-market ends late."""
    lake = hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))
    with duckdb.connect(str(lake.published)) as connection:
        for relation in (
            "silver.contract_days",
            "silver.book_snapshot_1s",
            "bronze.ingest_manifest",
        ):
            columns = [
                name
                for name, *_ in connection.execute(f"describe {relation}").fetchall()
                if name in ("window_start_ts", "window_end_ts")
            ]
            later = ", ".join(f"{name} + interval 1 day as {name}" for name in columns)
            changes = ", ".join(filter(None, ["cast(dt + 1 as date) as dt", later]))
            connection.execute(
                f"insert into {relation} by name select * replace ({changes}) from {relation}"
            )
        connection.execute(
            "delete from silver.wall_surface_1s where window_end_ts <= ?",
            [hud_lake.window_end(DEPTH_FROM - 1)],
        )
        connection.execute(
            "update silver.levels_1s set is_provisional = window_end_ts <= ? "
            "where level_id in ('pm_high', 'pm_low')",
            [hud_lake.window_end(SESSION_OPEN - 1)],
        )
        for second in (BARE, EARLY):
            connection.execute(
                """insert into gold.approach_episodes by name select * replace (
                    ? as episode_id, ? as first_window_end_ts, ? as last_window_end_ts)
                    from gold.approach_episodes where level_id = 'or_high' limit 1""",
                [str(second), hud_lake.window_end(second), hud_lake.window_end(second + 20)],
            )
    with (
        serving(lake) as server,
        launched() as browser,
        opened(browser, f"http://{server.host}") as screen,
    ):
        yield screen


def visit(screen: Screen, path: str) -> None:
    screen.page.goto("about:blank")
    screen.page.goto(f"{screen.address}/{path}")


@pytest.mark.parametrize("path", ["", f"#symbol={hud_lake.SYMBOL}", f"?dt={hud_lake.DAY}"])
def test_opens_before_the_first_approach_after_the_open(opened_page: Screen, path: str) -> None:
    screen = opened_page
    visit(screen, path)
    screen.wait(f"window.hud?.player.second >= {START}")
    assert screen.value("hud.player.second") < START + 30
    # the newest day has no study window
    assert screen.value("hud.player.day.dt") == str(hud_lake.DAY)


def test_opens_at_the_moment_of_the_address(opened_page: Screen) -> None:
    opened_page.show(1_200)
    assert opened_page.second() == 1_200
    assert opened_page.text("#state") == "paused"


def test_approaches_without_depth_are_left_out_until_they_are_wanted(opened_page: Screen) -> None:
    screen = opened_page
    screen.show(hud_lake.EPISODES[0][3])
    screen.page.keyboard.press("a")
    screen.wait("document.querySelectorAll('.approach-list li').length === 2")
    screen.page.get_by_role("button", name="Also without depth").click()
    screen.wait("document.querySelectorAll('.approach-list li').length === 3")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (
            "#symbol=NQZ5",
            "There is no contract NQZ5 in this lake. It has ESZ5: choose a day above.",
        ),
        (
            "#dt=2024-02-30",
            "There is no day 2024-02-30 in this lake. It has 2 days from "
            f"{hud_lake.DAY} to {NEXT_DAY}: choose one above.",
        ),
        (
            "#symbol=ESZ5&dt=yesterday",
            "There is no day yesterday of ESZ5 in this lake. It has 2 days from "
            f"{hud_lake.DAY} to {NEXT_DAY}: choose one above.",
        ),
    ],
)
def test_says_what_is_not_there(opened_page: Screen, path: str, words: str) -> None:
    screen = opened_page
    visit(screen, path)
    screen.wait("document.getElementById('message')?.hidden === false")
    assert screen.text("#message") == words
    assert screen.page.locator("#day").input_value() == ""
    # what the browser writes of the answer to the early question is no error of the page
    screen.errors[:] = [error for error in screen.errors if "Failed to load resource" not in error]
    screen.page.locator("#day").select_option(index=0)
    screen.wait(f"hud.player.second >= {START}")
    screen.wait("document.getElementById('message').hidden")


def test_vwap_and_profile_of_the_session_are_sums_since_the_open(opened_page: Screen) -> None:
    """The open lies before the last 1,800 seconds: the trades until then are asked for."""
    screen = opened_page
    end = hud_lake.COUNT - 1
    with duckdb.connect(":memory:") as connection:
        trades = connection.execute(
            """select second, tick, sum(qty) from (
                select range as second, unnest([1, -1, 1, 2, 0]) + $low
                    + least(range // 20 % 40, 40 - range // 20 % 40) as tick,
                unnest([0, 1, 2, 3, 4]) as place, 1 + (range + place) % 5 as qty
                from range($from, $to)
                where range % 3 = 0 and range not in ($missing, $no_spot)) group by all""",
            {
                "low": hud_lake.LOW_TICK,
                "from": SESSION_OPEN,
                "to": end + 1,
                "missing": hud_lake.MISSING,
                "no_spot": hud_lake.NO_SPOT,
            },
        ).fetchall()
    screen.show(end)
    screen.wait("hud.screen.session.isComplete")
    profile = dict(screen.value("[...hud.screen.session.profile()]"))
    expected: dict[int, int] = {}
    for _, tick, qty in trades:
        expected[tick] = expected.get(tick, 0) + int(qty)
    assert profile == expected
    means = screen.value("[...hud.screen.session.vwap()]")
    for second in (end, end - 700):
        until = [(tick, int(qty)) for at, tick, qty in trades if at <= second]
        mean = sum(tick * qty for tick, qty in until) / sum(qty for _, qty in until)
        assert means[second - end - 1] == pytest.approx(mean)
    # going back forgets what is later
    screen.show(end - 700)
    screen.wait("hud.screen.session.isComplete")
    assert screen.value("hud.screen.session.vwap().at(-1)") == pytest.approx(mean)
    # lines over the cells, on demand
    for key in ("e", "o"):
        before = screen.picture().pixels
        screen.page.keyboard.press(key)
        screen.wait()
        assert (screen.picture().pixels != before).any()
    screen.page.keyboard.press("e")
    screen.page.keyboard.press("o")


def test_candles_hold_two_minutes_of_the_clock(opened_page: Screen) -> None:
    screen = opened_page
    end = 1_500
    screen.show(end)
    code = """import('/static/view/market_lines.js').then(({ candles }) =>
        candles(hud.player.ring, hud.player.first).map(
            ({ from, open, high, low, close }) => [from, open, high, low, close]))"""
    found = {row[0] - FIRST_SECOND: row[1:] for row in screen.value(code)}
    # windows start at 09:30; the ring holds all since then
    assert list(found) == list(range(0, end + 1, 120))
    for start, (open_, high, low, close) in found.items():
        spots = [hud_lake.spot_tick(at) for at in range(start, min(start + 120, end + 1))]
        assert (open_, close) == (spots[0], spots[-1])
        # in every third second, from a tick below spot to two above
        traded = spots[-start % 3 :: 3]
        assert (low, high) == (min(traded) - 1, max(traded) + 2)
