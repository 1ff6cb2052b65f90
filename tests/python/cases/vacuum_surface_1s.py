"""Cases of the vacuum score."""

from __future__ import annotations

from collections.abc import Iterator

from naive.surfaces import second_of
from naive.surfaces_vacuum import vacuum_score
from support.cases import Case, Row, Tables
from support.surface_cases import calibration_of


def twin(given: Tables, _: Case) -> Iterator[Row]:
    by_symbol: dict[str, list[Row]] = {}
    for row in given["norm_quantiles"]:
        by_symbol.setdefault(row["symbol"], []).append(row)
    for row in given["vacuum_metrics_1s"]:
        quantiles = calibration_of(by_symbol[row["symbol"]])(second_of(row["window_start_ts"]))
        score = vacuum_score(row, quantiles)
        yield {**row, "vacuum_score": score, "calibration_mode": quantiles.mode}


CASES = (
    Case(
        "vacuum_score_at_its_edges",
        """Equal quantiles give 0.5. An unknown quantile gives NULL even on an empty tick, also
        where it is the only one. An empty tick gives 1 also without a second difference, and a
        second takes the quantiles of its minute.""",
        given={
            "vacuum_metrics_1s": """
                select
                    symbol, date '2025-10-01' as dt, cast(ts as timestamp) as window_start_ts,
                    window_valid, is_empty, pull_add_log,
                    exp(pull_add_log) - 1 as pull_intensity_rest,
                    pull_add_log as log1p_erosion_norm, d2 as d2_pull_add_log
                from (
                    values
                        ('before calibration', '2025-10-01 13:29:59', true, false, 1.0, 1.0),
                        ('warm-up, empty', '2025-10-01 13:30:00', true, true, 0.0, 0.0),
                        ('on the minute', '2025-10-01 13:40:00', true, false, 1.0, 1.0),
                        ('below', '2025-10-01 13:40:01', true, false, -9.0, -9.0),
                        ('above', '2025-10-01 13:40:02', true, false, 9.0, 9.0),
                        ('empty', '2025-10-01 13:40:03', true, true, 0.0, null),
                        ('no difference', '2025-10-01 13:40:04', true, false, 1.0, null),
                        ('invalid, empty', '2025-10-01 13:40:05', false, true, 0.0, null),
                        ('equal quantiles', '2025-10-01 13:41:00', true, false, 9.0, 9.0),
                        ('one without, empty', '2025-10-01 13:42:00', true, true, 0.0, 0.0)
                ) as v (symbol, ts, window_valid, is_empty, pull_add_log, d2)
            """,
            "norm_quantiles": """
                select
                    names.symbol, date '2025-10-01' as dt, 'intraday_expanding' as calibration_mode,
                    cast(minute_ts as timestamp) as minute_ts,
                    q05 as pull_add_log_q05, q95 as pull_add_log_q95,
                    q05 as log1p_pull_intensity_rest_q05, q95 as log1p_pull_intensity_rest_q95,
                    q05 as log1p_erosion_norm_q05, q95 as log1p_erosion_norm_q95,
                    if(d2_is_known, q05, null) as d2_pull_add_log_q05,
                    if(d2_is_known, q95, null) as d2_pull_add_log_q95
                from (
                    values
                        ('2025-10-01 13:30:00', null, null, true),
                        ('2025-10-01 13:40:00', 0.0, 4.0, true),
                        ('2025-10-01 13:41:00', 3.0, 3.0, true),
                        ('2025-10-01 13:42:00', 0.0, 4.0, false)
                ) as v (minute_ts, q05, q95, d2_is_known)
                cross join (
                    values
                        ('before calibration'), ('warm-up, empty'), ('on the minute'), ('below'),
                        ('above'), ('empty'), ('no difference'), ('invalid, empty'),
                        ('equal quantiles'), ('one without, empty')
                ) as names (symbol)
            """,
        },
        expected="""
            symbol              vacuum_score  calibration_mode
            before calibration  -             -
            warm-up, empty      -             intraday_expanding
            on the minute       0.25          intraday_expanding
            below               0             intraday_expanding
            above               1             intraday_expanding
            empty               1             intraday_expanding
            no difference       -             intraday_expanding
            invalid, empty      -             intraday_expanding
            equal quantiles     0.5           intraday_expanding
            one without, empty  -             intraday_expanding
        """,
    ),
)
