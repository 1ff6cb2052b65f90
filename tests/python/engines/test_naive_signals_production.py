"""The plain training table on events made by hand."""

from __future__ import annotations

from typing import Any

from naive.level_event_columns import COLUMNS, GROUPS, LABEL_NAMES
from naive.signals_production import PRODUCTION_COLUMNS, production_report, signals_production
from naive.surfaces import Row


def event(event_id: str, outcome: str | None, **fields: Any) -> Row:
    return (
        dict.fromkeys(COLUMNS)
        | {"event_id": event_id, "symbol": "ESZ5", "outcome": outcome, "dt": 1}
        | fields
    )


def test_columns_are_features_and_the_primary_label() -> None:
    """Everything but the labels, then the 14 labels without a horizon in their name."""
    assert len(PRODUCTION_COLUMNS) == 182 - 58 + 14
    assert PRODUCTION_COLUMNS[:13] == GROUPS["identity"]
    assert PRODUCTION_COLUMNS[-14:] == LABEL_NAMES
    (row,) = signals_production([event("a", "BREAK")])
    assert tuple(row) == PRODUCTION_COLUMNS


def test_only_resolved_events_once() -> None:
    """BREAK, REJECT and CHOP; of two symbols the first; in the order of their ids."""
    events = [
        event("d", "CHOP"),
        event("b", "CENSORED"),
        event("a", None),
        event("c", "REJECT", symbol="ESZ5"),
        event("c", "BREAK", symbol="ESH6"),
        event("e", "CENSORED", symbol="ESH6"),
        event("e", "BREAK"),
    ]
    rows = signals_production(events)
    assert [(row["event_id"], row["outcome"]) for row in rows] == [
        ("c", "BREAK"),
        ("d", "CHOP"),
        ("e", "BREAK"),
    ]


def test_report_by_hand() -> None:
    """Rows, days, class shares and the share of missing values of every column."""
    outcomes = ("BREAK", "BREAK", "CHOP", "REJECT")
    rows = signals_production(
        event(str(n), outcome, dt=n // 2, wall_ratio=None if n else 1.0)
        for n, outcome in enumerate(outcomes)
    )
    report = production_report(rows)
    assert (report["n_rows"], report["n_days"]) == (4, 2)
    assert report["class_shares"] == {"BREAK": 0.5, "REJECT": 0.25, "CHOP": 0.25}
    assert tuple(report["null_rates"]) == PRODUCTION_COLUMNS
    assert (report["null_rates"]["wall_ratio"], report["null_rates"]["symbol"]) == (0.75, 0.0)
    assert production_report([])["n_rows"] == 0
