"""The schema of a relation by the folder of its model, for hand-made lakes."""

from __future__ import annotations

from spymaster_ingest.lake import PROJECT_ROOT

_STEPS = frozenset(path.stem for path in (PROJECT_ROOT / "models").glob("*/*/steps/*.sql"))


def with_schema(relation: str, schema: str = "silver") -> str:
    """Return the name of a relation with its schema: ``steps`` of a step of a calculation."""
    return f"{'steps' if relation in _STEPS else schema}.{relation}"
