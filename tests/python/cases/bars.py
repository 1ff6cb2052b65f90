"""Cases of trade bars."""

from __future__ import annotations

from collections.abc import Iterable

from naive.levels_model import LevelRules
from naive.levels_price import bars
from support.cases import Case, Row, Tables, by_column
from support.level_cases import trades_of


def twin(given: Tables, case: Case) -> Iterable[Row]:
    priced = [row for row in given["contract_trades"] if row["price_int"] is not None]
    rules = LevelRules("ESZ5", priced[0]["dt"], 1)
    rows = bars(trades_of(priced, rules))
    return [row for row in rows.values() if row["bar_s"] in case.variables["bar_lengths_s"]]


CASES = (
    Case(
        "bars_hold_what_traded_in_them",
        """First and last are by the order of the file; a bar without trade is not there; volume
        without aggressor counts in neither part. The last trade is stamped after the second of its
        group, which decides.""",
        variables={"bar_lengths_s": [5, 60, 120]},
        given={
            "contract_trades": """
                symbol=ESZ5  dt=2025-10-01
                trade_no  ts_event    window_start_ts  price_int   size  side
                2         13:30:05    13:30:05         4000000000  2     B
                1         13:30:05    13:30:05         2000000000  1     N
                3         13:30:05    13:30:05         1000000000  3     A
                4         13:31:59    13:31:59         -           9     N
                5         13:32:00.2  13:31:59         3000000000  4     B
            """,
        },
        expected=by_column("""
            bar_s         5                   5           60                  60          120
            bar_start_ts  13:30:05            13:31:55    13:30:00            13:31:00    13:30:00
            bar_end_ts    13:30:10            13:32:00    13:31:00            13:32:00    13:32:00
            open_price    2                   3           2                   3           2
            high_price    4                   3           4                   3           4
            low_price     1                   3           1                   3           1
            close_price   1                   3           1                   3           3
            volume        6                   4           6                   4           10
            buy_volume    2                   4           2                   4           6
            sell_volume   3                   0           3                   0           3
            trade_count   3                   1           3                   1           4
            vwap          2.1666666666666667  3           2.1666666666666667  3           2.5
            session_date  2025-10-01          2025-10-01  2025-10-01          2025-10-01  2025-10-01
        """),
    ),
)
