"""The models that a live session runs, as a published file describes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_warehouse.jobs.names import Name, named_in

from spymaster.published import MissingRelationError, ask_rows, relations_of

_QUERIES = Path(__file__).parent / "queries"
_NEEDED = ("meta.live_models", "meta.model_sql", "meta.kernel_calls")
_REMEDY = "run `spymaster build`"
# schemas of the outputs of kernels: those that a build keeps as files, and those that the query of
# the model that runs the kernel reads
KEPT, WRITTEN = "kept", "written"
_RELATION = re.compile(r'"(\w+)"\."(\w+)"')
# as macros/partitions/rows_of_files writes it
_ROWS_OF_FILES = re.compile(
    r"read_parquet\(\s*(?:list_filter\(\s*)?meta\.files_of_(\w+)\(\)"
    r"(?:, file -> contains\(file, '[^']*'\)\))?"
    r",\s*hive_partitioning = true,\s*hive_types = \{[^}]*\}\s*\)"
)
# as macros/lake/own_rows writes it
_OWN_COLUMN = re.compile(r"cast\(null as [^()]+\) as (\w+)")
_OWN_SELECT = re.compile(
    r"select\s+(?:cast\(null as [^()]+\) as \w+,?\s+)+from range\(0\) as own_rows\b"
)
# as macros/kernels/kernel_output writes it
_ROWS_OF_KERNEL = re.compile(r"read_parquet\('\.spymaster-scratch/[^/']+/[^/']+/(\w+)\.parquet'\)")


def kept_rows(connection: duckdb.DuckDBPyConnection, output: str) -> str:
    """Return SQL of the rows that a build keeps of an output of a kernel, of all partitions.

    Without a file there is none, in the columns of the relation of its name.

    Args:
        connection: the published file.
        output: of a kernel.
    """
    found = ask_rows(connection, _QUERIES / "kept_files.sql", {"name": f"files_of_{output}"})
    if not found:
        [row] = ask_rows(connection, _QUERIES / "schema_of_relation.sql", {"relation": output})
        return f"""(from "{row["schema"]}"."{output}" limit 0)"""
    return (
        f"read_parquet(meta.files_of_{output}(), hive_partitioning = true, "
        "hive_types = {'symbol': varchar, 'dt': date})"
    )


def written_rows(kernel: str, output: str) -> str:
    """Return the relation of an output of a kernel that its model's query reads."""
    return f"{WRITTEN}.{kernel}_{output}"


@dataclass(frozen=True)
class LiveModel:
    """A model that a live session runs.

    Attributes:
        relation: its name with its schema.
        every_s: its rows end at multiples of so many seconds.
        lookback_s: the row of second t depends on inputs in (t - lookback_s, t]; None is the day.
        reaches_back_s: rows of so many seconds before t change with the inputs of t.
        extends_by: column of its rows, seconds: all look-backs are longer by its largest value in
            the second before; None without one.
        is_bound: whether a shorter look-back may do.
        keeps_earlier_days: whether readers need rows of the contract's earlier days.
        lookback_of_inputs: the look-back by input, None is the day. Inputs whose rows have no
            second, as settings of the day, are read whole.
        last_by_of_inputs: a column by input: the last row of each of its values from before the
            look-back counts too.
        only_of_inputs: a condition by view over records: the model needs no other rows of it.
        needs_of_inputs: rows of the published file by input, as what follows ``from``, with the
            placeholders of a partition: on a day without any the model needs no row of the input.
        kernel: that a build runs before its SQL; None without one.
        sql: as compiled, with the placeholders of a partition; outputs of kernels are relations of
            the schemas ``KEPT`` and ``WRITTEN``.
        spared: inputs of which a contract-day needs no row, see ``of_day``.
    """

    relation: str
    every_s: int
    lookback_s: int | None
    reaches_back_s: int
    extends_by: str | None
    is_bound: bool
    keeps_earlier_days: bool
    lookback_of_inputs: Mapping[str, int | None]
    last_by_of_inputs: Mapping[str, str]
    only_of_inputs: Mapping[str, str]
    needs_of_inputs: Mapping[str, str]
    kernel: str | None
    sql: str
    spared: frozenset[str] = frozenset()

    @cached_property
    def reads(self) -> list[str]:
        """The inputs that its SQL names, without its own rows."""
        texts = {_split(name): "" for name in self.lookback_of_inputs if name != self.relation}
        return [".".join(name) for name in named_in([self.sql], texts)]

    @property
    def goes_on(self) -> bool:
        """Whether it reads its own rows of seconds before."""
        return self.relation in self.lookback_of_inputs

    def over(self, relation_of: Mapping[str, str]) -> str:
        """Return its SQL with relations replaced by others.

        Args:
            relation_of: SQL of a relation, by the name of an input.
        """
        sql = self.sql
        for name, relation in relation_of.items():
            schema, plain = _split(name)
            named = f'"{schema}"."{plain}"'
            # where SQL gives no alias, columns may be qualified with the name
            sql = re.sub(rf"{re.escape(named)}(?!\s+as\b)", f"{named} as {plain}", sql)
            sql = sql.replace(named, relation)
        return sql


