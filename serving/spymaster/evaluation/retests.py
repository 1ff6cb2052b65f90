"""How retests of broken levels ended, by the state of the four conditions at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.retests import (
    ENDS,
    Retests,
    shares_of_ends,
    state_skill,
)
from spymaster_engine.statistics.evaluation.turn_claims import STATES

from spymaster.evaluation.condition_forms import NET, ORDERS
from spymaster.evaluation.read import evaluation_query
from spymaster.evaluation.result_rows import ALL, Row
from spymaster.evaluation.result_tables import RETESTS, table_of
from spymaster.published import relations_of

BASES = ("seconds", "bars")
FORMS = (ORDERS, NET)
BOTH = "both"
DIRECTIONS = ("approach_up", "approach_down")
_UNKNOWN = -1
_RELATION = "gold.retest_events"


def retest_tables(
    connection: duckdb.DuckDBPyConnection, roots: Sequence[str], settings: Mapping[str, Any]
) -> dict[str, pa.Table]:
    """Return the rows of eval_retests.

    Args:
        connection: the published file; the table is empty if it has no retests.
        roots: products.
        settings: the settings of ``built_settings``.
    """
    found: list[Row] = []
    if _RELATION in relations_of(connection):
        for root in roots:
            for (form, basis), retests in read_retests(connection, root).items():
                scope = {"root": root, "conditions_basis": form, "basis": basis}
                found += retest_rows(scope, retests, settings)
    return {RETESTS: table_of(RETESTS, found)}


def read_retests(
    connection: duckdb.DuckDBPyConnection, root: str
) -> dict[tuple[str, str], Retests]:
    """Read the retests of a product's selected contracts that ended, by form and basis.

    Days are counted within a form: those of the other form are neither past nor warm-up.

    Args:
        connection: the published file.
        root: product root.
    """
    table = connection.execute(evaluation_query("retests"), {"root": root}).to_arrow_table()

    def codes(column: str, of: Sequence[str]) -> NDArray[np.int64]:
        places = pc.index_in(table[column], pa.array(of)).fill_null(_UNKNOWN)
        return places.combine_chunks().to_numpy().astype(np.int64)

    date = table["session_date"].to_numpy()
    direction, basis = codes("approach_dir", DIRECTIONS), codes("basis", BASES)
    form, state, end = (
        codes("conditions_basis", FORMS),
        codes("turn_state", STATES),
        codes("outcome", ENDS),
    )
    found = {}
    for form_code, form_name in enumerate(FORMS):
        days = np.unique(date[form == form_code])
        for code, name in enumerate(BASES):
            own = (form == form_code) & (basis == code)
            day = np.searchsorted(days, date[own])
            found[form_name, name] = Retests(day, direction[own], state[own], end[own])
    return found


def retest_rows(scope: Row, retests: Retests, settings: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of a product, form of the conditions and basis.

    Args:
        scope: key columns of the rows.
        retests: those that ended.
        settings: the settings of ``built_settings``.
    """
    for name in (BOTH, *DIRECTIONS):
        own = retests
        if name != BOTH:
            own = retests.take(retests.direction == DIRECTIONS.index(name))
        if not len(own):
            continue
        key = {**scope, "approach_dir": name}
        yield {
            **key,
            "turn_state": ALL,
            **_shares(own, settings),
            **_skill(own, settings, is_claim=name == BOTH),
        }
        known = own.take(own.state >= 0)
        for code, state in enumerate(STATES):
            of_state = known.take(known.state == code)
            if len(of_state):
                yield {
                    **key,
                    "turn_state": state,
                    **_shares(of_state, settings),
                    **_base_rates(known, of_state),
                }


def _shares(retests: Retests, settings: Mapping[str, Any]) -> Row:
    row: Row = {"n_events": len(retests), "n_days": len(np.unique(retests.day))}
    for name, found in shares_of_ends(retests, settings["evaluation_seed"]).items():
        column = f"{name.lower()}_share"
        row |= {column: found.share, f"{column}_lo": found.lo, f"{column}_hi": found.hi}
    return row


def _base_rates(known: Retests, of_state: Retests) -> Row:
    """Return the shares of ends after any state, in the directions of the chosen retests."""
    n_directions = len(DIRECTIONS)
    counts = np.zeros((n_directions, len(ENDS)))
    np.add.at(counts, (known.direction, known.end), 1.0)
    weight = np.bincount(of_state.direction, minlength=n_directions) / len(of_state)
    rates = weight @ (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0))
    return {
        f"{name.lower()}_base_rate": float(rate) for name, rate in zip(ENDS, rates, strict=True)
    }


def _skill(retests: Retests, settings: Mapping[str, Any], *, is_claim: bool) -> Row:
    found = state_skill(
        retests,
        settings["evaluation_warm_up_days"],
        settings["embargo_days"],
        settings["base_rate_weight"],
        settings["evaluation_seed"],
    )
    return {
        "n_scored": found.n,
        "n_scored_days": found.n_days,
        "log_loss": found.log_loss,
        "rival_log_loss": found.rival_log_loss,
        "skill": found.skill,
        "skill_lo": found.lo,
        "skill_hi": found.hi,
        "chance_lo": found.chance_lo,
        "chance_hi": found.chance_hi,
        "verdict": found.verdict(settings["condition_min_episodes"]) if is_claim else None,
    }
