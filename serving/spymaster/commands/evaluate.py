"""``spymaster evaluate``: judge the odds of retrieval."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake

_EXAMPLE = """\b
Examples:
  spymaster evaluate
  spymaster evaluate --horizon s120 --horizon s240 --out report
  spymaster evaluate --decisions lake/raw/truth/truth_approaches
"""


@click.command(name="evaluate", epilog=_EXAMPLE)
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the report and its pictures.  [default: evaluation/report in the lake]",
)
@click.option("--root", "roots", multiple=True, help="Product root, e.g. ES.  [default: all]")
@click.option(
    "--horizon",
    "horizons",
    multiple=True,
    help="Horizon of the labels, may be repeated.  [default: var evaluation_horizons]",
)
@click.option(
    "--canaries/--no-canaries", default=True, help="Also plant leaks and report their effect."
)
@click.option(
    "--decisions",
    type=click.Path(exists=True, path_type=Path),
    help="Parquet file or folder with symbol, level_id, decision_ts: judge these moments too.",
)
@click.option(
    "--ablations/--no-ablations",
    default=False,
    show_default=True,
    help="Also score odds that use fewer features.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Number of processes.",
)
@click.option("--again", is_flag=True, help="Evaluate although nothing has changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def command(
    folder: Path | None,
    roots: tuple[str, ...],
    horizons: tuple[str, ...],
    canaries: bool,
    decisions: Path | None,
    ablations: bool,
    workers: int,
    again: bool,
    as_json: bool,
) -> None:
    """Judge the odds of retrieval against simpler rivals, each day from earlier days only.

    Writes gold.eval_* and a report with pictures, which also judges the four conditions and the
    break score. Prints the verdicts on the odds: useful, not shown, or too few episodes.
    """
    from spymaster.evaluation.direction_words import DIRECTIONS, report_scope
    from spymaster.evaluation.evaluate import evaluate
    from spymaster.evaluation.report import report_sentence

    lake = Lake.from_environment()
    report, verdicts = evaluate(
        lake,
        folder or lake.evaluation / "report",
        roots=roots,
        horizons=horizons,
        with_canaries=canaries,
        workers=workers,
        again=again,
        decisions=decisions,
        with_ablations=ablations,
    )
    if as_json:
        click.echo(json.dumps({"report": str(report), "verdicts": verdicts}, indent=2, default=str))
        return
    table = Table()
    for name in ("product", "horizon", "direction", "phase", "level", "model", "verdict"):
        table.add_column(name)
    for row in verdicts:
        table.add_row(
            row["root"],
            row["horizon_id"],
            DIRECTIONS[row["approach_dir"]],
            row["decision_phase"],
            report_scope(row),
            row["model"],
            report_sentence(row),
        )
    out.print(table)
    out.print(f"The report: {report}", markup=False)
