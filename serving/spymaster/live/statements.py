"""The statements of a step: the SQL of a build, with its inputs cut to what a step sees."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from spymaster_warehouse.jobs.job import filled

from spymaster.live.clock import Clock
from spymaster.live.models import LiveModel

# a look-back that is extended is extended level by level
LEVEL = "level_id"


@dataclass(frozen=True)
class Statements:
    """Statements over the tables of a session.

    Attributes:
        partition: values of the placeholders of a contract-day.
        clocks: of relations whose rows come as the day goes on.
        with_levels: those of them whose rows are of levels.
    """

    partition: Mapping[str, str | None]
    clocks: Mapping[str, Clock]
    with_levels: Collection[str]

    def of(self, model: LiveModel) -> str:
        """Return the statement that adds the rows of a step."""
        names = [*model.reads, *([model.relation] if model.goes_on else [])]
        seen = {name: self._seen(model, name) for name in names if name in self.clocks}
        return (
            f"insert into {quoted(model.relation)} by name "  # noqa: S608
            f"select * from (\n{filled(model.over(seen), self.partition)}\n) "
            f"where {self.clocks[model.relation].within(model.reaches_back_s)}"
        )

    def is_last(self, name: str, back_s: int, key: str, further: str = "0") -> str:
        """Return the condition of the last rows by key of those some seconds before a step.

        Rows of the same time are in the order in which they were added.

        Args:
            name: of the relation.
            back_s: seconds before the step.
            key: columns, and a condition that the last rows meet, as ``meta.live`` writes them.
            further: SQL of seconds that count besides these.
        """
        clock = self.clocks[name]
        columns, _, condition = key.partition(" where ")
        meet = f" and ({condition})" if condition else ""
        return (
            f"rowid in (select max(struct_pack(at := {clock.column}, no := rowid)).no "  # noqa: S608
            f"from {quoted(name)} where {clock.older(back_s, further)}{meet} group by {columns})"
        )

    def furthest(self, models: Collection[LiveModel]) -> str:
        """Return SQL of the most seconds by which models look back further after a step."""
        extensions = [
            f"coalesce((select max({model.extends_by}) "  # noqa: S608
            f"from {quoted(model.relation)} where {self.clocks[model.relation].at_end()}), 0)"
            for model in models
        ]
        return f"greatest({', '.join(extensions)})" if extensions else "0"

    def _seen(self, model: LiveModel, name: str) -> str:
        """Return SQL of the rows of an input that a model sees in a step."""
        clock, back_s = self.clocks[name], before_s(model, name)
        if not model.extends_by:
            within = clock.within(back_s)
            if back_s is not None and (key := model.last_by_of_inputs.get(name)):
                within = f"({within} or {self.is_last(name, back_s, key)})"
            return f"(select * from {quoted(name)} where {within})"  # noqa: S608
        own = self.clocks[model.relation]
        at_start = f"from {quoted(model.relation)} where {own.at_start()}"
        longest = f"coalesce((select max({model.extends_by}) {at_start}), 0)"
        within = clock.within(back_s, longest)
        if back_s is None or not {model.relation, name} <= {*self.with_levels}:
            return f"(select * from {quoted(name)} where {within})"  # noqa: S608
        return (
            f"(select seen.* from {quoted(name)} as seen "  # noqa: S608
            f"left join (select {LEVEL}, max({model.extends_by}) as further_s {at_start} "
            f"group by {LEVEL}) as extended on seen.{LEVEL} = extended.{LEVEL} "
            f"where {within} and {clock.since(back_s, 'coalesce(extended.further_s, 0)')})"
        )


def before_s(model: LiveModel, name: str) -> int | None:
    """Return for how many seconds before a step a model reads an input; None is the day."""
    lookback_s = model.lookback_of_inputs[name]
    return None if lookback_s is None else lookback_s - 1 + model.reaches_back_s


def quoted(name: str) -> str:
    """Return the name of a relation, with its schema, as SQL."""
    schema, _, relation = name.partition(".")
    return f'"{schema}"."{relation}"'
