"""What chance makes of a busy market, and what a timer makes of it.

Random orders must not look regular more often than the null values promise; the Rayleigh statistic
equals the plain sum of phasors; circular shifts of the seconds agree with the published p.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from naive.model import NS_PER_S
from scipy import stats
from support.fingerprint_streams import DAY_S, Row, book_at, fingerprints
from support.strategies.mbo_script import message, script

RANDOM_S = 1_200
PLANTED_S = 300
PERIOD_NS = 410_000_000
JITTER_NS = 4_000_000
SIZE = 7
MIDDLE = 1_000
SHARES = ("requote_share", "chase_share", "react_1ms", "react_5ms", "react_20ms")
FREQUENCIES = np.arange(12, 1_201) / 60
SHIFTS = 200


def random_orders(seed: int, seconds: int, per_s: float) -> list[tuple[int, np.ndarray]]:
    """Adds, cancels and trades at random times, as (ns, record), in bursts of some seconds."""
    rng = np.random.default_rng(seed)
    rate = per_s * np.repeat(rng.lognormal(0, 0.7, seconds // 4 + 1), 4)[:seconds]
    # their own order of events: what rests when a cancel comes
    times = np.sort(
        np.concatenate(
            [
                (second + rng.random(rng.poisson(rate[second]))) * NS_PER_S
                for second in range(seconds)
            ]
        ).astype(np.int64)
    )
    records = []
    resting: dict[str, list[tuple[int, int, int]]] = {"A": [], "B": []}
    for number, at_ns in enumerate(times.tolist(), start=100):
        side = "AB"[rng.integers(2)]
        kind = rng.random()
        orders = resting[side]
        if kind < 0.08:
            taker = "A" if side == "B" else "B"
            records.append((at_ns, message("T", taker, 0, MIDDLE + (side == "A"), 1, at_ns)))
        elif kind < 0.5 or len(orders) < 30:
            ticks = int(rng.integers(0, 12))
            ticks = MIDDLE - ticks if side == "B" else MIDDLE + 1 + ticks
            order = (number, ticks, int(rng.choice([1, 2, 3, 5, 10], p=[0.4, 0.2, 0.2, 0.1, 0.1])))
            orders.append(order)
            records.append((at_ns, message("A", side, *order, at_ns)))
        else:
            order = orders.pop(rng.integers(len(orders)))
            records.append((at_ns, message("C", side, *order, at_ns)))
    return records


def timer_orders(seed: int, seconds: int) -> list[tuple[int, np.ndarray]]:
    """Bids of one size every period, with some jitter, cancelled after half a period."""
    rng = np.random.default_rng(seed)
    records = []
    for number, at in enumerate(range(0, seconds * NS_PER_S, PERIOD_NS), start=1_000_000):
        at_ns = at + int(rng.integers(0, JITTER_NS))
        records.append((at_ns, message("A", "B", number, MIDDLE - 3, SIZE, at_ns)))
        gone_ns = at_ns + PERIOD_NS // 2
        records.append((gone_ns, message("C", "B", number, MIDDLE - 3, SIZE, gone_ns)))
    return records


def stream(*parts: list[tuple[int, np.ndarray]]) -> np.ndarray:
    in_order = sorted((record for part in parts for record in part), key=lambda record: record[0])
    # shifted by two seconds, so that spot is known before the first
    records = script(*book_at(NS_PER_S, MIDDLE), *(record for _, record in in_order))
    records["ts_event"][8:] += 2 * NS_PER_S
    records["ts_recv"][8:] += 2 * NS_PER_S
    return records


@cache
def random_market() -> list[Row]:
    rows, _ = fingerprints(stream(random_orders(1, RANDOM_S, 60)))
    return [row for row in rows if row["window_end_s"] >= DAY_S + 65]


@cache
def planted_stream() -> np.ndarray:
    return stream(random_orders(2, PLANTED_S, 60), timer_orders(3, PLANTED_S))


@cache
def planted_market() -> list[Row]:
    rows, _ = fingerprints(planted_stream())
    return [row for row in rows if row["window_end_s"] >= DAY_S + 65]


@pytest.mark.parametrize("share", SHARES)
def test_random_orders_are_regular_in_at_most_the_nominal_share(share: str) -> None:
    rows = [row for row in random_market() if row[share] is not None]
    regular = [row[share] > row[f"{share}_null_q95"] for row in rows]
    assert len(rows) > 400
    # three standard deviations of the count of 5 %
    assert sum(regular) <= 0.05 * len(rows) + 3 * np.sqrt(0.05 * 0.95 * len(rows))
    # and the null value is no triviality
    assert np.median([row[f"{share}_null_q95"] for row in rows]) < 1


def test_random_orders_have_no_period() -> None:
    chances = np.array([row["periodicity_p"] for row in random_market()])
    for limit in (0.5, 0.2, 0.05):
        assert (chances <= limit).mean() <= limit
    for side in "AB":
        least = [row["periodicity_p"] <= 0.005 for row in random_market() if row["side"] == side]
        assert not any(now and then for now, then in pairwise(least))


def arrivals(records: np.ndarray, side: str, size: int, end_s: int) -> np.ndarray:
    """Times of a side's arrivals of a size in the minute before the end, ns."""
    times = records["ts_event"][8:].astype(np.int64)
    is_arrival = (
        (records["action"] == b"A") & (records["side"] == side.encode()) & (records["size"] == size)
    )[8:]
    last_minute = (times >= (end_s - 60) * NS_PER_S) & (times < end_s * NS_PER_S)
    return times[is_arrival & last_minute]


