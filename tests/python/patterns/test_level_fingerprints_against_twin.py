"""Published fingerprints around levels against the plain ones, over drawn tables."""

from __future__ import annotations

import datetime as dt
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from naive.level_fingerprints import MEASURES, ApproachRules, level_fingerprints
from support.drawn_approaches import DT, NS, OUTCOMES, SYMBOL, drawn_tables
from support.fingerprint_rows import unlike
from support.model_over_tables import model_rows

PARTITION = {"symbol": SYMBOL, "dt": str(DT)}
TIMES = ("first_window_end_ts", "label_end_ts")

Row = dict[str, Any]


def queries(tables: dict[str, list[Row]], folder: Path) -> dict[str, str]:
    """Return a query for each table, that reads its rows from a file."""
    found = {}
    for relation, rows in tables.items():
        file = folder / f"{relation}.parquet"
        names = list(dict.fromkeys(name for row in rows for name in row))
        pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), file)
        columns = "* replace (make_timestamp_ns(touch_ts) as touch_ts)"
        chosen = columns if "touch_ts" in names else "*"
        found[relation] = f"select {chosen} from read_parquet('{file}')"
    return found


def published(row: Row) -> Row:
    """Return a row as the model gives it, with times instead of their texts."""
    times = {name: row[name] and dt.datetime.fromisoformat(row[name]) for name in TIMES}
    touch_ns = None
    if row["touch_ts"] is not None:
        second, _, part = row["touch_ts"].partition(".")
        since = dt.datetime.fromisoformat(second) - dt.datetime(1970, 1, 1)
        touch_ns = round(since.total_seconds()) * NS + int(part.ljust(9, "0"))
    return row | times | {"dt": dt.date.fromisoformat(row["dt"]), "touch_ts": touch_ns}


def test_drawn_approaches(tmp_path: Path) -> None:
    tables = drawn_tables(1)
    inputs = queries(tables, tmp_path)
    found = {
        row["episode_id"]: published(row)
        for row in model_rows("level_fingerprints", inputs, PARTITION)
    }
    expected = level_fingerprints(*tables.values(), ApproachRules())
    assert unlike(expected, found) == []

    # what was compared is not empty: every column is known in some rows and missing in others
    rows = list(found.values())
    assert set(OUTCOMES) <= {row["outcome_reached"] for row in rows}
    for prefix, role, name in product(("", "touch_"), ("ahead", "behind"), MEASURES):
        known = [row[f"{prefix}{role}_{name}"] for row in rows]
        assert 3 < known.count(None) < len(rows) - 15, (prefix, role, name)
        assert len(set(known)) > 2, (prefix, role, name)
