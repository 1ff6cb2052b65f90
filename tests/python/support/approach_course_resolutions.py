"""Small days by hand: how courses are reached and resolved; see `approach_course_days`."""

from __future__ import annotations

from support.approach_course_days import SHORT, case

RESOLUTION_CASES = [
    case(
        "a trade reaches, comes back a tick, and a trade breaks; the trade after it is not seen",
        """
        5  95 100 up up
        6  97 100 up -  97@5.3 98@5.6
        7 101 100 up -  101@6.5
        8 107 100 -  -  107@7.2 108@7.25 109@7.5
        9 110 100 -  -  110@8.5
        """,
        """
        up 5 100 8
        5 0 -5 approaching -   -5  - - -
        6 1 -3 back        5.6 -2 -3 0 -
        7 2  1 at          5.6  1 -3 1 -
        8 3  7 through     5.6  8 -3 2 BREAK@7.25
        """,
    ),
    case(
        "spot reaches without a trade, and a trade rejects",
        """
        5 96 100 up up
        6 99 100 up -
        7 93 100 -  -  99@6.1 93@6.4 92@6.5 91@6.6
        8 90 100 -  -
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4  - - -
        6 1 -1 at          6 -1 -1 0 -
        7 2 -7 back        6 -1 -8 1 REJECT@6.5
        """,
    ),
    case(
        "price comes from above and breaks below",
        """
        5 105 100 down down
        6 102 100 down -  102@5.5
        7  99 100 down -  100@6.1 99@6.2
        8  92 100 -    -  92@7.9
        """,
        """
        down 5 100 8
        5 0 -5 approaching -   -5  - - -
        6 1 -2 back        5.5 -2 -2 0 -
        7 2  1 at          5.5  1 -2 1 -
        8 3  8 through     5.5  8 -2 2 BREAK@7.9
        """,
    ),
    case(
        "a course that begins within reach; trades before its start are not seen; the day ends",
        """
        5  98 100 up up  103@4.5 109@4.6
        6  99 100 up -
        7 102 100 up -
        8  98 100 -  -
        9 100 100 -  -
        """,
        """
        up 5 100 8
        5 0 -2 back    5 -2 -2 0 -
        6 1 -1 at      5 -1 -2 1 -
        7 2  2 through 5  2 -2 2 -
        8 3 -2 back    5  2 -2 3 -
        9 4  0 at      5  2 -2 4 -
        """,
    ),
    case(
        "price jumps from before the level past the barrier within a second",
        """
        5  95 100 up up
        6 118 100 up -  96@5.1 120@5.2 70@5.3
        """,
        """
        up 5 100 8
        5 0 -5 approaching -   -5  - - -
        6 1 18 through     5.2 20 18 0 BREAK@5.2
        """,
    ),
    case(
        "trades beyond both barriers: the far one before the reach counts for nothing",
        """
        5 95 100 up up
        6 95 100 up -  90@5.1 99@5.2 91@5.3 109@5.4
        """,
        """
        up 5 100 8
        5 0 -5 approaching -   -5  - - -
        6 1 -5 back        5.2 -1 -9 0 REJECT@5.3
        """,
    ),
    case(
        "spot beyond the barriers resolves nothing, and a trade a tick before one neither",
        """
        5  95 100 up up
        6 100 100 up -
        7 110 100 -  -
        8  90 100 -  -
        9 108 100 -  -  107@8.5
        """,
        """
        up 5 100 8
        5 0  -5 approaching - -5   - - -
        6 1   0 at          6  0   0 0 -
        7 2  10 through     6 10   0 1 -
        8 3 -10 back        6 10 -10 2 -
        9 4   8 through     6 10 -10 3 -
        """,
    ),
    case(
        "at two barriers away price has not faded, a tick farther it has",
        """
        5 95 100 up up
        6 84 100 up -  83@5.5
        7 83 100 up -
        8 95 100 up -
        """,
        """
        up 5 100 8
        5 0  -5 approaching - -5 - - -
        6 1 -16 approaching - -5 - - -
        7 2 -17 approaching - -5 - - FADED@7
        """,
    ),
    case(
        "a trade reaches in the second in which price ends far away: reached does not fade",
        """
        5 95 100 up up
        6 80 100 up -  98@5.5
        """,
        """
        up 5 100 8
        5 0  -5 approaching -   -5   - - -
        6 1 -20 back        5.5 -2 -20 0 -
        """,
    ),
    case(
        "three seconds without approach fade, and an approach from the other side is none",
        """
        4 95 100 -  -
        5 95 100 up up
        6 95 100 -    -
        7 96 100 up   -
        8 95 100 down -
        9 95 100 -    -
        10 95 100 -   -
        11 95 100 -   -
        """,
        """
        up 5 100 8
        5  0 -5 approaching - -5 - - -
        6  1 -5 approaching - -5 - - -
        7  2 -4 approaching - -4 - - -
        8  3 -5 approaching - -4 - - -
        9  4 -5 approaching - -4 - - -
        10 5 -5 approaching - -4 - - FADED@10
        """,
        rules=SHORT,
    ),
    case(
        "once reached, nothing fades for want of approach",
        """
        5 96 100 up up
        6 98 100 -  -
        7 98 100 -  -
        8 98 100 -  -
        9 98 100 -  -
        """,
        """
        up 5 100 8
        5 0 -4 approaching - -4  - - -
        6 1 -2 back        6 -2 -2 0 -
        7 2 -2 back        6 -2 -2 1 -
        8 3 -2 back        6 -2 -2 2 -
        9 4 -2 back        6 -2 -2 3 -
        """,
        rules=SHORT,
    ),
    case(
        "sixty seconds without approach fade at the sixtieth",
        "5 95 100 up up\n" + "\n".join(f"{end} 95 100 - -" for end in range(6, 70)),
        "up 5 100 8\n"
        + "\n".join(f"{end} {end - 5} -5 approaching - -5 - - -" for end in range(5, 65))
        + "\n65 60 -5 approaching - -5 - - FADED@65",
    ),
    case(
        "the second of the reach counts as near even if price was never within reach in it",
        """
        5   95 100 up up
        6  104 100 up -  103@5.5
        7  104 100 -  -
        8  103 100 -  -  103@7.1
        9  104 100 -  -
        10 104 100 -  -
        11 104 100 -  -
        """,
        """
        up 5 100 8
        5  0 -5 approaching -   -5 - - -
        6  1  4 through     5.5  4 3 0 -
        7  2  4 through     5.5  4 3 1 -
        8  3  3 through     5.5  4 3 2 -
        9  4  4 through     5.5  4 3 3 -
        10 5  4 through     5.5  4 3 4 UNRESOLVED@10
        """,
        rules=SHORT,
    ),
    case(
        "a trade within reach begins the wait anew",
        """
        5  96 100 up up
        6  99 100 up -
        7  95 100 -  -
        8  95 100 -  -  95@7.2 98@7.5 97@7.6
        9  95 100 -  -
        10 95 100 -  -
        11 95 100 -  -
        12 95 100 -  -
        """,
        """
        up 5 100 8
        5  0 -4 approaching - -4  - - -
        6  1 -1 at          6 -1 -1 0 -
        7  2 -5 back        6 -1 -5 1 -
        8  3 -5 back        6 -1 -5 2 -
        9  4 -5 back        6 -1 -5 3 -
        10 5 -5 back        6 -1 -5 4 -
        11 6 -5 back        6 -1 -5 5 -
        12 7 -5 back        6 -1 -5 6 UNRESOLVED@12
        """,
        rules=SHORT,
    ),
    case(
        "a trade within reach in the last second of the wait keeps the course going",
        """
        5  96 100 up up
        6  99 100 up -
        7  95 100 -  -
        8  95 100 -  -
        9  95 100 -  -
        10 95 100 -  -  102@9.5
        """,
        """
        up 5 100 8
        5  0 -4 approaching - -4  - - -
        6  1 -1 at          6 -1 -1 0 -
        7  2 -5 back        6 -1 -5 1 -
        8  3 -5 back        6 -1 -5 2 -
        9  4 -5 back        6 -1 -5 3 -
        10 5 -5 back        6  2 -5 4 -
        """,
        rules=SHORT,
    ),
    case(
        "a trade at the barrier in the last second of the wait breaks",
        """
        5   96 100 up up
        6   99 100 up -
        7  104 100 -  -
        8  104 100 -  -
        9  104 100 -  -
        10 104 100 -  -  108@9.5
        """,
        """
        up 5 100 8
        5  0 -4 approaching - -4  - - -
        6  1 -1 at          6 -1 -1 0 -
        7  2  4 through     6  4 -1 1 -
        8  3  4 through     6  4 -1 2 -
        9  4  4 through     6  4 -1 3 -
        10 5  4 through     6  8 -1 4 BREAK@9.5
        """,
        rules=SHORT,
    ),
    case(
        "240 seconds out of reach are unresolved at the 240th",
        "5 95 100 up up\n6 100 100 up -\n"
        + "\n".join(f"{end} 103 100 - -" for end in range(7, 250)),
        "up 5 100 8\n5 0 -5 approaching - -5 - - -\n6 1 0 at 6 0 0 0 -\n"
        + "\n".join(f"{end} {end - 5} 3 through 6 3 0 {end - 6} -" for end in range(7, 246))
        + "\n246 241 3 through 6 3 0 240 UNRESOLVED@246",
    ),
    case(
        "a break in the second in which the level moves is a break",
        """
        5  95 100 up up
        6 100 100 up -
        7 108 106 -  -  108@6.5
        """,
        """
        up 5 100 8
        5 0 -5 approaching - -5 - - -
        6 1  0 at          6  0 0 0 -
        7 2  8 through     6  8 0 1 BREAK@6.5
        """,
    ),
]