def phasors(times_ns: np.ndarray, origin_ns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of exp(2 pi i f t) of each second, (60, f), and the whole."""
    offsets = (times_ns - origin_ns) / NS_PER_S
    each = np.exp(2j * np.pi * offsets[:, None] * FREQUENCIES)
    seconds = np.zeros((60, len(FREQUENCIES)), complex)
    np.add.at(seconds, offsets.astype(int), each)
    return seconds, each.sum(axis=0)


def test_a_timer_is_found_with_its_period_and_size() -> None:
    rows = [row for row in planted_market() if row["side"] == "B"]
    for row in rows:
        assert row["periodicity_size"] == SIZE
        assert abs(1 / row["periodicity_s"] - NS_PER_S / PERIOD_NS) <= 1 / 60
        assert row["periodicity_p"] < 0.005
    assert len(rows) >= 40


def test_power_is_the_rayleigh_statistic() -> None:
    """Against scipy and plain sums of phasors, at the published period and size."""
    for row in planted_market()[:40]:
        size, end_s = row["periodicity_size"], row["window_end_s"]
        times = arrivals(planted_stream(), row["side"], size, end_s)
        seconds, whole = phasors(times, (end_s - 60) * NS_PER_S)
        assert row["periodicity_n"] == len(times)
        k = round(60 / row["periodicity_s"]) - 12
        assert row["periodicity_power"] == pytest.approx(abs(whole[k]) ** 2 / len(times))
        offsets = (times - (end_s - 60) * NS_PER_S) / NS_PER_S
        resultant = 1 - stats.circvar(offsets, high=row["periodicity_s"])
        assert row["periodicity_power"] == pytest.approx(len(times) * resultant**2)
        coherence = abs(whole) ** 2 / (abs(seconds) ** 2).sum(axis=0)
        assert row["periodicity_coherence"] == pytest.approx(coherence.max())


def test_circular_shifts_of_the_seconds_agree() -> None:
    """Seconds turned by times of their own: their strongest coherence, over all frequencies."""
    rng = np.random.default_rng(4)
    records = planted_stream()
    below = []
    for row in planted_market()[:12]:
        end_s = row["window_end_s"]
        times = arrivals(records, row["side"], row["periodicity_size"], end_s)
        seconds, _ = phasors(times, (end_s - 60) * NS_PER_S)
        power = (abs(seconds) ** 2).sum(axis=0)
        for _ in range(SHIFTS):
            turns = rng.random(60) * 5
            turned = seconds * np.exp(2j * np.pi * turns[:, None] * FREQUENCIES)
            strongest = (abs(turned.sum(axis=0)) ** 2 / power).max()
            # chance of one size by the published formula; uniform if the formula is right
            below.append(-np.expm1(len(FREQUENCIES) * np.log1p(-np.exp(-strongest))))
    below = np.array(below)
    # never more often than it says, and not absurdly rarer
    for limit in (0.5, 0.2, 0.05):
        assert 0.3 * limit <= (below <= limit).mean() <= 1.15 * limit
