"""Force a rebuild of unchanged partitions and whole tables by forgetting what they were made of.

Their data stays readable until the build has replaced it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
from spymaster_engine.engine_files import DONE_MARKER
from spymaster_ingest.lake import Lake

from spymaster_warehouse.access import connect
from spymaster_warehouse.build_vars import DateRange, build_vars_of, date_range_of
from spymaster_warehouse.dbt_arguments import selecting
from spymaster_warehouse.dbt_run import run_dbt
from spymaster_warehouse.own_files import own_folders

_QUERIES = Path(__file__).with_name("queries")
_FORGET_PARTITIONS = _QUERIES / "forget_partitions.sql"
_FORGET_RELATIONS = _QUERIES / "forget_relations.sql"
# the model whose partitions are the passes of the book engine
_ENGINE = "book_engine_manifest"
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
        How many partitions had records; the engine's files of a contract-day count as one.

    Raises:
        SpymasterError: The warehouse is open elsewhere, or dbt could not read the arguments.
    """
    chosen = date_range_of(build_vars_of(arguments))
    if not lake.warehouse.exists():
        return 0
    listed = run_dbt(lake, "list", (*_LIST, *selecting(arguments))).result
    models = listed if isinstance(listed, list) else []
    passes = _forget_passes(lake, chosen) if _ENGINE in models else 0
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
    return passes + len(found)


def _forget_passes(lake: Lake, chosen: DateRange) -> int:
    """Remove the markers of the engine's finished passes; their files stay."""
    markers = [
        partition / DONE_MARKER
        for partition in own_folders(lake, lake.engine, "symbol=*/dt=*")
        if _is_chosen(partition, chosen) and (partition / DONE_MARKER).exists()
    ]
    for marker in markers:
        marker.unlink()
    return len(markers)


def _is_chosen(partition: Path, chosen: DateRange) -> bool:
    symbol, day = (part.partition("=")[2] for part in partition.parts[-2:])
    return (
        (not chosen.symbols or symbol in chosen.symbols)
        and (chosen.start is None or chosen.start.isoformat() <= day)
        and (chosen.end is None or day <= chosen.end.isoformat())
    )
