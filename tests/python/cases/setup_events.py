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
        "setups_trigger_on_candles_0_12_and_26",
        """Candle 0 triggers on closes of before 09:30. Candle 2 crosses without two closes below,
        candle 6 without a retreat since candle 0; candle 12 triggers after the retreat of candle 8,
        candle 14 does not, too soon after it; candle 26 triggers with a retreat of candle 20, and
        its three bars are not all there.""",
        given={
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=10",
            "book_snapshot_1s": "window_end_ts=14:27:00",
            "levels_1s": """
                select
                    timestamp '2025-10-01 13:30:00' + to_seconds(i) as window_end_ts,
                    'pm_high' as level_id, 100 as level_tick, true as is_active, true as is_primary
                from range(3600) as r (i)
            """,
            "bars": """
                select
                    'ESZ5' as symbol, date '2025-10-01' as dt, 120 as bar_s,
                    timestamp '2025-10-01 13:30:00' + to_seconds(120 * i) as bar_start_ts,
                    timestamp '2025-10-01 13:32:00' + to_seconds(120 * i) as bar_end_ts,
                    980 as open_price_int,
                    case when i in (0, 2, 6, 12, 14, 26) then 1010 else 1000 end as high_price_int,
                    case when i in (8, 13, 20) then 960 else 970 end as low_price_int,
                    case
                        when i = 1 then 1000 when i = 4 then 1080 when i = 16 then 920 else 990
                    end as close_price_int
                from range(-2, 28) as r (i)
            """,
        },
        expected=by_column("""
            direction                 up        up        up
            trigger_candle_id         0         12        26
            confirm_candle_id         1         13        27
            infer_ts                  13:34:00  13:58:00  14:26:00
            lookback_start_candle_id  -4        8         22
            level_price_int           1000      1000      1000
            trigger_open_ticks        -2        -2        -2
            trigger_high_ticks        1         1         1
            trigger_low_ticks         -3        -3        -3
            trigger_close_ticks       -1        -1        -1
            confirm_high_ticks        0         0         0
            confirm_close_ticks       0         -1        -1
            outcome                   BREAK     REJECT    CENSORED
            label_end_ts              13:40:00  14:04:00  14:27:00
        """),
    ),
)
