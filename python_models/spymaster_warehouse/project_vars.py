"""The vars of the dbt project, which a build uses by default."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from spymaster_ingest.lake import PROJECT_ROOT


@cache
def project_vars() -> dict[str, Any]:
    """Return the vars of dbt_project.yml; callers must not change them."""
    text = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["vars"]
