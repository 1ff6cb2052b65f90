"""Which second a row of a relation belongs to, as conditions of SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

# before every row of a day
DAY_BEGINS = dt.datetime(1970, 1, 1)
# variable of DuckDB: end of the last second
TO = "live_to"
# columns that say the second of a row, with whether they say its end, in order of preference
_ENDS = ("window_end_ts", "ts_end", "bar_end_ts")
_STARTS = ("window_start_ts", "ts_event")


@dataclass(frozen=True)
class Clock:
    """The seconds of a relation's rows.

    Attributes:
        variable: of DuckDB, the end of the last second that a window leaves out.
        column: that says the second; empty where rows have none.
        is_end: whether the column is the end of the second, or lies within it.
    """

    variable: str
    column: str
    is_end: bool

    @classmethod
    def none(cls, relation: str) -> Clock:
        """Return the clock of a relation whose rows have no seconds."""
        return clock_of(relation, ())

    @property
    def has_seconds(self) -> bool:
        """Whether rows have seconds."""
        return bool(self.column)

    def within(self, variable: str) -> str:
        """Return the condition of rows whose second ends after a variable, up to ``TO``."""
        if not self.column:
            return "true"
        after, until = (">", "<=") if self.is_end else (">=", "<")
        return (
            f"{self.column} {after} getvariable('{variable}') "
            f"and {self.column} {until} getvariable('{TO}')"
        )

    def until(self, last_ts: dt.datetime) -> str:
        """Return the condition of rows whose second ends at a time or before it."""
        return f"{self.column} {'<=' if self.is_end else '<'} timestamp '{last_ts}'"


def clock_of(relation: str, columns: Collection[str]) -> Clock:
    """Return the clock of a relation by the names of its columns."""
    variable = "live_after_" + relation.replace(".", "_")
    for column in (*_ENDS, *_STARTS):
        if column in columns:
            return Clock(variable, column, column in _ENDS)
    return Clock(variable, "", False)
