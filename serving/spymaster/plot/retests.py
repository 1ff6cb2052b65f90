"""Breaks of levels and their retests on a picture."""

from __future__ import annotations

from dataclasses import dataclass

from spymaster.plot.read import Reader

RETEST_EVENTS = "gold.retest_events"


@dataclass(frozen=True)
class Retest:
    """A break of a level and the retest that followed.

    Attributes:
        break_at: column of the break; it may lie outside the picture.
        retest_at: column of the retest; None without one.
        tick: price of the level, in ticks.
        is_up: whether price broke up through the level.
        outcome: how it ended.
    """

    break_at: int
    retest_at: int | None
    tick: int
    is_up: bool
    outcome: str


def read_retests(reader: Reader, tick_int: int) -> tuple[tuple[Retest, ...], str | None]:
    """Return the breaks with a step in the picture, and why there are none if there cannot be."""
    why = reader.why_unusable(RETEST_EVENTS)
    if why:
        return (), f"{RETEST_EVENTS} {why}"
    rows = reader.ask("retests")
    # tolist turns NULL into None
    columns = (rows[name].tolist() for name in ("break_second", "retest_second", "is_up"))
    ticks = [int(price) // tick_int for price in rows["level_price_int"]]
    return tuple(
        Retest(break_at, retest_at, tick, is_up, outcome)
        for break_at, retest_at, is_up, tick, outcome in zip(
            *columns, ticks, rows["outcome"].tolist(), strict=True
        )
    ), None
