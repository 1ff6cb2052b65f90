"""The parts of an explanation as JSON."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from spymaster.explain.catalogue import Catalogue, ModelCode
from spymaster.explain.counts import ENGINE
from spymaster.explain.ends import END_REASONS
from spymaster.explain.rerun import with_partition
from spymaster.explain.steps import Input, Step
from spymaster.explain.trace import sql_of_columns
from spymaster.explain.wanted import Row

_TIMES = ("window_end_ts", "window_start_ts", "bar_end_ts")
# for the linter, of no use to a reader; and the lines that a template leaves empty
_NOISE = re.compile(r"--\s*noqa[^\n]*|/\* noqa[^*]*\*/\n?|\n\s*(?=\n)")
_SEEDS = "reference."
_ONLY_KEYS = "the value rests on which rows it has, not on what they hold"
_UNITS = {
    "_qty": "contracts",
    "_ticks": "ticks",
    "_price_int": "1e-9 points",
    "_price": "points",
    "_points": "points",
    "_ns": "ns",
    "_s": "s",
    "_log": "natural logarithm",
    "_share": "share",
    "_usd": "USD",
}


def unit_of(column: str) -> str | None:
    """Return the unit that the name of a column says; None when it says none."""
    if "_qty" in column:
        return "contracts"
    return next((unit for end, unit in _UNITS.items() if column.endswith(end)), None)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: times as text, no number that JSON does not know."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def made_by(catalogue: Catalogue, step: Step) -> Row:
    """Return how rows were made: by the engine, by SQL or by Python, with the code.

    SQL has the values of the partition in it, so that it runs on the published file.
    """
    code, partition = step.code, step.wanted.partition
    sql = None if code is None else with_partition(_NOISE.sub("", code.sql).strip(), partition)
    kind = _kind(step.wanted.relation, code)
    found: Row = {"kind": kind, "sql": sql}
    if code is not None and kind == "sql":
        types = catalogue.types(step.inputs_of_sql)
        # with its keys: a reader looks for one row, and rows are ordered by them
        columns = step.wanted.columns | frozenset(step.keys)
        cut = sql_of_columns(code.sql, columns, types)
        found["sql_of_column"] = (
            None if cut is None else with_partition(_NOISE.sub("", cut), partition)
        )
    return found


def _kind(relation: str, code: ModelCode | None) -> str:
    if relation in ENGINE:
        return "engine"
    return "python" if code is not None and code.language == "python" else "sql"


def inputs(step: Step) -> list[Row]:
    """Return the input rows of a step."""
    return [
        {
            "relation": one.relation,
            "value_columns": None if one.value_columns is None else list(one.value_columns),
            "n_rows": one.n_rows,
            "rows": [_shown(row) for row in one.rows],
        }
        for one in step.inputs
    ]


def _shown(row: Row) -> Row:
    return {name: plain(value) for name, value in row.items() if name not in ("symbol", "dt")}


def further_step(catalogue: Catalogue, step: Step) -> Row:
    """Return a step before the explained value."""
    return {
        "relation": step.wanted.relation,
        "columns": sorted(step.wanted.columns),
        "n_rows": len(step.wanted.rows),
        "made_by": made_by(catalogue, step),
        "inputs": inputs(step),
        "recomputed": {"n_rows": len(step.recomputed or ()), "equal": step.is_equal},
        "notes": step.notes,
    }


def ends(steps: list[Step]) -> list[str]:
    """Return, for each relation at which an explanation ends, that it does and why."""
    explained = {step.wanted.relation for step in steps}
    leaves = {one.relation for step in steps for one in step.inputs if one.rows} - explained
    return [
        f"{relation} is explained no further here: {END_REASONS.get(relation, _ONLY_KEYS)}"
        for relation in sorted(leaves)
        if not relation.startswith(_SEEDS)
    ]


def seconds_read(one: Input) -> str | None:
    """Return a sentence on an input that several seconds were read of."""
    name = next((name for name in _TIMES if name in one.rows[0]), None) if one.rows else None
    times = sorted({row[name] for row in one.rows}) if name else []
    if len(times) < 2:
        return None
    return f"{one.relation}: rows of {len(times):,} seconds, from {times[0]} to {times[-1]} UTC"
