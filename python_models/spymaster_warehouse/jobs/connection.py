"""A worker's database in memory, over what the SQL of a job reads."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import uuid
from pathlib import Path

import duckdb
import pyarrow as pa
from spymaster_engine.door import KERNELS, register
from spymaster_ingest.errors import SpymasterError

from spymaster_warehouse.jobs.catalogue import DATABASE, Catalogue


class JobConnection:
    """A connection with the kernels, one for all jobs of a process.

    Attributes:
        duckdb: the connection, with one thread: each core has a process.
    """

    def __init__(self) -> None:
        # DuckDB makes the folder when it needs it: a worker that is killed leaves none without need
        spill = str(Path(tempfile.gettempdir(), f"spymaster-{uuid.uuid4().hex}"))
        atexit.register(shutil.rmtree, spill, ignore_errors=True)
        self.duckdb = duckdb.connect(config={"threads": 1, "temp_directory": spill})
        register(self.duckdb, KERNELS.values())
        self._path: Path | None = None
        self._build: str | None = None
        # statements that have run, by the names of what they made
        self._made: dict[str, str] = {}
        pa.set_cpu_count(1)
        pa.set_io_thread_count(1)

    def use(self, path: Path) -> None:
        """Make the relations of a catalogue readable.

        Raises:
            SpymasterError: The worker does not see the catalogue.
        """
        if path == self._path:
            return
        try:
            catalogue = Catalogue.from_text(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise SpymasterError(
                path,
                "a worker does not see the lake",
                "put the lake on a path that all workers see",
            ) from error
        if catalogue.build != self._build:
            self._begin(catalogue)
        for name, statement in catalogue.statements.items():
            if self._made.get(name) != statement:
                self.duckdb.execute(statement)
                self._made[name] = statement
        self._path = path

    def _begin(self, catalogue: Catalogue) -> None:
        """Forget the relations of another build."""
        self._path = self._build = None
        self._made.clear()
        self.duckdb.execute("use memory")
        self.duckdb.execute(f"detach database if exists {DATABASE}")
        self.duckdb.execute(f"attach ':memory:' as {DATABASE}")
        self.duckdb.execute(f"use {DATABASE}")
        for name, value in catalogue.settings.items():
            self.duckdb.execute(f"set {name} = '{value}'")
        self._build = catalogue.build
