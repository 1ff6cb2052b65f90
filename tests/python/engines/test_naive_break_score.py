"""The plain break score on engine rows made by hand."""

from __future__ import annotations

from math import exp
from typing import Any

import pytest
from naive.break_score_1s import COLUMNS, break_score_1s, confidence_of, signal_words, tape_score
from naive.engine_rows import KEY_COLUMNS, engine_keys
from naive.surfaces import Row
from support.engine_market import (
    CONSTANTS,
    START_S,
    TICK_INT,
    WEIGHTS,
    level_rows,
    offset_rows,
    snapshot_row,
    wall_row,
)

LEVEL = 1010
ALPHA = 1 - exp(-1 / 2)
# state, effect, and whether a sweep goes through the level: raw scores 100, 0 and 50
HIGH = {"state": "VACUUM", "effect": "AMPLIFY", "sweep": True}
LOW = {"state": "WALL", "effect": "DAMPEN", "sweep": False}
MIDDLE = {"state": "CONSUMED", "effect": "NEUTRAL", "sweep": False}


def rows_of(
    seconds: list[dict[str, Any] | None],
    *,
    k_ticks: list[int] | None = None,
    extra: dict[str, int] | None = None,
    not_primary: tuple[str, ...] = (),
    wall: list[Row] | None = None,
    flags: dict[int, int] | None = None,
    **constants: Any,
) -> list[Row]:
    """Scores of consecutive seconds of pm_high; None is a missing second."""
    ks = k_ticks or [10] * len(seconds)
    ends = [START_S + n for n, fields in enumerate(seconds) if fields is not None]
    spots = {START_S + n: LEVEL - k for n, k in enumerate(ks)}
    snapshot = [
        snapshot_row(end_s, spots[end_s], flags=(flags or {}).get(end_s - START_S, 0))
        for end_s in ends
    ]
    levels = level_rows(
        {end_s: {"pm_high": LEVEL} | (extra or {}) for end_s in ends}, not_primary=not_primary
    )
    own = CONSTANTS | constants
    keys = [
        key
        for key in engine_keys(snapshot, levels, offset_rows(snapshot, levels), own)
        if key["level_id"] == "pm_high"
    ]
    barrier, tape, fuel = [], [], []
    for key, fields in zip(keys, (s for s in seconds if s is not None), strict=True):
        sweeps = fields.get("sweep", False)
        barrier.append(
            key
            | {
                "state": fields.get("state"),
                "churn": fields.get("churn", 0),
                "confidence": fields.get("barrier_confidence", 1.0),
            }
        )
        tape.append(
            key
            | {
                "sweep_direction": key["break_direction"] if sweeps else None,
                "sweep_age_s": 1.0 if sweeps else None,
                "velocity_ticks_s": fields.get("velocity"),
                "imbalance": fields.get("imbalance"),
                "confidence": fields.get("tape_confidence", 1.0),
            }
        )
        fuel.append(key | {"effect": fields.get("effect")})
    rows = break_score_1s(snapshot, wall or [], levels, barrier, tape, fuel, WEIGHTS, own)
    assert all(list(row) == [*KEY_COLUMNS, *COLUMNS] for row in rows)
    return rows


def signals(seconds: list[dict[str, Any] | None], **fields: Any) -> list[str | None]:
    return [row["signal"] for row in rows_of(seconds, **fields)]


def test_weights_sum_to_one() -> None:
    """The three parts share one score."""
    assert sum(CONSTANTS[name] for name in ("w_l", "w_h", "w_t")) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("state", "s_l"),
    [
        ("VACUUM", 100),
        ("WEAK", 75),
        ("CONSUMED", 60),
        ("NEUTRAL", 50),
        ("WALL", 0),
        ("ABSORPTION", 0),
    ],
)
@pytest.mark.parametrize(
    ("effect", "s_h"), [("AMPLIFY", 100), ("NEUTRAL", 50), ("DAMPEN", 0), (None, 50)]
)
def test_parts_of_the_score(state: str, s_l: float, effect: str | None, s_h: float) -> None:
    """Every state and effect; no effect counts as NEUTRAL."""
    (row,) = rows_of([{"state": state, "effect": effect, "velocity": 1.0}])
    assert (row["s_l"], row["s_h"], row["s_t"]) == (s_l, s_h, 12.5)
    assert row["score_raw"] == pytest.approx(0.45 * s_l + 0.35 * s_h + 0.2 * 12.5, rel=1e-15)
    assert row["score_smooth"] == row["score_raw"]


