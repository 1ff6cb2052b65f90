"""What the numbers of a level say, in a trader's words; what is not known is said to be so."""

from __future__ import annotations

from spymaster.levels.read import PRICE_SCALE, MomentView, Row

# Logarithms of flow ratios closer to zero than this read as balanced: 5 contracts to 4.
_BALANCED_LOG = 0.22
# A rung, or what lies beyond, with this many times the usual depth of its side is a wall.
_WALL_RATIO = 2.0
_THIN_RATIO = 0.5
# Physics of calls and puts closer to each other than this read as balanced.
_BALANCED_PHYSICS = 0.05
NOT_SHOWN = "not shown"
_DIRECTIONS = {"approach_up": "coming up to it", "approach_down": "coming down to it"}


def price(price_int: int) -> str:
    """Return a price of 1e-9 units as people write it."""
    return f"{price_int / PRICE_SCALE:.10g}"


def point(offset: int) -> str:
    """Return the name of a point of the ladder."""
    return f"{offset:+d}" if offset else "level"


def where(view: MomentView, facts: Row) -> str:
    """Return how far the level is from spot and whether price is coming."""
    ticks = facts["k_ticks"]
    if ticks is None:
        return "its distance is not shown: the second has no spot"
    points = abs(ticks) * view.tick_int / PRICE_SCALE
    if ticks == 0:
        return "spot is on it"
    side = "above" if ticks > 0 else "below"
    parts = [f"{abs(ticks)} ticks ({points:g} points) {side} spot"]
    coming = _DIRECTIONS.get(facts["approach_dir"])
    parts.append(coming or "no approach")
    if coming and facts["secs_to_touch"] is not None:
        parts.append(
            f"{facts['closing_speed_15s']:.2f} ticks a second, "
            f"a touch in {facts['secs_to_touch']:.0f} s at that pace"
        )
    return ", ".join(parts)


def standing(facts: Row) -> str:
    """Return whether the level counts, and with which others."""
    parts = []
    if facts["is_provisional"]:
        parts.append(f"provisional until {facts['available_from_ts']:%H:%M:%S} UTC")
    if facts["stacked_with"]:
        parts.append("with " + ", ".join(facts["stacked_with"]))
        parts.append("first of its stack" if facts["is_primary"] else "not first of its stack")
    return "; ".join(parts)


def beyond(facts: Row) -> str:
    """Return what lies between spot and the level, behind it, and the wall in wait."""
    if facts["beyond_rel_depth"] is None:
        return "what lies beyond is not shown"
    parts = []
    if facts["corridor_rel_depth"] is None:
        parts.append("nothing between spot and the level")
    else:
        parts.append(
            f"on the {facts['corridor_len_ticks']} ticks to it "
            f"{facts['corridor_rel_depth']:.2f} of the side's usual depth"
        )
    parts.append(f"beyond it {facts['beyond_rel_depth']:.2f}")
    if facts["beyond_max_depth"]:
        parts.append(
            f"most of it {facts['beyond_max_depth']:g} contracts "
            f"{facts['beyond_max_rho']:g} ticks past the level"
        )
    support = facts["behind_pull_add_log"]
    if support is not None:
        words = _leaning(support, "support behind is being pulled", "support behind is being added")
        parts.append(words or "support behind is balanced")
    return "; ".join(parts)


def exposure(view: MomentView) -> str:
    """Return where the gamma of all strikes lies against spot."""
    row = view.exposure
    if row is None:
        return f"options: {NOT_SHOWN}"
    walls = [
        f"{right} wall {_exact(row[f'{right}_wall_price_int'], view)}" for right in ("call", "put")
    ]
    flip = row["gamma_flip_price"]
    walls.append("gamma flip " + (NOT_SHOWN if flip is None else f"{flip:.2f}"))
    return "options: " + ", ".join(walls)


def _exact(price_int: int | None, view: MomentView) -> str:
    if price_int is None or view.spot_price_int is None:
        return NOT_SHOWN
    points = (price_int - view.spot_price_int) / PRICE_SCALE
    return f"{price(price_int)} ({abs(points):g} points {'above' if points > 0 else 'below'} spot)"


def strikes(rows: list[Row]) -> list[str]:
    """Return what options show at each strike around a level, highest first.

    Strikes lie further apart than the points of the ladder, so that neighbouring points share
    one; the last line says which.
    """
    if not rows:
        return [f"options around it: {NOT_SHOWN}"]
    shared = ", ".join(f"{_points(row)} {row['strike_points']:g}" for row in rows)
    return [
        *(f"{_place(row)}: {_flow(row)}; {_gamma(row)}" for row in rows),
        f"neighbouring points share a strike: {shared}",
    ]


def _place(row: Row) -> str:
    points = row["points_from_level"]
    if points == 0:
        return f"strike {row['strike_points']:g}, at the level"
    side = "above" if points > 0 else "below"
    return f"strike {row['strike_points']:g}, {abs(points):g} points {side} the level"


def _points(row: Row) -> str:
    low, high = (point(row[f"{end}_point"]) for end in ("lowest", "highest"))
    return f"{low} has" if low == high else f"{low} to {high} have"


def _flow(row: Row) -> str:
    call, put = row["call_physics"], row["put_physics"]
    if call is None or put is None:
        return f"call and put physics {NOT_SHOWN}"
    told = f"({call:+z.2f} against {put:+z.2f})"
    if abs(call - put) < _BALANCED_PHYSICS:
        return f"call and put physics are balanced {told}"
    if call > put:
        return f"call physics outpaces put physics {told}, which lets price rise"
    return f"put physics outpaces call physics {told}, which holds price down"


def _gamma(row: Row) -> str:
    parts = []
    for right in ("call", "put"):
        gamma, ratio = row[f"gex_{right}_abs"], row[f"gex_{right}_ratio"]
        if gamma is None or ratio is None:
            parts.append(f"gamma of {right}s {NOT_SHOWN}")
            continue
        wall = f"wall of {right}s, gamma" if ratio >= _WALL_RATIO else f"gamma of {right}s"
        parts.append(f"{wall} {ratio:.1f} times the average strike's")
    return "; ".join(parts)


def rung(row: Row) -> str:
    """Return what a rung of the ladder does to price."""
    if row["long_physics"] is None:
        return NOT_SHOWN
    words = [
        _leaning(row["long_physics"], "lets price rise", "holds price down") or "balanced",
    ]
    if row["wall_ratio"] is not None:
        if row["wall_ratio"] >= _WALL_RATIO:
            words.append("wall")
        elif row["wall_ratio"] <= _THIN_RATIO:
            words.append("thin")
    return ", ".join(words)


def _leaning(log_ratio: float, above: str, below: str) -> str | None:
    if abs(log_ratio) < _BALANCED_LOG:
        return None
    return above if log_ratio > 0 else below
