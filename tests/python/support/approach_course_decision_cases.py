"""Windows and courses by hand with the decisions expected of both; see `approach_course_days`."""

from __future__ import annotations

from support.approach_course_days import DecisionCase, rows_of, windows_of_table

DECISION_CASES = [
    DecisionCase(
        "where no window is eligible the course decides, once reached and within its barriers",
        rows_of("""
        up 5 100 8
        5  0  -5 approaching -   -5  -  - -
        10 5  -3 approaching -   -3  -  - -
        15 10 -1 at          14.5 0 -1  0 -
        20 15  7 through     14.5 7 -1  5 -
        25 20 -3 back        14.5 7 -3 10 -
        30 25  2 through     14.5 7 -3 15 -
        35 30  8 through     14.5 8 -3 20 -
        40 35 -8 back        14.5 8 -8 25 -
        45 40 -7 back        14.5 8 -8 30 REJECT@44.5
        """),
        windows_of_table("""
        5  valid   up   eligible 100 -5  5 8 5
        10 valid   none -        100  -  3 8 -
        15 valid   none -        101  -  2 8 -
        20 valid   none -        100  - -7 8 -
        25 valid   up   eligible 101 -4  4 8 5
        30 invalid none -        100  - -2 8 -
        35 valid   none -        100  - -8 8 -
        40 valid   up   eligible  99 -7  7 8 5
        45 valid   up   eligible 100 -7  7 8 5
        50 valid   up   eligible 100 -6  6 8 5
        55 valid   none -        100  -  6 8 -
        """),
        windows_of_table("""
        5  valid   up   eligible 100 -5  5 8 5 approaching up@5
        10 valid   none -        100  -  3 8 - -           up@5
        15 valid   up   eligible 100 -1  1 8 5 at          up@5
        20 valid   up   eligible 100  7 -7 8 5 through     up@5
        25 valid   up   eligible 101 -4  4 8 5 approaching up@5
        30 invalid none -        100  - -2 8 - -           up@5
        35 valid   none -        100  - -8 8 - -           up@5
        40 valid   up   eligible  99 -7  7 8 5 approaching up@5
        45 valid   up   eligible 100 -7  7 8 5 approaching up@5
        50 valid   up   eligible 100 -6  6 8 5 approaching -
        55 valid   none -        100  -  6 8 - -           -
        """),
    ),
    DecisionCase(
        "a course from above: k has the sign of x, and its barrier is the frozen one",
        rows_of("""
        down 5 100 6
        5  0  -2 back    5 -2 -2  0 -
        10 5   3 through 5  3 -2  5 -
        15 10 -5 back    5  3 -5 10 -
        20 15  0 at      5  3 -5 15 -
        25 20  0 at      5  3 -5 20 inactive_level
        """),
        windows_of_table("""
        5  valid down eligible 100 -2 -2 6 5
        10 valid down -        100  3  3 8 -
        15 valid none -        102  - -3 8 -
        20 valid up   eligible 102 -2  2 8 20
        25 valid none -        100  -  0 8 -
        """),
        windows_of_table("""
        5  valid down eligible 100 -2 -2 6 5  approaching down@5
        10 valid down eligible 100  3  3 6 5  through     down@5
        15 valid down eligible 100 -5 -5 6 5  back        down@5
        20 valid up   eligible 102 -2  2 8 20 approaching down@5
        25 valid none -        100  -  0 8 -  -           down@5
        """),
    ),
    DecisionCase(
        "while a course approaches, a window of the other direction stays what it is",
        rows_of("""
        up 5 100 8
        5  0 -5 approaching - -5 - - -
        10 5 -3 approaching - -3 - - -
        15 10 - approaching - -3 - - recording_gap
        """),
        windows_of_table("""
        5  valid up   eligible 100 -5  5 8 5
        10 valid down eligible  96 -1 -1 8 10
        15 valid none -         96  - -1 8 -
        """),
        windows_of_table("""
        5  valid up   eligible 100 -5  5 8 5  approaching up@5
        10 valid down eligible  96 -1 -1 8 10 approaching up@5
        15 valid none -         96  - -1 8 -  -           up@5
        """),
    ),
]
