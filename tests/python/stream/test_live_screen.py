"""The screen of a run: its seconds are those of the build, none comes too soon, none twice."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from spymaster.live.clock import clock_of
from spymaster.live.feeds import SystemClock
from spymaster.live.replay import Replay
from spymaster.live.seconds import replayed_seconds
from spymaster.live.session import Session
from spymaster.published import relations_of
from spymaster.stream.live.relations import TODAY
from spymaster.stream.live.screen import LiveScreen
from spymaster.stream.playback import MAX_FOLLOWING
from spymaster.stream.surfaces import SURFACES
from spymaster_ingest.lake import Lake
from support.live_days import SYMBOL
from support.live_screen import FIRST, FIRST_S, MIDNIGHT, OF, Run, run_of, served_by
from support.stream_server import PATIENCE_S, Served, serving
from support.synthetic_book import DAY

SECOND = dt.timedelta(seconds=1)
NS = 10**9
# seconds of a run that the build's rows are compared with, and those before its first one
COMPARED_S, BEFORE_S = 6, 20
SNAP = {"surfaces": "snap", "layout": "compact"}


@pytest.fixture
def run(explained: Lake) -> Iterator[Run]:
    with run_of(explained) as run:
        yield run


def range_of(first: int, end: int) -> dict[str, str]:
    """Return the parameters of windows that end in [first, end), counted from FIRST."""
    return {
        "start_ts_ns": str((FIRST_S + first) * NS),
        "end_ts_ns": str((FIRST_S + end) * NS),
    }


def until(server: Served, second: int) -> None:
    """Wait until the server has the second."""
    with server.client(**SNAP, follow=1, start_ts_ns=(FIRST_S + second) * NS - NS) as client:
        while True:
            message = client.message()
            if message["type"] == "run" and message["newest_ts_ns"] == str((FIRST_S + second) * NS):
                return


def test_surfaces_of_live_seconds_are_those_of_the_build(explained: Lake) -> None:
    """Made of the records by a session, and read by the page's requests."""
    end = FIRST + COMPARED_S * SECOND
    with LiveScreen(explained, SYMBOL, DAY, words="replay") as screen:
        live = served_by(screen, explained)
        with Session(explained, SYMBOL, DAY, wanted=screen.wanted) as session:
            before = MIDNIGHT
            feed = Replay(session.landed(), SystemClock(), span_ns=NS // 4)
            ended = replayed_seconds(feed, None, session.engines)
            for at in session.steps(ended, FIRST, end):
                screen.stepped(session.tables, before, at)
                before = at
        until(live, COMPARED_S)
        asked = range_of(-BEFORE_S, COMPARED_S + 1)
        n_rows = 0
        with serving(explained) as built:
            surfaces = built.api("meta", **OF).json()["surfaces"]
            for name in surfaces:
                for layout in SURFACES[name].layouts:
                    of_surface = {**OF, **asked, "surface": name, "layout": layout}
                    found, rows = (server.api("surfaces", **of_surface) for server in (live, built))
                    assert found.status == rows.status == 200
                    assert found.body == rows.body, (name, layout)
                    n_rows += rows.table().num_rows
        assert set(surfaces) >= {"wall", "physics_surface", "ladder", "scores", "trades"}
        assert n_rows > 10_000


def test_nothing_of_a_later_second_shows(run: Run) -> None:
    run.go_to(10)
    until(run.served, 10)
    reached = (FIRST_S + 10) * NS
    meta = run.served.api("meta", **OF).json()
    assert meta["is_live"] is True
    assert meta["last_window_end_ts_ns"] == str(reached)
    [day] = run.served.get("/v1/hud/days").json()
    assert day["last_window_end_ts_ns"] == str(reached)
    for name in meta["surfaces"]:
        asked = {**OF, **range_of(-5, 60), "surface": name}
        ends = run.served.api("surfaces", **asked).table()["window_end_ts_ns"].to_pylist()
        assert max(ends, default=0) <= reached, name
    answer = run.served.api("explain", **OF, relation="silver.book_snapshot_1s", column="spot")
    assert answer.status == 400
    assert "is explained once it is built" in answer.json()["reason"]
    # whatever else the server may come to read
    connection = run.screen._rows.cursor(TODAY)
    n_clocks = 0
    for relation in sorted(relations_of(connection)):
        if relation.startswith("main."):
            continue
        kinds = [row[0] for row in connection.execute(f"describe {relation}").fetchall()]
        clock = clock_of(kinds)
        if clock is None or not {"symbol", "dt"} <= set(kinds):
            continue
        [(newest,)] = connection.execute(
            f"select max(cast({clock.column} as timestamp)) from {relation} "
            f"where symbol = '{SYMBOL}' and dt = '{DAY}'"
        ).fetchall()
        n_clocks += 1
        limit = FIRST + 10 * SECOND
        assert newest is None or (newest <= limit if clock.is_end else newest < limit), relation
    assert n_clocks > 40


def test_a_client_at_the_end_gets_each_second_once(run: Run) -> None:
    run.go_to(0)
    until(run.served, 0)
    with run.served.client(**SNAP, follow=1, start_ts_ns=FIRST_S * NS) as client:
        got = [next_batch(client)]
        # one second, two in a step, many
        for second in (1, 2, 4, 12):
            run.go_to(second)
            while got[-1].window_s < FIRST_S + second:
                got.append(next_batch(client))
        assert [batch.window_s - FIRST_S for batch in got] == list(range(13))
        assert sum(batch.skipped for batch in got) == 0
        assert all(batch.tables()["snap"].num_rows == 1 for batch in got)


def test_a_client_that_does_not_read_holds_nothing(run: Run) -> None:
    run.go_to(0)
    until(run.served, 0)
    with (
        run.served.client(**SNAP, follow=1, start_ts_ns=FIRST_S * NS) as slow,
        run.served.client(**SNAP, follow=1, start_ts_ns=FIRST_S * NS) as other,
    ):
        held = [next_batch(slow, ack=False)]
        next_batch(other)
        run.go_to(29)
        assert [next_batch(other).window_s - FIRST_S for _ in range(29)] == list(range(1, 30))
        while len(held) < MAX_FOLLOWING:
            held.append(next_batch(slow, ack=False))
        slow.ack(held[-1])
        # the next one, or after a long time the newest and how many were left out
        following = next_batch(slow)
        assert following.window_s - following.skipped == FIRST_S + MAX_FOLLOWING


def test_requests_wait_for_the_first_second(run: Run) -> None:
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(run.served.api("meta", **OF)))
    asking.start()
    assert run.served.get("/v1/hud/health").status == 200
    assert not answers
    run.go_to(0)
    asking.join(PATIENCE_S)
    assert answers[0].json()["last_window_end_ts_ns"] == str(FIRST_S * NS)


def test_a_run_without_what_the_screen_shows_goes_on(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    class Nothing:
        def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> Any:
            raise KeyError(relation)

    run.go_to(0)
    until(run.served, 0)
    with run.served.client(**SNAP, follow=1, start_ts_ns=(FIRST_S + 1) * NS) as client:
        run.screen.stepped(Nothing(), FIRST, FIRST + SECOND)
        while (message := client.message())["type"] != "run" or not message["has_stopped"]:
            pass
        assert "the run: does not hold" in message["reason"]
    assert "the screen cannot go on" in capsys.readouterr().err


def next_batch(client: Any, *, ack: bool = True) -> Any:
    """Return the next second, past what the run says."""
    while True:
        start = client.message()
        if start["type"] == "batch_start":
            return client.batch_after(start, ack=ack)
