"""A read: which rows of one input the rows of a relation are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from spymaster.explain.wanted import Wanted

# conditions on the rows of an input
DAY = "symbol = $symbol and dt = $dt"
WINDOWS = f"{DAY} and window_start_ts >= $from_ts and window_start_ts < $to_ts"
ENDS = f"{DAY} and window_end_ts > $from_ts and window_end_ts <= $to_ts"
LEVELS = " and list_contains($level_ids, level_id)"


@dataclass(frozen=True)
class Read:
    """Rows of one input.

    Attributes:
        relation: the input, with its schema.
        where: condition on its rows; parameters are those of ``Wanted.bindings`` and ``numbers``.
        query: file in ``queries/inputs`` that selects the rows, where a condition is not enough.
        instead: relations that are read instead of those that the file names, by their names.
        back_s: seconds before the wanted rows that they read, or how to get them from the wanted
            rows and the SQL.
        numbers: parameters that the SQL of the model holds, as patterns.
        parts: parameters that are the rows of a query within the SQL of the model, by its name.
        lookups: parameters that are the values of a file in ``queries/lookups``, by its name.
        is_needed: whether the wanted rows read the input at all.
    """

    relation: str
    where: str = "true"
    back_s: int | Callable[[Wanted, str], int] = 0
    query: str | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    lookups: tuple[str, ...] = ()
    is_needed: Callable[[Wanted], bool] = lambda wanted: True


def state_seconds(wanted: Wanted, sql: str) -> int:
    """Return the seconds behind states: as long as the state has held, and recent conditions."""
    back_s = preceding(sql) if wanted.columns & {"recent_state"} else 0
    if "held_s" in wanted.columns:
        back_s = max(back_s, *((row.get("held_s") or 1) - 1 for row in wanted.rows))
    return back_s


def condition_seconds(wanted: Wanted, sql: str) -> int:
    """Return the seconds over which the four conditions are measured."""
    return max(row["condition_window_s"] for row in wanted.rows)


def number_in(sql: str, pattern: str) -> int:
    """Return the largest number that a pattern finds in compiled SQL, 0 without any."""
    return max(map(int, re.findall(pattern, sql)), default=0)


def preceding(sql: str) -> int:
    """Return the seconds of the longest window of compiled SQL, without its last one."""
    return number_in(sql, r"interval '?(\d+)'? seconds? preceding")
