"""Find the row of a request, or say what there is instead."""

from __future__ import annotations

import datetime as dt
from typing import Any

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.units import price_text

from spymaster.built_settings import RELATION as SETTINGS
from spymaster.clock import clock_of
from spymaster.explain.catalogue import Catalogue, Column
from spymaster.explain.request import CellRequest
from spymaster.explain.rerun import rows_of
from spymaster.explain.wanted import Row
from spymaster.published import NotPublishedError

_ENDS = ("window_end_ts", "ts_end", "trigger_ts", "bar_end_ts", "window_start_ts")
_SECOND = dt.timedelta(seconds=1)
# flags of the command by parameter of a request, which is a column of the relation
_FLAGS = {
    "side": "--side",
    "price_int": "--price",
    "level_id": "--level",
    "strike_price_int": "--strike",
    "horizon_id": "--horizon",
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
    for column in _FLAGS:
        value = getattr(request, column)
        if column == "horizon_id" and value is None and column in columns:
            value = _default_horizon(catalogue)
        if value is None:
            continue
        if column not in columns:
            raise SpymasterError(
                f"{_parameter(column)} {_text(column, value)}",
                f"is no part of the key of {request.relation}",
                "leave it out",
            )
        values[column] = value
        conditions.append(f'"{column}" = ${column}')
    for column, text in request.keys.items():
        values[f"key_{column}"] = text
        conditions.append(f'"{column}" = {_bound(catalogue, columns[column], text)}')
    rows = _rows(catalogue, request.relation, conditions, values)
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise NotPublishedError(
            _where(catalogue, request),
            "has no such row",
            _instead(catalogue, request, time, values),
        )
    raise SpymasterError(
        _where(catalogue, request),
        "names several rows",
        _choices(catalogue, request.relation, " and ".join(conditions), values),
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


def _choices(catalogue: Catalogue, relation: str, where: str, values: dict[str, Any]) -> str:
    """Return by which columns of their key rows differ, with the values."""
    found = []
    for name in catalogue.keys(relation):
        query = f'select distinct "{name}" from {relation} where {where} order by all'  # noqa: S608
        there = [value for (value,) in catalogue.connection.execute(query, values).fetchall()]
        if len(there) > 1:
            found.append(_there(name, there))
    return f"choose {'; '.join(found)}" if found else "no column of their key tells them apart"


def _there(column: str, values: list[Any]) -> str:
    """Return the values of a column in words; of many the first and the last."""
    texts = [_text(column, value) for value in values if value is not None]
    listed = ", ".join(texts) if len(texts) <= _LISTED else f"from {texts[0]} to {texts[-1]}"
    return f"{_parameter(column)} {listed}"


def _parameter(column: str) -> str:
    """Return how the command and a request call a column of the key."""
    flag = _FLAGS.get(column)
    if flag is None:
        return f"--key {column}=..."
    return flag if flag == f"--{column}" else f"{flag} ({column})"


def _text(column: str, value: Any) -> str:
    """Return a value as its flag takes it: prices in points."""
    is_price = column.endswith("price_int") and isinstance(value, int)
    return price_text(value) if is_price else str(value)


def _where(catalogue: Catalogue, request: CellRequest) -> str:
    clock = clock_of(catalogue.connection)
    local = f"{clock.time(request.window_end_ts)} {clock.city}"
    keys: Row = {**{name: getattr(request, name) for name in _FLAGS}, **request.keys}
    named = " ".join(_text(name, key) for name, key in keys.items() if key is not None)
    return f"{request.relation} {request.symbol} {request.day} {local} {named}".strip()


def _instead(catalogue: Catalogue, request: CellRequest, time: str, values: dict[str, Any]) -> str:
    """Return which rows there are in the second; without any, in which seconds there are some."""
    relation, connection = request.relation, catalogue.connection
    keys = dict.fromkeys((*_FLAGS, *request.keys))
    names = [name for name in keys if name in catalogue.columns(relation)]
    second = {name: values[name] for name in ("symbol", "dt", "at")}
    there = f'from {relation} where symbol = $symbol and dt = $dt and "{time}" = $at'
    found = []
    for name in names:
        query = f'select distinct "{name}" {there} order by all'
        listed = [value for (value,) in connection.execute(query, second).fetchall()]
        if not listed:
            break
        found.append(_there(name, listed))
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
    clock = clock_of(connection)
    between = f"from {clock.time(first)} to {clock.time(last)} {clock.city}"
    return f"that contract-day has rows at {n_times:,} times {between}"
