"""Force a rebuild of unchanged partitions and whole tables by forgetting what they were made of.

Their data stays readable until the build has replaced it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import connect
from spymaster_warehouse.build_vars import build_vars_of, date_range_of
from spymaster_warehouse.dbt_arguments import selecting
from spymaster_warehouse.dbt_run import run_dbt

_QUERIES = Path(__file__).with_name("queries")
_FORGET_PARTITIONS = _QUERIES / "forget_partitions.sql"
_FORGET_RELATIONS = _QUERIES / "forget_relations.sql"
# `dbt list` takes few options of a build
_LIST = ("--resource-type", "model", "--output", "name", "--quiet", "--log-level", "none")


def forget_partitions(lake: Lake, arguments: Sequence[str]) -> int:
    """Delete the records of the partitions that arguments of ``dbt build`` select.

    These are the partitions of the selected models within the vars start_date, end_date and
    symbols. Whole tables that they select are forgotten as well.

    Args:
        lake: locked by the caller.
        arguments: for dbt.

    Returns:
        How many partitions had records.

    Raises:
        SpymasterError: The warehouse is open elsewhere, or dbt could not read the arguments.
    """
    chosen = date_range_of(build_vars_of(arguments))
    if not lake.warehouse.exists():
        return 0
    listed = run_dbt(lake, "list", (*_LIST, *selecting(arguments))).result
    models = listed if isinstance(listed, list) else []
    found: list[tuple[str]] = []
    with connect(lake) as connection:
        try:
            found = connection.execute(
                _FORGET_PARTITIONS.read_text(encoding="utf-8"),
                {"relations": models, **chosen._asdict(), "symbols": list(chosen.symbols)},
            ).fetchall()
            connection.execute(_FORGET_RELATIONS.read_text(encoding="utf-8"), {"relations": models})
        except duckdb.CatalogException:
            # the first build makes the tables
            pass
    return len(found)
