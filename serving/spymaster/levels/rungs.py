"""Describe a rung of the ladder in a trader's words: side, contracts and point.

Words follow the states of a side (``level_ladder_1s``), which need support and size; a ratio of
flows alone gives no words. No word predicts price.
"""

from __future__ import annotations

from typing import Any

from spymaster.levels.settings import WordSettings

Row = dict[str, Any]

NOT_SHOWN = "not shown"
TOO_LITTLE = "too little to say"
# net flow from which a wall has grown or shrunk
_SOME_SHARE = 0.1
# change of the standing depth from which it counts as more or fewer, whatever came and went
_CHANGED_SHARE = 0.125
# smaller of pulled and filled, as a share of the larger, from which both are named
_BOTH_SHARE = 0.5
_FLOWS = {"pull": "pulled", "fill": "filled", "add": "added"}


def rung_point(offset: int, settings: WordSettings) -> str:
    """Return the name of a point of the ladder."""
    return f"{offset * settings.ladder_rung_points:+g}" if offset else "level"


def rung_place(offset: int, settings: WordSettings) -> str:
    """Return the place of a point of the ladder in words."""
    return f"at {rung_point(offset, settings)}" if offset else "at the level"


def rung(row: Row, settings: WordSettings, *, has_place: bool = True) -> str:
    """Describe the sides of a rung: bids first below spot, asks first elsewhere.

    Args:
        row: row of ``level_ladder_1s`` with ``rung_ticks``, the height of a rung.
        settings: settings of the build.
        has_place: whether the sentence names the point.
    """
    where = f" {rung_place(row['point_offset'], settings)}" if has_place else ""
    sides = ("bid", "ask") if _to_ticks(row) < 0 else ("ask", "bid")
    clauses = [_side(row, side, where, settings) for side in sides]
    known = [clause for clause in clauses if clause is not None and clause != NOT_SHOWN]
    if known:
        return "; ".join(known)
    return NOT_SHOWN if NOT_SHOWN in clauses else TOO_LITTLE


def is_notable(row: Row, settings: WordSettings) -> bool:
    """Return whether a side of the rung has a state other than quiet, and words for it."""
    words = rung(row, settings)
    is_moving = any(row[f"{side}_state"] not in (None, "quiet") for side in ("bid", "ask"))
    return is_moving and words not in (NOT_SHOWN, TOO_LITTLE)


def wall_rung(rows: list[Row], level_side: int | None, settings: WordSettings) -> Row | str | None:
    """Return the rung with the highest wall, at the level or past it.

    Args:
        rows: the ladder of a level.
        level_side: 1 if price comes up to the level, -1 if it comes down; None if unknown, which
            reads the asks above and the bids below.
        settings: settings of the build.

    Returns:
        The rung. Without a wall: None if every rung read is known, else ``NOT_SHOWN``.
    """
    ahead = [
        (row, side)
        for side, sense in (("ask", 1), ("bid", -1))
        for row in rows
        if level_side in (None, sense) and sense * row["point_offset"] >= 0
    ]
    walls = [
        (row[f"{side}_wall_ratio"], row)
        for row, side in ahead
        if str(row[f"{side}_state"]).startswith("wall")
        and _contracts(row, side) >= settings.ladder_min_contracts
    ]
    if walls:
        return max(walls, key=lambda found: found[0])[1]
    return None if all(_is_known(row, side) for row, side in ahead) else NOT_SHOWN


def _is_known(row: Row, side: str) -> bool:
    """Return whether a side of a rung has a state, or cannot rest there."""
    if row[f"{side}_state"] is not None:
        return True
    can_stand = _to_ticks(row) >= 0 if side == "ask" else _from_ticks(row) <= 0
    if not can_stand:
        return True
    # known flows without a state: the other side of the book occupies the rung
    return all(row[f"{side}_{name}"] is not None for name in ("depth", "add", "wall_ratio"))


def _side(row: Row, side: str, where: str, settings: WordSettings) -> str | None:
    depth, state = row[f"{side}_depth"], row[f"{side}_state"]
    if depth is None or row[f"{side}_add"] is None:
        return NOT_SHOWN
    if state is None:
        # with a wall ratio the side cannot rest here; without one its usual depth is unknown
        return None if row[f"{side}_wall_ratio"] is not None else NOT_SHOWN
    if state == "thin" and _is_all_ahead(row, side):
        return _thin(row, side, where, settings)
    if _contracts(row, side) < settings.ladder_min_contracts:
        return None
    if state.startswith("wall"):
        return _wall(row, side, where, settings)
    return _by_flow(row, side, where, settings)


def _contracts(row: Row, side: str) -> int:
    return row[f"{side}_depth"] + sum(row[f"{side}_{flow}"] for flow in _FLOWS)


def _to_ticks(row: Row) -> int:
    """Return the highest tick of the rung, from spot."""
    return row["k_ticks"] + (row["point_offset"] + 1) * row["rung_ticks"] - 1


def _from_ticks(row: Row) -> int:
    """Return the lowest tick of the rung, from spot."""
    return _to_ticks(row) - row["rung_ticks"] + 1


