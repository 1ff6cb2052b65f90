"""`level_signals`: the payload of the `levels.signals` stream.

Rules chosen where the specification leaves room:
- One row per second of the surface window with a spot, also when no level is near; the payload is
  here a dictionary in the order of its keys.
- Levels are those in the monitor band, by distance, then priority; so are the targets.
- `distance` is the signed offset in ticks; prices are in points.
- The answer of retrieval is the level's latest decision of the last five seconds, this one
  included; without one every value is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from naive.engine_rows import Constants, by_end, by_level, end_of, is_in_surface_window
from naive.levels_model import LEVEL_IDS
from naive.surfaces import Row, points

DECISION_S = 5
MS_PER_S = 1000
SOURCE = "replay"
RETRIEVAL = (
    "p_break",
    "p_reject",
    "p_chop",
    "base_break",
    "base_reject",
    "base_chop",
    "n_eff",
    "neighbors_ok",
)

LevelRow = Mapping[tuple[int, str], Row]


def level_signals(
    snapshot: Iterable[Row],
    scores: Iterable[Row],
    barrier: Iterable[Row],
    tape: Iterable[Row],
    fuel: Iterable[Row],
    answers: Iterable[Row],
    constants: Constants,
) -> list[Row]:
    """Rows of `gold.level_signals` of one contract-day, by second.

    Args:
        snapshot: Rows of `book_snapshot_1s`.
        scores: Rows of `break_score_1s`.
        barrier: Rows of `barrier_engine_1s`.
        tape: Rows of `tape_engine_1s`.
        fuel: Rows of `fuel_engine_1s`.
        answers: Rows of `retrieval_outcomes` at the horizon of signals.
        constants: See `engine_rows`.
    """
    near: dict[int, list[Row]] = {}
    for row in scores:
        if row["in_monitor_band"]:
            near.setdefault(end_of(row), []).append(row)
    barrier_of, tape_of, fuel_of = by_level(barrier), by_level(tape), by_level(fuel)
    answer_of = by_level(answers)
    rows = []
    for end_s, second in sorted(by_end(snapshot).items()):
        if second["spot_ref_price_int"] is None or not is_in_surface_window(end_s, constants):
            continue
        levels = sorted(
            near.get(end_s, []),
            key=lambda row: (abs(row["k_ticks"]), LEVEL_IDS.index(row["level_id"])),
        )
        payload = {
            "ts": end_s * MS_PER_S,
            "source": SOURCE,
            "symbol": second["symbol"],
            "es": {
                "spot": points(second["spot_ref_price_int"]),
                "bid": points(second["best_bid_price_int"]),
                "ask": points(second["best_ask_price_int"]),
            },
            "levels": [
                level_payload(
                    row,
                    barrier_of[end_s, row["level_id"]],
                    tape_of[end_s, row["level_id"]],
                    fuel_of[end_s, row["level_id"]],
                    latest_answer(answer_of, end_s, row["level_id"]),
                )
                for row in levels
            ],
            "viewport": {
                "ts": end_s * MS_PER_S,
                "targets": [row["level_id"] for row in levels],
            },
        }
        keys = {name: second[name] for name in ("symbol", "dt", "window_start_ts", "window_end_ts")}
        rows.append(keys | {"payload": payload})
    return rows


def latest_answer(answer_of: LevelRow, end_s: int, level: str) -> Row:
    """The latest answer of the last five seconds; no values without one."""
    for second in range(end_s, end_s - DECISION_S, -1):
        if (second, level) in answer_of:
            return answer_of[second, level]
    return dict.fromkeys(RETRIEVAL)


def level_payload(row: Row, barrier: Row, tape: Row, fuel: Row, answer: Row) -> dict[str, Any]:
    """What the payload says of one level."""
    return {
        "id": row["level_id"],
        "price": points(row["level_price_int"]),
        "kind": row["level_id"].upper(),
        "direction": row["direction"],
        "distance": row["k_ticks"],
        "break_score_raw": row["score_raw"],
        "break_score_smooth": row["score_smooth"],
        "signal": row["signal"],
        "implied_dir": row["implied_dir"],
        "signal_means": row["signal_means"],
        "confidence": row["confidence"],
        "barrier": {
            "state": barrier["state"],
            "delta_liq": barrier["delta_liq"],
            "replenishment_ratio": barrier["replenishment_ratio"],
            "added": barrier["added"],
            "canceled": barrier["canceled"],
            "filled": barrier["filled"],
            "churn": barrier["churn"],
            "depth_in_zone": barrier["depth_in_zone"],
            "defending_quote": {
                "price": points(barrier["defending_quote_price_int"]),
                "size": barrier["defending_quote_size"],
            },
        },
        "tape": {
            "imbalance": tape["imbalance"],
            "buy_vol": tape["buy_vol"],
            "sell_vol": tape["sell_vol"],
            "velocity": tape["velocity_ticks_s"],
            "sweep": {
                "detected": tape["sweep_detected"],
                "direction": tape["sweep_direction"],
                "num_prints": tape["sweep_num_prints"],
                "window_ms": tape["sweep_span_ms"],
                "notional": tape["sweep_notional"],
            },
        },
        "fuel": {
            "effect": fuel["effect"],
            "net_dealer_gamma": fuel["net_dealer_gamma"],
            "call_wall": points(fuel["call_wall_price_int"]),
            "put_wall": points(fuel["put_wall_price_int"]),
            "gamma_flip": fuel["gamma_flip_price"],
            "available": fuel["fuel_available"],
        },
        "runway": {
            "direction": row["runway_direction"],
            "next_level_id": row["runway_next_level_id"],
            "distance": row["runway_ticks"],
            "quality": row["runway_quality"],
        },
        "confluence": {
            "weight": row["confluence_weight"],
            "levels": row["confluence_levels"],
        },
        "retrieval": {name: answer[name] for name in RETRIEVAL},
    }
