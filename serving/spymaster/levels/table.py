"""Print the levels of a moment in the order a trader reads them.

The level in question comes in full, like the card of the screen (where price is, ladder, options,
conditions, odds, record; then the rule of thumb of the engines); the others take a line each.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.table import Table
from spymaster_ingest.console import out

from spymaster.levels import sentences
from spymaster.levels.lines import LADDER_COLUMNS, level_lines, missing_lines, moment_lines
from spymaster.levels.read import LevelView, MomentView, Row
from spymaster.levels.settings import WordSettings

_FLOWS = ("depth", "add", "pull", "fill")


def print_levels(view: MomentView, *, verbose: bool = False) -> None:
    """Print a moment: its spot, the nearest level in full, the others in a line each.

    Args:
        view: the moment.
        verbose: whether to print every level in full, with all numbers.
    """
    title, *limits = moment_lines(view)
    out.print(title, style="bold", markup=False)
    _print_lines(*limits)
    if not view.levels:
        _print_lines(*missing_lines(view))
        return
    in_full = view.levels if verbose else view.levels[:1]
    for level in in_full:
        _print_level(view, level, verbose=verbose)
    _print_lines(*(sentences.at_a_glance(view, level) for level in view.levels[len(in_full) :]))


def _print_level(view: MomentView, level: LevelView, *, verbose: bool) -> None:
    lines = level_lines(view, level)
    out.print(lines.heading, style="bold", markup=False)
    _print_lines(*lines.place)
    if not level.facts["is_active"]:
        return
    _print_lines(lines.no_ladder)
    if lines.ladder:
        out.print(_ladder_in_full(level, view.settings) if verbose else _ladder(lines.ladder))
    _print_lines(lines.walls)
    if verbose:
        _print_lines(sentences.beyond_sentence(level.facts, view.settings))
    _print_lines(*lines.options, lines.conditions, *lines.odds)
    engines = sentences.level_engine_sentences(view, level)
    _print_lines(*(f"rule of thumb: {line}" for line in engines))


def _print_lines(*lines: str) -> None:
    for line in lines:
        if line:
            out.print(line, markup=False)


def _ladder(rungs: Iterable[tuple[str, ...]]) -> Table:
    """Return the ladder with depth and words."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    *numbers, words = LADDER_COLUMNS
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(words)
    for texts in rungs:
        table.add_row(*texts)
    return table


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
