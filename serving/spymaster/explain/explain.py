"""Explain one value: what it means, what made it, and that this gives it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
from spymaster_ingest.errors import SpymasterError, as_one_line

from spymaster.explain import document
from spymaster.explain.catalogue import Catalogue
from spymaster.explain.cell import find_row
from spymaster.explain.counts import ENGINE
from spymaster.explain.engine_cell import EngineCell, explain_count
from spymaster.explain.neighbors import FLOOR, Search, search_again
from spymaster.explain.neighbors import RELATIONS as WITH_NEIGHBORS
from spymaster.explain.odds import odds_in_words, terms_of_odds
from spymaster.explain.request import CellRequest, read_request
from spymaster.explain.steps import Step, explain_steps, same
from spymaster.explain.wanted import Row, Wanted
from spymaster.remote_records import where_records_lie

ANSWERS = "gold.retrieval_answers"
_TRADES = "steps.contract_trades"


def explain_cell(
    connection: duckdb.DuckDBPyConnection, request: Mapping[str, object]
) -> dict[str, Any]:
    """Explain a value of a published relation.

    Args:
        connection: the published file, whose clock is UTC; its lake lies around it.
        request: parameters of ``GET /v1/hud/explain`` as text or numbers, see ``read_request``.

    Returns:
        The explanation as JSON types: relation, column, key, value, definition, unit, sum,
        recomputed, notes, inputs, records, n_records, orders, neighbors, made_by and steps.

    Raises:
        SpymasterError: The request names nothing that is there.
    """
    catalogue = Catalogue(connection)
    asked = read_request(catalogue, request)
    row = find_row(catalogue, asked)
    target = Wanted(
        asked.relation,
        catalogue.partition(asked.symbol, asked.day),
        (row,),
        frozenset([asked.column]),
    )
    steps = explain_steps(catalogue, target)
    cell = EngineCell()
    if asked.relation in ENGINE:
        cell = explain_count(catalogue, asked.relation, asked.column, row)
    elif asked.relation == _TRADES:
        cell.records, cell.n_records = _record_of(catalogue, row), 1
        path = catalogue.partition(row["symbol"], row["dt"])["landed_path"]
        elsewhere = path and where_records_lie(catalogue.lake, (catalogue.lake.root / path).parent)
        if elsewhere:
            cell.n_records = 0
            cell.notes.append(f"records not shown: {elsewhere}")
    search, notes = _search(catalogue, asked, row, steps)
    if asked.relation in WITH_NEIGHBORS:
        numbers = search.numbers if search and asked.relation == ANSWERS else row
        cell.total = terms_of_odds(catalogue, asked.column, numbers)
        neighbors = search.neighbors if search else []
        notes = [*odds_in_words(asked.column, cell.total, neighbors), *notes]
    return _document(catalogue, asked, row, steps, cell, search, notes)


def _document(
    catalogue: Catalogue,
    asked: CellRequest,
    row: Row,
    steps: list[Step],
    cell: EngineCell,
    search: Search | None,
    notes: list[str],
) -> dict[str, Any]:
    first, *further = steps
    columns, value = catalogue.columns(asked.relation), row[asked.column]
    recomputed, is_equal = _again(asked, first, cell, search, value)
    return {
        "relation": asked.relation,
        "column": asked.column,
        "key": {name: document.plain(row[name]) for name in catalogue.keys(asked.relation)},
        "value": document.plain(value),
        "definition": columns[asked.column].description,
        "unit": document.unit_of(asked.column),
        "sum": cell.total,
        "recomputed": {"value": document.plain(recomputed), "equal": is_equal},
        "notes": [*_notes(first, further, cell), *notes],
        "inputs": document.inputs(first),
        "records": cell.records,
        "n_records": cell.n_records,
        "orders": cell.orders,
        "neighbors": search.neighbors if search else [],
        "made_by": document.made_by(catalogue, first),
        "steps": [document.further_step(catalogue, step) for step in further],
    }


def _again(
    asked: CellRequest, first: Step, cell: EngineCell, search: Search | None, value: object
) -> tuple[object, bool | None]:
    """Return the value made again and whether it is the published one; None: not made again."""
    if asked.relation in ENGINE:
        return cell.recomputed, cell.is_equal
    if asked.relation in WITH_NEIGHBORS and cell.total:
        found = cell.total[asked.column]
        return found, same(found, value) and first.is_equal is not False
    if asked.relation == ANSWERS and search and asked.column in search.numbers:
        found = search.numbers[asked.column]
        return found, same(found, value)
    if first.recomputed is None:
        return None, None
    return first.recomputed[0].get(asked.column), first.is_equal


def _notes(first: Step, further: list[Step], cell: EngineCell) -> list[str]:
    notes = list(cell.notes)
    if first.is_equal is not None:
        rows = sum(one.n_rows for one in first.inputs)
        gives = "gives the published value" if first.is_equal else "gives another value"
        notes.append(f"the SQL, run over only the {rows:,} listed input rows, {gives}")
        if not first.is_equal:
            notes.append("another build may have made this row: vars or code have changed since")
    listed = (document.seconds_read(one) for one in first.inputs)
    notes += [sentence for sentence in listed if sentence]
    if first.wanted.relation not in ENGINE:
        notes += first.notes
    notes += _calibration(first)
    for step in further:
        if step.is_equal is False:
            notes.append(f"{step.wanted.relation} does not come out of its inputs again")
        notes += step.notes
    return notes + document.ends([first, *further])


def _calibration(step: Step) -> list[str]:
    """Return a sentence on the scale of a score."""
    found = [one for one in step.inputs if one.relation == "steps.norm_quantiles" and one.rows]
    return [
        f"scaled by the row of steps.norm_quantiles of {one.rows[0]['minute_ts']} UTC"
        for one in found
    ]


def _search(
    catalogue: Catalogue, asked: CellRequest, row: Row, steps: list[Step]
) -> tuple[Search | None, list[str]]:
    """Search the library again for a row of odds, and compare with the answer that is stored."""
    if asked.relation not in WITH_NEIGHBORS:
        return None, []
    if not row["is_judged"]:
        return None, ["neighbors not shown: this decision lies outside of the barriers"]
    stored = _answer_of(asked, row, steps)
    floor = None if FLOOR in stored else row[FLOOR]
    try:
        search = search_again(catalogue.connection, catalogue.lake, row, floor)
    except (SpymasterError, OSError) as error:
        return None, [f"neighbors not shown: {as_one_line(error)}"]
    shared = [name for name in stored if name in search.numbers]
    differing = [name for name in shared if not same(stored[name], search.numbers[name])]
    given = "" if floor is None else f" with the stored {FLOOR}"
    said = (
        f"the search{given} gives other {', '.join(differing)} than the stored answer"
        if differing
        else f"the search, run again{given}, gives the stored {', '.join(shared)}"
    )
    return search, [said] if shared else []


def _answer_of(asked: CellRequest, row: Row, steps: list[Step]) -> Row:
    """Return the stored columns of the answer that the asked value is made of."""
    if asked.relation == ANSWERS:
        return {asked.column: row[asked.column]}
    read = [one for one in steps[0].inputs if one.relation == ANSWERS and one.rows]
    if not read:
        return {}
    return {name: read[0].rows[0][name] for name in read[0].value_columns or ()}


def _record_of(catalogue: Catalogue, row: Row) -> list[Row]:
    """Return the record behind a trade."""
    found = catalogue.record(row["symbol"], row["dt"], row["rec_ordinal"])
    return [document.plain(found)] if found else []
