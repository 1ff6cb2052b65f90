"""Labels of a level event: what price did after it, by the rules of `level_outcomes`.

Rules chosen where the specification leaves room are those of `level_events`.
"""

from __future__ import annotations

from typing import Any

from naive.engine_rows import Constants
from naive.level_event_columns import HORIZON_MINUTES, LABEL_NAMES, PRIMARY_MINUTES
from naive.levels_episodes import Decision
from naive.levels_model import NS_PER_S, Row
from naive.levels_paths import Future, Path, first_hit, path_label, start_of

MINUTE_S = 60


def event_labels(
    future: Future,
    decision: Decision,
    level_price: float,
    entry_price: float,
    spots: dict[int, float | None],
    constants: Constants,
) -> Row:
    """Labels of every horizon, the primary ones and what confirmed them.

    Args:
        future: Trades and gaps of the contract-day.
        decision: The event.
        level_price: The level on its tick, points.
        entry_price: Spot at the event, points.
        spots: Spot by window end, points.
        constants: See `engine_rows`.
    """
    labels: Row = {}
    for minutes in HORIZON_MINUTES:
        found = horizon_labels(future, decision, minutes, level_price, entry_price, constants)
        labels |= {f"{name}_{minutes}min": found[name] for name in LABEL_NAMES}
    labels |= {name: labels[f"{name}_{PRIMARY_MINUTES}min"] for name in LABEL_NAMES}
    path, _ = path_of(future, decision, PRIMARY_MINUTES)
    _, hit = first_hit(path, constants["threshold_2_ticks"], is_cut=False)
    return labels | {
        "confirm_ts": None if hit is None else path[hit].ts_event_ns,
        "anchor_spot": None if hit is None else spots[path[hit].window_s + 1],
    }


def path_of(future: Future, decision: Decision, minutes: int) -> tuple[Path, bool]:
    """Path to the end of a horizon, and whether it is cut before."""
    horizon_end_s = decision.end_s + minutes * MINUTE_S
    path_end_s = future.path_end_s(decision.end_s)
    path = future.path(decision, min(horizon_end_s, path_end_s))
    return path, path_end_s < horizon_end_s


def horizon_labels(
    future: Future,
    decision: Decision,
    minutes: int,
    level_price: float,
    entry_price: float,
    constants: Constants,
) -> dict[str, Any]:
    """Labels of one horizon."""
    path, is_cut = path_of(future, decision, minutes)
    own = path_label(path, start_of(decision), constants["threshold_2_ticks"], is_cut=is_cut)
    strength = own["mfe_ticks"] + own["mae_ticks"]
    found: dict[str, Any] = {
        "outcome": own["outcome"],
        "excursion_max_ticks": own["mfe_ticks"],
        "excursion_min_ticks": own["mae_ticks"],
        "strength_signed": strength,
        "strength_abs": abs(strength),
    }
    for n in (1, 2):
        ticks = constants[f"threshold_{n}_ticks"]
        to_break = first_time_s(path, decision, 1, ticks)
        to_bounce = first_time_s(path, decision, -1, ticks)
        earlier = min((t for t in (to_break, to_bounce) if t is not None), default=None)
        found |= {
            f"time_to_break_{n}": to_break,
            f"time_to_bounce_{n}": to_bounce,
            f"time_to_threshold_{n}": earlier,
            f"tradeable_{n}": True if earlier is not None else None if is_cut else False,
        }
    price: float | None = entry_price
    if path:
        tick = constants["tick_int"] / NS_PER_S
        price = level_price + decision.sign * path[-1].x * tick
    found["future_price"] = None if is_cut else price
    return found


def first_time_s(path: Path, decision: Decision, sense: int, ticks: int) -> float | None:
    """Seconds from the event to the first trade so far past the level, or before it."""
    for step in path:
        if sense * step.x >= ticks:
            return (step.ts_event_ns - decision.end_s * NS_PER_S) / NS_PER_S
    return None
