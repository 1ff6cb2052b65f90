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
        out as spot moved; where they go against it none are. Bids see spot the other way round.""",
        given={
            "turn_flows_1s": """
                ask_rest_start=120  ask_depth_start=120  ask_repriced=60  bid_rest_start=120
                bid_depth_start=120  bid_repriced=60
                level_tick  spot_move_ticks  ask_repriced_ticks  bid_repriced_ticks
                1           3                180                 180
                2           2                180                 180
                3           9                180                 180
                4           -3               180                 180
                5           -2               -180                -180
                6           0                180                 180
            """,
        },
        expected="""
            level_tick  side  retreat_ticks
            1           A     0
            1           B     1.5
            2           A     0.5
            2           B     1.5
            3           A     0
            3           B     1.5
            4           A     1.5
            4           B     0
            5           A     -0.5
            5           B     -1.5
            6           A     1.5
            6           B     1.5
        """,
    ),
)
