"""A verdict on a state of the conditions counts the days on which the state was seen."""

from __future__ import annotations

import numpy as np
import pytest
from spymaster.evaluation.condition_report import condition_claim_sentence
from spymaster.evaluation.conditions import BOTH, ConditionWindows, state_rows
from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS
from spymaster_engine.statistics.evaluation.turn_claims import STATES
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_warehouse.project_vars import project_vars

DAYS, ON_A_DAY = 12, 40
KEY = {
    "conditions_basis": "orders",
    "basis": "at_once",
    "condition_window_s": 5,
    "slice": "all",
    "approach_dir": BOTH,
    "level_kind": None,
    "distance_band": None,
}


def all_four_on(n_days: int) -> dict:
    """Return the row of all_four, which always ends in a rejection; other outcomes are random."""
    seen = np.tile(np.arange(ON_A_DAY) < ON_A_DAY // 2, (DAYS, 1))
    seen[n_days:] = False
    is_seen = seen.reshape(-1)
    n = len(is_seen)
    draws = np.random.default_rng(3).integers(0, len(CLASSES), n)
    windows = ConditionWindows(
        day=np.repeat(np.arange(DAYS), ON_A_DAY),
        episode=np.arange(n),
        direction=np.full(n, "approach_up"),
        kind=np.full(n, "pm"),
        band=np.full(n, "3-4"),
        x0_ticks=np.full(n, -4),
        state=np.where(is_seen, STATES.index("all_four"), STATES.index("none")),
        outcome=np.where(is_seen, CLASSES.index("REJECT"), draws),
        is_reached=np.full(n, True),
        is_known=np.full(n, True),
        is_decision=np.full(n, False),
        change_ticks=np.full(n, np.nan),
        cost_ticks=1.0,
    )
    everything = np.full(n, True)
    rows = state_rows(KEY, windows, everything, windows.judged(everything), project_vars(), {})
    [row] = [row for row in rows if (row["state"], row["outcome"]) == ("all_four", "REJECT")]
    return row


@pytest.mark.parametrize("n_days", [2, LEAST_DAYS - 1, LEAST_DAYS, DAYS])
def test_days_are_those_of_the_state(n_days: int) -> None:
    row = all_four_on(n_days)
    is_enough = n_days >= LEAST_DAYS
    assert (row["n_days"], row["n_episodes"]) == (n_days, n_days * ON_A_DAY // 2)
    assert row["verdict"] == ("supported" if is_enough else "too few episodes")
    assert condition_claim_sentence(row).endswith("; a verdict needs 10") is not is_enough


def test_one_day_with_the_state_proves_nothing() -> None:
    row = all_four_on(1) | {"n_episodes": 300}
    assert row["verdict"] == "too few episodes"
    assert condition_claim_sentence(row).endswith("300 episodes on 1 day; one day proves nothing")
