"""The report's section on levels against shifted prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spymaster.card.sentences import placebo_sentence
from spymaster.evaluation.conditions import BOTH

Row = dict[str, Any]


def placebo_lines(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the report on levels and placebos.

    Args:
        rows: rows of level_placebo.
    """
    whole = [row for row in rows if row["approach_dir"] == BOTH and row["distance_band"] is None]
    if not whole:
        return []
    lines = [
        "## Do levels matter?",
        "",
        "A level is compared with its own price shifted by a few ticks, away from other levels, "
        "strikes and round prices, by the same rules of approach, reach and outcome. It matters "
        "only if it holds more often, with the interval over days above zero; the intervals of a "
        "table hold together in 95 %.",
        "",
    ]
    for root, horizon in sorted({(row["root"], row["horizon_id"]) for row in whole}):
        own = [row for row in whole if (row["root"], row["horizon_id"]) == (root, horizon)]
        # every level together comes first, a kind before its levels
        own.sort(key=lambda row: (row["level_kind"] or "", row["level_id"] or ""))
        lines += [f"### {root}, horizon {horizon}", ""]
        lines += [f"- {placebo_claim_sentence(row)}." for row in own]
        lines.append("")
    return lines


def placebo_claim_sentence(row: Row) -> str:
    """Return the verdict on a level, a kind of level or all levels, with its numbers.

    Args:
        row: a row of level_placebo.
    """
    if row["level_id"] is not None:
        name = row["level_id"]
    else:
        name = "every level" if row["level_kind"] is None else f"kind {row['level_kind']}"
    lo, hi = row["held_difference_lo"], row["held_difference_hi"]
    interval = "" if lo is None else f" ({lo:+.1%} to {hi:+.1%})"
    return (
        f"{name} {placebo_sentence(row)}; difference {row['held_difference']:+.1%}{interval}, "
        f"{row['n_placebos']:,} approaches to prices nearby, {row['n_days']} days"
    )
