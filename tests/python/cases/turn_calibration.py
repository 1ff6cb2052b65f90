"""Cases of the usual sizes of the measures of a level."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from naive.surfaces import second_of, timestamp_of
from naive.turn_conditions import QUANTITIES, Calibration, Measured, TurnRules
from support.cases import Case, Row, Tables


def twin(given: Tables, case: Case) -> Iterator[Row]:
    [distance_ticks] = case.variables["condition_distances_ticks"]
    rules = TurnRules(
        distances_ticks=(distance_ticks,), min_seconds=case.variables["condition_min_seconds"]
    )
    unknown = dict.fromkeys(QUANTITIES)
    own = [
        Measured(
            second_of(row["window_end_ts"]), "", 1, row["k_ticks"], {"ask": row, "bid": unknown}
        )
        for row in given["turn_measures_1s"]
    ]
    calibration = Calibration([], own, rules)
    minutes = sorted({(row.end_s - 1) // 60 * 60 for row in own})
    for minute_s, role, measure in product(minutes, ("ahead", "behind"), QUANTITIES):
        yield {
            "valid_from_ts": timestamp_of(minute_s),
            "side_role": role,
            "measure": measure,
            "spread": calibration.at(minute_s + 1).get((role, distance_ticks, measure)),
        }


CASES = (
    Case(
        "where_most_seconds_move_nothing_the_standard_deviation_is_usual",
        """Sizes 0, 0, 0, 3 and 4 have the median 0 and the standard deviation sqrt(5) about 0; with
        1, 2 and 6 more the median is 1.5. Where nothing ever moved nothing is usual, and nor is it
        in fewer than 5 seconds.""",
        variables={
            "condition_windows_s": [5],
            "condition_distances_ticks": [2],
            "condition_min_seconds": 5,
        },
        partition={"symbol": "x", "calibration_mode": "intraday_expanding"},
        twin_omits=["n_rows"],
        given={
            "turn_calibration_sessions": """
                select
                    cast([] as struct(symbol varchar, dt date)[]) as sessions,
                    0 as lookback_sessions, 'intraday_expanding' as calibration_mode
            """,
            "turn_sizes": """
                select
                    'x' as symbol, date '2025-09-30' as dt,
                    timestamp '2025-09-30 13:30:00' as quarter_start_ts, 5 as condition_window_s,
                    'ahead' as side_role, 2 as distance_ticks, 'pull_share' as measure,
                    [0.5, 1.5] as sizes, cast(2.5 as decimal(38, 24)) as sum_of_squares
            """,
            "turn_measures_1s": """
                select
                    'x' as symbol, date '2025-10-01' as dt,
                    timestamp '2025-10-01 13:30:00' + to_seconds(second) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(second) as window_end_ts,
                    2 as k_ticks, 5 as condition_window_s, 'A' as side, retreat_ticks,
                    0.0 as pull_share
                from (
                    values
                    (0, 0.0), (1, -3.0), (2, 0.0), (3, 4.0), (60, 0.0),
                    (120, 1.0), (121, -2.0), (122, 6.0), (180, 0.0)
                ) as v (second, retreat_ticks)
            """,
        },
        expected="""
            valid_from_ts  side_role  measure        spread            n_rows
            13:30:00       ahead      retreat_ticks  -                 0
            13:31:00       ahead      retreat_ticks  -                 4
            13:32:00       ahead      retreat_ticks  2.23606797749979  5
            13:33:00       ahead      retreat_ticks  2.2239            8
            13:30:00       ahead      pull_share     -                 0
            13:31:00       ahead      pull_share     -                 4
            13:32:00       ahead      pull_share     -                 5
            13:33:00       ahead      pull_share     -                 8
            13:30:00       behind     retreat_ticks  -                 0
            13:31:00       behind     retreat_ticks  -                 0
            13:32:00       behind     retreat_ticks  -                 0
            13:33:00       behind     retreat_ticks  -                 0
            13:30:00       behind     pull_share     -                 0
            13:31:00       behind     pull_share     -                 0
            13:32:00       behind     pull_share     -                 0
            13:33:00       behind     pull_share     -                 0
        """,
    ),
)
