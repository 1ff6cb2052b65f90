"""What the report says of signals."""

from __future__ import annotations

from collections.abc import Sequence

from spymaster.evaluation.direction_words import DIRECTIONS
from spymaster.evaluation.phase_report import PHASE_WORDS
from spymaster.evaluation.report_tables import Row, of_row, table_lines


def signal_lines(metrics: Sequence[Row]) -> list[str]:
    """Return the signals' precision and results in ticks."""
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in metrics:
        phase = PHASE_WORDS[row["decision_phase"]]
        scope = (row["root"], DIRECTIONS[row["approach_dir"]], phase, row["horizon_id"])
        found.setdefault(scope, {})[row["metric"]] = row
    if not found:
        return []
    names = ("precision", "base_rate", "result_ticks", "time_to_exit_s", "not_reached_share")
    rows = [
        (
            *scope,
            f"{values['n_fired']['value']:,.0f}",
            f"{values['n_days_fired']['value']:,.0f}",
            *(of_row(values[name]) for name in names),
        )
        for scope, values in found.items()
    ]
    header = (
        "product",
        "direction",
        "phase",
        "horizon",
        "fired",
        "on days",
        "came true",
        "base rate of phase and distance",
        "ticks after cost",
        "s to exit",
        "never reached",
    )
    return [
        "## Signals",
        "",
        "Signals that fired. Whether one came true is known where price came to the level; what "
        "one made is the mean over all, after cost, with its interval over days:",
        "",
        *table_lines(header, rows),
        "",
    ]
