"""What a run says to its screens: the last of each kind, alerts in order, the lag of the feed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from spymaster.stream.live.news import MAX_ALERTS, RunNews
from spymaster.stream.reader import ContractDay

OF = ContractDay("ESZ5", dt.date(2025, 10, 1), 250_000_000, 100, 200, is_growing=True)
NS = 10**9


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.ns = 0

    def now_ns(self) -> int:
        return self.ns

    def wait_until(self, time_ns: int) -> None:
        self.ns = time_ns


def said(news: RunNews, seen: int | None) -> tuple[list[dict[str, Any]], int]:
    texts, number = news.since(seen)
    return [json.loads(text) for text in texts], number


def test_a_screen_hears_each_news_once_and_the_last_of_each_kind() -> None:
    news = RunNews("replay 10x")
    woken: list[int] = []
    stop = news.listen(lambda: woken.append(1))
    news.alert({"text": "before"})
    news.reach(OF, None)
    news.snap({"spot": 1.0})
    news.snap({"spot": 2.0})
    assert len(woken) == 4
    first, seen = said(news, None)
    assert [(one["type"], one.get("is_new")) for one in first] == [
        ("alert", False),
        ("run", None),
        ("snap", None),
    ]
    assert first[1] == {
        "type": "run",
        "words": "replay 10x",
        "has_stopped": False,
        "reason": None,
        "lag_s": None,
        "newest_ts_ns": str(200 * NS),
    }
    assert first[2]["spot"] == 2.0
    assert said(news, seen) == ([], seen)
    news.alert({"text": "after"})
    news.stop("the disk is full")
    later, _ = said(news, seen)
    assert later[0] == {"type": "alert", "is_new": True, "alert": {"text": "after"}}
    assert (later[1]["has_stopped"], later[1]["reason"]) == (True, "the disk is full")
    stop()
    news.snap({})
    assert len(woken) == 6


def test_the_lag_is_that_of_the_newest_record() -> None:
    clock = Clock()
    news = RunNews("live", clock)
    clock.ns = 201_400_000_000
    news.reach(OF, 200 * NS)
    assert said(news, None)[0][0]["lag_s"] == 1.4
    # a step without records keeps the newest
    clock.ns += 2 * NS
    news.reach(OF, None)
    assert said(news, None)[0][0]["lag_s"] == 3.4


def test_old_alerts_go() -> None:
    news = RunNews("live")
    for number in range(MAX_ALERTS + 5):
        news.alert({"text": str(number)})
    found, _ = said(news, None)
    assert [one["alert"]["text"] for one in found] == [str(n) for n in range(5, MAX_ALERTS + 5)]
