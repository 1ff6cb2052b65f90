"""What a client may ask for, and the messages it may send."""

from __future__ import annotations

import json

import pytest
from spymaster.stream import messages, requests
from spymaster.stream.errors import NotFoundError, RequestError
from spymaster.stream.playback import Playback, Send
from spymaster.stream.timing import MessageBudget

NS = 10**9
DAY = {"symbol": "ESZ5", "dt": "2025-10-01"}


def test_what_is_not_named_is_that_of_the_specification() -> None:
    query = requests.query(DAY)
    assert (query.surfaces, query.layout, query.max_ticks) == ((), "full", 100)
    named = requests.query(DAY | {"surfaces": "wall, gex", "layout": "compact", "max_ticks": "7"})
    assert (named.surfaces, named.layout, named.max_ticks) == (("wall", "gex"), "compact", 7)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"symbol": ""}, "symbol: is missing"),
        ({"dt": ""}, "dt: is missing"),
        ({"dt": "20251001"}, "is no date"),
        ({"dt": "2025-13-01"}, "is no date"),
        ({"dt": "2025-10-01'; drop table x"}, "is no date"),
        ({"dt": "20x5-10-01"}, "is no date"),
        ({"layout": "wide"}, "is no layout"),
        ({"max_ticks": "-1"}, "from 0 to 400"),
        ({"max_ticks": "401"}, "from 0 to 400"),
        ({"max_ticks": "1e2"}, "from 0 to 400"),
        ({"max_ticks": "x"}, "from 0 to 400"),
        ({"max_ticks": "9" * 5_000}, "from 0 to 400"),
    ],
)
def test_a_wrong_query_is_refused(wrong: dict[str, str], reason: str) -> None:
    with pytest.raises(RequestError, match=reason) as raised:
        requests.query(DAY | wrong)
    assert raised.value.status == 400
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("symbol", ["' or 1=1", "../../etc", "ES\x00", "E" * 40, "É"])
def test_a_symbol_that_cannot_be_is_not_found(symbol: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        requests.contract_day(DAY | {"symbol": symbol})
    assert raised.value.status == 404


def test_a_range_is_half_open_and_in_whole_windows() -> None:
    def ask(start: int, end: int) -> range:
        return requests.seconds({"start_ts_ns": str(start), "end_ts_ns": str(end)})

    assert ask(10 * NS, 20 * NS) == range(10, 20)
    # a window belongs to the range if it ends within it
    assert ask(10 * NS + 1, 20 * NS + 1) == range(11, 21)
    assert ask(10 * NS + 1, 10 * NS + 2) == range(11, 11)


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        ("10", "10", "must be after"),
        ("11", "10", "must be after"),
        ("0", str(3_601 * NS), "more than 3600"),
        ("-1", "10", "must be a number"),
        ("0", str(2**63), "must be a number"),
        ("0", "1.5", "must be a number"),
        ("", "10", "is missing"),
        ("0", "", "is missing"),
    ],
)
def test_a_wrong_range_is_refused(start: str, end: str, reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        requests.seconds({"start_ts_ns": start, "end_ts_ns": end})


def test_cells_are_limited_by_layout() -> None:
    # a whole screen in the compact layout, an hour of the default ticks in the full one
    requests.query(DAY | {"layout": "compact", "max_ticks": "400"}).limit(1_800)
    requests.query(DAY).limit(3_600)
    for layout, windows in (("compact", 1_801), ("full", 904)):
        query = requests.query(DAY | {"layout": layout, "max_ticks": "400"})
        with pytest.raises(RequestError, match="cells"):
            query.limit(windows)


@pytest.mark.parametrize("value", [0, 1, 0.25, 1_000, "4"])
def test_speeds(value: object) -> None:
    assert requests.speed(value) == float(str(value))


@pytest.mark.parametrize(
    "value", ["1_0", -1, 1_001, "nan", "inf", "", "fast", None, True, [1], 10**400, float("nan")]
)
def test_wrong_speeds_are_refused(value: object) -> None:
    with pytest.raises(RequestError, match="from 0 to 1000"):
        requests.speed(value)


def playback() -> Playback:
    started = Playback(range(100, 200), 100, 1, 0.0)
    assert started.step(0.0) == Send(100, 1, 0)
    return started


def test_messages_of_a_client() -> None:
    state = playback()
    assert messages.apply('{"type":"ack","seq":1}', state, 0.0)
    assert not messages.apply('{"type":"ack","seq":1}', state, 0.0)
    assert not messages.apply('{"type":"seek","window_end_ts_ns":"150000000001"}', state, 0.0)
    assert state.step(0.0) == Send(151, 2, 0)
    messages.apply('{"type":"speed","value":4}', state, 0.0)
    assert state.step(0.25) == Send(152, 3, 0)
    messages.apply('{"type":"pause"}', state, 0.25)
    assert not isinstance(state.step(1.0), Send)
    messages.apply('{"type":"resume"}', state, 1.0)
    assert state.step(1.25) == Send(153, 4, 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 400, "is no JSON"),
        ("[1]", "no JSON object with a type"),
        ("{}", "no JSON object with a type"),
        ('{"type":7}', "no JSON object with a type"),
        ('{"type":"drop"}', "has no type of ack, seek, speed, pause, resume"),
        ('{"type":"ack"}', "seq: must be a whole number"),
        ('{"type":"ack","seq":true}', "seq: must be a whole number"),
        ('{"type":"ack","seq":1.0}', "seq: must be a whole number"),
        ('{"type":"ack","seq":2}', "no such batch"),
        ('{"type":"seek"}', "must be a text of digits"),
        ('{"type":"seek","window_end_ts_ns":150000000000}', "must be a text of digits"),
        ('{"type":"seek","window_end_ts_ns":"x"}', "must be a number"),
        ('{"type":"seek","window_end_ts_ns":"99000000000"}', "outside the contract-day"),
        ('{"type":"speed"}', "from 0 to 1000"),
        ('{"type":"speed","value":"2"}', "value: must be a number"),
        ('{"type":"speed","value":-1}', "from 0 to 1000"),
        ('{"type":"speed","value":NaN}', "from 0 to 1000"),
        (json.dumps({"type": "pause", "why": "x" * 600}), "longer than 512"),
    ],
)
def test_wrong_messages_are_refused(text: str, reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        messages.apply(text, playback(), 0.0)


def test_an_error_of_any_text_is_json() -> None:
    reason = 'a "quoted" reason\nof two lines'
    assert json.loads(messages.error(reason)) == {"type": "error", "reason": reason}


def test_a_budget_of_messages_refills() -> None:
    budget = MessageBudget(per_s=2, burst=3, now=0.0)
    assert [budget.spend(0.0) for _ in range(4)] == [True, True, True, False]
    assert not budget.spend(0.25)
    assert budget.spend(0.5)
    # it never holds more than the burst
    assert [budget.spend(100.0) for _ in range(4)] == [True, True, True, False]
