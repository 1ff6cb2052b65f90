"""First hits of two barriers the plain way: every trade is looked at, one label at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spymaster_engine.levels.first_hits import BREAK, CENSORED, CHOP, NO_TRADE, REJECT, UNTOUCHED

Trade = tuple[int, int]


def plain_first_hits(trades: Sequence[Trade], label: Mapping[str, int]) -> dict[str, int]:
    """Return what happened first after one decision.

    Args:
        trades: (second, price in ticks) in their order.
        label: one row of the columns that the kernel takes.
    """
    x0, barrier = label["x0_ticks"], label["barrier_ticks"]
    end = min(label["horizon_end_s"], label["path_end_s"])
    path = [
        (i, label["direction"] * (tick - label["level_tick"]))
        for i, (second, tick) in enumerate(trades)
        if label["start_s"] <= second < end
    ]
    is_cut = label["path_end_s"] < label["horizon_end_s"]

    def outcome(part: list[Trade]) -> tuple[int, int]:
        for i, x in part:
            if x >= barrier:
                return BREAK, i
            if x <= -barrier:
                return REJECT, i
        return (CENSORED if is_cut else CHOP), NO_TRADE

    def first(part: list[Trade], is_met) -> int:
        return next((i for i, x in part if is_met(x)), NO_TRADE)

    result, hit = outcome(path)
    touch = first(path, lambda x: x >= 0)
    after_touch = UNTOUCHED
    if touch != NO_TRADE:
        after_touch = outcome([(i, x) for i, x in path if i >= touch])[0]
    second_hit = NO_TRADE
    if result == BREAK:
        second_hit = first(path, lambda x: x <= -barrier)
    elif result == REJECT:
        second_hit = first(path, lambda x: x >= barrier)
    before_hit = [x for i, x in path if i < hit]
    adverse = {
        BREAK: x0 - min([x0, *before_hit]),
        REJECT: max([x0, *before_hit]) - x0,
    }
    return {
        "outcome": result,
        "outcome_after_touch": after_touch,
        "touch_trade": touch,
        "hit_trade": hit,
        "second_hit_trade": second_hit,
        "mfe_ticks": max([x0, *(x for _, x in path)]) - x0,
        "mae_ticks": min([x0, *(x for _, x in path)]) - x0,
        "adverse_before_hit_ticks": adverse.get(result, 0),
    }