def _is_all_ahead(row: Row, side: str) -> bool:
    """Return whether the whole rung lies on its own side of spot.

    On the rung of spot a side has only some of the ticks, so it looks thinner than it is.
    """
    return _from_ticks(row) > 0 if side == "ask" else _to_ticks(row) < 0


def _thin(row: Row, side: str, where: str, settings: WordSettings) -> str | None:
    depth, usual = row[f"{side}_depth"], row[f"{side}_usual_depth"]
    if usual - depth < settings.ladder_min_contracts:
        return None
    many = f"few {side}s{where}, {depth}" if depth else f"no {side}s{where}"
    moving = abs(row[f"{side}_net_flow_share"] or 0) >= settings.ladder_net_flow_share
    details = f": {_details(row, side, 'pull', 'fill', 'add')}" if moving else ""
    return f"{many} where {usual:.0f} are usual{details}"


def _wall(row: Row, side: str, where: str, settings: WordSettings) -> str:
    state, depth = row[f"{side}_state"], row[f"{side}_depth"]
    if state == "wall_holds":
        return f"wall of {depth:,} {side}s{where} {_standing_wall(row, side, settings)}"
    passing = "pulled" if state == "wall_pulled" else "eaten"
    first = ("pull", "fill") if state == "wall_pulled" else ("fill", "pull")
    verb = f"is being {passing}" if depth else f"is {passing}"
    left = f"{depth:,} left" if depth else "nothing left"
    details = _details(row, side, *first, "add")
    return f"wall of {_start(row, side):,} {side}s{where} {verb}: {details}, {left}"


def _standing_wall(row: Row, side: str, settings: WordSettings) -> str:
    share, large_share = row[f"{side}_net_flow_share"] or 0, settings.ladder_net_flow_share
    if share >= large_share:
        return f"builds: {_details(row, side, 'add', 'pull', 'fill')}"
    if _gone(row, side) >= large_share * (_start(row, side) + row[f"{side}_add"]):
        return f"stands, orders in it come and go: {_details(row, side, 'add', 'pull', 'fill')}"
    verb = "holds"
    if abs(share) >= _SOME_SHARE:
        verb = "holds and grows" if share > 0 else "still holds"
    has_adds = row[f"{side}_add"] >= settings.ladder_min_contracts
    flows = ("pull", "fill", "add") if has_adds else ("pull", "fill")
    details = _details(row, side, *flows)
    return f"{verb}, {details}" if details else verb


def _by_flow(row: Row, side: str, where: str, settings: WordSettings) -> str:
    large_share, min_contracts = settings.ladder_net_flow_share, settings.ladder_min_contracts
    depth, share = row[f"{side}_depth"], row[f"{side}_net_flow_share"]
    if share is None:
        return f"{depth:,} {side}s rest{where}"
    add, pull, fill = (row[f"{side}_{flow}"] for flow in ("add", "pull", "fill"))
    came, there = _details(row, side, "add", "pull", "fill"), f"{depth:,} there"
    if share >= large_share and depth >= min_contracts:
        return f"{side}s build{where}: {came}, {there}"
    flows = ("pull", "fill", "add") if pull > fill else ("fill", "pull", "add")
    went = _details(row, side, *flows)
    left = f"{depth:,}" if depth else "none"
    if share <= -large_share:
        return f"{side}s {_leaving(depth, pull, fill)}{where}: {went}, {left} left"
    if not depth:
        return f"{side}s came and went{where}: {came}, none left"
    flow, net = add + pull + fill, add - pull - fill
    if abs(net) >= max(min_contracts, _CHANGED_SHARE * _start(row, side)):
        if net > 0:
            return f"more {side}s{where}: {came}, {there}"
        return f"fewer {side}s{where}: {went}, {depth:,} left"
    seen = _start(row, side) + add
    is_hit = _start(row, side) >= min_contracts and fill >= max(min_contracts, pull)
    if is_hit and fill >= large_share * seen:
        eaten = _details(row, side, "fill", "add", "pull")
        return f"{side}s eaten and refilled{where}: {eaten}, {there}"
    if flow >= large_share * seen:
        return f"{side}s come and go{where}: {came}, {there}"
    return f"{depth:,} {side}s rest{where}, {came}"


def _leaving(depth: int, pull: int, fill: int) -> str:
    if not depth:
        return "gone"
    if min(pull, fill) >= _BOTH_SHARE * max(pull, fill):
        return "pulled and eaten" if pull > fill else "eaten and pulled"
    return "pulled" if pull > fill else "eaten"


def _gone(row: Row, side: str) -> int:
    return row[f"{side}_pull"] + row[f"{side}_fill"]


def _start(row: Row, side: str) -> int:
    """Return the depth before the flow."""
    add, pull, fill = (row[f"{side}_{flow}"] for flow in ("add", "pull", "fill"))
    return row[f"{side}_depth"] - add + pull + fill


def _details(row: Row, side: str, *flows: str) -> str:
    return ", ".join(
        f"{row[f'{side}_{flow}']:,} {_FLOWS[flow]}" for flow in flows if row[f"{side}_{flow}"]
    )
