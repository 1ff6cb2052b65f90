"""Where the time of a build goes: per relation, from dbt's results and its events."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from spymaster_ingest.lake import SCHEMAS, Lake

# kinds of nodes, in the order of the profile
MODELS, SEEDS, DATA_TESTS, UNIT_TESTS = "models", "seeds", "data tests", "unit tests"
_KINDS = {"model": MODELS, "seed": SEEDS, "test": DATA_TESTS, "unit_test": UNIT_TESTS}

Callback = Callable[[Any], None]


@dataclass
class RelationTime:
    """The time of the nodes of one kind that belong to a relation.

    Attributes:
        kind: of the nodes.
        relation: which they build or test; of a test of several relations, its own name.
        nodes: how many there are.
        seconds: from start to end, summed over the nodes. Nodes run beside each other.
        sql_s: seconds in statements of SQL, of those.
        statements: how many statements ran.
        partitions: files of partitions written.
        written_bytes: their size.
    """

    kind: str
    relation: str
    nodes: int = 0
    seconds: float = 0.0
    sql_s: float = 0.0
    statements: int = 0
    partitions: int = 0
    written_bytes: int = 0


@dataclass
class BuildTimes:
    """Times of a build, filled in while it runs.

    Attributes:
        wall_s: seconds of the build from start to end, publication included.
        nodes_s: seconds from the start of the first node to the end of the last.
        relations: times per kind and relation, the longest first.
    """

    wall_s: float = 0.0
    nodes_s: float = 0.0
    relations: list[RelationTime] = field(default_factory=list)
    _sql: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    _of_node: dict[str, list[float]] = field(default_factory=dict)
    _began: float = field(default_factory=time.time)
    _first: float | None = None
    _last: float = 0.0

    def watch(self, event: Any) -> None:
        """Take an event of dbt, in the thread of its node."""
        name, thread = event.info.name, threading.get_ident()
        if name == "NodeStart":
            self._sql[thread].clear()
            self._first = self._first or time.time()
        elif name == "SQLQueryStatus":
            self._sql[thread].append(event.data.elapsed)
        elif name == "NodeFinished":
            self._of_node[event.data.node_info.unique_id] = list(self._sql[thread])
            self._last = time.time()

    def finish(self, lake: Lake, results: Sequence[Any]) -> None:
        """Sum up after the build.

        Args:
            lake: that was built.
            results: of dbt, one per node.
        """
        found: dict[tuple[str, str], RelationTime] = {}
        for result in results:
            kind = _KINDS.get(str(result.node.resource_type))
            if kind is None:
                continue
            relation = _relation_of(result.node)
            times = found.setdefault((kind, relation), RelationTime(kind, relation))
            elapsed = self._of_node.get(result.node.unique_id, [])
            times.nodes += 1
            times.seconds += result.execution_time
            times.sql_s += sum(elapsed)
            times.statements += len(elapsed)
            if kind == MODELS:
                names = result.node.config.meta.get("partition_files") or [relation]
                sizes = [self._written(lake, name) for name in names]
                times.partitions, times.written_bytes = len(sizes[0]), sum(map(sum, sizes))
        self.relations = sorted(found.values(), key=lambda times: -times.seconds)
        self.nodes_s = self._last - self._first if self._first else 0.0
        self.wall_s = time.time() - self._began

    def _written(self, lake: Lake, relation: str) -> list[int]:
        """Return the sizes of the files of partitions that the build wrote."""
        folders = (lake.relations(schema) / relation for schema in SCHEMAS)
        statuses = (path.stat() for folder in folders for path in folder.glob("*/*/*.parquet"))
        return [status.st_size for status in statuses if status.st_mtime >= self._began]


def _relation_of(node: Any) -> str:
    """Return the relation that a node builds or tests; of a test of its own, the test."""
    if str(node.resource_type) == "unit_test":
        return node.unique_id.split(".")[2]
    attached = getattr(node, "attached_node", None)
    return attached.rpartition(".")[2] if attached else node.name
