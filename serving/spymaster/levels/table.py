"""Print the levels of a moment in the order a trader reads them.

The level in question comes in full, like the card of the screen (where price is, ladder, options,
conditions, odds, record; then the rule of thumb of the engines); the others take a line each.
"""

from __future__ import annotations

from rich import box
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_ingest.units import PRICE_SCALE, price_text

from spymaster.card.sentences import place_sentence
from spymaster.clock import in_new_york
from spymaster.levels import sentences
from spymaster.levels.read import LevelView, MomentView, Row
from spymaster.levels.settings import WordSettings

_FLOWS = ("depth", "add", "pull", "fill")


def print_levels(view: MomentView, *, verbose: bool = False) -> None:
    """Print a moment: its spot, the nearest level in full, the others in a line each.

    Args:
        view: the moment.
        verbose: whether to print every level in full, with all numbers.
    """
    local = in_new_york(view.at)
    spot = "no spot" if view.spot_price_int is None else f"spot {price_text(view.spot_price_int)}"
    out.print(f"{view.symbol} {local:%Y-%m-%d %H:%M:%S} New York, {spot}", style="bold")
    if not view.is_valid:
        out.print("the book of this second is not valid: what follows cannot be trusted")
    if view.orders_missing:
        _print_line(view.orders_missing)
    if not view.levels:
        _print_missing(view)
        return
    in_full = view.levels if verbose else view.levels[:1]
    for level in in_full:
        _print_level(view, level, verbose=verbose)
    for level in view.levels[len(in_full) :]:
        _print_line(sentences.at_a_glance(view, level))


def _print_missing(view: MomentView) -> None:
    missing = [status for status in view.statuses if not status["is_there"]]
    for status in missing:
        _print_line(sentences.not_there_sentence(status))
    if not missing:
        _print_line("no level is active or provisional at this moment")


def _print_level(view: MomentView, level: LevelView, *, verbose: bool) -> None:
    facts = level.facts
    heading = sentences.price_action_sentence(view.symbol, facts, level.course)
    out.print(heading, style="bold", markup=False)
    if level.course is not None:
        _print_line(place_sentence(level.course))
    _print_line(sentences.standing_sentence(facts))
    if not facts["is_active"]:
        return
    if level.rungs:
        out.print(
            _ladder_in_full(level, view.settings) if verbose else _ladder(level, view.settings)
        )
    else:
        _print_line(sentences.no_ladder_sentence(view))
    if verbose:
        _print_line(sentences.beyond_sentence(facts, view.settings))
    for line in sentences.strike_sentences(level.strikes, view.settings):
        _print_line(line)
    _print_line(sentences.exposure_sentence(view))
    _print_line(sentences.level_conditions_sentence(view, level))
    for line in sentences.card_sentences(level) or sentences.level_odds_sentences(view, level):
        _print_line(line)
    for line in sentences.level_engine_sentences(view, level):
        _print_line(f"rule of thumb: {line}")


def _print_line(line: str) -> None:
    if line:
        out.print(line, markup=False)


def _ladder(level: LevelView, settings: WordSettings) -> Table:
    """Return the ladder with depth and words."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("point", "price", "bids", "asks"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("what holds and what gives")
    for row in level.rungs:
        counts = (row[f"{side}_depth"] for side in ("bid", "ask"))
        table.add_row(
            sentences.rung_point(row["point_offset"], settings),
            _price(row, settings),
            # zero depth stays blank
            *(f"{count:,}" if count else "" for count in counts),
            sentences.rung(row, settings, has_place=False),
        )
    return table


def _price(row: Row, settings: WordSettings) -> str:
    from_level = row["point_offset"] * settings.ladder_rung_points
    return f"{row['level_price_int'] / PRICE_SCALE + from_level:.10g}"


def _ladder_in_full(level: LevelView, settings: WordSettings) -> Table:
    """Return the ladder with all its numbers and words."""
    table = Table()
    for name in ("point", "bids", "added", "pulled", "filled"):
        table.add_column(name, justify="right")
    for name in ("asks", "added", "pulled", "filled", "wall", "long"):
        table.add_column(name, justify="right")
    has_options = bool(level.strikes)
    for name in ("strike", "calls", "puts") if has_options else ():
        table.add_column(name, justify="right")
    table.add_column("")
    for row in level.rungs:
        counts = [row[f"{side}_{name}"] for side in ("bid", "ask") for name in _FLOWS]
        ratios = [row[name] for name in ("wall_ratio", "long_physics")]
        table.add_row(
            sentences.rung_point(row["point_offset"], settings),
            *("" if value is None else f"{value:,}" for value in counts),
            *("" if value is None else f"{value:z.2f}" for value in ratios),
            *(_option_cells(row) if has_options else ()),
            sentences.rung(row, settings, has_place=False),
        )
    return table


def _option_cells(row: Row) -> list[str]:
    physics = [row[name] for name in ("call_physics", "put_physics")]
    strike = row["strike_points"]
    return [
        "" if strike is None else f"{strike:g}",
        *("" if value is None else f"{value:+z.2f}" for value in physics),
    ]
