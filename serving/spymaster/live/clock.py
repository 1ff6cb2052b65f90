"""Which second a row of a relation belongs to, and the conditions that cut it to a window."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

EPOCH = dt.datetime(1970, 1, 1)
# the seconds of a step, (from_ts, to_ts]: a table of one row
STEP = '"live"."step"'
# columns that say the second of a row, with whether they say its end, in order of preference
_ENDS = ("window_end_ts", "ts_end", "bar_end_ts", "trigger_ts")
_STARTS = ("window_start_ts", "known_at_ts", "ts_event")
# columns that kernels count seconds by, s UTC, with their starts
_SECONDS = ("window_s", "second_s")
# the column of windows by their ends, s UTC
_SECONDS_OF_ENDS = ("window_end_s",)


@dataclass(frozen=True)
class Clock:
    """The seconds of a relation's rows.

    Attributes:
        column: SQL of the time that says the second.
        is_end: whether the column is the end of the second, or lies within it.
    """

    column: str
    is_end: bool

    def within(self, back_s: int | None, further: str = "0") -> str:
        """Return the condition of rows that a step sees.

        Args:
            back_s: seconds before the step whose rows count too; None is the whole day.
            further: SQL of seconds that count besides these.
        """
        after, until = (">", "<=") if self.is_end else (">=", "<")
        seen = f"{self.column} {until} (select to_ts from {STEP})"  # noqa: S608
        if back_s is None:
            return seen
        return (
            f"{self.column} {after} (select from_ts - to_seconds({back_s} + {further}) "  # noqa: S608
            f"from {STEP}) and {seen}"
        )

    def since(self, back_s: int, further: str) -> str:
        """Return the condition of rows at most some seconds before a step, further by row.

        Args:
            back_s: seconds before the step.
            further: SQL of seconds that count besides these; it may differ from row to row.
        """
        after = ">" if self.is_end else ">="
        return (
            f"{self.column} {after} "  # noqa: S608
            f"(select from_ts from {STEP}) - to_seconds({back_s} + {further})"
        )

    def between(self, from_ts: dt.datetime, to_ts: dt.datetime) -> str:
        """Return the condition of rows whose seconds end in (from_ts, to_ts]."""
        after, until = (">", "<=") if self.is_end else (">=", "<")
        return f"{self.column} {after} timestamp '{from_ts}' and {self.column} {until} '{to_ts}'"

    def after(self, to_ts: dt.datetime) -> str:
        """Return the condition of rows whose seconds end after a time."""
        return f"{self.column} {'>' if self.is_end else '>='} timestamp '{to_ts}'"

    def later(self, to_ts: dt.datetime, back_s: int, further: str) -> str:
        """Return the condition of rows whose seconds end after some seconds before a time.

        Args:
            to_ts: the time.
            back_s: seconds before it.
            further: SQL of seconds that count besides these.
        """
        after = ">" if self.is_end else ">="
        return f"{self.column} {after} timestamp '{to_ts}' - to_seconds({back_s} + {further})"

    def at_start(self) -> str:
        """Return the condition of rows of the last second before the step; the column is an end."""
        return f"{self.column} = (select from_ts from {STEP})"  # noqa: S608

    def at_end(self) -> str:
        """Return the condition of rows of the last second of the step; the column is an end."""
        return f"{self.column} = (select to_ts from {STEP})"  # noqa: S608

    def older(self, back_s: int, further: str = "0") -> str:
        """Return the condition of rows that end some seconds before the step begins, or earlier.

        Args:
            back_s: seconds before the step.
            further: SQL of seconds that count besides these.
        """
        until = "<=" if self.is_end else "<"
        return (
            f"{self.column} {until} "  # noqa: S608
            f"(select from_ts - to_seconds({back_s} + {further}) from {STEP})"
        )


# best quotes count from when they were captured; one that ends an interval belongs to it
_QUOTES = frozenset({"bid_px_int", "ask_px_int", "ts_recv"})


def clock_of(columns: Collection[str]) -> Clock | None:
    """Return the clock of a relation by its columns; None where rows have no second."""
    if set(columns) >= _QUOTES:
        return Clock("ts_recv", is_end=True)
    for column in (*_ENDS, *_STARTS):
        if column in columns:
            return Clock(column, column in _ENDS)
    for column in _SECONDS:
        if column in columns:
            return Clock(f"make_timestamp({column} * 1000000)", is_end=False)
    for column in _SECONDS_OF_ENDS:
        if column in columns:
            return Clock(f"make_timestamp({column} * 1000000)", is_end=True)
    return None
