"""Print the catalogue of what the book shows before key movements."""

from __future__ import annotations

from rich.table import Table
from spymaster_engine.statistics.evaluation.movement_profile import SHOWN
from spymaster_ingest.console import out

from spymaster.patterns.catalogue import Catalogue, Row

STANDARD_ERROR = (
    "A standard error is how far the difference of two averages usually strays by luck alone: more "
    "where the reading jumps about, less the more moves there are. What is shown differs by more "
    "of them than chance reaches."
)
CAUTION = (
    "A move starts where price turns, so it is compared with other turns of price: what is shown "
    "told them apart in the past and promises no move."
)


def print_catalogue(catalogue: Catalogue, limit: int) -> None:
    """Print the summary of each direction, then the strongest readings."""
    for line in catalogue.summaries():
        out.print(line, markup=False)
    rows = catalogue.rows(limit)
    several = len({row["root"] for row in rows}) > 1
    table = Table()
    for name in (["product"] if several else []) + ["move", "what the book does before it", "when"]:
        table.add_column(name, overflow="fold")
    for name in ("before", "matched", "difference", "errors", "moves", "days"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    for row in rows:
        table.add_row(*([row["root"]] if several else []), *_cells(row))
    out.print(table)
    rest = len(catalogue.courses) - len(rows)
    if rest:
        out.print(f"{rest} weaker readings are left out; --limit shows more.")
    out.print(STANDARD_ERROR)
    out.print(CAUTION)


def when_of(row: Row) -> str:
    """Return when a row's reading begins before the move, in words."""
    strongest = f"{-row['strongest_s']} s before"
    if row["verdict"] != SHOWN or row["shown_from_s"] == row["strongest_s"]:
        return strongest
    return f"from {-row['shown_from_s']} s, most {strongest}"


def _cells(row: Row) -> list[str]:
    return [
        row["direction"],
        row["words"],
        when_of(row),
        _value(row["mean"]),
        _value(row["matched_mean"]),
        _difference(row),
        "-" if row["welch_t"] is None else f"{row['welch_t']:+.1f}",
        f"{row['n_movements']:,}",
        f"{row['n_days']:,}",
        row["verdict"],
    ]


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _difference(row: Row) -> str:
    """Return the difference in standard deviations with its interval."""
    if row["z"] is None:
        return "-"
    if row["z_lo"] is None:
        return f"{row['z']:+.2f} sd"
    return f"{row['z']:+.2f} sd ({row['z_lo']:+.2f} to {row['z_hi']:+.2f})"
