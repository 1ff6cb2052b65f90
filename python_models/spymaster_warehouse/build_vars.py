"""The vars of a build's command line, checked before dbt puts them into SQL."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import yaml
from spymaster_ingest.errors import SpymasterError

from spymaster_warehouse.project_vars import project_vars
from spymaster_warehouse.var_kinds import as_date, refused
from spymaster_warehouse.var_rules import OF_HORIZONS, RULES, SYMBOL

_OPTION = "--vars"
_DATES = ("start_date", "end_date")
_REMEDY = "dbt_project.yml says what each var is"


class DateRange(NamedTuple):
    """Partitions that a build selects: None is unbounded, no symbols are all symbols."""

    start: dt.date | None
    end: dt.date | None
    symbols: tuple[str, ...]


def build_vars_of(arguments: Sequence[str]) -> dict[str, Any]:
    """Return the vars that arguments of dbt set.

    Raises:
        SpymasterError: They are not a mapping, name an unknown var, or give one a value that it
            cannot have.
    """
    given: dict[str, Any] = {}
    for position, argument in enumerate(arguments):
        if argument == _OPTION and position + 1 < len(arguments):
            given |= _mapping(arguments[position + 1])
        elif argument.startswith(f"{_OPTION}="):
            given |= _mapping(argument.removeprefix(f"{_OPTION}="))
    require_vars(given)
    return given


def require_vars(given: Mapping[str, Any]) -> None:
    """Raise a SpymasterError unless every var is known and has a value of its kind.

    Args:
        given: some vars or all, as YAML reads them.
    """
    _require_known(given)
    date_range_of(given)
    for name, value in given.items():
        wrong = refused(name, value, RULES[name])
        if wrong is not None:
            raise SpymasterError(*wrong, _REMEDY)
    _require_horizons(given)


def _require_horizons(given: Mapping[str, Any]) -> None:
    """Raise when a var names a horizon that there is not."""
    everything = {**project_vars(), **given}
    of_bars = (f"h{bars}" for bars in range(everything["horizon_bars"] + 1))
    there = [*everything["horizons_s"], *of_bars]
    for name in OF_HORIZONS:
        if name not in given:
            continue
        names = [given[name]] if isinstance(given[name], str) else given[name]
        for horizon in names:
            if horizon not in there:
                raise SpymasterError(
                    name,
                    f"there is no horizon {horizon!r}",
                    f"vars horizons_s and horizon_bars make {', '.join(there)}",
                )


def date_range_of(given: Mapping[str, Any]) -> DateRange:
    """Return the dates and symbols that vars select.

    Raises:
        SpymasterError: A date or symbol is invalid, or the last date is before the first.
    """
    start, end = (_date(name, given.get(name)) for name in _DATES)
    if start is not None and end is not None and end < start:
        raise SpymasterError("end_date", f"{end} is before start_date {start}")
    symbols = given.get("symbols") or ()
    symbols = tuple(symbols) if isinstance(symbols, list | tuple) else (symbols,)
    for symbol in symbols:
        if not SYMBOL.accepts(symbol):
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


def _require_known(given: Mapping[str, Any]) -> None:
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
    date = as_date(value)
    if value is not None and date is None:
        raise SpymasterError(name, f"{value!r} is no date", "dates are YYYY-MM-DD")
    return date
