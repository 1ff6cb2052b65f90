"""`turn_conditions_1s`: whether each side of a level withdraws, second by second.

Conditions 1 and 2 belong to the asks, 3 and 4 to the bids.

Rules chosen where the specification leaves room:
- A state is known as soon as the known conditions determine it. `missing` then lists the conditions
  known not to be met.
- A state continues if the second before had the same state, with the level at the same price and on
  the same side; a second without a row or a state ends it.
- The recent state counts a condition as met if it was met within `recent_s`, with the level at the
  same price and on the same side, and as not met if it was not met in any of as many known seconds.
  It is unknown if all conditions of the second itself are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from naive.levels_model import LevelKey, LevelRules, Row
from naive.surfaces import SurfaceDay
from naive.turn_conditions import (
    QUANTITIES,
    Calibration,
    Measured,
    Population,
    TurnRules,
    distance_end,
    role_of,
)

# measures in the order of the conditions: published name, side, kind
MEASURES = {
    "asks_retreat": ("ask", "retreat_ticks"),
    "asks_pull": ("ask", "pull_share"),
    "bids_recede": ("bid", "retreat_ticks"),
    "bids_pull": ("bid", "pull_share"),
}
CONDITIONS = ("asks_retreat", "asks_pulled", "bids_recede", "bids_pulled")


def turn_conditions_1s(
    own: Sequence[Measured],
    calibration: Calibration,
    offsets: Mapping[LevelKey, Row],
    day: SurfaceDay,
    level_rules: LevelRules,
    rules: TurnRules,
) -> dict[LevelKey, Row]:
    """Rows of `gold.turn_conditions_1s` by (window end in seconds, level_id).

    Args:
        own: Measures of the day, in time order.
        calibration: Usual sizes.
        offsets: Rows of `level_offset_1s`.
        day: Gives the keys of the rows.
        level_rules: Tick of the contract.
        rules: Settings.
    """
    rows: dict[LevelKey, Row] = {}
    last_side: dict[str, int] = {}
    for row in own:
        key = row.end_s, row.level_id
        if row.k_ticks:
            last_side[row.level_id] = 1 if row.k_ticks > 0 else -1
        level_side = last_side.get(row.level_id)
        values = conditions(row, calibration.at(row.end_s), level_side, rules)
        place = {
            "level_price_int": row.level_tick * level_rules.tick_int,
            "level_side": level_side,
        }
        # a level that moves or changes sides starts a new state
        earlier = range(row.end_s - 1, row.end_s - rules.recent_s, -1)
        goes_back = [place | values, *(rows.get((end_s, row.level_id), {}) for end_s in earlier)]
        alike = [
            moment for moment in goes_back if all(moment.get(name) == place[name] for name in place)
        ]
        before = rows.get((row.end_s - 1, row.level_id))
        goes_on = before is not None and all(
            before[name] == value for name, value in (place | {"state": values["state"]}).items()
        )
        held_s = None if values["state"] is None else 1 + (before["held_s"] if goes_on else 0)
        rows[key] = {
            **day.keys(row.end_s - 1),
            "level_id": row.level_id,
            "k_ticks": row.k_ticks,
            **place,
            "approach_dir": offsets[key]["approach_dir"],
            **values,
            "held_s": held_s,
            "recent_state": recent_state(alike, level_side, rules),
            "calibration_mode": calibration.mode,
        }
    return rows


def conditions(
    row: Measured,
    usual: Mapping[Population, float | None],
    level_side: int | None,
    rules: TurnRules,
) -> Row:
    """Measures, conditions and state of a level at one second."""
    values: Row = {}
    met: list[bool | None] = []
    for name, (side, kind) in MEASURES.items():
        measure, qty = row.by_side[side][kind], row.by_side[side][QUANTITIES[kind]]
        spread = None
        if level_side is not None:
            key = role_of(side, level_side), distance_end(row.k_ticks, rules), kind
            spread = usual.get(key)
        z = None if measure is None or spread is None else measure / spread
        met.append(None if z is None else z >= rules.z and qty >= rules.min_contracts)
        values |= {
            f"{name}_{'ticks' if kind == 'retreat_ticks' else 'share'}": measure,
            f"{name}_qty": qty,
            f"{name}_z": z,
        }
    ahead, behind = withdrawals(met, level_side)
    state = state_of(met, ahead, behind)
    missing = [name for name, is_met in zip(CONDITIONS, met, strict=True) if is_met is False]
    return (
        values
        | {f"c{n}": is_met for n, is_met in enumerate(met, start=1)}
        | {
            "ahead_withdraws": ahead,
            "behind_withdraws": behind,
            "state": state,
            "missing": None if state is None else missing,
        }
    )


def recent_state(seconds: Sequence[Row], level_side: int | None, rules: TurnRules) -> str | None:
    """State of conditions that count together; the present second comes first."""
    names = [f"c{n}" for n in range(1, len(CONDITIONS) + 1)]
    if all(seconds[0][name] is None for name in names):
        return None
    met: list[bool | None] = []
    for name in names:
        known = [row[name] for row in seconds if row[name] is not None]
        if True in known:
            met.append(True)
        else:
            met.append(False if len(known) == rules.recent_s else None)
    return state_of(met, *withdrawals(met, level_side))


def withdrawals(
    met: Sequence[bool | None], level_side: int | None
) -> tuple[bool | None, bool | None]:
    """Whether the side ahead withdraws, and the side behind."""
    if level_side is None:
        return None, None
    asks, bids = both(met[:2]), both(met[2:])
    return (asks, bids) if level_side == 1 else (bids, asks)


def both(met: Sequence[bool | None]) -> bool | None:
    """Whether two conditions are both met; None if unknown."""
    if False in met:
        return False
    return None if None in met else True


def state_of(met: Sequence[bool | None], ahead: bool | None, behind: bool | None) -> str | None:
    """State of four conditions; None if the known conditions do not determine it."""
    if all(met):
        return "all_four"
    if ahead is None or behind is None:
        return None
    if ahead or behind:
        # both would be all four
        return "ahead_only" if ahead else "behind_only"
    if any(met):
        return "partial"
    return None if None in met else "none"
