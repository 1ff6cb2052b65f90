"""Cases of trade bars."""

from __future__ import annotations

from collections.abc import Iterable

from naive.levels_model import LevelRules
from naive.levels_price import bars
from support.cases import Case, Row, Tables, by_column
from support.level_cases import trades_of


def twin(given: Tables, case: Case) -> Iterable[Row]:
    [length_s] = case.variables["bar_lengths_s"]
    priced = [row for row in given["contract_trades"] if row["price_int"] is not None]
    rules = LevelRules("ESZ5", priced[0]["dt"], 1)
    rows = bars(trades_of(priced, rules))
    return [row for row in rows.values() if row["bar_s"] == length_s]


CASES = (
    Case(
        "bars_hold_what_traded_in_them",
        """First and last are by the order of the file; a bar without trade is not there; volume
        without aggressor counts in neither part.""",
        variables={"bar_lengths_s": [120]},
        given={
            "contract_trades": """
                symbol=ESZ5  dt=2025-10-01
                trade_no  window_start_ts  price_int   size  side
                2         13:30:00         3000000000  1     B
                1         13:30:00         1000000000  2     A
                3         13:31:59         2000000000  1     N
                4         13:31:59         -           9     N
                5         13:34:00         4000000000  1     B
            """,
        },
        expected=by_column("""
            bar_start_ts  13:30:00    13:34:00
            bar_end_ts    13:32:00    13:36:00
            open_price    1           4
            high_price    3           4
            low_price     1           4
            close_price   2           4
            volume        4           1
            buy_volume    1           1
            sell_volume   2           0
            trade_count   3           1
            vwap          1.75        4
            session_date  2025-10-01  2025-10-01
        """),
    ),
)
