"""The vars of a build's command line, checked before dbt puts them into SQL."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml
from spymaster_ingest.errors import SpymasterError

from spymaster_warehouse.project_vars import project_vars

_OPTION = "--vars"
_DATES = ("start_date", "end_date")
_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.: -]*")


class DateRange(NamedTuple):
    """Partitions that a build selects: None is unbounded, no symbols are all symbols."""

    start: dt.date | None
    end: dt.date | None
    symbols: tuple[str, ...]


def build_vars_of(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the vars that arguments of dbt set.

    Raises:
        SpymasterError: They are not a mapping, name an unknown var, or bound the build by an
            invalid date or symbol.
    """
    given: dict[str, Any] = {}
    for position, argument in enumerate(arguments):
        if argument == _OPTION and position + 1 < len(arguments):
            given |= _mapping(arguments[position + 1])
        elif argument.startswith(f"{_OPTION}="):
            given |= _mapping(argument.removeprefix(f"{_OPTION}="))
    _require_known(given)
    date_range_of(given)
    return given


def date_range_of(given: dict[str, Any]) -> DateRange:
    """Return the dates and symbols that vars select.

    Raises:
        SpymasterError: A date or symbol is invalid, or the last date is before the first.
    """
    start, end = (_date(name, given.get(name)) for name in _DATES)
    if start is not None and end is not None and end < start:
        raise SpymasterError("end_date", f"{end} is before start_date {start}")
    symbols = given.get("symbols") or ()
    symbols = (symbols,) if isinstance(symbols, str) else tuple(symbols)
    for symbol in symbols:
        if not isinstance(symbol, str) or not _SYMBOL.fullmatch(symbol):
            raise SpymasterError("symbols", f"{symbol!r} is no symbol", "for example [ESZ5]")
    return DateRange(start, end, symbols)


def _mapping(text: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    except ValueError as error:
        # digits without a date: 2025-13-01
        raise SpymasterError(_OPTION, f"{text}: {error}", "dates are YYYY-MM-DD") from error
    if not isinstance(found, dict):
        raise SpymasterError(
            _OPTION, f"{text!r} is no mapping", "for example --vars '{start_date: 2025-10-01}'"
        )
    return found


def _require_known(given: dict[str, Any]) -> None:
    there = project_vars()
    for name in given:
        if name not in there:
            near = difflib.get_close_matches(str(name), there, n=1)
            raise SpymasterError(
                _OPTION,
                f"there is no var {name!r}",
                f"did you mean {near[0]!r}?" if near else "vars are those of dbt_project.yml",
            )


def _date(name: str, value: object) -> dt.date | None:
    if value is None or type(value) is dt.date:
        return value
    try:
        return dt.datetime.strptime(str(value), "%Y-%m-%d").date()
    except ValueError as error:
        raise SpymasterError(name, f"{value!r} is no date", "dates are YYYY-MM-DD") from error
