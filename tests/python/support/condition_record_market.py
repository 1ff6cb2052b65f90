"""Scripted and random markets of confirmed moments, and the SQL of their record."""

from __future__ import annotations

import datetime as dt
import math
import random
import statistics
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, product
from typing import NamedTuple, get_args, get_type_hints

import duckdb
import jinja2
import pyarrow as pa
import yaml
from naive.condition_record import (
    AsOf,
    Bound,
    Candidate,
    Decision,
    Label,
    Limits,
    Market,
    Row,
    Rule,
    Selection,
    Threshold,
)
from spymaster_engine.door import KERNELS, register
from spymaster_ingest.lake import PROJECT_ROOT

MODELS = PROJECT_ROOT / "models/gold/signals"
SETTINGS = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())["vars"]
HORIZON = SETTINGS["signal_horizon"]
LIMITS = Limits(*(SETTINGS["trigger_search_limits"][name] for name in Limits._fields))
TABLES = dict(
    zip(Market._fields, (Candidate, Label, Decision, Selection, Threshold, AsOf), strict=True)
)
DAY = dt.timedelta(days=1)
FIRST_DAY = dt.date(2025, 10, 1)
BARRIER, RISK, COST = 8, 6.0, 1.4
APPROACHING = "approaching"

_TYPES = {
    str: "varchar",
    dt.date: "date",
    dt.datetime: "timestamp",
    float: "double",
    int: "integer",
    bool: "boolean",
}


class Moment(NamedTuple):
    """A window that predicts REJECT and makes 5 ticks; without a name it is its own episode."""

    outcome: str = "REJECT"
    exit_x: int | None = -8
    base: float | None = 0.4
    is_confirmed: bool | None = True
    episode: str | None = None


def made_market(
    days: Sequence[Sequence[Moment]], symbol: str = "ESZ5", cost_ticks: float = COST
) -> Market:
    """Return a market of moments a minute apart, with the record as of the day after the last."""
    candidates, labels = [], []
    for number, moments in enumerate(days):
        day = FIRST_DAY + number * DAY
        for minute, moment in enumerate(moments):
            at = dt.datetime.combine(day, dt.time(14)) + minute * dt.timedelta(minutes=1)
            key = (symbol, day, "pm_high", at)
            episode = moment.episode or f"minute_{minute}"
            said = (0.8, 0.3, moment.base, "REJECT_DOWN", True, moment.is_confirmed, None, None)
            candidates.append(
                Candidate(symbol, day, day, *key[2:], episode, APPROACHING, "ES", *said)
            )
            followed = (moment.exit_x, -3, BARRIER, 2, -5)
            labels.append(Label(*key, HORIZON, "fixed", moment.outcome, *followed))
    dates = [FIRST_DAY + number * DAY for number in range(len(days))]
    return Market(
        candidates,
        labels,
        [Decision(symbol, day, "fixed") for day in dates],
        [Selection("ES", day, "ESZ5") for day in dates],
        [Threshold("ES", cost_ticks, RISK)],
        [AsOf("ES", FIRST_DAY + len(days) * DAY)],
    )


def random_market(seed: int) -> Market:
    """Return two roots of two contracts over ten days, and a third root without any."""
    rng = random.Random(seed)
    dates = [FIRST_DAY + number * DAY for number in range(10)]
    candidates, labels, decisions = [], [], []
    for root, month, day in product(("ES", "NQ"), ("Z5", "H6"), dates):
        mode = rng.choice(("fixed", "vol"))
        decisions += [Decision(root + month, day, mode)] * 3
        # an evening belongs to the next session
        for level, (hour, evenings) in product(("pm_high", "pm_low"), ((14, 0), (23, 1))):
            episode = f"{month}_{level}_{hour}"
            for minute in range(rng.randrange(1, 5)):
                at = dt.datetime.combine(day, dt.time(hour, minute))
                key = (root + month, day, level, at)
                said = _answer(rng)
                candidates.append(
                    Candidate(
                        *key[:2],
                        day + evenings * DAY,
                        *key[2:],
                        episode,
                        rng.choice((*[APPROACHING] * 5, "at", "through", "back")),
                        root,
                        *said,
                    )
                )
                # a tenth is missing, placed where a join without the day would find it
                labels += [
                    Label(*key, *place, *_future(rng, said[3]))._replace(
                        dt=day + (rng.random() < 0.1) * DAY
                    )
                    for place in product((HORIZON, "s600"), ("fixed", "vol"))
                ]
    selections = [
        Selection(root, day, root + month if month else None)
        for root, day in product(("ES", "NQ"), [*dates, dates[-1] + DAY])
        if (month := rng.choice(("Z5", "Z5", "H6", "H6", "", "none"))) != "none"
    ]
    as_of = [AsOf(*row) for row in product(("ES", "NQ", "CL"), [*dates[::2], dates[-1] + 2 * DAY])]
    thresholds = [Threshold("CL", 2.0, 3), Threshold("ES", COST, RISK), Threshold("NQ", 0.5, 4)]
    tables = (candidates, labels, decisions, selections, thresholds, as_of)
    return Market(*(rng.sample(rows, len(rows)) for rows in tables))


