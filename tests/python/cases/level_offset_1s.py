"""Cases of the distance of a level from spot, and of approaches to it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from naive.levels_price import level_offset_1s
from naive.surfaces import second_of
from support.cases import Case, Row, Tables
from support.level_cases import rules_of, seconds_of


def twin(given: Tables, case: Case) -> Iterable[Row]:
    levels = {(second_of(row["window_end_ts"]), row["level_id"]): row for row in given["levels_1s"]}
    settings = {"SIGMA_SECONDS": "sigma_lookback_s", "SIGMA_MIN_DIFFERENCES": "sigma_min_changes"}
    with pytest.MonkeyPatch.context() as patch:
        for name, variable in settings.items():
            patch.setattr(f"naive.levels_price.{name}", case.variables[variable])
        seconds = seconds_of(given["book_snapshot_1s"])
        return level_offset_1s(seconds, levels, rules_of(given, case)).values()


CASES = (
    Case(
        "offsets_and_speeds_at_their_edges",
        """Spot and mid rise by a tick a second from 100 to 115 and stay. From 15 valid seconds on a
        level above is approached, one below is left, and one at spot is neither, nor is one without
        spot; volatility appears with the second change that is known, and a constant mid has none
        to divide by.""",
        variables={
            "sigma_lookback_s": 3,
            "sigma_min_changes": 2,
            "level_approach_max_ticks": 5,
            "approach_over_s": 15,
        },
        given={
            "level_settings": "approach_min_ticks=3",
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(i) as window_end_ts,
                    if(i = 16, null, 1000 + 10 * least(i, 15)) as spot_ref_price_int,
                    1005 + 10 * least(i, 15) as mid_price_int,
                    i != 2 as window_valid
                from range(20) as r (i)
            """,
            "levels_1s": """
                select
                    'ESZ5' as symbol, date '2025-10-01' as dt,
                    cast(ts as timestamp) as window_end_ts,
                    level_id, level_tick
                from (
                    values
                        ('2025-10-01 13:30:01', 'first second', 101),
                        ('2025-10-01 13:30:15', 'one second short', 115),
                        ('2025-10-01 13:30:16', 'above', 120),
                        ('2025-10-01 13:30:16', 'too far', 121),
                        ('2025-10-01 13:30:16', 'at spot', 115),
                        ('2025-10-01 13:30:16', 'below', 110),
                        ('2025-10-01 13:30:16', 'no level', null),
                        ('2025-10-01 13:30:17', 'no spot', 120),
                        ('2025-10-01 13:30:18', 'invalid 15 s ago', 120),
                        ('2025-10-01 13:30:19', 'standing', 120)
                ) as v (ts, level_id, level_tick)
            """,
        },
        expected="""
            level_id          k_ticks  k_vol              sigma_1s_ticks      speed_3s
            first second      1        -                  -                   -
            one second short  1        -                  0                   1
            above             5        -                  0                   1
            too far           6        -                  0                   1
            at spot           0        -                  0                   1
            below             -5       -                  0                   1
            no level          -        -                  0                   1
            no spot           -        -                  0.5773502691896257  0.6666666666666666
            invalid 15 s ago  5        5.000000000000001  0.5773502691896257  0.3333333333333333
            standing          5        -                  0                   0

            speed_15s           closing_speed_15s  secs_to_touch  approach_dir
            -                   -                  -              approach_none
            -                   -                  -              approach_none
            1                   1                  5              approach_up
            1                   1                  6              approach_none
            1                   0                  -              approach_none
            1                   -1                 -              approach_none
            1                   -                  -              approach_none
            0.9333333333333333  -                  -              approach_none
            -                   -                  -              approach_none
            0.8                 0.8                6.25           approach_up
        """,
    ),
    Case(
        "approaches_are_moves_of_the_mid",
        """Trades bounce by a tick all the time. The mid stands at 100 ticks, rises by 2, 2.5 and 3
        ticks, and later by more: an approach takes 3 ticks over 60 s and half the usual change over
        that time (6.7 ticks while a change of 3 is among the last three seconds), and no fall over
        15 s. A level behind, at spot or farther than 20 ticks is not approached. Any of the three
        seconds invalid or without mid leaves no approach; without volatility 3 ticks are
        enough.""",
        variables={"sigma_lookback_s": 3, "sigma_min_changes": 2},
        given={
            "level_settings": "approach_min_ticks=3",
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                    timestamp '2025-10-01 13:30:01' + to_seconds(i) as window_end_ts,
                    1000 + 10 * (i % 2) as spot_ref_price_int,
                    case
                        when i = 431 then null
                        else 5 * case
                            when i < 100 then 200 when i < 130 then 204 when i < 140 then 205
                            when i < 200 then 206 when i < 290 then 212 when i < 300 then 220
                            when i < 305 then 226 when i < 400 then 225 when i < 470 then 217 else
                            225
                        end
                    end as mid_price_int,
                    i not in (425, 471, 490, 498, 499) as window_valid
                from range(510) as r (i)
            """,
            "levels_1s": """
                select
                    'ESZ5' as symbol, date '2025-10-01' as dt,
                    timestamp '2025-10-01 13:30:01' + to_seconds(i) as window_end_ts,
                    level_id, 100 + i % 2 + k_ticks as level_tick
                from (
                    values
                        ('bounce', 81, 5), ('two ticks', 120, 5), ('two and a half', 135, 5),
                        ('three', 150, 5), ('behind', 150, -5), ('at spot', 150, 0),
                        ('far', 150, 20),
                        ('too far', 150, 21), ('volatile', 200, 5), ('calm again', 203, 5),
                        ('volatile and far', 300, 5), ('turned', 316, 5), ('down', 404, -5),
                        ('away', 404, 5), ('invalid 60 s ago', 485, 5),
                        ('invalid 15 s ago', 486, 5),
                        ('invalid', 490, 5), ('no mid 60 s ago', 491, 5), ('no volatility', 500, 5)
                ) as v (level_id, i, k_ticks)
            """,
        },
        expected="""
            level_id          k_ticks  speed_15s             approach_move_ticks  approach_dir
            bounce            5        0                     0                    approach_none
            two ticks         5        0                     2                    approach_none
            two and a half    5        0.03333333333333333   2.5                  approach_none
            three             5        0.03333333333333333   3                    approach_up
            behind            -5       0.03333333333333333   3                    approach_none
            at spot           0        0.03333333333333333   3                    approach_none
            far               20       0.03333333333333333   3                    approach_up
            too far           21       0.03333333333333333   3                    approach_none
            volatile          5        0.2                   3                    approach_none
            calm again        5        0.2                   3                    approach_up
            volatile and far  5        0.4666666666666667    7                    approach_up
            turned            5        -0.03333333333333333  6.5                  approach_none
            down              -5       -0.26666666666666666  -4                   approach_down
            away              5        -0.26666666666666666  -4                   approach_none
            invalid 60 s ago  5        0                     -                    approach_none
            invalid 15 s ago  5        -                     4                    approach_none
            invalid           5        -                     -                    approach_none
            no mid 60 s ago   5        0                     -                    approach_none
            no volatility     5        0                     4                    approach_up
        """,
    ),
)
