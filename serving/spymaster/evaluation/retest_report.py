"""The report's section on break and retest: base rates, and whether the book knew more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS
from spymaster_engine.statistics.evaluation.retests import ENDS
from spymaster_engine.statistics.evaluation.verdict import TOO_FEW

from spymaster.evaluation.condition_forms import NET, ORDERS
from spymaster.evaluation.result_rows import ALL
from spymaster.evaluation.retests import BOTH

Row = dict[str, Any]

_BASES = {"seconds": "by trades", "bars": "by closes of bars"}
_FORMS = {ORDERS: "", NET: ", from market by price, net of what arrived"}
_DIRECTIONS = {
    BOTH: "both directions",
    "approach_up": "after a break up",
    "approach_down": "after a break down",
}
_STATES = {
    "all_four": "all four",
    "ahead_only": "ahead only",
    "behind_only": "behind only",
    "partial": "partial",
    "none": "none",
}
_HEADER = ("after", "state at the retest", "retests", "days", *ENDS)


def retest_lines(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the report on break and retest.

    Args:
        rows: rows of eval_retests.
    """
    if not rows:
        return []
    lines = [
        "## What follows when price comes back to a broken level?",
        "",
        "A level breaks, the break holds, and price comes back to the level without going through "
        "it [retest]. Then price goes on in the direction of the break (CONTINUES), goes back "
        "through the level (FAILS, a fake break), or does neither in time (CHOP). Shares are of "
        "retests that ended in one of the three, with a 95 % interval over days. Two claims are "
        "judged at once (by trades, by closes of bars); their intervals hold together in 95 %. At "
        "the retest price is on average still past the level, so that the end beyond is nearer "
        "than the end behind: without any memory CONTINUES is more frequent than FAILS too.",
        "",
    ]
    for scope in sorted({_scope(row) for row in rows}, key=_order):
        own = [row for row in rows if _scope(row) == scope]
        claims = [row for row in own if row["verdict"] is not None]
        root, form, basis = scope
        lines += [f"### {root}, {_BASES[basis]}{_FORMS[form]}", ""]
        lines += [f"- {retest_claim_sentence(row)}." for row in claims]
        lines += ["", *_table(own)]
    return lines


def retest_claim_sentence(row: Row) -> str:
    """Return the verdict on the state at the retest with its numbers, in words.

    Args:
        row: a row of eval_retests with a verdict.
    """
    claim = (
        f"Does the state of the four conditions at the retest "
        f"({_BASES[row['basis']]}{_FORMS[row['conditions_basis']]}) know more "
        f"than the base rate of the direction? {row['verdict'].capitalize()}"
    )
    scored = f"{_count(row['n_scored'], 'retest')} on {_count(row['n_scored_days'], 'day')}"
    if row["verdict"] == TOO_FEW:
        few = f"; a verdict needs {LEAST_DAYS}" if row["n_scored_days"] < LEAST_DAYS else ""
        return f"{claim}: scored {scored}{few}"
    return (
        f"{claim}: the past shares of the state gain {row['skill']:+.3f} nats a retest "
        f"({row['skill_lo']:+.3f} to {row['skill_hi']:+.3f}) over those of the direction; chance "
        f"gives {row['chance_lo']:+.3f} to {row['chance_hi']:+.3f}; {scored}"
    )


def _scope(row: Row) -> tuple[str, str, str]:
    return row["root"], row["conditions_basis"], row["basis"]


def _order(scope: tuple[str, str, str]) -> tuple[str, bool, bool]:
    """Return the key by which the form from orders and trades come first."""
    root, form, basis = scope
    return root, form == NET, basis != "seconds"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _table(rows: Sequence[Row]) -> list[str]:
    found = {(row["approach_dir"], row["turn_state"]): row for row in rows}
    lines = [_cells(_HEADER), _cells(["---"] * len(_HEADER))]
    for direction, words in _DIRECTIONS.items():
        for state, name in ((ALL, "any or unknown"), *_STATES.items()):
            row = found.get((direction, state))
            if row is not None:
                shares = [_share(row, end.lower()) for end in ENDS]
                lines.append(_cells([words, name, row["n_events"], row["n_days"], *shares]))
    return [
        *lines,
        "",
        "base: the share after any known state in the same direction. States are known inside the "
        "study window only.",
        "",
    ]


def _share(row: Row, end: str) -> str:
    text = f"{row[f'{end}_share']:.0%}"
    lo, hi, base = (row[f"{end}_{name}"] for name in ("share_lo", "share_hi", "base_rate"))
    if lo is not None:
        text += f" ({lo:.0%} to {hi:.0%})"
    return text if base is None else f"{text}, base {base:.0%}"


def _cells(values: Sequence[object]) -> str:
    return "| " + " | ".join(str(value) for value in values) + " |"
