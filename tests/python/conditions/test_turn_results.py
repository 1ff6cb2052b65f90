"""Results of following a sentence of the hypothesis, on positions counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS
from spymaster_engine.statistics.evaluation.turn_results import TurnResult, turn_result_of

COST = 1.5
NAN = float("nan")


def on_days(changes: list[list[float]], outcome: str) -> TurnResult:
    """Follow an outcome on one approach a day, given the price change from each of its windows."""
    day = np.repeat(np.arange(len(changes)), [len(day) for day in changes])
    # codes of approaches are not in order of time
    return turn_result_of(outcome, day, len(changes) - day, np.concatenate(changes), COST, seed=7)


@pytest.mark.parametrize(("outcome", "made"), [("BREAK", 3 - COST), ("REJECT", -3 - COST)])
def test_a_position_is_entered_at_the_first_window_of_an_approach(
    outcome: str, made: float
) -> None:
    found = on_days([[2.0, 90.0], [4.0], [3.0, -50.0, NAN]], outcome)
    assert (found.n, found.mean) == (3, pytest.approx(made))


def test_an_approach_whose_end_is_not_known_does_not_count() -> None:
    """Its later windows do not take the place of the first."""
    found = on_days([[2.0], [NAN, 9.0], [4.0]], "BREAK")
    assert (found.n, found.mean) == (2, pytest.approx(3 - COST))
    nothing = on_days([[NAN], [NAN]], "BREAK")
    assert nothing.n == 0
    assert np.isnan(nothing.mean)


def test_few_days_have_no_interval() -> None:
    few = on_days([[2.0], [4.0]] * (LEAST_DAYS // 2 - 1), "BREAK")
    assert np.isnan([few.lo, few.hi]).all()
    enough = on_days([[2.0], [4.0]] * (LEAST_DAYS // 2), "BREAK")
    assert 2 - COST < enough.lo < enough.mean < enough.hi < 4 - COST


def test_price_that_goes_nowhere_costs() -> None:
    """A random walk earns nothing and loses the cost."""
    draw = np.random.default_rng(11)
    days = [draw.choice([-8.0, 8.0], size=1).tolist() for _ in range(400)]
    for outcome in ("BREAK", "REJECT"):
        found = on_days(days, outcome)
        assert found.hi < 0.0
        assert found.lo < -COST < found.hi
