"""The four conditions of a turn at a level in a trader's words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from spymaster.levels.settings import WordSettings

Row = Mapping[str, Any]

NOT_SHOWN = "not shown"
# hypothesis for a level above price; bids and offers swap for a level below
_HYPOTHESES = {
    "all_four": "price would turn",
    "ahead_only": "price would chase the {offers}",
    "behind_only": "price would chop",
    "partial": "price would chop",
    "none": "price would chop",
}
_SEEN = {"behind_only": ", the {bids} behind give way, the {offers} ahead stand"}
# smallest part of the usual size that is not printed as 0.0
_LEAST_PRINTED = 0.05
# condition, side and verb, columns of z and contracts
_ASKS = (
    ("c1", "asks", "retreat", "asks_retreat_z", "asks_retreat_qty"),
    ("c2", "asks", "pulled", "asks_pull_z", "asks_pull_qty"),
)
_BIDS = (
    ("c3", "bids", "recede", "bids_recede_z", "bids_recede_qty"),
    ("c4", "bids", "pulled", "bids_pull_z", "bids_pull_qty"),
)


def conditions_sentence(row: Row | None, settings: WordSettings, *, has_orders: bool = True) -> str:
    """Return which conditions hold, how many, and what price should do by the hypothesis.

    The side ahead of price comes first: asks for a level above, bids for a level below.
    ``gold.eval_turn_conditions`` judges the hypothesis.

    Args:
        row: row of ``gold.turn_conditions_1s``; None if the second has no row.
        settings: settings of the build.
        has_orders: whether market by order of the day is landed.
    """
    known = [] if row is None else [row[name] for name, *_ in _ASKS + _BIDS]
    if row is None or all(met is None for met in known):
        why = "" if has_orders else " (they need market by order)"
        return f"the four conditions: {NOT_SHOWN}{why}"
    is_above = row["level_side"] is None or row["level_side"] > 0
    order = _ASKS + _BIDS if is_above else _BIDS + _ASKS
    parts = ", ".join(_words(row, settings, *condition) for condition in order)
    return f"{parts}: {_ending(row, known, is_above=is_above)}"


def _words(
    row: Row, settings: WordSettings, name: str, side: str, verb: str, z_name: str, qty_name: str
) -> str:
    met, z = row[name], row[z_name]
    if met is None:
        return f"{side} {verb} {NOT_SHOWN}"
    if met:
        return f"{side} {verb} yes"
    return f"{side} {verb} no{_reason(verb, z, row[qty_name], settings)}"


def _reason(verb: str, z: float, qty: int, settings: WordSettings) -> str:
    """Return why a condition is not met; empty if the reason is obvious."""
    met_from = settings.condition_z
    is_thin = abs(z) >= met_from and qty < settings.condition_min_contracts
    only = f"only {qty} {'contract' if qty == 1 else 'contracts'}"
    if verb == "pulled":
        if z <= -met_from and not is_thin:
            return " (added)"
        return f" ({only})" if z >= met_from else ""
    # do not print the threshold itself beside a "no"
    size = -z if z < 0 else min(z, math.ceil(met_from * 10 - 1) / 10)
    nearer = "come nearer, " if z <= -_LEAST_PRINTED else ""
    return f" ({nearer}{only if is_thin else f'{size:.1f} of the usual'})"


def _ending(row: Row, known: list[bool | None], *, is_above: bool) -> str:
    n_met, n_known = sum(met is True for met in known), sum(met is not None for met in known)
    count = f"{n_met} of 4" if n_known == len(known) else f"{n_met} of {n_known} known"
    if row["state"] is None:
        return f"{count}, what follows {NOT_SHOWN}"
    sides = ("offers", "bids") if is_above else ("bids", "offers")
    words = f"{count}{_SEEN.get(row['state'], '')} (hypothesis: {_HYPOTHESES[row['state']]})"
    held = f", held {row['held_s']} s" if row["held_s"] > 1 else ""
    return words.format(offers=sides[0], bids=sides[1]) + held
