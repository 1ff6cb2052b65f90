"""Drawn approaches with fingerprints around them: gaps, invalid windows, every outcome."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

SYMBOL, DT = "ESZ5", dt.date(2025, 10, 1)
START = dt.datetime(2025, 10, 1, 14)
EPOCH = dt.datetime(1970, 1, 1)
N_WINDOWS, N_EPISODES = 400, 150
LEVELS = ("pm_high", "or_low", "sma_90")
HORIZONS = ("s120", "s240")
OUTCOMES = ("BREAK", "REJECT", "CHOP", "CENSORED", "NOT_REACHED", None)
KEYS = {"symbol": SYMBOL, "dt": DT}
NS = 1_000_000_000
MEASURES = (
    *("add_count", "top_size_share", "cancel_count", "requote_count", "requote_pair_count"),
    *("requote_share", "chase_share", "approached_qty", "withdrawn_qty"),
    *("withdraw_on_approach_share", "react_1ms", "react_5ms", "react_20ms"),
    *("n_orders_max_life_ms_10", "refill_count", "reload_count"),
    *("periodicity_s", "periodicity_size", "periodicity_p"),
)

Row = dict[str, Any]


def ends_at(number: float) -> dt.datetime:
    """Return the end of a window by its number."""
    return START + dt.timedelta(seconds=5 * number)


def drawn_tables(seed: int) -> dict[str, list[Row]]:
    """Return rows of what `level_fingerprints` reads, by relation."""
    random = Random(seed)
    episodes, decisions, outcomes = [], [], []
    # begins before the first window with fingerprints and ends after the last
    places = [(number, level_id) for number in range(-4, N_WINDOWS + 6) for level_id in LEVELS]
    for number, level_id in sorted(random.sample(places, N_EPISODES)):
        first = ends_at(number)
        touch_ns = None
        if random.random() < 0.7:
            wait_ns = random.choice((0, 5 * NS, 5 * NS - 1, 7 * NS, random.randrange(40 * NS)))
            touch_ns = int((first - EPOCH).total_seconds()) * NS + wait_ns
        direction = random.choice(("approach_up", "approach_down"))
        key = KEYS | {"level_id": level_id}
        episodes.append(
            key
            | {
                "episode_id": f"{SYMBOL}_{level_id}_{number}",
                "approach_dir": direction,
                "first_window_end_ts": first,
                "touched": touch_ns is not None,
                "touch_ts": touch_ns,
                "last_window_end_ts": first,
                "available_from_ts": first + dt.timedelta(seconds=45),
            }
        )
        # a later decision of the same approach says something else
        for later in range(random.randint(1, 3)):
            at = key | {"window_end_ts": ends_at(number + later / 3)}
            decisions.append(
                at
                | {
                    "approach_dir": direction,
                    "is_eligible": True,
                    "first_window_end_ts": first,
                    "barrier_mode": random.choice(("fixed", "vol")),
                }
            )
            outcomes += [
                at
                | {
                    "barrier_kind": kind,
                    "horizon_id": horizon,
                    "episode_id": episodes[-1]["episode_id"],
                    "outcome": "CHOP",
                    "outcome_reached": random.choice(OUTCOMES),
                    "label_end_ts": first + dt.timedelta(seconds=random.randint(1, 400)),
                }
                for kind in ("fixed", "vol")
                for horizon in HORIZONS
            ]
    return {
        "gold.approach_episodes": episodes,
        "silver.order_fingerprints_5s": _fingerprints(random),
        "silver.level_decisions": decisions,
        "gold.level_outcomes": outcomes,
    }


def _fingerprints(random: Random) -> list[Row]:
    rows: list[Row] = []
    timer = {"periodicity_s": 0.5, "periodicity_size": 7}
    for number in range(N_WINDOWS):
        # a long stretch without windows, and single ones that are missing
        if 200 <= number < 220 or random.random() < 0.03:
            continue
        for side in "AB":
            end = ends_at(number)
            key = KEYS | {
                "window_start_ts": end - dt.timedelta(seconds=5),
                "window_end_ts": end,
                "side": side,
                "is_valid": not (100 <= number < 116 or random.random() < 0.15),
            }
            if random.random() < 0.2:
                # a step of the frequencies away, further away, or another size
                timer = {
                    "periodicity_s": 60 / random.choice((119, 120, 121, 130)),
                    "periodicity_size": random.choice((7, 9)),
                }
            known = _measures(random, timer) if key["is_valid"] else {}
            rows.append(key | dict.fromkeys(MEASURES) | known)
    return rows


def _measures(random: Random, timer: Row) -> Row:
    arrivals, cancels, moved = (random.choice((0, 0, random.randint(1, 9))) for _ in range(3))
    approached = random.choice((0, random.randint(1, 60)))
    fast = sorted(random.randint(0, cancels) for _ in range(3))
    row: Row = {
        "add_count": arrivals,
        "top_size_share": random.randint(1, arrivals) / arrivals if arrivals else None,
        "cancel_count": cancels,
        "requote_count": moved,
        "requote_pair_count": random.randint(0, min(moved, arrivals)),
        "chase_share": random.randint(0, moved) / moved if moved else None,
        "approached_qty": approached,
        "withdrawn_qty": random.randint(0, approached),
        "n_orders_max_life_ms_10": random.randint(0, cancels),
        "refill_count": random.randint(0, 3),
        "reload_count": random.randint(0, 3),
    }
    row["requote_share"] = row["requote_pair_count"] / arrivals if arrivals else None
    row["withdraw_on_approach_share"] = row["withdrawn_qty"] / approached if approached else None
    for ms, n in zip((1, 5, 20), fast, strict=True):
        row[f"react_{ms}ms"] = n / cancels if cancels else None
    if random.random() < 0.85:
        row |= timer | {"periodicity_p": random.choice((1e-6, 0.005, 0.0051, 0.6))}
    return row