@pytest.mark.parametrize(
    ("tape", "expected"),
    [
        ({"sweep_direction": "UP", "sweep_age_s": 3.0}, 100.0),
        ({"sweep_direction": "UP", "sweep_age_s": 3.001}, 0.0),
        ({"sweep_direction": "DOWN", "sweep_age_s": 0.0}, 0.0),
        ({"velocity_ticks_s": 1.0}, 12.5),
        ({"velocity_ticks_s": 2.0}, 25.0),
        ({"velocity_ticks_s": 9.0}, 25.0),
        ({"velocity_ticks_s": -9.0}, 0.0),
        ({"imbalance": 0.5}, 12.5),
        ({"imbalance": -1.0}, 0.0),
        ({"velocity_ticks_s": 4.0, "imbalance": 1.0}, 50.0),
        ({"velocity_ticks_s": -4.0, "imbalance": 0.25}, 6.25),
    ],
)
def test_tape_score(tape: dict[str, Any], expected: float) -> None:
    """A fresh sweep, or velocity and imbalance, in the break direction; mirrored below spot."""
    names = ("sweep_direction", "sweep_age_s", "velocity_ticks_s", "imbalance")
    up = dict.fromkeys(names) | tape | {"break_direction": "UP"}
    assert tape_score(up, CONSTANTS) == expected
    mirror = {"UP": "DOWN", "DOWN": "UP", None: None}
    down = up | {
        "break_direction": "DOWN",
        "sweep_direction": mirror[up["sweep_direction"]],
        "velocity_ticks_s": None if up["velocity_ticks_s"] is None else -up["velocity_ticks_s"],
        "imbalance": None if up["imbalance"] is None else -up["imbalance"],
    }
    assert tape_score(down, CONSTANTS) == expected


def test_no_score_without_state_or_direction() -> None:
    """Without a state there is no score; without a direction no part of it either."""
    names = ("score_raw", "score_smooth", "signal", "confidence")
    (row,) = rows_of([{"effect": "AMPLIFY", "imbalance": 1.0}])
    assert [row[name] for name in names] == [None] * 4
    assert (row["s_l"], row["s_h"], row["s_t"]) == (None, 100.0, 25.0)
    (row,) = rows_of([HIGH], k_ticks=[0])
    assert [row[name] for name in ("s_l", "s_h", "s_t", *names)] == [None] * 7
    assert (row["runway_direction"], row["confluence_weight"]) == (None, 0.0)


def test_smooth_score_is_the_closed_form() -> None:
    """After n seconds of 100 that follow 0, the smooth score is 100 (1 - exp(-n / 2))."""
    rows = rows_of([LOW] + [HIGH] * 20)
    assert rows[0]["score_smooth"] == 0.0
    for n, row in enumerate(rows[1:], 1):
        assert row["score_smooth"] == pytest.approx(100 * (1 - exp(-n / 2)), rel=1e-12)


@pytest.mark.parametrize("between", [None, {"state": None}])
def test_gap_begins_anew(between: dict[str, Any] | None) -> None:
    """After a missing second, or one without a score, the smooth score is the raw one."""
    rows = rows_of([LOW, LOW, between, HIGH])
    assert rows[-1]["score_smooth"] == 100.0
    assert rows_of([LOW, LOW, LOW, HIGH])[-1]["score_smooth"] == pytest.approx(100 * ALPHA)


