"""Which rows of their inputs the four conditions in use read, and those from market by price."""

from __future__ import annotations

from collections.abc import Callable

from spymaster.explain.read import (
    DAY,
    ENDS,
    LEVELS,
    WINDOWS,
    Read,
    condition_seconds,
    state_seconds,
)
from spymaster.explain.wanted import Wanted

_CONTRACT_DAY = Read("silver.contract_days", DAY)
_ANCHORS, _MEASURES, _SPREADS = (
    "steps.level_anchors_mbp_1s",
    "steps.turn_measures_mbp_1s",
    "steps.turn_calibration_mbp",
)
# the files name the relations of the form from orders
_NET = {
    "steps.level_anchors_1s": _ANCHORS,
    "steps.turn_measures_1s": _MEASURES,
    "steps.turn_calibration": _SPREADS,
}
_LENGTH = {"condition_window": r"condition_window_s = (\d+)"}
_LENGTHS = "list_contains($condition_windows, condition_window_s)"


def _form(name: str) -> Callable[[Wanted], bool]:
    """Return whether rows are of a form of the conditions."""
    return lambda wanted: any(row.get("conditions_basis") in (None, name) for row in wanted.rows)


NET_READS: dict[str, tuple[Read, ...]] = {
    "gold.conditions_in_use_1s": (
        Read("gold.turn_conditions_1s", f"{ENDS}{LEVELS}", is_needed=_form("orders")),
        Read("gold.turn_conditions_mbp_1s", f"{ENDS}{LEVELS}", is_needed=_form("net")),
        _CONTRACT_DAY,
    ),
    "gold.turn_conditions_mbp_1s": (
        Read(
            "steps.turn_states_mbp_1s",
            f"{ENDS}{LEVELS} and condition_window_s = $condition_window",
            numbers=_LENGTH,
        ),
        Read(
            "steps.turn_flows_mbp_1s",
            f"{WINDOWS} and condition_window_s = $condition_window",
            numbers=_LENGTH,
        ),
    ),
    "steps.turn_states_mbp_1s": (
        Read(_ANCHORS, back_s=state_seconds, query="anchors_of_states", instead=_NET),
        Read(_MEASURES, back_s=state_seconds, query="measures_of_states", instead=_NET),
        Read(_SPREADS, back_s=state_seconds, query="spreads_in_force", instead=_NET),
    ),
    "steps.turn_measures_mbp_1s": (
        Read("steps.turn_flows_mbp_1s", f"{WINDOWS} and {_LENGTHS}"),
        Read(_ANCHORS, f"{WINDOWS} and list_contains($level_ticks, level_tick)"),
        _CONTRACT_DAY,
        Read("reference.instruments", "root = $root"),
    ),
    "steps.turn_flows_mbp_1s": (
        _CONTRACT_DAY,
        Read("steps.published_book_1s", WINDOWS, condition_seconds),
        Read("steps.market_book_1s", f"{WINDOWS} and source = 'mbp10'", condition_seconds),
        Read("silver.book_snapshot_1s", WINDOWS, condition_seconds),
    ),
    _ANCHORS: (
        Read("silver.level_offset_1s", f"{ENDS}{LEVELS}"),
        Read("silver.levels_1s", f"{ENDS}{LEVELS}"),
        Read("silver.book_snapshot_1s", WINDOWS),
        _CONTRACT_DAY,
    ),
}
