"""Find the row of a request, or say what there is instead."""

from __future__ import annotations

import datetime as dt
from typing import Any

from spymaster_ingest.errors import SpymasterError

from spymaster.built_settings import RELATION as SETTINGS
from spymaster.clock import in_new_york
from spymaster.explain.catalogue import Catalogue, Column
from spymaster.explain.request import CellRequest
from spymaster.explain.rerun import rows_of
from spymaster.explain.wanted import Row

_ENDS = ("window_end_ts", "ts_end", "trigger_ts", "window_start_ts")
_SECOND = dt.timedelta(seconds=1)
# parameters by column of a relation
_PARAMETERS = {
    "side": "side",
    "price_int": "price_int",
    "level_id": "level_id",
    "strike_price_int": "strike_price_int",
    "horizon_id": "horizon_id",
}
_LISTED = 12


def find_row(catalogue: Catalogue, request: CellRequest) -> Row:
    """Return the one row of a request with all its columns.

    Raises:
        SpymasterError: There is none, or there are several; the error names what there is.
    """
    columns = catalogue.columns(request.relation)
    time = next((name for name in _ENDS if name in columns), None)
    if time is None or not {"symbol", "dt"} <= set(columns):
        raise SpymasterError(
            request.relation, "has no rows of a contract and a second", "explain another relation"
        )
    values: dict[str, Any] = {
        "symbol": request.symbol,
        "dt": request.day,
        "at": _time(time, request),
    }
    conditions = ["symbol = $symbol", "dt = $dt", f'"{time}" = $at']
    for parameter, column in _PARAMETERS.items():
        value = getattr(request, parameter)
        if parameter == "horizon_id" and value is None and column in columns:
            value = _default_horizon(catalogue)
        if value is None:
            continue
        if column not in columns:
            raise SpymasterError(
                f"{parameter} {value}",
                f"is no part of the key of {request.relation}",
                "leave it out",
            )
        values[parameter] = value
        conditions.append(f'"{column}" = ${parameter}')
    for column, text in request.keys.items():
        values[f"key_{column}"] = text
        conditions.append(f'"{column}" = {_bound(catalogue, columns[column], text)}')
    rows = _rows(catalogue, request.relation, conditions, values)
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise SpymasterError(
            _where(request), "has no such row", _instead(catalogue, request, time, values)
        )
    raise SpymasterError(
        _where(request),
        "names several rows",
        f"they differ in {', '.join(_differing(catalogue, request.relation, rows))}",
    )


def _rows(
    catalogue: Catalogue, relation: str, conditions: list[str], values: dict[str, Any]
) -> list[Row]:
    # names are those of the file's columns; all values are bound
    query = f"select * from {relation} where {' and '.join(conditions)} limit {_LISTED}"  # noqa: S608
    return rows_of(catalogue.connection.execute(query, values).to_arrow_table())


def _bound(catalogue: Catalogue, column: Column, text: str) -> str:
    """Return the expression of a key that is given as text; its type is that of the column."""
    is_ns = column.data_type == "TIMESTAMP_NS"
    cast = f"try_cast($key_{column.name} as {'bigint' if is_ns else column.data_type})"
    expression = f"make_timestamp_ns({cast})" if is_ns else cast
    bound = {f"key_{column.name}": text}
    [(is_known,)] = catalogue.connection.execute(
        f"select {expression} is not null", bound
    ).fetchall()
    if not is_known:
        raise SpymasterError(f"{column.name} {text!r}", f"is no value of type {column.data_type}")
    return expression


def _time(column: str, request: CellRequest) -> dt.datetime:
    end = request.window_end_ts
    return end - _SECOND if column == "window_start_ts" else end


def _default_horizon(catalogue: Catalogue) -> str | None:
    if SETTINGS not in catalogue.relations:
        return None
    query = f"select horizon_id from {SETTINGS}"  # noqa: S608
    return catalogue.connection.execute(query).fetchall()[0][0]


def _differing(catalogue: Catalogue, relation: str, rows: list[Row]) -> list[str]:
    names = [name for name in catalogue.keys(relation) if len({row[name] for row in rows}) > 1]
    return names or ["no column of their key"]


def _where(request: CellRequest) -> str:
    clock = f"{in_new_york(request.window_end_ts):%H:%M:%S} New York"
    named_keys = (request.level_id, request.side, request.price_int, request.strike_price_int)
    keys = (*named_keys, *request.keys.values())
    named = " ".join(str(key) for key in keys if key is not None)
    return f"{request.relation} {request.symbol} {request.day} {clock} {named}".strip()


def _instead(catalogue: Catalogue, request: CellRequest, time: str, values: dict[str, Any]) -> str:
    """Return which rows there are in the second; without any, in which seconds there are some."""
    relation, connection = request.relation, catalogue.connection
    keys = dict.fromkeys((*_PARAMETERS.values(), *request.keys))
    names = [name for name in keys if name in catalogue.columns(relation)]
    second = {name: values[name] for name in ("symbol", "dt", "at")}
    there = f'from {relation} where symbol = $symbol and dt = $dt and "{time}" = $at'
    found = []
    for name in names:
        query = f'select distinct "{name}" {there} order by all'
        listed = [value for (value,) in connection.execute(query, second).fetchall()]
        if not listed:
            break
        if len(listed) > _LISTED:
            found.append(f"{name} from {listed[0]} to {listed[-1]}")
        else:
            found.append(f"{name} {', '.join(map(str, listed))}")
    if found:
        zero = (
            " a price without a row holds nothing" if relation.endswith("wall_surface_1s") else ""
        )
        return f"in that second there are {'; '.join(found)}{';' + zero if zero else ''}"
    catalogue.partition(request.symbol, request.day)
    query = (
        f'select min("{time}"), max("{time}"), count(distinct "{time}") '  # noqa: S608
        f"from {relation} where symbol = $symbol and dt = $dt"
    )
    day = {name: values[name] for name in ("symbol", "dt")}
    [(first, last, n_times)] = connection.execute(query, day).fetchall()
    if not n_times:
        return "it has no row of that contract-day"
    first, last = (in_new_york(moment).strftime("%H:%M:%S") for moment in (first, last))
    return f"that contract-day has rows at {n_times:,} times from {first} to {last} New York"
