"""The founding hypothesis on two real stocks by price: lakes, evaluations and docs/real-market.md.

    uv run python -m bench.real_market

Settings are chosen on the first stock and the second is judged once with them. Reads the files of
``../shared/data/cn_a_shares``; lakes that are built already are used as they are.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import duckdb
from spymaster.evaluation.result_rows import PUBLISHED_MAP
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake

from bench.inputs import OUT

DATA = PROJECT_ROOT.parent / "shared" / "data" / "cn_a_shares"
PAGE = PROJECT_ROOT / "docs" / "real-market.md"
LAKES = OUT / "real-market"
# what the evaluation of the page reads, with all that it is made of
READ = (
    "+approaches",
    "+approach_episodes",
    "+retest_events",
    "+placebo_outcomes",
    "+level_outcomes",
    "+data_quality",
    "+retrieval_outcomes",
    "+retrieval_settings",
    "+mbo_trigger_signals",
)
_WIDTH = 110
SETTINGS = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Stock:
    """A stock, the folder of its files, and what it is for."""

    root: str
    folder: str
    purpose: str


STOCKS = (
    Stock("CN6", "sym6", "settings were chosen on it"),
    Stock("CN9", "sym9", "judged once with these settings"),
)


def main() -> None:
    """Make both lakes and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, help="first days of each stock alone")
    parser.add_argument("--out", type=Path, default=PAGE)
    arguments = parser.parse_args()
    parts = [_part_of(stock, _lake_of(stock, arguments.days)) for stock in STOCKS]
    arguments.out.write_text("\n\n".join([_HEAD, *parts, _TAIL]), encoding="utf-8")
    print(f"wrote {arguments.out}")


