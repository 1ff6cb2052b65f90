"""The kernel of the labels against a scan of every trade, on random walks."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from naive.first_hits import plain_first_hits, plain_reached
from spymaster_engine.door import KERNELS, register
from spymaster_engine.kernels.levels import first_hits, reached_hits
from spymaster_engine.kernels.levels.first_hits import BREAK, CENSORED, CHOP, NO_TRADE, REJECT
from spymaster_engine.kernels.levels.reached_hits import NEVER, NOT_REACHED, REACHED, UNKNOWN
from spymaster_engine.label_columns import LABELS, REACHED_RESULTS, RESULTS

HORIZONS_S = (0, 20, 60, 120)
BARRIERS_TICKS = (4, 8, 13)
OUTCOMES = {
    CHOP: "CHOP",
    BREAK: "BREAK",
    REJECT: "REJECT",
    CENSORED: "CENSORED",
    NOT_REACHED: "NOT_REACHED",
}


def random_walk(seed: int, steps: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return seconds and ticks of trades, several per second, with occasional jumps."""
    draw = np.random.default_rng(seed)
    seconds = np.sort(draw.integers(0, 150, steps))
    jumps = draw.integers(-1, 2, steps) * np.where(draw.random(steps) < 0.05, 9, 1)
    return seconds, 1000 + np.cumsum(jumps)


