"""The vars of the dbt project: what a build takes unless it is told otherwise."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from spymaster_ingest.lake import PROJECT_ROOT


@cache
def project_vars() -> dict[str, Any]:
    """Return the vars of dbt_project.yml; callers leave them as they are."""
    text = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["vars"]
