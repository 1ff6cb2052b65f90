"""`signals_production`: the training table of the models, and a report on it.

Rules chosen where the specification leaves room:
- Columns are those of `level_events` that are no label, and the 14 primary labels.
- An event_id that several symbols share counts once, with the first symbol of the alphabet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from naive.level_event_columns import COLUMNS, LABEL_NAMES, LABELS
from naive.surfaces import Row

PRODUCTION_COLUMNS = (*(name for name in COLUMNS if name not in LABELS), *LABEL_NAMES)
RESOLVED = ("BREAK", "REJECT", "CHOP")


def signals_production(events: Iterable[Row]) -> list[Row]:
    """Rows of `gold.signals_production` by event_id.

    Args:
        events: Rows of `level_events`.
    """
    found: dict[str, Row] = {}
    for row in sorted(events, key=lambda row: (row["event_id"], row["symbol"])):
        if row["outcome"] in RESOLVED and row["event_id"] not in found:
            found[row["event_id"]] = {name: row[name] for name in PRODUCTION_COLUMNS}
    return list(found.values())


def production_report(rows: Sequence[Row]) -> Row:
    """Rows, days, share of every class and of missing values by column."""
    classes = Counter(row["outcome"] for row in rows)
    return {
        "n_rows": len(rows),
        "n_days": len({row["dt"] for row in rows}),
        "class_shares": {name: classes[name] / len(rows) for name in RESOLVED} if rows else {},
        "null_rates": {
            name: sum(row[name] is None for row in rows) / len(rows) for name in PRODUCTION_COLUMNS
        }
        if rows
        else {},
    }