def _lake_of(stock: Stock, days: int | None) -> Lake:
    """Return the evaluated lake of a stock."""
    lake = Lake(LAKES / (stock.root if days is None else f"{stock.root}-{days}"))
    lake.root.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SETTINGS, lake.settings)
    files = sorted((DATA / stock.folder).glob("*.dbn.zst"))[:days]
    for arguments in (
        ["land", *map(str, files)],
        ["build", "--workers", "auto", "--select", *READ, "--exclude", "resource_type:unit_test"],
        ["evaluate"],
    ):
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-c", "from spymaster.cli import main; main()", *arguments],
            env={**os.environ, LAKE_VARIABLE: str(lake.root)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        print(f"{stock.root} {arguments[0]}: {time.monotonic() - started:.0f} s", flush=True)
    return lake


def _part_of(stock: Stock, lake: Lake) -> str:
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        found = [
            f"## {stock.root}: {stock.purpose}",
            _sentence(connection, stock),
            "### The sentences of the hypothesis",
            _table(connection, _CLAIMS),
            "### What followed each state",
            "By the state in the second of the decision.",
            _table(connection, _STATES),
            "### Does a level matter?",
            _table(connection, _PLACEBO),
            "### Odds of retrieval",
            _table(connection, _RETRIEVAL),
            "### Retests",
            _table(connection, _RETESTS),
            _by_chance(connection),
        ]
    return "\n\n".join(found)


def _sentence(connection: duckdb.DuckDBPyConnection, stock: Stock) -> str:
    ((days, first, last, episodes, reached, resolution),) = connection.execute(
        """
        select
            count(distinct dt), min(dt), max(dt), count(*), count(*) filter (touched),
            (select median(resolution_s) from silver.data_quality)
        from gold.approach_episodes
        """
    ).fetchall()
    return fill(
        f"{days} days from {first} to {last}: {episodes:,} approaches to levels, {reached:,} of "
        f"them touched. The median time between two states of the book is {resolution:g} s.",
        _WIDTH,
    )


def _by_chance(connection: duckdb.DuckDBPyConnection) -> str:
    """Return how many verdicts the tables hold, and how many would come by chance."""
    verdicts = [
        verdict
        for query in (_CLAIMS, _PLACEBO, _RETRIEVAL, _RETESTS)
        for (verdict,) in connection.execute(f"select verdict from ({query})").fetchall()
    ]
    judged = [verdict for verdict in verdicts if verdict not in (None, "too few episodes")]
    return fill(
        f"The tables hold {len(judged)} verdicts on enough approaches. Where nothing is true, one "
        f"interval of 95 % in twenty lies beside zero all the same: of so many, some "
        f"{max(round(len(judged) / 20), 1)}.",
        _WIDTH,
    )


def _table(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return the rows of a query as a table of Markdown, or that there are none."""
    answer = connection.execute(query)
    names = [column[0] for column in answer.description]
    rows = answer.fetchall()
    if not rows:
        return "Nothing could be judged."
    lines = [_line(names), _line("---" for _ in names), *(_line(map(_cell, row)) for row in rows)]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)


_SHARES = """
    round(share, 3) as share, round(base_rate, 3) as "base rate", round(gain, 3) as gain,
    round(gain_lo, 3) as "gain, lower", round(gain_hi, 3) as "gain, upper"
"""
_CLAIMS = f"""
    select
        case state
            when 'all_four' then 'all four: price turns'
            when 'ahead_only' then 'ahead only: price goes through'
            else 'any missing: price chops'
        end as sentence,
        basis, n_days as days, n_episodes as episodes, {_SHARES}, verdict
    from gold.eval_turn_conditions
    where verdict is not null and slice = 'all' and conditions_basis = 'net'
    order by basis, state
"""
_STATES = f"""
    select
        state, outcome, n_days as days, n_episodes as episodes, {_SHARES}
    from gold.eval_turn_conditions
    where
        slice = 'all' and basis = 'at_once' and approach_dir = 'both' and level_kind is null
        and distance_band is null and outcome is not null
        and condition_window_s = (
            select max(condition_window_s) from gold.eval_turn_conditions where verdict is not null
        )
    order by state, outcome
"""
_PLACEBO = """
    select
        coalesce(level_kind, 'all') as "kind of level", n_days as days, n_episodes as approaches,
        n_placebos as "approaches nearby", round(held_share, 3) as held,
        round(placebo_held_share, 3) as "held nearby", round(held_difference, 3) as difference,
        round(held_difference_lo, 3) as lower, round(held_difference_hi, 3) as upper,
        level_matters as verdict
    from gold.level_placebo
    where approach_dir = 'both' and distance_band is null and level_id is null
    order by level_kind nulls first
"""
_RETRIEVAL = f"""
    select
        approach_dir as direction,
        decision_phase as phase, n_days as days, n_episodes as episodes,
        if(model = 'retrieval_learned', 'as found', 'mapped') as odds,
        best_baseline as "best rival", round(skill, 4) as skill, round(skill_lo, 4) as lower,
        round(skill_hi, 4) as upper, verdict
    from gold.eval_retrieval_verdict
    where
        level_id is null
        and model in ('retrieval_learned', 'retrieval_learned_{PUBLISHED_MAP}')
    order by direction, phase, odds
"""
_RETESTS = """
    select
        basis, coalesce(turn_state, 'all') as state,
        n_events as retests, n_days as days, round(continues_share, 3) as continues,
        round(continues_share_lo, 3) as lower, round(continues_share_hi, 3) as upper,
        round(fails_share, 3) as fails, round(chop_share, 3) as chops, verdict
    from gold.eval_retests
    where approach_dir = 'both'
    order by basis, state
"""
_HEAD = """\
# The hypothesis on a real market

Two stocks of the Shanghai exchange, five levels a side every three seconds, early 2019. The four
conditions are read in their net form: what left a price, less what was executed there. `uv run
python -m bench.real_market` lands the files, builds two lakes, evaluates them and writes this
page. Settings were chosen on the first stock; the second was judged once with them.

No row looks ahead: a day is judged with odds and usual sizes of earlier days; on the first days,
when they are too few, usual sizes are those of the day so far. Outcomes are those of the next four
minutes: price goes through the level [break], turns [reject], or does neither [chop]. The base
rate is that of all approaches in the same directions and distances. Intervals are 95 %, over
resampled days. Both stocks trade on the same days, so that they are not two independent markets.

A verdict is supported when the interval of the gain lies above zero, contradicted when below, else
not shown. With fewer than ten days or thirty approaches there are too few episodes to say. How to
read the tables:

- *Sentences*: conditions count in the same second (`at_once`), or when they were met within ten
  seconds (`within_seconds`).
- *Does a level matter?* An approach to a level is compared with approaches to the same level's
  price shifted by a few ticks. Held means that price turned.
- *Odds of retrieval* are scored by log loss, in nats; skill is the gain over the best rival that
  knows no book. Odds are taken as they were found, or mapped to the frequencies of earlier days.
  They are useful only if the interval lies above zero and they are as well calibrated as chance
  allows.
- *Retests*: price comes back to a level that it broke, by bars of two minutes (`bars`) or second
  by second (`seconds`). The verdict says whether the state of the conditions adds to the base
  rate."""
_TAIL = """\
## What this cannot see

- Nothing faster than three seconds: orders that come and go between two states leave no trace,
  and a state may be three seconds old. The hypothesis is about seconds; "not shown" here does not
  refute it at the speed of a liquid future.
- No orders: cancellations and arrivals at one price within three seconds cancel out. Re-pricing,
  queues and hidden orders are unknown.
- Five levels a side reach some four ticks from the best price. What rests further away, often at
  the level itself, enters late.
- Trades were recovered from turnover; for about a third of the intervals their side is unknown.
- The first and last ten minutes of each session half are missing: no auction, no open and no
  close.
- One rising quarter of one market with price limits, without intraday round trips for most
  holders.
"""


if __name__ == "__main__":
    main()
