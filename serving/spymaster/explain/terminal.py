"""An explanation in plain words and tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from spymaster_ingest.units import NS_PER_S, price_text

from spymaster.clock import LocalClock
from spymaster.explain.wanted import Row

_ROWS = 8
_NEIGHBORS = 10


def print_explanation(
    found: Row, console: Console, clock: LocalClock, *, verbose: bool = False
) -> None:
    """Print an explanation.

    Args:
        found: of ``explain_cell``.
        console: console to print on.
        clock: the lake's clock.
        verbose: whether to print all rows, the SQL and the steps before too.
    """
    _print_value(found, console)
    most = None if verbose else _ROWS
    if found["records"]:
        console.print(_table("records", found["records"], most))
        _say_more(console, "records", len(found["records"]), most)
    if found["orders"]:
        console.print(_table("resting orders", found["orders"], most))
        _say_more(console, "orders", len(found["orders"]), most)
    for one in found["inputs"]:
        _print_input(one, console, most)
    if found["neighbors"]:
        listed = [_neighbor(row, clock) for row in found["neighbors"]]
        console.print(_table("neighbors", listed, None if verbose else _NEIGHBORS))
        _say_more(console, "neighbors", len(listed), None if verbose else _NEIGHBORS)
    if found["steps"]:
        console.print("further back:", style="bold")
        for step in found["steps"]:
            console.print(f"  {_step_in_words(step)}", markup=False)
            if verbose:
                for one in step["inputs"]:
                    _print_input(one, console, most)
    for note in found["notes"]:
        console.print(f"- {note}", markup=False)
    _print_sql(found["made_by"], console, verbose=verbose)


def _neighbor(row: Row, clock: LocalClock) -> Row:
    """Return a neighbor as a trader reads it: its local time, seconds in tenths."""
    end = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=int(row["window_end_ts_ns"]) // NS_PER_S)
    hit_s = row["time_to_hit_s"]
    return {
        "symbol": row["symbol"],
        "dt": row["dt"],
        clock.city: clock.time(end),
        "level": row["level_id"],
        "similarity": f"{row['similarity']:.3f}",
        "weight": f"{row['weight']:.5f}",
        "outcome": row["outcome"],
        "time to hit, s": None if hit_s is None else f"{hit_s:.1f}",
    }


def _print_value(found: Row, console: Console) -> None:
    unit = f" {found['unit']}" if found["unit"] else ""
    value = "not known (NULL)" if found["value"] is None else f"{_text(found['value'])}{unit}"
    keys = {name: one for name, one in found["key"].items() if one is not None}
    key = ", ".join(f"{_heading(name)} {_text(one, name)}" for name, one in keys.items())
    console.print(f"{found['relation']}.{found['column']} = {value}", style="bold", markup=False)
    console.print(key, markup=False)
    console.print(found["definition"] or "no description is published", markup=False)
    console.print(_again_in_words(found["recomputed"]), markup=False)


def _again_in_words(recomputed: Row) -> str:
    if recomputed["equal"] is None:
        return "not made again; the notes say why"
    if recomputed["equal"]:
        return "made again from what is shown here: equal"
    return f"made again from what is shown here: DIFFERENT, {_text(recomputed['value'])}"


def _step_in_words(step: Row) -> str:
    inputs = ", ".join(f"{one['n_rows']:,} of {one['relation']}" for one in step["inputs"])
    equal = {True: "equal", False: "DIFFERENT", None: "not made again"}[step["recomputed"]["equal"]]
    rows = f"{step['n_rows']:,} row" + ("s" if step["n_rows"] != 1 else "")
    return f"{step['relation']}: {rows} from {inputs or 'nothing shown'}: {equal}"


def _print_input(one: Row, console: Console, most: int | None) -> None:
    if not one["rows"]:
        console.print(f"input {one['relation']}: no row", markup=False)
        return
    console.print(_table(f"input {one['relation']}", one["rows"], most))
    _say_more(console, "rows", one["n_rows"], most)


def _say_more(console: Console, what: str, count: int, most: int | None) -> None:
    if most is not None and count > most:
        console.print(f"  and {count - most:,} more {what} (--json has all that are listed)")


def _table(title: str, rows: list[Row], most: int | None) -> Table:
    table = Table(title=title, title_justify="left")
    columns = list(dict.fromkeys(name for row in rows[:most] for name in row))
    if "window_end_ts" in columns and "window_start_ts" in columns:
        # the same second twice
        columns.remove("window_start_ts")
    for name in columns:
        table.add_column(_heading(name), overflow="fold")
    for row in rows[:most]:
        table.add_row(*(_text(row.get(name), name) for name in columns))
    return table


def _heading(name: str) -> str:
    return name.removesuffix("_int") if name.endswith("price_int") else name


def _print_sql(made_by: Row, console: Console, *, verbose: bool) -> None:
    sql = made_by.get("sql_of_column") or made_by["sql"]
    if not sql:
        return
    if not verbose:
        lines = len(sql.splitlines())
        console.print(f"made by {made_by['kind']}: {lines:,} lines, printed with --verbose")
        return
    console.print(f"made by {made_by['kind']}:", style="bold")
    console.print(Syntax(sql, "sql" if made_by["kind"] != "python" else "python", word_wrap=True))


def _text(value: Any, name: str = "") -> str:
    if value is None:
        return "-"
    if name.endswith("price_int") and isinstance(value, int):
        return price_text(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)
