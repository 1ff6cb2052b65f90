"""The report's section on fingerprints of algorithms around levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from spymaster_engine.statistics.evaluation.print_differences import SHOWN

from spymaster.evaluation.conditions import BOTH
from spymaster.evaluation.fingerprints import JUDGED

Row = dict[str, Any]

_SIDES = {"ahead": "ahead of", "behind": "behind"}


def fingerprint_lines(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the report on fingerprints.

    Args:
        rows: rows of eval_level_fingerprints.
    """
    if not rows:
        return []
    lines = [
        "## Do algorithms leave marks before a level breaks?",
        "",
        "Means of each fingerprint by what followed the approach; the difference is BREAK less "
        "REJECT. Shown only if its interval over days is without zero and it is larger than the "
        "largest of all fingerprints when outcomes are permuted within each day (95 %). Judged is "
        "the approach up to the first decision. What followed counts from before the touch, so "
        "the window of the touch sees some of it and is not judged.",
        "",
    ]
    for root in sorted({row["root"] for row in rows}):
        own = [
            row
            for row in rows
            if (row["root"], row["approach_dir"], row["moment"]) == (root, BOTH, JUDGED)
        ]
        verdicts = Counter(row["verdict"] for row in own)
        counted = ", ".join(f"{verdict}: {n}" for verdict, n in sorted(verdicts.items()))
        lines += [f"**{root}**: {counted}.", ""]
        known = [row for row in own if row["z"] is not None]
        # the strongest, shown or not
        for row in sorted(known, key=lambda row: -row["z"])[:5]:
            lines.append(f"- {_sentence(row)}")
        lines.append("")
    return lines


def _sentence(row: Row) -> str:
    interval = ""
    if row["difference_lo"] is not None:
        interval = f", 95 % interval {row['difference_lo']:+.4f} to {row['difference_hi']:+.4f}"
    word = "**shown**" if row["verdict"] == SHOWN else row["verdict"]
    return (
        f"{row['print']}, side {_SIDES[row['side_role']]} price: {word}. "
        f"BREAK {_number(row['mean_break'])}, REJECT {_number(row['mean_reject'])}, "
        f"CHOP {_number(row['mean_chop'])}; difference {row['difference']:+.4f}{interval}; "
        f"{row['z']:.2f} standard deviations, by chance up to {row['largest_z_q95']:.2f}; "
        f"{row['n_episodes']:,} approaches on {row['n_days']} days"
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
