"""``spymaster train``: fit claimants on earlier days and compare them."""

from __future__ import annotations

import json
from datetime import date, datetime

import click
from rich.table import Table
from spymaster_ingest.console import out
from spymaster_ingest.lake import Lake

_EXAMPLE = """\b
Examples:
  spymaster train
  spymaster train --claimants named_logistic,trees_stage_b --workers 1
  spymaster train --from 2025-10-01 --to 2025-12-31 --json
"""
_DATE = click.DateTime(["%Y-%m-%d"])


@click.command(name="train", epilog=_EXAMPLE)
@click.option(
    "--claimants",
    "claimants",
    metavar="NAMES",
    help="Claimants, separated by commas: break_score, named_logistic, trees_stage_a, "
    "trees_stage_b, kernels, perceptron, transformer. The last two need the extra `deep`.  "
    "[default: all but these two]",
)
@click.option("--from", "first", type=_DATE, help="First session date to read.  [default: all]")
@click.option("--to", "last", type=_DATE, help="Last session date to read.  [default: all]")
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Number of processes.",
)
@click.option(
    "--ablations",
    is_flag=True,
    help="Train on events trees of each family of features alone too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
def command(
    claimants: str | None,
    first: datetime | None,
    last: datetime | None,
    workers: int,
    ablations: bool,
    as_json: bool,
) -> None:
    """Fit claimants day by day on earlier days, and compare them with rivals and retrieval.

    Writes gold.model_registry, gold.model_predictions and gold.model_metrics, and the models
    themselves below models/ of the lake. Prints by how much each beats the base rate and the best
    of the simpler rivals, and whether that is useful, not shown, or of too few days; then the same
    of whether price reaches the level in time, and how far events go. Run `spymaster evaluate`
    before for the odds of retrieval beside them.
    """
    from spymaster.training.train import train

    days: tuple[date | None, date | None] = (
        first.date() if first else None,
        last.date() if last else None,
    )
    named = [name.strip() for name in (claimants or "").split(",") if name.strip()]
    lake = Lake.from_environment()
    rows = train(lake, claimants=named, days=days, workers=workers, ablations=ablations)
    if as_json:
        click.echo(json.dumps(rows, indent=2, default=str))
        return
    out.print(_table(rows))
    out.print(_table_of_heads(rows))


def _table(rows: list[dict]) -> Table:
    """Return the scores of outcomes as stated, best first within each unit and direction."""
    table = Table()
    for name in ("unit", "direction", "decisions", "model", "days", "episodes", "log-loss"):
        table.add_column(name)
    for name in ("over the base rate", "over the best rival", "verdict"):
        table.add_column(name)
    shown = [row for row in rows if row["head"] == "outcome" and row["slice"] in ("all", "first")]
    for row in sorted(shown, key=_order):
        table.add_row(
            row["unit"],
            row["approach_dir"].removeprefix("approach_"),
            row["slice"],
            row["model"],
            str(row["n_days"]),
            str(row["n_episodes"]),
            f"{row['log_loss']:.4f}",
            _gain(row, "skill_vs_base_rate"),
            _gain(row, "skill"),
            row.get("verdict") or "",
        )
    return table


def _table_of_heads(rows: list[dict]) -> Table:
    """Return the scores of the labels beside the outcome, best first within each."""
    table = Table()
    for name in ("head", "horizon", "unit", "direction", "model", "days", "episodes", "loss"):
        table.add_column(name)
    for name in ("over the base rate", "verdict"):
        table.add_column(name)
    shown = [row for row in rows if row["head"] not in ("outcome", "break_or_reject")]
    for row in sorted(shown, key=lambda row: (row["head"], row["horizon_id"], _order(row))):
        table.add_row(
            row["head"],
            row["horizon_id"],
            row["unit"],
            row["approach_dir"].removeprefix("approach_"),
            row["model"],
            str(row["n_days"]),
            str(row["n_episodes"]),
            f"{_loss(row):.4f}",
            _gain(row, "skill_vs_base_rate"),
            row.get("verdict") or "",
        )
    return table


def _loss(row: dict) -> float:
    """Return the log-loss, or the squared error of a number."""
    return row["squared_error"] if row.get("log_loss") is None else row["log_loss"]


def _order(row: dict) -> tuple:
    return row["root"], row["unit"], row["approach_dir"], row["slice"], _loss(row)


def _gain(row: dict, name: str) -> str:
    """Return a gain in nats with its interval, as far as they are known."""
    gain, low, high = (row.get(f"{name}{end}") for end in ("", "_lo", "_hi"))
    if gain is None:
        return ""
    text = f"{gain:+.4f}"
    return text if low is None or high is None else f"{text} ({low:+.4f} to {high:+.4f})"
