"""Say what became of walls like one, and what gamma walls have been worth; no word predicts."""

from __future__ import annotations

from spymaster.card.sentences import whole_percents
from spymaster.levels.read import LevelView, MomentView, Row
from spymaster.levels.rungs import rung_place, wall_rung
from spymaster.setups.odds_sentences import TOO_FEW, percent

# by share of gold.eval_walls
FATES = {
    "pulled_share": "pulled before price came",
    "pulled_late_share": "pulled once it was there",
    "eaten_share": "eaten",
    "held_share": "held",
}
_SIGNS = {
    "long": "dealers look long gamma",
    "short": "dealers look short gamma",
    "not shown": "no sign of dealers' gamma is shown",
}


def wall_sentence(view: MomentView, level: LevelView) -> str:
    """Return what became of walls like the highest wall at a level or past it.

    Args:
        view: the moment.
        level: one of its levels.

    Returns:
        The sentence; empty without such a wall, where price has come to it, and before an
        evaluation.
    """
    if not view.walls:
        return ""
    side = level_side_of(level)
    highest = wall_rung(level.rungs, side, view.settings)
    if not isinstance(highest, dict):
        return ""
    wall = _wall_of_rung(view, highest, side)
    if wall is None:
        return ""
    return fates_sentence(wall, f" {rung_place(highest['point_offset'], view.settings)}")


def fates_sentence(row: Row, where: str = "") -> str:
    """Return what became of walls like one.

    Args:
        row: ``support``, ``n_walls`` and shares of a row of ``gold.eval_walls``.
        where: the place of the wall, after a space; empty where it has been said.
    """
    name = f"walls like this one{where}"
    if row["support"] != "enough":
        return f"{name}: {TOO_FEW}"
    shares = whole_percents([row[column] for column in FATES])
    said = ", ".join(f"{share} {fate}" for share, fate in zip(shares, FATES.values(), strict=True))
    return f"{name}: {said}, of {row['n_walls']:,}"


def level_side_of(level: LevelView) -> int | None:
    """Return the side of spot that a level lies on; at it, the side that price came from."""
    ticks, conditions = level.facts["k_ticks"], level.conditions
    if ticks:
        return 1 if ticks > 0 else -1
    return conditions["level_side"] if ticks == 0 and conditions else None


def _wall_of_rung(view: MomentView, rung: Row, level_side: int | None) -> Row | None:
    """Return the largest wall among the prices of a rung, on the sides that were read."""
    low = rung["level_price_int"] + rung["point_offset"] * rung["rung_ticks"] * view.tick_int
    prices = range(low, low + rung["rung_ticks"] * view.tick_int, view.tick_int)
    sides = {1: "A", -1: "B", None: "AB"}[level_side]
    # the largest comes first
    return next(
        (wall for wall in view.walls if wall["price_int"] in prices and wall["side"] in sides),
        None,
    )


def gamma_wall_sentence(row: Row | None) -> str:
    """Return how often gamma walls held or broke beside other strikes, and for which sign.

    Args:
        row: row of ``gold.eval_gamma_walls``; None before an evaluation.
    """
    if row is None:
        return ""
    sign = row["preferred_sign"]
    word = "broke" if sign == "short" else "held"
    return (
        f"gamma walls {word} {percent(row[f'{word}_share'])} of {row['n_episodes']:,} approaches; "
        f"other strikes {percent(row[f'other_{word}_share'])}: {_SIGNS.get(sign, TOO_FEW)}"
    )
