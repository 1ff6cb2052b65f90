"""Print where the time of a build went."""

from __future__ import annotations

from rich import box
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_warehouse.build_times import DATA_TESTS, MODELS, SEEDS, UNIT_TESTS, BuildTimes
from spymaster_warehouse.build_times import RelationTime as Times

# rows below this share of all nodes' seconds are added up
_LEAST_SHARE = 0.005
_COLUMNS = (
    "kind",
    "relation",
    "nodes",
    "seconds",
    "in SQL",
    "outside SQL",
    "statements",
    "partitions",
    "s per partition",
    "MB written",
)


def print_profile(times: BuildTimes) -> None:
    """Print a table by relation and kind, then by kind, then the whole build."""
    table = Table(box=box.SIMPLE)
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in ("kind", "relation") else "right")
    whole = sum(row.seconds for row in times.relations)
    shown = [row for row in times.relations if row.seconds >= _LEAST_SHARE * whole]
    for row in shown:
        table.add_row(*_cells(row))
    table.add_section()
    for kind in (MODELS, SEEDS, DATA_TESTS, UNIT_TESTS):
        rows = [row for row in times.relations if row.kind == kind]
        if rows:
            table.add_row(*_cells(_sum(kind, "all", rows)))
    out.print(table)
    out.print(
        f"{len(times.relations) - len(shown)} shorter rows are in the sums only. Seconds add up "
        "nodes that run beside each other.",
        markup=False,
    )
    out.print(
        f"the build took {times.wall_s:.1f} s: {times.nodes_s:.1f} s from the first node to the "
        f"last, {times.wall_s - times.nodes_s:.1f} s to start, parse, check and publish",
        markup=False,
    )


def _cells(row: Times) -> tuple[str, ...]:
    has_files = row.partitions > 0
    return (
        row.kind,
        row.relation,
        str(row.nodes),
        f"{row.seconds:.2f}",
        f"{row.sql_s:.2f}",
        f"{row.seconds - row.sql_s:.2f}",
        f"{row.statements:,}",
        str(row.partitions) if has_files else "",
        f"{row.seconds / row.partitions:.3f}" if has_files else "",
        f"{row.written_bytes / 1e6:.1f}" if has_files else "",
    )


def _sum(kind: str, relation: str, rows: list[Times]) -> Times:
    return Times(
        kind,
        relation,
        sum(row.nodes for row in rows),
        sum(row.seconds for row in rows),
        sum(row.sql_s for row in rows),
        sum(row.statements for row in rows),
        sum(row.partitions for row in rows),
        sum(row.written_bytes for row in rows),
    )