def live_models(connection: duckdb.DuckDBPyConnection) -> dict[str, LiveModel]:
    """Return the live models of a published file by relation.

    Raises:
        MissingRelationError: A build of before live models wrote the file.
    """
    there = relations_of(connection)
    for relation in _NEEDED:
        if relation not in there:
            raise MissingRelationError(relation, "is not in the published file", _REMEDY)
    return {
        row["relation"]: _with_outputs(LiveModel(**row))
        for row in ask_rows(connection, _QUERIES / "live_models.sql", {})
    }


def of_day(
    connection: duckdb.DuckDBPyConnection,
    models: Mapping[str, LiveModel],
    values: Mapping[str, str | None],
) -> dict[str, LiveModel]:
    """Return models as a contract-day needs them: inputs that change none of its rows are spared.

    Args:
        connection: the published file.
        models: by relation.
        values: of the placeholders of the contract-day.
    """
    return {
        name: replace(
            model,
            spared=frozenset(
                spared
                for spared, rows in model.needs_of_inputs.items()
                if not connection.execute(
                    f"select 1 from {rows} limit 1",  # noqa: S608
                    {key: value for key, value in values.items() if f"${key}" in rows},
                ).fetchall()
            ),
        )
        for name, model in models.items()
    }


def in_order(models: Mapping[str, LiveModel]) -> list[LiveModel]:
    """Return models so that each stands after those it reads, otherwise by name."""
    graph = {
        name: sorted(models.keys() & models[name].lookback_of_inputs.keys() - {name})
        for name in sorted(models)
    }
    return [models[name] for name in TopologicalSorter(graph).static_order()]


def relations_named(texts: Iterable[str]) -> set[str]:
    """Return the relations with a schema that SQL names."""
    return {".".join(name) for sql in texts for name in _RELATION.findall(sql)}


def upstream(
    models: Mapping[str, LiveModel], wanted: Iterable[str], fed: Collection[str]
) -> dict[str, LiveModel]:
    """Return the models behind some relations, as far as they are needed and not fed.

    Raises:
        SpymasterError: A wanted relation is not live.
    """
    found: dict[str, LiveModel] = {}
    left = sorted(wanted)
    for name in left:
        if name not in models:
            raise SpymasterError(name, "is not live", f"live are {', '.join(sorted(models))}")
    while left:
        name = left.pop()
        if name in found or name in fed or name not in models:
            continue
        found[name] = models[name]
        left.extend(x for x in models[name].reads if x not in models[name].spared)
    return found


def _split(name: str) -> Name:
    schema, _, plain = name.partition(".")
    return schema, plain


def _own_rows(of_no_rows: str, relation: str) -> str:
    """Return the query of a model's own rows in place of that of none."""
    schema, plain = _split(relation)
    columns = ", ".join(_OWN_COLUMN.findall(of_no_rows))
    return f'select {columns} from "{schema}"."{plain}"'  # noqa: S608


def _with_outputs(model: LiveModel) -> LiveModel:
    """Return a model that reads outputs of kernels as relations of their schemas."""
    # look-backs of outputs are declared by their plain names
    declared = model.lookback_of_inputs
    lookbacks = {name: lookback_s for name, lookback_s in declared.items() if "." in name}
    for output in _ROWS_OF_FILES.findall(model.sql):
        lookbacks[f"{KEPT}.{output}"] = declared.get(output, model.lookback_s)
    sql = _ROWS_OF_FILES.sub(rf'"{KEPT}"."\1"', model.sql)
    sql = _OWN_SELECT.sub(lambda own: _own_rows(own.group(), model.relation), sql)
    if model.kernel is not None:
        for output in _ROWS_OF_KERNEL.findall(sql):
            name = written_rows(model.kernel, output)
            lookbacks[name] = declared.get(output, model.lookback_s)
        sql = _ROWS_OF_KERNEL.sub(rf'"{WRITTEN}"."{model.kernel}_\1"', sql)
    return replace(model, sql=sql, lookback_of_inputs=lookbacks)