def labels_on(seconds: np.ndarray, ticks: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return labels of random decisions along a walk, before the level, at it and past it.

    Each has all horizons and every barrier that it stands inside.
    """
    draw = np.random.default_rng(seed + 1)
    rows = []
    for decision_no in range(12):
        start = int(draw.integers(0, 160))
        last = ticks[max(np.searchsorted(seconds, start) - 1, 0)]
        direction = int(draw.choice([-1, 1]))
        x0 = int(draw.integers(-max(BARRIERS_TICKS) + 1, max(BARRIERS_TICKS)))
        path_end = start + int(draw.integers(0, 200))
        reach = int(draw.choice([0, 1, 2, max(-x0, 2)]))
        rows += [
            (
                decision_no,
                start,
                direction,
                last - direction * x0,
                x0,
                barrier,
                end,
                path_end,
                reach,
            )
            for end in sorted(start + horizon for horizon in HORIZONS_S)
            for barrier in BARRIERS_TICKS
            if abs(x0) < barrier
        ]
    return dict(zip(LABELS, np.array(rows, np.int64).T.copy(), strict=True))


@pytest.mark.parametrize("seed", range(30))
def test_first_hits_match_the_plain_implementation(seed: int) -> None:
    seconds, ticks = random_walk(seed)
    labels = labels_on(seconds, ticks, seed)
    found = first_hits(seconds, ticks, labels)
    trades = list(zip(seconds.tolist(), ticks.tolist(), strict=True))
    for i in range(len(labels["start_s"])):
        label = {name: int(column[i]) for name, column in labels.items()}
        expected = plain_first_hits(trades, label)
        assert {name: int(found[name][i]) for name in RESULTS} == expected, label


@pytest.mark.parametrize("seed", range(30))
def test_reached_hits_match_the_plain_implementation(seed: int) -> None:
    seconds, ticks = random_walk(seed)
    labels = labels_on(seconds, ticks, seed)
    found = reached_hits(seconds, ticks, labels)
    trades = list(zip(seconds.tolist(), ticks.tolist(), strict=True))
    for i in range(len(labels["start_s"])):
        label = {name: int(column[i]) for name, column in labels.items()}
        assert by_plain_names(found, i) == plain_reached(trades, label, label["reach_ticks"]), label


def by_plain_names(found: dict[str, np.ndarray], i: int) -> dict[str, int | str | None]:
    """Return a result of the kernel in the plain form: None where unknown."""
    values = {name: int(found[name][i]) for name in REACHED_RESULTS}
    is_open = values["exit_outcome"] == CENSORED
    trades = {
        "reached_trade": values["reaching_trade"],
        "hit_trade": values["reached_hit_trade"],
        "exit_trade": NO_TRADE if is_open else values["exit_trade"],
    }
    of_exit = ("exit_x_ticks", "mfe_to_exit_ticks", "mae_to_exit_ticks")
    return {
        "reached": None if values["reached"] == UNKNOWN else values["reached"],
        **{name: None if trade == NO_TRADE else trade for name, trade in trades.items()},
        **{name: None if is_open else values[name] for name in of_exit},
        "whipsaw_reached": values["whipsaw_reached"],
        "outcome_reached": OUTCOMES[values["outcome_reached"]],
        "label_end_s": values["label_end_s"],
        "is_cut": values["is_cut"],
    }


def test_every_outcome_occurs_on_the_walks() -> None:
    outcomes, reached, outcomes_reached, places = set(), set(), set(), set()
    for seed in range(30):
        seconds, ticks = random_walk(seed)
        labels = labels_on(seconds, ticks, seed)
        outcomes |= set(first_hits(seconds, ticks, labels)["outcome"])
        found = reached_hits(seconds, ticks, labels)
        reached |= set(found["reached"])
        outcomes_reached |= set(found["outcome_reached"])
        places |= set(np.sign(labels["x0_ticks"]))
    assert places == {-1, 0, 1}
    assert outcomes == {BREAK, REJECT, CHOP, CENSORED}
    assert reached == {NEVER, REACHED, UNKNOWN}
    assert outcomes_reached == {BREAK, REJECT, CHOP, CENSORED, NOT_REACHED}


# trades as (second, x), x0, first unknown second; then whether the level is reached, by which
# trade, the outcome from there and its trade; exit of a position, its trade, its place, and how
# far price went until then; whether both barriers were hit, and the end of the label; the barriers
# are 8 ticks off, the horizon begins at second 10 and lasts 60 s
REACHED_BY_HAND = {
    "near at once, no trade": (
        ([], -2, 99),
        (REACHED, -1, CHOP, -1),
        (CHOP, -1, -2, 0, 0),
        (0, 70),
    ),
    "one tick too far, no trade": (
        ([], -3, 99),
        (NEVER, -1, NOT_REACHED, -1),
        (CHOP, -1, -3, 0, 0),
        (0, 70),
    ),
    "away without coming near": (
        ([(20, -8), (69, -5)], -5, 99),
        (NEVER, -1, NOT_REACHED, -1),
        (REJECT, 0, -8, 0, -3),
        (0, 70),
    ),
    "a stop before the level, then through": (
        ([(20, -8), (30, -2), (89, 7), (89, 8)], -5, 99),
        (REACHED, 1, BREAK, 3),
        (REJECT, 0, -8, 0, -3),
        (1, 90),
    ),
    "a stop far below the barrier, then through": (
        ([(20, -30), (30, -2), (80, 8)], -4, 99),
        (REACHED, 1, BREAK, 2),
        (REJECT, 0, -8, 0, -26),
        (1, 90),
    ),
    "a turn before the level, then nearly through, and a turn": (
        ([(20, -8), (30, -2), (40, 7), (50, -8)], -4, 99),
        (REACHED, 1, REJECT, 3),
        (REJECT, 0, -8, 0, -4),
        (0, 90),
    ),
    "reached late, nearly through after the horizon, and a turn": (
        ([(65, -2), (80, 7), (90, -8)], -4, 999),
        (REACHED, 0, REJECT, 2),
        (REJECT, 2, -8, 11, -4),
        (0, 125),
    ),
    "through and back": (
        ([(30, 8), (40, -9)], -5, 99),
        (REACHED, 0, BREAK, 0),
        (BREAK, 0, 8, 13, 0),
        (1, 90),
    ),
    "a hit on the edge of its own horizon": (
        ([(30, -2), (89, 7), (90, 8)], -5, 99),
        (REACHED, 0, CHOP, -1),
        (CHOP, 1, 7, 12, 0),
        (0, 90),
    ),
    "reached in the last second of the horizon": (
        ([(69, -2), (70, -8)], -5, 999),
        (REACHED, 0, REJECT, 1),
        (REJECT, 1, -8, 3, -3),
        (0, 129),
    ),
    "reached one second too late": (
        ([(60, -4), (70, 8)], -5, 999),
        (NEVER, -1, NOT_REACHED, -1),
        (CHOP, 0, -4, 1, 0),
        (0, 70),
    ),
    "through with one trade": (
        ([(30, 11)], -5, 99),
        (REACHED, 0, BREAK, 0),
        (BREAK, 0, 8, 16, 0),
        (0, 90),
    ),
    "cut before it is near": (
        ([(30, -4), (50, 0)], -5, 50),
        (UNKNOWN, -1, CENSORED, -1),
        (CENSORED, 0, -4, 1, 0),
        (0, 50),
    ),
    "cut before it is near, after a stop": (
        ([(30, -8), (40, -6)], -5, 50),
        (UNKNOWN, -1, CENSORED, -1),
        (REJECT, 0, -8, 0, -3),
        (0, 50),
    ),
    "cut after it is near": (
        ([(30, 0), (71, 1)], -5, 80),
        (REACHED, 0, CENSORED, -1),
        (CENSORED, 1, 1, 6, 0),
        (0, 80),
    ),
    "hit before the cut": (
        ([(30, 0), (31, 8)], -5, 80),
        (REACHED, 0, BREAK, 1),
        (BREAK, 1, 8, 13, 0),
        (0, 80),
    ),
}


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("case", REACHED_BY_HAND)
def test_reached_hits_by_hand(case: str, direction: int) -> None:
    (path, x0, path_end), at_level, position, (whipsaw, end) = REACHED_BY_HAND[case]
    values = (0, 10, direction, 100, x0, 8, 70, path_end, 2)
    labels = {name: np.array([value]) for name, value in zip(LABELS, values, strict=True)}
    seconds = np.array([second for second, _ in path], np.int64)
    ticks = np.array([100 + direction * x for _, x in path], np.int64)
    found = reached_hits(seconds, ticks, labels)
    reached, reaching, outcome, hit = at_level
    exit_outcome, exit_trade, exit_x, mfe, mae = position
    assert {name: int(part[0]) for name, part in found.items()} == {
        "reached": reached,
        "reaching_trade": reaching,
        "outcome_reached": outcome,
        "reached_hit_trade": hit,
        "exit_trade": exit_trade,
        "exit_outcome": exit_outcome,
        "exit_x_ticks": exit_x,
        "mfe_to_exit_ticks": mfe,
        "mae_to_exit_ticks": mae,
        "whipsaw_reached": whipsaw,
        "label_end_s": end,
        "is_cut": int(end == path_end),
    }


# trades as (second, x), x0; then the outcome, its trade, how far price went against it before,
# and the largest and smallest x - x0; the barriers are 8 ticks off
PAST_THE_LEVEL_BY_HAND = {
    "past the level, and a tick back": (([(12, 2)], 3), (CHOP, -1, 0, 0, -1)),
    "past the level, back to it": (([(12, 0)], 3), (CHOP, -1, 0, 0, -3)),
    "past the level, nearly through it again": (([(12, -7)], 5), (CHOP, -1, 0, 0, -12)),
    "past the level, through it": (([(12, 1), (13, 6), (14, -8)], 5), (REJECT, 2, 1, 1, -13)),
    "past the level, on": (([(12, -7), (13, 8), (14, -8)], 5), (BREAK, 1, 12, 3, -13)),
    "past the level, no trade": (([], 7), (CHOP, -1, 0, 0, 0)),
    "at the level, nearly there": (([(12, 7), (13, -7)], 0), (CHOP, -1, 0, 7, -7)),
    "at the level, away": (([(12, 3), (13, -8)], 0), (REJECT, 1, 3, 3, -8)),
    "back before the level, through": (([(12, 8)], -6), (BREAK, 0, 0, 14, 0)),
}


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("case", PAST_THE_LEVEL_BY_HAND)
def test_decisions_at_and_past_the_level_by_hand(case: str, direction: int) -> None:
    (path, x0), (outcome, hit, adverse, mfe, mae) = PAST_THE_LEVEL_BY_HAND[case]
    values = (0, 10, direction, 100, x0, 8, 70, 99, 6)
    labels = {name: np.array([value]) for name, value in zip(LABELS, values, strict=True)}
    seconds = np.array([second for second, _ in path], np.int64)
    ticks = np.array([100 + direction * x for _, x in path], np.int64)
    found = {name: int(part[0]) for name, part in first_hits(seconds, ticks, labels).items()}
    names = ("outcome", "hit_trade", "adverse_before_hit_ticks", "mfe_ticks", "mae_ticks")
    assert tuple(found[name] for name in names) == (outcome, hit, adverse, mfe, mae)
    if x0 >= 0:
        # no trade touches a level that price has come to
        assert (found["touch_trade"], found["outcome_after_touch"]) == (NO_TRADE, outcome)
    from_level = {name: int(part[0]) for name, part in reached_hits(seconds, ticks, labels).items()}
    assert (from_level["reached"], from_level["reaching_trade"]) == (REACHED, NO_TRADE)
    assert (from_level["outcome_reached"], from_level["reached_hit_trade"]) == (outcome, hit)


@pytest.mark.parametrize("seed", range(5))
def test_a_decision_at_the_level_has_the_same_outcome(seed: int) -> None:
    seconds, ticks = random_walk(seed)
    labels = labels_on(seconds, ticks, seed)
    is_near = labels["x0_ticks"] >= -labels["reach_ticks"]
    found, reached = first_hits(seconds, ticks, labels), reached_hits(seconds, ticks, labels)
    assert is_near.any()
    assert np.array_equal(found["outcome"][is_near], reached["outcome_reached"][is_near])
    assert np.array_equal(found["hit_trade"][is_near], reached["reached_hit_trade"][is_near])


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
    found, other = (
        reached_hits(seconds, ticks, labels),
        reached_hits(seconds, 5000 - ticks, mirrored),
    )
    assert all(np.array_equal(found[name], other[name]) for name in REACHED_RESULTS)


def test_break_frequency_of_a_driftless_walk_follows_the_distance() -> None:
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
        "reach_ticks": np.zeros(n, np.int64),
    }
    outcome = first_hits(seconds, ticks, labels)["outcome"]
    chance = (barrier + x0) / (2 * barrier)
    # neighboring paths overlap: a quarter of them counts as independent
    error = np.sqrt(chance * (1 - chance) / (n / 4))
    assert set(outcome) == {BREAK, REJECT}
    assert abs(np.mean(outcome == BREAK) - chance) < 3 * error


def test_no_labels_and_no_trades() -> None:
    nothing = np.empty(0, np.int64)
    label = {name: np.array([value]) for name, value in LABEL.items()}
    for kernel, outcome in [(first_hits, "outcome"), (reached_hits, "outcome_reached")]:
        assert all(part.size == 0 for part in kernel(nothing, nothing, labels_of()).values())
        assert kernel(nothing, nothing, label)[outcome].tolist() == [CHOP]


def test_sql_gets_the_results_in_the_order_of_its_labels() -> None:
    def trade(number: int, second: int, tick: int) -> str:
        values = {"trade_no": number, "window_s": second, "trade_tick": tick}
        return str({**values, "ts_event_ns": 1000 + number})

    with duckdb.connect() as connection:
        register(connection, KERNELS.values())
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


LABEL = dict(zip(LABELS, (0, 10, 1, 100, -2, 8, 20, 30, 2), strict=True))


def labels_of() -> dict[str, np.ndarray]:
    """Return no label."""
    return {name: np.empty(0, np.int64) for name in LABELS}
