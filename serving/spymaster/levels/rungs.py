"""What a rung of the ladder does, in a trader's words: side, contracts and point.

Words are built on the states of a side (``level_ladder_1s``), which have support and size; a ratio
of flows gives none. A word never says what price will do.
"""

from __future__ import annotations

from typing import Any

from spymaster.levels.settings import WordSettings

Row = dict[str, Any]

NOT_SHOWN = "not shown"
TOO_LITTLE = "too little to say"
# net flow from which a wall has grown or shrunk
_SOME_SHARE = 0.1
# change of what stood there from which it has become more or less, however much came and went
_CHANGED_SHARE = 0.125
# the lesser of pulled and filled, of the larger, from which both took a side away
_BOTH_SHARE = 0.5
_FLOWS = {"pull": "pulled", "fill": "filled", "add": "added"}


def point(offset: int, settings: WordSettings) -> str:
    """Return the name of a point of the ladder."""
    return f"{offset * settings.ladder_rung_points:+g}" if offset else "level"


def place(offset: int, settings: WordSettings) -> str:
    """Return where a point of the ladder is."""
    return f"at {point(offset, settings)}" if offset else "at the level"


def rung(row: Row, settings: WordSettings, *, has_place: bool = True) -> str:
    """Return what the sides of a rung do: first the one it belongs to, then the other.

    Args:
        row: of ``level_ladder_1s`` with ``rung_ticks``, the height of a rung.
        settings: what the ladder was built with.
        has_place: whether the sentence names the point.
    """
    where = f" {place(row['point_offset'], settings)}" if has_place else ""
    sides = ("bid", "ask") if _to_ticks(row) < 0 else ("ask", "bid")
    clauses = [_side(row, side, where, settings) for side in sides]
    said = [clause for clause in clauses if clause is not None and clause != NOT_SHOWN]
    if said:
        return "; ".join(said)
    return NOT_SHOWN if NOT_SHOWN in clauses else TOO_LITTLE


def is_notable(row: Row, settings: WordSettings) -> bool:
    """Return whether a side of the rung is more than at rest."""
    words = rung(row, settings)
    is_moving = any(row[f"{side}_state"] not in (None, "quiet") for side in ("bid", "ask"))
    return is_moving and words not in (NOT_SHOWN, TOO_LITTLE)


def wall(rows: list[Row], level_side: int | None, settings: WordSettings) -> Row | str | None:
    """Return the rung with the highest wall ahead, from the level on.

    Args:
        rows: the ladder of a level.
        level_side: 1 for a level that price comes up to, -1 for one that it comes down to; None
            where that is not known, which looks at the asks above and the bids below.
        settings: what the ladder was built with.

    Returns:
        ``NOT_SHOWN`` where there is no wall and one of these rungs is not known; None where all
        of them are known.
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
    """Return whether a side of a rung has a state, or cannot stand there."""
    if row[f"{side}_state"] is not None:
        return True
    can_stand = _to_ticks(row) >= 0 if side == "ask" else _from_ticks(row) <= 0
    if not can_stand:
        return True
    # where both are known and there is no state, the other side is in the way
    return all(row[f"{side}_{name}"] is not None for name in ("depth", "add", "wall_ratio"))


def _side(row: Row, side: str, where: str, settings: WordSettings) -> str | None:
    depth, state = row[f"{side}_depth"], row[f"{side}_state"]
    if depth is None or row[f"{side}_add"] is None:
        return NOT_SHOWN
    if state is None:
        # where the side could not stand there is nothing; else what is usual is not known
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
    """Return whether spot lies outside the rung, on the other side.

    On the rung that holds spot a side has only some of the ticks, and looks thin without being so.
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
    """Return what stood there before the flow."""
    add, pull, fill = (row[f"{side}_{flow}"] for flow in ("add", "pull", "fill"))
    return row[f"{side}_depth"] - add + pull + fill


def _details(row: Row, side: str, *flows: str) -> str:
    return ", ".join(
        f"{row[f'{side}_{flow}']:,} {_FLOWS[flow]}" for flow in flows if row[f"{side}_{flow}"]
    )
