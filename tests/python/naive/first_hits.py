"""Plain first hits of two barriers: a scan of every trade for each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spymaster_engine.kernels.levels.first_hits import (
    BREAK,
    CENSORED,
    CHOP,
    NO_TRADE,
    REJECT,
    UNTOUCHED,
)

Trade = tuple[int, int]


def plain_first_hits(trades: Sequence[Trade], label: Mapping[str, int]) -> dict[str, int]:
    """Return what happened first after a decision.

    Args:
        trades: (second, price in ticks) in their order.
        label: a row of the kernel's columns.
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
    # at the level or past it the decision itself has touched, and no trade
    touch = NO_TRADE if x0 >= 0 else first(path, lambda x: x >= 0)
    after_touch = result if x0 >= 0 else UNTOUCHED
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
    """Return what happened after a decision once price reached the level.

    Args:
        trades: (second, price in ticks) in their order.
        label: a row of the kernel's columns.
        reach_ticks: price this near has reached the level.

    Returns:
        `reached` (None if the path ends before it is known), `outcome_reached` by name, numbers of
        the trades that reached and hit (None without such a trade, also if the decision itself had
        reached), the result of `plain_exit`, `label_end_s`, and `is_cut`, 1 if the path ends before
        `label_end_s`.
    """
    x0, start, barrier = label["x0_ticks"], label["start_s"], label["barrier_ticks"]
    horizon_s, path_end = label["horizon_end_s"] - start, label["path_end_s"]

    def x(i: int) -> int:
        return label["direction"] * (trades[i][1] - label["level_tick"])

    def between(first: int, end_s: int) -> list[int]:
        """Trades from a number on whose second lies in the path and before an end."""
        end_s = min(end_s, path_end)
        return [i for i in range(first, len(trades)) if start <= trades[i][0] < end_s]

    arrivals = [i for i in between(0, start + horizon_s) if x(i) >= -reach_ticks]
    is_there = x0 >= -reach_ticks
    from_s = start if is_there or not arrivals else trades[arrivals[0]][0]
    end_s = from_s + horizon_s
    is_cut = path_end < end_s
    result = {
        "reached": 1,
        "reached_trade": None,
        "hit_trade": None,
        "label_end_s": min(end_s, path_end),
        "is_cut": int(is_cut),
        **plain_exit([(i, x(i)) for i in between(0, end_s)], x0, barrier, is_cut=is_cut),
    }
    if not is_there and not arrivals:
        return result | {
            "reached": None if is_cut else 0,
            "outcome_reached": "CENSORED" if is_cut else "NOT_REACHED",
        }
    path = between(0, end_s)
    if not is_there:
        path = between(arrivals[0], end_s)
        result["reached_trade"] = arrivals[0]
    hits = [i for i in path if abs(x(i)) >= barrier]
    if hits:
        is_break = x(hits[0]) > 0
        return result | {
            "outcome_reached": "BREAK" if is_break else "REJECT",
            "hit_trade": hits[0],
        }
    return result | {"outcome_reached": "CENSORED" if is_cut else "CHOP"}


def plain_exit(
    path: Sequence[Trade], x0: int, barrier: int, *, is_cut: bool
) -> dict[str, int | None]:
    """Return how a position opened at a decision ends, and how far price went until then.

    Args:
        path: (number, x) of every trade from the decision on.
        x0: place of the decision.
        barrier: the position ends at the first trade this far from the level on either side.
        is_cut: whether the path ends early, so that a position still open has no exit.

    Returns:
        Number and place of the exit, the largest and smallest x - x0 up to it, None without an
        exit; and whether the path reached both barriers.
    """
    beyond = [n for n, (_, x) in enumerate(path) if abs(x) >= barrier]
    result: dict[str, int | None] = dict.fromkeys(
        ("exit_trade", "exit_x_ticks", "mfe_to_exit_ticks", "mae_to_exit_ticks")
    )
    sides = {path[n][1] > 0 for n in beyond}
    result["whipsaw_reached"] = int(len(sides) == 2)
    if not beyond and is_cut:
        return result
    held = path[: beyond[0] + 1] if beyond else path
    moves = [0, *(x - x0 for _, x in held)]
    place = held[-1][1] if held else x0
    return result | {
        "exit_trade": held[-1][0] if held else None,
        "exit_x_ticks": max(-barrier, min(barrier, place)),
        "mfe_to_exit_ticks": max(moves),
        "mae_to_exit_ticks": min(moves),
    }
