"""``python -m bench.evaluation``: time of the walk-forward evaluation.

Judges days of random vectors of full width with every model, intervals included; the results
themselves have no meaning.
"""

from __future__ import annotations

import time
from dataclasses import replace

import click
import numpy as np
from rich.table import Table
from spymaster_engine.statistics.evaluation.canaries import release_canaries
from spymaster_engine.statistics.evaluation.judgement import Judgement
from spymaster_engine.statistics.evaluation.model_odds import expectations
from spymaster_engine.statistics.evaluation.samples import Samples, unit_windows
from spymaster_engine.statistics.evaluation.walk_forward import MODELS, Protocol, walk_forward
from spymaster_ingest.console import out
from spymaster_warehouse.project_vars import project_vars

from bench.machine import machine_line

_WIDTH, _CONTEXT = 672, 16
_GOAL_S = 600.0
_DAY_S, _OPEN_S, _WINDOW_S, _HORIZON_S = 86_400, 52_200, 5, 240


@click.command()
@click.option("--days", default=60, show_default=True)
@click.option("--episodes", default=20, show_default=True, help="Per day and direction.")
@click.option("--windows", default=8, show_default=True, help="Per episode.")
@click.option("--models", is_flag=True, help="Time every model by itself as well.")
@click.option("--canaries", is_flag=True, help="Time the planted leaks as well.")
def main(days: int, episodes: int, windows: int, models: bool, canaries: bool) -> None:
    """Judge DAYS of one direction; two directions run in parallel on two cores."""
    samples = replace(
        _samples(days, episodes, windows, 1), mirrored=_samples(days, episodes, windows, 2)
    )
    protocol = Protocol.of(project_vars())
    rows = []
    started = time.perf_counter()
    queries = unit_windows(samples) & (samples.outcome >= 0)
    odds = walk_forward(samples, queries, protocol, {**MODELS, "expectations": expectations})
    del odds["expectations"]
    walked = time.perf_counter()
    judgement = Judgement.of(
        odds, samples.outcome, samples.day, samples.episode, protocol.settings.evaluation_seed
    )
    judgement.metrics()
    claim = judgement.claim("retrieval_learned")
    judged = time.perf_counter()
    rows.append(("walk-forward with all models", walked - started))
    rows.append(("scores, intervals and verdict", judged - walked))
    rows.append(("both", judged - started))
    if models:
        for name, model in MODELS.items():
            started = time.perf_counter()
            walk_forward(samples, queries, protocol, {name: model})
            rows.append((f"{name} by itself", time.perf_counter() - started))
    if canaries:
        started = time.perf_counter()
        release_canaries(samples, queries, protocol)
        rows.append(("planted leaks", time.perf_counter() - started))
    out.print(machine_line(1))
    out.print(f"{len(samples):,} windows, {claim.n_episodes:,} judged episodes: {claim.verdict}")
    table = Table()
    table.add_column("what")
    table.add_column("seconds", justify="right")
    for what, seconds in rows:
        table.add_row(what, f"{seconds:,.1f}")
    out.print(table)
    reached = "reached" if rows[2][1] <= _GOAL_S else "missed"
    out.print(f"goal of {_GOAL_S:,.0f} s for both directions on two cores: {reached}")


def _samples(n_days: int, episodes: int, windows: int, seed: int) -> Samples:
    """Return random windows whose vector elements share common factors."""
    generator = np.random.default_rng(seed)
    n_episodes = n_days * episodes
    n = n_episodes * windows
    episode = np.repeat(np.arange(n_episodes), windows)
    place = np.tile(np.arange(windows), n_episodes)
    day = episode // episodes
    decision = day * _DAY_S + _OPEN_S + (episode % episodes) * 400 + place * _WINDOW_S
    factors = generator.normal(size=(n, 40)) @ generator.normal(size=(40, _WIDTH))
    vector = (factors + 3.0 * generator.normal(size=(n, _WIDTH))).astype(np.float32)
    minutes = (decision % _DAY_S - _OPEN_S) / 60.0
    x0 = -7.0 + 6.0 * place / max(windows - 1, 1)
    return Samples(
        vector=vector,
        context=generator.normal(size=(n, _CONTEXT)).astype(np.float32),
        rival=np.stack([-x0, -x0, *generator.normal(size=(2, n)), minutes], axis=1),
        outcome=generator.integers(0, 3, n_episodes)[episode],
        reached=np.ones(n),
        day=day,
        episode=episode,
        level=episode % 5,
        level_kind=episode % 3,
        half_hour=(minutes // 30).astype(np.int64),
        window_end_s=decision,
        feature_start_s=decision - 135,
        label_end_s=decision + _HORIZON_S,
        x0_ticks=x0,
        barrier_ticks=np.full(n, 8.0),
        horizon_s=np.full(n, float(_HORIZON_S)),
        time_to_hit_s=np.full(n, 60.0),
        mfe_ticks=generator.exponential(5.0, n),
        mae_ticks=-generator.exponential(5.0, n),
    )


if __name__ == "__main__":
    main()
