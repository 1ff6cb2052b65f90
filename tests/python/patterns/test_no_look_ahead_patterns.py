"""Events at or after a moment change nothing that the pattern relations knew before it."""

from __future__ import annotations

import pytest
from naive.level_fingerprints import MEASURES
from support.known_values import (
    Known,
    assert_a_session_changes_no_earlier_one,
    assert_the_future_changes_nothing_known,
    compared_kinds,
)
from support.level_copies import Built

# of retest_events, known at the retest
OF_RETEST = (
    "level_id",
    "approach_dir",
    "basis",
    "broken_ts",
    "retest_ts",
    "retest_price_int",
    "retest_window_end_ts",
    "retest_wait_s",
    "excursion_ticks",
    "retest_x_ticks",
    "c1",
    "c2",
    "c3",
    "c4",
    "turn_state",
    "recent_turn_state",
    "missing",
    "held_s",
    "above_score",
    "below_score",
    "bid_states",
    "ask_states",
)

# of level_fingerprints, known at the first decision
PRINTS_OF_APPROACH = tuple(f"{role}_{name}" for role in ("ahead", "behind") for name in MEASURES)

AT_END_OF_WINDOW = (
    "silver.order_fingerprints_5s",
    "silver.iceberg_1s",
    "steps.movement_seconds_1s",
    "silver.spot_moments",
    "steps.spot_vacuum_5s",
    "gold.spot_vectors",
)

KNOWN = {
    **{relation: Known(relation) for relation in AT_END_OF_WINDOW},
    "fingerprints of an approach": Known(
        "gold.level_fingerprints",
        "first_window_end_ts",
        ("level_id", "episode_id", "approach_dir", "first_window_end_ts", *PRINTS_OF_APPROACH),
    ),
    "label without a level": Known("gold.spot_outcomes", "label_end_ts"),
    "break of a level": Known(
        "gold.retest_events",
        "broken_window_end_ts",
        (
            "level_id",
            "approach_dir",
            "basis",
            "conditions_basis",
            "level_price_int",
            "approach_ts",
            "cross_ts",
            "cross_price_int",
            "broken_ts",
            "broken_window_end_ts",
        ),
    ),
    "retest": Known(
        "gold.retest_events", "retest_window_end_ts", OF_RETEST, "retest_ts is not null"
    ),
    "outcome of a retest": Known("gold.retest_events", "label_end_ts"),
    "key movement": Known("gold.key_movements", "label_end_ts"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_future_changes_no_known_value(level_copies: Built, name: str) -> None:
    assert_the_future_changes_nothing_known(level_copies, KNOWN[name])


def test_the_compared_past_has_rows_of_every_kind(level_copies: Built) -> None:
    """Movements of both directions, breaks by trades and by bars."""
    found = {
        relation: compared_kinds(level_copies, "label_end_ts", kind, relation)
        for relation, kind in {
            "gold.key_movements": "direction",
            "gold.retest_events": "basis",
        }.items()
    }
    assert found == {
        "gold.key_movements": {"up", "down"},
        "gold.retest_events": {"bars", "seconds"},
    }


@pytest.mark.parametrize("name", KNOWN)
def test_a_changed_session_changes_no_earlier_session(level_copies: Built, name: str) -> None:
    assert_a_session_changes_no_earlier_one(level_copies, KNOWN[name])
