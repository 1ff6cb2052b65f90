"""What of a relation is known at a moment, in the copies of a day and in the sessions.

A test that uses it gives each value a time from which it is known: a copy of the day that differs
only later must agree before that time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from support.level_copies import (
    BASE,
    LAST_MOMENT_S,
    SESSIONS,
    SESSIONS_BASE,
    SESSIONS_CHANGED,
    Built,
)
from support.small_days import DAYS, SmallLake, symbol_of


@dataclass(frozen=True)
class Known:
    """Columns of a relation and the time from which they are known.

    Attributes:
        relation: with its schema.
        at: SQL expression of the time from which a row's columns are known.
        columns: their names; empty means all.
        where: condition on the rows.
    """

    relation: str
    at: str = "window_end_ts"
    columns: tuple[str, ...] = ()
    where: str = "true"


def columns_of(lake: SmallLake, known: Known) -> tuple[str, ...]:
    described = lake.ask(f"describe {known.relation}")
    return known.columns or tuple(name for name, *_ in described if name != "symbol")


def row_hash_of(columns: tuple[str, ...]) -> str:
    """Return an SQL expression over columns, with the symbol removed from names."""
    named = ("course_id", "episode_id", "vector_id", "payload")
    values = ", ".join(
        f"replace({name}, symbol, '')" if name in named else name for name in columns
    )
    return f"cast(md5_number_lower(cast(row({values}) as varchar)) as hugeint)"


Content = tuple[int, int]


def contents(built: Built, known: Known) -> dict[tuple[str, bool, bool], Content]:
    """Return row count and sum of row hashes per copy, whether of base, and whether of the past.

    The base is split at the moment of every copy.
    """
    moments = ", ".join(
        f"('{copy.root}', '{symbol_of(copy.root)}', "
        f"date '{DAYS[0]}' + interval {copy.moment_ns // 1_000} microsecond)"
        for copy in built.copies
    )
    rows = built.lake.ask(
        f"""
        with copies(copy_root, copy_symbol, moment_ts) as (values {moments}),
        hashed as (
            select
                symbol,
                {known.at} as known_from_ts,
                {row_hash_of(columns_of(built.lake, known))} as row_hash
            from {known.relation}
            where dt = date '{DAYS[0]}' and {known.where}
        )
        select
            copies.copy_root,
            hashed.symbol = '{symbol_of(BASE)}',
            hashed.known_from_ts <= copies.moment_ts,
            count(*),
            sum(hashed.row_hash)
        from copies
        inner join hashed on hashed.symbol in (copies.copy_symbol, '{symbol_of(BASE)}')
        group by all
        """
    )
    return {
        (root, is_base, is_past): (count, total) for root, is_base, is_past, count, total in rows
    }


def assert_the_future_changes_nothing_known(built: Built, known: Known) -> None:
    """Compare each copy with the base before the moment from which it differs."""
    found = contents(built, known)
    compared = changed = 0
    for copy in built.copies:
        past = found.get((copy.root, True, True))
        assert found.get((copy.root, False, True)) == past, copy
        compared += past is not None
        changed += found.get((copy.root, False, False)) != found.get((copy.root, True, False))
    # or the test would detect nothing
    assert compared > len(built.copies) / 2
    assert changed > len(built.copies) / 2


def session_contents(built: Built, known: Known) -> dict[tuple[str, dt.date], Content]:
    """Return row count and sum of row hashes per symbol and session of the sessions."""
    symbols = ", ".join(f"'{symbol_of(root)}'" for root in (SESSIONS_BASE, SESSIONS_CHANGED))
    rows = built.lake.ask(
        f"select symbol, dt, count(*), sum({row_hash_of(columns_of(built.lake, known))}) "
        f"from {known.relation} where symbol in ({symbols}) and {known.where} group by symbol, dt"
    )
    return {(symbol, day): (count, total) for symbol, day, count, total in rows}


def assert_a_session_changes_no_earlier_one(built: Built, known: Known) -> None:
    """Compare the sessions before and in the one that differs."""
    found = session_contents(built, known)
    base, changed = (symbol_of(root) for root in (SESSIONS_BASE, SESSIONS_CHANGED))
    first, second = SESSIONS
    assert found[base, first] == found[changed, first]
    # a changed session may have no row of vectors
    assert found[base, second] != found.get((changed, second))


def compared_kinds(built: Built, at: str, kind: str, relation: str) -> set[object]:
    """Return the values of an SQL expression over the rows of the base that are compared.

    Args:
        built: the lake.
        at: column with the time from which a row is known.
        kind: the expression.
        relation: with its schema.
    """
    rows = built.lake.ask(
        f"select distinct {kind} from {relation} where symbol = '{symbol_of(BASE)}' "
        f"and {at} <= date '{DAYS[0]}' + interval {LAST_MOMENT_S} second"
    )
    return {value for (value,) in rows}
