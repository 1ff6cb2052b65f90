"""Cases of the states of a level, from its measures and their usual sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from naive.levels_model import LevelRules
from naive.surfaces import SurfaceConfig, SurfaceDay, second_of
from naive.turn_conditions import SIDES, Measured, Population, TurnRules
from naive.turn_states import turn_conditions_1s
from support.cases import Case, Row, Tables, by_column

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
        on its other side, and what was met before counts no more. At the level it goes on. In a
        second of which nothing is known the recent state is not known either.""",
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
                    (0, 'crossed', 1, 2), (1, 'crossed', 1, -2), (2, 'crossed', 1, 0),
                    (3, 'crossed', 1, 0), (4, 'crossed', 1, 2),
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
                    (2, 1, 'A', 0.0), (2, 1, 'B', 2.0), (3, 1, 'A', 0.0), (3, 1, 'B', 2.0),
                    (4, 1, 'A', 0.0), (4, 1, 'B', 2.0),
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
            window_start_ts  level_id   level_side  state        held_s  recent_state
            13:30:00         crossed    1           ahead_only   1       -
            13:30:01         crossed    -1          ahead_only   1       -
            13:30:02         crossed    -1          ahead_only   2       ahead_only
            13:30:03         crossed    -1          ahead_only   3       ahead_only
            13:30:04         crossed    1           behind_only  1       -
            13:30:00         moved      1           ahead_only   1       -
            13:30:01         moved      1           ahead_only   1       -
            13:30:02         moved      1           none         1       ahead_only
            13:30:00         not known  1           all_four     1       all_four
            13:30:01         not known  1           -            -       -
        """,
    ),
    Case(
        "conditions_by_hand",
        """With a usual size of 0.5 a measure of 0.5 meets its condition; 0.49 does not, and neither
        do 19 contracts, nor a measure of the other sign. Without a measure or a usual size there
        is no condition; the state is known where the others decide it.""",
        variables={"condition_recent_s": 2},
        given={
            "level_anchors_1s": """
                window_start_ts=13:30:00  window_end_ts=13:30:01  approach_dir=approach_none
                level_id     level_tick  level_price_int  k_ticks
                mixed        1           1                3
                one unknown  2           2                3
                no usual     3           3                5
            """,
            "turn_measures_1s": """
                window_start_ts=13:30:00  condition_window_s=5  pull_qty=100
                level_tick  side  retreat_ticks  retreat_qty  pull_share
                1           A     0.5            100          0.49
                1           B     2              19           -3
                2           A     1              100          1
                2           B     1              100          -
                3           A     1              100          1
                3           B     1              100          1
            """,
            "turn_calibration": """
                valid_from_ts=13:30:00  condition_window_s=5  calibration_mode=prior_sessions
                side_role  distance_ticks  measure        spread
                ahead      4               retreat_ticks  0.5
                ahead      4               pull_share     0.5
                behind     4               retreat_ticks  0.5
                behind     4               pull_share     0.5
                ahead      6               retreat_ticks  0.5
                ahead      6               pull_share     -
                behind     6               retreat_ticks  0.5
                behind     6               pull_share     0.5
            """,
        },
        expected=by_column("""
            level_id            mixed                                    one unknown  no usual
            asks_retreat_ticks  0.5                                      1            1
            asks_retreat_qty    100                                      100          100
            asks_retreat_z      1                                        2            2
            asks_pull_share     0.49                                     1            1
            asks_pull_qty       100                                      100          100
            asks_pull_z         0.98                                     2            -
            bids_recede_ticks   2                                        1            1
            bids_recede_qty     19                                       100          100
            bids_recede_z       4                                        2            2
            bids_pull_share     -3                                       -            1
            bids_pull_qty       100                                      100          100
            bids_pull_z         -6                                       -            2
            c1                  true                                     true         true
            c2                  false                                    true         -
            c3                  false                                    true         true
            c4                  false                                    -            true
            ahead_withdraws     false                                    true         -
            behind_withdraws    false                                    -            true
            state               partial                                  -            -
            missing             [asks_pulled, bids_recede, bids_pulled]  -            -
        """),
    ),
    Case(
        "how_long_a_state_holds",
        """A state holds while seconds follow one another; an unknown and a missing second end it.
        What was met within three seconds counts. That something was not needs three of them
        known.""",
        variables={"condition_recent_s": 3},
        given={
            "level_anchors_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(second) as window_end_ts,
                    level_id, level_tick, level_tick as level_price_int, 2 as k_ticks,
                    'approach_none' as approach_dir
                from (select unnest(range(13)) as second)
                cross join (values ('first', 1), ('second', 2)) as v (level_id, level_tick)
                where level_tick = 1 or second in (0, 1, 2, 3, 4, 5, 6, 8)
            """,
            "turn_measures_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    level_tick, 5 as condition_window_s, side, z as retreat_ticks,
                    20 as retreat_qty, z as pull_share, 20 as pull_qty
                from (
                    select
                        level_tick, side, second,
                        -- in each second asks withdraw, or bids, or no one, or it is not known
                        case substr(moves, second + 1, 1) when side then 1.0 when '?' then null
                        else 0.0 end as z
                    from (select unnest(range(13)) as second)
                    cross join (
                        values (1, '--A-B----?---'), (2, 'AAA--?-------')
                    ) as m (level_tick, moves)
                    cross join (values ('A'), ('B')) as s (side)
                )
            """,
            "turn_calibration": """
                valid_from_ts=13:30:00  condition_window_s=5  distance_ticks=2  spread=1
                calibration_mode=prior_sessions
                side_role  measure
                ahead      retreat_ticks
                ahead      pull_share
                behind     retreat_ticks
                behind     pull_share
            """,
        },
        expected="""
            window_start_ts  level_id  state        held_s  recent_state
            13:30:00         first     none         1       -
            13:30:01         first     none         2       -
            13:30:02         first     ahead_only   1       ahead_only
            13:30:03         first     none         1       ahead_only
            13:30:04         first     behind_only  1       all_four
            13:30:05         first     none         1       behind_only
            13:30:06         first     none         2       behind_only
            13:30:07         first     none         3       none
            13:30:08         first     none         4       none
            13:30:09         first     -            -       -
            13:30:10         first     none         1       -
            13:30:11         first     none         2       -
            13:30:12         first     none         3       none
            13:30:00         second    ahead_only   1       -
            13:30:01         second    ahead_only   2       -
            13:30:02         second    ahead_only   3       ahead_only
            13:30:03         second    none         1       ahead_only
            13:30:04         second    none         2       ahead_only
            13:30:05         second    -            -       -
            13:30:06         second    none         1       -
            13:30:08         second    none         1       -
        """,
    ),
    Case(
        "known_conditions_decide_the_state",
        """T is met, F is not, ? is not known: asks' retreat and pulls, then bids'. The state is
        known as soon as what is known leaves no other.""",
        variables={"condition_recent_s": 1},
        given={
            "level_anchors_1s": """
                select
                    timestamp '2025-10-01 13:30:00' as window_start_ts,
                    timestamp '2025-10-01 13:30:01' as window_end_ts, level_id,
                    row_number() over () as level_tick, 0 as level_price_int,
                    if(level_id like '%above', 2, -2) as k_ticks, 'approach_none' as approach_dir
                from (
                    values
                        ('TTTT above'), ('TTTF above'), ('TTFF above'), ('TTFF below'),
                        ('FFTT above'), ('FTTT below'), ('TFTF above'), ('FFFT above'),
                        ('FFFF above'), ('TTF? above'), ('TFF? above'), ('TF?F below'),
                        ('TTT? above'), ('TT?? above'), ('TF?? above'), ('TFT? above'),
                        ('FFF? above'), ('???? above')
                ) as v (level_id)
            """,
            "turn_measures_1s": """
                select
                    window_start_ts, level_tick, 5 as condition_window_s, side,
                    case level_id[place] when 'T' then 1.0 when 'F' then 0.0 end as retreat_ticks,
                    case level_id[place + 1] when 'T' then 1.0 when 'F' then 0.0 end as pull_share,
                    20 as retreat_qty, 20 as pull_qty
                from given.level_anchors_1s
                cross join (values ('A', 1), ('B', 3)) as s (side, place)
            """,
            "turn_calibration": """
                valid_from_ts=13:30:00  condition_window_s=5  distance_ticks=2  spread=1
                calibration_mode=prior_sessions
                side_role  measure
                ahead      retreat_ticks
                ahead      pull_share
                behind     retreat_ticks
                behind     pull_share
            """,
        },
        expected="""
            level_id    state
            TTTT above    all_four
            TTTF above    ahead_only
            TTFF above    ahead_only
            TTFF below    behind_only
            FFTT above    behind_only
            FTTT below    ahead_only
            TFTF above    partial
            FFFT above    partial
            FFFF above    none
            TTF? above    ahead_only
            TFF? above    partial
            TF?F below    partial
            TTT? above    -
            TT?? above    -
            TF?? above    -
            TFT? above    -
            FFF? above    -
            ???? above    -
        """,
    ),
)
