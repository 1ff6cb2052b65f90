"""Cases of the trades of a contract-day."""

from __future__ import annotations

from support.cases import Case

CASES = (
    Case(
        "trades_are_numbered_into_the_seconds_that_count_them",
        """A group that straddles a second belongs to the one it begins in, whatever its records
        say; a record without size is no trade.""",
        product_only="the twin groups records itself, which the case gives as counts of seconds",
        given={
            "book_records": """
                rec_ordinal  action  size  ts_event    price_int
                7            T       2     13:30:01.5  3
                3            T       1     13:30:00.9  1
                4            T       1     13:30:01    2
                5            T       0     13:30:01.1  2
                6            F       1     13:30:01.1  2
            """,
            "book_snapshot_1s": """
                window_start_ts  trade_count
                13:30:00         2
                13:30:01         1
                13:30:02         0
            """,
        },
        expected="""
            trade_no  rec_ordinal  window_start_ts  price_int
            1         3            13:30:00         1
            2         4            13:30:00         2
            3         7            13:30:01         3
        """,
    ),
)
