"""The result table, on the screen and as files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from bench.rows import ROWS, Round, Row, median_over

_COLUMNS = ("row", "what", "M records/s", "seconds", "peak MB", "ratio", "goal", "reached")


@dataclass(frozen=True)
class Line:
    """Medians of one row; None where a process did not run."""

    row: Row
    records: int | None
    seconds: float | None
    peak_bytes: float | None
    value: float | None

    @property
    def reached(self) -> bool | None:
        """Return whether the goal is met; None without goal or value."""
        return None if self.value is None else self.row.reached(self.value)

    def cells(self) -> tuple[str, ...]:
        """Return the texts of the line, in the order of the columns."""
        rate = self.records / self.seconds / 1e6 if self.seconds and self.records else None
        goal = "" if self.row.goal is None else f"{'<=' if self.row.at_most else '>='} "
        return (
            self.row.number,
            self.row.what,
            _number(rate),
            _number(self.seconds),
            "" if self.peak_bytes is None else f"{self.peak_bytes / 1e6:.0f}",
            f"{_number(self.value)} {self.row.against}".strip(),
            goal + ("" if self.row.goal is None else f"{self.row.goal:g}"),
            {True: "yes", False: "no", None: ""}[self.reached],
        )


def lines_of(rounds: list[Round], records: dict[str, int]) -> list[Line]:
    """Return the medians of every measured row.

    Args:
        rounds: results by case, per round.
        records: records of each case's input.
    """
    lines = []
    for row in ROWS:
        line = Line(
            row=row,
            records=records.get(row.case),
            seconds=None if row.seconds is None else median_over(rounds, row.seconds),
            peak_bytes=median_over(rounds, lambda found, case=row.case: found[case]["peak_bytes"]),
            value=None if row.measure is None else median_over(rounds, row.measure),
        )
        if line.peak_bytes is not None:
            lines.append(line)
    return lines


def rich_table(lines: list[Line]) -> Table:
    """Return the table for the screen."""
    table = Table()
    for name in _COLUMNS:
        table.add_column(name, justify="left" if name in ("row", "what") else "right")
    for line in lines:
        colour = {True: "green", False: "red", None: None}[line.reached]
        table.add_row(*line.cells(), style=colour)
    return table


def write_files(
    out: Path, lines: list[Line], rounds: list[Round], machine: str, settings: str
) -> None:
    """Write ``table.md`` and ``results.json`` (every single run) into ``out``."""
    text = ["| " + " | ".join(_COLUMNS) + " |", "|" + "---|" * len(_COLUMNS)]
    text += ["| " + " | ".join(line.cells()) + " |" for line in lines]
    text += ["", machine, "", settings, ""]
    (out / "table.md").write_text("\n".join(text), encoding="utf-8")
    rows = [
        {
            "row": line.row.number,
            "what": line.row.what,
            "records": line.records,
            "seconds": line.seconds,
            "peak_bytes": line.peak_bytes,
            "value": line.value,
            "against": line.row.against,
            "goal": line.row.goal,
            "goal_is_upper_bound": line.row.at_most,
            "reached": line.reached,
        }
        for line in lines
    ]
    result = {"machine": machine, "settings": settings, "rows": rows, "rounds": rounds}
    (out / "results.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
