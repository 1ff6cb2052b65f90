"""An event that begins, with the rows of its second."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spymaster_warehouse.settings.alerts import AlertRule

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Happened:
    """An event that begins, and the rows of its second.

    Attributes:
        at: end of the second, UTC, without a zone.
        rule: that asked for it.
        event: what happened.
        level_id: the level; None for a gamma wall.
        measured: numbers of the kind.
        place: row of places.sql.
        conditions: row of conditions.sql; None without one.
        course: row of courses.sql; None without an approach under way.
        answer: row of answers.sql; None where the payload has none.
    """

    at: dt.datetime
    rule: AlertRule
    event: str
    level_id: str | None
    measured: Row
    place: Row
    conditions: Row | None = None
    course: Row | None = None
    answer: Row | None = None

    @property
    def direction(self) -> str | None:
        """Direction of the course under way, else towards the level from price; None at it."""
        if self.course is not None:
            return str(self.course["direction"])
        side = self.place["k_ticks"]
        if not side and self.conditions is not None:
            side = self.conditions["level_side"]
        return ("up" if side > 0 else "down") if side else None
