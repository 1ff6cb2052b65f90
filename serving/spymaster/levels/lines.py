"""What is said of a moment and of a level, line by line, in the order of the card.

``table.py`` prints these lines and ``../hud/card.py`` draws them, so that both say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from spymaster_ingest.units import PRICE_SCALE, price_text

from spymaster.card.sentences import place_sentence
from spymaster.levels import sentences
from spymaster.levels.read import LevelView, MomentView, Row
from spymaster.levels.settings import WordSettings
from spymaster.levels.walls import gamma_wall_sentence, wall_sentence

LADDER_COLUMNS = ("point", "price", "bids", "asks", "what holds and what gives")


@dataclass(frozen=True)
class LevelLines:
    """The lines of a level; a provisional level has those of its place alone.

    Attributes:
        heading: price move, level and distance.
        place: phase of the approach, and how the level stands.
        ladder: texts of ``LADDER_COLUMNS``, a tuple a rung, highest first.
        no_ladder: why there is no ladder; empty with one.
        walls: what became of walls like the highest one ahead; empty without any.
        options: calls, puts and gamma at the nearest strikes, and the walls.
        conditions: the four conditions of a turn.
        odds: odds, what they rest on, and the record of the level; or why there are none.
    """

    heading: str
    place: tuple[str, ...]
    ladder: tuple[tuple[str, ...], ...] = ()
    no_ladder: str = ""
    walls: str = ""
    options: tuple[str, ...] = ()
    conditions: str = ""
    odds: tuple[str, ...] = ()


def moment_lines(view: MomentView) -> list[str]:
    """Return the moment with its spot, and what limits its trust or its detail."""
    spot = "no spot" if view.spot_price_int is None else f"spot {price_text(view.spot_price_int)}"
    lines = [f"{view.symbol} {view.clock.day_and_time(view.at)}, {spot}"]
    if not view.is_valid:
        lines.append("the book of this second is not valid: what follows cannot be trusted")
    if view.orders_missing:
        lines.append(view.orders_missing)
    return lines


def missing_lines(view: MomentView) -> list[str]:
    """Return why a moment has no level."""
    missing = [status for status in view.statuses if not status["is_there"]]
    lines = [sentences.not_there_sentence(status, view.clock) for status in missing]
    return lines or ["no level is active or provisional at this moment"]


def level_lines(view: MomentView, level: LevelView) -> LevelLines:
    """Return what is said of a level of a moment.

    Args:
        view: the moment.
        level: one of its levels.
    """
    facts, course = level.facts, level.course
    heading = sentences.price_action_sentence(view.symbol, facts, course)
    place = _said(
        "" if course is None else place_sentence(course, view.clock),
        sentences.standing_sentence(facts, view.clock),
    )
    if not facts["is_active"]:
        return LevelLines(heading, place)
    return LevelLines(
        heading,
        place,
        tuple(_rung_texts(row, view.settings) for row in level.rungs),
        "" if level.rungs else sentences.no_ladder_sentence(view),
        wall_sentence(view, level),
        _said(
            *sentences.strike_sentences(level.strikes, view.settings),
            sentences.exposure_sentence(view),
            gamma_wall_sentence(view.gamma_walls),
        ),
        sentences.level_conditions_sentence(view, level),
        _said(
            *sentences.card_sentences(level, view.clock)
            or sentences.level_odds_sentences(view, level)
        ),
    )


def _said(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)


def _rung_texts(row: Row, settings: WordSettings) -> tuple[str, ...]:
    from_level = row["point_offset"] * settings.ladder_rung_points
    counts = (row[f"{side}_depth"] for side in ("bid", "ask"))
    return (
        sentences.rung_point(row["point_offset"], settings),
        f"{row['level_price_int'] / PRICE_SCALE + from_level:.10g}",
        # zero depth stays blank
        *(f"{count:,}" if count else "" for count in counts),
        sentences.rung(row, settings, has_place=False),
    )
