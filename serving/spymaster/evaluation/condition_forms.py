"""The two forms of the four conditions that the evaluation judges, each by itself."""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from spymaster.published import relations_of

ORDERS, NET = "orders", "net"


class _Form(NamedTuple):
    """Relation of the states of a form, and the relation and column of its resolution."""

    states: str
    windows: str
    resolution: str


_FORMS = {
    ORDERS: _Form("steps.turn_states_1s", "steps.turn_states_1s", "cast(null as double)"),
    NET: _Form("steps.turn_states_mbp_1s", "steps.turn_flows_mbp_1s", "resolution_s"),
}
_HAS_STATES = """
select 1 from {states} as states
inner join silver.mbo_contract_day_selection as selected
    on states.symbol = selected.selected_symbol and states.dt = selected.session_date
where selected.root = $root limit 1
"""
_VIEWS = """
create or replace temp view turn_states as from {states};
create or replace temp view turn_resolutions as
select distinct symbol, dt, window_end_ts, condition_window_s, {resolution} as resolution_s
from {windows};
"""


def forms_of(connection: duckdb.DuckDBPyConnection, root: str) -> tuple[str, ...]:
    """Return the forms whose states are known of a product: from orders, net of what arrived.

    Args:
        connection: the published file.
        root: product root.

    Returns:
        Names of column conditions_basis; the form from orders where there is none.
    """
    relations = relations_of(connection)
    found = [
        form
        for form, of in _FORMS.items()
        if {of.states, of.windows} <= relations
        and connection.execute(_HAS_STATES.format(states=of.states), {"root": root}).fetchone()
    ]
    return tuple(found) or (ORDERS,)


def use_form(connection: duckdb.DuckDBPyConnection, form: str) -> None:
    """Have the queries of the evaluation read a form: as ``turn_states`` and its resolution.

    Args:
        connection: the published file.
        form: name of column conditions_basis.
    """
    connection.execute(_VIEWS.format(**_FORMS[form]._asdict()))
