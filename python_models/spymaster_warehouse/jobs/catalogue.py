"""What the SQL of a job reads: statements that make it readable in any database."""

from __future__ import annotations

import json
from typing import NamedTuple

# as dbt's database is called, whose name is in compiled SQL
DATABASE = "warehouse"


class Catalogue(NamedTuple):
    """Relations over files, and what else a job's database needs.

    Attributes:
        build: whose jobs read it: a relation has the same columns while one build runs.
        settings: of DuckDB, by name.
        statements: that create or replace schemas, macros and views, by their names, in an order
            in which they can run.
    """

    build: str
    settings: dict[str, str]
    statements: dict[str, str]

    def to_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(self._asdict())

    @classmethod
    def from_text(cls, text: str) -> Catalogue:
        """Return the catalogue of a JSON text."""
        return cls(**json.loads(text))
