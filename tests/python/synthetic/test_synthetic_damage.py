"""Damaged days: the content of the files, and that the engine reads exactly that."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, contracts_of, generate_day
from spymaster_ingest.synthetic.damage import Damage, damage_of
from spymaster_ingest.synthetic.market_arrays import CLOSED, OPEN, PRE_OPEN
from spymaster_ingest.synthetic.schedule import closures_of, trading_days
from support.engine_pass import engine_pass, truth_of
from support.plain_records import plain_records
from support.synthetic_book import DAY, ES, live, replay

SECOND_NS = 1_000_000_000
# A dense half hour around the opening; the night is almost silent.
PLAN = SessionPlan(hours=0.5, overnight_rate=0.02, premarket_rate=0.05, evening_seconds=0)
CLEAN = SyntheticMarket(ES, seed=6, plan=PLAN)


def seconds_of(records: np.ndarray, market: SyntheticMarket) -> np.ndarray:
    return (records["ts_event"].astype(np.int64) - market.pace_of(DAY).midnight_ns) // SECOND_NS


def test_a_gap_loses_events_and_is_flagged() -> None:
    market = replace(CLEAN, damage=Damage(gap_start=dt.time(9, 40), gap_seconds=90))
    whole, records = generate_day(CLEAN, DAY), generate_day(market, DAY)
    start = market.second_of(DAY, dt.time(9, 40))
    second = seconds_of(records, market)
    assert not np.any((second >= start) & (second < start + 90) & ((records["flags"] & 32) == 0))
    flagged = (records["flags"] & 4) != 0
    assert set(second[flagged]) == {start + 90}
    assert np.count_nonzero(flagged) > 10
    outside = (seconds_of(whole, market) < start) | (seconds_of(whole, market) >= start + 90)
    restored = records.copy()
    restored["flags"][flagged] &= 255 - 4
    assert np.array_equal(whole[outside], restored)
    _, seconds, qa = engine_pass(market, DAY, records)
    assert qa["unknown_cancel"] > 0
    bad = (seconds["invalid_flags"] & 4) != 0
    assert bad.argmax() == start + 90
    assert bad[start + 90 :].all()


def test_after_a_gap_the_first_event_is_flagged_however_late_it_comes() -> None:
    market = replace(CLEAN, damage=Damage(gap_start=dt.time(6), gap_seconds=605))
    records = generate_day(market, DAY)
    end = market.second_of(DAY, dt.time(6)) + 605
    after = live(records)[seconds_of(live(records), market) >= end]
    assert seconds_of(after, market)[0] > end, "the second after the gap must be silent"
    flagged = (after["flags"] & 4) != 0
    assert flagged.any()
    assert np.array_equal(flagged, after["ts_event"] == after["ts_event"][0])


@pytest.mark.parametrize(
    ("damage", "hours"),
    [
        # after the end, on it, across it
        (Damage(gap_start=dt.time(10, 5)), 0.5),
        (Damage(gap_start=dt.time(9, 54), gap_seconds=120), 0.5),
        (Damage(gap_start=dt.time(9, 53), gap_seconds=120), 0.5),
        (Damage(clear_at=dt.time(9, 55)), 0.5),
        (Damage(halt_start=dt.time(9, 51)), 0.5),
        # a closed or halted market has no events to lose
        (Damage(gap_start=dt.time(17, 30)), 0.5),
        (Damage(gap_start=dt.time(9, 36), gap_seconds=30, halt_start=dt.time(9, 35)), 0.5),
        (Damage(clear_at=dt.time(9, 36), halt_start=dt.time(9, 35)), 0.5),
    ],
)
def test_a_damage_that_does_not_fit_is_refused(damage: Damage, hours: float) -> None:
    market = replace(CLEAN, plan=replace(PLAN, hours=hours), damage=damage)
    with pytest.raises(SpymasterError, match="is not within the generated hours of trading"):
        generate_day(market, DAY)


def test_a_damage_in_the_hours_of_an_early_close_is_refused() -> None:
    market = replace(CLEAN, plan=SessionPlan(hours=5.0), damage=Damage(clear_at=dt.time(13, 30)))
    assert market.pace_of(dt.date(2025, 11, 26)).phase.size
    with pytest.raises(SpymasterError, match="damage clear on 2025-11-28"):
        market.pace_of(dt.date(2025, 11, 28))


def test_a_cleared_book_fills_again_and_the_engine_follows(tmp_path: Path) -> None:
    market = replace(CLEAN, damage=Damage(clear_at=dt.time(9, 45)))
    records = generate_day(market, DAY)
    at = market.second_of(DAY, dt.time(9, 45))
    (clear,) = np.flatnonzero((records["action"] == b"R") & ((records["flags"] & 32) == 0))
    assert seconds_of(records, market)[clear] == at
    # until then the day equals the day without the clear
    assert np.array_equal(records[:clear], generate_day(CLEAN, DAY)[:clear])
    after = replay(records[clear + 1 :], sample_every=10**9)
    assert after.complaints == Counter()
    wall, seconds, qa = engine_pass(market, DAY, records)
    flows, book = truth_of(market, DAY, tmp_path)
    assert np.array_equal(seconds["bid_depth_total"], book["bid_depth_total"][: seconds.size])
    assert np.array_equal(seconds["ask_order_count"], book["ask_order_count"][: seconds.size])
    in_second = (wall["window_start_ts"] // 1_000_000) % 86_400 == at
    in_truth = (flows["window_start_ts"] // 1_000_000) % 86_400 == at
    assert wall["reset_qty"][in_second].sum() == flows["reset_qty"][in_truth].sum() < -5_000
    assert seconds["invalid_flags"][at] & 2
    assert (qa["n_clears"], qa["unknown_cancel"], qa["dup_add"]) == (2, 0, 0)


def test_a_halt_is_silent_then_gathers_then_opens_at_one_price() -> None:
    market = replace(CLEAN, damage=Damage(halt_start=dt.time(9, 38)))
    start = market.second_of(DAY, dt.time(9, 38))
    phase = market.pace_of(DAY).phase
    assert list(phase[[start - 1, start, start + 179, start + 180, start + 299, start + 300]]) == [
        OPEN,
        CLOSED,
        CLOSED,
        PRE_OPEN,
        PRE_OPEN,
        OPEN,
    ]
    records = live(generate_day(market, DAY))
    second = seconds_of(records, market)
    assert not np.any((second >= start) & (second < start + 180))
    gathering = records[(second >= start + 180) & (second < start + 300)]
    assert set(gathering["action"]) <= {b"A", b"C", b"M"}
    first = records[second >= start + 300]
    assert (first["action"][0], first["side"][0], first["order_id"][0]) == (b"T", b"N", 0)
    assert first["ts_event"][0] % SECOND_NS == 0
    fills = first[: int(np.argmax(first["flags"] != 0)) + 1]
    assert fills["size"][fills["action"] == b"F"].sum() == 2 * first["size"][0]
    assert replay(generate_day(market, DAY), sample_every=10**9).complaints == Counter()


def test_snapshots_without_last_or_without_r_and_partial_cancels() -> None:
    kinds = {
        kind: generate_day(replace(CLEAN, snapshot=kind), DAY)
        for kind in ("adds", "adds_without_last")
    }
    for records in kinds.values():
        assert records["action"][0] == b"A"
        _, _, qa = engine_pass(CLEAN, DAY, records)
        assert (qa["n_clears"], qa["unknown_cancel"], qa["n_R"]) == (1, 0, 0)
    whole_orders = replace(CLEAN.flow, partial_cancel_share=0.0)
    sizes = {
        share: partial_cancels(replace(CLEAN, flow=flow))
        for share, flow in ((0.0, whole_orders), (0.02, CLEAN.flow))
    }
    assert sizes[0.0] == 0
    assert sizes[0.02] > 100


def partial_cancels(market: SyntheticMarket) -> int:
    """Count the cancels that leave some of their order."""
    left: dict[int, int] = {}
    partial = 0
    for record in plain_records(generate_day(market, DAY)):
        order_id, size = record["order_id"], record["size"]
        if record["action"] in (b"A", b"M"):
            left[order_id] = size
        elif record["action"] == b"C":
            partial += size < left[order_id]
            left[order_id] -= size
    return partial


def test_holidays_have_no_morning_and_early_closes_end_early() -> None:
    days = trading_days(dt.date(2025, 11, 26), 4)
    assert [day.day for day in days] == [26, 27, 28, 1]
    assert dt.date(2025, 4, 18) not in trading_days(dt.date(2025, 4, 17), 3)
    assert closures_of("ES")
    market = SyntheticMarket(ES, plan=SessionPlan(hours=6.0))
    early = market.pace_of(dt.date(2025, 11, 27))
    close = market.second_of(dt.date(2025, 11, 27), dt.time(13))
    reopen = market.second_of(dt.date(2025, 11, 27), dt.time(18))
    assert early.phase[close - 1] == OPEN
    assert not np.any(early.phase[close : close + 4 * 3600] == OPEN)
    assert early.phase[reopen] == OPEN
    # the evening before Christmas has no session
    christmas = dt.date(2025, 12, 24)
    close = market.second_of(christmas, dt.time(13, 15))
    phase = market.pace_of(christmas).phase
    assert phase[close - 1] == OPEN
    assert not np.any(phase[close:] == OPEN)


def test_volume_moves_to_the_next_contract_over_four_days() -> None:
    plan = SessionPlan(hours=0.1, overnight_rate=0.02, premarket_rate=0.05, evening_seconds=0)
    market = SyntheticMarket(ES, seed=8, plan=plan)
    days = trading_days(dt.date(2025, 12, 3), 9)
    shares = [market.rolled_share(day) for day in days]
    flip = next(i for i, day in enumerate(days) if contracts_of(ES, day)["front"].symbol == "ESH6")
    assert shares[:flip] == [0.0] * (flip - 4) + [0.15, 0.4, 0.65, 0.9]
    assert set(shares[flip:]) == {0.0}
    for day, moved in ((days[0], False), (days[flip - 1], True)):
        front, following = (generate_day(market, day, kind).size for kind in ("front", "next"))
        assert (following > front) == moved


def test_unknown_damage_is_refused() -> None:
    assert damage_of(["gap", "halt"]).halt_start == dt.time(10, 12)
    with pytest.raises(SpymasterError, match="flood"):
        damage_of(["flood"])
