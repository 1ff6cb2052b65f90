"""The odds of a decision as its neighbors' share, drawn to the base rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spymaster.built_settings import RELATION as SETTINGS
from spymaster.built_settings import built_settings
from spymaster.explain.catalogue import Catalogue
from spymaster.explain.wanted import Row

_WEIGHT = "base_rate_weight"
# outcome of neighbors by column
_OUTCOMES = {"p_break": "BREAK", "p_reject": "REJECT", "p_chop": "CHOP"}


def terms_of_odds(catalogue: Catalogue, column: str, row: Mapping[str, Any]) -> Row:
    """Return the terms that a column of odds is made of, and what they give.

    Args:
        catalogue: of the published file, which holds the weight of the base rate.
        column: column of ``gold.retrieval_answers``.
        row: its row.

    Returns:
        Share of the neighbors' weight, n_eff, base rate, weight of the base rate in episodes, and
        the column by name; empty for other columns and where there are no odds.
    """
    if column not in _OUTCOMES or SETTINGS not in catalogue.relations:
        return {}
    share_name, base_name = f"{column}_raw", column.replace("p_", "base_", 1)
    share, n_eff, base = (row[name] for name in (share_name, "n_eff", base_name))
    if row[column] is None or share is None or base is None:
        return {}
    weight = built_settings(catalogue.connection)[_WEIGHT]
    drawn = (n_eff * share + weight * base) / (n_eff + weight)
    return {share_name: share, "n_eff": n_eff, base_name: base, _WEIGHT: weight, column: drawn}


def odds_in_words(column: str, terms: Row, neighbors: list[Row]) -> list[str]:
    """Return the formula of odds with its numbers, and the share among the neighbors.

    Args:
        column: column of the odds.
        terms: of ``terms_of_odds``.
        neighbors: neighbors with outcome and weight; empty where they are not shown.
    """
    if not terms:
        return []
    names = [name for name in terms if name != column]
    share, n_eff, base, weight = (f"{terms[name]:.6g}" for name in names)
    said = [
        f"{column} = ({names[0]} x n_eff + {names[2]} x {_WEIGHT}) / (n_eff + {_WEIGHT}) "
        f"= ({share} x {n_eff} + {base} x {weight}) / ({n_eff} + {weight}) "
        f"= {terms[column]:.6g}"
    ]
    if neighbors:
        outcome = _OUTCOMES[column]
        total = sum(one["weight"] for one in neighbors)
        its = sum(one["weight"] for one in neighbors if one["outcome"] == outcome)
        said.append(
            f"{names[0]} = weight of the neighbors that ended in {outcome} / weight of all "
            f"= {its:.6g} / {total:.6g} = {its / total:.6g}"
        )
    return said
