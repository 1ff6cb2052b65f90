"""The levels of a moment as text and tables."""

from __future__ import annotations

import datetime as dt

from rich.table import Table

from spymaster.console import out
from spymaster.levels import sentences
from spymaster.levels.read import LevelView, MomentView, Row
from spymaster.plot.time_range import NEW_YORK


def print_levels(view: MomentView) -> None:
    """Print a moment: its spot, then every level with its ladder."""
    local = view.at.replace(tzinfo=dt.UTC).astimezone(NEW_YORK)
    spot = (
        "no spot" if view.spot_price_int is None else f"spot {sentences.price(view.spot_price_int)}"
    )
    out.print(f"{view.symbol} {local:%Y-%m-%d %H:%M:%S} New York, {spot}", style="bold")
    out.print(sentences.exposure(view), markup=False)
    if not view.is_valid:
        out.print("the book of this second is not valid: what follows cannot be trusted")
    if not view.levels:
        out.print("no level is active or provisional at this moment")
    for level in view.levels:
        _print_level(view, level)


def _print_level(view: MomentView, level: LevelView) -> None:
    facts = level.facts
    out.print()
    out.print(f"{facts['level_id']} {sentences.price(facts['level_price_int'])}", style="bold")
    for line in (
        sentences.where(view, facts),
        sentences.standing(facts),
        sentences.beyond(facts) if facts["is_active"] else "",
    ):
        if line:
            out.print(line, markup=False)
    for line in sentences.strikes(level.strikes) if facts["is_active"] else ():
        out.print(line, markup=False)
    if not level.rungs:
        out.print("its ladder is not shown")
        return
    table = Table()
    for name in ("point", "bids", "added", "pulled", "filled"):
        table.add_column(name, justify="right")
    for name in ("asks", "added", "pulled", "filled", "long", "short", "wall"):
        table.add_column(name, justify="right")
    has_options = bool(level.strikes)
    for name in ("strike", "calls", "puts") if has_options else ():
        table.add_column(name, justify="right")
    table.add_column("")
    for row in level.rungs:
        counts = [
            row[f"{side}_{what}"]
            for side in ("bid", "ask")
            for what in ("depth", "add", "pull", "fill")
        ]
        ratios = [row[name] for name in ("long_physics", "short_physics", "wall_ratio")]
        table.add_row(
            sentences.point(row["point_offset"]),
            *("" if value is None else f"{value:,}" for value in counts),
            *("" if value is None else f"{value:z.2f}" for value in ratios),
            *(_of_options(row) if has_options else ()),
            sentences.rung(row),
        )
    out.print(table)


def _of_options(row: Row) -> list[str]:
    physics = [row[name] for name in ("call_physics", "put_physics")]
    strike = row["strike_points"]
    return [
        "" if strike is None else f"{strike:g}",
        *("" if value is None else f"{value:+z.2f}" for value in physics),
    ]
