"""The card beside the picture: the lines of ``spymaster levels``, with bars, lights and odds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import accumulate, pairwise

from spymaster_ingest.lake import Lake

from spymaster.card.sentences import whole_percents
from spymaster.hud.paint import Theme
from spymaster.hud.sheet import LINE_PX, Ruler, Sheet
from spymaster.levels.conditions import Light, lights
from spymaster.levels.lines import (
    LADDER_COLUMNS,
    LevelLines,
    level_lines,
    missing_lines,
    moment_lines,
)
from spymaster.levels.read import LevelView, MomentView, Row, direction_of, read_levels
from spymaster.plot.colours import Colour
from spymaster.published import MissingRelationError

WIDTH_PX = 568
HEADING_PX = 14
# length of the longest bar of a side, and of the odds; of a rung's bar, its height
DEPTH_PX, ODDS_PX = 56, WIDTH_PX
_BAR_PX = 12
_GAP_PX = 8
# from the left: where points and prices start, bids end, their bars meet, and words start
_PRICE_PX, _BIDS_END_PX, _MIDDLE_PX = 40, 138, 200
_ASKS_PX = _MIDDLE_PX + DEPTH_PX + 6
_WORDS_PX = _ASKS_PX + 42
# place of the bars' colours on the ramps of depth, as on the page
_RAMP_PLACE = 200
_LAMP_PX = 10
_LIGHTS_PX = (96, 224)
_ODDS_BAR_PX, _BASE_MARK_PX = 14, 3
# ways that break and reject lead, by the direction of the course
_ARROWS = {"up": ("↑", "↓", ""), "down": ("↓", "↑", "")}
_OUTCOMES = ("break", "reject", "chop")


@dataclass(frozen=True)
class CardView:
    """What the card is about.

    Attributes:
        moment: the moment with its levels; None where the build left out what they need.
        missing: what the build left out; empty with a moment.
    """

    moment: MomentView | None
    missing: str = ""


def read_card(
    lake: Lake, symbol: str, day: dt.date, end_s: int, level_id: str | None = None
) -> CardView:
    """Read the level in question, or the one that is named.

    Args:
        lake: the lake, built and published.
        symbol: raw symbol of the contract.
        day: UTC date of the contract-day.
        end_s: end of the window, seconds since 1970.
        level_id: the level; None takes the one that ``spymaster levels`` prints in full.

    Raises:
        SpymasterError: There is no such level.
    """
    at = dt.datetime.fromtimestamp(end_s, dt.UTC).replace(tzinfo=None)
    try:
        return CardView(read_levels(lake, symbol, day, at, level_id))
    except MissingRelationError as error:
        return CardView(None, str(error))


def card_sheet(view: CardView, theme: Theme, ruler: Ruler) -> Sheet:
    """Lay out the card.

    Args:
        view: what it is about.
        theme: colours.
        ruler: measures words.
    """
    sheet = Sheet(WIDTH_PX, ruler)
    text = theme.rgb("text")
    if view.moment is None:
        sheet.paragraph(view.missing, text)
        return sheet
    moment = view.moment
    title, *limits = moment_lines(moment)
    sheet.paragraph(title, theme.rgb("faint_text"))
    for line in limits:
        sheet.paragraph(line, theme.rgb("gap"), weight="bold")
    if not moment.levels:
        for line in missing_lines(moment):
            sheet.paragraph(line, text)
        return sheet
    level = moment.levels[0]
    _add_level(sheet, moment, level, theme)
    return sheet


def _add_level(sheet: Sheet, moment: MomentView, level: LevelView, theme: Theme) -> None:
    lines, text = level_lines(moment, level), theme.rgb("text")
    sheet.height += _GAP_PX // 2
    sheet.paragraph(lines.heading, text, size_px=HEADING_PX, weight="bold")
    for line in lines.place:
        sheet.paragraph(line, text, weight="bold")
    if not level.facts["is_active"]:
        return
    _add_rule(sheet, theme)
    if lines.no_ladder:
        sheet.paragraph(lines.no_ladder, text)
    else:
        _add_ladder(sheet, lines, level.rungs, theme)
    if lines.walls:
        sheet.paragraph(lines.walls, text)
    _add_rule(sheet, theme)
    for line in lines.options:
        sheet.paragraph(line, text)
    _add_rule(sheet, theme)
    _add_lights(sheet, level, theme)
    sheet.paragraph(lines.conditions, text)
    _add_rule(sheet, theme)
    _add_odds_bar(sheet, level.course, theme)
    for line in lines.odds:
        sheet.paragraph(line, text)


def _add_rule(sheet: Sheet, theme: Theme) -> None:
    """Part two groups of lines."""
    sheet.block("rule", 0, sheet.height + _GAP_PX // 2, (sheet.width, 1), theme.rgb("frame"))
    sheet.height += _GAP_PX + 1


def _add_ladder(sheet: Sheet, lines: LevelLines, rungs: list[Row], theme: Theme) -> None:
    """Add the ladder: numbers, bars from the middle to both sides, usual sizes, spot and words."""
    faint = theme.rgb("faint_text")
    _add_rung(sheet, LADDER_COLUMNS, faint, "normal")
    names = [f"{side}_{kind}" for side in ("bid", "ask") for kind in ("depth", "usual_depth")]
    most = max([1, *(row[name] for row in rungs for name in names if row[name] is not None)])
    tops = []
    for row, texts in zip(rungs, lines.ladder, strict=True):
        tops.append(sheet.height)
        for side in ("bid", "ask"):
            _add_depth(sheet, row, side, most, theme)
        weight = "normal" if row["point_offset"] else "bold"
        _add_rung(sheet, texts, theme.rgb("text"), weight)
    _add_spot(sheet, rungs[0], tops, theme)


def _add_rung(sheet: Sheet, texts: tuple[str, ...], colour: Colour, weight: str) -> None:
    point, price, bids, asks, words = texts
    top = sheet.height
    sheet.line(0, top, point, colour, weight=weight)
    sheet.line(_PRICE_PX, top, price, colour, weight=weight)
    sheet.line(_BIDS_END_PX, top, bids, colour, ends=True)
    sheet.line(_ASKS_PX, top, asks, colour)
    count = sheet.column(_WORDS_PX, top, sheet.width - _WORDS_PX, words, colour)
    sheet.height += LINE_PX * max(count, 1)


def _add_depth(sheet: Sheet, row: Row, side: str, most: float, theme: Theme) -> None:
    """Add the bar of a side, and its usual size as a mark; none where nothing rests."""
    depth, usual = row[f"{side}_depth"], row[f"{side}_usual_depth"]
    if not depth:
        return
    top = sheet.height + (LINE_PX - _BAR_PX) // 2
    colour = _rgb(theme.ramps[side][_RAMP_PLACE].tolist())
    length = round(DEPTH_PX * depth / most)
    sheet.block(side, _from_middle(side, 0, length), top, (length, _BAR_PX), colour)
    if usual is not None:
        at = _from_middle(side, round(DEPTH_PX * usual / most), 2)
        sheet.block(f"{side}_usual", at, top - 1, (2, _BAR_PX + 2), theme.rgb("text"))


def _from_middle(side: str, distance: int, width: int) -> int:
    """Return the left of a block that begins so far from the middle of the bars."""
    return _MIDDLE_PX + distance if side == "ask" else _MIDDLE_PX - distance - width


def _add_spot(sheet: Sheet, top_rung: Row, tops: list[int], theme: Theme) -> None:
    """Draw spot across the bars of the rung that it lies on; nothing outside of the ladder.

    Args:
        sheet: the card.
        top_rung: highest row of the ladder.
        tops: tops of the rungs, pixels.
        theme: colours.
    """
    # middle of the tick of spot, in rungs from the top
    place = top_rung["point_offset"] + 1 - (0.5 - top_rung["k_ticks"]) / top_rung["rung_ticks"]
    if not 0 <= place < len(tops):
        return
    rung = int(place)
    # the bars lie in the first line of a rung
    at = tops[rung] + round((place - rung) * LINE_PX) - 1
    size = (2 * DEPTH_PX, 2)
    sheet.block("spot", _MIDDLE_PX - DEPTH_PX, at, size, theme.rgb("spot"))


def _add_lights(sheet: Sheet, level: LevelView, theme: Theme) -> None:
    """Add the four conditions, those of the orders ahead of price first."""
    text = theme.rgb("text")
    found = lights(level.conditions, direction_of(level.course))
    for where, pair in found.items():
        sheet.line(0, sheet.height, where, theme.rgb("faint_text"), is_label=True)
        for left, light in zip(_LIGHTS_PX, pair, strict=True):
            _add_lamp(sheet, left, light, theme)
            words = f"{light.words} {light.z_text}"
            weight = "bold" if light.is_met else "normal"
            at = left + _LAMP_PX + 6
            sheet.line(at, sheet.height, words, text, weight=weight, is_label=True)
        sheet.height += LINE_PX


def _add_lamp(sheet: Sheet, left: int, light: Light, theme: Theme) -> None:
    """Add a lamp: full if the condition is met, an outline if not, an empty place if unknown."""
    top, size = sheet.height + 3, (_LAMP_PX, _LAMP_PX)
    if light.is_met:
        sheet.block("met", left, top, size, theme.rgb("condition_met"))
    elif light.is_met is not None:
        sheet.outline("not_met", left, top, size, theme.rgb("faint_text"))


def _add_odds_bar(sheet: Sheet, course: Row | None, theme: Theme) -> None:
    """Add the odds as one bar with the usual shares as marks; an outline without odds."""
    top = sheet.height + _BASE_MARK_PX
    size = (ODDS_PX, _ODDS_BAR_PX)
    sheet.height += _ODDS_BAR_PX + 2 * _BASE_MARK_PX + 1
    if course is None or course["p_break"] is None:
        sheet.outline("no_odds", 0, top, size, theme.rgb("frame"))
        sheet.height += LINE_PX
        return
    shares = [course[f"p_{name}"] for name in _OUTCOMES]
    edges = [round(ODDS_PX * share) for share in accumulate(shares, initial=0.0)]
    for name, (left, right) in zip(_OUTCOMES, pairwise(edges), strict=True):
        sheet.block(name, left, top, (right - left, _ODDS_BAR_PX), theme.rgb(name))
    bases = [course[f"base_{name}"] for name in ("break", "reject")]
    if None not in bases:
        for share in accumulate(bases):
            height = _ODDS_BAR_PX + 2 * _BASE_MARK_PX
            at = min(round(ODDS_PX * share), ODDS_PX - 2)
            sheet.block("usual", at, top - _BASE_MARK_PX, (2, height), theme.rgb("text"))
    left = 0.0
    arrows = _ARROWS[course["direction"]]
    for name, arrow, share in zip(_OUTCOMES, arrows, whole_percents(shares), strict=True):
        words = f"{name}{arrow} {share}"
        left = sheet.line(left, sheet.height, words, theme.rgb(name), weight="bold", is_label=True)
        left += 4 * _GAP_PX
    sheet.height += LINE_PX


def _rgb(colour: list[int]) -> Colour:
    red, green, blue, *_ = colour
    return red, green, blue
