"""The report's sections on walls of the order book and on gamma walls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from spymaster.evaluation.conditions import BOTH
from spymaster.evaluation.walls import BANDS, ENOUGH

Row = dict[str, Any]

# by share of eval_walls
_FATES = {
    "pulled": "pulled before price came",
    "pulled_late": "pulled once it was there",
    "eaten": "eaten",
    "held": "held",
}
# unit of each band of walls
_UNITS = {
    "ratio_from": "times the usual depth",
    "age_from_s": "s old",
    "distance_from_ticks": "ticks from spot",
}
_CLAIMS = {
    "long": ("held", "if dealers are long gamma, price holds at walls"),
    "short": ("broke", "if dealers are short gamma, price goes through walls"),
}


def wall_lines(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the report on what became of walls of the order book.

    Args:
        rows: rows of eval_walls.
    """
    # by one band at most: every combination is in the relation
    chosen = [row for row in rows if sum(row[band] is not None for band in BANDS) <= 1]
    if not chosen:
        return []
    lines = [
        "## Do walls of the order book stand?",
        "",
        "A wall counts once, by its first moment in a band. What was executed at its price tells "
        "eaten from pulled. Intervals are 95 %, over resampled days.",
        "",
    ]
    for root in sorted({row["root"] for row in chosen}):
        own = [row for row in chosen if row["root"] == root]
        lines += [f"### {root}", ""]
        lines += [f"- {_band_words(row, own)}: {_fate_words(row)}." for row in own]
        lines.append("")
    return lines


def gamma_wall_lines(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the report on gamma walls against other strikes.

    Args:
        rows: rows of eval_gamma_walls.
    """
    whole = [row for row in rows if row["approach_dir"] == BOTH and row["distance_band"] is None]
    if not whole:
        return []
    lines = [
        "## Do gamma walls matter?",
        "",
        "The largest strikes near spot are compared with other strikes, by the same rules of "
        "approach, reach and outcome. Nobody publishes the sign of dealers' gamma, so both claims "
        "are judged.",
        "",
    ]
    for root, horizon in sorted({(row["root"], row["horizon_id"]) for row in whole}):
        own = [row for row in whole if (row["root"], row["horizon_id"]) == (root, horizon)]
        lines += [f"### {root}, horizon {horizon}", ""]
        lines += [f"- {_gamma_words(row)}." for row in own]
        lines += [f"- the sign that the data prefer: {own[0]['preferred_sign']}.", ""]
    return lines


def _band_words(row: Row, rows: Sequence[Row]) -> str:
    for band in BANDS:
        if row[band] is None:
            continue
        edges = sorted({other[band] for other in rows if other[band] is not None})
        ends = dict(pairwise(edges))
        to = f" to {ends[row[band]]:g}" if row[band] in ends else " or more"
        return f"{row[band]:g}{to} {_UNITS[band]}"
    return "every wall"


def _fate_words(row: Row) -> str:
    counts = f"{row['n_walls']:,} walls on {row['n_days']} days"
    if row["support"] != ENOUGH:
        return f"{row['support']} ({counts})"
    shares = ", ".join(
        f"{row[f'{fate}_share']:.1%} {words} "
        f"({row[f'{fate}_share_lo']:.1%} to {row[f'{fate}_share_hi']:.1%})"
        for fate, words in _FATES.items()
    )
    return f"{shares}; {counts}"


def _gamma_words(row: Row) -> str:
    outcome, claim = _CLAIMS[row["dealer_gamma_sign"]]
    lo, hi = row["difference_lo"], row["difference_hi"]
    interval = "" if lo is None else f" ({lo:+.1%} to {hi:+.1%})"
    difference = "" if row["difference"] is None else f"; difference {row['difference']:+.1%}"
    return (
        f"{claim}: {row['verdict']}. Walls {outcome} {row[f'{outcome}_share']:.1%} of "
        f"{row['n_episodes']:,} approaches, other strikes {row[f'other_{outcome}_share']:.1%} of "
        f"{row['n_other_strikes']:,}{difference}{interval}, {row['n_days']} days"
    )