def test_change_of_direction_begins_anew() -> None:
    """A level that price has crossed has another score; at the level it goes on."""
    rows = rows_of([LOW, LOW, HIGH, HIGH], k_ticks=[1, 0, -1, 1])
    assert [row["direction"] for row in rows] == [
        "RESISTANCE",
        "RESISTANCE",
        "SUPPORT",
        "RESISTANCE",
    ]
    assert [row["score_smooth"] for row in rows] == [0.0, 0.0, 100.0, 100.0]


def test_break_needs_three_seconds() -> None:
    """True at t and the three seconds before it; a hold of two seconds is not enough."""
    assert signals([HIGH] * 5) == ["NEUTRAL"] * 3 + ["BREAK"] * 2
    assert signals([HIGH] * 5, hold_s=2) == ["NEUTRAL"] * 2 + ["BREAK"] * 3
    assert signals([HIGH] * 3) == ["NEUTRAL"] * 3


def test_break_ends_with_its_condition() -> None:
    """One second at or below 80 ends it, and the hold begins anew."""
    found = signals([HIGH] * 4 + [LOW] + [HIGH] * 8)
    smooth = [row["score_smooth"] for row in rows_of([HIGH] * 4 + [LOW] + [HIGH] * 8)]
    first = next(n for n in range(5, 13) if smooth[n] > 80)
    assert found[3] == "BREAK"
    assert found[4 : first + 3] == ["NEUTRAL"] * (first - 1)
    assert found[first + 3] == "BREAK"


def test_break_score_is_exclusive() -> None:
    """A score of exactly 80 does not break: 45 + 35, and no trades."""
    exactly = {"state": "VACUUM", "effect": "AMPLIFY"}
    (row,) = rows_of([exactly])
    limit = row["score_raw"]
    assert limit == pytest.approx(80)
    assert signals([exactly] * 6, break_score_min=limit) == ["NEUTRAL"] * 6
    assert signals([exactly] * 6, break_score_min=limit - 1e-9)[-1] == "BREAK"


@pytest.mark.parametrize("between", [None, {"state": None}])
def test_gap_breaks_the_hold(between: dict[str, Any] | None) -> None:
    """The hold counts consecutive valid seconds."""
    assert signals([HIGH, HIGH, between, HIGH, HIGH, HIGH])[-1] == "NEUTRAL"
    assert signals([HIGH, HIGH, between, HIGH, HIGH, HIGH, HIGH])[-1] == "BREAK"


def test_reject_needs_a_touch() -> None:
    """Low scores alone reject nothing; a touch at any second of the run does."""
    assert signals([LOW] * 6, k_ticks=[1] * 6) == ["NEUTRAL"] * 6
    assert signals([LOW] * 6, k_ticks=[1, 0, 1, 1, 2, 3]) == ["NEUTRAL"] * 3 + ["REJECT"] * 3
    late = signals([LOW] * 8, k_ticks=[1, 1, 1, 1, 1, 0, 1, 9])
    assert late == ["NEUTRAL"] * 5 + ["REJECT"] * 3
    assert signals([LOW] * 6, k_ticks=[2, 1, 1, 1, 1, 1], touch_band_ticks=1)[3] == "REJECT"


def test_touch_before_the_run_does_not_count() -> None:
    """A touch while the score was high belongs to another run."""
    seconds = [HIGH] + [LOW] * 12
    ks = [1, 0] + [1] * 11
    smooth = [row["score_smooth"] for row in rows_of(seconds, k_ticks=ks)]
    assert smooth[1] >= 20
    assert "REJECT" not in signals(seconds, k_ticks=ks)


