"""Cases of the states of a level, from its measures and their usual sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from naive.levels_model import LevelRules
from naive.surfaces import SurfaceConfig, SurfaceDay, second_of
from naive.turn_conditions import SIDES, Measured, Population, TurnRules
from naive.turn_states import turn_conditions_1s
from support.cases import Case, Row, Tables

MEASURES = ("retreat_ticks", "retreat_qty", "pull_share", "pull_qty")


class Usual:
    """Usual sizes as a table gives them: the latest of each population at a second."""

    mode = "prior_sessions"

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = sorted(rows, key=lambda row: row["valid_from_ts"])

    def at(self, end_s: int) -> dict[Population, float | None]:
        return {
            (row["side_role"], row["distance_ticks"], row["measure"]): row["spread"]
            for row in self._rows
            if second_of(row["valid_from_ts"]) < end_s
        }


def twin(given: Tables, case: Case) -> Iterable[Row]:
    rules = TurnRules(recent_s=case.variables["condition_recent_s"])
    by_side: dict[Any, dict[str, Row]] = {}
    names = {letter: name for name, (letter, _) in SIDES.items()}
    for row in given["turn_measures_1s"]:
        sides = by_side.setdefault((row["window_start_ts"], row["level_tick"]), {})
        sides[names[row["side"]]] = {name: row[name] for name in MEASURES}
    anchors = [row for row in given["level_anchors_1s"] if abs(row["k_ticks"]) <= rules.max_k_ticks]
    anchors.sort(key=lambda row: row["window_end_ts"])
    own, offsets = [], {}
    for row in anchors:
        key = second_of(row["window_end_ts"]), row["level_id"]
        sides = by_side[row["window_start_ts"], row["level_tick"]]
        own.append(Measured(*key, row["level_tick"], row["k_ticks"], sides))
        offsets[key] = row
    day = SurfaceDay("", None, (), (), (), SurfaceConfig(1, 20))
    usual = Usual(given["turn_calibration"])
    rows = turn_conditions_1s(own, usual, offsets, day, LevelRules("", None, 1), rules)
    return rows.values()


CASES = (
    Case(
        "states_of_a_level",
        """Above price asks are ahead, below it bids; at the level, price still comes from where it
        was. A condition needs its size and its contracts, and is not known without the former. A
        state goes on while seconds follow one another, and what was met seconds ago counts within
        seconds.""",
        variables={"condition_recent_s": 2},
        given={
            "level_anchors_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(second) as window_end_ts,
                    level_id, level_tick, level_tick as level_price_int, k_ticks,
                    'approach_none' as approach_dir
                from (
                    values
                    (0, 'above', 1, 2), (1, 'above', 1, 0), (2, 'above', 1, 2), (4, 'above', 1, 2),
                    (0, 'below', 2, -2), (0, 'never near', 3, 0), (0, 'far', 4, 21)
                ) as v (second, level_id, level_tick, k_ticks)
            """,
            "turn_measures_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    level_tick, 5 as condition_window_s, side, retreat_ticks, qty as retreat_qty,
                    pull_share, qty as pull_qty
                from (
                    values
                    (0, 1, 'A', 2.0, 0.5, 20), (0, 1, 'B', 0.0, 0.0, 20),
                    (1, 1, 'A', 2.0, 0.5, 20), (1, 1, 'B', 1.9, 0.1, 20),
                    (2, 1, 'A', 0.0, 0.0, 20), (2, 1, 'B', 6.0, 0.6, 20),
                    (4, 1, 'A', null, null, 20), (4, 1, 'B', 6.0, 0.6, 19),
                    (0, 2, 'A', 6.0, 0.6, 20), (0, 2, 'B', 2.0, 0.5, 20),
                    (0, 3, 'A', 6.0, 0.6, 20), (0, 3, 'B', 6.0, 0.6, 20),
                    (0, 4, 'A', 6.0, 0.6, 20), (0, 4, 'B', 6.0, 0.6, 20)
                ) as v (second, level_tick, side, retreat_ticks, pull_share, qty)
            """,
            "turn_calibration": """
                select
                    timestamp '2025-10-01 13:30:00' as valid_from_ts, 5 as condition_window_s,
                    side_role, 2 as distance_ticks, measure, spread,
                    'prior_sessions' as calibration_mode
                from (
                    values
                    ('ahead', 'retreat_ticks', 2.0), ('ahead', 'pull_share', 0.5),
                    ('behind', 'retreat_ticks', 6.0), ('behind', 'pull_share', 0.6)
                ) as v (side_role, measure, spread)
                union all
                select
                    timestamp '2025-10-01 13:31:00', 5, 'ahead', 2, 'retreat_ticks', 1e9,
                    'prior_sessions'
            """,
        },
        expected="""
            window_start_ts  level_id    level_side  asks_retreat_z  asks_pull_z
            13:30:00         above       1           1               1
            13:30:01         above       1           1               1
            13:30:02         above       1           0               0
            13:30:04         above       1           -               -
            13:30:00         below       -1          1               1
            13:30:00         never near  -           -               -

            bids_recede_z        c1     c2     c3     c4     ahead_withdraws  behind_withdraws
            0                    true   true   false  false  true             false
            0.31666666666666665  true   true   false  false  true             false
            1                    false  false  true   true   false            true
            1                    -      -      false  false  -                false
            1                    true   true   true   true   true             true
            -                    -      -      -      -      -                -

            state        missing                      held_s  recent_state
            ahead_only   [bids_recede, bids_pulled]   1       -
            ahead_only   [bids_recede, bids_pulled]   2       ahead_only
            behind_only  [asks_retreat, asks_pulled]  1       all_four
            -            -                            -       -
            all_four     []                           1       all_four
            -            -                            -       -
        """,
    ),
    Case(
        "states_end_where_a_level_moves_or_changes_sides",
        """A state of the same name is another one where the level has another price or price stands
        on its other side, and what was met before counts no more. In a second of which nothing is
        known the recent state is not known either.""",
        variables={"condition_recent_s": 2},
        given={
            "level_anchors_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(second) as window_end_ts,
                    level_id, level_tick, level_tick as level_price_int, k_ticks,
                    'approach_none' as approach_dir
                from (
                    values
                    (0, 'crossed', 1, 2), (1, 'crossed', 1, -2),
                    (0, 'moved', 2, 2), (1, 'moved', 3, 2), (2, 'moved', 3, 2),
                    (0, 'not known', 4, 2), (1, 'not known', 4, 2)
                ) as v (second, level_id, level_tick, k_ticks)
            """,
            "turn_measures_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    level_tick, 5 as condition_window_s, side, z as retreat_ticks,
                    20 as retreat_qty, z as pull_share, 20 as pull_qty
                from (
                    values
                    (0, 1, 'A', 2.0), (0, 1, 'B', 0.0), (1, 1, 'A', 0.0), (1, 1, 'B', 2.0),
                    (0, 2, 'A', 2.0), (0, 2, 'B', 0.0), (1, 3, 'A', 2.0), (1, 3, 'B', 0.0),
                    (2, 3, 'A', 0.0), (2, 3, 'B', 0.0),
                    (0, 4, 'A', 2.0), (0, 4, 'B', 2.0), (1, 4, 'A', null), (1, 4, 'B', null)
                ) as v (second, level_tick, side, z)
            """,
            "turn_calibration": """
                select
                    timestamp '2025-10-01 13:30:00' as valid_from_ts, 5 as condition_window_s,
                    side_role, 2 as distance_ticks, measure, 1.0 as spread,
                    'prior_sessions' as calibration_mode
                from (values ('ahead'), ('behind')) as r (side_role)
                cross join (values ('retreat_ticks'), ('pull_share')) as m (measure)
            """,
        },
        expected="""
            window_start_ts  level_id   level_side  state       held_s  recent_state
            13:30:00         crossed    1           ahead_only  1       -
            13:30:01         crossed    -1          ahead_only  1       -
            13:30:00         moved      1           ahead_only  1       -
            13:30:01         moved      1           ahead_only  1       -
            13:30:02         moved      1           none        1       ahead_only
            13:30:00         not known  1           all_four    1       all_four
            13:30:01         not known  1           -           -       -
        """,
    ),
)
