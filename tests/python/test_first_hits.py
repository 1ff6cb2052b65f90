"""The kernel of the labels against looking at every trade, on random walks."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from naive.first_hits import plain_first_hits
from spymaster.warehouse.level_functions import Plugin
from spymaster_engine.label_columns import LABELS, RESULTS
from spymaster_engine.levels import first_hits
from spymaster_engine.levels.first_hits import BREAK, CENSORED, CHOP, REJECT

HORIZONS_S = (0, 20, 60, 120)
BARRIERS_TICKS = (4, 8, 13)


def random_walk(seed: int, steps: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return seconds and ticks of trades that come several to a second, and jump now and then."""
    draw = np.random.default_rng(seed)
    seconds = np.sort(draw.integers(0, 150, steps))
    jumps = draw.integers(-1, 2, steps) * np.where(draw.random(steps) < 0.05, 9, 1)
    return seconds, 1000 + np.cumsum(jumps)


def labels_on(seconds: np.ndarray, ticks: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return labels of random decisions along a walk, with all barriers and horizons of each."""
    draw = np.random.default_rng(seed + 1)
    rows = []
    for decision_no in range(12):
        start = int(draw.integers(0, 160))
        last = ticks[max(np.searchsorted(seconds, start) - 1, 0)]
        direction = int(draw.choice([-1, 1]))
        x0 = int(draw.integers(-3, 0))
        path_end = start + int(draw.integers(0, 200))
        rows += [
            (decision_no, start, direction, last - direction * x0, x0, barrier, end, path_end)
            for end in sorted(start + horizon for horizon in HORIZONS_S)
            for barrier in BARRIERS_TICKS
        ]
    return dict(zip(LABELS, np.array(rows, np.int64).T.copy(), strict=True))


@pytest.mark.parametrize("seed", range(30))
def test_first_hits_are_those_of_the_plain_way(seed: int) -> None:
    seconds, ticks = random_walk(seed)
    labels = labels_on(seconds, ticks, seed)
    found = first_hits(seconds, ticks, labels)
    trades = list(zip(seconds.tolist(), ticks.tolist(), strict=True))
    for i in range(len(labels["start_s"])):
        label = {name: int(column[i]) for name, column in labels.items()}
        expected = plain_first_hits(trades, label)
        assert {name: int(found[name][i]) for name in RESULTS} == expected, label


def test_every_outcome_occurs_on_the_walks() -> None:
    outcomes = set()
    for seed in range(30):
        seconds, ticks = random_walk(seed)
        outcomes |= set(first_hits(seconds, ticks, labels_on(seconds, ticks, seed))["outcome"])
    assert outcomes == {BREAK, REJECT, CHOP, CENSORED}


@pytest.mark.parametrize("seed", range(5))
def test_a_mirrored_market_has_the_same_outcomes(seed: int) -> None:
    seconds, ticks = random_walk(seed)
    labels = labels_on(seconds, ticks, seed)
    mirrored = {
        **labels,
        "direction": -labels["direction"],
        "level_tick": 5000 - labels["level_tick"],
    }
    found, other = first_hits(seconds, ticks, labels), first_hits(seconds, 5000 - ticks, mirrored)
    assert all(np.array_equal(found[name], other[name]) for name in RESULTS)


def test_breaks_of_a_driftless_walk_are_as_likely_as_the_distance_says() -> None:
    draw = np.random.default_rng(7)
    ticks = np.cumsum(draw.choice([-1, 1], 400_000))
    seconds = np.arange(ticks.size)
    starts = np.arange(0, ticks.size - 5_000, 97)
    barrier, x0 = 8, -3
    n = starts.size
    labels = {
        "decision_no": np.arange(n),
        "start_s": starts + 1,
        "direction": np.ones(n, np.int64),
        "level_tick": ticks[starts] - x0,
        "x0_ticks": np.full(n, x0),
        "barrier_ticks": np.full(n, barrier),
        "horizon_end_s": starts + 5_000,
        "path_end_s": np.full(n, ticks.size),
    }
    outcome = first_hits(seconds, ticks, labels)["outcome"]
    chance = (barrier + x0) / (2 * barrier)
    # neighbouring paths overlap: a quarter of them counted as independent
    error = np.sqrt(chance * (1 - chance) / (n / 4))
    assert set(outcome) == {BREAK, REJECT}
    assert abs(np.mean(outcome == BREAK) - chance) < 3 * error


def test_no_labels_and_no_trades() -> None:
    nothing = np.empty(0, np.int64)
    assert all(part.size == 0 for part in first_hits(nothing, nothing, labels_of()).values())
    one = {name: np.array([value]) for name, value in LABEL.items()}
    assert first_hits(nothing, nothing, one)["outcome"].tolist() == [CHOP]


def test_sql_gets_the_results_in_the_order_of_its_labels() -> None:
    def trade(number: int, second: int, tick: int) -> str:
        values = {"trade_no": number, "window_s": second, "trade_tick": tick}
        return str({**values, "ts_event_ns": 1000 + number})

    with duckdb.connect() as connection:
        Plugin("level_functions", {}).configure_connection(connection)
        label = ", ".join(f"{name} := {value}" for name, value in LABEL.items())
        hits = connection.execute(
            f"""
            select
                list_transform(first_hits(trades, labels), hit -> hit.outcome),
                list_transform(first_hits(trades, labels), hit -> hit.hit_ns)
            from (
                values
                    ([{trade(1, 12, 108)}], [struct_pack({label})]),
                    ([], [struct_pack({label}), struct_pack({label})]),
                    ([{trade(2, 12, 108)}, {trade(1, 12, 92)}], [struct_pack({label})]),
                    ([], []),
                    (null, [struct_pack({label})])
            ) as v (trades, labels)
            """
        ).fetchall()
    assert hits == [
        ([BREAK], [1001]),
        ([CHOP, CHOP], [None, None]),
        ([REJECT], [1001]),
        ([], []),
        (None, None),
    ]


LABEL = dict(zip(LABELS, (0, 10, 1, 100, -2, 8, 20, 30), strict=True))


def labels_of() -> dict[str, np.ndarray]:
    """Return no label."""
    return {name: np.empty(0, np.int64) for name in LABELS}
