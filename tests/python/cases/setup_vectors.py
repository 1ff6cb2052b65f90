"""Cases of the vectors of setups."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from naive.setup_vectors import setup_columns
from naive.surfaces import second_of
from support.cases import Case, Row, Tables, by_column


def twin(given: Tables, case: Case) -> Iterator[Row]:
    [contract_day] = given["contract_days"]
    bars = {second_of(row["bar_end_ts"]): row for row in given["market_by_price_10_bar5s"]}
    settings = {"CANDLE_S": "sma_bar_s", "ZONE_TICKS": "setup_zone_ticks"}
    with pytest.MonkeyPatch.context() as patch:
        for name, variable in settings.items():
            if variable in case.variables:
                patch.setattr(f"naive.setup_vectors.{name}", case.variables[variable])
        for setup in given["setup_events"]:
            level_id = setup["level_id"]
            active_s = {
                second_of(row["window_end_ts"])
                for row in given["levels_1s"]
                if row["level_id"] == level_id and row["is_active"]
            }
            columns = setup_columns(setup, bars, contract_day["tick_int"], active_s)
            yield {
                "level_id": level_id,
                "direction": setup["direction"],
                **{name.removeprefix(f"{level_id}_"): value for name, value in columns.items()},
            }


CASES = (
    Case(
        "distances_of_a_setup",
        """Bars of 30 s hold six values. Those of the trigger lie at -2, -1, 0, 1, not known, 3
        ticks from a level of tick 100, those of the confirmation at 3. The level is one from
        13:30:00 on: of the look-back's first bar only its last close counts, at half a tick. No
        step leads over the invalid bar, and the carried one at -2 makes no extreme. Price that
        comes from above sees the same with the sign turned. A value after the inference and one of
        another level's time change nothing.""",
        variables={"sma_bar_s": 30, "setup_zone_ticks": 2},
        given={
            "contract_days": "tick_int=10",
            "setup_events": """
                symbol=ESZ5  dt=2025-10-01  trigger_candle_id=0  confirm_candle_id=1
                lookback_start_candle_id=-1  infer_ts=13:31:00  level_price_int=1000
                level_id  direction
                pm_high   up
                pm_high   down
                or_high   up
            """,
            "levels_1s": """
                select
                    timestamp '2025-10-01 13:29:00' + to_seconds(i) as window_end_ts,
                    'pm_high' as level_id, i >= 60 as is_active
                from range(180) as r (i)
            """,
            "market_by_price_10_bar5s": """
                -- the contract does not name the columns that are NULL here
                ofi_l10_sum=-  book_imbalance_l1_eob=-  trade_imbalance_sum=-
                spread_ticks_eob=-  wall_bid_max_z=-  wall_ask_max_z=-  book_imbalance_l10_eob=-
                depth_imbalance_0_4_eob=-
                bar_end_ts  is_valid  is_carried  trade_last_price_int
                13:29:55    true      false       5000
                13:30:00    true      false       965
                13:30:05    true      true        980
                13:30:10    true      false       990
                13:30:15    true      false       1000
                13:30:20    true      false       1010
                13:30:25    false     false       9990
                13:30:30    true      false       1030
                13:30:35    true      false       1030
                13:30:40    true      false       1030
                13:30:45    true      false       1030
                13:30:50    true      false       1030
                13:30:55    true      false       1030
                13:31:00    true      false       1030
                13:31:05    true      false       5000
            """,
        },
        expected="""
            signed_distance_burst_fraction_confirm=-  pressure_n_lookback=0
            level_id  direction  signed_distance_start_trigger  signed_distance_end_trigger
            pm_high   up         -2                             3
            pm_high   down       2                              -3
            or_high   up         -                              -

            signed_distance_min_trigger  signed_distance_max_trigger  signed_distance_mean_trigger
            -1                           3                            0.2
            -3                           1                            -0.2
            -                            -                            -

            signed_distance_std_trigger  signed_distance_slope_trigger
            1.7204650534085253           0.2
            1.7204650534085253           -0.2
            -                            -

            signed_distance_energy_trigger  signed_distance_sign_flips_trigger
            1.3862943611198906              1
            1.3862943611198906              1
            -                               -

            signed_distance_burst_fraction_trigger  signed_distance_early_mean_trigger
            0.3333333333333333                      -1.5
            0.3333333333333333                      1.5
            -                                       -

            signed_distance_mid_mean_trigger  signed_distance_late_mean_trigger
            0.5                               3
            -0.5                              -3
            -                                 -

            signed_distance_time_fraction_zone_trigger
            0.8
            0.8
            -

            signed_distance_time_fraction_far_side_trigger  signed_distance_n_trigger
            0.4                                             5
            0.4                                             5
            -                                               0

            signed_distance_energy_confirm  signed_distance_slope_confirm
            0                               0
            0                               0
            -                               -

            signed_distance_std_confirm  signed_distance_time_fraction_zone_confirm
            0                            0
            0                            0
            -                            -

            signed_distance_start_lookback  signed_distance_end_lookback
            -3.5                            3
            3.5                             -3
            -                               -

            signed_distance_early_mean_lookback  signed_distance_n_lookback
            -3.5                                 12
            3.5                                  12
            -                                    0

            signed_distance_energy_lookback
            1.7047480922384253
            1.7047480922384253
            -
        """,
    ),
    Case(
        "pressure_of_a_setup",
        """An imbalance beyond the scale is held at 1; terms that are not known are left out of the
        mean, and with none known there is no pressure. Wall support needs both sides. Order flow
        imbalance counts in standard deviations of the whole look-back, before the level too. Only
        the spread has no direction. The confirmation has a single value, which is carried.""",
        variables={"sma_bar_s": 30},
        given={
            "contract_days": "tick_int=10",
            "setup_events": """
                symbol=ESZ5  dt=2025-10-01  level_id=pm_high  trigger_candle_id=0
                confirm_candle_id=1  lookback_start_candle_id=-1  infer_ts=13:31:00
                level_price_int=1000
                direction
                up
                down
            """,
            "levels_1s": """
                select
                    timestamp '2025-10-01 13:29:00' + to_seconds(i) as window_end_ts,
                    'pm_high' as level_id, i >= 60 as is_active
                from range(180) as r (i)
            """,
            "market_by_price_10_bar5s": """
                trade_last_price_int=-  book_imbalance_l10_eob=-  depth_imbalance_0_4_eob=-
                bar_end_ts  is_valid  ofi_l10_sum  book_imbalance_l1_eob  trade_imbalance_sum
                13:29:30    true      50           -                      -
                13:29:35    true      -1           -                      -
                13:30:05    true      -            1                      -
                13:30:10    true      -            -                      -0.5
                13:30:15    true      -            -                      -
                13:30:20    true      -            -                      -
                13:30:25    false     -            -                      1
                13:30:30    true      1            -                      -
                13:30:35    true      -            -                      -
                13:31:05    true      50           -                      -

                spread_ticks_eob  wall_bid_max_z  wall_ask_max_z  is_carried
                -                 -               -               false
                -                 -               -               false
                -                 -               -               false
                3                 -               -               false
                -                 9               -               false
                -                 9               1.5             false
                -                 -               -               false
                -                 -               -               false
                -                 1.5             3               true
                -                 -               -               false
            """,
        },
        expected=by_column("""
            direction                        up                   down
            pressure_start_trigger           1                    -1
            pressure_min_trigger             -0.6307970779778824  -1
            pressure_max_trigger             1                    -0.13079707797788243
            pressure_end_trigger             0.7615941559557649   -0.7615941559557649
            pressure_n_trigger               4                    4
            pressure_sign_flips_trigger      2                    0
            pressure_energy_trigger          0.9672868717472709   0.6255120950903537
            pressure_mid_mean_trigger        1                    -1
            pressure_end_confirm             -0.25                0.25
            pressure_start_confirm           -0.25                0.25
            pressure_min_confirm             -                    -
            pressure_max_confirm             -                    -
            pressure_mean_confirm            -0.25                0.25
            pressure_early_mean_confirm      -0.25                0.25
            pressure_mid_mean_confirm        -                    -
            pressure_std_confirm             0                    0
            pressure_sign_flips_confirm      0                    0
            pressure_slope_confirm           -                    -
            pressure_energy_confirm          -                    -
            pressure_burst_fraction_confirm  -                    -
            pressure_n_lookback              5                    5
            signed_distance_n_lookback       0                    0
        """),
    ),
)
