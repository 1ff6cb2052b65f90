"""Cases of decision windows and the episodes that they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from naive.levels_episodes import barrier, decisions, episodes
from naive.levels_model import LevelRules
from naive.surfaces import second_of, timestamp_of
from support.cases import Case, Row, Tables
from support.level_cases import seconds_of

RULES = LevelRules("ESZ5", date(2025, 10, 1), 1)


def twin(given: Tables, _: Case) -> Iterator[Row]:
    levels, offsets = (
        {(second_of(row["window_end_ts"]), row["level_id"]): row for row in given[name]}
        for name in ("levels_1s", "level_offset_1s")
    )
    [settings] = given["level_settings"]
    rules = replace(
        RULES,
        barrier_mode=settings["barrier_mode"],
        barrier_min_ticks=settings["barrier_min_ticks"],
    )
    found = decisions(seconds_of(given["book_snapshot_1s"]), levels, offsets)
    first_of = {
        (window.end_s, window.level_id): run.first
        for run in episodes(found, rules)
        for window in run.windows
    }
    for key, decision in found.items():
        first = first_of.get(key)
        yield {
            "window_end_ts": timestamp_of(decision.end_s),
            "level_id": decision.level_id,
            "window_valid": decision.is_window_valid,
            "x_ticks": decision.x_ticks,
            "is_eligible": decision.is_eligible(rules),
            "barrier_mode": rules.barrier_mode,
            "barrier_ticks": barrier(
                rules.barrier_mode, decision.sigma_ticks, rules.eligibility_horizon_s, rules
            ),
            "first_window_end_ts": first and timestamp_of(first.end_s),
            "level_tick_first": first and first.level_tick,
        }


CASES = (
    Case(
        "episodes_end_after_three_windows_and_four_ticks",
        """An episode goes on three windows after its last one, not four, also past windows that are
        not eligible; a level that has moved five ticks from where the episode began starts another,
        and can come back. The other direction and another level have episodes of their own.""",
        given={
            "level_settings": "barrier_mode=fixed  barrier_min_ticks=4",
            "book_snapshot_1s": """
                select timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                true as window_valid
                from range(100) as r (i)
            """,
            "levels_1s": """
                symbol=ESZ5  dt=2025-10-01  is_active=true  is_primary=true
                window_end_ts  level_id  level_tick
                13:30:05       sma_90    100
                13:30:10       sma_90    100
                13:30:15       sma_90    101
                13:30:20       sma_90    104
                13:30:20       pm_high   104
                13:30:40       sma_90    104
                13:30:55       sma_90    109
                13:31:00       sma_90    105
                13:31:05       sma_90    104
            """,
            "level_offset_1s": """
                sigma_1s_ticks=1
                window_end_ts  level_id  k_ticks  approach_dir
                13:30:05       sma_90    3        approach_up
                13:30:10       sma_90    12       approach_up
                13:30:15       sma_90    -3       approach_down
                13:30:20       sma_90    3        approach_up
                13:30:20       pm_high   3        approach_up
                13:30:40       sma_90    3        approach_up
                13:30:55       sma_90    3        approach_up
                13:31:00       sma_90    3        approach_up
                13:31:05       sma_90    3        approach_up
            """,
        },
        expected="""
            window_end_ts  level_id  first_window_end_ts  level_tick_first
            13:30:05       sma_90    13:30:05             100
            13:30:10       sma_90    -                    -
            13:30:15       sma_90    13:30:15             101
            13:30:20       sma_90    13:30:05             100
            13:30:20       pm_high   13:30:20             104
            13:30:40       sma_90    13:30:40             104
            13:30:55       sma_90    13:30:55             109
            13:31:00       sma_90    13:30:55             109
            13:31:05       sma_90    13:31:05             104
        """,
    ),
    Case(
        "decisions_that_are_not_eligible",
        """A window with an invalid second, one cut short, a level that is stacked behind another,
        one eight ticks away, and one that is not approached; one and seven ticks are near.""",
        given={
            "level_settings": "barrier_mode=fixed  barrier_min_ticks=4",
            "book_snapshot_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                    i != 7 as window_valid
                from range(15) as r (i)
                where i != 11
            """,
            "levels_1s": """
                select
                    'ESZ5' as symbol, date '2025-10-01' as dt,
                    cast(ts as timestamp) as window_end_ts,
                    level_id, 100 as level_tick, true as is_active,
                    level_id != 'stacked' as is_primary
                from (
                    values
                        ('2025-10-01 13:30:05', 'eligible'), ('2025-10-01 13:30:05', 'stacked'),
                        ('2025-10-01 13:30:05', 'far'), ('2025-10-01 13:30:05', 'left'),
                        ('2025-10-01 13:30:05', 'near'), ('2025-10-01 13:30:05', 'far_down'),
                        ('2025-10-01 13:30:06', 'between'),
                        ('2025-10-01 13:30:10', 'invalid'), ('2025-10-01 13:30:15', 'short')
                ) as v (ts, level_id)
            """,
            "level_offset_1s": """
                select
                    cast(ts as timestamp) as window_end_ts, level_id, k_ticks, approach_dir,
                    1.0 as sigma_1s_ticks
                from (
                    values
                        ('2025-10-01 13:30:05', 'eligible', -7, 'approach_down'),
                        ('2025-10-01 13:30:05', 'stacked', -7, 'approach_down'),
                        ('2025-10-01 13:30:05', 'near', 1, 'approach_up'),
                        ('2025-10-01 13:30:05', 'far', 8, 'approach_up'),
                        ('2025-10-01 13:30:05', 'far_down', -8, 'approach_down'),
                        ('2025-10-01 13:30:05', 'left', 1, 'approach_none'),
                        ('2025-10-01 13:30:06', 'between', 1, 'approach_up'),
                        ('2025-10-01 13:30:10', 'invalid', 1, 'approach_up'),
                        ('2025-10-01 13:30:15', 'short', 1, 'approach_up')
                ) as v (ts, level_id, k_ticks, approach_dir)
            """,
        },
        expected="""
            level_id  window_valid  x_ticks  is_eligible
            eligible  true          -7       true
            stacked   true          -7       false
            near      true          -1       true
            far       true          -8       false
            far_down  true          -8       false
            left      true          -        false
            invalid   false         -1       false
            short     false         -1       false
        """,
    ),
    Case(
        "volatility_decides_how_near_is_near",
        """With barriers of kind vol the distance within which a decision is eligible follows the
        volatility over 240 s: 1 x 0.8 x sqrt(240) is 12.4, so that 11 ticks are near and 12 are
        not; 0.9 gives 13.9. It stays in the range of 3 to 40 ticks, and without volatility nothing
        is eligible.""",
        given={
            "level_settings": "barrier_mode=vol  barrier_min_ticks=3",
            "book_snapshot_1s": """
                select timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_start_ts,
                true as window_valid
                from range(5) as r (i)
            """,
            "levels_1s": """
                select
                    'CLZ5' as symbol, date '2025-10-01' as dt,
                    timestamp '2025-10-01 13:30:05' as window_end_ts,
                    level_id, 100 as level_tick, true as is_active, true as is_primary
                from (
                    values
                        ('near'), ('far'), ('rounded'), ('quiet'), ('still'), ('wild'), ('unknown')
                ) as v (level_id)
            """,
            "level_offset_1s": """
                select
                    timestamp '2025-10-01 13:30:05' as window_end_ts, level_id, k_ticks,
                    'approach_up' as approach_dir, sigma_1s_ticks
                from (
                    values
                        ('near', 11, 0.8), ('far', 12, 0.8), ('rounded', 13, 0.9),
                        ('quiet', 3, 0.1), ('still', 2, 0.0), ('wild', 20, 9.0),
                        ('unknown', 1, null)
                ) as v (level_id, k_ticks, sigma_1s_ticks)
            """,
        },
        expected="""
            barrier_mode=vol
            level_id  barrier_ticks  x_ticks  is_eligible
            near      12             -11      true
            far       12             -12      false
            rounded   14             -13      true
            quiet     3              -3       false
            still     3              -2       true
            wild      40             -20      true
            unknown   -              -1       false
        """,
    ),
)
