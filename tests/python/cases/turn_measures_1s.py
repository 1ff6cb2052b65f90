"""Cases of the measures of each side of a level, from the sums of a window."""

from __future__ import annotations

from collections.abc import Iterator

from naive.turn_conditions import SIDES, TurnRules, measures_of
from support.cases import Case, Row, Tables

SUMS = ("rest_start", "depth_start", "repriced", "repriced_ticks", "pull", "add")


def twin(given: Tables, _: Case) -> Iterator[Row]:
    for flow in given["turn_flows_1s"]:
        for side, (letter, _) in SIDES.items():
            sums = {name: flow[f"{side}_{name}"] or 0 for name in SUMS}
            measures = measures_of(sums, side, flow["spot_move_ticks"], TurnRules())
            yield {"level_tick": flow["level_tick"], "side": letter, **measures}


CASES = (
    Case(
        "what_follows_spot_has_not_retreated",
        """60 of 120 contracts are re-priced. Of the ticks that go along with spot, as many are left
        out as spot moved; where they go against it none are. Bids see spot the other way round.
        In three steps of a tick each contract counts three times, and spot explains all of
        them.""",
        given={
            "turn_flows_1s": """
                ask_rest_start=120  ask_depth_start=120  bid_rest_start=120  bid_depth_start=120
                level_tick  spot_move_ticks  ask_repriced_ticks  bid_repriced_ticks
                1           3                180                 180
                2           2                180                 180
                3           9                180                 180
                4           -3               180                 180
                5           -2               -180                -180
                6           0                180                 180
                7           1                180                 180

                ask_repriced  bid_repriced
                60            60
                60            60
                60            60
                60            60
                60            60
                60            60
                180           180
            """,
        },
        expected="""
            level_tick  side  retreat_ticks  retreat_qty
            1           A     0              60
            1           B     1.5            60
            2           A     0.5            60
            2           B     1.5            60
            3           A     0              60
            3           B     1.5            60
            4           A     1.5            60
            4           B     0              60
            5           A     -0.5           60
            5           B     -1.5           60
            6           A     1.5            60
            6           B     1.5            60
            7           A     0              180
            7           B     1.5            180
        """,
    ),
    Case(
        "few_contracts_have_quantities_and_no_measure",
        "A side of 19 contracts has no measures; one of 20 has.",
        given={
            "turn_flows_1s": """
                level_tick=1  spot_move_ticks=0
                ask_rest_start=19  ask_depth_start=19  ask_repriced=7  ask_repriced_ticks=14
                bid_rest_start=20  bid_depth_start=20  bid_repriced=7  bid_repriced_ticks=14
                ask_pull=2  ask_add=0  bid_pull=2  bid_add=0
            """,
        },
        expected="""
            side  retreat_ticks  retreat_qty  pull_share  pull_qty
            A     -              7            -           2
            B     0.7            7            0.1         2
        """,
    ),
)
