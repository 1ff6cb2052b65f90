"""The four conditions of a turn at a level in a trader's words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from spymaster.levels.settings import WordSettings

Row = Mapping[str, Any]

NOT_SHOWN = "not shown"
NOT_EVALUATED = "not evaluated"
NET_SOURCE = "from market by price, net of what arrived"
NET_WORDS = f"({NET_SOURCE})"
# the sentences of the hypothesis, for a level above price; bids and offers swap for a level below
_HYPOTHESES = {
    "all_four": "all four hold, by the hypothesis price turns",
    "ahead_only": "only the {offers} ahead withdraw, by the hypothesis price goes through",
}
_SHORT = {"all_four": "a turn", "ahead_only": "a break"}
NO_SIGNATURE = "no signature of a turn or break"
_NO_VERDICTS: Mapping[str, str] = MappingProxyType({})
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


class Light(NamedTuple):
    """One of the four conditions, as a light.

    Attributes:
        words: what the orders do.
        is_met: whether the condition holds; None if unknown.
        z: the reading in units of its usual size; None if unknown.
    """

    words: str
    is_met: bool | None
    z: float | None

    @property
    def z_text(self) -> str:
        """Return the reading as it is printed beside the light."""
        return "?" if self.z is None else f"{self.z:+z.1f}".replace("+0.0", "0.0")


def lights(row: Row | None, direction: str | None) -> dict[str, tuple[Light, ...]]:
    """Return the four conditions as lights: the orders ahead of price, then those behind it.

    Args:
        row: row of ``gold.conditions_in_use_1s``; None if the second has no row.
        direction: up or down, of the course under way; None takes the side of price.
    """
    is_above = True if row is None else _is_above(row, direction)
    sides = (_ASKS, _BIDS) if is_above else (_BIDS, _ASKS)
    names = ("asks ahead", "bids behind") if is_above else ("bids ahead", "asks behind")
    verbs = dict(zip(names, (("retreat", "pulled"), ("recede", "pulled")), strict=True))
    return {
        where: tuple(
            Light(verb, *((None, None) if row is None else (row[name], row[z_name])))
            for verb, (name, _, _, z_name, _) in zip(verbs[where], side, strict=True)
        )
        for where, side in zip(verbs, sides, strict=True)
    }


def conditions_sentence(
    row: Row | None,
    settings: WordSettings,
    *,
    direction: str | None = None,
    verdicts: Mapping[str, str] = _NO_VERDICTS,
) -> str:
    """Return which conditions hold, how many, and a sentence of the hypothesis where one applies.

    The side ahead of price comes first: asks for a level above, bids for a level below.

    Args:
        row: row of ``gold.conditions_in_use_1s``; None if the second has no row.
        settings: settings of the build.
        direction: up or down, of the course under way; None takes the side of price.
        verdicts: what ``gold.eval_turn_conditions`` says of the sentences, by state.
    """
    known = [] if row is None else [row[name] for name, *_ in _ASKS + _BIDS]
    if row is None or all(met is None for met in known):
        return f"the four conditions: {NOT_SHOWN}"
    is_above = _is_above(row, direction)
    order = _ASKS + _BIDS if is_above else _BIDS + _ASKS
    parts = ", ".join(_words(row, settings, *condition) for condition in order)
    net = f" {NET_WORDS}" if row.get("conditions_basis") == "net" else ""
    count, signature = _count(known), signature_sentence(row, direction, verdicts)
    seen = _SEEN.get(str(state_of(row, direction)), "").format(**_sides(is_above=is_above))
    held = f", held {row['held_s']} s" if row["state"] is not None and row["held_s"] > 1 else ""
    return f"{parts}{net}: {count}{seen}{held}; {signature}"


def state_of(row: Row, direction: str | None) -> str | None:
    """Return the state of the four conditions, seen in the direction of a course.

    Args:
        row: row of ``gold.conditions_in_use_1s``.
        direction: up or down; None takes the side of price.
    """
    state: str | None = row["state"]
    if direction is None or row["level_side"] in (None, 1 if direction == "up" else -1):
        return state
    return {"ahead_only": "behind_only", "behind_only": "ahead_only"}.get(str(state), state)


def signature_sentence(
    row: Row | None, direction: str | None, verdicts: Mapping[str, str] = _NO_VERDICTS
) -> str:
    """Return the sentence of the hypothesis that applies with its verdict, or that none does.

    Args:
        row: row of ``gold.conditions_in_use_1s``; None if the second has no row.
        direction: up or down, of the course under way; None takes the side of price.
        verdicts: what ``gold.eval_turn_conditions`` says of the sentences, by state.
    """
    state = None if row is None else state_of(row, direction)
    if row is None or state is None:
        return f"whether they point to a turn or a break: {NOT_SHOWN}"
    if state not in _HYPOTHESES:
        return NO_SIGNATURE
    words = _HYPOTHESES[state].format(**_sides(is_above=_is_above(row, direction)))
    return f"{words} (on this lake: {verdicts.get(state, NOT_EVALUATED)})"


def short_signature(row: Row, direction: str, verdicts: Mapping[str, str] = _NO_VERDICTS) -> str:
    """Return what the hypothesis says of the conditions beside their lights, with its verdict.

    Args:
        row: row of ``gold.conditions_in_use_1s``.
        direction: up or down, of the course under way or of the level from price.
        verdicts: what ``gold.eval_turn_conditions`` says of the sentences, by state.
    """
    state = state_of(row, direction)
    if state is None:
        return f"turn or break: {NOT_SHOWN}"
    if state not in _SHORT:
        return NO_SIGNATURE
    return f"by the hypothesis {_SHORT[state]}: {verdicts.get(state, NOT_EVALUATED)}"


def _is_above(row: Row, direction: str | None) -> bool:
    """Return whether price comes up to the level, so that the offers are ahead."""
    if direction is not None:
        return direction == "up"
    return row["level_side"] is None or row["level_side"] > 0


def _sides(*, is_above: bool) -> dict[str, str]:
    ahead, behind = ("offers", "bids") if is_above else ("bids", "offers")
    return {"offers": ahead, "bids": behind}


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


def _count(known: list[bool | None]) -> str:
    n_met, n_known = sum(met is True for met in known), sum(met is not None for met in known)
    return f"{n_met} of 4" if n_known == len(known) else f"{n_met} of {n_known} known"
