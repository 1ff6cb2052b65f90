"""The plain payload of level signals on rows made by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from naive.level_signals import RETRIEVAL, level_signals
from naive.surfaces import Row
from support.engine_market import CONSTANTS, START_S, TICK_INT, keys_of, snapshot_row

END_S = START_S + 10
ANSWER = dict.fromkeys(RETRIEVAL, 0.25) | {"n_eff": 31.5, "neighbors_ok": True}


def key(level: str, k_ticks: int, end_s: int = END_S) -> Row:
    return keys_of(end_s) | {
        "level_id": level,
        "level_price_int": (1000 + k_ticks) * TICK_INT,
        "k_ticks": k_ticks,
        "direction": "RESISTANCE" if k_ticks > 0 else "SUPPORT",
        "break_direction": "UP" if k_ticks > 0 else "DOWN",
        "in_monitor_band": abs(k_ticks) <= 1,
    }


def engine_rows(places: dict[str, int]) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    scores, barrier, tape, fuel = [], [], [], []
    for level, k_ticks in places.items():
        own = key(level, k_ticks)
        scores.append(
            own
            | {"score_raw": 61.5, "score_smooth": 58.25, "signal": "REJECT", "confidence": "LOW"}
            | {"implied_dir": "DOWN", "signal_means": f"up through {level} rejected: down"}
            | {"runway_direction": "UP", "runway_next_level_id": "or_high", "runway_ticks": 12}
            | {"runway_quality": "CLEAR", "confluence_weight": 0.9}
            | {"confluence_levels": ["or_high"]}
        )
        barrier.append(
            own
            | {"state": "WEAK", "delta_liq": -5, "replenishment_ratio": 0.5, "added": 5}
            | {"canceled": 4, "filled": 6, "churn": 15, "depth_in_zone": 44, "wall_ratio": 1.1}
            | {"defending_quote_price_int": 1001 * TICK_INT, "defending_quote_size": 7}
        )
        tape.append(
            own
            | {"buy_vol": 3, "sell_vol": 1, "imbalance": 0.5, "velocity_ticks_s": -0.25}
            | {"sweep_detected": True, "sweep_direction": "UP", "sweep_num_prints": 4}
            | {"sweep_span_ms": 12.5, "sweep_notional": 5e5, "sweep_age_s": 2.0}
        )
        fuel.append(
            own
            | {"fuel_available": True, "net_dealer_gamma": -12.5, "effect": "NEUTRAL"}
            | {"call_wall_price_int": 1020 * TICK_INT, "put_wall_price_int": None}
            | {"gamma_flip_price": 249.5}
        )
    return scores, barrier, tape, fuel


def payload(places: dict[str, int], answers: list[Row] | None = None) -> dict[str, Any]:
    snapshot = [snapshot_row(END_S, 1000)]
    (row,) = level_signals(snapshot, *engine_rows(places), answers or [], CONSTANTS)
    return row["payload"]


def answer(end_s: int, level: str = "pm_high", **fields: Any) -> Row:
    return keys_of(end_s) | {"level_id": level} | ANSWER | fields


def test_payload_by_hand() -> None:
    """Every key in its order, as the contract of the stream prints it."""
    expected = {
        "ts": END_S * 1000,
        "source": "replay",
        "symbol": "ESZ5",
        "es": {"spot": 250.0, "bid": 250.0, "ask": 250.25},
        "levels": [
            {
                "id": "pm_high",
                "price": 250.25,
                "kind": "PM_HIGH",
                "direction": "RESISTANCE",
                "distance": 1,
                "break_score_raw": 61.5,
                "break_score_smooth": 58.25,
                "signal": "REJECT",
                "implied_dir": "DOWN",
                "signal_means": "up through pm_high rejected: down",
                "confidence": "LOW",
                "barrier": {
                    "state": "WEAK",
                    "delta_liq": -5,
                    "replenishment_ratio": 0.5,
                    "added": 5,
                    "canceled": 4,
                    "filled": 6,
                    "churn": 15,
                    "depth_in_zone": 44,
                    "defending_quote": {"price": 250.25, "size": 7},
                },
                "tape": {
                    "imbalance": 0.5,
                    "buy_vol": 3,
                    "sell_vol": 1,
                    "velocity": -0.25,
                    "sweep": {
                        "detected": True,
                        "direction": "UP",
                        "num_prints": 4,
                        "window_ms": 12.5,
                        "notional": 500000.0,
                    },
                },
                "fuel": {
                    "effect": "NEUTRAL",
                    "net_dealer_gamma": -12.5,
                    "call_wall": 255.0,
                    "put_wall": None,
                    "gamma_flip": 249.5,
                    "available": True,
                },
                "runway": {
                    "direction": "UP",
                    "next_level_id": "or_high",
                    "distance": 12,
                    "quality": "CLEAR",
                },
                "confluence": {"weight": 0.9, "levels": ["or_high"]},
                "retrieval": {
                    "p_break": 0.25,
                    "p_reject": 0.25,
                    "p_chop": 0.25,
                    "base_break": 0.25,
                    "base_reject": 0.25,
                    "base_chop": 0.25,
                    "n_eff": 31.5,
                    "neighbors_ok": True,
                },
            }
        ],
        "viewport": {"ts": END_S * 1000, "targets": ["pm_high"]},
    }
    assert json.dumps(payload({"pm_high": 1}, [answer(END_S)])) == json.dumps(expected)


def test_levels_of_the_band_by_distance() -> None:
    """Nearest first, then by priority; a level outside the band is left out."""
    found = payload({"sma_90": 0, "pm_low": -1, "or_high": 1, "pm_high": 2})
    assert [level["id"] for level in found["levels"]] == ["sma_90", "pm_low", "or_high"]
    assert found["viewport"]["targets"] == ["sma_90", "pm_low", "or_high"]
    assert payload({"pm_high": 2})["levels"] == []


@pytest.mark.parametrize(("age_s", "is_there"), [(0, True), (4, True), (5, False), (-1, False)])
def test_answer_of_the_last_decision(age_s: int, is_there: bool) -> None:
    """A decision up to four seconds old; none of another level or of the future."""
    found = payload({"pm_high": 1}, [answer(END_S - age_s), answer(END_S, "or_low")])
    retrieval = found["levels"][0]["retrieval"]
    assert list(retrieval) == list(RETRIEVAL)
    assert retrieval == (ANSWER if is_there else dict.fromkeys(RETRIEVAL))


def test_rows_of_seconds_with_a_spot() -> None:
    """Every second of the surface window that has a spot has a row."""
    snapshot = [snapshot_row(END_S + n, None if n == 1 else 1000) for n in range(4)]
    window = CONSTANTS | {"surface_window_s": (END_S - 1, END_S + 2)}
    rows = level_signals(snapshot, [], [], [], [], [], window)
    assert [row["payload"]["ts"] for row in rows] == [END_S * 1000, (END_S + 2) * 1000]
    assert list(rows[0]) == ["symbol", "dt", "window_start_ts", "window_end_ts", "payload"]
