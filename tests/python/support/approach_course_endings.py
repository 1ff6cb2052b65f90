"""Small days by hand: how courses begin, end without resolution and follow each other."""

from __future__ import annotations

from support.approach_course_days import case

ENDING_CASES = [
    case(
        "an invalid second ends the course; its prices are not looked at",
        """
        5 96 100 up up
        6 99 100 up -
        7 -  100 -  -  invalid 108@6.5
        8 99 100 up -
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4  - - -
        6 1 -1 at          6 -1 -1 0 -
        7 2  - at          6 -1 -1 1 invalid_second
        """,
    ),
    case(
        "a gap that ended after the start ends the course when it is known, one that ended at the "
        "start does not",
        """
        5 96 100 up up
        6 97 100 up -
        7 98 100 up -  98@6.2
        8 99 100 up -
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4 - - -
        6 1 -3 approaching - -3 - - -
        7 2  - approaching - -3 - - recording_gap
        """,
        gaps="5@5.5 5.000000001@6",
    ),
    case(
        "a gap known at a second's end belongs to the next, one known before the start to none",
        """
        5 96 100 up up
        6 97 100 up -
        7 98 100 up -
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4 - - -
        6 1 -3 approaching - -3 - - -
        7 2  - approaching - -3 - - recording_gap
        """,
        gaps="4.5@4.999999999 5.5@6",
    ),
    case(
        "a level that is no longer active ends the course before a trade at the barrier",
        """
        5  96 100 up up
        6 100 100 up -
        7 107 100 -  -  inactive 108@6.5
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4 - - -
        6 1  0 at          6  0 0 0 -
        7 2  - at          6  0 0 1 inactive_level
        """,
    ),
    case(
        "a level without a row is not active",
        """
        5 96 100 up up
        6 97 -   -  -
        7 98 100 up -
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4 - - -
        6 1  - approaching - -4 - - inactive_level
        """,
    ),
    case(
        "an invalid second comes before a gap and an inactive level",
        """
        5 96 100 up up
        6 97 -   -  -  invalid
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4 - - -
        6 1  - approaching - -4 - - invalid_second
        """,
        gaps="5.2@5.4",
    ),
    case(
        "a gap comes before an inactive level",
        """
        5 96 100 up up
        6 97 100 -  -  inactive
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4 - - -
        6 1  - approaching - -4 - - recording_gap
        """,
        gaps="5.2@5.4",
    ),
    case(
        "a level may move four ticks, not five; distances stay those from where it was",
        """
        5 95 100 up up
        6 95 104 up -
        7 96 105 up -  97@6.5
        8 97 105 up -
        """,
        """
        up 5 100 8
        5 0 -5 approaching - -5 - - -
        6 1 -5 approaching - -5 - - -
        7 2 -4 approaching - -3 - - level_moved
        """,
    ),
    case(
        "a level that moves down in the second in which price ends far away has moved",
        """
        5 95 100 up up
        6 80  95 -  -
        """,
        """
        up 5 100 8
        5 0  -5 approaching - -5 - - -
        6 1 -20 approaching - -5 - - level_moved
        """,
    ),
    case(
        "the window at which a course resolves begins none; the next one does, the other way",
        """
        5   95 100 up   up
        6   99 100 up   -
        7  101 100 up   -
        8  103 100 -    -
        9  104 100 down -
        10 105 100 down down  108@9.1
        11 105 100 down -
        12 105 100 down -
        13 105 100 down -
        14 105 100 down -
        15 104 100 down down
        16 103 100 down -
        """,
        """
        up 5 100 8
        5  0 -5 approaching - -5  - - -
        6  1 -1 at          6 -1 -1 0 -
        7  2  1 at          6  1 -1 1 -
        8  3  3 through     6  3 -1 2 -
        9  4  4 through     6  4 -1 3 -
        10 5  5 through     6  8 -1 4 BREAK@9.1
        down 15 100 8
        15 0 -4 approaching - -4  - - -
        16 1 -3 approaching - -3  - - -
        """,
    ),
    case(
        "a window of the other direction on the way changes nothing",
        """
        5  95 100 up   up
        6  95 100 up   -
        7  96 100 up   -
        8  97  98 up   -
        9  97  96 down -
        10 97  96 down down
        11 97  96 down -
        """,
        """
        up 5 100 8
        5  0 -5 approaching - -5 - - -
        6  1 -5 approaching - -5 - - -
        7  2 -4 approaching - -4 - - -
        8  3 -3 approaching - -3 - - -
        9  4 -3 approaching - -3 - - -
        10 5 -3 approaching - -3 - - -
        11 6 -3 approaching - -3 - - -
        """,
    ),
    case(
        "the barrier is that of the first window, whatever later windows say",
        """
        5   96 100 up up  B=6
        6   99 100 up -
        7   99 100 up -
        8   99 100 up -
        9   99 100 up -
        10  97 100 up up  B=12
        11 105 100 up -   105@10.2 106@10.3
        """,
        """
        up 5 100 6
        5  0 -4 approaching - -4  - - -
        6  1 -1 at          6 -1 -1 0 -
        7  2 -1 at          6 -1 -1 1 -
        8  3 -1 at          6 -1 -1 2 -
        9  4 -1 at          6 -1 -1 3 -
        10 5 -3 back        6 -1 -3 4 -
        11 6  5 through     6  6 -3 5 BREAK@10.3
        """,
    ),
    case(
        "two barriers are those of the first window",
        """
        5 97 100 up up  B=4
        6 92 100 up -
        7 91 100 up -
        """,
        """
        up 5 100 4
        5 0 -3 approaching - -3 - - -
        6 1 -8 approaching - -3 - - -
        7 2 -9 approaching - -3 - - FADED@7
        """,
    ),
    case(
        "trades count in their order, not by their time, and their time keeps its nanoseconds",
        """
        5 95 100 up up
        6 97 100 up -  98@5.812345678 108@5.212345679
        """,
        """
        up 5 100 8
        5 0 -5 approaching -           -5  - - -
        6 1 -3 back        5.812345678  8 -3 0 BREAK@5.212345679
        """,
    ),
    case(
        "a trade belongs to the second of its group, even if it happened before the start",
        """
        5 95 100 up up
        6 96 100 up -  98@4.9
        7 96 100 up -  108@5.75
        """,
        """
        up 5 100 8
        5 0 -5 approaching -   -5  - - -
        6 1 -4 back        4.9 -2 -4 0 -
        7 2 -4 back        4.9  8 -4 1 BREAK@5.75
        """,
    ),
    case(
        "no window, no course; the last second of the day has one",
        """
        8  97 100 up -
        9  99 100 up -
        10 97 100 up up  100@9.5
        """,
        """
        up 10 100 8
        10 0 -3 approaching - -3 - - -
        """,
    ),
    case(
        "after an invalid second the next window begins a course of the same direction",
        """
        5  95 100 up up
        6  96 100 up -  invalid
        7  96 100 up -
        8  96 100 up -
        9  96 100 up -
        10 96 100 up -
        11 97 101 up up
        12 99 101 up -  99@11.5
        """,
        """
        up 5 100 8
        5  0 -5 approaching -    -5  - - -
        6  1  - approaching -    -5  - - invalid_second
        up 11 101 8
        11 0 -4 approaching -    -4  - - -
        12 1 -2 back        11.5 -2 -2 0 -
        """,
    ),
]
