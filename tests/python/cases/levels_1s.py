"""Cases of the price of each level at each second, and of stacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from naive.levels_price import levels_1s
from naive.surfaces import second_of
from support.cases import Case, Row, Tables
from support.level_cases import rules_of, trades_of


def twin(given: Tables, case: Case) -> Iterator[Row]:
    rules = rules_of(given, case)
    definitions = sorted(given["level_definitions"], key=lambda row: row["priority"])
    ends_s = [second_of(row["window_end_ts"]) for row in given["book_snapshot_1s"]]
    closes = {
        ("", row["bar_s"], second_of(row["bar_end_ts"]) - row["bar_s"]): row
        for row in given["bars"]
    }
    with pytest.MonkeyPatch.context() as patch:
        # the bars are given, in place of those of the trades
        patch.setattr("naive.levels_price.bars", lambda _: closes)
        patch.setattr("naive.levels_price.LEVEL_IDS", [row["level_id"] for row in definitions])
        patch.setattr(
            "naive.levels_price.MOVING_AVERAGES",
            {row["level_id"]: row["sma_bars"] for row in definitions if row["sma_bars"]},
        )
        rows = levels_1s(trades_of(given["contract_trades"], rules), ends_s, rules)
    yield from rows.values()


CASES = (
    Case(
        "levels_appear_at_their_moments",
        """The premarket range runs until 09:30 and is final there, with the trade of the last
        second before it and without that of 09:30:00; the opening range appears at 09:45:00 at
        once, without the trade of that second. An average of two bars needs two, and is gone a
        second after its older bar is seven days old.""",
        day="2025-10-08",
        variables={"stack_max_ticks": 0},
        given={
            "level_settings": "symbol=ESZ5  dt=2025-10-08  earlier_dts=[2025-10-01]",
            "contract_days": "symbol=ESZ5  dt=2025-10-08  tick_int=10",
            "level_definitions": """
                level_id  level_kind  edge  sma_bars  priority
                pm_high   pm          high  -         1
                pm_low    pm          low   -         2
                or_low    or          low   -         3
                sma_2     sma         -     2         4
            """,
            "book_snapshot_1s": """
                select 'ESZ5' as symbol, date '2025-10-08' as dt, unnest([
                    timestamp '2025-10-08 08:00:00', timestamp '2025-10-08 08:00:01',
                    timestamp '2025-10-08 13:29:59', timestamp '2025-10-08 13:30:00',
                    timestamp '2025-10-08 13:30:01', timestamp '2025-10-08 13:44:59',
                    timestamp '2025-10-08 13:45:00', timestamp '2025-10-08 13:45:01'
                ]) as window_end_ts
            """,
            "step_levels": "",
            "contract_trades": """
                symbol=ESZ5  dt=2025-10-08
                window_start_ts  price_int
                07:59:59         9000
                08:00:00         1000
                13:29:58         990
                13:29:59         1100
                13:30:00         1200
                13:44:59         1150
                13:45:00         900
            """,
            "bars": """
                symbol=ESZ5
                dt          bar_s  bar_end_ts           close_price_int
                2025-10-01  120    2025-10-01 13:30:00  500
                2025-10-08  120    13:30:00             610
                2025-10-08  120    13:46:00             700
                2025-10-08  60     13:29:00             700
            """,
        },
        expected="""
            window_end_ts  level_id  level_price_int  is_active  is_provisional  available_from_ts
            08:00:00       pm_high   -                false      false           13:30:00
            08:00:00       pm_low    -                false      false           13:30:00
            08:00:00       or_low    -                false      false           13:45:00
            08:00:00       sma_2     -                false      false           -
            08:00:01       pm_high   1000             false      true            13:30:00
            08:00:01       pm_low    1000             false      true            13:30:00
            08:00:01       or_low    -                false      false           13:45:00
            08:00:01       sma_2     -                false      false           -
            13:29:59       pm_high   1000             false      true            13:30:00
            13:29:59       pm_low    990              false      true            13:30:00
            13:29:59       or_low    -                false      false           13:45:00
            13:29:59       sma_2     -                false      false           -
            13:30:00       pm_high   1100             true       false           13:30:00
            13:30:00       pm_low    990              true       false           13:30:00
            13:30:00       or_low    -                false      false           13:45:00
            13:30:00       sma_2     560              true       false           13:30:00
            13:30:01       pm_high   1100             true       false           13:30:00
            13:30:01       pm_low    990              true       false           13:30:00
            13:30:01       or_low    -                false      false           13:45:00
            13:30:01       sma_2     -                false      false           -
            13:44:59       pm_high   1100             true       false           13:30:00
            13:44:59       pm_low    990              true       false           13:30:00
            13:44:59       or_low    -                false      false           13:45:00
            13:44:59       sma_2     -                false      false           -
            13:45:00       pm_high   1100             true       false           13:30:00
            13:45:00       pm_low    990              true       false           13:30:00
            13:45:00       or_low    1150             true       false           13:45:00
            13:45:00       sma_2     -                false      false           -
            13:45:01       pm_high   1100             true       false           13:30:00
            13:45:01       pm_low    990              true       false           13:30:00
            13:45:01       or_low    1150             true       false           13:45:00
            13:45:01       sma_2     -                false      false           -
        """,
    ),
    Case(
        "averages_hold_between_bars",
        """Means of two bars are 99.5, 101.5 and 100.5 ticks, rounded half to even, and of three
        100 1/3 and 100 2/3. A mean waits for its bars, and holds until the next one ends.""",
        given={
            "level_settings": "symbol=ESZ5  dt=2025-10-01  earlier_dts=[]",
            "contract_days": "symbol=ESZ5  dt=2025-10-01  tick_int=250000000",
            "level_definitions": """
                level_kind=sma
                level_id  sma_bars  priority
                sma_3     3         1
                sma_2     2         2
            """,
            "book_snapshot_1s": """
                symbol=ESZ5  dt=2025-10-01
                window_end_ts
                14:01:59
                14:02:00
                14:03:59
                14:04:00
                14:06:00
            """,
            "step_levels": "",
            "contract_trades": "",
            "bars": """
                symbol=ESZ5  dt=2025-10-01  bar_s=120
                bar_end_ts  close_price_int
                14:00:00    24500000000
                14:02:00    25250000000
                14:04:00    25500000000
                14:06:00    24750000000
            """,
        },
        expected="""
            window_end_ts  level_id  level_tick  level_resid_ticks    level_price
            14:01:59       sma_3     -           -                    -
            14:01:59       sma_2     -           -                    -
            14:02:00       sma_3     -           -                    -
            14:02:00       sma_2     100         -0.5                 24.875
            14:03:59       sma_3     -           -                    -
            14:03:59       sma_2     100         -0.5                 24.875
            14:04:00       sma_3     100         0.3333333333333333   25.083333333333333
            14:04:00       sma_2     102         -0.5                 25.375
            14:06:00       sma_3     101         -0.3333333333333333  25.166666666666667
            14:06:00       sma_2     100         0.5                  25.125

            is_active  available_from_ts
            false      -
            false      -
            false      -
            true       14:02:00
            false      -
            true       14:02:00
            true       14:04:00
            true       14:04:00
            true       14:06:00
            true       14:06:00
        """,
    ),
    Case(
        "levels_one_tick_apart_form_a_stack",
        """100, 101 and 102 are one stack although the ends are two ticks apart; 104 stands alone.
        The high goes before the low. A level without value is in none.""",
        day="2025-10-08",
        given={
            "level_settings": "symbol=ESZ5  dt=2025-10-08  earlier_dts=[]",
            "contract_days": "symbol=ESZ5  dt=2025-10-08  tick_int=10",
            "level_definitions": """
                level_id  level_kind  edge  sma_bars  priority
                pm_high   pm          high  -         1
                pm_low    pm          low   -         2
                or_high   or          high  -         3
                sma_1     sma         -     1         5
                sma_2     sma         -     2         6
            """,
            "book_snapshot_1s": "symbol=ESZ5  dt=2025-10-08  window_end_ts=13:45:00",
            "step_levels": "",
            "contract_trades": """
                symbol=ESZ5  dt=2025-10-08
                window_start_ts  price_int
                13:00:00         1020
                13:00:00         1000
                13:30:00         1040
            """,
            "bars": """
                symbol=ESZ5  dt=2025-10-08  bar_s=120  bar_end_ts=13:44:00  close_price_int=1010
            """,
        },
        expected="""
            level_id  level_tick  stacked_with       is_primary
            pm_high   102         [pm_low, sma_1]    true
            pm_low    100         [pm_high, sma_1]   false
            or_high   104         []                 true
            sma_1     101         [pm_high, pm_low]  false
            sma_2     -           []                 false
        """,
    ),
)
