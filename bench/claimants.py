"""``python -m bench.claimants``: processor time of the claimants of sequences.

Fits on random decisions of some days; the results themselves have no meaning. A walk-forward fits
anew every few days on all days before; its time is added up from fits on some numbers of days.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import click
import numpy as np
from rich.table import Table
from spymaster_engine.statistics.claimants.kernels import KernelSettings
from spymaster_engine.statistics.claimants.perceptron import PerceptronSettings
from spymaster_engine.statistics.claimants.sequence_claimants import FITS, Fitted
from spymaster_engine.statistics.claimants.sequences import Sequences
from spymaster_engine.statistics.claimants.transformer import TransformerSettings
from spymaster_ingest.console import out

from bench.machine import machine_line

_ROWS, _STATIC, _SEED = 240, 12, 42
_SETTINGS = {
    "kernels": KernelSettings(),
    "perceptron": PerceptronSettings(),
    "transformer": TransformerSettings(),
}
# a walk-forward of all days, one prediction
_GOAL_S = {"kernels": 180.0, "transformer": 600.0}
_GOAL_MS = 5.0
_QUERIES = 20


@click.command()
@click.option("--days", default=60, show_default=True)
@click.option("--decisions", default=72, show_default=True, help="Per day.")
@click.option("--channels", default=20, show_default=True)
@click.option("--refit", default=5, show_default=True, help="Days between two fits.")
@click.option("--first", default=20, show_default=True, help="Days before the first fit.")
@click.option("--epochs", type=int, help="Passes of the networks, none stopped early.")
@click.option("--by-channel", is_flag=True, help="The transformer with a series per channel.")
@click.argument("names", nargs=-1, type=click.Choice(list(FITS)))
def main(
    days: int,
    decisions: int,
    channels: int,
    refit: int,
    first: int,
    epochs: int | None,
    by_channel: bool,
    names: tuple[str, ...],
) -> None:
    """Fit the claimants NAMES, all by default, and print their processor time."""
    data, target = _decisions(days, decisions, channels)
    table = Table()
    for column in (
        "claimant",
        "walk-forward s",
        "goal s",
        "last fit s",
        "prediction ms",
        "goal ms",
    ):
        table.add_column(column, justify="left" if column == "claimant" else "right")
    for name in names or FITS:
        settings = _SETTINGS[name]
        if isinstance(settings, TransformerSettings):
            settings = replace(settings, by_channel=by_channel)
        if epochs is not None and not isinstance(settings, KernelSettings):
            training = replace(settings.training, epochs=epochs, patience=epochs)
            settings = replace(settings, training=training)
        total, last = 0.0, 0.0
        for n_days in range(first, days + 1, refit):
            rows = data.day < n_days
            part, outcome = data.take(rows), target[rows]

            def fit(
                part: Sequences = part,
                outcome: np.ndarray = outcome,
                name: str = name,
                settings: object = settings,
            ) -> Fitted:
                return FITS[name](part, outcome, np.ones(len(outcome)), _SEED, settings)

            model, last = _timed(fit)
            total += last
        goal = _GOAL_S.get(name)
        table.add_row(
            name,
            f"{total:.0f}",
            f"{goal:.0f}" if goal else "",
            f"{last:.1f}",
            f"{_prediction_ms(model, data):.1f}",
            f"{_GOAL_MS:.0f}",
        )
    out.print(table)
    out.print(machine_line(1), markup=False)


def _decisions(days: int, per_day: int, channels: int) -> tuple[Sequences, np.ndarray]:
    draw = np.random.default_rng(_SEED)
    n = days * per_day
    values = draw.normal(size=(n, channels, _ROWS)).astype(np.float32)
    static = draw.normal(size=(n, _STATIC)).astype(np.float32)
    missing = draw.random((n, _ROWS)) < 0.02
    sequences = Sequences(values, missing, static, np.repeat(np.arange(days), per_day))
    return sequences, draw.integers(0, 3, n)


def _timed(work: Callable[[], Fitted]) -> tuple[Fitted, float]:
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def _prediction_ms(model: Fitted, data: Sequences) -> float:
    """Return the median milliseconds of a decision alone."""
    took = []
    for row in range(_QUERIES):
        query = data.take(slice(row, row + 1))
        start = time.process_time()
        model.predict(query)
        took.append(time.process_time() - start)
    return float(np.median(took)) * 1e3


if __name__ == "__main__":
    main()