def test_contested() -> None:
    """A middle score, eaten depth and much turnover."""
    busy = MIDDLE | {"churn": 2001}
    assert signals([busy]) == ["CONTESTED"]
    assert signals([MIDDLE | {"churn": 2000}]) == ["NEUTRAL"]
    assert signals([busy | {"state": "NEUTRAL"}]) == ["NEUTRAL"]
    (row,) = rows_of([busy])
    score = row["score_raw"]
    assert signals([busy], contested_low=score) == ["CONTESTED"]
    assert signals([busy], contested_high=score) == ["CONTESTED"]
    assert signals([busy], contested_low=score + 1e-9) == ["NEUTRAL"]
    assert signals([busy], contested_high=score - 1e-9) == ["NEUTRAL"]


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ((0.7, 0.7), "HIGH"),
        ((0.5, 0.89), "MEDIUM"),
        ((0.4, None), "MEDIUM"),
        ((0.0, 0.79), "LOW"),
        ((None, 1.0), "HIGH"),
        ((None, None), None),
    ],
)
def test_confidence(parts: tuple[float | None, ...], word: str | None) -> None:
    """The mean of the known parts, in words."""
    assert confidence_of(parts, CONSTANTS) == word


def test_levels_have_their_own_state() -> None:
    """A break at one level says nothing of another."""
    seconds = [START_S + n for n in range(6)]
    snapshot = [snapshot_row(end_s, 1000) for end_s in seconds]
    levels = level_rows({end_s: {"pm_high": 1010, "or_low": 990} for end_s in seconds})
    keys = engine_keys(snapshot, levels, offset_rows(snapshot, levels), CONSTANTS)
    barrier = [
        key
        | {"state": "VACUUM" if key["level_id"] == "pm_high" else "WALL"}
        | {"churn": 0, "confidence": 1.0}
        for key in keys
    ]
    tape = [
        key
        | {"sweep_direction": "UP", "sweep_age_s": 0.5, "velocity_ticks_s": 1.0}
        | {"imbalance": None, "confidence": 0.0}
        for key in keys
    ]
    fuel = [key | {"effect": "AMPLIFY"} for key in keys]
    rows = break_score_1s(snapshot, [], levels, barrier, tape, fuel, WEIGHTS, CONSTANTS)
    last = {row["level_id"]: row for row in rows[-2:]}
    assert last["pm_high"]["signal"] == "BREAK"
    assert (last["or_low"]["signal"], last["or_low"]["s_t"]) == ("NEUTRAL", 0.0)
    assert last["or_low"]["score_raw"] == 35.0
    assert last["pm_high"]["confidence"] == "MEDIUM"


def depth(ticks: int, qty: int, side: str = "A", spot: int = 1000) -> Row:
    return wall_row(START_S, spot, side, ticks, depth_qty_end=qty)


@pytest.mark.parametrize(
    ("wall", "quality"),
    [
        # 1001 ... 1020 hold 20 in all: 1 per tick, so that 3 are a wall
        ([depth(1001, 18), depth(1010, 2)], "CLEAR"),
        ([depth(1001, 17), depth(1010, 3)], "OBSTRUCTED"),
        ([depth(1001, 17), depth(1009, 3)], "CLEAR"),
        ([depth(1001, 20), depth(1030, 3)], "OBSTRUCTED"),
        ([depth(1001, 20), depth(1031, 3)], "CLEAR"),
        ([depth(1001, 20), depth(1025, 3, "B")], "CLEAR"),
        ([], "CLEAR"),
    ],
)
def test_runway_quality(wall: list[Row], quality: str) -> None:
    """A wall from the level to 20 ticks past it, three times the usual tick."""
    (row,) = rows_of([MIDDLE], wall=wall)
    assert row["runway_quality"] == quality
    assert (row["runway_direction"], row["runway_next_level_id"]) == ("UP", None)


@pytest.mark.parametrize(("next_tick", "quality"), [(1025, "OBSTRUCTED"), (1024, "CLEAR")])
def test_wall_past_the_next_level(next_tick: int, quality: str) -> None:
    """What stands past the next level does not obstruct the way to it."""
    wall = [depth(1001, 20), depth(1025, 30)]
    (row,) = rows_of([MIDDLE], wall=wall, extra={"or_high": next_tick})
    assert (row["runway_next_level_id"], row["runway_ticks"]) == ("or_high", next_tick - LEVEL)
    assert row["runway_quality"] == quality


