"""Which questions the files of a schema answer, from the project's ``schema_questions`` seed."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT

SCHEMA_QUESTIONS_SEED = PROJECT_ROOT / "seeds" / "schema_questions.csv"


@dataclass(frozen=True)
class SchemaQuestions:
    """What records of one schema answer.

    Attributes:
        schema: the vendor's schema name.
        relation: bronze relation that holds the records.
        gives: what can be asked of them.
        lacks: what cannot, and which schema it needs.
    """

    schema: str
    relation: str
    gives: str
    lacks: str

    def line(self) -> str:
        """Return the line the commands print."""
        return f"{self.schema} in {self.relation}: {self.gives}. Not shown from it: {self.lacks}."


def read_schema_questions(seed: Path = SCHEMA_QUESTIONS_SEED) -> list[SchemaQuestions]:
    """Return the rows of the seed in its order.

    Raises:
        SpymasterError: the seed is missing or has a line that cannot be read.
    """
    try:
        with seed.open(newline="", encoding="utf-8") as lines:
            return [SchemaQuestions(**row) for row in csv.DictReader(lines)]
    except (OSError, TypeError, ValueError) as error:
        raise SpymasterError(seed, f"the schema_questions seed cannot be read: {error}") from error


def question_lines(landed: Collection[tuple[str, str]]) -> list[str]:
    """Return a line per schema and relation of ``landed``, in the order of the seed."""
    if not landed:
        return []
    return [row.line() for row in read_schema_questions() if (row.schema, row.relation) in landed]
