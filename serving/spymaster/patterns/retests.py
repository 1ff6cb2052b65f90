"""Breaks of levels and their retests as a moment knows them, and those of earlier days."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.built_settings import RELATION as SETTINGS
from spymaster.built_settings import built_settings
from spymaster.clock import LocalClock, clock_of
from spymaster.contracts import built_instead
from spymaster.levels.settings import WordSettings
from spymaster.published import Row, ask_rows, open_published, relations_of

RELATION = "gold.retest_events"
DIRECTIONS = ("approach_up", "approach_down")
ENDS = ("CONTINUES", "FAILS", "CHOP")
_RELATIONS = (
    RELATION,
    SETTINGS,
    "gold.conditions_in_use_1s",
    "silver.contract_days",
    "silver.mbo_contract_day_selection",
    "silver.physics_bands_1s",
    "silver.word_settings",
)
_VERDICTS = "gold.eval_retests"
_WORD_SETTINGS = "select * from silver.word_settings"
_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Earlier:
    """Breaks of one direction on earlier days, all levels.

    Attributes:
        n_days, n_breaks: their number.
        n_through: breaks through which price came back at once.
        n_days_of_ends: days with a retest that ended.
        ends: retests by how they ended, of ``ENDS``.
        n_days_of_known, ends_of_known: the same of retests at which the four conditions are known.
        ends_of_state: these by state of the four conditions.
    """

    n_days: int
    n_breaks: int
    n_through: int
    n_days_of_ends: int
    ends: Counter[str]
    n_days_of_known: int
    ends_of_known: Counter[str]
    ends_of_state: dict[str, Counter[str]]


@dataclass(frozen=True)
class RetestView:
    """The breaks of a contract-day as a moment knows them.

    Attributes:
        symbol, day: the contract-day.
        basis: seconds or bars.
        at: the moment, naive UTC; None for the whole day.
        level_id: the only level; None for all.
        tick_int: minimum price increment, 1e-9 points.
        events: rows of retest_events, what is known later NULL, in order of time.
        conditions: row of conditions_in_use_1s at the retest of the last event; None without one.
        usual_ease_difference: median difference of the scores of ease until then; None without one.
        earlier: breaks of earlier days by direction.
        verdict: row of eval_retests with the verdict; None before an evaluation.
        settings: vars of the build.
        words: settings of words.
        clock: the lake's clock.
    """

    symbol: str
    day: dt.date
    basis: str
    at: dt.datetime | None
    level_id: str | None
    tick_int: int
    events: list[Row]
    conditions: Row | None
    usual_ease_difference: float | None
    earlier: dict[str, Earlier]
    verdict: Row | None
    settings: dict[str, Any]
    words: WordSettings
    clock: LocalClock


def read_retests(
    lake: Lake,
    symbol: str,
    day: dt.date,
    *,
    level_id: str | None = None,
    at: dt.datetime | None = None,
    basis: str = "seconds",
) -> RetestView:
    """Read the breaks that a moment knows.

    Args:
        lake: lake with the published file.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
        level_id: name of a level; None for all.
        at: the moment, naive UTC; None for the whole day.
        basis: seconds or bars.

    Raises:
        SpymasterError: The published file or its relations are missing, or no level broke.
    """
    with open_published(lake, _RELATIONS) as connection:
        key: Row = {
            "symbol": symbol,
            "dt": day,
            "level_id": level_id,
            "at": at or dt.datetime.max,
            "basis": basis,
        }
        days = _rows(connection, "contract_day", key)
        if not days:
            remedy = built_instead(connection, symbol)
            raise SpymasterError(f"{symbol} {day}", "there is no such contract-day", remedy)
        key |= days[0]
        events = _rows(connection, "retests_of_day", key)
        if not events:
            raise _no_break(connection, key, at)
        # the same for all breaks of a contract-day
        key["conditions_basis"] = events[-1]["conditions_basis"]
        conditions = _rows(connection, "conditions_at_retest", key | events[-1])
        [ease] = _rows(connection, "usual_ease_difference", key | events[-1])
        has_verdicts = _VERDICTS in relations_of(connection)
        verdicts = _rows(connection, "retest_verdict", key) if has_verdicts else []
        [words] = connection.execute(_WORD_SETTINGS).to_arrow_table().to_pylist()
        return RetestView(
            symbol,
            day,
            basis,
            at,
            level_id,
            key["tick_int"],
            events,
            conditions[0] if conditions else None,
            ease["usual_difference"],
            _earlier(_rows(connection, "earlier_breaks", key)),
            verdicts[0] if verdicts else None,
            built_settings(connection),
            WordSettings.of(words),
            clock_of(connection),
        )


def _earlier(rows: Sequence[Row]) -> dict[str, Earlier]:
    found = {}
    for direction in DIRECTIONS:
        own = [row for row in rows if row["approach_dir"] == direction]
        ended = [row for row in own if row["outcome"] in ENDS]
        known = [row for row in ended if row["turn_state"] is not None]
        found[direction] = Earlier(
            n_days=len({row["dt"] for row in own}),
            n_breaks=len(own),
            n_through=sum(row["outcome"] == "THROUGH" for row in own),
            n_days_of_ends=len({row["dt"] for row in ended}),
            ends=Counter(row["outcome"] for row in ended),
            n_days_of_known=len({row["dt"] for row in known}),
            ends_of_known=Counter(row["outcome"] for row in known),
            ends_of_state={
                state: Counter(row["outcome"] for row in known if row["turn_state"] == state)
                for state in sorted({row["turn_state"] for row in known})
            },
        )
    return found


def _no_break(
    connection: duckdb.DuckDBPyConnection, key: Row, at: dt.datetime | None
) -> SpymasterError:
    """Return the error that names the levels that broke, if any did."""
    level = key["level_id"]
    where = f"{key['symbol']} {key['dt']}" + (f" {level}" if level else "")
    by = f" by {clock_of(connection).short_time(at)}" if at else " on this day"
    what = f"{level or 'no level'} {'did not break' if level else 'broke'} and hold{by}"
    others = {row["level_id"] for row in _rows(connection, "retests_of_day", key | _ANY_LEVEL)}
    return SpymasterError(
        where, what, f"broken by then: {', '.join(sorted(others))}" * bool(others)
    )


_ANY_LEVEL = {"level_id": None}


def _rows(connection: duckdb.DuckDBPyConnection, name: str, values: Row) -> list[Row]:
    return ask_rows(connection, _QUERIES / f"{name}.sql", values)