def test_next_level_is_primary_and_past() -> None:
    """Levels that are not primary, or on the near side, are passed over."""
    extra = {"or_high": 1011, "sma_90": 1009, "sma_400": 1100, "pm_low": 1012}
    (row,) = rows_of([MIDDLE], extra=extra, not_primary=("or_high", "pm_low"))
    assert (row["runway_next_level_id"], row["runway_ticks"]) == ("sma_400", 90)
    (row,) = rows_of([MIDDLE], k_ticks=[-5], extra=extra)
    assert (row["runway_direction"], row["runway_next_level_id"]) == ("DOWN", "sma_90")
    assert row["runway_ticks"] == 1


def test_runway_at_the_level_and_in_invalid_seconds() -> None:
    """At the level the runway follows the kept direction; an invalid second has no quality."""
    wall = [wall_row(START_S + 1, LEVEL, "A", LEVEL + 5, depth_qty_end=9)]
    rows = rows_of([MIDDLE, MIDDLE], k_ticks=[3, 0], wall=wall)
    assert (rows[1]["runway_direction"], rows[1]["runway_quality"]) == ("UP", "OBSTRUCTED")
    rows = rows_of([MIDDLE, MIDDLE], k_ticks=[3, 0], wall=wall, flags={1: 8})
    assert (rows[1]["runway_direction"], rows[1]["runway_quality"]) == ("UP", None)


def test_confluence() -> None:
    """Active levels up to 20 ticks away, itself left out, primary or not."""
    extra = {"or_high": 1030, "or_low": 1031, "sma_90": 990, "pm_low": 1010}
    (row,) = rows_of([MIDDLE], extra=extra, not_primary=("pm_low",))
    assert row["confluence_levels"] == ["pm_low", "or_high", "sma_90"]
    assert row["confluence_weight"] == pytest.approx(1.0 + 0.9 + 0.8)
    (row,) = rows_of([MIDDLE], extra=extra, confluence_band_ticks=0)
    assert row["confluence_levels"] == ["pm_low"]


def test_key_columns_are_those_of_the_barrier() -> None:
    """The row has the keys of the engines."""
    (row,) = rows_of([MIDDLE])
    assert (row["level_price_int"], row["k_ticks"]) == (LEVEL * TICK_INT, 10)


@pytest.mark.parametrize(
    ("signal", "break_direction", "implied", "means"),
    [
        ("BREAK", "UP", "UP", "up through pm_high breaks: up"),
        ("BREAK", "DOWN", "DOWN", "down through pm_high breaks: down"),
        ("REJECT", "UP", "DOWN", "up through pm_high rejected: down"),
        ("REJECT", "DOWN", "UP", "down through pm_high rejected: up"),
        ("CONTESTED", "UP", None, None),
        ("CONTESTED", "DOWN", None, None),
        ("NEUTRAL", "UP", None, None),
        ("NEUTRAL", "DOWN", None, None),
        (None, "UP", None, None),
        (None, None, None, None),
    ],
)
def test_words_of_signals(
    signal: str | None, break_direction: str | None, implied: str | None, means: str | None
) -> None:
    """A break goes on, a rejection turns, and what is undecided names no direction."""
    assert signal_words(signal, break_direction, "pm_high") == (implied, means)


@pytest.mark.parametrize(
    "name",
    ["w_l", "w_h", "w_t", "tau_score", "velocity_ref_ticks_s", "s_l_consumed", "s_t_part"],
)
def test_constants_matter(name: str) -> None:
    """Every constant of the seed changes the score."""
    seconds = [LOW, {"state": "CONSUMED", "effect": "AMPLIFY", "velocity": 1.0}]
    own, changed = (rows_of(seconds, **{name: CONSTANTS[name] * f})[-1] for f in (1, 2))
    assert own["score_smooth"] != changed["score_smooth"]
