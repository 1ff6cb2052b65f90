"""Cases of episodes: runs of windows in which price approaches a level."""

from __future__ import annotations

from collections.abc import Iterable

from naive.levels_episodes import Decision, Episode, episode_rows
from naive.surfaces import second_of
from support.cases import Case, Row, Tables
from support.level_cases import rules_of, trades_of


def twin(given: Tables, case: Case) -> Iterable[Row]:
    rules = rules_of(given, case)
    runs: dict[tuple, Episode] = {}
    for row in given["approach_windows_5s"]:
        key = row["level_id"], row["approach_dir"], row["first_window_end_ts"]
        window = Decision(
            second_of(row["window_end_ts"]),
            row["level_id"],
            is_window_valid=True,
            is_active=True,
            is_primary=True,
            level_tick=row["level_tick"],
            k_ticks=row["k_ticks"],
            sigma_ticks=None,
            approach_dir=row["approach_dir"],
        )
        runs.setdefault(key, Episode()).windows.append(window)
    return episode_rows(runs.values(), trades_of(given["contract_trades"], rules), rules).values()


CASES = (
    Case(
        "attempts_count_the_touches_that_were_over",
        """The first episode touches with a trade of its last moment; the second begins before the
        first is over, the fourth as it is over. A trade at the level as an episode is over is no
        touch, one before the level neither, from below or above. Touches of the other direction
        count, episodes without one and those of other levels do not.""",
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "approach_windows_5s": """
                symbol=ESZ5  dt=2025-10-01  is_eligible=true
                level_id  approach_dir   window_end_ts  first_window_end_ts  k_ticks  level_tick
                pm_high   approach_up    13:30:05       13:30:05             7        100
                pm_high   approach_up    13:30:10       13:30:05             2        100
                pm_high   approach_down  13:30:20       13:30:20             -3       100
                or_high   approach_up    13:30:25       13:30:25             1        99
                pm_high   approach_up    13:30:25       13:30:25             1        100
                or_low    approach_down  13:30:40       13:30:40             -4       102
                pm_high   approach_down  13:30:40       13:30:40             -5       100
                pm_high   approach_up    13:30:55       13:30:55             6        100

                level_tick_first
                100
                100
                100
                99
                100
                102
                100
                100
            """,
            "contract_trades": """
                trade_no  ts_event    window_start_ts  price_int
                1         13:30:04.5  13:30:04         1000
                2         13:30:24.5  13:30:24         1010
                3         13:30:36    13:30:36         990
                4         13:30:40    13:30:40         1000
            """,
        },
        expected="""
            episode_id                               last_window_end_ts  n_windows  touched
            ESZ5_2025-10-01_pm_high_up_1759325405    13:30:10            2          true
            ESZ5_2025-10-01_pm_high_down_1759325420  13:30:20            1          false
            ESZ5_2025-10-01_or_high_up_1759325425    13:30:25            1          true
            ESZ5_2025-10-01_pm_high_up_1759325425    13:30:25            1          false
            ESZ5_2025-10-01_or_low_down_1759325440   13:30:40            1          true
            ESZ5_2025-10-01_pm_high_down_1759325440  13:30:40            1          true
            ESZ5_2025-10-01_pm_high_up_1759325455    13:30:55            1          false

            touch_ts    attempt_index  min_abs_k  level_tick_first  available_from_ts
            13:30:24.5  1              2          100               13:30:25
            -           1              3          100               13:30:35
            13:30:36    1              1          99                13:30:40
            -           2              1          100               13:30:40
            13:30:40    1              4          102               13:30:55
            13:30:40    2              5          100               13:30:55
            -           3              6          100               13:31:10
        """,
    ),
)
