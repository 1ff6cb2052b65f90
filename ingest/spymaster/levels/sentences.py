"""What the numbers of a level say, in a trader's words; what is not known is said to be so."""

from __future__ import annotations

from spymaster.levels.read import MomentView, Row

_PRICE_SCALE = 1e9
# Logarithms of flow ratios closer to zero than this read as balanced: 5 contracts to 4.
_BALANCED_LOG = 0.22
# A rung, or what lies beyond, with this many times the usual depth of its side is a wall.
_WALL_RATIO = 2.0
_THIN_RATIO = 0.5
_DIRECTIONS = {"approach_up": "coming up to it", "approach_down": "coming down to it"}


def price(price_int: int) -> str:
    """Return a price of 1e-9 units as people write it."""
    return f"{price_int / _PRICE_SCALE:.10g}"


def where(view: MomentView, facts: Row) -> str:
    """Return how far the level is from spot and whether price is coming."""
    ticks = facts["k_ticks"]
    if ticks is None:
        return "its distance is not shown: the second has no spot"
    points = abs(ticks) * view.tick_int / _PRICE_SCALE
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


def rung(row: Row) -> str:
    """Return what a rung of the ladder does to price."""
    if row["long_physics"] is None:
        return "not shown"
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
