"""Cases of setups: a trigger and a confirmation candle at a level."""

from __future__ import annotations

from collections.abc import Iterable

from naive.levels_setups import setup_events
from naive.surfaces import second_of
from support.cases import Case, Row, Tables, by_column
from support.level_cases import rules_of


def twin(given: Tables, case: Case) -> Iterable[Row]:
    rules = rules_of(given, case)
    bars = {
        (row["symbol"], row["bar_s"], second_of(row["bar_start_ts"])): row for row in given["bars"]
    }
    levels = {(second_of(row["window_end_ts"]), row["level_id"]): row for row in given["levels_1s"]}
    day_end_s = max(second_of(row["window_end_ts"]) for row in given["book_snapshot_1s"])
    return setup_events(bars, levels, day_end_s, rules).values()


CASES = (
    Case(
        "setups_trigger_once_they_are_armed",
        """Candle 0 triggers on closes of before 09:30. Candle 7 crosses without a retreat of four
        ticks since candle 0; candles 10 and 11 after the one of candle 8, but with a close at the
        level among the two before. Candle 12 triggers, candle 15 is one bar too soon after it, and
        candle 16 triggers with the retreat of candle 13. Candle 26 triggers after candle 20, and
        its three bars are not all there. Bars that touch the level cross nothing. There is no setup
        before 09:30, none at a level behind another, and none without a confirmation, as at the
        level that appears with candle 27.""",
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": "window_end_ts=14:27:00",
            "levels_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(120 * i) as window_end_ts,
                    level_id, 100 as level_tick, true as is_active,
                    level_id != 'pm_low' as is_primary
                from range(-4, 28) as r (i)
                cross join (values ('pm_high'), ('pm_low'), ('or_high')) as v (level_id)
                where level_id != 'or_high' or i = 27
            """,
            "bars": """
                select
                    'ESZ5' as symbol, date '2025-10-01' as dt, 120 as bar_s,
                    timestamp '2025-10-01 13:30:00' + to_seconds(120 * i) as bar_start_ts,
                    timestamp '2025-10-01 13:32:00' + to_seconds(120 * i) as bar_end_ts,
                    980 as open_price_int,
                    if(i in (-1, 0, 7, 10, 11, 12, 15, 16, 26, 27), 1010, 1000) as high_price_int,
                    if(i in (8, 13, 20), 960, 970) as low_price_int,
                    case
                        when i in (1, 9) then 1000 when i = 4 then 1080 when i = 16 then 920
                        else 990
                    end as close_price_int
                from range(-4, 28) as r (i)
            """,
        },
        expected=by_column("""
            direction                 up        up        up        up
            trigger_candle_id         0         12        16        26
            confirm_candle_id         1         13        17        27
            infer_ts                  13:34:00  13:58:00  14:06:00  14:26:00
            lookback_start_candle_id  -4        8         12        22
            level_price_int           1000      1000      1000      1000
            trigger_open_ticks        -2        -2        -2        -2
            trigger_high_ticks        1         1         1         1
            trigger_low_ticks         -3        -3        -3        -3
            trigger_close_ticks       -1        -1        -8        -1
            confirm_high_ticks        0         0         0         1
            confirm_close_ticks       0         -1        -1        -1
            outcome                   BREAK     REJECT    CHOP      CENSORED
            label_end_ts              13:40:00  14:04:00  14:12:00  14:27:00
        """),
    ),
    Case(
        "setups_end_with_the_first_close_past_eight_ticks",
        """Closes of 7 ticks decide nothing, nor do highs and lows of 20, nor the confirmation,
        which closes 9 ticks past the level for the setup from above. Of three bars after the last
        setups two are there: enough for a close of -8 at one level, and not for -7 at the other,
        whose label ends with the day; it is the level that was known as candle 20 began. Candles 18
        and 21 have no trade.""",
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": "window_end_ts=16:00:00",
            "levels_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(120 * i) as window_end_ts,
                    level_id, true as is_active, true as is_primary,
                    case when level_id = 'pm_high' then 100 when i = 20 then 99 else 150 end
                        as level_tick
                from range(25) as r (i)
                cross join (values ('pm_high'), ('sma_90')) as v (level_id)
            """,
            "bars": """
                select
                    'ESZ5' as symbol, date '2025-10-01' as dt, 120 as bar_s,
                    timestamp '2025-10-01 13:30:00' + to_seconds(120 * i) as bar_start_ts,
                    timestamp '2025-10-01 13:32:00' + to_seconds(120 * i) as bar_end_ts,
                    -- a trigger closes at 2, its confirmation at -1
                    1000 + 10 * case x when 2 then -4 when -1 then 2 else 0 end as open_price_int,
                    1000 + 10 * case x when 2 then 3 when -1 then 4 else 20 end as high_price_int,
                    1000 - 10 * case x when 2 then 5 when -1 then 2 else 20 end as low_price_int,
                    1000 + 10 * x as close_price_int
                from (
                    select
                        unnest(list_concat(range(-2, 18), [19, 20, 22, 23, 24])) as i,
                        unnest([
                            -5, -5, 2, -1, 7, 8, -10, -9, 2, -1, -7, 7, -8,
                            -5, 2, -1, 7, -7, 7, -5, -5, 2, -1, -8, -7
                        ]) as x
                )
            """,
        },
        expected=by_column("""
            level_id                  pm_high   pm_high   pm_high   pm_high   pm_high   sma_90
            direction                 up        down      up        up        up        up
            trigger_candle_id         0         4         6         12        20        20
            confirm_candle_id         1         5         7         13        22        22
            infer_ts                  13:34:00  13:42:00  13:46:00  13:58:00  14:16:00  14:16:00
            lookback_start_candle_id  -4        0         2         8         17        17
            level_price_int           1000      1000      1000      1000      1000      990
            trigger_open_ticks        -4        0         -4        -4        -4        -3
            trigger_high_ticks        3         -20       3         3         3         4
            trigger_low_ticks         -5        20        -5        -5        -5        -4
            trigger_close_ticks       2         10        2         2         2         3
            confirm_open_ticks        2         0         2         2         2         3
            confirm_high_ticks        4         -20       4         4         4         5
            confirm_low_ticks         -2        20        -2        -2        -2        -1
            confirm_close_ticks       -1        9         -1        -1        -1        0
            outcome                   BREAK     CHOP      REJECT    CHOP      REJECT    CENSORED
            label_end_ts              13:38:00  13:48:00  13:52:00  14:04:00  14:18:00  16:00:00
        """),
    ),
)
