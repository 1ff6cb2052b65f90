"""Plain trigger vectors: elements against numpy by index, names, and missing vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import log

import numpy as np
import pytest
from naive.approach_course import CourseRow, phase_of
from naive.gaps import Gap
from naive.levels_episodes import Decision
from naive.levels_model import NS_PER_S, LevelKey, Row
from naive.levels_vectors import (
    CONTEXT,
    FAMILIES,
    OPTION_CONTEXT,
    dedup_names,
    mbo_trigger_vector_features,
    mbo_trigger_vectors,
    vector_names,
)
from support.levels_market import DAY, RULES, TICK_INT, at

T = at("10:00:00")
LEVEL = 1000
CORRIDOR = {
    "corridor_rel_depth": 0.5,
    "beyond_rel_depth": 0.75,
    "beyond_corridor_log": 0.25,
    "beyond_max_depth": 19,
    "beyond_max_rho": 8,
    "spot_depth_per_tick": 3.0,
    "behind_pull_add_log": -0.5,
}
BANDS = {"above_score": 0.625, "below_score": 0.375}


def decision(end_s: int = T, k: int = 5, **fields: object) -> Decision:
    values = {
        "end_s": end_s,
        "level_id": "pm_high",
        "is_window_valid": True,
        "is_active": True,
        "is_primary": True,
        "level_tick": LEVEL,
        "k_ticks": k,
        "sigma_ticks": None,
        "approach_dir": "approach_up" if k > 0 else "approach_down",
    }
    return Decision(**values | fields)


def history(end_s: int = T, n: int = 27) -> tuple[dict[LevelKey, Row], np.ndarray]:
    """Rows of random features, and the same as array (row, derivative, feature) of both families.

    The first rows lack differences, as they do after a gap.
    """
    names = [*FAMILIES["down"], *FAMILIES["up"]]
    values = np.random.default_rng(11).normal(size=(n, 4, len(names)))
    rows: dict[LevelKey, Row] = {}
    for i in range(n):
        row: Row = {"window_valid": True, "level_price_int": LEVEL * TICK_INT}
        for d, prefix in enumerate(("", "d1_", "d2_", "d3_")):
            known = i >= d
            row |= {
                f"{prefix}{name}": float(values[i, d, f]) if known else None
                for f, name in enumerate(names)
            }
        rows[end_s - 5 * (n - 1 - i), "pm_high"] = row
    return rows, values


def vectors(
    window: Decision, rows: dict[LevelKey, Row], gaps: Sequence[Gap] = ()
) -> dict[LevelKey, Row]:
    key = window.end_s, window.level_id
    # price rises; from above it goes away from the level
    offset = {"k_ticks": window.k_ticks, "speed_15s": 0.2}
    return mbo_trigger_vectors(
        {key: window}, rows, {key: CORRIDOR}, {window.end_s - 1: BANDS}, {key: offset}, RULES, gaps
    )


@pytest.mark.parametrize(("k", "dim"), [(5, 672), (-5, 700)])
def test_vector_against_numpy_by_index(k: int, dim: int) -> None:
    rows, values = history()
    direction = "up" if k > 0 else "down"
    own = values[:, :, 25:] if k > 0 else values[:, :, :25]
    blocks = [own[-1]]
    for n in (3, 9, 24):
        blocks += [own[-n:].mean(axis=0), (own[-1] - own[-n]) / (n - 1)]
    # block-major, then feature, then derivative
    expected = np.stack(blocks).transpose(0, 2, 1).ravel()
    [row] = vectors(decision(k=k), rows).values()
    assert (row["vector_dim"], len(row[f"vector_{direction}"])) == (dim, dim)
    assert row[f"vector_{'down' if k > 0 else 'up'}"] is None
    np.testing.assert_allclose(row[f"vector_{direction}"], expected, rtol=1e-12, atol=1e-15)


def test_names_by_index() -> None:
    down, up = vector_names("down"), vector_names("up")
    assert (len(down), len(set(down)), len(up), len(set(up))) == (700, 700, 672, 672)
    assert down[:5] == [
        "w0__f1_ask_com_disp_log",
        "w0__d1_f1_ask_com_disp_log",
        "w0__d2_f1_ask_com_disp_log",
        "w0__d3_f1_ask_com_disp_log",
        "w0__f1_ask_slope_convex_log",
    ]
    # block 5 (w24_mean), feature 24, derivative 2
    assert down[5 * 100 + 4 * 24 + 2] == "w24_mean__d2_f9_bid_bbo_dist_ticks"
    assert up[6 * 96 + 4 * 23 + 3] == up[-1] == "w24_delta__d3_u19_bid_bbo_dist_ticks"


def test_published_names_agree_with_the_vector() -> None:
    rows = mbo_trigger_vector_features()
    for direction, names in (("down", vector_names("down")), ("up", vector_names("up"))):
        full = [r for r in rows if (r["set"], r["direction"]) == ("vector", direction)]
        assert [row["feature_index"] for row in full] == list(range(len(names)))
        assert [row["feature_name"] for row in full] == names
        assert all(f"{r['block']}__" in r["feature_name"] for r in full)
        assert all(r["feature_name"].endswith(r["base_feature"]) for r in full)
    assert [r["feature_name"] for r in rows if r["set"] == "context"] == 2 * list(CONTEXT)


def test_dedup_leaves_out_sums_of_other_features() -> None:
    """3 of 25 and 3 of 24 features go, each with 28 elements."""
    down, up = dedup_names("down"), dedup_names("up")
    assert (len(down), len(up)) == (700 - 84, 672 - 84)
    gone = set(vector_names("down") + vector_names("up")) - set(down) - set(up)
    assert {name.split("__")[1].removeprefix("d1_") for name in gone if "w0__d1" in name} == {
        "f5_vacuum_expansion_log",
        "f6_vacuum_decay_log",
        "f7_vacuum_total_log",
        "u15_up_expansion_log",
        "u16_up_flow_log",
        "u17_up_total_log",
    }


@pytest.mark.parametrize(
    ("start", "end", "is_there"),
    [
        # 27 windows are 135 s
        (-140.0, -135.0, True),
        (-140.0, -134.9, False),
        (-60.0, -50.0, False),
        (-9.0, -0.001, False),
        # it may have begun, but is unknown until it is over: a record at T is not in windows to T
        (-9.0, 0.0, True),
        (-9.0, 0.1, True),
        (10.0, 20.0, True),
    ],
)
def test_no_vector_over_a_gap_in_the_recording(start: float, end: float, *, is_there: bool) -> None:
    gap = Gap(*(T * NS_PER_S + round(after * NS_PER_S) for after in (start, end)), "silent")
    assert bool(vectors(decision(), history()[0], [gap])) == is_there


def test_columns_beside_the_vector() -> None:
    [row] = vectors(decision(), history()[0]).values()
    del row["vector_up"], row["context"]
    assert row == {
        "symbol": "ESZ5",
        "dt": DAY,
        "level_id": "pm_high",
        "window_end_ts": datetime(2025, 10, 1, 14, 0),
        "vector_id": f"ESZ5_pm_high_up_{T}",
        "session_date": DAY,
        "level_price_int": LEVEL * TICK_INT,
        "k_ticks": 5,
        "approach_dir": "approach_up",
        "decision_phase": "approaching",
        "episode_id": f"ESZ5_2025-10-01_pm_high_up_{T}",
        "candle_id": 15,
        "vector_dim": 672,
        "vector_down": None,
    }


def test_context_by_hand() -> None:
    [row] = vectors(decision(), history()[0]).values()
    context = dict(zip(CONTEXT, row["context"], strict=True))
    assert context == {
        "corridor_rel_depth": 0.5,
        "beyond_rel_depth": 0.75,
        "beyond_corridor_log": 0.25,
        "beyond_max_depth_log": pytest.approx(log(20 / 4)),
        "beyond_max_rho_share": 0.4,
        "behind_pull_add_log": -0.5,
        "above_score": 0.625,
        "below_score": 0.375,
        "k_ticks_share": 0.25,
        "closing_speed_15s": 0.2,
        **dict.fromkeys(OPTION_CONTEXT),
    }
    assert len(OPTION_CONTEXT) == 6


def course(x: int, direction: str = "up") -> CourseRow:
    """A course that came to the level ten seconds ago, and stands at x."""
    return CourseRow(
        window_end_s=T,
        course_id=f"ESZ5_2025-10-01_pm_high_{direction}_{T - 30}",
        direction=direction,
        level_tick_frozen=LEVEL,
        barrier_ticks=8,
        started_s=T - 30,
        x=x,
        phase=phase_of(x),
        reached_ns=(T - 10) * NS_PER_S,
        max_x=max(x, 0),
        min_x_since_reached=min(x, 0),
        elapsed_s=30,
        since_reached_s=10,
    )


@pytest.mark.parametrize(
    ("x", "phase", "has_corridor"), [(3, "through", False), (0, "at", False), (-4, "back", True)]
)
def test_a_course_that_has_come_to_its_level_has_vectors(
    x: int, phase: str, *, has_corridor: bool
) -> None:
    """Of its direction; past the level and at it no corridor lies ahead."""
    window = decision(k=-x, approach_dir="approach_up", course=course(x), is_primary=False)
    [row] = vectors(window, history()[0]).values()
    assert (row["decision_phase"], row["approach_dir"]) == (phase, "approach_up")
    assert row["episode_id"] == f"ESZ5_2025-10-01_pm_high_up_{T - 30}"
    assert row["vector_up"] is not None and row["vector_down"] is None
    context = dict(zip(CONTEXT, row["context"], strict=True))
    assert context["k_ticks_share"] == -x / 20
    assert context["closing_speed_15s"] == 0.2
    assert (context["corridor_rel_depth"] is not None) == has_corridor
    assert (context["beyond_max_depth_log"] is not None) == has_corridor


def test_a_vector_far_from_the_level_belongs_to_no_episode() -> None:
    [row] = vectors(decision(k=20), history()[0]).values()
    assert row["episode_id"] is None


@pytest.mark.parametrize("missing", range(28))
def test_27_valid_windows_in_a_row_are_needed(missing: int) -> None:
    for kind in ("invalid", "missing"):
        rows, _ = history(n=28)
        key = T - 5 * missing, "pm_high"
        if kind == "invalid":
            rows[key]["window_valid"] = False
        else:
            del rows[key]
        assert bool(vectors(decision(), rows)) == (missing == 27)


@pytest.mark.parametrize(
    ("clock", "is_made"),
    [("09:30:00", False), ("09:30:05", True), ("12:30:00", True), ("12:30:05", False)],
)
def test_vectors_exist_inside_the_study_window_only(clock: str, is_made: bool) -> None:
    assert bool(vectors(decision(at(clock)), history(at(clock))[0])) == is_made


def test_no_vector_without_approach_nor_behind_another_level() -> None:
    rows, _ = history()
    for fields in ({"approach_dir": "approach_none"}, {"is_primary": False}):
        assert vectors(replace(decision(), **fields), rows) == {}
