"""What rules read: the queries of each kind, and the relations behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from spymaster_ingest.errors import SpymasterError
from spymaster_warehouse.settings.alerts import AlertRule

_LEVELS = "silver.levels_1s"
_PLACES = (_LEVELS, "silver.level_offset_1s")


@dataclass(frozen=True)
class Query:
    """SQL that says which events of a kind are on.

    Attributes:
        name: of its file.
        kind: of the rules that it serves.
        relations: that it reads, with their schema.
        events: of a rule that it serves; None for all.
    """

    name: str
    kind: str
    relations: tuple[str, ...]
    events: tuple[str, ...] | None = None

    def serves(self, rule: AlertRule) -> bool:
        """Return whether a rule needs it."""
        asked = rule.values.get("events")
        return rule.kind == self.kind and (
            self.events is None or bool(set(self.events) & set(asked or ()))
        )


QUERIES = (
    Query("near", "near", _PLACES),
    Query("held", "held", (*_PLACES, "gold.conditions_in_use_1s", "silver.approach_course_1s")),
    Query("score", "score", (*_PLACES, "gold.break_score_1s")),
    Query("signal", "signal", ("gold.mbo_pressure_stream",)),
    Query("wall_appears", "wall", (_LEVELS, "silver.walls_1s"), ("appears",)),
    Query("wall_ends", "wall", (_LEVELS, "silver.wall_fates_1s"), ("pulled", "eaten")),
    Query("iceberg", "iceberg", (_LEVELS, "silver.iceberg_1s")),
    Query("gamma_wall", "gamma_wall", ("silver.gex_summary_1s",)),
)
# queries on what an event is told with, and the relations that they read
PLACES = "places"
FACTS = {
    PLACES: (*_PLACES, "silver.book_snapshot_1s"),
    "conditions": ("gold.conditions_in_use_1s",),
    "courses": ("silver.approach_course_1s",),
    "answers": ("gold.level_signals",),
}


def missing(
    rules: Iterable[AlertRule], there: Collection[str], what: str
) -> Iterator[tuple[AlertRule, Query, str]]:
    """Yield what rules cannot do because a relation is not there, in words.

    Args:
        rules: that are on.
        there: relations that are, with their schema.
        what: what the others are not, as "live".
    """
    for rule in rules:
        for query in QUERIES:
            lacking = sorted(set(query.relations) - set(there))
            if query.serves(rule) and lacking:
                events = "" if query.events is None else f" ({', '.join(query.events)})"
                yield (
                    rule,
                    query,
                    f"alert rule {rule.name}{events} is not available: "
                    f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not {what}",
                )


def relations_of(rules: Collection[AlertRule], there: Collection[str]) -> set[str]:
    """Return the relations that rules read, among those that are there."""
    needed = {
        relation
        for query in QUERIES
        for rule in rules
        if query.serves(rule)
        for relation in query.relations
    }
    needed |= {relation for relations in FACTS.values() for relation in relations}
    return needed & set(there)


def rule_named(rules: Iterable[AlertRule], name: str) -> AlertRule:
    """Return the rule of a name.

    Raises:
        SpymasterError: No rule that is on has it.
    """
    named = {rule.name: rule for rule in rules}
    if name not in named:
        raise SpymasterError(
            name, "is no alert rule that is on", f"rules are {', '.join(named) or 'all off'}"
        )
    return named[name]
