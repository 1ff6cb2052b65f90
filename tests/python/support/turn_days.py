"""The published conditions of a turn against the plain ones, on days with little history."""

from __future__ import annotations

from math import isclose
from pathlib import Path

from naive.levels_model import LevelKey, LevelRules, Row
from naive.surfaces import SurfaceDay, second_of
from naive.turn_conditions import Calibration, TurnRules, measured_levels
from naive.turn_states import turn_conditions_1s

from support import level_lakes

RULES = TurnRules(min_seconds=60)
MEASURED = ("asks_retreat_ticks", "asks_pull_share", "bids_recede_ticks", "bids_pull_share")


def compared(database: Path, day: SurfaceDay, rules: LevelRules) -> int:
    """Compare every row of a contract-day; return the number of known measures."""
    levels, offsets, found = (
        by_key(database, relation, rules)
        for relation in ("silver.levels_1s", "silver.level_offset_1s", "gold.turn_conditions_1s")
    )
    own = measured_levels(day, levels, offsets, RULES)
    plain = turn_conditions_1s(own, Calibration([], own, RULES), offsets, day, rules, RULES)
    assert found.keys() == plain.keys()
    n_known = 0
    for key, row in plain.items():
        assert found[key].keys() == row.keys()
        differing = [name for name in row if not is_same(found[key][name], row[name])]
        assert differing == [], (key, differing)
        n_known += sum(row[name] is not None for name in MEASURED)
    return n_known


def by_key(database: Path, relation: str, rules: LevelRules) -> dict[LevelKey, Row]:
    """Rows of a contract-day by window end and level."""
    rows = level_lakes.table_of(database, relation, rules.symbol, rules.dt).to_pylist()
    return {(second_of(row["window_end_ts"]), row["level_id"]): row for row in rows}


def is_same(one: object, other: object) -> bool:
    """Whether two values of a column are the same, numbers to twelve places."""
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other
