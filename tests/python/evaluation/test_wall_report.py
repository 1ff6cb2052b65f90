"""What the report says of walls of the order book and of gamma walls."""

from __future__ import annotations

from spymaster.evaluation.wall_report import gamma_wall_lines, wall_lines

EVERY = {
    "root": "ES",
    "ratio_from": None,
    "age_from_s": None,
    "distance_from_ticks": None,
    "n_days": 12,
    "n_walls": 1_440,
    "n_censored": 60,
    "support": "enough",
    "pulled_share": 0.5,
    "pulled_late_share": 0.2,
    "eaten_share": 0.1,
    "held_share": 0.2,
    **{
        f"{fate}_share_{end}": share
        for fate in ("pulled", "pulled_late", "eaten", "held")
        for end, share in (("lo", 0.05), ("hi", 0.55))
    },
}
GAMMA = {
    "root": "ES",
    "horizon_id": "s240",
    "approach_dir": "both",
    "distance_band": None,
    "dealer_gamma_sign": "long",
    "n_days": 12,
    "n_episodes": 240,
    "n_other_strikes": 900,
    "difference": 0.12,
    "difference_lo": 0.03,
    "difference_hi": 0.2,
    "verdict": "supported",
    "preferred_sign": "long",
    "held_share": 0.62,
    "other_held_share": 0.5,
    "broke_share": 0.2,
    "other_broke_share": 0.25,
}


def test_walls_are_said_by_one_band_at_a_time() -> None:
    near = EVERY | {"distance_from_ticks": 0, "n_walls": 700}
    far = EVERY | {"distance_from_ticks": 4, "n_walls": 740}
    of_two = near | {"ratio_from": 2.0}
    few = EVERY | {"ratio_from": 2.5, "n_walls": 9, "n_days": 3, "support": "too few walls"}
    lines = wall_lines([EVERY, near, far, few, of_two])
    said = [line for line in lines if line.startswith("- ")]
    assert said[0] == (
        "- every wall: 50.0% pulled before price came (5.0% to 55.0%), 20.0% pulled once it was "
        "there (5.0% to 55.0%), 10.0% eaten (5.0% to 55.0%), 20.0% held (5.0% to 55.0%); "
        "1,440 walls on 12 days."
    )
    assert [line.partition(":")[0] for line in said[1:]] == [
        "- 0 to 4 ticks from spot",
        "- 4 or more ticks from spot",
        "- 2.5 or more times the usual depth",
    ]
    assert said[3].endswith(": too few walls (9 walls on 3 days).")
    assert wall_lines([of_two]) == []


def test_both_signs_of_gamma_are_judged() -> None:
    short = GAMMA | {
        "dealer_gamma_sign": "short",
        "difference": -0.05,
        "difference_lo": None,
        "difference_hi": None,
        "verdict": "not shown",
    }
    lines = gamma_wall_lines([GAMMA, short, GAMMA | {"approach_dir": "approach_up"}])
    assert [line for line in lines if line.startswith("- ")] == [
        "- if dealers are long gamma, price holds at walls: supported. Walls held 62.0% of 240 "
        "approaches, other strikes 50.0% of 900; difference +12.0% (+3.0% to +20.0%), 12 days.",
        "- if dealers are short gamma, price goes through walls: not shown. Walls broke 20.0% of "
        "240 approaches, other strikes 25.0% of 900; difference -5.0%, 12 days.",
        "- the sign that the data prefer: long.",
    ]
    assert gamma_wall_lines([GAMMA | {"distance_band": "1-2"}]) == []
