"""The SQL of one model over hand-made tables, with the project's macros and vars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb
from spymaster_ingest.lake import PROJECT_ROOT

from support.inline_query import Ask, Rows
from support.relations_of_models import create_relation

_FIRST_LINE = re.compile(r"\{\{ (partitioned_by|config)\(.*?\) \}\}\n")
_REF = re.compile(r"\{\{ ref\('(\w+)'\) \}\}")
_IN_PARTITION = re.compile(r"\{\{ in_partition\([^)]*\) \}\}")
_PARTITION_VALUE = re.compile(r"\{\{ partition_value\('(\w+)'\) \}\}")
_COMMENT = re.compile(r"^\s*--.*\n", re.MULTILINE)


class ModelOverTables:
    """Runs models over tables in which everything a test leaves out is NULL."""

    def __init__(self, ask: Ask, folder: Path) -> None:
        """Keep the tables as files in a folder."""
        self._ask = ask
        self._folder = folder

    def rows(
        self,
        model: str,
        inputs: Mapping[str, str],
        partition: Mapping[str, str] | None = None,
        **variables: object,
    ) -> Rows:
        """Return the rows of a model.

        Args:
            model: its name.
            inputs: for each relation that it reads, schema and name, a query by column name.
            partition: SQL values of ``partition_value``; the inputs are those of one partition.
            variables: vars of the project.
        """
        files = {}
        with duckdb.connect() as connection:
            for relation, query in inputs.items():
                create_relation(connection, relation)
                connection.execute(f"insert into {relation} by name {query}")
                name = relation.split(".")[1]
                files[name] = self._folder / f"{name}.parquet"
                connection.execute(f"copy {relation} to '{files[name]}'")
        [path] = PROJECT_ROOT.glob(f"models/**/{model}.sql")
        text = _FIRST_LINE.sub("", path.read_text(encoding="utf-8"))
        text = _REF.sub(lambda found: f"read_parquet('{files[found[1]]}')", text)
        text = _IN_PARTITION.sub("true", text)
        text = _PARTITION_VALUE.sub(lambda found: (partition or {})[found[1]], text)
        return self._ask(_COMMENT.sub("", text), **variables)