def _answer(rng: random.Random) -> tuple:
    """Columns of a candidate's answer, from its probability on."""
    is_confirmed = rng.choice((True, True, False, None))
    # sums of these are exact in any order
    base = rng.choice((0.25, 0.375, 0.5, None))
    return (
        rng.random(),
        rng.random(),
        base or (0.3125 if is_confirmed else None),
        rng.choice(("BREAK_UP", "BREAK_DOWN", "REJECT_UP", "REJECT_DOWN", "CHOP")),
        rng.choice((*[True] * 9, False, None)),
        is_confirmed,
        rng.choice((*[None] * 6, "beyond_barrier", "too_far")),
        rng.choice((None, None, "chop_high")),
    )


def _future(rng: random.Random, c_top1: str) -> tuple:
    """Columns of what followed an answer, from its outcome on; it is right half of the time."""
    outcome = rng.choice(("BREAK", "REJECT", "CHOP", "NOT_REACHED", "CENSORED"))
    if rng.random() < 0.5:
        outcome = c_top1.split("_")[0]
    if rng.random() < 0.1:
        return outcome, None, -rng.randrange(1, 8), BARRIER, None, None
    exit_x = {"BREAK": BARRIER, "REJECT": -BARRIER}.get(outcome, rng.randrange(-10, 11))
    return (
        outcome,
        exit_x,
        -rng.randrange(1, 8),
        BARRIER,
        rng.randrange(9),
        -rng.randrange(9),
    )


def joined(*markets: Market) -> Market:
    """Return a market with the rows of several markets, without duplicates of shared rows."""
    return Market(*(list(dict.fromkeys(chain(*tables))) for tables in zip(*markets, strict=True)))


def plain_bound(values: Sequence[float]) -> float | None:
    """Return a bound that depends on neither the order of the values nor the draws."""
    if len(values) < 2:
        return None
    return statistics.fmean(values) - statistics.stdev(values) / math.sqrt(len(values))


def run_models(
    market: Market, limits: Limits = LIMITS, bound: Bound | None = None
) -> tuple[list[Row], dict[Rule, Row]]:
    """Return the rows of `trigger_results`, and of `trigger_condition_record` by key.

    Args:
        market: rows of the tables, inserted in their order.
        limits: var trigger_search_limits.
        bound: replacement of `lower_mean`, or None.
    """
    search_limits = SETTINGS["trigger_search_limits"] | limits._asdict()
    variables = SETTINGS | {"trigger_search_limits": search_limits}
    with duckdb.connect(config={"threads": 1}) as connection:
        if bound is None:
            register(connection, KERNELS.values())
        else:
            _replace_lower_mean(connection, bound)
        for name, row_type in TABLES.items():
            _insert(connection, name, row_type, getattr(market, name))
        sql = rendered("trigger_results", variables.__getitem__)
        connection.execute(f"create view trigger_results as {sql}")
        results = _rows(connection.execute("select * from trigger_results"))
        sql = rendered("trigger_condition_record", variables.__getitem__)
        record = _rows(connection.execute(sql))
    by_key = {Rule(*(row.pop(name) for name in Rule._fields)): row for row in record}
    assert len(by_key) == len(record)
    return results, by_key


def _replace_lower_mean(connection: duckdb.DuckDBPyConnection, bound: Bound) -> None:
    def lower_mean(values: list[float] | None, resamples: int, seed: int) -> float | None:
        assert (resamples, seed) == (SETTINGS["signal_resamples"], SETTINGS["evaluation_seed"])
        return bound(values or [])

    types = ["DOUBLE[]", "BIGINT", "BIGINT"]
    connection.create_function("lower_mean", lower_mean, types, "DOUBLE", null_handling="special")


def rendered(model: str, var: Callable[[str], object]) -> str:
    """Return the SQL of a model over tables named as the relations it reads."""
    template = jinja2.Environment(autoescape=False, undefined=jinja2.StrictUndefined).from_string(
        next(MODELS.rglob(f"{model}.sql")).read_text()
    )
    return template.render(var=var, ref=str, config=lambda **_: "")


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, row_type: type, rows: Iterable[NamedTuple]
) -> None:
    columns = {
        column: next(_TYPES[kind] for kind in (*get_args(hint), hint) if kind in _TYPES)
        for column, hint in get_type_hints(row_type).items()
    }
    declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"create table {name} ({declared})")
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = pa.table({column: list(v) for column, v in zip(columns, values, strict=True)})
    connection.register("given_rows", table)
    connection.execute(f"insert into {name} select * from given_rows")
    connection.unregister("given_rows")


def _rows(found: duckdb.DuckDBPyConnection) -> list[Row]:
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
