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


def plain_reached(
    trades: Sequence[Trade], label: Mapping[str, int], reach_ticks: int
) -> dict[str, int | str | None]:
    """Return what happened after one decision from where price came to the level.

    Args:
        trades: (second, price in ticks) in their order.
        label: one row of the columns that the kernel takes.
        reach_ticks: price this near has come to the level.

    Returns:
        `reached` (None where the path ends before that is known), `outcome_reached` by name,
        numbers of the trades that reached, hit and ended the position (None where there is none,
        as where the decision itself had reached), `exit_x_ticks`, `label_end_s`, and
        `is_cut`, 1 where the path ends before that.
    """
    x0, start, barrier = label["x0_ticks"], label["start_s"], label["barrier_ticks"]
    horizon_s, path_end = label["horizon_end_s"] - start, label["path_end_s"]

    def x(i: int) -> int:
        return label["direction"] * (trades[i][1] - label["level_tick"])

    def between(first: int, end_s: int) -> list[int]:
        """Trades from a number on whose second lies in the path and before an end."""
        end_s = min(end_s, path_end)
        return [i for i in range(first, len(trades)) if start <= trades[i][0] < end_s]

    result = dict.fromkeys(("reached", "reached_trade", "hit_trade", "exit_trade", "exit_x_ticks"))
    if x0 >= -reach_ticks:
        from_s, path = start, between(0, start + horizon_s)
    else:
        approach = between(0, start + horizon_s)
        arrivals = [i for i in approach if x(i) >= -reach_ticks]
        if not arrivals:
            if path_end < start + horizon_s:
                return result | {
                    "outcome_reached": "CENSORED",
                    "label_end_s": path_end,
                    "is_cut": 1,
                }
            last = approach[-1] if approach else None
            return result | {
                "reached": 0,
                "outcome_reached": "NOT_REACHED",
                "exit_trade": last,
                "exit_x_ticks": x0 if last is None else x(last),
                "label_end_s": start + horizon_s,
                "is_cut": 0,
            }
        from_s = trades[arrivals[0]][0]
        path = between(arrivals[0], from_s + horizon_s)
        result["reached_trade"] = arrivals[0]
    result |= {
        "reached": 1,
        "label_end_s": min(from_s + horizon_s, path_end),
        "is_cut": int(path_end < from_s + horizon_s),
    }
    hits = [i for i in path if abs(x(i)) >= barrier]
    if hits:
        is_break = x(hits[0]) > 0
        return result | {
            "outcome_reached": "BREAK" if is_break else "REJECT",
            "hit_trade": hits[0],
            "exit_trade": hits[0],
            "exit_x_ticks": barrier if is_break else -barrier,
        }
    if path_end < from_s + horizon_s:
        return result | {"outcome_reached": "CENSORED"}
    last = path[-1] if path else None
    return result | {
        "outcome_reached": "CHOP",
        "exit_trade": last,
        "exit_x_ticks": x0 if last is None else x(last),
    }
