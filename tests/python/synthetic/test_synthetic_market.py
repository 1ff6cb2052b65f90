"""The synthetic market: events that follow from the book, at a real market's pace and mix."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter

import databento_dbn as dbn
import numpy as np
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import (
    FlowSettings,
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    day_chunks,
    generate_day,
)
from spymaster_ingest.synthetic.event_records import MBO_DTYPE
from spymaster_ingest.synthetic.random_streams import next_bits, stream_states
from support.plain_records import plain_records
from support.synthetic_book import CL, DAY, ES, SHORT, Replay, live, replay


@pytest.fixture(scope="module")
def day() -> np.ndarray:
    return generate_day(SyntheticMarket(ES, seed=7, plan=SHORT), DAY)


def test_every_record_follows_from_the_book(day: np.ndarray) -> None:
    book = replay(day)
    assert book.complaints == Counter()
    assert book.traded == 0, "what aggressors bought is what resting orders sold"
    assert book.hidden_fills > 0, "no fill larger than what the order displayed"
    assert book.refills > 5, "no iceberg refilled"
    assert book.spreads > 20
    # Times right after a sweep hold many events but little time.
    assert book.spreads_of_one_tick >= 0.9 * book.spreads


def test_message_mix_and_sizes_match_the_real_market(day: np.ndarray) -> None:
    records = live(day)
    assert 60_000 < records.size < 200_000
    # at night this plan has little but the moves of the price
    open_ns = int(dt.datetime(DAY.year, DAY.month, DAY.day, 13, 25, tzinfo=dt.UTC).timestamp())
    records = records[records["ts_event"] >= open_ns * 10**9]
    share = {a: 100 * np.mean(records["action"] == a.encode()) for a in "ACMFT"}
    for action, target in {"A": 34, "C": 30, "M": 20, "F": 11, "T": 5}.items():
        assert abs(share[action] - target) <= 3, share
    same = (np.diff(records["ts_event"]) == 0) & (np.diff(records["sequence"]) == 0)
    assert 0.18 <= np.mean(np.r_[False, same] | np.r_[same, False]) <= 0.30
    adds = records["size"][records["action"] == b"A"]
    assert 0.5 < np.mean(adds == 1) < 0.85


def test_book_is_deep_wide_and_stationary(day: np.ndarray) -> None:
    snapshot = day[(day["flags"] & 32) != 0][1:]
    live_records = live(day)
    joined = np.count_nonzero(live_records["action"] == b"A")
    book = replay(day, sample_every=10**9)
    assert snapshot.size >= 5_000
    assert 0.7 <= len(book.orders) / snapshot.size <= 1.4
    assert joined > 2_000
    for side, sign in ((b"B", 1), (b"A", -1)):
        prices = snapshot["price"][snapshot["side"] == side]
        touch = prices.max() if side == b"B" else prices.min()
        distance = sign * (touch - prices) // ES.tick_int
        assert np.unique(distance[distance <= 400]).size >= 300
        assert np.count_nonzero(distance > 4_000) >= 10
        level, orders = np.unique(distance[(distance > 3) & (distance <= 400)], return_counts=True)
        slope = np.polyfit(np.log(level + 1.0), np.log(orders), 1)[0]
        assert abs(slope + FlowSettings().depth_exponent) < 0.3


def test_times_flags_and_events_look_like_the_venues(day: np.ndarray) -> None:
    midnight = int(dt.datetime.combine(DAY, dt.time(), dt.UTC).timestamp()) * 10**9
    clear, snapshot, records = day[0], day[1:][(day[1:]["flags"] & 32) != 0], live(day)
    assert (clear["action"], clear["side"], clear["flags"]) == (b"R", b"N", 40)
    assert (clear["price"], clear["order_id"]) == (dbn.UNDEF_PRICE, 0)
    assert set(snapshot["flags"][:-1]) == {40}
    assert snapshot["flags"][-1] == 168
    assert set(snapshot["ts_recv"]) == {midnight}
    assert snapshot["ts_event"].max() < midnight
    assert midnight - int(snapshot["ts_event"].min()) > 3 * 86_400 * 10**9
    assert np.all(np.diff(day["ts_recv"].astype(np.int64)) >= 0)
    latency = records["ts_recv"].astype(np.int64) - records["ts_event"].astype(np.int64)
    assert latency.min() > 0
    assert latency.max() < 50_000_000
    assert records["ts_in_delta"].min() > 0
    assert np.all(np.diff(records["sequence"].astype(np.int64)) >= 0)
    assert set(records["flags"]) == {0, 130}
    # An event has one LAST, at its end, and one time.
    last = records["flags"] == 130
    assert last[-1]
    event = np.r_[0, np.cumsum(last)[:-1]]
    starts = np.flatnonzero(np.diff(event, prepend=-1))
    assert np.array_equal(records["ts_event"], records["ts_event"][starts][event])
    assert np.all(np.diff(records["ts_event"][starts].astype(np.int64)) > 0)
    end = midnight + (13 * 3600 + 25 * 60 + 900 + 120) * 10**9
    assert end - 60 * 10**9 < records["ts_event"][-1] < end
    assert np.all(day["price"][1:] % ES.tick_int == 0)


def test_cancels_hit_young_and_old_orders(day: np.ndarray) -> None:
    entered: dict[int, int] = {}
    ages = []
    filled: set[int] = set()
    for record in day[1:]:
        order_id, time = int(record["order_id"]), int(record["ts_event"])
        if record["action"] == b"A":
            entered[order_id] = time
        elif record["action"] == b"F":
            filled.add(order_id)
        elif record["action"] == b"C" and order_id not in filled:
            ages.append(time - entered[order_id])
    young = np.mean(np.array(ages) < 500_000_000)
    assert 0.15 < young < 0.85


def test_price_moves_like_a_market(day: np.ndarray) -> None:
    prints = live(day)[live(day)["action"] == b"T"]
    change = np.diff(prints["price"] // ES.tick_int)
    assert -0.45 < np.corrcoef(change[1:], change[:-1])[0, 1] < -0.1
    assert 5 <= np.ptp(prints["price"]) // ES.tick_int <= 120
    sign = np.where(prints["side"] == b"B", 1.0, -1.0)
    assert np.corrcoef(sign[1:], sign[:-1])[0, 1] > 0.2


def test_the_length_of_pieces_changes_no_record(day: np.ndarray) -> None:
    market = SyntheticMarket(ES, seed=7, plan=SHORT)
    pieces = [chunk.copy() for chunk in day_chunks(market, DAY, chunk_records=1_500)]
    assert len(pieces) > 20
    assert np.array_equal(np.concatenate(pieces), day)


def test_closing_records_carry_last_and_change_nothing_else(day: np.ndarray) -> None:
    market = SyntheticMarket(ES, seed=7, plan=SHORT, closing_records=True)
    closed = live(generate_day(market, DAY))
    closing = closed[closed["action"] == b"N"]
    assert closing.size == np.count_nonzero(live(day)["flags"] & 128)
    assert set(closing["flags"]) == {128}
    assert set(closing["price"]) == {dbn.UNDEF_PRICE}
    assert not closing["order_id"].any()
    assert not closing["size"].any()
    rest = closed[closed["action"] != b"N"].copy()
    assert not rest["flags"].any()
    rest["flags"] = live(day)["flags"]
    assert np.array_equal(rest, live(day))


def test_snapshot_kinds_differ_only_in_the_opening(day: np.ndarray) -> None:
    made = {
        kind: generate_day(SyntheticMarket(ES, seed=7, plan=SHORT, snapshot=kind), DAY)
        for kind in ("adds", "adds_without_last", "none")
    }
    opening = ["ts_event", "ts_recv", "order_id", "price", "size", "flags", "action", "side"]
    assert np.array_equal(made["adds"][opening], day[1:][opening])
    old_style = made["adds_without_last"][: made["adds"].size - live(day).size]
    assert set(old_style["flags"]) == {40}
    fields = [name for name in MBO_DTYPE.names if name != "sequence"]
    for records in made.values():
        assert np.array_equal(live(records)[fields], live(day)[fields])
    assert made["none"].size == live(day).size
    with pytest.raises(SpymasterError, match="snapshot"):
        SyntheticMarket(ES, snapshot="half")


def test_a_product_without_snapshot_cancels_unknown_orders() -> None:
    records = generate_day(SyntheticMarket(CL, plan=SessionPlan(hours=0.02)), DAY)
    assert not np.any(records["flags"] & 32)
    assert not np.any(records["action"] == b"R")
    book = Replay()
    for record in plain_records(records[:3_000]):
        book.apply(record)
    assert book.complaints["unknown order"] > 50
    assert records["order_id"][records["order_id"] > 0].min() > 2**63
    assert np.all(records["price"] % CL.tick_int == 0)
    assert records["price"].min() > 0
    assert contracts_of(CL, DAY)["front"].symbol == "CLX5"


def test_days_and_seeds_have_streams_of_their_own() -> None:
    plan = SessionPlan(hours=0.02, overnight_rate=0.01, premarket_rate=0.01)
    hashes = {
        hashlib.sha256(generate_day(SyntheticMarket(ES, seed, plan), date).tobytes()).hexdigest()
        for seed in (1, 2)
        for date in (DAY, DAY + dt.timedelta(days=1))
    }
    assert len(hashes) == 4


def test_random_numbers_equal_published_ones() -> None:
    states = np.array([1234567], np.uint64)
    drawn = [int(next_bits(states, 0)) for _ in range(3)]
    assert drawn == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    one, other = stream_states(1, DAY, components=("a", "b"))
    assert one != other
